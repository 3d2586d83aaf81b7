"""A later version of a rulebook in which some things have other names, and `was` says what they were."""

from collections.abc import Mapping

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.expression_strategies import Json

SECTIONS = ("rules", "boards", "badges", "levels")


@st.composite
def renamed(draw: DrawFn, book: Mapping[str, Json]) -> dict[str, Json]:
    """The same rulebook with new names for some of its rules, boards, badges and ladders."""
    named = [(section, name) for section in SECTIONS for name in book[section]]
    chosen = draw(st.lists(st.sampled_from(named), max_size=4, unique=True))
    new = {section: {name: f"{name}-new" for where, name in chosen if where == section} for section in SECTIONS}
    sections = {
        section: {
            new[section].get(name, name): {
                **referring(found, new["rules"], new["badges"]),
                **({"was": name} if name in new[section] else {}),
            }
            for name, found in book[section].items()
        }
        for section in SECTIONS
    }
    return {**book, **sections}


def referring(found: Json, rules: Mapping[str, str], badges: Mapping[str, str]) -> Json:
    """The same with the new names of the rules and badges that it refers to."""
    if not isinstance(found, dict):
        return found
    made = {field: referring(value, rules, badges) for field, value in found.items()}
    if isinstance(made.get("points"), list):
        made["points"] = [rules.get(rule, rule) for rule in made["points"]]
    for field in ("all_of", "any_of"):
        if field in made:
            made[field] = [".".join([badges.get(name, name), *level]) for name, *level in split(made[field])]
    return made


def split(parts: list[str]) -> list[list[str]]:
    """Each part of a collection as its badge and perhaps its level."""
    return [part.split(".") for part in parts]
