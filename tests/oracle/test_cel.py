"""The oracle's CEL, against the language definition."""

import math

import pytest
from pydantic import JsonValue

from tests.oracle.cel import CelError, Scope, evaluate
from tests.oracle.integers import is_integer

SCOPE = Scope(
    {
        "subject": "ann",
        "data": {
            "minutes": 90,
            "hours": 1.5,
            "author": "bob",
            "to": ["bob", "cid"],
            "deep": {"x": 1},
            "yes": True,
        },
    },
    {"shout": lambda value: f"{value}!"},
)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("10 - 3 - 2", 5),
        ("7 / 2", 3),
        ("-7 / 2", -3),
        ("-7 % 2", -1),
        ("7.0 / 2.0", 3.5),
        ("1.0 / 0.0", math.inf),
        ('"a" + "b"', "ab"),
        (r'"a\"b"', 'a"b'),
        ("subject", "ann"),
        ("data.author != subject", True),
        ("data.deep.x", 1),
        ('data["author"]', "bob"),
        ("data.to[1]", "cid"),
        ("has(data.hours) && !has(data.score)", True),
        ("size(data.to) + size(subject)", 5),
        ("int(data.hours) * 5", 5),
        ("int(-1.9)", -1),
        ("double(data.minutes) / 60.0", 1.5),
        ('subject in ["ann", "bob"]', True),
        ("subject in data.to", False),
        ("1 == 1.0", True),
        ("1 in [1.0]", True),
        ("true == data.yes", True),
        ('1 == "1"', False),
        ("data.hours < 2", True),
        ("data.minutes >= 90.0", True),
        ('"Z" < "a"', True),
        ("data.hours < 8 ? 10 + 5 * int(data.hours) : 10", 15),
        ("false ? 1 : true ? 2 : 3", 2),
        ("data.absent == 1 || true", True),
        ("true || data.absent == 1", True),
        ("data.absent == 1 && false", False),
        ("true ? 1 : data.absent", 1),
        ("shout(data.author) + shout(1 + 1)", "bob!2!"),
    ],
)
def test_an_expression_has_the_value_that_the_language_gives_it(expression: str, value: JsonValue) -> None:
    given = evaluate(expression, SCOPE)
    assert (type(given), given) == (type(value), value)


@pytest.mark.parametrize(
    "expression",
    [
        "data.absent",
        "data.author.name",
        "data.to[2]",
        "1 / 0",
        "1 % 0",
        "1 + 1.0",
        "5 * data.hours",
        "1.5 % 1.0",
        "9223372036854775807 + 1",
        "int(1e30)",
        'int("1.5")',
        "int(true)",
        "true >= 2",
        '1 < "2"',
        "!1",
        "-subject",
        "1 && true",
        "false || 1",
        "data.absent == 1 || false",
        "data.absent == 1 && true",
        "size(1)",
        "1 ? 2 : 3",
    ],
)
def test_an_expression_without_a_value_is_an_error(expression: str) -> None:
    with pytest.raises(CelError):
        evaluate(expression, SCOPE)


@pytest.mark.parametrize("text", ["1 +", "a = b", "data..x", "f(1)", "1 2", "(1", "has(1)", "#"])
def test_what_the_oracle_cannot_read_stops_the_test_that_uses_it(text: str) -> None:
    with pytest.raises(ValueError):
        evaluate(text, SCOPE)


@pytest.mark.parametrize(
    ("expression", "integer"),
    [
        ("1", True),
        ("1.0", False),
        ("data.minutes", True),
        ("data.hours", False),
        ("data.unknown", False),
        ("data.minutes * 2 - 1", True),
        ("int(data.hours)", True),
        ("size(data.name)", True),
        ("has(data.hours) ? 1 : 2", True),
        ("has(data.hours) ? data.hours : 2.0", False),
    ],
)
def test_integers_are_told_by_their_types(expression: str, integer: bool) -> None:  # noqa: FBT001
    schema: dict[str, JsonValue] = {"properties": {"minutes": {"type": "integer"}, "hours": {"type": "number"}}}
    assert is_integer(expression, [schema]) is integer
    assert not is_integer(expression, [schema, {}]) or "minutes" not in expression
