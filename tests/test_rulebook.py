"""Promises of the rulebook's shape and text: what is accepted, and what is said about what is not."""

# ruff: noqa: E501 - a message stands in one line here, as it does on the terminal

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from schemas import generate, rulebook_text
from schemas.nearest import nearest
from schemas.rulebook import LATE_MS, Per, Rulebook, WindowKind
from schemas.rulebook_badges import Forgive
from schemas.rulebook_text import read, study
from schemas.source import Source
from schemas.words import DAY_MS
from schemas.yaml_text import load

CONTRACT = (Path(__file__).parent / "data" / "contract-rulebook.yaml").read_text(encoding="utf-8")

SMALL = """\
apiVersion: karmalog/v1
kind: Rulebook
calendar: {timezone: Europe/Berlin}
late: 30d
groups:
  team: {one_at_a_time: true}
activities:
  acme.lunch.hosted:
    data: {type: object, properties: {topic: {type: string}}}
rules:
  review:
    event: code_review.given
    award: 5
    limits: [{per: day, points: 50}]
  lunch:
    event: [acme.lunch.hosted, talk.presented]
    award: {points: 40}
boards:
  sharing:
    score: {points: [review, lunch]}
    windows: [week, all]
    by: [member, team]
    top: 10
badges:
  reviewer:
    score: {count: code_review.given}
    levels: {gold: 100, bronze: 10}
  steady:
    streak: {every: week, score: {count: course.completed}, at_least: 1}
    at: 4
"""


def book(text: str = SMALL) -> Rulebook:
    rulebook, faults = read(text, "rulebook.yaml")
    assert rulebook is not None, "\n".join(map(str, faults))
    return rulebook


def broken(old: str, new: str, text: str = SMALL) -> list[str]:
    assert old in text
    rulebook, faults = read(text.replace(old, new, 1), "rulebook.yaml")
    assert rulebook is None
    return [str(fault) for fault in faults if fault.severity == "fault"]


# --- what is accepted --------------------------------------------------------------------------------------


def test_the_contract_is_accepted_whole() -> None:
    rulebook, faults = read(CONTRACT, "rulebook.yaml")
    assert rulebook is not None
    assert faults == []


def test_the_contract_says_what_it_says() -> None:
    rulebook = book(CONTRACT)
    assert rulebook.title == {"en": "Learning at Acme", "de": "Lernen bei Acme"}
    assert rulebook.late == LATE_MS
    assert rulebook.people.visibility == "hidden"
    assert rulebook.groups["team"].one_at_a_time
    assert not rulebook.groups["community"].one_at_a_time
    assert rulebook.rules["review"].event == ("code_review.given",)
    assert rulebook.rules["review"].award.points == 5
    assert (rulebook.rules["review"].limits[0].per, rulebook.rules["review"].limits[0].points) == (
        Per.DAY,
        50,
    )
    assert isinstance(rulebook.rules["course"].award.points, str)
    assert (rulebook.rules["talk"].award.points, rulebook.rules["talk"].award.karma) == (40, 25)
    assert str(rulebook.rules["blog-post"].until) == "2026-06-30"
    helped = rulebook.boards["people-helped"]
    assert (helped.score.kind, helped.score.value) == ("distinct", "data.author")
    assert (helped.score.events, helped.score.rules) == (("code_review.given",), ())
    assert helped.windows == (WindowKind.MONTH, WindowKind.YEAR, WindowKind.ALL)
    assert (helped.by, helped.top) == (("member",), 10)
    assert rulebook.boards["sharing"].score.rules == ("review", "mentor", "talk")
    assert rulebook.badges["certified"].valid == 365 * DAY_MS
    streak = rulebook.badges["steady-learner"].streak
    assert streak is not None
    assert (streak.every, streak.at_least, streak.forgive) == (
        "week",
        1,
        Forgive.model_validate({"misses": 1, "in": 8}),
    )


def test_levels_stand_in_the_order_of_size() -> None:
    assert list(book().badges["reviewer"].levels) == ["bronze", "gold"]


