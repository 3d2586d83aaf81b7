"""Expressions: their faults read like help, their runs never raise, and no short cut changes an answer."""

from collections.abc import Mapping
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from engine.expression_check import check
from engine.expression_cost import STEPS_MAX, WORK_MAX, cost_of
from engine.expression_forms import Both, Is
from engine.expression_run import ABSENT, Program
from engine.expression_tree import write
from engine.expression_types import Expected
from engine.expressions import CEL_VERSION, Expression, ExpressionFault, Failed, Value, compile_expression
from schemas.words import Instant

SCHEMA: Mapping[str, JsonValue] = {
    "type": "object",
    "required": ["author", "reviewer", "lines", "hours", "tags", "parts", "done"],
    "properties": {
        "author": {"type": "string"},
        "reviewer": {"type": "string"},
        "topic": {"type": "string"},
        "lines": {"type": "integer"},
        "files": {"type": "integer"},
        "hours": {"type": "number"},
        "extra": {"type": "number"},
        "done": {"type": "boolean"},
        "paid": {"type": "boolean"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "place": {
            "type": "object",
            "required": ["city"],
            "properties": {"city": {"type": "string"}, "zip": {"type": "string"}},
        },
        "parts": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["n"],
                "properties": {"n": {"type": "integer"}, "mark": {"type": "number"}},
            },
        },
        "free": {"type": "object"},
        "any": {},
    },
}
DATA: Mapping[str, JsonValue] = {
    "author": "ada",
    "reviewer": "bob",
    "lines": 3,
    "hours": 2.5,
    "done": True,
    "tags": ["a", "b"],
    "parts": [{"n": 1}, {"n": 2, "mark": 3}],
}
BROKEN = "`{}` holds a character that no text may (U+0000, or half of one)"
NOON = Instant(1_717_156_800_000)  # 2024-05-31T12:00:00Z


def run(text: str, data: Mapping[str, JsonValue] = DATA, expected: Expected = "value") -> object:
    return compile_expression(text, SCHEMA, expected)(data, "ada", NOON)


def fault(text: str, expected: Expected = "value") -> ExpressionFault:
    with pytest.raises(ExpressionFault) as caught:
        compile_expression(text, SCHEMA, expected)
    return caught.value


