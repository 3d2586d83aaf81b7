"""What rules check says of what a rulebook does to people: farming, amounts without an end, penalties, working hours."""

# ruff: noqa: E501 - a message stands in one line here, as it does on the terminal

import pytest

from engine.rulebook_check import check
from schemas.source import Fault

HEAD = "apiVersion: karmalog/v1\nkind: Rulebook\n"
TESTED = """\
activities:
  acme.change.tested:
    data:
      type: object
      required: [author, change, effort, on, level, n]
      properties:
        author: {type: string}
        change: {type: string}
        effort: {type: integer}
        most: {type: integer, minimum: 0, maximum: 50000}
        on: {type: boolean}
        level: {type: string, enum: [low, high]}
        n: {type: integer, minimum: 0, maximum: 20}
        size: {type: number}
"""


def said(text: str, *codes: str) -> list[Fault]:
    """What is said of a rulebook, of these codes."""
    return [fault for fault in check(HEAD + text, "r.yaml").faults if fault.code in codes]


def farmed(activity: str, rule: str = "award: 5", head: str = TESTED) -> bool:
    """Whether a rule for a type of one's own, with these fields, can be farmed alone."""
    text = f"{head}    {activity}\nrules: {{x: {{event: acme.change.tested, {rule}}}}}\n"
    faults = check(HEAD + text, "r.yaml")
    assert faults.wrong == [], "\n".join(map(str, faults.wrong))
    return [fault.path for fault in faults.faults if fault.code == "FARM_ALONE"] == ["rules.x"]


# --- farming -----------------------------------------------------------------------------------------------


def test_a_rule_that_one_person_can_trigger_alone_is_told_with_points_and_money_a_day() -> None:
    text = "rules: {x: {event: learning_time.spent, award: {points: 5, karma: 2}}}\nkarma: {worth: 0.10 EUR}\n"
    found = said(text, "FARM_ALONE")
    assert [str(fault) for fault in found] == [
        "r.yaml:3:9: warning: one person can send `learning_time.spent` alone and without limit: 96 events a day give 480 points and 192 karma (19.20 EUR); add `limits: [{per: day, times: N}]`, let a second person `confirm` the activity, or write `# karmalog: accept farm-alone REASON` in the line above [rules.x]"
    ]


@pytest.mark.parametrize(
    ("rule", "gives"),
    [
        ("award: 5", "480 points"),
        ("award: 5, multiply: [{season: s, by: 2}, {season: t, by: 0.5}]", "960 points"),
        ("award: 5, multiply: [{season: t, by: 0.5}]", "480 points"),
        ("award: {karma: 3}", "288 karma"),
        ("award: data.minutes", "138,240 points"),
        ('award: "data.minutes < 60 ? data.minutes : 60"', "5,760 points"),
        ('award: "data.minutes > 60 ? 2 : -2"', "192 points"),
    ],
)
def test_what_a_day_yields_is_the_greatest_that_the_award_can_be(rule: str, gives: str) -> None:
    seasons = "seasons: {s: {from: 2026-01-01, to: 2026-01-31}, t: {from: 2026-02-01, to: 2026-02-28}}\n"
    found = said(f"{seasons}rules: {{x: {{event: learning_time.spent, {rule}}}}}\n", "FARM_ALONE")
    assert [f"96 events a day give {gives};" in fault.message for fault in found] == [True]


@pytest.mark.parametrize(
    "rule", ["award: 0", "award: -5", "award: 5, cooldown: 1h", "award: 5, limits: [{per: month, times: 9}]"]
)
def test_what_yields_nothing_or_has_a_limit_is_not_farmed(rule: str) -> None:
    assert said(f"rules: {{x: {{event: learning_time.spent, {rule}}}}}\n", "FARM_ALONE") == []