def test_words_that_older_yaml_takes_for_truth_values_are_words() -> None:
    text = SMALL.replace("  review:\n", "  on:\n").replace("[review,", "[on,")
    assert set(book(text).rules) == {"on", "lunch"}
    assert book(SMALL.replace("gold: 100", "no: 100")).badges["reviewer"].levels["no"] == 100


def test_json_is_a_rulebook_too() -> None:
    assert book(json.dumps(book(CONTRACT).stored())) == book(CONTRACT)


@pytest.mark.parametrize(("written", "ms"), [("90m", 5_400_000), ("12h", 43_200_000), ("600d", 600 * DAY_MS)])
def test_a_span_of_time_is_kept_in_milliseconds_and_stored_as_written(written: str, ms: int) -> None:
    rulebook = book(SMALL.replace("30d", written))
    assert rulebook.late == ms
    assert Rulebook.model_validate(rulebook.stored()) == rulebook


def test_what_is_not_said_has_the_value_of_the_contract() -> None:
    rulebook = book("apiVersion: karmalog/v1\nkind: Rulebook\n")
    assert rulebook.late == 30 * DAY_MS
    assert rulebook.people.visibility == "listed"
    assert rulebook.people.smallest_group == 5
    assert rulebook.undeclared == "wait"
    assert rulebook.calendar.timezone == "UTC"


def test_only_zones_of_the_locked_package_count_whatever_the_system_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONTZPATH", "/nonexistent")
    assert book(SMALL.replace("Europe/Berlin", "America/Argentina/Buenos_Aires")).calendar.timezone
    assert "UNKNOWN_TIME_ZONE" in [f.code for f in read(SMALL.replace("Europe/Berlin", "posixrules"), "r")[1]]


# --- what is refused ---------------------------------------------------------------------------------------

