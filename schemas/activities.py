"""The activities every organisation has from the first day, and how a rulebook changes and adds to them.

`data` is a JSON Schema in the subset of `schemas.shapes`, with two words of ours: `text` marks a field that
is kept outside the log, `member` one that is a member id.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pydantic import JsonValue

from schemas.rulebook import ActivityRules, Rulebook

Schema = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Activity:
    """What an event of one type looks like, and what one real instance of it is."""

    type: str
    title: str | dict[str, str]
    data: Schema
    """JSON Schema of the event's data."""
    counts: str | None = None
    """CEL of a truth value; where it is not true nothing counts the event."""
    credit: str | None = None
    """CEL of the member whose it is; the subject where nothing is said."""
    once: tuple[str, ...] | None = None
    """CEL values and the word `day`: of several with one key and credited member the earliest counts."""
    confirm: str | None = None
    """CEL of the member who has to confirm it."""


def _number(maximum: int) -> Schema:
    return {"type": "number", "minimum": 0, "maximum": maximum}


def _whole(maximum: int) -> Schema:
    return {"type": "integer", "minimum": 0, "maximum": maximum}


_NAME: Schema = {"type": "string", "minLength": 1, "maxLength": 256}
_TEXT: Schema = {"type": "string", "minLength": 1, "maxLength": 4_000, "text": True}
_MEMBER: Schema = {"type": "string", "member": True}
_MEMBERS: Schema = {"type": "array", "items": _MEMBER, "minItems": 1, "maxItems": 100}
_TRUTH: Schema = {"type": "boolean"}
_DATE: Schema = {"type": "string", "minLength": 1, "maxLength": 40, "description": "a date or a time"}
_DAY: Schema = {"type": "string", "minLength": 10, "maxLength": 10, "description": "a local day: 2026-12-31"}
_MINUTES = _whole(1_440)
_KARMA: Schema = {"type": "integer", "minimum": 1, "maximum": 1_000_000}
_VISIBILITY: Schema = {"type": "string", "enum": ["hidden", "nickname", "listed"]}

_FIELDS: dict[str, Schema] = {
    "about": _NAME,
    "accepted": _TRUTH,
    "alert": _NAME,
    "amount": _KARMA,
    "asker": _MEMBER,
    "attendees": _whole(100_000),
    "author": _MEMBER,
    "badge": _NAME,
    "certificate": _NAME,
    "challenge": _NAME,
    "change": _NAME,
    "community": _NAME,
    "confirm": _MEMBER,
    "course": _NAME,
    "event": _NAME,
    "expires": _DATE,
    "first_day": _DAY,
    "files_changed": _whole(1_000_000_000),
    "for": _MEMBER,
    "for_group": _NAME,
    "gift": _NAME,
    "group": _NAME,
    "hours": _number(10_000),
    "id": _NAME,
    "initiative": _NAME,
    "kind": _NAME,
    "last_day": _DAY,
    "level": _NAME,
    "lines_changed": _whole(1_000_000_000),
    "mentee": _MEMBER,
    "mentor": _MEMBER,
    "message": _TEXT,
    "minutes": _MINUTES,
    "module": _NAME,
    "pay_from": {"type": "string", "enum": ["allowance", "earned"]},
    "pieces": _whole(1_000_000),
    "provider": _NAME,
    "question": _NAME,
    "rating": _number(1_000_000),
    "reason": _TEXT,
    "ref": _NAME,
    "repository": _NAME,
    "request": _NAME,
    "reward": _NAME,
    "same_as": _MEMBER,
    "score": _number(1_000_000),
    "source": _NAME,
    "space": _NAME,
    "text": _TEXT,
    "title": _TEXT,
    "to": _MEMBERS,
    "topic": _NAME,
    "value": _NAME,
    "visibility": _VISIBILITY,
    "with": _MEMBER,
}
"""Every field by its name: one name means one thing in all types."""


def _data(fields: str) -> Schema:
    """The schema of fields as the contract's table writes them: `author repository?`."""
    names = fields.split()
    return {
        "type": "object",
        "required": [name for name in names if not name.endswith("?")],
        "properties": {name.rstrip("?"): _FIELDS[name.rstrip("?")] for name in names},
    }


def _activity(
    kind: str,
    fields: str,
    *,
    counts: str | None = None,
    credit: str | None = None,
    once: tuple[str, ...] | None = None,
    confirm: str | None = None,
) -> Activity:
    """An activity; its title is its type in words, and `topic` may be given with every one."""
    title = kind.replace(".", " ").replace("_", " ").capitalize()
    data = _data(fields if "topic" in fields.split() else f"{fields} topic?")
    return Activity(kind, title, data, counts, credit, once, confirm)


_ONCE_A_TOPIC = ("data.topic", "day")

