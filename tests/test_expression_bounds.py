"""Between which numbers an expression lies: a table of what is recognised, and that the truth is always inside."""

from math import inf

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from engine.expression_bounds import range_of
from engine.expression_hours import hours_at
from engine.expressions import ExpressionFault, Failed, compile_expression
from engine.rulebook_expressions import tree_of
from schemas.words import Instant
from tests.conftest import LONG

SCHEMA: dict[str, JsonValue] = {
    "type": "object",
    "required": ["n", "m", "x", "t", "l", "k"],
    "properties": {
        "n": {"type": "integer"},
        "m": {"type": "integer", "minimum": 0, "maximum": 1_440},
        "x": {"type": "number", "minimum": 0},
        "t": {"type": "string", "maxLength": 40},
        "l": {"type": "array", "items": {"type": "integer", "minimum": -3, "maximum": 7}, "minItems": 1, "maxItems": 9},
        "k": {"type": "integer", "enum": [1, 2, 5]},
        "big": {"type": "integer", "minimum": 0, "maximum": 100_000},
    },
}


def bounds(text: str, ceiling: float = inf) -> tuple[float, float]:
    tree = tree_of(text)
    assert tree is not None
    return range_of(tree.root, SCHEMA, ceiling=ceiling)[:2]


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("5", 5, 5),
        ("-5", -5, -5),
        ("data.n", -inf, inf),
        ("data.m", 0, 1_440),
        ("data.m * 2 - 3", -3, 2_877),
        ("data.m / 10", 0, 144),
        ("data.n % 7", -6, 6),
        ("-data.m", -1_440, 0),
        ("int(data.x)", 0, inf),
        ("data.k", 1, 5),
        ("data.l[0]", -3, 7),
        ("size(data.l)", 1, 9),
        ("size(data.t) + 1", 1, 41),
        ("size(data.l.filter(x, x > 2))", 0, 9),
        ("size(subject)", 1, 256),
        ("[3, 9, -1][data.k]", -1, 9),
        ("{'a': 3, 'b': 4}[data.t]", 3, 4),
        ("time.getDayOfWeek()", 0, 6),
        ("data.n < 8 ? data.n : 8", -inf, 8),
        ("data.n > 8 ? 8 : data.n", -inf, 8),
        ("data.n > 0 && data.n < 8 ? data.n : 0", 0, 7),
        ("data.n < 0 || data.n > 8 ? 0 : data.n", 0, 8),
        ("!(data.n > 8) && !(data.n < 3) ? data.n : 3", 3, 8),
        ("data.n == 4 ? data.n : 1", 1, 4),
        ("data.n != 4 ? 1 : data.n", 1, 4),
        ("8 >= data.n ? data.n : 8", -inf, 8),
        ("int(data.x) < 8 ? int(data.x) : 8", 0, 8),
        ("data.x < 8 ? int(data.x) : 8", 0, 8),
        ("data.x < 8 ? 10 + 5 * int(data.x) : 10", 10, 45),
        ("data.n < data.m ? data.n : data.m", -inf, 1_440),
        ("2 * data.n < 100 ? 2 * data.n : 100", -inf, 100),
        ("data.l.map(x, x)[0] < 5 ? data.l.map(x, x + 100)[0] : 5", -inf, inf),
        ("size(data.l) < 3 ? data.n : 3", -inf, inf),
        ("data.n / data.m", -inf, inf),
        ("data.m / data.n", -1_440, 1_440),
        ("data.m > 2000 ? data.n : 1", -inf, inf),
    ],
)
def test_a_range_is_as_narrow_as_its_tree_tells(text: str, low: float, high: float) -> None:
    assert bounds(text) == (low, high)


def test_a_maximum_above_the_ceiling_is_none() -> None:
    assert bounds("data.big") == (0, 100_000)
    assert bounds("data.big", ceiling=10_000) == (0, inf)
    assert bounds("data.m", ceiling=10_000) == (0, 1_440)
    assert bounds("data.big < 50 ? data.big : 50", ceiling=10_000) == (0, 50)


LEAVES = ["data.n", "data.m", "data.k", "data.l[0]", "int(data.x)", "size(data.t)", "size(data.l)", "3", "-2", "7"]
SIGNS = ["<", "<=", ">", ">=", "==", "!="]


def _deeper(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    compared = st.tuples(inner, st.sampled_from(SIGNS), inner).map(lambda parts: f"({' '.join(parts)})")
    several = st.tuples(compared, st.sampled_from(["&&", "||"]), compared).map(lambda parts: f"({' '.join(parts)})")
    conditions = st.one_of(compared, several, st.one_of(compared, several).map(lambda text: f"!{text}"))
    return st.one_of(
        st.tuples(inner, st.sampled_from("+-*/%"), inner).map(lambda parts: f"({' '.join(parts)})"),
        st.tuples(conditions, inner, inner).map(lambda parts: "({} ? {} : {})".format(*parts)),
        inner.map(lambda text: f"-({text})"),
    )


EXPRESSIONS = st.recursive(st.sampled_from(LEAVES), _deeper, max_leaves=8)
DATA = st.fixed_dictionaries(
    {
        "n": st.integers(-20, 20),
        "m": st.integers(0, 20) | st.just(1_440),
        "x": st.floats(0, 20, width=32),
        "t": st.text("ab", max_size=9),
        "l": st.lists(st.integers(-3, 7), min_size=1, max_size=9),
        "k": st.sampled_from([1, 2, 5]),
    }
)


@given(EXPRESSIONS, st.lists(DATA, min_size=5, max_size=20))
@settings(max_examples=2_000 if LONG else 150, deadline=None)
def test_what_an_expression_gives_lies_in_its_range(text: str, many: list[dict[str, JsonValue]]) -> None:
    try:
        expression = compile_expression(text, SCHEMA, "int")
    except ExpressionFault:
        assume(condition=False)
        return
    low, high = bounds(text)
    for data in many:
        found = expression(data, "ann", Instant(0))
        assert isinstance(found, Failed) or low <= found <= high, (text, data)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("time.getHours() < 8", 0),
        ("1 < time.getHours('+01:00')", 4),
        ("time.getMinutes() == 0", 0),
        ("time.getMilliseconds() == 0", 0),
        ("time < timestamp('2026-01-01T08:00:00Z')", 0),
        ("time < timestamp(data.t)", 0),
        ("time - timestamp('2026-01-01T00:00:00Z') < duration('9h')", 0),
        ("string(time) < '2026'", 7),
        ("int(time) % 2 == 0", 4),
        ("[time] == []", 1),
        ("time.getDayOfWeek() < 6 && time.getHours() < 8", 27),
        ("time.getDayOfWeek() < 6", None),
        ("time.getFullYear() == 2026 && time.getMonth() == 1 && time.getDate('+02:00') == 3", None),
        ("time >= timestamp('2026-01-01T00:00:00Z')", None),
        ("timestamp('2026-01-01T00:00:00.000+01:00') < time", None),
        ("data.t == 'time'", None),
        ("timestamp(data.t).getHours() == 3", None),
    ],
)
def test_the_time_of_day_is_found_wherever_it_is_looked_at(text: str, at: int | None) -> None:
    tree = tree_of(text)
    assert tree is not None
    assert hours_at(tree) == at