FAULTS: list[tuple[str, Expected, int, str]] = [
    # what is no CEL
    ("", "bool", 1, "it is empty"),
    ("data.lines >", "bool", 13, "it ends too early: something is missing"),
    ("(data.lines", "int", 12, "it ends too early: `)` is missing"),
    ("data.done ? 1", "int", 14, "it ends too early: `:` is missing"),
    ("data.author == 'ada", "bool", 16, "a text that begins with ' does not end with it"),
    ("data.author = 'ada'", "bool", 13, "CEL has no `=`: write `==`"),
    ("data.lines => 3", "bool", 12, "CEL has no `=>`: write `>=`"),
    ("data.lines <> 3", "bool", 12, "CEL has no `<>`: write `!=`"),
    ("data.done and true", "bool", 11, "CEL has no `and`: write `&&`"),
    ("data.done or true", "bool", 11, "CEL has no `or`: write `||`"),
    ("not data.done", "bool", 1, "CEL has no `not`: write `!`"),
    ("if data.done", "bool", 1, "CEL has no `if`: write `condition ? value : other`"),
    ("data.author == “ada”", "bool", 16, 'CEL has no `“`: write `"`'),
    ("data.lines 3", "int", 12, "`3` cannot stand here"),
    ("'é' ==\n  data.author =", "bool", 22, "CEL has no `=`: write `==`"),
    # names
    ("data.autor", "text", 6, "there is no field `autor`: did you mean `author`?"),
    ("has(data.topik)", "bool", 5, "there is no field `topik`: did you mean `topic`?"),
    ("data.parts.exists(p, p.m > 1)", "bool", 24, "there is no field `m`: there is `mark`, `n`"),
    ("author == subject", "bool", 1, "`author` is a field of the event's data: write `data.author`"),
    ("1 + linse", "int", 5, "there is no `linse`: did you mean `data.lines`?"),
    ("subjct", "text", 1, "there is no `subjct`: did you mean `subject`?"),
    (
        "data.author == bob",
        "bool",
        16,
        'there is no `bob`: there are `data`, `subject` and `time`; a text is written `"bob"`',
    ),
    ("len(data.tags)", "int", 4, "there is no function `len`: did you mean `size`?"),
    (
        "data.author.startWith('a')",
        "bool",
        22,
        "there is no function `startWith`: did you mean `startsWith`?",
    ),
    ("data.author.city", "text", 13, "a text has no fields"),
    # types
    (
        "5 * data.hours",
        "number",
        3,
        (
            "`*` does not mix a whole number and a number: "
            "write `5.0 * data.hours`, or `5 * int(data.hours)` to cut off the fraction"
        ),
    ),
    (
        "(data.lines + 1) / data.hours",
        "number",
        18,
        (
            "`/` does not mix a whole number and a number: "
            "write `double(data.lines + 1) / data.hours`, "
            "or `(data.lines + 1) / int(data.hours)` to cut off the fraction"
        ),
    ),
    ("data.hours % 2.0", "number", 12, "`%` takes two whole numbers, not a number and a number"),
    (
        "data.author + data.lines",
        "text",
        13,
        "`+` does not join a text and a whole number: write `data.author + string(data.lines)`",
    ),
    ("data.author > 3", "bool", 13, "a text and a whole number cannot be compared by `>`"),
    (
        "time > '2024-01-01'",
        "bool",
        6,
        'a time and a text cannot be compared by `>`: write `timestamp("2026-01-31T00:00:00Z")`',
    ),
    (
        "data.done && data.lines",
        "bool",
        11,
        "`&&` takes truth values, not a whole number: compare it first, as in `data.lines > 0`",
    ),
    (
        "!data.author",
        "bool",
        1,
        '`!` takes truth values, not a text: compare it first, as in `data.author != ""`',
    ),
    (
        "has(data.extra) ? data.extra : 0",
        "number",
        17,
        "`? :` gives a number in one case and a whole number in the other: write `0.0`",
    ),
    (
        "data.lines in data.tags",
        "bool",
        12,
        (
            "`in` looks for a value in a list of such values, or for a key in an object, "
            "not for a whole number in a list"
        ),
    ),
    (
        "data.lines.exists(x, x > 1)",
        "bool",
        5,
        "only a list or an object can be gone through, not a whole number",
    ),
    # results
    (
        "data.lines",
        "bool",
        1,
        "it gives a whole number where a truth value is needed: compare it, as in `data.lines > 0`",
    ),
    ("data.hours", "int", 1, "it gives a number where a whole number is needed: write `int(data.hours)`"),
    ("data.tags", "int", 1, "it gives a list where a whole number is needed: write `size(data.tags)`"),
    ("data.lines", "text", 1, "it gives a whole number where a member id is needed: write `string(data.lines)`"),
    (
        "data.tags",
        "value",
        1,
        "it gives a list where a text, a number or a truth value is needed: name such a field",
    ),
    ("time", "value", 1, "it gives a time where a text, a number or a truth value is needed: name such a field"),
    # what may be absent
    (
        "data.extra > 1",
        "bool",
        6,
        ("`data.extra` may be absent (the schema does not require it): write `has(data.extra) && data.extra > 1`"),
    ),
    (
        "data.files + 1",
        "int",
        6,
        ("`data.files` may be absent (the schema does not require it): write `has(data.files) ? data.files + 1 : 0`"),
    ),
    (
        "data.extra > 1 || data.paid",
        "bool",
        6,
        (
            "`data.extra`, `data.paid` may be absent (the schema does not require them): "
            "write `has(data.extra) && has(data.paid) && (data.extra > 1 || data.paid)`"
        ),
    ),
    (
        'has(data.place) && data.place.zip == "1"',
        "bool",
        31,
        (
            "`data.place.zip` may be absent (the schema does not require it): "
            'write `has(data.place) && has(data.place.zip) && data.place.zip == "1"`'
        ),
    ),
    (
        "data.parts.exists(p, p.mark > 1)",
        "bool",
        24,
        ("`p.mark` may be absent (the schema does not require it): ask `has(p.mark) &&` before it, inside the loop"),
    ),
    # what is not allowed
    (
        "data.tags.all(data, true)",
        "bool",
        14,
        "`data` is taken: give the loop's variable another name",
    ),
    (
        "data.author.matches(data.reviewer)",
        "bool",
        20,
        "the pattern of `matches` must be a text written out here",
    ),
    (
        "time.getHours('Europe/Berlin') > 8",
        "bool",
        14,
        (
            "`getHours` takes no named time zone, which would be the machine's: "
            'write a fixed offset such as `"+01:00"`, or nothing for UTC'
        ),
    ),
    (
        "activity.data{lines: 1}.lines",
        "int",
        1,
        "`activity.data` cannot be made here: there are only the values of JSON",
    ),
    ("'\ud800'", "text", 2, "it holds a character that no text may (U+0000, or half of one)"),
    ("'\0'", "text", 2, "it holds a character that no text may (U+0000, or half of one)"),
]


