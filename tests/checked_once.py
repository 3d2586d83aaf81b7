"""Expressions checked once a module: they are pure, and checking them for every example takes most of the time."""

from collections.abc import Callable

from pydantic_core import to_json

from engine.expression_types import Expected, Schema
from engine.expressions import Expression, compile_expression
from engine.surroundings import Surroundings

Compile = Callable[..., Expression]


def remembering() -> Compile:
    """A `compile_expression` that gives equal questions one expression, but for those that hang on the rulebook."""
    known: dict[tuple[str, bytes, Expected, bool], Expression] = {}

    def remembered(
        text: str, schema: Schema, expected: Expected, around: Surroundings, *, none_if_absent: bool = False
    ) -> Expression:
        key = (text, to_json(schema), expected, none_if_absent)
        if key not in known:
            found = compile_expression(text, schema, expected, around, none_if_absent=none_if_absent)
            if found.reads_focus or found.reads_groups:
                return found
            known[key] = found
        return known[key]

    return remembered