@pytest.mark.parametrize(
    ("kind", "is_farmed"),
    [
        ("code_review.given", True),  # where the publisher names no change, each counts
        ("course.completed", True),  # any number of courses
        ("microlearning.completed", True),  # any number of modules on one day
        ("article.published", True),
        ("question.answered", True),
        ("thanks.given", True),
        ("mentoring.held", False),  # the mentee confirms
        ("pairing.held", False),
        ("contribution.found_useful", False),  # once for each thing of somebody else's
    ],
)
def test_of_the_built_in_types_those_are_safe_in_which_a_second_person_has_a_part(
    kind: str, *, is_farmed: bool
) -> None:
    assert bool(said(f"rules: {{x: {{event: {kind}, award: 5}}}}\n", "FARM_ALONE")) == is_farmed


@pytest.mark.parametrize(
    ("activity", "is_farmed"),
    [
        ("title: Each", True),
        ("once: day", False),
        ("once: [data.on, data.level, day]", False),
        ("once: data.level", False),
        ("once: [\"data.on ? 'a' : data.level\", day]", False),
        ("once: [time.getMonth()]", False),
        ("once: [data.change, day]", True),
        ("once: [\"has(data.most) ? 'a' : 'b'\", day]", False),
        ("once: [data.most, day]", True),  # without it there is no key
        ("once: data.change", True),  # one's own changes never come to an end
        ("{once: data.change, counts: data.author != subject}", False),
        ("{once: data.change, counts: subject != data.author && data.on}", False),
        ("{once: data.change, counts: '!(data.author == subject)'}", False),
        ("{once: data.change, counts: data.author != subject || data.on}", True),
        ("{once: data.change, counts: data.author != data.change}", True),
        ("{once: [data.author, day], counts: data.author != subject}", True),  # one colleague after the other
        ("confirm: data.author", False),
        ("confirm: subject", True),
        ('confirm: "data.on ? data.author : subject"', True),
        ('{confirm: "data.on ? data.author : subject", counts: data.on && data.n > 3}', False),
        ("credit: data.author", True),
        ("credit: \"'the-team'\"", False),
    ],
)
def test_once_holds_back_where_its_values_come_to_an_end(activity: str, *, is_farmed: bool) -> None:
    lines = activity.strip("{}").replace(", counts", "\n    counts") if activity.startswith("{") else activity
    assert farmed(lines) == is_farmed


def test_a_condition_of_the_rule_may_ask_for_a_second_person_too() -> None:
    assert not farmed("once: data.change", "award: 5, when: data.author != subject")


def test_a_rule_of_several_types_names_those_that_can_be_farmed() -> None:
    text = "rules: {x: {event: [mentoring.held, learning_time.spent, skill.applied], award: 5}}\n"
    assert "`learning_time.spent` or `skill.applied` alone" in said(text, "FARM_ALONE")[0].message


# --- accepting it ------------------------------------------------------------------------------------------

ACCEPT = "# karmalog: accept farm-alone the platform counts"
SPENT = "{event: learning_time.spent, award: 5}"
CODES = ("FARM_ALONE", "BAD_ACCEPT", "UNUSED")


@pytest.mark.parametrize(
    "rules",
    [
        f"  {ACCEPT}\n  x: {SPENT}\n",
        f"  x: {SPENT}  {ACCEPT}\n",
        f"  x:  {ACCEPT}\n    event: learning_time.spent\n    award: 5\n",
        f"  #karmalog: accept   farm-alone  so\n  x: {SPENT}\n",
    ],
)
def test_a_comment_with_a_reason_accepts_it_on_the_line_or_the_one_above(rules: str) -> None:
    assert said(f"rules:\n{rules}", *CODES) == []


