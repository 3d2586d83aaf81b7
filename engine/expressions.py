"""Expressions of a rulebook (CEL, https://cel.dev): checked over a schema, and made ready to run on data."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Final, cast

from pydantic import JsonValue

from engine.expression_check import check
from engine.expression_faults import ExpressionFault
from engine.expression_forms import Both, Is, form_of
from engine.expression_recall import REMEMBERED, TEXT_REMEMBERED_MAX, Expression, Result
from engine.expression_run import Failed, Program, Value
from engine.expression_tree import Tree
from engine.expression_types import Expected, Schema, properties_of
from engine.surroundings import NOWHERE, Surroundings

__all__ = [
    "CEL_VERSION",
    "TEXT_REMEMBERED_MAX",
    "Expression",
    "ExpressionFault",
    "Failed",
    "Value",
    "compile_expression",
]

CEL_VERSION: Final = version("cel-expr-python")
"""The library that works expressions out; another one may work them out differently."""


def compile_expression(
    text: str,
    schema: Schema,
    expected: Expected,
    around: Surroundings = NOWHERE,
    *,
    none_if_absent: bool = False,
    remembers: int = REMEMBERED,
) -> Expression:
    """Check an expression against the schema of its activity's data, and make it ready to run.

    Args:
        text: CEL over `data`, `subject` (a text) and `time` (of the event, UTC).
        schema: of `data`, an object, in JSON Schema.
        expected: what it has to give: a truth value, a whole number, any number, a text, or any of these.
        around: what it may ask beside the event: kinds of group are functions in it.
        none_if_absent: whether it may be no more than an optional field, giving None where that is absent.
        remembers: results it keeps.

    Raises:
        ExpressionFault: it is no CEL, its types do not fit, or it may fail for data that fits the schema.
    """
    checked = check(text, schema, expected, around.kinds, none_if_absent=none_if_absent)
    program = Program(text, checked, schema, expected, around)
    texts = {name for name, kind in properties_of(schema).items() if kind.get("type") == "string"}
    sides = _sides(text, checked.tree, schema, around, remembers)
    form = Both if sides else form_of(checked.tree.root, checked.result, texts)
    made = form(
        text,
        cast("Result", checked.result),
        program,
        none_if_absent=checked.is_bare_optional,
        remembers=remembers,
    )
    if isinstance(made, Both):
        made.sides = sides
    if isinstance(made, Is):
        root = checked.tree.root
        made.negated, made.text_meant = root.name == "_!=_", str(root.parts[1].constant)
    return made


def _sides(text: str, tree: Tree, schema: Schema, around: Surroundings, remembers: int) -> Sequence[Expression]:
    """The sides of `a && b && …`, where they read different things."""
    if tree.root.kind != "call" or tree.root.name != "_&&_":
        return ()
    at = tree.places[tree.root.id]
    guarded: list[JsonValue] = [*properties_of(schema)]  # one side may say that what the other reads is there
    try:
        both = [
            compile_expression(side, {**schema, "required": guarded}, "bool", around, remembers=remembers)
            for side in (text[:at], text[at + 2 :])
        ]
    except ExpressionFault:  # the whole stands in brackets, or a side needs the other one
        return ()
    if both[0].reads == both[1].reads:
        return ()
    return [each for side in both for each in (side.sides if isinstance(side, Both) else [side])]
