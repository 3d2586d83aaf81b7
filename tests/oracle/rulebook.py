"""Reads a rulebook (plain JSON, as the contract's YAML) into what the oracle needs of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from .cel import is_integer
from .days import EVER, zone

INTEGER: JsonValue = {"type": "integer"}
BUILT_IN_SCHEMA: Mapping[str, JsonValue] = {
    "properties": {
        "minutes": INTEGER,
        "attendees": INTEGER,
        "lines_changed": INTEGER,
        "files_changed": INTEGER,
    }
}
"""The whole numbers among the fields of the built-in activities; each means the same in every type."""

BUILT_IN: Mapping[str, Mapping[str, str | list[str]]] = {
    "course.completed": {"once": "data.course"},
    "certification.earned": {"once": ["data.certificate", "data.expires"]},
    "microlearning.completed": {"once": ["data.module", "day"]},
    "code_review.given": {"counts": "data.author != subject", "once": "data.change"},
    "talk.presented": {"once": ["data.topic", "day"]},
    "workshop.hosted": {"once": ["data.topic", "day"]},
    "workshop.attended": {"once": ["data.topic", "day"]},
    "mentoring.held": {
        "counts": "data.mentor != data.mentee",
        "credit": "data.mentor",
        "once": ["data.mentor", "data.mentee", "day"],
        "confirm": "data.mentee",
    },
    "pairing.held": {"counts": "data.with != subject", "once": ["data.with", "day"], "confirm": "data.with"},
    "article.published": {"once": "data.ref"},
    "question.answered": {"counts": "!has(data.asker) || data.asker != subject"},
    "contribution.found_useful": {
        "counts": "data.author != subject",
        "credit": "data.author",
        "once": ["subject", "data.ref"],
    },
    "thanks.given": {"counts": "!(subject in data.to)"},
}
"""What one real instance is by default; the last column of the contract's table of activities."""

DURATIONS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 7 * 86_400_000}


@dataclass(frozen=True)
class Activity:
    """What one real instance of a type is; each part may be left out."""

    counts: str | None = None
    credit: str | None = None
    once: tuple[str, ...] = ()
    confirm: str | None = None


@dataclass(frozen=True)
class Limit:
    """At most so many events, or so many points, in each window of a kind (`all` for `ever`)."""

    per: str
    times: int | None
    points: int | None


@dataclass(frozen=True)
class Rule:
    """What an event of some types is awarded."""

    types: tuple[str, ...]
    when: str | None
    award: int | str
    until: date
    limits: tuple[Limit, ...]


@dataclass(frozen=True)
class Score:
    """What is counted for a board, a badge or a streak: its kind is the contract's word."""

    kind: str
    types: tuple[str, ...]
    when: str | None
    value: str
    rules: tuple[str, ...]
    scale: int


@dataclass(frozen=True)
class Board:
    """A score, ranked in windows, by member or by the members' groups."""

    score: Score
    windows: tuple[str, ...]
    by: tuple[str, ...]


@dataclass(frozen=True)
class Badge:
    """Levels of a score (`every` is None), or of runs of periods that reached `at_least`."""

    score: Score
    every: str | None
    at_least: Fraction
    levels: Mapping[str | None, Fraction]


@dataclass(frozen=True, eq=False)
class Version:
    """One published rulebook, from a local midnight of its own calendar on."""

    start: date
    before: "Version | None"
    zone: ZoneInfo
    late: int
    visibility: str
    smallest_group: int
    one_at_a_time: frozenset[str]
    activities: Mapping[str, Activity]
    rules: Mapping[str, Rule]
    boards: Mapping[str, Board]
    badges: Mapping[str, Badge]


