"""Writes logs by hand for the oracle's tests: every record as short as what the test is about."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from schemas.records import RECORD, Record

from . import Answers, Member, Reached, Row, Standing, answers
from .badges import StreakName
from .days import first_moment, zone

SPENT = "learning_time.spent"
"""An activity that nothing but a rulebook limits."""

HOUR_MS = 3_600_000

MONDAY = "2024-03-04T12:00Z"
"""An ordinary Monday at noon, the clock of a story unless it says otherwise."""

COUNTED: dict[str, Any] = {
    "boards": {
        "board": {
            "score": {
                "count": [
                    "code_review.given",
                    "mentoring.held",
                    "pairing.held",
                    "course.completed",
                    "talk.presented",
                ]
            }
        }
    }
}
"""A rulebook whose only board counts all of these."""


def at(time: str) -> int:
    """RFC 3339 to ms."""
    return round(datetime.fromisoformat(time).timestamp() * 1000)


class Story:
    """A log that begins with a rulebook; its sections are the keyword arguments."""

    def __init__(self, **sections: Any) -> None:
        self.records: list[Record] = []
        self.publish(None, "2024-01-01T00:00Z", **sections)

    def publish(self, start: str | None, recorded: str, **sections: Any) -> None:
        """A rulebook that holds from a date on."""
        data = {"version": len(self.records), "from": start, "rulebook": json.loads(json.dumps(sections))}
        self.event("rulebook.published", "admin", recorded, data)

    def event(
        self,
        kind: str,
        subject: str,
        time: str = MONDAY,
        data: dict[str, Any] | None = None,
        *,
        recorded: str | None = None,
        identity: str | None = None,
        source: str = "/source",
    ) -> str:
        """Appends a record, recorded when it happened unless said; returns its identity."""
        content = repr((kind, subject, at(time), data))
        record = RECORD.validate_python(
            {
                "org": "acme",
                "id": identity or f"{len(self.records):032x}",
                "source": source,
                "type": kind,
                "subject": subject,
                "time": at(time),
                "recorded": at(recorded or time),
                "stamp": hashlib.sha256(content.encode()).hexdigest()[:16],
                "data": data or {},
            }
        )
        self.records.append(record)
        return record["id"]

    def spent(self, member: str, minutes: int, time: str = MONDAY) -> str:
        """A member learned for so long; nothing but a rulebook limits how often that counts."""
        return self.event(SPENT, member, time, {"minutes": minutes})

    def joined(self, group: str, members: Sequence[str], time: str = "2024-01-01T08:00Z") -> None:
        """Members join a team."""
        for member in members:
            self.event("group.joined", member, time, {"kind": "team", "group": group})

    def closed(self, first: str, last: str | None = None, *, where: str = "UTC", recorded: str | None = None) -> None:
        """Closes days, each an hour after its end unless said."""
        for number in range(date.fromisoformat(first).toordinal(), date.fromisoformat(last or first).toordinal() + 1):
            end = first_moment(date.fromordinal(number + 1), zone(where))
            time, later = (datetime.fromtimestamp(each / 1000, UTC).isoformat() for each in (end, end + HOUR_MS))
            data = {"day": date.fromordinal(number).isoformat()}
            self.event("day.closed", "karmalog", time, data, recorded=recorded or later, source="karmalog")

    def void(self, identity: str, time: str = MONDAY) -> str:
        """Takes an event out."""
        return self.event("event.voided", "admin", time, {"source": "/source", "id": identity})

    def answers(self, now: str = MONDAY) -> Answers:
        """What the oracle makes of it."""
        return answers(self.records, now=at(now))

    def verdicts(self) -> list[str]:
        """Of every record but the first rulebook."""
        return self.answers().verdict_by_position[1:]

    def rows(self, board: str = "board", by: str = "member", window: str = "all") -> list[Row]:
        """The rows of a board; none where it has no such window."""
        table = self.answers().boards.get((board, by, window))
        return table.rows if table else []

    def member(self, name: str, now: str = MONDAY) -> Member:
        """What a member has."""
        nothing = Member(points={}, badges=[], levels={}, streaks={}, challenges={}, leagues={})
        return self.answers(now).members.get(name, nothing)

    def badges(self, name: str = "ann", now: str = "2030-01-01T00:00Z") -> list[Reached]:
        """The badges of a member, long after everything unless said."""
        return self.member(name, now)["badges"]

    def streak(self, name: str = "ann", now: str = MONDAY, badge: StreakName = "steady") -> Standing:
        """How a streak stands; all zero where it never began."""
        return self.member(name, now)["streaks"].get(badge, Standing(0, 0, 0))


def reached(
    badge: str, level: str | None, time: str, *, value: str | float | None = None, until: str | None = None
) -> Reached:
    """A badge as it stands in the answers."""
    return Reached(badge, level, value, at(time), None if until is None else at(until))


def ruled(*limits: dict[str, Any], award: Any = "data.minutes", **rule: Any) -> dict[str, Any]:
    """A rulebook with one rule about learning time, and a board of its points in all windows."""
    return {
        "rules": {"time": {"event": SPENT, "award": award, "limits": list(limits), **rule}},
        "boards": {"board": boarded({"points": ["time"]})},
    }


def boarded(score: dict[str, Any], **board: Any) -> dict[str, Any]:
    return {"score": score, "windows": ["day", "week", "month", "quarter", "year", "all"], **board}


def scored(score: dict[str, Any], **sections: Any) -> Story:
    """A story whose rulebook has one board."""
    return Story(**sections, boards={"board": boarded(score)})


def points(story: Story, member: str = "ann") -> int:
    return story.member(member)["points"].get("time", 0)


def mentoring(story: Story, subject: str, time: str = MONDAY, mentor: str = "ann", mentee: str = "bob") -> str:
    return story.event("mentoring.held", subject, time, {"mentor": mentor, "mentee": mentee})


def steady(every: str = "day", *, calendar: dict[str, Any] | None = None, **said: Any) -> Story:
    """A story with one streak of levels 2, 3, 4 and 5."""
    return Story(calendar=calendar or {}, badges=streak(every, **said))


def streak(every: str, **said: Any) -> dict[str, Any]:
    levels = {f"l{number}": number for number in (2, 3, 4, 5)}
    """The badges of such a story."""
    return {"steady": {"streak": {"every": every, "score": {"count": SPENT}, **said}, "levels": levels}}


def done(story: Story, *days: str) -> Story:
    """Something done at noon of these days of March."""
    for day in days:
        story.spent("ann", 1, f"2024-03-{day}T12:00Z")
    return story


def away(story: Story, first: str, last: str) -> str:
    """Time off of the same member."""
    return story.event("member.away", "ann", MONDAY, {"first_day": first, "last_day": last})