@pytest.mark.parametrize(("text", "expected", "column", "message"), FAULTS)
def test_a_fault_says_what_is_wrong_where_and_what_to_write(
    text: str, expected: Expected, column: int, message: str
) -> None:
    found = fault(text, expected)
    assert (found.column, found.message) == (column, message)


@pytest.mark.parametrize(
    ("text", "expected"), [case[:2] for case in FAULTS if "write `has(" in case[3] or "where a" in case[3]]
)
def test_what_a_fault_says_to_write_has_no_fault(text: str, expected: Expected) -> None:
    message = fault(text, expected).message
    _, is_offered, offer = message.rpartition("write `" if "write `" in message else "as in `")
    if is_offered:
        compile_expression(offer.removesuffix("`"), SCHEMA, expected)


def test_data_alone_names_the_fields_there_are() -> None:
    assert "`author`" in fault("data == data").message


@pytest.mark.parametrize(
    "text",
    [
        "has(data.extra) && data.extra > 1",
        "!has(data.extra) || data.extra > 1",
        "!(!has(data.extra)) && data.extra > 1",
        "!(has(data.extra) && has(data.paid)) || data.paid && data.extra > 1",
        "(has(data.extra) && has(data.paid) || has(data.extra) && data.done) && data.extra > 1",
        "(has(data.extra) ? data.extra : 0.0) > 1",
        "(!has(data.extra) ? 0.0 : data.extra) > 1",
        "(has(data.extra) ? data.done : false) ? true : data.done",
        "(data.done ? has(data.extra) : has(data.extra) && data.done) && data.extra > 1",
        "has(data.place) && (data.place.city == 'x' || has(data.place.zip) && data.place.zip == 'y')",
        "data.parts.all(p, !has(p.mark) || p.mark > 1)",
        "data.parts.filter(p, has(p.mark) && p.mark > 1).size() == 1",
        "has(data.extra) && data.parts.all(p, p.n > 0 && data.extra > 1)",
        "has(data.parts[0].mark) && data.parts[0].mark > 1",
        "has(data.free) && has(data.free.x) && data.free.x == 1",
    ],
)
def test_a_guarded_read_of_an_optional_field_is_no_fault(text: str) -> None:
    assert not isinstance(run(text), Failed)


@pytest.mark.parametrize(
    "text",
    [
        "has(data.extra) || data.extra > 1",
        "!has(data.extra) && data.extra > 1",
        "data.extra > 1 && has(data.extra)",
        "has(data.paid) && data.extra > 1",
        "(has(data.extra) || data.done) && data.extra > 1",
        "(has(data.extra) ? 0.0 : data.extra) > 1",
        "(data.done ? has(data.extra) : data.done) && data.extra > 1",
        "has(data.place.zip)",
        "data.parts.exists(p, has(p.mark)) && data.parts.exists(p, p.mark > 1)",
        "data.parts.all(p, has(p.mark) && data.parts.all(p, p.mark > 1))",
        "has(data.parts[0].mark) && data.parts[1].mark > 1",
        "has(data.parts.filter(p, p.n > 1)[0].mark) && data.parts.filter(p, p.n > 9)[0].mark > 1",
        "has(data.free) && data.free.x == 1",
    ],
)
def test_an_unguarded_read_of_an_optional_field_is_a_fault(text: str) -> None:
    assert "may be absent" in fault(text).message