BROKEN: list[tuple[str, str, str]] = [
    # what is replaced, by what, the message from its line number on
    ("karmalog/v1", "karmalog/v2", "1:13: fault: expected karmalog/v1, got a text (karmalog/v2); did you mean `karmalog/v1`? [apiVersion]"),
    ("kind: Rulebook\n", "", "1:1: fault: `kind` is missing; the second line is `kind: Rulebook` [kind]"),
    ("Europe/Berlin", "Europe/Berln", "3:22: fault: there is no time zone 'Europe/Berln'; did you mean `Europe/Berlin`? [calendar.timezone]"),
    ("Europe/Berlin", "berlin", "3:22: fault: there is no time zone 'berlin'; did you mean `Europe/Berlin`? [calendar.timezone]"),
    ("timezone:", "timezon:", "3:12: fault: `timezon` is not known here; did you mean `timezone`? [calendar.timezon]"),
    ("late: 30d", "late: 30", "4:7: fault: expected a span of time such as 30d, 12h or 90m, got a whole number (30) [late]"),
    ("late: 30d", "late: 0d", "4:7: fault: expected a span of time from 1m to 36500d, got 0d [late]"),
    ("late: 30d", "latest: 30d", "4:1: fault: `latest` is not known here; did you mean `late`? [latest]"),
    ("one_at_a_time: true", "one_at_a_time: yes", "6:25: fault: expected true or false, got a text (yes) [groups.team.one_at_a_time]"),
    ("  team: {", "  member: {", "6:3: fault: `member` is no kind of group, as `by: member` means members: give it another name [groups.member]"),
    ("acme.lunch.hosted:\n", "lunch.hosted:\n", "8:3: fault: `lunch.hosted` is not built in, and a type of one's own begins with a prefix, three words or more, such as acme.lunch.hosted"),
    ("acme.lunch.hosted:\n", "code_review.gven:\n", "8:3: fault: `code_review.gven` is not built in, and a type of one's own begins with a prefix, three words or more, such as acme.code_review.gven; did you mean `code_review.given`?"),
    ("acme.lunch.hosted:\n", "Acme Lunch:\n", "8:3: fault: `Acme Lunch` is no event type (lower-case words joined by dots)"),
    ("acme.lunch.hosted:\n", "karma.given:\n", "8:3: fault: `karma.given` is no activity; its rules are fixed: take it out [activities.karma.given]"),
    ("    data: {type: object, properties: {topic: {type: string}}}", "    title: Lunch", "8:3: fault: `acme.lunch.hosted` is a type of one's own: add `data`, the JSON Schema of its fields"),
    ("topic: {type: string}", "topic: {type: text}", "9:39: fault: expected `type`, one of object, array, string, integer, number, boolean [activities.acme.lunch.hosted.data.properties.topic"),
    ("topic: {type: string}", "topic: {type: string, pattern: x}", "9:70: fault: `pattern` is not understood for string; expected const, enum, maxLength, member, minLength, text"),
    ("  review:\n", "  Code Review:\n", "11:3: fault: `Code Review` is no id: lower-case letters, digits, - and _, at most 64; write `code-review` [rules.Code Review]"),
    ("event: code_review.given", "event: code_review.give", "12:12: fault: `code_review.give` is no activity: neither built in nor under `activities`; did you mean `code_review.given`? [rules.review.event]"),
    ("event: code_review.given", "event: member.joined", "12:12: fault: `member.joined` is no activity, so nothing can be given for it; name what people did [rules.review.event]"),
    ("    event: code_review.given\n", "", "11:3: fault: `event` is missing; add the type it is about, such as `event: code_review.given` [rules.review.event]"),
    ("event: code_review.given", "event: []", "12:5: fault: expected at least one entry, got an empty list [rules.review.event]"),
    ("event: code_review.given", "event: code review", "12:12: fault: `code review` is no event type (lower-case words joined by dots)"),
    ("award: 5\n", "awrad: 5\n", "13:5: fault: `awrad` is not known here; did you mean `award`? [rules.review.awrad]"),
    ("award: 5\n", "award: 5.5\n", "13:12: fault: expected a whole number, or CEL of one as text, got a number (5.5) [rules.review.award]"),
    ("award: 5\n", "award: 1000001\n", "13:12: fault: expected at most 1000000 in size, got 1000001 [rules.review.award]"),
    ("award: 5\n", "award:\n", "13:5: fault: expected a whole number, CEL of one as text, or {points: …, karma: …}; got nothing [rules.review.award]"),
    ("award: 5\n", "award: [5]\n", "13:5: fault: expected a whole number, CEL of one as text, or {points: …, karma: …}; got a list [rules.review.award]"),
    ("top: 10", "top:", "23:5: fault: expected a whole number, got nothing; leave the field out where there is nothing to say [boards.sharing.top]"),
    ("award: 5\n", "award: {}\n", "13:5: fault: the award is empty; expected `points`, `karma` or both [rules.review.award]"),
    ("award: 5\n", "award: ''\n", "13:12: fault: the expression is empty; write CEL, or leave the field out [rules.review.award]"),
    ("per: day,", "per: dya,", "14:20: fault: expected day, workday, week, month, quarter, year or ever, got a text (dya); did you mean `day`? [rules.review.limits[0].per]"),
    ("points: 50", "points: 50, times: 3", "14:14: fault: expected `times: N` or `points: N`, one of them; two limits are two entries [rules.review.limits[0]]"),
    ("points: 50", "points: 0", "14:33: fault: expected at least 1, got a whole number (0) [rules.review.limits[0].points]"),
    ("points: 50", "points: '50'", "14:33: fault: expected a whole number, got a text (50) [rules.review.limits[0].points]"),
    ("[{per: day, points: 50}]", "{per: day, points: 50}", "14:5: fault: expected a list such as [a, b], got a mapping [rules.review.limits]"),
    ("[{per: day, points: 50}]", "[{per: day, points: 50}, {per: day, points: 9}]", "14:38: fault: a second limit of points per day; keep the lower one [rules.review.limits[1]]"),
    ("award: {points: 40}", "award: 4\n    until: 2026-02-30", "18:12: fault: expected a date from 1970 on, such as 2026-12-31, got a text (2026-02-30) [rules.lunch.until]"),
    ("award: {points: 40}", "award: 4\n    was: review", "18:10: fault: `review` is still a rule; take it out here, or there [rules.lunch.was]"),
    ("points: [review, lunch]", "points: [review, lunhc]", "20:30: fault: `lunhc` is no rule; did you mean `lunch`? [boards.sharing.score.points[1]]"),
    ("points: [review, lunch]", "points: [review, review]", "20:30: fault: `review` stands twice; keep one of them [boards.sharing.score.points[1]]"),
    ("{points: [review, lunch]}", "{sum: data.minutes}", "20:5: fault: `sum` needs `event`: the type, or types, it is taken from [boards.sharing.score]"),
    ("{points: [review, lunch]}", "{count: talk.presented, best: data.attendees}", "20:5: fault: a score is one of count, sum, distinct, best and points; found count and best [boards.sharing.score]"),
    ("{points: [review, lunch]}", "{count: talk.presented, scale: 1}", "20:5: fault: `count` is a whole number: leave `scale` out [boards.sharing.score]"),
    ("windows: [week, all]", "windows: [weak, all]", "21:15: fault: expected day, week, month, quarter, year or all, got a text (weak); did you mean `week`? [boards.sharing.windows[0]]"),
    ("by: [member, team]", "by: [member, teams]", "22:18: fault: `teams` is no kind of group; did you mean `team`? [boards.sharing.by[1]]"),
    ("top: 10", "top: ten", "23:10: fault: expected a whole number, got a text (ten) [boards.sharing.top]"),
    ("top: 10", "top: 1001", "23:10: fault: expected at most 1000, got a whole number (1001) [boards.sharing.top]"),
    ("bronze: 10", "bronze: 100", "27:5: fault: two levels have the same number; each needs one of its own [badges.reviewer.levels]"),
    ("bronze: 10", "bronze: 2.5", "25:3: fault: 2.5 has more decimal places than its score, which keeps 0 [badges.reviewer]"),
    ("bronze: 10", "bronze: -1", "27:33: fault: expected a number above zero and below 2^53, got -1 [badges.reviewer.levels.bronze]"),
    ("    levels: {gold: 100, bronze: 10}\n", "", "25:3: fault: nothing to reach: add `at: N`, or `levels: {bronze: N, …}` [badges.reviewer]"),
    ("    at: 4", "    at: 4\n    levels: {gold: 1}", "28:3: fault: a badge has `levels` or `at`, not both; take one of them out [badges.steady]"),
    ("    at: 4", "    at: 4\n  all:\n    all_of: [reviewr]", "32:14: fault: there is no badge `reviewr`; did you mean `reviewer`? [badges.all.all_of[0]]"),
    ("    at: 4", "    at: 4\n  all:\n    all_of: [reviewer.gld]", "32:14: fault: `reviewer` has no level `gld`; did you mean `gold`? [badges.all.all_of[0]]"),
    ("    at: 4", "    at: 4\n  all:\n    all_of: [all]", "32:14: fault: `all` asks for itself; name other badges [badges.all.all_of[0]]"),
    ("every: week", "every: fortnight", "29:21: fault: expected day, workday, week, month, quarter or year, got a text (fortnight)"),
    ("  lunch:\n", "  review:\n", "15:3: fault: `review` stands twice; the first is in line 11; keep one of them [rules.review]"),
    ("    award: 5\n", "\taward: 5\n", "13:1: fault: this is not YAML: a tab; indent with spaces"),
    ("award: 5\n", "award: 'a\n", "13:12: fault: this is not YAML: a quotation mark is opened and never closed"),
    ("award: 5\n", "award: a: b\n", "13:13: fault: this is not YAML: a colon where no field can begin: put the text in quotes, or mend the indentation"),
    ("award: 5\n", "award: !int 5\n", "13:12: fault: the tag !int is not used here; write the plain value [rules.review.award]"),
    ("award: 5\n", "award: .nan\n", "13:12: fault: .nan is not a finite number [rules.review.award]"),
    ("award: 5\n", "award: *five\n", "13:12: fault: the alias *five stands for nothing; no &five is above [rules.review.award]"),
    ("    award: 5\n", "    <<: {award: 5}\n", "13:5: fault: merge keys (<<) are not part of YAML 1.2; write the fields out"),
    ("late: 30d\n", "late: 30d\n---\n", "5:1: fault: a second document begins here; expected one in a file"),
    ("late: 30d\n", 'title: "\\ud800"\n', "4:8: fault: half a character (a lone surrogate) is not allowed [title]"),
    ("late: 30d\n", "title: {english: x}\n", "4:1: fault: 'english' is no language; expected codes such as en, de or pt-BR [title]"),
    ("late: 30d\n", "activities: {talk.presented: {data: {type: }}}\n", "4:31: fault: `type` has no value; give it one, or leave it out [activities.talk.presented.data]"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), BROKEN)
