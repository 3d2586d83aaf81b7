"""What a schema of an event's data may say, and what is wrong with one that says something else."""

from collections.abc import Iterator
from typing import NamedTuple

from pydantic import JsonValue

from schemas.rulebook_words import NUMBER_MAX
from schemas.source import Path

Schema = dict[str, JsonValue]

_DEPTH_MAX = 8
_ALWAYS = frozenset({"type", "title", "description"})
_WORDS: dict[str, frozenset[str]] = {
    "object": frozenset({"required", "properties"}),
    "array": frozenset({"items", "minItems", "maxItems"}),
    "string": frozenset({"minLength", "maxLength", "enum", "const", "text", "member"}),
    "integer": frozenset({"minimum", "maximum", "enum", "const"}),
    "number": frozenset({"minimum", "maximum"}),
    "boolean": frozenset({"const"}),
}
"""What may stand beside each type."""

_LENGTHS = ("minLength", "maxLength", "minItems", "maxItems")
_CLASSES: dict[str, type] = {"string": str, "integer": int, "boolean": bool}


class SchemaFault(NamedTuple):
    """One thing in a schema that lies outside the part, or makes no sense."""

    path: Path
    detail: str


def schema_faults(schema: JsonValue, path: Path = ()) -> Iterator[SchemaFault]:
    """All that is wrong with a schema, each with its place in it."""
    if not isinstance(schema, dict):
        yield SchemaFault(path, "expected a schema such as {type: string}")
        return
    if len(path) > 2 * _DEPTH_MAX:
        yield SchemaFault(path, f"nested deeper than {_DEPTH_MAX} levels")
        return
    kind = schema.get("type")
    if not isinstance(kind, str) or kind not in _WORDS:
        yield SchemaFault(path, f"expected `type`, one of {', '.join(_WORDS)}")
        return
    for word in schema.keys() - _WORDS[kind] - _ALWAYS:
        yield SchemaFault((*path, word), _unknown(word, kind))
    yield from _bound_faults(schema, kind, path)
    yield from _value_faults(schema, kind, path)
    if kind == "object":
        yield from _object_faults(schema, path)
    if kind == "array":
        yield from schema_faults(schema.get("items"), (*path, "items"))


def _unknown(word: str, kind: str) -> str:
    if word == "additionalProperties":
        return "leave it out: what a schema does not name is always dropped"
    allowed = ", ".join(sorted(_WORDS[kind])) or "nothing else"
    return f"`{word}` is not understood for {kind}; expected {allowed}"


def _bound_faults(schema: Schema, kind: str, path: Path) -> Iterator[SchemaFault]:
    for word in ("minimum", "maximum"):
        bound = schema.get(word, 0)
        whole = kind == "integer"
        if (
            isinstance(bound, bool)
            or not isinstance(bound, int if whole else int | float)
            or not abs(bound) <= NUMBER_MAX
        ):
            what = "a whole number" if whole else "a number"
            yield SchemaFault((*path, word), f"expected {what} of at most 2^53 - 1 in size")
    for word in _LENGTHS:
        size = schema.get(word, 0)
        if isinstance(size, bool) or not isinstance(size, int) or not 0 <= size <= NUMBER_MAX:
            yield SchemaFault((*path, word), "expected a whole number from 0 on")
    for low, high in (("minimum", "maximum"), ("minLength", "maxLength"), ("minItems", "maxItems")):
        first, last = schema.get(low), schema.get(high)
        if isinstance(first, int | float) and isinstance(last, int | float) and first > last:
            yield SchemaFault((*path, low), f"`{low}` is above `{high}`: nothing fits")


def _value_faults(schema: Schema, kind: str, path: Path) -> Iterator[SchemaFault]:
    for word in ("text", "member"):
        if not isinstance(schema.get(word, False), bool):
            yield SchemaFault((*path, word), "expected true or false")
    if schema.get("text") and (len(path) != 2 or path[0] != "properties"):  # noqa: PLR2004 - properties.<name>
        yield SchemaFault((*path, "text"), "only a field of the data itself can be kept outside the log")
    choices = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if choices is None or not {"enum", "const"} & _WORDS.get(kind, frozenset()):
        return
    if "enum" in schema and "const" in schema:
        yield SchemaFault((*path, "const"), "expected `enum` or `const`, one of them")
    if not isinstance(choices, list) or not choices:
        yield SchemaFault((*path, "enum"), "expected a list of at least one value")
    elif not all(type(choice) is _CLASSES[kind] for choice in choices):
        yield SchemaFault((*path, "enum" if "enum" in schema else "const"), f"expected values of type {kind}")


def _object_faults(schema: Schema, path: Path) -> Iterator[SchemaFault]:
    properties, required = schema.get("properties", {}), schema.get("required", [])
    if not isinstance(properties, dict):
        yield SchemaFault((*path, "properties"), "expected a mapping from field to schema")
        return
    for name, field in properties.items():
        yield from schema_faults(field, (*path, "properties", name))
    if not isinstance(required, list):
        yield SchemaFault((*path, "required"), "expected a list of fields")
        return
    for index, needed in enumerate(required):
        if not isinstance(needed, str) or needed not in properties:
            yield SchemaFault((*path, "required", index), f"`{needed}` is required but not among `properties`")
