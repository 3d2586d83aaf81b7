"""A later version of a rulebook in which some things have other names, and `was` says what they were."""

from collections.abc import Mapping

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.expression_strategies import Json

SECTIONS = ("rules", "boards", "badges", "levels", "challenges")


@st.composite
def renamed(draw: DrawFn, book: Mapping[str, Json]) -> dict[str, Json]:
    """The same rulebook with new names for some of its rules, boards, badges, ladders and challenges."""
    named = [(section, name) for section in SECTIONS for name in book.get(section, ())]
    chosen = draw(st.lists(st.sampled_from(named), max_size=4, unique=True))
    new = {section: {name: f"{name}-new" for where, name in chosen if where == section} for section in SECTIONS}
    sections = {
        section: {
            new[section].get(name, name): {
                **referring(found, new),
                **({"was": name} if name in new[section] else {}),
            }
            for name, found in book[section].items()
        }
        for section in SECTIONS
        if section in book
    }
    return {**book, **sections}


def referring(found: Json, new: Mapping[str, Mapping[str, str]]) -> Json:
    """The same with the new names of what it refers to."""
    if not isinstance(found, dict):
        return found
    made = {field: referring(value, new) for field, value in found.items()}
    points, badges = {**new["rules"], **new["challenges"]}, new["badges"]
    if isinstance(made.get("points"), list):
        made["points"] = [points.get(rule, rule) for rule in made["points"]]
    if "board" in made:
        made["board"] = new["boards"].get(made["board"], made["board"])
    for field in ("all_of", "any_of"):
        if field in made:
            made[field] = [".".join([badges.get(name, name), *level]) for name, *level in split(made[field])]
    return made


def split(parts: list[str]) -> list[list[str]]:
    """Each part of a collection as its badge and perhaps its level."""
    return [part.split(".") for part in parts]