@pytest.mark.parametrize(
    ("rules", "codes"),
    [
        (f"  {ACCEPT}\n\n  x: {SPENT}\n", ["UNUSED", "FARM_ALONE"]),
        (f"  {ACCEPT}\n  x: {SPENT}\n  y: {SPENT}\n", ["FARM_ALONE"]),
        (f"  x: {SPENT}  {ACCEPT}\n  y: {SPENT}\n", ["FARM_ALONE"]),  # a comment behind a rule is about that rule
        (f"  x: {SPENT}\n  {ACCEPT}\n", ["FARM_ALONE", "UNUSED"]),
        (f"  # karmalog: accept farm-alone\n  x: {SPENT}\n", ["BAD_ACCEPT"]),
        (f"  # karmalog: accept hours I know\n  x: {SPENT}\n", ["BAD_ACCEPT", "FARM_ALONE"]),
        (f"  # karmalog: allow farm-alone I know\n  x: {SPENT}\n", ["BAD_ACCEPT"]),
        (f"  # karmalog:\n  x: {SPENT}\n", ["BAD_ACCEPT", "FARM_ALONE"]),
        (f"  {ACCEPT}\n  x: {{event: mentoring.held, award: 5}}\n", ["UNUSED"]),
        (f"  x: {{title: '{ACCEPT}', event: learning_time.spent, award: 5}}\n", ["FARM_ALONE"]),  # a text, no comment
    ],
)
def test_a_comment_that_accepts_nothing_or_says_no_reason_is_told(rules: str, codes: list[str]) -> None:
    assert [fault.code for fault in said(f"rules:\n{rules}", *CODES)] == codes


# --- amounts -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("award", "is_endless"),
    [
        ("data.effort", True),
        ("10 + data.effort", True),
        ("int(data.n) * 3", False),
        ("data.effort > 9 ? 9 : data.effort", False),
        ("data.on ? data.effort : 3", True),
        ("data.effort < 100 ? data.effort : data.effort", True),
        ("has(data.most) ? data.most : 0", False),  # the admin's own maximum
        ("has(data.size) ? int(data.size) : 0", True),
        ("size(data.author)", True),
        ("5", False),
    ],
)
def test_a_publishers_number_needs_an_end(award: str, *, is_endless: bool) -> None:
    for what in ("points", "karma"):
        text = f'{TESTED}rules: {{x: {{event: acme.change.tested, award: {{{what}: "{award}"}}}}}}\n'
        assert [fault.path for fault in said(text, "UNBOUNDED_AMOUNT")] == [f"rules.x.award.{what}"] * is_endless
        limited = text.replace("}}}\n", "}, limits: [{per: day, times: 3}]}}\n")
        assert said(limited, "UNBOUNDED_AMOUNT") == []


@pytest.mark.parametrize("award", ["data.nope", "data.author", "data.effort +", "data.effort / 2.0"])
def test_an_amount_that_would_not_run_is_one_fault(award: str) -> None:
    text = f'{TESTED}rules: {{x: {{event: acme.change.tested, award: "{award}"}}}}\n'
    assert [fault.code for fault in check(HEAD + text, "r").faults] == ["BAD_EXPRESSION"]


def test_a_field_that_may_be_absent_and_has_no_end_is_two() -> None:
    text = "rules: {x: {event: code_review.given, award: data.lines_changed, cooldown: 1h}}\n"
    assert [fault.code for fault in check(HEAD + text, "r").wrong] == ["UNBOUNDED_AMOUNT", "BAD_EXPRESSION"]


@pytest.mark.parametrize(
    ("kind", "award", "is_endless"),
    [
        ("code_review.given", "has(data.lines_changed) ? data.lines_changed : 0", True),  # a maximum of 10^9 is none
        ("code_review.given", "has(data.lines_changed) && data.lines_changed < 9 ? data.lines_changed : 9", False),
        ("talk.presented", "has(data.attendees) ? data.attendees : 0", True),
        ("course.completed", "has(data.hours) ? int(data.hours) : 0", False),  # 10,000 at most
        ("learning_time.spent", "data.minutes", False),
    ],
)
def test_a_built_in_maximum_that_only_keeps_out_nonsense_is_none(kind: str, award: str, *, is_endless: bool) -> None:
    text = f'rules: {{x: {{event: {kind}, award: "{award}"}}}}\n'
    assert bool(said(text, "UNBOUNDED_AMOUNT")) == is_endless