def test_a_broken_rulebook_says_where_what_and_what_to_do(old: str, new: str, message: str) -> None:
    found = broken(old, new)
    assert any(fault.startswith(f"rulebook.yaml:{message}") for fault in found), "\n".join(found)


@pytest.mark.parametrize("text", ["", "# nothing\n", "null\n", "rules\n", "[1, 2]\n", "5\n", "\ufeff", "---\n...\n"])
def test_a_text_without_a_rulebook_is_one_fault(text: str) -> None:
    rulebook, faults = read(text, "r.yaml")
    assert rulebook is None
    assert [fault.code for fault in faults] in (["EMPTY"], ["WRONG_TYPE"])


def test_all_faults_are_found_in_one_run_also_those_inside_parts_that_are_broken_otherwise() -> None:
    text = (
        SMALL.replace("Europe/Berlin", "Europe/Berln")
        .replace("event: code_review.given", "event: code_review.gven")
        .replace("award: 5", "awrad: 5")
        .replace("per: day", "per: dya")
        .replace("[review, lunch]", "[review, lunhc]")
        .replace("top: 10", "top: ten")
        .replace("by: [member, team]", "by: [member, teams]")
        .replace("bronze: 10", "bronze: x")
    )
    rulebook, faults = read(text, "r.yaml")
    assert rulebook is None
    assert [(fault.line, fault.path) for fault in faults] == [
        (3, "calendar.timezone"),
        (12, "rules.review.event"),
        (13, "rules.review.awrad"),
        (14, "rules.review.limits[0].per"),
        (20, "boards.sharing.score.points[1]"),
        (22, "boards.sharing.by[1]"),
        (23, "boards.sharing.top"),
        (27, "badges.reviewer.levels.bronze"),
    ]


