"""One run of a checked expression on JSON data: inputs fitted to the schema, bounded work, plain results.

A run never raises: what cannot be worked out is `Failed`, and fails alike for equal inputs.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from math import isfinite
from typing import Final, cast

from cel_expr_python import cel  # pyright: ignore[reportMissingTypeStubs] - they lie beside it
from pydantic import JsonValue

from engine.expression_check import Checked
from engine.expression_cost import STEPS_MAX, WORK_MAX
from engine.expression_faults import word_of
from engine.expression_types import BROKEN, RESULTS, Expected, Schema, program_of, properties_of
from engine.surroundings import FOCUS, NOW, NOWHERE, Surroundings
from schemas.words import Instant

Value = bool | int | float | str | list["Value"] | dict[str, "Value"] | None

INTEGER_MAX: Final = 2**53
"""The greatest size of a whole number that every reader of JSON holds exactly."""
_BROKEN: Final = "holds a character that no text may (U+0000, or half of one)"
_DOUBLE_MAX: Final = sys.float_info.max
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Failed:
    """Why an expression has no value for this event."""

    detail: str


class Absent:
    """The class of `ABSENT`."""


ABSENT: Final = Absent()
"""Stands for a field that the data do not have."""

Input = JsonValue | Absent


class _Unfit(Exception):
    """A value is not what its schema says."""


class Program:
    """CEL's program for an expression, with what it reads."""

    __slots__ = (
        "_cost",
        "_expected",
        "_fits",
        "_loops",
        "_nodes",
        "_program",
        "around",
        "fields",
        "reads_focus",
        "reads_groups",
        "reads_subject",
        "reads_time",
    )

    def __init__(
        self, text: str, checked: Checked, schema: Schema, expected: Expected, around: Surroundings = NOWHERE
    ) -> None:
        nodes = list(checked.tree.root.walk())
        names = {node.name for node in nodes if node.kind == "name"}
        selects = (node for node in nodes if node.kind in {"select", "has"} and node.parts[0].kind == "name")
        shapes = properties_of(schema)
        self.fields = tuple(sorted({node.name for node in selects if node.parts[0].name == "data"}))
        self.reads_subject = "subject" in names
        self.reads_time = "time" in names
        calls = [node for node in nodes if node.kind == "call"]
        kinds = {kind for kind, _ in around.kinds}
        asks = [node for node in calls if node.name in kinds]
        self.around = around
        self.reads_focus = any(node.name == FOCUS for node in calls)
        self.reads_groups = frozenset(
            part.name if part.kind == "name" else f"data.{part.name}" for node in asks for part in node.parts
        )
        self._program = program_of(text, around.kinds)
        self._expected: Expected = expected
        self._fits = tuple((name, _fitter(shapes[name], f"data.{name}")) for name in self.fields)
        self._cost = checked.cost

    def __call__(self, values: tuple[Input, ...], subject: str, at: Instant) -> Value | Failed:
        """Run on the values of `fields`; never raises."""
        try:
            data = {
                name: fit(value)
                for (name, fit), value in zip(self._fits, values, strict=True)
                if not isinstance(value, Absent)
            }
        except _Unfit as unfit:
            return Failed(str(unfit))
        if self._cost.work(data.values()) > WORK_MAX:
            return Failed("it would have to go through too much data")
        inputs: dict[str, object] = {"data": data}
        if self.reads_subject:
            if BROKEN.search(subject):
                return Failed(f"`subject` {_BROKEN}")
            inputs["subject"] = subject
        if self.reads_time:
            try:
                inputs["time"] = _EPOCH + timedelta(milliseconds=at)
            except OverflowError:
                return Failed("the event's time is outside the years 1 to 9999")
        if self.reads_focus or self.reads_groups:
            NOW.set((self.around, at))
        try:
            found = self._program.eval(data=inputs)
            return self._plain(found)
        except (RuntimeError, UnicodeError) as error:
            return Failed(_reason(str(error)))

    def _plain(self, found: cel.Value) -> Value | Failed:
        name = found.type().name().partition("<")[0].lower()
        if name == "error":
            return Failed(_reason(str(found.value())))
        if name not in RESULTS[self._expected]:
            return Failed(f"it gave {word_of(name)}, not {' or '.join(map(word_of, RESULTS[self._expected]))}")
        return _texts(found.plain_value()) if name == "list" else _scalar(name, found.value())


