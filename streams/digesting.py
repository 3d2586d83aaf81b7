"""Every answer of a store as items of a digest: all scores of all windows, and what every member has."""

from collections import Counter
from collections.abc import Iterator
from typing import cast

from engine.calendar import name_of
from engine.digest import Item, digest
from engine.layout import Layout
from schemas.words import MemberId
from streams.answers import Answers
from streams.known import Known
from streams.members import parts_of
from streams.windows import windows_on

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
            yield from _board(answers, number, ident, known.groups)
    for member in answers.members():
        yield from _member(answers, member, names, known.catalogue.layout)


def _board(answers: Answers, number: int, board: str, kinds: list[str]) -> Iterator[Item]:
    client, keys = answers.client, answers.keys
    for kind, window in windows_on(cast("set[bytes]", client.smembers(keys.windows(number))), _SHELVES):
        name = name_of(kind, window)
        for shelf in _SHELVES:
            for subject, score in client.zscan_iter(keys.board(number, kind, window, shelf), count=1_000):
                yield ("board", board, name, "member", subject.decode(), -round(score))
        for group_kind in kinds:
            scores: Counter[str] = Counter()
            for shelf in _SHELVES:
                key = keys.group_board(number, kind, window, group_kind, shelf)
                for group, score in client.zscan_iter(key, count=1_000):
                    scores[group.decode()] -= round(score)
            yield from (("board", board, name, group_kind, group, score) for group, score in scores.items() if score)


def _member(answers: Answers, member: MemberId, names: list[str], layout: Layout) -> Iterator[Item]:
    record = cast("bytes", answers.client.get(answers.keys.member(member)))
    totals, _ = parts_of(record, layout)
    for number, points in totals.points.items():
        yield ("points", member, names[number].partition(":")[2], points)
    for number, reached in totals.levels.items():
        for level, at in reached.items():
            yield ("badge", member, names[number].partition(":")[2], level or None, at)
    for number, (_, _, longest) in totals.streaks.items():
        yield ("streak", member, names[number].partition(":")[2], longest)