def test_a_rule_that_is_broken_is_still_known_to_others() -> None:
    assert len(broken("award: 5\n", "award: true\n")) == 1


def test_what_is_sound_is_there_for_later_checks() -> None:
    reading = study(SMALL.replace("award: 5", "award: true"), "r.yaml")
    assert reading.rulebook is None
    assert reading.sound is not None
    assert reading.sound.rules["lunch"] == book().rules["lunch"]


def test_faults_of_later_checks_point_into_the_expression() -> None:
    text = SMALL.replace("award: 5", 'award: "1 + data.authr"')
    source = study(text, "r.yaml").source
    at = ("rules", "review", "award")
    assert source.where(at, offset=4) == (13, 17)
    assert text.splitlines()[12][16:].startswith("data.authr")
    assert source.where((*at, "points")) == source.where(at) == (13, 12)
    assert str(source.fault(at, "X", "no", at=source.where(at, 4))) == "r.yaml:13:17: fault: no [rules.review.award]"


# --- texts made to hurt ------------------------------------------------------------------------------------


def test_a_bomb_of_aliases_is_refused_before_it_goes_off() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"{n}: &{n} [{', '.join([f'*{b}'] * 10)}]" for b, n in zip("abcdefgh", "bcdefghi", strict=True)]
    rulebook, faults = read("\n".join(lines), "r.yaml")
    assert rulebook is None
    assert [fault.code for fault in faults] == ["TOO_LARGE"]


def test_an_alias_of_what_it_stands_in_is_refused() -> None:
    assert "stands inside what it stands for" in str(read("rules: &r {a: *r}\n", "r.yaml")[1][0])


def test_an_alias_that_does_no_harm_is_read() -> None:
    text = SMALL.replace("[{per: day, points: 50}]", "&fair [{per: day, points: 50}]")
    text = text.replace("award: {points: 40}", "award: 4\n    limits: *fair")
    assert book(text).rules["lunch"].limits == book(text).rules["review"].limits != ()


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_deep_nesting_is_a_fault(opening: str) -> None:
    rulebook, faults = read(opening * 5_000, "r.yaml")
    assert rulebook is None
    assert faults[0].code in {"TOO_DEEP", "SYNTAX"}