_BUILT_IN = (
    _activity("course.completed", "course hours? score? provider?", once=("data.course",)),
    _activity(
        "certification.earned",
        "certificate expires?",
        # a certificate that never expires is one too: an absent field alone would leave it without a key
        once=("data.certificate", "has(data.expires) ? data.expires : ''"),
    ),
    _activity("microlearning.completed", "module minutes?", once=("data.module", "day")),
    _activity("learning_time.spent", "minutes"),
    _activity(
        "code_review.given",
        "author repository? change? lines_changed? files_changed?",
        counts="data.author != subject",
        once=("data.change",),
    ),
    _activity("talk.presented", "topic attendees? event? for_group?", once=_ONCE_A_TOPIC),
    _activity("workshop.hosted", "topic attendees? minutes? for_group?", once=_ONCE_A_TOPIC),
    _activity("workshop.attended", "topic attendees? minutes? for_group?", once=_ONCE_A_TOPIC),
    _activity(
        "mentoring.held",
        "mentor mentee minutes?",
        counts="data.mentor != data.mentee",
        credit="data.mentor",
        once=("data.mentor", "data.mentee", "day"),
        confirm="data.mentee",
    ),
    _activity(
        "pairing.held",
        "with minutes?",
        counts="data.with != subject",
        once=("data.with", "day"),
        confirm="data.with",
    ),
    _activity("article.published", "ref? title? space?", once=("data.ref",)),
    _activity(
        "question.answered",
        "question asker? accepted?",
        counts="!has(data.asker) || data.asker != subject",
    ),
    _activity(
        "contribution.found_useful",
        "author kind ref",
        counts="data.author != subject",
        credit="data.author",
        once=("subject", "data.ref"),
    ),
    _activity("enablement.given", "community initiative for_group?"),
    _activity("skill.applied", "topic about? confirm?"),
    _activity("retrospective.shared", "title? ref?"),
    _activity("failure.shared", "title? ref?"),
    _activity("learning.shared", "text?"),
    _activity("thanks.given", "to value? about? message?", counts="!(subject in data.to)"),
    _activity("cheer.given", "about"),
    _activity("feedback.given", "about rating?"),
)

BUILT_IN: dict[str, Activity] = {activity.type: activity for activity in _BUILT_IN}
"""The built-in activities by type, with what counts by default."""

_PEOPLE: dict[str, str] = {
    "activity.confirmed": "source id",
    "karma.given": "to amount value? message? about?",
    "karma.boosted": "gift amount",
    "karma.withdrawn": "gift",
    "reward.requested": "reward for? pay_from?",
    "reward.approved": "request reason?",
    "reward.declined": "request reason?",
    "reward.fulfilled": "request reason?",
    "reward.cancelled": "request reason?",
    "reward.restocked": "reward pieces",
    "fairness.reviewed": "alert reason?",
    "fairness.confirmed": "alert reason?",
    "fairness.dismissed": "alert reason?",
    "fairness.answered": "alert reason?",
    "member.joined": "visibility?",
    "member.left": "",
    "member.linked": "same_as",
    "member.visibility_changed": "visibility",
    "member.away": "first_day last_day",
    "freeze.granted": "badge",
    "group.joined": "kind group",
    "group.left": "kind group",
    "challenge.joined": "challenge",
    "challenge.left": "challenge",
    "badge.granted": "badge level? reason",
    "badge.revoked": "badge level? reason",
    "event.voided": "source id reason",
}

PEOPLE: dict[str, Activity] = {
    kind: Activity(kind, kind.replace(".", " ").replace("_", " ").capitalize(), _data(fields))
    for kind, fields in _PEOPLE.items()
}
"""Requests, people and corrections by type: events that a publisher of activities may not send."""

INTERNAL = frozenset({"rulebook.published", "rulebook.activated", "day.closed", "karma.minted", "reward.expired"})
"""Types that only karmalog itself writes into the log."""


def _changed(activity: Activity, rules: ActivityRules) -> Activity:
    """The activity with each field that the rulebook names in place of its own."""
    return replace(
        activity,
        title=activity.title if rules.title is None else rules.title,
        data=activity.data if rules.data is None else rules.data,
        counts=activity.counts if rules.counts is None else rules.counts,
        credit=activity.credit if rules.credit is None else rules.credit,
        once=activity.once if rules.once is None else rules.once,
        confirm=activity.confirm if rules.confirm is None else rules.confirm,
    )


def declared(rulebook: Rulebook | None) -> dict[str, Activity]:
    """The activities that hold under a rulebook: the built-in ones as it changes them, and its own.

    A type of the rulebook's own without `data` is left out: nothing says what its events look like.
    """
    named: Mapping[str, ActivityRules] = {} if rulebook is None else rulebook.activities
    known = dict(BUILT_IN)
    for kind, rules in named.items():
        if kind in known:
            known[kind] = _changed(known[kind], rules)
        elif rules.data is not None:
            known[kind] = _changed(Activity(kind, kind, rules.data), rules)
    return known
