"""Reads a rulebook (plain JSON, as the contract's YAML) into what the oracle needs of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import JsonValue

from .days import EVER, WEEKDAYS, Calendar, zone
from .integers import is_integer
from .reading_badges import read_badge, read_ladder
from .rulebook import Activity, Board, Challenge, League, Limit, Rule, Score, Version
from .words import duration, exact, expression, listed

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
    "certification.earned": {"once": ["data.certificate", "has(data.expires) ? data.expires : ''"]},
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


def read(book: Mapping[str, Any], start: date = EVER, before: Version | None = None) -> Version:
    """A version from a rulebook as JSON; `before` is the one that it follows."""
    people = book.get("people", {})
    activities: Mapping[str, Mapping[str, Any]] = book.get("activities", {})
    rules = {name: read_rule(rule) for name, rule in book.get("rules", {}).items()}
    scores = ScoreReader(activities, rules, frozenset(book.get("challenges", {})))
    return Version(
        start=start,
        before=before,
        calendar=read_calendar(book.get("calendar", {})),
        late=duration(book.get("late", "30d")),
        settle=book.get("settle", 2),
        visibility=people.get("visibility", "listed"),
        smallest_group=people.get("smallest_group", 5),
        kinds={kind: group.get("one_at_a_time", False) for kind, group in book.get("groups", {}).items()},
        seasons={
            name: (date.fromisoformat(season["from"]), date.fromisoformat(season["to"]))
            for name, season in book.get("seasons", {}).items()
        },
        focus={key: listed(focus["topics"]) for key, focus in book.get("focus", {}).items()},
        activities={
            name: read_activity({**BUILT_IN.get(name, {}), **activities.get(name, {})})
            for name in {*BUILT_IN, *activities}
        },
        rules=rules,
        boards={name: read_board(board, scores) for name, board in book.get("boards", {}).items()},
        badges={name: read_badge(badge, scores) for name, badge in book.get("badges", {}).items()},
        ladders={name: read_ladder(ladder, scores) for name, ladder in book.get("levels", {}).items()},
        challenges={name: read_challenge(found, scores) for name, found in book.get("challenges", {}).items()},
        was={
            section: {name: listed(found.get("was")) for name, found in book.get(section, {}).items()}
            for section in ("rules", "boards", "badges", "levels", "challenges")
        },
    )


def read_calendar(calendar: Mapping[str, Any]) -> Calendar:
    return Calendar(
        zone=zone(calendar.get("timezone", "UTC")),
        weekdays=weekdays(calendar.get("workdays", ("mon", "tue", "wed", "thu", "fri"))),
        holidays=frozenset(date.fromisoformat(day) for day in calendar.get("holidays", ())),
    )


def weekdays(names: Sequence[str]) -> frozenset[int]:
    return frozenset(WEEKDAYS.index(name) for name in names)


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
        to=rule.get("to"),
        seasons=listed(rule.get("season")),
        weekdays=weekdays(rule.get("days", ())),
        cooldown=duration(rule["cooldown"]) if "cooldown" in rule else 0,
        limits=tuple(
            Limit("all" if limit["per"] == "ever" else limit["per"], limit.get("times"), limit.get("points"))
            for limit in rule.get("limits", ())
        ),
        multipliers=tuple((each["season"], exact(each["by"])) for each in rule.get("multiply", ())),
        until=date.fromisoformat(rule["until"]) if "until" in rule else date.max,
    )


@dataclass(frozen=True)
class ScoreReader:
    """Reads a score; its types come from its rules, its scale from the schemas of its types."""

    activities: Mapping[str, Mapping[str, Any]]
    rules: Mapping[str, Rule]
    challenges: frozenset[str]

    def __call__(self, score: Mapping[str, Any]) -> Score:
        """The score that a board, a badge or a streak names."""
        kind = next(kind for kind in ("count", "sum", "distinct", "best", "points") if kind in score)
        points = listed(score["points"]) if kind == "points" else ()
        rules = tuple(name for name in points if name in self.rules)
        challenges = tuple(name for name in points if name in self.challenges)
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
        return Score(kind, types, expression(score.get("when")), value, rules, challenges, scale)


def read_board(board: Mapping[str, Any], score: ScoreReader) -> Board:
    league = read_league(board["league"]) if "league" in board else None
    return Board(
        score=score(board["score"]),
        windows=with_league(listed(board.get("windows", "all")), "week", league),
        seasons=listed(board.get("seasons")),
        by=with_league(listed(board.get("by", "member")), "member", league),
        lowest_first=board.get("order") == "lowest",
        per_head=board.get("per_head", False),
        league=league,
    )


def with_league(said: tuple[str, ...], asked: str, league: League | None) -> tuple[str, ...]:
    """The same, and what a league needs besides."""
    return said if league is None or asked in said else (*said, asked)


def read_league(league: Mapping[str, Any]) -> League:
    return League(listed(league["tiers"]), league.get("size", 30), league.get("promote", 5))


def read_challenge(challenge: Mapping[str, Any], score: ScoreReader) -> Challenge:
    owner = challenge.get("for", "member")
    return Challenge(
        board=Board(
            score=score(challenge["score"]),
            windows=(),
            seasons=(),
            by=("member",) if owner in {"member", "everyone"} else ("member", owner),
            lowest_first=False,
            per_head=False,
            league=None,
        ),
        since=date.fromisoformat(challenge["from"]) if "from" in challenge else date.min,
        to=date.fromisoformat(challenge["to"]) if "to" in challenge else date.max,
        every=challenge.get("every", ""),
        owner=owner,
        goal=exact(challenge["goal"]) if "goal" in challenge else None,
        opt_in=challenge.get("opt_in", False),
        reward=challenge.get("reward", {}).get("points", 0),
        by_rank=tuple(challenge.get("by_rank", ())),
    )