def read(book: Mapping[str, Any], start: date = EVER, before: Version | None = None) -> Version:
    """A version from a rulebook as JSON; `before` is the one that it follows."""
    calendar, people = book.get("calendar", {}), book.get("people", {})
    activities: Mapping[str, Mapping[str, Any]] = book.get("activities", {})
    rules = {name: read_rule(rule) for name, rule in book.get("rules", {}).items()}
    scores = ScoreReader(activities, rules)
    return Version(
        start=start,
        before=before,
        zone=zone(calendar.get("timezone", "UTC")),
        late=duration(book.get("late", "30d")),
        visibility=people.get("visibility", "listed"),
        smallest_group=people.get("smallest_group", 5),
        one_at_a_time=frozenset(kind for kind, group in book.get("groups", {}).items() if group.get("one_at_a_time")),
        activities={
            name: read_activity({**BUILT_IN.get(name, {}), **activities.get(name, {})})
            for name in {*BUILT_IN, *activities}
        },
        rules=rules,
        boards={name: read_board(board, scores) for name, board in book.get("boards", {}).items()},
        badges={
            name: read_badge(badge, scores)
            for name, badge in book.get("badges", {}).items()
            if "each" not in badge and ("score" in badge or "streak" in badge)
        },
    )


def read_activity(activity: Mapping[str, Any]) -> Activity:
    return Activity(
        counts=expression(activity.get("counts")),
        credit=activity.get("credit"),
        once=listed(activity.get("once")),
        confirm=activity.get("confirm"),
    )


def read_rule(rule: Mapping[str, Any]) -> Rule:
    award = rule["award"]
    return Rule(
        types=listed(rule["event"]),
        when=expression(rule.get("when")),
        award=award.get("points", 0) if isinstance(award, dict) else award,
        until=date.fromisoformat(rule["until"]) if "until" in rule else date.max,
        limits=tuple(
            Limit("all" if limit["per"] == "ever" else limit["per"], limit.get("times"), limit.get("points"))
            for limit in rule.get("limits", [])
        ),
    )


@dataclass(frozen=True)
class ScoreReader:
    """Reads a score; its types come from its rules, its scale from the schemas of its types."""

    activities: Mapping[str, Mapping[str, Any]]
    rules: Mapping[str, Rule]

    def __call__(self, score: Mapping[str, Any]) -> Score:
        """The score that a board, a badge or a streak names."""
        kind = next(kind for kind in ("count", "sum", "distinct", "best", "points") if kind in score)
        rules = tuple(score["points"]) if kind == "points" else ()
        match kind:
            case "count":
                types = listed(score["count"])
            case "points":
                types = tuple(event for rule in rules for event in self.rules[rule].types)
            case _:
                types = listed(score["event"])
        value = str(score[kind]) if kind in {"sum", "distinct", "best"} else ""
        scale = 0
        if kind in {"sum", "best"}:
            schemas = [self.activities.get(name, {}).get("data", BUILT_IN_SCHEMA) for name in types]
            scale = score.get("scale", 0 if is_integer(value, schemas) else 2)
        return Score(kind, types, expression(score.get("when")), value, rules, scale)


def read_board(board: Mapping[str, Any], score: ScoreReader) -> Board:
    return Board(
        score=score(board["score"]),
        windows=listed(board.get("windows", "all")),
        by=listed(board.get("by", "member")),
    )


def read_badge(badge: Mapping[str, Any], score: ScoreReader) -> Badge:
    streak = badge.get("streak")
    levels = badge.get("levels") or ({None: badge["at"]} if "at" in badge else {})
    return Badge(
        score=score(streak["score"] if streak else badge["score"]),
        every=streak["every"] if streak else None,
        at_least=exact(streak.get("at_least", 1) if streak else 1),
        levels={level: exact(number) for level, number in levels.items()},
    )


def expression(value: bool | str | None) -> str | None:  # noqa: FBT001 - YAML says `when: true`
    """An expression as text; YAML's true and false are CEL's."""
    return str(value).lower() if isinstance(value, bool) else value


def listed(value: str | Sequence[str] | None) -> tuple[str, ...]:
    """A text stands for a list of one."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(str(part) for part in value)


def exact(number: float) -> Fraction:
    """The number as it was written: 0.1 is a tenth."""
    return Fraction(str(number))


def duration(text: str) -> int:
    """`30d` and the like, in ms."""
    return int(text[:-1]) * DURATIONS[text[-1]]
