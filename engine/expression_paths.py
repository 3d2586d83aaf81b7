"""What a schema says of the parts of an expression: their own schema, and how long a text or a list can be."""

from math import inf
from typing import Final

from engine.expression_tree import Node
from engine.expression_types import Schema, properties_of

_MEMBER_SIZE: Final = 256  # characters of a member id, at most


def schema_of(node: Node, schema: Schema) -> Schema:
    """The schema of what a path such as `data.to[0]` names; empty where it names nothing that one describes."""
    if node.kind == "name" and node.name == "data":
        return schema
    if node.kind == "select":
        return properties_of(schema_of(node.parts[0], schema)).get(node.name, {})
    if node.kind == "call" and node.name == "_[_]":
        items = schema_of(node.parts[0], schema).get("items")
        return items if isinstance(items, dict) else {}
    return {}


def lengths_of(node: Node, schema: Schema) -> tuple[float, float]:
    """The least and the greatest size of a text, a list or an object."""
    match node.kind:
        case "constant" if isinstance(node.constant, str):
            return len(node.constant), len(node.constant)
        case "list":
            return len(node.parts), len(node.parts)
        case "name" if node.name == "subject":
            return 1, _MEMBER_SIZE
        case "loop":  # `filter` and `map` give no more than they go through
            return 0, lengths_of(node.parts[0], schema)[1]
        case _:
            return _described(schema_of(node, schema))


def _described(schema: Schema) -> tuple[float, float]:
    if schema.get("member"):
        return 1, _MEMBER_SIZE
    least, most = (schema.get(bound) for bound in _BOUNDS.get(str(schema.get("type")), ("", "")))
    return least if isinstance(least, int) else 0, most if isinstance(most, int) else inf


_BOUNDS: Final = {"string": ("minLength", "maxLength"), "array": ("minItems", "maxItems")}
