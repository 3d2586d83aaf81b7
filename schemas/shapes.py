"""A small part of JSON Schema, compiled once into a validator that every event's data passes.

The part: object, string, integer, number, boolean and array, with required, properties, items, enum, const,
bounds and lengths; and two words of ours: `text` (kept outside the log) and `member` (a member id). Nothing
is converted: "5" is no number and 1.0 no whole one. Only a `number` becomes a double. What a schema does not
name is dropped from the data.
"""

from collections.abc import Callable
from typing import NamedTuple, cast

from pydantic import JsonValue
from pydantic_core import CoreSchema, PydanticCustomError, SchemaValidator, ValidationError
from pydantic_core import core_schema as core

from schemas.members import member_id_fault
from schemas.rulebook_words import NUMBER_MAX
from schemas.shape_faults import Schema, SchemaFault, schema_faults

_NO_NUL = r"\A[^\x00]*\z"  # pydantic itself refuses lone surrogates


class Accepted(NamedTuple):
    """Data that fits."""

    data: dict[str, JsonValue]
    """The declared fields, without the text fields."""
    texts: dict[str, str]
    """The text fields, to be kept outside the log."""


class Misfit(ValueError):
    """Data does not fit its shape.

    Attributes:
        path: the field, such as `to.1`; empty for the data as a whole.
        detail: what is wrong, in plain words.
    """

    def __init__(self, path: str, detail: str) -> None:
        super().__init__(detail)
        self.path = path
        self.detail = detail


class RefusedSchema(ValueError):
    """A schema lies outside the part.

    Attributes:
        faults: all that is wrong with it, each with its place in the schema.
    """

    def __init__(self, faults: tuple[SchemaFault, ...]) -> None:
        super().__init__("; ".join(f"{'.'.join(map(str, at.path)) or 'the schema'}: {at.detail}" for at in faults))
        self.faults = faults


class Shape:
    """A compiled schema."""

    __slots__ = ("_check", "_texts")

    def __init__(self, check: Callable[[object], dict[str, JsonValue]], texts: tuple[str, ...]) -> None:
        self._check = check
        self._texts = texts

    def check(self, data: object) -> Accepted:
        """Takes data that fits apart into what is logged and what is not.

        Raises:
            Misfit: it does not fit; the first field that does not, in the order of the schema.
        """
        try:
            kept = self._check(data)
        except ValidationError as error:
            raise _misfit(error) from None
        if not self._texts:
            return Accepted(kept, {})
        texts = {name: cast("str", kept.pop(name)) for name in self._texts if name in kept}
        return Accepted(kept, texts)


def compile_shape(schema: Schema) -> Shape:
    """Compiles a schema of an object; about 0.2 ms.

    Raises:
        RefusedSchema: it lies outside the part; every fault of it is named.
    """
    faults = tuple(schema_faults(schema))
    if not faults and schema["type"] != "object":
        faults = (SchemaFault(("type",), "an event's data is an object; expected `type: object`"),)
    if faults:
        raise RefusedSchema(faults)
    validator = SchemaValidator(_compiled(schema))
    texts = tuple(name for name, field in _properties(schema).items() if field.get("text"))
    return Shape(validator.validate_python, texts)


def _properties(schema: Schema) -> dict[str, Schema]:
    return cast("dict[str, Schema]", schema.get("properties", {}))


# --- from a schema to pydantic's ---------------------------------------------------------------------------


def _compiled(schema: Schema) -> CoreSchema:
    compiled = _COMPILE[cast("str", schema["type"])](schema)
    choices = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if choices is None:
        return compiled
    # the type first: among literals alone true equals 1
    return core.chain_schema([compiled, core.literal_schema(cast("list[str | int | bool]", choices))])


def _object(schema: Schema) -> CoreSchema:
    required = cast("list[str]", schema.get("required", []))
    return core.typed_dict_schema(
        {
            name: core.typed_dict_field(_compiled(field), required=name in required)
            for name, field in _properties(schema).items()
        },
        extra_behavior="ignore",
        strict=True,
    )


def _array(schema: Schema) -> CoreSchema:
    return core.list_schema(
        _compiled(cast("Schema", schema["items"])),
        min_length=cast("int | None", schema.get("minItems")),
        max_length=cast("int | None", schema.get("maxItems")),
        strict=True,
    )


def _string(schema: Schema) -> CoreSchema:
    is_member = bool(schema.get("member"))
    text = core.str_schema(
        min_length=cast("int | None", schema.get("minLength")),
        max_length=cast("int | None", schema.get("maxLength")),
        pattern=None if is_member else _NO_NUL,  # what a member id may hold is stricter
        strict=True,
    )
    return core.no_info_after_validator_function(_member, text) if is_member else text


def _member(text: str) -> str:
    fault = member_id_fault(text)
    if fault is not None:
        raise PydanticCustomError("member_id", "{fault}", {"fault": fault})
    return text


def _integer(schema: Schema) -> CoreSchema:
    return core.int_schema(
        ge=cast("int", schema.get("minimum", -NUMBER_MAX)),
        le=cast("int", schema.get("maximum", NUMBER_MAX)),
        strict=True,
    )


def _number(schema: Schema) -> CoreSchema:
    return core.float_schema(
        ge=cast("float | None", schema.get("minimum")),
        le=cast("float | None", schema.get("maximum")),
        allow_inf_nan=False,
        strict=True,
    )


_COMPILE: dict[str, Callable[[Schema], CoreSchema]] = {
    "object": _object,
    "array": _array,
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": lambda _schema: core.bool_schema(strict=True),
}


# --- what does not fit, in plain words ---------------------------------------------------------------------

_MUST: dict[str, str] = {
    "missing": "is missing",
    "string_unicode": "holds half a character (a lone surrogate)",
    "string_pattern_mismatch": "holds a NUL character",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must have at least {min_length} items",
    "too_long": "must have at most {max_length} items",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "finite_number": "must be a finite number",
    "literal_error": "must be {expected}",
    "member_id": "is refused: {fault}",
}
_EXPECTED: dict[str, str] = {
    "string_type": "a text",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "an object",
}
_GOT: tuple[tuple[type, str], ...] = (
    (bool, "true or false"),
    (int, "a whole number"),
    (float, "a number with a fraction"),
    (str, "a text"),
    (list, "a list"),
    (dict, "an object"),
)


def _misfit(error: ValidationError) -> Misfit:
    first = error.errors(include_url=False)[0]
    path = ".".join(map(str, first["loc"]))
    name = path or "data"
    expected = _EXPECTED.get(first["type"])
    if first["type"] == "float_type" and type(first["input"]) is int:
        return Misfit(path, f"{name} is too large a number")
    if expected is not None:
        got = next((word for kind, word in _GOT if isinstance(first["input"], kind)), "nothing (null)")
        return Misfit(path, f"{name} must be {expected}, got {got}")
    must = _MUST.get(first["type"])
    words = first["msg"] if must is None else must.format(**first.get("ctx", {}))
    return Misfit(path, f"{name} {words}")