LEAVES = st.sampled_from(
    ["has(data.extra)", "has(data.paid)", "!has(data.extra)", "data.done", "(data.extra > 1)", "data.paid"]
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds("({} && {})".format, inner, inner),
        st.builds("({} || {})".format, inner, inner),
        st.builds("({} ? {} : {})".format, inner, inner, inner),
        st.builds("!{}".format, inner),
        st.builds("(has(data.extra) && {})".format, inner),
        st.builds("(!has(data.paid) || {})".format, inner),
    ),
    max_leaves=6,
)


@given(text=CONDITIONS)
def test_what_has_no_fault_never_misses_a_field_and_its_sides_say_what_the_whole_says(text: str) -> None:
    try:
        expression = compile_expression(text, SCHEMA, "bool")
    except ExpressionFault:
        return  # two of three have one
    for extra, paid in product(({}, {"extra": 2}), ({}, {"paid": True}, {"paid": False})):
        for done in (True, False):
            data = {"done": done, **extra, **paid}
            found = expression(data, "ada", NOON)
            assert isinstance(found, bool)
            assert found is Expression.__call__(expression, data, "ada", NOON)


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        (
            "has(data.extra) && data.extra > 1 && data.author != subject",
            ["has(data.extra) && data.extra > 1", "data.author != subject"],
        ),
        (
            "data.done && (data.lines > 1 || data.author == 'ada')",
            ["data.done", "(data.lines > 1 || data.author == 'ada')"],
        ),
        ("data.author != 'a && b' && data.done", ["data.author != 'a && b'", "data.done"]),
        ("(data.done && data.lines > 1)", []),
        ("data.lines > 1 && data.lines < 9", []),
        ("data.done || data.author == 'ada' && data.lines > 1", []),
    ],
)
def test_sides_that_read_different_things_are_asked_by_themselves(text: str, sides: list[str]) -> None:
    found = compile_expression(text, SCHEMA, "bool")
    assert [side.text.strip() for side in (found.sides if isinstance(found, Both) else [])] == sides


@pytest.mark.parametrize("text", ["data.author == 'ada'", "data.author != 'ada'", "data.author != 'a\\nb'"])
@pytest.mark.parametrize("author", ["ada", "bob", "a\nb", "a\0b", 1])
def test_a_text_is_compared_as_cel_compares_it(text: str, author: JsonValue) -> None:
    found = compile_expression(text, SCHEMA, "bool")
    assert isinstance(found, Is)
    assert found({"author": author}, "ada", NOON) == Expression.__call__(found, {"author": author}, "ada", NOON)


def test_a_side_that_fails_leaves_the_answer_to_the_whole() -> None:
    both = compile_expression("data.lines / (data.lines - 3) > 0 && data.done", SCHEMA, "bool")
    assert isinstance(both, Both)
    assert both({**DATA, "lines": 3, "done": False}, "ada", NOON) is False
    assert both({**DATA, "lines": 3, "done": True}, "ada", NOON) == Failed("divide by zero")


