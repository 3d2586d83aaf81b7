"""Ids that a new version of the rulebook leaves out: history hangs on them, so leaving one out has to be said."""

from collections.abc import Collection, Iterator, Mapping

from schemas.nearest import instead, nearest
from schemas.rulebook import Badge, Board, Challenge, Ladder, Rule, Rulebook
from schemas.rulebook_faults import Finding

Named = Rule | Board | Badge | Ladder | Challenge

_WHAT = {"rules": "rule", "boards": "board", "badges": "badge", "levels": "ladder", "challenges": "challenge"}
"""The sections whose ids are kept for ever, and what stands in them."""
_KEPT = {
    "rules": ", with `until:` where it has to end (what it gave stays)",
    "badges": ", with `retired: true` or `until:` where it has to end (who has it keeps it)",
}


def removal_faults(old: Rulebook | None, new: Rulebook, removed: Collection[str], way: str) -> Iterator[Finding]:
    """Faults: ids that are left out without a word, and words about ids that are not left out.

    Args:
        old: the newest version that was published.
        new: the one to be published.
        removed: the ids that may be left out.
        way: how that is said, such as `--remove ID`.
    """
    gone = {} if old is None else {section: _left_out(section, old, new) for section in _WHAT}
    for section, names in gone.items():
        for name in names:
            if name not in removed:
                yield Finding((section, name), "LEFT_OUT", _message(section, name, old, new, way), at_key=True)
    for name in dict.fromkeys(removed):
        if not any(name in names for names in gone.values()):
            yield Finding((), "UNKNOWN_ID", _nothing_to_remove(name, old, new, way.replace("ID", name)))


def _named(rulebook: Rulebook | None, section: str) -> Mapping[str, Named]:
    return {} if rulebook is None else getattr(rulebook, section)


def _left_out(section: str, old: Rulebook, new: Rulebook) -> list[str]:
    """Ids of a section that are no more, and that none follows."""
    there = _named(new, section)
    followed = {before for said in there.values() for before in said.was}
    return [name for name in _named(old, section) if name not in there and name not in followed]


def _message(section: str, name: str, old: Rulebook | None, new: Rulebook, way: str) -> str:
    fresh = _named(new, section).keys() - _named(old, section).keys()
    near = nearest(name, fresh)
    renamed = f"`{near}` follows it" if near else "another one follows it"
    return (
        f"the {_WHAT[section]} `{name}` of the newest version is left out: keep it{_KEPT.get(section, '')}; where "
        f"{renamed}, write `was: {name}` there; or take it out for good: {way.replace('ID', name)}"
    )


def _nothing_to_remove(name: str, old: Rulebook | None, new: Rulebook, way: str) -> str:
    for section, what in _WHAT.items():
        if name in _named(new, section):
            return (
                f"{way}: the {what} `{name}` stands in this version; take it out under `{section}`, or leave {way} out"
            )
        if name in _named(old, section):
            return f"{way}: the {what} `{name}` lives on under another id, by its `was`; leave {way} out"
    known = {each for section in _WHAT for each in _named(old, section)}
    hint = instead(name, known) if known else "nothing is published yet"
    return f"{way}: the newest version has no rule, board, badge, ladder or challenge `{name}`; {hint}"