def test_a_text_of_more_than_one_mebibyte_is_refused_unread() -> None:
    rulebook, faults = read(SMALL + "#" * 1_048_576, "r.yaml")
    assert (rulebook, [fault.code for fault in faults]) == (None, ["TOO_LARGE"])


@given(st.text(alphabet=st.sampled_from("abc:{}[]\"'\n\t -?#&*!|>%@`,0.~<\x00\ud800é"), max_size=60))
@settings(max_examples=100, deadline=None)
def test_any_text_gives_faults_and_no_exception(text: str) -> None:
    rulebook, faults = read(text, "r.yaml")
    assert rulebook is None
    assert faults
    assert all(fault.line >= 1 and fault.column >= 1 and fault.message for fault in faults)


SWAPS: list[JsonValue] = [None, True, -1, 0, 1.5, "", "x", "code_review.given", [], [None], {}, {"a": None}]


def _paths(data: JsonValue, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(found for key, value in inner for found in _paths(value, (*path, key)))]


CONTRACT_DATA = load(CONTRACT, "r")[0]
CONTRACT_PATHS = _paths(CONTRACT_DATA)[1:]


@given(st.sampled_from(CONTRACT_PATHS), st.sampled_from(SWAPS))
@settings(max_examples=100, deadline=None)
def test_any_value_in_any_place_is_accepted_and_round_trips_or_is_a_fault_at_a_place(
    path: tuple[str | int, ...], value: JsonValue
) -> None:
    data = copy.deepcopy(CONTRACT_DATA)
    here = data
    for part in path[:-1]:
        here = here[part]  # type: ignore[index, call-overload]
    here[path[-1]] = value  # type: ignore[index, call-overload]
    reading = rulebook_text._examined(data, Source("r.yaml", ""), [])
    rulebook, faults = reading.rulebook, reading.faults
    if rulebook is None:
        assert any(fault.severity == "fault" and fault.message for fault in faults)
        return
    assert Rulebook.model_validate(json.loads(json.dumps(rulebook.stored()))) == rulebook


# --- what is stored ----------------------------------------------------------------------------------------

IDS = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,8}", fullmatch=True)
TYPES = st.sampled_from(["code_review.given", "course.completed", "talk.presented"])
ONE_OR_MORE = st.one_of(TYPES, st.lists(TYPES, min_size=1, max_size=3, unique=True))
NUMBERS = st.integers(1, 10**6)
PERS = st.sampled_from([per.value for per in Per])
COUNTS = st.fixed_dictionaries({"count": ONE_OR_MORE}, optional={"when": st.just("true")})
SCORES = st.one_of(
    COUNTS,
    st.fixed_dictionaries({"sum": st.just("data.hours"), "event": TYPES}, optional={"scale": st.integers(0, 6)}),
    st.fixed_dictionaries({"distinct": st.just("data.author"), "event": ONE_OR_MORE}),
)
LIMITS = st.dictionaries(st.tuples(PERS, st.sampled_from(["times", "points"])), NUMBERS, max_size=3).map(
    lambda found: [{"per": per, what: most} for (per, what), most in found.items()]
)
RULES = st.fixed_dictionaries(
    {
        "event": ONE_OR_MORE,
        "award": st.one_of(
            st.integers(-(10**6), 10**6), st.just("int(1.0)"), st.fixed_dictionaries({"karma": NUMBERS})
        ),
    },
    optional={
        "limits": LIMITS,
        "until": st.dates().filter(lambda day: day.year >= 1970).map(str),
        "title": st.one_of(st.just("Rule"), st.just({"en": "Rule", "pt-BR": "Regra"})),
    },
)
LEVELS = st.dictionaries(st.from_regex(r"[a-z]{1,6}", fullmatch=True), NUMBERS, min_size=1, max_size=4).filter(
    lambda levels: len(set(levels.values())) == len(levels)
)
BADGES = st.one_of(
    st.fixed_dictionaries({"score": SCORES, "levels": LEVELS}),
    st.fixed_dictionaries({"score": COUNTS, "levels": LEVELS, "valid": st.just("90m")}),
    st.fixed_dictionaries(
        {"streak": st.fixed_dictionaries({"every": st.just("week"), "score": SCORES}), "at": NUMBERS}
    ),
    st.fixed_dictionaries({"tenure": st.just("year"), "at": NUMBERS}),
    st.fixed_dictionaries(
        {"chain": st.dictionaries(st.sampled_from("abc"), st.fixed_dictionaries({"score": SCORES}), min_size=1)}
    ),
    st.fixed_dictionaries({"title": st.just("By hand")}, optional={"secret": st.booleans()}),
)
BOARDS = st.fixed_dictionaries(
    {"score": SCORES},
    optional={"windows": st.lists(st.sampled_from([*WindowKind]).map(str), min_size=1, unique=True)},
)
BOOKS = st.fixed_dictionaries(
    {"apiVersion": st.just("karmalog/v1"), "kind": st.just("Rulebook")},
    optional={
        "late": st.one_of(*(st.integers(1, 600).map(lambda n, unit=unit: f"{n}{unit}") for unit in "dhm")),
        "rules": st.dictionaries(IDS, RULES, max_size=3),
        "boards": st.dictionaries(IDS, BOARDS, max_size=3),
        "badges": st.dictionaries(IDS, BADGES, max_size=3),
        "karma": st.just({"worth": "0.10 EUR", "gifts": {"suggest": [5, 10]}}),
        "calendar": st.just({"timezone": "Asia/Kathmandu", "holidays": ["2026-12-25"], "workdays": ["mon"]}),
    },
)