def test_an_optional_field_alone_gives_none_where_it_is_absent_if_that_is_asked_for() -> None:
    topic = compile_expression("data.topic", SCHEMA, "value", none_if_absent=True)
    assert topic({}, "ada", NOON) is None
    assert topic({"topic": "x"}, "ada", NOON) == "x"
    with pytest.raises(ExpressionFault):
        compile_expression("data.topic + data.topic", SCHEMA, "value", none_if_absent=True)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("data.author", "ada"),
        ("data.author == subject", True),
        ("data.author != data.reviewer", True),
        ("data.hours > 2 && 2 < data.hours && data.hours != 2 && 2.5 == data.hours", True),
        ("int(data.hours) * 2", 4),
        ("data.lines / 2", 1),
        ("double(data.lines) / 2.0", 1.5),
        ("size(data.tags) + size('äö')", 4),
        ("time.getHours()", 12),
        ("time.getHours('+02:00')", 14),
        ('time < timestamp("2024-06-01T00:00:00Z")', True),
        ("data.parts.exists(p, has(p.mark) && p.mark * 2.0 > 5.0)", True),
        ("data.author.matches('^[a-d]+$')", True),
    ],
)
def test_an_expression_gives_what_it_says(text: str, value: object) -> None:
    found = run(text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "expected", "data", "detail"),
    [
        ("data.lines + 9223372036854775807", "int", DATA, "integer overflow"),
        ("data.lines + 9007199254740992", "int", DATA, "it gave 9007199254740995, which is not within ±2^53"),
        ("data.hours / 0.0", "number", DATA, "it gave inf, which is no finite number"),
        ("data.tags[7]", "text", DATA, "Index error: index=7 size=2"),
        ("data.lines / 0", "int", DATA, "divide by zero"),
        ("data.author", "text", {}, 'there is no "author"'),
        ("data.author", "text", {"author": 1}, "`data.author` is not a text, as its schema says"),
        (
            "data.lines",
            "int",
            {"lines": True},
            "`data.lines` is not a whole number within ±2^53, as its schema says",
        ),
        (
            "data.lines",
            "int",
            {"lines": 2**53 + 1},
            "`data.lines` is not a whole number within ±2^53, as its schema says",
        ),
        ("data.hours", "number", {"hours": True}, "`data.hours` is not a finite number, as its schema says"),
        (
            "data.hours",
            "number",
            {"hours": 10**400},
            "`data.hours` is not a finite number, as its schema says",
        ),
        ("data.done", "bool", {"done": 1}, "`data.done` is not a truth value, as its schema says"),
        ("size(data.tags)", "int", {"tags": ["a", 1]}, "`data.tags[]` is not a text, as its schema says"),
        ("dyn(data.lines)", "bool", DATA, "it gave a whole number, not a truth value"),
        (
            "[1, 'a', null][2]",
            "value",
            DATA,
            "it gave null, not a text or a whole number or a number or a truth value",
        ),
        ("data.author", "text", {"author": "\ud800"}, BROKEN.format("data.author")),
        ("data.author + 'x'", "text", {"author": "a\0b"}, BROKEN.format("data.author")),
        ("has(data.free) && has(data.free.x)", "bool", {"free": {"x\0y": 1}}, BROKEN.format("data.free")),
        ("has(data.any) && data.any == [1]", "bool", {"any": ["\0"]}, BROKEN.format("data.any")),
        ("has(data.any) && data.any == 1", "bool", {"any": 2**70}, None),
    ],
)
def test_a_run_that_cannot_give_what_is_expected_fails_and_says_why(
    text: str, expected: Expected, data: Mapping[str, JsonValue], detail: str | None
) -> None:
    found = run(text, data, expected)
    assert isinstance(found, Failed)
    assert detail is None or found.detail == detail


def test_a_time_outside_of_the_calendar_fails() -> None:
    late = compile_expression("time.getHours()", SCHEMA, "int")(DATA, "ada", Instant(10**15))
    assert isinstance(late, Failed)


def test_a_number_is_a_double_and_an_integer_is_whole_whatever_json_said() -> None:
    assert run("data.hours * 0.5", {"hours": 3}) == 1.5
    assert repr(run("data.hours", {"hours": 3})) == "3.0"
    assert repr(run("data.lines", {"lines": 3.0})) == "3"
    assert repr(run("data.hours", {"hours": -0.0})) == "0.0"
    assert repr(run("data.hours * 1.0", {"hours": -0.0})) == "0.0"


def test_only_the_fields_that_are_read_are_looked_at() -> None:
    assert run("data.lines > 1", {"lines": 2, "author": 7, "hours": "\ud800"}) is True


# --- bounds


def test_a_text_that_is_too_long_or_too_nested_is_a_fault() -> None:
    assert "4096" in fault("true" + " && true" * 600).message
    assert "nested too deeply" in fault("(" * 60 + "1" + ")" * 60).message
    assert "nested too deeply" in fault("1" + " + 1" * 60).message
    assert "3 loops" in fault("data.tags.all(a, data.tags.all(b, data.tags.all(c, a + b != c)))").message


def test_loops_one_after_another_are_not_inside_one_another() -> None:
    assert run("data.tags.filter(a, a > 'a').filter(a, a > 'a').map(a, a + a).filter(a, a > '').size()") == 1