@pytest.mark.parametrize("award", ["data.effort", "data.effort * 2 + 1", "data.on ? data.effort : 3", "-data.effort"])
def test_the_expression_that_is_offered_has_an_end(award: str) -> None:
    text = f'{TESTED}rules: {{x: {{event: acme.change.tested, award: "{award}"}}}}\n'
    offered = said(text, "UNBOUNDED_AMOUNT")[0].message.split("`")[1]
    better = check(HEAD + text.replace(award, offered), "r.yaml")
    assert better.wrong == []


# --- penalties ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("award", "told"),
    [
        ("-5", "`x` takes points away, up to 5 for one event; that is allowed, but"),
        ("{karma: -2}", "`x` takes karma away, up to 2 for one event;"),
        ('"data.on ? 5 : -3"', "`x` can take points away, up to 3 for one event;"),
        ('"data.n - 4"', "`x` can take points away, up to 4 for one event;"),
        ('"data.effort < 9 ? data.effort : 9"', "`x` can take points away, as many as is published for one event;"),
        ("5", None),
        ("0", None),
        ('"data.n"', None),
        ('"data.n > 4 ? data.n - 4 : 0"', None),
    ],
)
def test_a_penalty_is_told_and_why_it_hurts(award: str, told: str | None) -> None:
    text = f"{TESTED}rules: {{x: {{event: acme.change.tested, award: {award}, limits: [{{per: day, times: 1}}]}}}}\n"
    found = said(text, "PENALTY")
    assert [fault.severity for fault in found] == ["warning"] * (told is not None)
    assert told is None or found[0].message.startswith(told)


# --- working hours -----------------------------------------------------------------------------------------

LATE = "time.getHours() > 18"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (f"rules: {{x: {{event: talk.presented, award: 5, when: {LATE}}}}}\n", "rules.x.when"),
        (f'rules: {{x: {{event: talk.presented, award: "{LATE} ? 1 : 2"}}}}\n', "rules.x.award"),
        (f"boards: {{x: {{score: {{count: talk.presented, when: {LATE}}}}}}}\n", "boards.x.score.when"),
        (f"badges: {{x: {{score: {{count: talk.presented, when: {LATE}}}, at: 1}}}}\n", "badges.x.score.when"),
        ("badges: {x: {each: time.getHours(), score: {count: talk.presented}, at: 1}}\n", "badges.x.each"),
        (f"activities: {{talk.presented: {{counts: {LATE}}}}}\n", "activities.talk.presented.counts"),
        ("activities: {talk.presented: {once: [day, string(time)]}}\n", "activities.talk.presented.once[1]"),
    ],
)
def test_who_looks_at_the_time_of_day_needs_leave(text: str, path: str) -> None:
    assert [(fault.path, fault.severity) for fault in said(text, "HOURS_VISIBLE")] == [(path, "fault")]


def test_a_rule_may_be_allowed_to_look_and_is_warned_of_once() -> None:
    text = f'rules: {{x: {{event: talk.presented, award: "{LATE} ? 1 : 2", when: {LATE}, allow_hours: true}}}}\n'
    assert [(fault.path, fault.severity) for fault in said(text, "HOURS_VISIBLE")] == [
        ("rules.x.allow_hours", "warning")
    ]


def test_leave_that_nothing_needs_is_told() -> None:
    text = "rules: {x: {event: talk.presented, award: 5, when: time.getDayOfWeek() < 6, allow_hours: true}}\n"
    assert [str(fault) for fault in said(text, "HOURS_VISIBLE", "UNUSED")] == [
        "r.yaml:3:77: warning: no expression of the rule looks at the time of day: take `allow_hours` out [rules.x.allow_hours]"
    ]