@given(BOOKS)
@settings(max_examples=60, deadline=None)
def test_a_rulebook_comes_back_from_the_log_as_it_went_in(data: dict[str, JsonValue]) -> None:
    rulebook = book(json.dumps(data))
    stored = json.dumps(rulebook.stored(), sort_keys=True)
    again = Rulebook.model_validate(json.loads(stored))
    assert again == rulebook
    assert json.dumps(again.stored(), sort_keys=True) == stored
    assert [list(badge.levels) for badge in again.badges.values()] == [
        list(rulebook.badges[badge].levels) for badge in again.badges
    ]


def test_a_rulebook_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        book().rules["review"].award.points = 6  # type: ignore[misc]


@pytest.mark.parametrize("name", ["rulebook", "record"])
def test_the_json_schemas_in_the_repository_are_those_of_the_code(name: str) -> None:
    text = (generate.FOLDER / f"{name}.json").read_text(encoding="utf-8")
    assert text == generate.written(generate.documents()[name]), "run python -m schemas.generate"


def test_an_editor_with_the_json_schema_accepts_the_contract_and_marks_a_wrong_word() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    editor = jsonschema.Draft202012Validator(generate.documents()["rulebook"])
    data = load(CONTRACT, "r")[0]
    assert list(editor.iter_errors(data)) == []
    assert list(editor.iter_errors(load(CONTRACT.replace("award: 5,", "awrad: 5,"), "r")[0]))


def test_every_field_has_a_description_that_an_editor_shows() -> None:
    schema = generate.documents()["rulebook"]
    sections = {"Rulebook": schema, **schema["$defs"]}
    fields = {
        f"{name}.{field}": said
        for name, section in sections.items()
        for field, said in section.get("properties", {}).items()
    }
    assert len(fields) > 100
    assert [name for name, said in fields.items() if not said.get("description", "").endswith((".", "…"))] == []


def test_a_line_that_tells_an_editor_where_the_schema_is_is_no_field() -> None:
    assert book("$schema: rulebook.schema.json\n" + SMALL) == book()


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("awrad", ["award", "event"], "award"),
        ("berlin", ["Europe/Berlin"], "Europe/Berlin"),
        ("zzz", ["a"], None),
    ],
)
def test_the_nearest_word_is_offered_only_where_one_is_near(word: str, known: list[str], meant: str | None) -> None:
    assert nearest(word, known) == meant
