"""A schema as CEL's types: an environment in which expressions over an activity's data are checked.

CEL types messages, not JSON: the schema becomes a protobuf descriptor, one message per object. Comparing a
whole number with a number is allowed, as it is when expressions run; CEL's checker has to be told so.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final, Literal

from cel_expr_python import cel  # pyright: ignore[reportMissingTypeStubs] - they lie beside it
from google.protobuf import (  # type: ignore[import-untyped,unused-ignore]
    descriptor_pb2,
    descriptor_pool,
    struct_pb2,
)
from pydantic import JsonValue

from engine.surroundings import functions

Expected = Literal["bool", "int", "number", "text", "value", "members"]
Kinds = tuple[tuple[str, bool], ...]
"""Kinds of group, and whether a member belongs to one at a time."""

Schema = Mapping[str, JsonValue]

RESULTS: Final[Mapping[Expected, tuple[str, ...]]] = {
    "bool": ("bool",),
    "int": ("int",),
    "number": ("int", "double"),
    "text": ("string",),
    "value": ("string", "int", "double", "bool"),
    "members": ("string", "list"),
}
"""The types that serve as what is expected, by CEL's names."""
BROKEN: Final = re.compile("[\0\ud800-\udfff]")
"""What no text may hold: CEL's library cuts a text at U+0000, and half of a character is no UTF-8."""
VARIABLES: Final = ("data", "subject", "time")

_Field = descriptor_pb2.FieldDescriptorProto
_SCALARS = {
    "string": _Field.TYPE_STRING,
    "integer": _Field.TYPE_INT64,
    "number": _Field.TYPE_DOUBLE,
    "boolean": _Field.TYPE_BOOL,
}
_FREE = {"object": "Struct", "array": "ListValue"}
_ORDERED = ("bool", "int", "uint", "double", "string", "bytes", "timestamp", "duration")
_MIXED = (("int", "double"), ("double", "int"))
_PACKAGE = "activity"
_ROOT = f"{_PACKAGE}.data"


@dataclass(frozen=True, slots=True)
class World:
    """What expressions over one schema may say: CEL's environment, and the schema's objects by message."""

    env: cel.Env
    objects: Mapping[str, Schema]

    def fields(self, message: str = _ROOT) -> list[str]:
        """The fields of an object, in order; of the data themselves where no message is named."""
        return sorted(properties_of(self.objects.get(message, {})))

    def is_optional(self, message: str, field: str) -> bool:
        """Whether a field may be absent; what no schema describes may."""
        required = self.objects.get(message, {}).get("required")
        return not isinstance(required, list) or field not in required

    def compiled(self, text: str) -> tuple[bytes, str]:
        """An expression with its types, serialized, and CEL's name of what it gives: `int`, `list`, `map`, ….

        Raises:
            RuntimeError: in CEL's words, what is wrong.
        """
        expression = self.env.compile(text)
        name = expression.return_type().name()
        return expression.serialize(), "map" if name in self.objects else name.partition("<")[0].lower()


def world_of(schema: Schema, kinds: Kinds = ()) -> World:
    """The world of an activity's data, with these kinds of group; made once."""
    return _built(json.dumps(schema, sort_keys=True), kinds)


def program_of(text: str, kinds: Kinds = ()) -> cel.Expression:
    """An expression as it is parsed and as it runs: on plain JSON data, untyped.

    Raises:
        RuntimeError: in CEL's words, why it is no CEL.
    """
    return _untyped(kinds).compile(text, True)


def properties_of(schema: Schema) -> dict[str, dict[str, JsonValue]]:
    """The schemas of an object's fields."""
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return {}
    return {name: kind if isinstance(kind, dict) else {} for name, kind in properties.items()}


@cache
def _untyped(kinds: Kinds) -> cel.Env:
    variables = {"data": cel.Type.DYN, "subject": cel.Type.STRING, "time": cel.Type.TIMESTAMP}
    return cel.NewEnv(variables=variables, functions=functions(kinds))


@lru_cache(maxsize=256)
def _built(schema: str, kinds: Kinds) -> World:
    objects: dict[str, Schema] = {}
    file = descriptor_pb2.FileDescriptorProto(name="activity.proto", package=_PACKAGE, syntax="proto3")
    file.dependency.append(struct_pb2.DESCRIPTOR.name)
    _describe(file, "data", json.loads(schema), objects)
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(struct_pb2.DESCRIPTOR.serialized_pb)
    pool.AddSerializedFile(file.SerializeToString())
    variables = {"data": cel.Type(_ROOT), "subject": cel.Type.STRING, "time": cel.Type.TIMESTAMP}
    return World(cel.NewEnv(pool, _comparisons(), variables, functions=functions(kinds)), objects)


def _describe(file: descriptor_pb2.FileDescriptorProto, name: str, schema: Schema, objects: dict[str, Schema]) -> str:
    """Add the message of an object to the file, after those of the objects in it; its full name."""
    objects[f"{_PACKAGE}.{name}"] = schema
    message = descriptor_pb2.DescriptorProto(name=name)
    for number, (field, kind) in enumerate(sorted(properties_of(schema).items()), 1):
        if not re.fullmatch(r"[A-Za-z_]\w*", field, re.ASCII):
            continue  # no expression can name it
        is_list = kind.get("type") == "array"
        items = kind.get("items") if is_list else kind
        item = items if isinstance(items, dict) else {}
        sort = str(item.get("type"))
        entry = message.field.add(name=field, number=number, json_name=f"f{number}")
        entry.label = _Field.LABEL_REPEATED if is_list else _Field.LABEL_OPTIONAL
        entry.type = _SCALARS.get(sort, _Field.TYPE_MESSAGE)
        if sort == "object" and properties_of(item):
            # The number keeps the messages of `a.b_c` and `a_b.c` apart.
            entry.type_name = "." + _describe(file, f"{name}_{number}", item, objects)
        elif sort not in _SCALARS:
            entry.type_name = f".google.protobuf.{_FREE.get(sort, 'Value')}"
    file.message_type.append(message)
    return f"{_PACKAGE}.{name}"


@cache
def _comparisons() -> cel.EnvConfig:
    """CEL's library with comparisons between whole numbers and numbers."""
    orders = {"_<_": "less", "_<=_": "less_equals", "_>_": "greater", "_>=_": "greater_equals"}
    equals = {"_==_": "equals", "_!=_": "not_equals"}
    alike = [(name, name) for name in _ORDERED]
    functions = [
        {"name": name, "overloads": [_overload(word, *pair) for pair in (*pairs, *_MIXED)]}
        for words, pairs in ((orders, alike), (equals, [("A", "A")]))
        for name, word in words.items()
    ]
    library = {"exclude_functions": [{"name": name} for name in (*orders, *equals)]}
    return cel.NewEnvConfigFromYaml(json.dumps({"stdlib": library, "functions": functions}))  # JSON is YAML


def _overload(word: str, left: str, right: str) -> dict[str, object]:
    arguments = [{"type_name": name, "is_type_param": name == "A"} for name in (left, right)]
    return {"id": f"{word}_{left}_{right}", "args": arguments, "return": {"type_name": "bool"}}
