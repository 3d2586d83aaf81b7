"""Faults of expressions in plain words: CEL's complaints translated, with what to write instead."""

import re
from difflib import get_close_matches
from typing import Final

from engine.expression_tree import Node, Tree, binding, write
from engine.expression_types import VARIABLES, Expected, Kinds, World

_WORDS: Final = {
    "bool": "a truth value", "int": "a whole number", "double": "a number", "string": "a text",
    "list": "a list", "map": "an object", "dyn": "a value of any type", "null": "null", "null_type": "null",
    "timestamp": "a time", "duration": "a length of time", "bytes": "bytes", "uint": "an unsigned number",
    "type": "a type",
}  # fmt: skip
_WANTED: Final[dict[Expected, str]] = {
    "bool": "a truth value", "int": "a whole number", "number": "a number", "text": "a member id",
    "value": "a text, a number or a truth value", "members": "a member id or a list of them",
}  # fmt: skip
_NAMED: Final[dict[Expected, str]] = {
    "bool": "compare it with something", "int": "name a field that is one", "number": "name a field that is one",
    "text": "name a field that holds one, or `subject`", "members": "name a field that holds one, or `subject`",
    "value": "name such a field",
}  # fmt: skip
"""What to do where no conversion helps."""
_SPELLINGS: Final = {
    "and": "&&", "or": "||", "not": "!", "&": "&&", "|": "||", "=": "==", "=>": ">=", "=<": "<=", "<>": "!=",
    "is": "==", "then": "?", "else": ":", "“": '"', "”": '"', "„": '"', "’": "'", "‘": "'",
}  # fmt: skip
"""What people write, and how CEL writes it."""
_FUNCTIONS: Final = (
    "focus",
    "size", "contains", "startsWith", "endsWith", "matches",
    "has", "all", "exists", "exists_one", "filter", "map",
    "int", "double", "string", "bool", "timestamp", "duration", "getFullYear", "getMonth", "getDate",
    "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getHours", "getMinutes", "getSeconds",
)  # fmt: skip
_ELSEWHERE: Final = {
    "len": "size", "length": "size", "count": "size",
    "float": "double", "str": "string", "includes": "contains",
}  # fmt: skip
"""Functions of other languages, and CEL's for the same."""
_SIGNS: Final = {
    "_+_": "+", "_-_": "-", "_*_": "*", "_/_": "/", "_%_": "%",
    "_<_": "<", "_<=_": "<=", "_>_": ">", "_>=_": ">=",
    "_==_": "==", "_!=_": "!=", "@in": "in", "_&&_": "&&", "_||_": "||", "_?_:_": "? :", "!_": "!", "-_": "-",
    "_[_]": "[ ]",
}  # fmt: skip
_COMPARING: Final = ("==", "!=", "<", "<=", ">", ">=")
_UNARY, _CHOICE = 7, 1
"""How tightly `!` and `? :` bind (`engine.expression_tree.binding`)."""
_REPORT = re.compile(r"ERROR: <input>:(-?\d+):(\d+): (.*)")
_PLACE = re.compile(r"at: '(.*)'$|at input '(.*)'$|input '(.*)' expecting|at '(.*)'$|identifier: (.*)$")


