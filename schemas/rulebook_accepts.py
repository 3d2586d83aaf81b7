"""Comments by which an admin accepts a warning: `# karmalog: accept farm-alone REASON`."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from schemas.nearest import instead, nearest
from schemas.source import Fault, Place, Source

CODES = {"farm-alone": "FARM_ALONE"}
"""What can be accepted, and the code of the warning that is then not given."""

_COMMENT = re.compile(r"(?:^|(?<=\s))# *karmalog:(.*)$", re.MULTILINE)
_ACCEPT = "`# karmalog: accept farm-alone REASON`"


class Accept(NamedTuple):
    """One such comment."""

    place: Place
    rule_line: int
    """The line of what it is about: its own, or the next one where it stands alone."""
    verb: str
    word: str
    reason: str


def accepts_of(source: Source) -> list[Accept]:
    """All comments of a rulebook that speak to karmalog, in order."""
    scalars = [(start, start + len(text) + 1) for _, start, text in source.values.values() if text is not None]
    return [
        _accept(found, source.text)
        for found in _COMMENT.finditer(source.text)
        if not any(start < found.start() < end for start, end in scalars)
    ]


def _accept(found: re.Match[str], text: str) -> Accept:
    begins = text.rfind("\n", 0, found.start()) + 1
    line = text.count("\n", 0, begins) + 1
    is_alone = not text[begins : found.start()].strip()
    verb, word, reason = (*found[1].split(maxsplit=2), "", "", "")[:3]
    return Accept(Place(line, found.start() - begins + 1), line + is_alone, verb, word, reason.strip())


def broken_accepts(accepts: Iterable[Accept], source: Source) -> Iterator[Fault]:
    """Faults: comments that say something else, or do not say why."""
    for accept in accepts:
        message = _fault(accept)
        if message:
            yield source.fault((), "BAD_ACCEPT", message, at=accept.place)


def _fault(accept: Accept) -> str:
    if accept.verb != "accept":
        meant = "`accept`" if nearest(accept.verb, ["accept"]) else _ACCEPT
        return f"`# karmalog: {accept.verb}` is not understood; did you mean {meant}?"
    if accept.word not in CODES:
        return f"`{accept.word}` is nothing that can be accepted; {instead(accept.word, CODES)}"
    if not accept.reason:
        return f"it does not say why `{accept.word}` is accepted; write the reason behind it, for whoever reads it next"
    return ""


def without_accepted(faults: Iterable[Fault], accepts: Iterable[Accept]) -> list[Fault]:
    """Without the warnings that a comment on the line of the rule's id, or alone on the line above, accepts."""
    accepted = {(accept.rule_line, CODES.get(accept.word)) for accept in accepts}
    return [fault for fault in faults if (fault.line, fault.code) not in accepted]


def needless_accepts(faults: Iterable[Fault], accepts: Iterable[Accept], source: Source) -> Iterator[Fault]:
    """Warnings: comments that accept what would not have been warned of anyway."""
    given = {(fault.line, fault.code) for fault in faults}
    for accept in accepts:
        if (accept.rule_line, CODES.get(accept.word)) not in given and not _fault(accept):
            message = f"there is nothing to accept: {CODES[accept.word]} would not be warned of here; take it out"
            yield source.fault((), "UNUSED", message, severity="warning", at=accept.place)