def _scalar(name: str, value: object) -> Value | Failed:
    if isinstance(value, int) and abs(value) > INTEGER_MAX:
        return Failed(f"it gave {value}, which is not within ±2^53")
    if isinstance(value, float) and not isfinite(value):
        return Failed(f"it gave {value}, which is no finite number")
    return value if isinstance(value, bool | int | float | str) else Failed(f"it gave {word_of(name)}")


def _texts(value: object) -> Value | Failed:
    texts = cast("list[object]", value) if isinstance(value, list) else []
    if not all(isinstance(each, str) for each in texts):
        return Failed("it gave a list of other things than texts")
    return cast("list[Value]", texts)


def _reason(error: str) -> str:
    """CEL's reason without its status codes, in plain words where it is a known one."""
    words = error.partition(": ")[2].partition(" [")[0] or error
    if words.startswith("Key not found in map"):
        return f"there is no {words.rsplit(' : ', 1)[-1]}"
    if words == "Iteration budget exceeded":
        return f"its loops would take more than {STEPS_MAX} steps"
    return words


_Fit = Callable[[JsonValue], JsonValue]


def _fitter(schema: Schema, path: str) -> _Fit:
    """What turns a value into the one its schema means, or raises `_Unfit`."""
    kind = schema.get("type")
    if kind == "array":
        items = schema.get("items")
        return partial(_list, path, _fitter(items if isinstance(items, dict) else {}, f"{path}[]"))
    if kind == "object":
        fits = {name: _fitter(inner, f"{path}.{name}") for name, inner in properties_of(schema).items()}
        return partial(_object, path, fits)
    simple = {"number": _number, "integer": _integer, "string": _text, "boolean": _truth}
    return partial(simple.get(str(kind), _anything), path)


def _unfit(path: str, wanted: str) -> _Unfit:
    return _Unfit(f"`{path}` is not {wanted}, as its schema says")


def _number(path: str, value: JsonValue) -> JsonValue:
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _DOUBLE_MAX:
        return value + 0.0  # which makes 0.0 of -0.0: they are equal, and so must be what they give
    raise _unfit(path, "a finite number")


def _integer(path: str, value: JsonValue) -> JsonValue:
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # 2.0 is an integer to JSON Schema
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > INTEGER_MAX:
        raise _unfit(path, "a whole number within ±2^53")
    return value


def _text(path: str, value: JsonValue) -> JsonValue:
    if not isinstance(value, str):
        raise _unfit(path, "a text")
    return _whole(path, value)


def _whole(path: str, text: str) -> str:
    if BROKEN.search(text):
        raise _Unfit(f"`{path}` {_BROKEN}")
    return text


def _truth(path: str, value: JsonValue) -> JsonValue:
    if not isinstance(value, bool):
        raise _unfit(path, "a truth value")
    return value


def _list(path: str, fit: _Fit, value: JsonValue) -> JsonValue:
    if not isinstance(value, list):
        raise _unfit(path, "a list")
    return [fit(item) for item in value]


def _object(path: str, fits: Mapping[str, _Fit], value: JsonValue) -> JsonValue:
    if not isinstance(value, dict):
        raise _unfit(path, "an object")
    return {
        _whole(path, name): fits[name](item) if name in fits else _anything(path, item) for name, item in value.items()
    }


def _anything(path: str, value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return _whole(path, value)
    if isinstance(value, list):
        return [_anything(path, item) for item in value]
    if isinstance(value, dict):
        return _object(path, {}, value)
    return value + 0.0 if isinstance(value, float) else value