class ExpressionFault(Exception):
    """What is wrong with an expression.

    Attributes:
        message: what is wrong and, where it can be said, the right expression.
        column: where, in characters from 1.
    """

    def __init__(self, message: str, column: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.column = column


def word_of(name: str) -> str:
    """A type of CEL's, such as `list(string)`, as people call it."""
    bare = _bare(name)
    return _WORDS.get(bare, "an object" if "." in bare else bare)


def listed(words: list[str]) -> str:
    """Words as code, with commas."""
    return ", ".join(f"`{word}`" for word in words) or "there are none"


def misspelt(text: str, error: Exception) -> ExpressionFault:
    """Why a text is no CEL."""
    if "recursion" in str(error):
        return ExpressionFault("it is nested too deeply, or chains more than 30 operators: write it simpler")
    column, words = _first_report(text, error)
    said = _PLACE.search(words)
    sign = next((part for part in said.groups() if part), "").strip() if said else ""
    if before := re.search(r"\bnot\s*$", text[: column - 1]):
        sign, column = "not", before.start() + 1
    if sign == ">" and text[: column - 1].endswith("<"):
        sign, column = "<>", column - 1
    if sign in _SPELLINGS:
        return ExpressionFault(f"CEL has no `{sign}`: write `{_SPELLINGS[sign]}`", column)
    if sign == "if":
        return ExpressionFault("CEL has no `if`: write `condition ? value : other`", column)
    if sign == "<EOF>":
        missing = re.search(r"missing '(.)'|expecting '(.)'", words)
        what = f"`{missing[1] or missing[2]}` is missing" if missing else "something is missing"
        return ExpressionFault(f"it ends too early: {what}" if text.strip() else "it is empty", column)
    if sign[:1] in {"'", '"'}:
        return ExpressionFault(f"a text that begins with {sign[0]} does not end with it", column)
    return ExpressionFault(f"`{sign}` cannot stand here" if sign else words, column)


def explained(text: str, error: Exception, parsed: Tree, world: World, kinds: Kinds) -> ExpressionFault:
    """Why the types of an expression do not fit; kinds of group are functions in it."""
    column, words = _first_report(text, error)
    if said := re.match(r"undefined field '(.*)' not found in struct '(.*)'", words):
        return ExpressionFault(_unknown_field(said[1], world.fields(said[2])), column + 1)
    if said := re.match(r"undeclared reference to '(.*)' \(in", words):
        return _unknown_name(said[1], column, parsed, world, [kind for kind, _ in kinds])
    if said := re.match(r"found no matching overload for '(.*)' applied to '\((.*)\)'", words):
        types = [_bare(name) for name in re.split(r", (?![^(]*\))", said[2])]
        calls = (node for node in parsed.root.walk() if node.kind == "call" and node.name == said[1])
        node = next((node for node in calls if parsed.places.get(node.id) == column - 1), None)
        parts = node.parts if node is not None and len(node.parts) == len(types) else ()
        return ExpressionFault(_no_overload(_SIGNS.get(said[1], said[1]), types, parts), column)
    if said := re.match(r"expression of type '(.*)' cannot be the range of a comprehension", words):
        return ExpressionFault(f"only a list or an object can be gone through, not {word_of(said[1])}", column)
    if said := re.match(r"expression of type '(.*)' cannot be the operand of a select operation", words):
        return ExpressionFault(f"{word_of(said[1])} has no fields", column + 1)
    return ExpressionFault(words, column)


def wrong_result(text: str, root: Node, result: str, expected: Expected) -> ExpressionFault:
    """An expression gives a value of another type than is needed."""
    inner = text if binding(root) >= _UNARY else f"({text})"
    ways = {
        ("int", "double"): f"int({text})",
        ("bool", "int"): f"{inner} > 0",
        ("bool", "double"): f"{inner} > 0",
        ("bool", "string"): f'{inner} != ""',
        ("text", "int"): f"string({text})",
        **{(wanted, "list"): f"size({text})" for wanted in ("int", "number")},
        **{(wanted, "bool"): f"{inner} ? 1 : 0" for wanted in ("int", "number")},
    }
    way = ways.get((expected, result))
    hint = _NAMED[expected] if way is None else f"compare it, as in `{way}`" if expected == "bool" else f"write `{way}`"
    return ExpressionFault(f"it gives {word_of(result)} where {_WANTED[expected]} is needed: {hint}")


def absent(text: str, tree: Tree, reads: list[Node], result: str, expected: Expected, world: World) -> ExpressionFault:
    """Fields that may be absent are read; the same expression behind the `has()` that it lacks."""
    column = tree.places.get(reads[0].id, 0) + 2  # a select stands at its dot
    paths = list(dict.fromkeys(write(node) for node in reads))
    said = f"{listed(paths)} may be absent (the schema does not require {'it' if len(paths) == 1 else 'them'})"
    loops = {node.name for node in tree.root.walk() if node.kind == "loop"}
    if any("…" in path or path.split(".")[0] in loops for path in paths):
        return ExpressionFault(f"{said}: ask `has({paths[0]}) &&` before it, inside the loop", column)
    guards = list(dict.fromkeys(guard for node in reads for guard in _guards(node, tree, world)))
    while tree.root.name == "_&&_" and (
        head := next((guard for guard in guards if text.startswith(f"{guard} && ")), None)
    ):
        text = text.removeprefix(f"{head} && ")
    inner = f"({text})" if binding(tree.root) <= _CHOICE + 1 else text
    guard = " && ".join(guards)
    if result == "bool":
        return ExpressionFault(f"{said}: write `{guard} && {inner}`", column)
    other = {"int": "0", "double": "0.0", "string": '""'}.get(result, "…")
    if expected == "members":
        inner, other = f"[{text}]" if result == "string" else inner, "[]"
    return ExpressionFault(f"{said}: write `{guard} ? {inner} : {other}`", column)


def _guards(node: Node, tree: Tree, world: World) -> list[str]:
    """The `has()` that a path needs, outermost field first."""
    if node.kind != "select":
        return []
    outer = _guards(node.parts[0], tree, world)
    is_optional = world.is_optional(tree.types.get(node.parts[0].id, ""), node.name)
    return [*outer, f"has({write(node)})"] if is_optional else outer


def _first_report(text: str, error: Exception) -> tuple[int, str]:
    """CEL's first complaint: its column in the whole text, from 1, and its words."""
    found = _REPORT.search(str(error))
    if found is None:
        return 1, f"CEL refuses it: {error}"
    line, column, words = int(found[1]), int(found[2]), found[3].removesuffix(" [INVALID_ARGUMENT]")
    lines = text.split("\n")
    return sum(len(before) + 1 for before in lines[: line - 1]) + column, words


def _unknown_field(field: str, fields: list[str]) -> str:
    near = get_close_matches(field, fields, 1)
    return f"there is no field `{field}`: " + (f"did you mean `{near[0]}`?" if near else f"there is {listed(fields)}")


def _unknown_name(reference: str, column: int, parsed: Tree, world: World, kinds: list[str]) -> ExpressionFault:
    name = reference.partition(".")[0]
    nodes = list(parsed.root.walk())
    if any(node.kind == "call" and node.name == name for node in nodes):
        near = [_ELSEWHERE[name]] if name in _ELSEWHERE else get_close_matches(name, [*_FUNCTIONS, *kinds], 1)
        hint = f"did you mean `{near[0]}`?" if near else f"there are CEL's own, and {listed(['focus', *kinds])}"
        return ExpressionFault(f"there is no function `{name}`: {hint}", column)
    at = next((parsed.places[node.id] + 1 for node in nodes if node.kind == "name" and node.name == name), column)
    fields = world.fields()
    if name in fields:
        return ExpressionFault(f"`{name}` is a field of the event's data: write `data.{name}`", at)
    near = get_close_matches(name, [*VARIABLES, *fields], 1)
    if near:
        hint = f"did you mean `{near[0] if near[0] in VARIABLES else 'data.' + near[0]}`?"
    else:
        hint = f'there are `data`, `subject` and `time`; a text is written `"{name}"`'
    return ExpressionFault(f"there is no `{name}`: {hint}", at)


def _no_overload(sign: str, types: list[str], parts: tuple[Node, ...]) -> str:
    """Why a function does not take what it got; `parts` are empty where the call was not found."""
    got = " and ".join(map(word_of, types))
    if sign in {"&&", "||", "!", "? :"}:
        return _no_truth(sign, types, parts)
    if set(types) == {"int", "double"} and sign in {"+", "-", "*", "/"}:
        ways = f": write {_converted(sign, types, parts)}" if parts else ""
        return f"`{sign}` does not mix a whole number and a number{ways}"
    if sign == "+" and parts and "string" in types and set(types) <= {"string", "int", "double", "bool"}:
        texts = [
            write(part) if kind == "string" else f"string({write(part)})"
            for part, kind in zip(parts, types, strict=True)
        ]
        return f"`+` does not join {got}: write `{' + '.join(texts)}`"
    if sign in _COMPARING:
        return f"{got} cannot be compared by `{sign}`{_comparable(sign, types, parts)}"
    if sign == "in":
        asked = " in ".join(map(word_of, types))
        return f"`in` looks for a value in a list of such values, or for a key in an object, not for {asked}"
    return f"`{sign}` takes {'two whole numbers' if sign == '%' else 'something else'}, not {got}"


def _comparable(sign: str, types: list[str], parts: tuple[Node, ...]) -> str:
    """What to write in the place of a comparison; empty where nothing is plain to see."""
    if set(types) == {"timestamp", "string"}:
        return ': write `timestamp("2026-01-31T00:00:00Z")`'
    if set(types) == {"list", "string"} and sign in {"==", "!="} and parts:
        text, many = parts if types[0] == "string" else parts[::-1]
        inside = f"{_operand(text)} in {_operand(many)}"
        return f": write `{inside}`" if sign == "==" else f": write `!({inside})`"
    return ""


def _no_truth(sign: str, types: list[str], parts: tuple[Node, ...]) -> str:
    if sign == "? :" and types[0] in {"bool", "dyn"}:
        hint = ""
        if set(types[1:]) == {"int", "double"} and parts:
            whole = parts[1 + types[1:].index("int")]
            hint = f": write `{_as_double(whole)}`"
        return f"`? :` gives {word_of(types[1])} in one case and {word_of(types[2])} in the other{hint}"
    asked = types[:1] if sign == "? :" else types
    place = next((place for place, kind in enumerate(asked) if kind not in {"bool", "dyn"}), 0)
    what = write(parts[place]) if parts else "data.x"
    compared = f'{what} != ""' if types[place] == "string" else f"{what} > 0"
    hint = f": compare it first, as in `{compared}`" if types[place] in {"string", "int", "double"} else ""
    return f"`{sign}` takes truth values, not {word_of(types[place])}{hint}"


def _converted(sign: str, types: list[str], parts: tuple[Node, ...]) -> str:
    """Both ways out of a whole number with a number: all numbers, or all whole."""
    pairs = list(zip(parts, types, strict=True))
    numbers = [_as_double(part) if kind == "int" else _operand(part) for part, kind in pairs]
    wholes = [f"int({write(part)})" if kind == "double" else _operand(part) for part, kind in pairs]
    return f"`{f' {sign} '.join(numbers)}`, or `{f' {sign} '.join(wholes)}` to cut off the fraction"


def _operand(node: Node) -> str:
    return write(node) if binding(node) >= _UNARY else f"({write(node)})"


def _as_double(node: Node) -> str:
    return f"{write(node)}.0" if node.kind == "constant" else f"double({write(node)})"


def _bare(name: str) -> str:
    """`list(string)` is a list, `google.protobuf.Timestamp` a timestamp."""
    plain = name.partition("(")[0]
    return plain.removeprefix("google.protobuf.").lower() if plain.startswith("google.protobuf.") else plain
