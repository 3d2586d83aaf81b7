"""Tells whether an expression is an integer by its types, on which the decimal places of a score hang."""

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from .syntax import Node, parse


def is_integer(text: str, schemas: Sequence[Mapping[str, JsonValue]]) -> bool:
    """Whether the expression is an integer by its types, for events of every one of these JSON Schemas."""
    return all(typed(parse(text), schema) == "integer" for schema in schemas)


def typed(node: Node, schema: Mapping[str, JsonValue]) -> str:
    """`integer` or `other`."""
    parts = [typed(part, schema) for part in node.parts]
    match node.op:
        case "literal":
            integer = type(node.value) is int
        case "size" | "int":
            integer = True
        case "+" | "-" | "*" | "/" | "%" | "negate":
            integer = all(part == "integer" for part in parts)
        case "?:":
            integer = parts[1] == parts[2] == "integer"
        case "select" | "index":
            integer = declared(node, schema).get("type") == "integer"
        case _:
            integer = False
    return "integer" if integer else "other"


def declared(node: Node, schema: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    """The part of the JSON Schema that describes `data.a.b`; empty where nothing does."""
    if node.op == "name":
        return schema if node.value == "data" else {}
    if node.op != "select":
        return {}
    properties = declared(node.parts[0], schema).get("properties")
    found = properties.get(str(node.value)) if isinstance(properties, dict) else None
    return found if isinstance(found, dict) else {}
