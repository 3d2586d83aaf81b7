"""Every answer of a store as items of a digest: all scores of all windows, and what every member has."""

from collections.abc import Iterator
from typing import cast

from engine.badges import Badges
from engine.calendar import name_of
from engine.catalogue import Catalogue
from engine.digest import Item, digest
from schemas.words import MemberId
from streams.answers import Answers
from streams.known import Known
from streams.members import parts_of

_SHELVES = ("listed", "open", "hidden")


def digest_of(answers: Answers) -> tuple[str, int]:
    """The digest of all answers of an organisation, and the position it holds for; blocks while it reads.

    Exact only while nothing is being folded.

    Raises:
        UnknownError: NO_RULEBOOK.
    """
    known = answers.known()
    return digest(_items(answers, known)), known.position


def _items(answers: Answers, known: Known) -> Iterator[Item]:
    names = known.catalogue.names
    for number, name in enumerate(names):
        what, _, ident = name.partition(":")
        if what == "board":
            yield from _board(answers, number, ident, known)
    for member in answers.members():
        yield from _member(answers, member, known)


def _board(answers: Answers, number: int, board: str, known: Known) -> Iterator[Item]:
    client, keys = answers.client, answers.keys
    for pair in cast("set[bytes]", client.smembers(keys.windows(number))):
        kind, window = (int(part) for part in pair.split(b":"))
        name = name_of(kind, window, known.catalogue.names)
        for shelf in _SHELVES:
            for subject, score in client.zscan_iter(keys.board(number, kind, window, shelf), count=1_000):
                yield ("board", board, name, "member", subject.decode(), -round(score))
        for group_kind in known.groups:
            for subject, score in client.zscan_iter(keys.group_board(number, kind, window, group_kind), count=1_000):
                yield ("board", board, name, group_kind, subject.decode(), -round(score))


def _member(answers: Answers, member: MemberId, known: Known) -> Iterator[Item]:
    client, catalogue = answers.client, known.catalogue
    record = cast("bytes", client.get(answers.keys.member(member)))
    tallies = cast("dict[bytes, bytes]", client.hgetall(answers.keys.tallies(member)))
    flat = [each for pair in tallies.items() for each in pair]
    totals, standing, settled = parts_of(record, flat, catalogue.layout)
    for number, points in totals.points.items():
        yield ("points", member, _ident(catalogue, number), points)
    for what, at in Badges(known.plans, catalogue).held(totals, standing, settled, known.clock).items():
        item = ("badge", member, _ident(catalogue, what.badge), what.level or None, at)
        yield (*item, what.value) if what.value else item
    for number in totals.streaks:
        longest = totals.slots[catalogue.layout.streaks[number] + 4]
        yield ("streak", member, _ident(catalogue, number), longest)


def _ident(catalogue: Catalogue, number: int) -> str:
    return catalogue.shown(number).partition(":")[2]