@pytest.mark.parametrize(
    "text",
    [
        f"[{', '.join(['1'] * 700)}].all(a, [{', '.join(['1'] * 600)}].all(b, true))",
        "data.tags.all(a, " + " && ".join(["!a.matches('(x+x+)+y')"] * 100) + ")",
        "data.author.matches('(x{1000}){1000}')",
        " || ".join(["data.author.matches('(a?){1000}b')"] * 60),
    ],
)
def test_what_costs_too_much_whatever_it_reads_is_a_fault(text: str) -> None:
    assert "costs too much" in fault(text, "bool").message


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("data.tags.all(a, data.tags.all(b, a + b != 'q'))", [f"x{i}" for i in range(10_000)]),
        ("data.tags.all(a, data.tags.all(b, a in data.tags))", [f"x{i}" for i in range(1000)]),
        ("data.tags.all(a, !a.matches('(x+x+)+y'))", ["x" * 60_000] * 3),
    ],
)
def test_a_bomb_fails_before_it_is_begun(text: str, tags: list[JsonValue]) -> None:
    checked = check(text, SCHEMA, "bool")
    assert cost_of(checked.tree.root).work([tags]) > WORK_MAX
    assert run(text, {"tags": tags}, "bool") == Failed("it would have to go through too much data")


def test_the_budget_of_steps_is_kept_where_the_work_is_small() -> None:
    found = run("data.tags.all(a, data.tags.all(b, true))", {"tags": [""] * 120}, "bool")
    assert found == Failed(f"its loops would take more than {STEPS_MAX} steps")


# --- short cuts: forms without CEL, and what is remembered

TEXTS = st.sampled_from(["ada", "bob", "", "é", "ada\0", "\ud800"]) | st.text(max_size=5)
SCALARS = (
    st.none()
    | st.booleans()
    | st.sampled_from([0, 1, 1.0, 0.0, -0.0, 2**53, 2**53 + 1, 2.0**60, 1e300, "1", "true"])
    | st.integers()
    | st.floats()
    | TEXTS
)
ANYTHING = SCALARS | st.lists(SCALARS, max_size=2)
EVENTS = st.fixed_dictionaries(
    {},
    optional={
        "author": ANYTHING,
        "reviewer": ANYTHING,
        "lines": ANYTHING,
        "hours": ANYTHING,
        "done": ANYTHING,
    },
)
SHORT: list[tuple[str, Expected]] = [
    ("data.author", "text"),
    ("data.lines", "int"),
    ("data.lines", "number"),
    ("data.hours", "number"),
    ("data.done", "bool"),
    ("subject", "text"),
    ("data.author == subject", "bool"),
    ("data.author != subject", "bool"),
    ("data.author != data.reviewer", "bool"),
]
LONG: list[tuple[str, Expected]] = [
    ("data.lines > 0 ? data.lines : -1", "int"),
    ("data.hours / 2.0", "number"),
    ("1.0 / data.hours", "number"),
    ("data.done == true", "bool"),
    ("data.author + '!'", "text"),
    ("string(data.lines) + string(data.hours) + subject", "text"),
    ("data.author == data.reviewer || data.lines > data.hours", "bool"),
    ("has(data.any) ? string(data.any) : 'none'", "text"),
    ("has(data.any) && data.any == 1 && data.any != true ? 1.0 : 2.0", "number"),
]


FORMS = {text: compile_expression(text, SCHEMA, expected, remembers=100) for text, expected in SHORT + LONG}
PROGRAMS = {text: Program(text, check(text, SCHEMA, expected), SCHEMA, expected) for text, expected in SHORT + LONG}


def by_cel(text: str, data: Mapping[str, JsonValue], subject: str) -> Value | Failed:
    """What CEL itself gives, with nothing remembered."""
    program = PROGRAMS[text]
    return program(tuple(data.get(name, ABSENT) for name in program.fields), subject, NOON)


@pytest.mark.parametrize(("text", "expected"), SHORT)
def test_the_simplest_forms_are_answered_without_cel(text: str, expected: Expected) -> None:
    form = compile_expression(text, SCHEMA, expected)
    form._program = None  # type: ignore[assignment]
    assert type(form) is not Expression
    assert not isinstance(form(DATA, "ada", NOON), Failed)


@given(data=EVENTS, subject=TEXTS)
def test_a_form_answered_without_cel_gives_what_cel_gives(data: dict[str, JsonValue], subject: str) -> None:
    for text, _ in SHORT:
        assert repr(FORMS[text](data, subject, NOON)) == repr(by_cel(text, data, subject)), text


