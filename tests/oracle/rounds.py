"""Rounds of challenges: who got what in which, which of them a member has done, and what that awarded at once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple, TypeAlias

from schemas.records import Record

from .canonical import order
from .contributions import Event
from .days import Calendar
from .people import People
from .periods import first_day, last_day, windows
from .points import Awards
from .rulebook import Challenge, Place, Version
from .scores import got, running
from .shares import Days, Share, Window
from .stories import last_named, name_in, story_in

JOINED, LEFT = "challenge.joined", "challenge.left"

ONCE = "once"
"""The round of a challenge that is not repeated."""

RoundKey: TypeAlias = tuple[str, str]
"""(challenge as it is called now, round)."""


class TakingPart(NamedTuple):
    """A member joined a challenge or left it, and the version by which it had that name."""

    record: Record
    version: Version


@dataclass
class Round:
    """What is known of a round: its days, and what each event gave in it, in canonical order."""

    defined: Challenge
    days: Days
    shares: list[Share] = field(default_factory=list)

    def by(self, owner: str, people: People) -> Window:
        """The round as a window of a board by member, or by a kind of group."""
        window = Window(self.defined.board, owner, self.days)
        for share in self.shares:
            window.add(share, people)
        return window


def round_of(challenge: Challenge, day: date, calendar: Calendar) -> tuple[str, Days]:
    """The round that a day is in, and its days: those of a window, as far as they are not before or after it all."""
    if not challenge.every:
        return ONCE, (challenge.since, challenge.to)
    first = first_day(day, challenge.every, calendar)
    last = last_day(first, challenge.every, calendar)
    return windows(day)[challenge.every], (max(first, challenge.since), min(last, challenge.to))


def rounds_of(
    events: Sequence[Event],
    awards: Awards,
    said: Sequence[TakingPart],
    newest: Version,
    versions: Sequence[Version],
) -> dict[RoundKey, Round]:
    """Every round in which anybody got anything, from events in canonical order."""
    naming = last_named(newest, "challenges", versions)
    found: dict[RoundKey, Round] = {}
    for share in shares_of(events, awards, by_challenge(said, newest), newest):
        event = share.event
        name, days = round_of(event.version.challenges[share.called], event.day, event.version.calendar)
        version, called = naming[share.name]
        found.setdefault((share.name, name), Round(version.challenges[called], days)).shares.append(share)
    return found


def shares_of(
    events: Sequence[Event], awards: Awards, said: Mapping[tuple[str, str], Sequence[Record]], newest: Version
) -> Iterator[Share]:
    """What each event gave each member who takes part in a challenge."""
    for event in events:
        for name, challenge in event.version.challenges.items():
            place, story = Place("challenges", name), name_in(newest, "challenges", name, event.version)
            for member in sorted(event.takers) if place in event.values else ():
                value = got(event, place, member, awards)
                if value is not None and (not challenge.opt_in or is_in(event, said.get((story, member), ()))):
                    yield Share(story, name, event, member, value)


def by_challenge(said: Iterable[TakingPart], newest: Version) -> Mapping[tuple[str, str], Sequence[Record]]:
    """By challenge and member, what was said of joining and leaving, in canonical order."""
    found: defaultdict[tuple[str, str], list[Record]] = defaultdict(list)
    for record, version in said:
        challenge = story_in(newest, "challenges", str(record["data"]["challenge"]), version)
        found[challenge, record["subject"]].append(record)
    return {key: sorted(records, key=order) for key, records in found.items()}


def is_in(event: Event, said: Sequence[Record]) -> bool:
    """Whether the last that a member said before an event was to join."""
    before = [record for record in said if order(record) < order(event.record)]
    return bool(before) and before[-1]["type"] == JOINED


def done_in(round_: Round) -> dict[str, Share]:
    """The members who have done a round for members, each with what completed it."""
    found: dict[str, Share] = {}
    for member in {share.member for share in round_.shares}:
        mine = [share for share in round_.shares if share.member == member]
        scores = running(round_.defined.score.kind, [share.value for share in mine])
        for share, score in zip(mine, scores, strict=True):
            challenge = defined_by(share)
            if challenge.owner == "member" and challenge.needed is not None and score >= challenge.needed:
                found.setdefault(member, share)
    return found


def defined_by(share: Share) -> Challenge:
    """The challenge as the event's version has it."""
    return share.event.version.challenges[share.called]


def rewards_of(rounds: Iterable[Round]) -> dict[tuple[Event, str, str], int]:
    """What rounds that are done have awarded, with the events that completed them."""
    done = [share for round_ in rounds for share in done_in(round_).values()]
    return {(one.event, one.called, one.member): defined_by(one).reward for one in done if defined_by(one).reward}


def done_by(rounds: Mapping[RoundKey, Round]) -> dict[str, dict[str, tuple[int, int]]]:
    """Of each member, by challenge, how many rounds they have done, and when the last of these."""
    times: defaultdict[str, defaultdict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for (challenge, _), round_ in rounds.items():
        for member, share in done_in(round_).items():
            times[member][challenge].append(share.event.time)
    return {
        member: {challenge: (len(found), max(found)) for challenge, found in by_challenge.items()}
        for member, by_challenge in times.items()
    }
