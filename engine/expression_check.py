"""What is wrong with an expression before it ever runs: parsed, typed and followed over a schema."""

import re
from dataclasses import dataclass

from engine.expression_cost import LOOPS_MAX, TEXT_MAX, WORK_MAX, Cost, cost_of
from engine.expression_faults import ExpressionFault, absent, explained, listed, misspelt, wrong_result
from engine.expression_tree import Node, Tree, read, unguarded
from engine.expression_types import BROKEN, RESULTS, VARIABLES, Expected, Kinds, Schema, World, program_of, world_of

_FIXED_OFFSET = re.compile(r"UTC|[+-]\d\d:\d\d")


@dataclass(frozen=True, slots=True)
class Checked:
    """An expression without faults."""

    tree: Tree
    result: str
    """The type of what it gives, by CEL's name: `bool`, `int`, `list`, …"""
    is_bare_optional: bool
    """Whether it is no more than an optional field, which only some callers allow."""

    cost: Cost


def check(text: str, schema: Schema, expected: Expected, kinds: Kinds = (), *, none_if_absent: bool = False) -> Checked:
    """Parse, type and follow an expression.

    Raises:
        ExpressionFault: it is no CEL, its types do not fit, or it may fail for data that fits the schema.
    """
    if len(text) > TEXT_MAX:
        raise ExpressionFault(f"it has {len(text)} characters; at most {TEXT_MAX} are allowed", TEXT_MAX + 1)
    if (broken := BROKEN.search(text)) is not None:
        raise ExpressionFault("it holds a character that no text may (U+0000, or half of one)", broken.start() + 1)
    world = world_of(schema, kinds)
    parsed = _parse(text, kinds)
    _refuse_forbidden(parsed, world)
    _refuse_strangers(parsed, kinds)
    try:
        serialized, result = world.compiled(text)
    except RuntimeError as error:
        raise explained(text, error, parsed, world, kinds) from None
    tree = read(serialized)
    if result not in (*RESULTS[expected], "dyn"):
        raise wrong_result(text, tree.root, result, expected)
    reads = unguarded(tree, world.is_optional)
    is_bare = none_if_absent and reads == [tree.root]
    if reads and not is_bare:
        raise absent(text, tree, reads, result, expected, world)
    return Checked(tree, result, is_bare, cost_of(tree.root))


def _refuse_strangers(tree: Tree, kinds: Kinds) -> None:
    """Groups are asked of the subject, or of a member whom the event names: these are known before it is looked at."""
    names = {kind for kind, _ in kinds}
    for node in tree.root.walk():
        if node.kind == "call" and node.name in names and not all(is_named(part) for part in node.parts):
            raise ExpressionFault(
                f"`{node.name}` takes `subject` or a field such as `data.author`, nothing worked out",
                tree.places.get(node.id, 0) + 1,
            )


def is_named(node: Node) -> bool:
    """Whether a node is `subject`, or a field of the data."""
    if node.kind == "select":
        return node.parts[0].kind == "name" and node.parts[0].name == "data"
    return node.kind == "name" and node.name == "subject"


def _parse(text: str, kinds: Kinds) -> Tree:
    try:
        return read(program_of(text, kinds).serialize())
    except RuntimeError as error:
        raise misspelt(text, error) from None


def _refuse_forbidden(tree: Tree, world: World) -> None:
    """What CEL knows and this engine does not allow: it differs by machine, or costs too much."""
    owners = {node.parts[0].id for node in tree.root.walk() if node.kind in {"select", "has"}}
    for node in tree.root.walk():
        refusal = _refusal(node, world) if node.id not in owners or node.kind != "name" else None
        if refusal is not None:
            raise ExpressionFault(refusal, tree.places.get(node.id, 0) + 1)
    cost = cost_of(tree.root)
    if cost.depth > LOOPS_MAX:
        raise ExpressionFault(
            f"{cost.depth} loops (all, exists, filter, map) are inside one another; {LOOPS_MAX} are allowed"
        )
    if cost.work() > WORK_MAX:
        raise ExpressionFault("it costs too much: loop over less, or match a simpler pattern")


def _refusal(node: Node, world: World) -> str | None:
    if node.kind == "name" and node.name == "data":
        return f"`data` alone is no value: name a field of it ({listed(world.fields())})"
    if node.kind == "message":
        return f"`{node.name}` cannot be made here: there are only the values of JSON"
    if node.kind == "loop" and node.name in VARIABLES:
        return f"`{node.name}` is taken: give the loop's variable another name"
    return _call_refusal(node) if node.kind == "call" else None


def _call_refusal(node: Node) -> str | None:
    last = node.parts[-1].constant if node.parts else None
    if node.name == "matches" and not isinstance(last, str):
        return "the pattern of `matches` must be a text written out here"
    is_zoned = node.name.startswith("get") and len(node.parts) > 1
    if is_zoned and not (isinstance(last, str) and _FIXED_OFFSET.fullmatch(last)):
        return (
            f"`{node.name}` takes no named time zone, which would be the machine's: "
            'write a fixed offset such as `"+01:00"`, or nothing for UTC'
        )
    return None
