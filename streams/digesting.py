"""Every answer of a store as items of a digest: all scores of all windows, and what every member has."""

from collections import Counter
from collections.abc import Iterator
from typing import cast

from engine.badges import Badges
from engine.calendar import SEASON, name_of
from engine.digest import Item, digest
from engine.ledger.vault import Drawer
from schemas.rulebook_challenges import EVERYONE
from schemas.words import MemberId
from streams.answers import Answers
from streams.challenges import ONCE
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
    for section in ("board", "challenge"):
        for number in {number for plan in known.plans for number in plan.numbers[section].values()}:
            yield from _scores(answers, section, number, known)
    for member in answers.members():
        yield from _member(answers, member, known)
    for drawer in Drawer:
        for ident, content in answers.client.hscan_iter(answers.keys.karma(drawer), count=1_000):
            yield ("karma", drawer, ident.decode(), content.decode())
    for member in answers.members():
        for place, content in answers.client.hscan_iter(answers.keys.statement(member), count=1_000):
            yield ("posting", member, place.decode(), content.decode())


def _scores(answers: Answers, section: str, number: int, known: Known) -> Iterator[Item]:
    """All scores of a board in its windows, or of a challenge in its rounds."""
    client, keys, ident = answers.client, answers.keys, _ident(known, number)
    for kind, window in windows_on(cast("set[bytes]", client.smembers(keys.windows(number))), _SHELVES):
        is_once = section == "challenge" and kind == SEASON
        name = ONCE if is_once else name_of(kind, window, known.catalogue.names)
        sign = -1 if any(number in plan.lowest for plan in known.plans) else 1
        for shelf in _SHELVES:
            for subject, score in client.zscan_iter(keys.board(number, kind, window, shelf), count=1_000):
                yield (section, ident, name, "member", subject.decode(), -round(score) * sign)
        for group_kind in (*known.groups, EVERYONE):
            sums, bests = Counter[str](), dict[str, int]()
            for shelf in _SHELVES:
                place = (number, kind, window, group_kind, shelf)
                for group, score in client.zscan_iter(keys.group_board(*place), count=1_000):
                    sums[group.decode()] -= round(score)
                for group, score in client.zscan_iter(keys.best_board(*place), count=1_000):
                    best = bests.get(group.decode(), -round(score))
                    bests[group.decode()] = max(best, -round(score))
            found = (*sums.items(), *bests.items())
            yield from ((section, ident, name, group_kind, group, score) for group, score in found if score)


def _member(answers: Answers, member: MemberId, known: Known) -> Iterator[Item]:
    client, catalogue = answers.client, known.catalogue
    record = cast("bytes", client.get(answers.keys.member(member)))
    tallies = cast("dict[bytes, bytes]", client.hgetall(answers.keys.tallies(member)))
    flat = [each for pair in tallies.items() for each in pair]
    totals, standing, settled = parts_of(record, flat, catalogue.layout)
    for number, points in totals.points.items():
        yield ("points", member, _ident(known, number), points)
    for what, at in Badges(known.plans, catalogue).held(totals, standing, settled, known.clock).items():
        item = ("badge", member, _ident(known, what.badge), what.level or None, at)
        yield (*item, what.value) if what.value else item
    for number, (done, last) in totals.rounds.items():
        yield ("rounds", member, _ident(known, number), done, last)
    for number in totals.streaks:
        longest = totals.slots[catalogue.layout.streaks[number] + 4]
        yield ("streak", member, _ident(known, number), longest)


def _ident(known: Known, number: int) -> str:
    return known.name(number, known.clock).partition(":")[2]