@given(changes=st.lists(st.tuples(st.sampled_from(["any", "lines", "hours", "done", "author"]), SCALARS), min_size=2))
def test_what_is_remembered_is_what_would_be_worked_out(changes: list[tuple[str, JsonValue]]) -> None:
    data = dict(DATA)
    for field, value in [*changes, *changes]:
        data[field] = value
        for text, _ in LONG:
            assert repr(FORMS[text](data, "s", NOON)) == repr(by_cel(text, data, "s")), (text, data)


@pytest.mark.parametrize("order", [(1, True, 1.0, "1"), ("1", 1.0, True, 1)])
def test_equal_values_of_other_classes_are_not_mixed_up(order: tuple[JsonValue, ...]) -> None:
    kind = compile_expression("has(data.any) ? string(data.any) : ''", SCHEMA, "text")
    found = {repr(value): kind({"any": value}, "s", NOON) for value in order * 2}
    assert found == {"1": "1", "True": "true", "1.0": "1", "'1'": "1"}
    truth = compile_expression("data.done == true", SCHEMA, "bool")
    assert [truth({"done": value}, "s", NOON) is True for value in order] == [value is True for value in order]


def test_no_more_is_remembered_than_was_asked_for() -> None:
    bounded = compile_expression("data.lines + 1", SCHEMA, "int", remembers=10)
    for lines in range(100):
        assert bounded({"lines": lines}, "s", NOON) == lines + 1
        assert len(bounded._memo) <= 10
    text = compile_expression("size(data.author)", SCHEMA, "int")
    assert text({"author": "x" * 10_000}, "s", NOON) == 10_000
    assert not text._memo


def test_subject_and_time_are_remembered_only_where_they_are_read() -> None:
    lines = compile_expression("data.lines + 1", SCHEMA, "int")
    mine = compile_expression("data.author + subject", SCHEMA, "text")
    hour = compile_expression("time.getHours() + data.lines", SCHEMA, "int")
    for subject, at in (("a", 0), ("b", 3_600_000)):
        for expression in (lines, mine, hour):
            expression(DATA, subject, Instant(at))
    assert [len(expression._memo) for expression in (lines, mine, hour)] == [1, 2, 2]
    assert hour(DATA, "a", Instant(3_600_000)) == 4
    assert mine(DATA, "b", NOON) == "adab"


# --- the tree

SOURCES = [
    "data.lines + data.lines * 2 - -3",
    "(data.lines + 1) * 2 % 3",
    "!data.done && (data.done || data.lines > 1) ? 1 : data.done ? 2 : 3",
    '(data.done ? data.done : false) ? \'a\\n"\' : "b\\\\"',
    "has(data.place) && data.place.city in ['a', 'b'] && 'k' in {'k': 1.5}",
    "data.tags[0].startsWith('a') && size(data.tags) == 2 && 3u == uint(3) && data.lines - (1 - 2) == 1",
]


@pytest.mark.parametrize("text", SOURCES)
def test_a_tree_written_as_text_means_what_its_source_means(text: str) -> None:
    tree = check(text, SCHEMA, "value").tree
    again = check(write(tree.root), SCHEMA, "value").tree
    assert write(again.root) == write(tree.root)
    assert run(write(tree.root)) == run(text)


def test_the_expressions_of_the_contract_have_no_fault() -> None:
    """Those of the published rulebook that read a required or a guarded field."""
    schema: Mapping[str, JsonValue] = {
        "type": "object",
        "required": ["mentor", "mentee", "topic"],
        "properties": {
            "mentor": {"type": "string"},
            "mentee": {"type": "string"},
            "topic": {"type": "string"},
            "hours": {"type": "number"},
        },
    }
    award = compile_expression("has(data.hours) && data.hours < 8 ? 10 + 5 * int(data.hours) : 10", schema, "int")
    assert [award(data, "ada", NOON) for data in ({}, {"hours": 1.5}, {"hours": 8})] == [10, 15, 10]
    when = compile_expression("size(data.topic) > 0", schema, "bool")
    assert [when({"topic": topic}, "ada", NOON) for topic in ("", "x")] == [False, True]
    counts = compile_expression("data.mentor != data.mentee", schema, "bool")
    assert [counts({"mentor": "ada", "mentee": name}, "", NOON) for name in ("ada", "bob")] == [False, True]


def test_the_version_of_cel_is_known() -> None:
    assert CEL_VERSION[0].isdigit()
