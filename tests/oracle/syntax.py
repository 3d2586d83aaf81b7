"""From an expression's text to its nodes: literals, names, fields, operators, a few functions."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pydantic import JsonValue

FUNCTIONS = frozenset({"size", "int", "double"})
"""Of CEL itself; others are `call`s, and what they mean is a matter of their scope."""


@dataclass(frozen=True, slots=True)
class Node:
    """One operation: its name (`+`, `select`, `size`, …), its operands, the name or literal it carries."""

    op: str
    parts: tuple["Node", ...] = ()
    value: JsonValue = None


TOKEN = re.compile(
    r"""\s*(?:
      (?P<double>\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)
    | (?P<int>\d+)
    | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<word>[A-Za-z_]\w*)
    | (?P<sign>&&|\|\||[=!<>]=|[-+*/%!<>?:.,()\[\]])
    )""",
    re.VERBOSE,
)
WORDS: Mapping[str, JsonValue] = {"true": True, "false": False, "null": None}
ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
# From the weakest to the strongest; each row binds from left to right.
BINARY = (
    ("||",),
    ("&&",),
    ("==", "!=", "<", "<=", ">", ">=", "in"),
    ("+", "-"),
    ("*", "/", "%"),
)


class Parser:
    """Recursive descent over one expression."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[tuple[str, str]] = []
        at, end = 0, len(text.rstrip())
        while at < end:
            match = TOKEN.match(text, at)
            if match is None:
                raise ValueError(f"cannot read {text!r} from {text[at:]!r} on")
            self.tokens.append((str(match.lastgroup), match.group(str(match.lastgroup))))
            at = match.end()
        self.tokens.append(("end", ""))
        self.at = 0

    def next(self) -> tuple[str, str]:
        """The next token, consumed: (group, text)."""
        self.at += 1
        return self.tokens[self.at - 1]

    def take(self, sign: str) -> bool:
        """Whether `sign` comes next; if so it is consumed."""
        if self.tokens[self.at][1] != sign or self.tokens[self.at][0] not in {"sign", "word"}:
            return False
        self.at += 1
        return True

    def expect(self, sign: str) -> None:
        """Consumes `sign`, or refuses the expression."""
        if not self.take(sign):
            raise ValueError(f"{self.text!r}: expected {sign!r}, found {self.tokens[self.at][1]!r}")

    def whole(self) -> Node:
        """All of the text."""
        node = self.ternary()
        if self.tokens[self.at][0] != "end":
            raise ValueError(f"{self.text!r}: did not expect {self.tokens[self.at][1]!r}")
        return node

    def ternary(self) -> Node:
        """`a ? b : c`, or what binds more strongly."""
        condition = self.binary(0)
        if not self.take("?"):
            return condition
        yes = self.binary(0)
        self.expect(":")
        return Node("?:", (condition, yes, self.ternary()))

    def binary(self, row: int) -> Node:
        """Operators of this row of BINARY, or what binds more strongly."""
        if row == len(BINARY):
            return self.unary()
        left = self.binary(row + 1)
        while sign := next((sign for sign in BINARY[row] if self.take(sign)), None):
            left = Node(sign, (left, self.binary(row + 1)))
        return left

    def unary(self) -> Node:
        """`!a`, `-a`, or what binds more strongly."""
        if self.take("!"):
            return Node("!", (self.unary(),))
        if self.take("-"):
            return Node("negate", (self.unary(),))
        return self.member()

    def member(self) -> Node:
        """`a.b`, `a[b]`, as often as they follow each other."""
        node = self.primary()
        while True:
            if self.take("."):
                node = Node("select", (node,), self.next()[1])
            elif self.take("["):
                node = Node("index", (node, self.ternary()))
                self.expect("]")
            else:
                return node

    def primary(self) -> Node:
        """A literal, a list, a name, a call, or anything in brackets."""
        group, text = self.next()
        match group:
            case "int":
                return Node("literal", value=int(text))
            case "double":
                return Node("literal", value=float(text))
            case "text":
                return Node("literal", value=re.sub(r"\\(.)", lambda m: ESCAPES.get(m[1], m[1]), text[1:-1]))
            case "word":
                return self.word(text)
        if text == "[":
            return Node("list", self.items("]"))
        if text == "(":
            node = self.ternary()
            self.expect(")")
            return node
        raise ValueError(f"{self.text!r}: did not expect {text!r}")

    def word(self, text: str) -> Node:
        """A word of the language, a name, or a call."""
        if text in WORDS:
            return Node("literal", value=WORDS[text])
        if not self.take("("):
            return Node("name", value=text)
        parts = self.items(")")
        if text == "has" and len(parts) == 1 and parts[0].op == "select":
            return Node("has", parts[0].parts, parts[0].value)
        if len(parts) == 1:
            return Node(text, parts) if text in FUNCTIONS else Node("call", parts, text)
        raise ValueError(f"{self.text!r}: the oracle does not know {text}() of {len(parts)}")

    def items(self, closing: str) -> tuple[Node, ...]:
        """What is between commas up to the closing bracket."""
        parts: list[Node] = []
        while not self.take(closing):
            if parts:
                self.expect(",")
            parts.append(self.ternary())
        return tuple(parts)


@cache
def parse(text: str) -> Node:
    """The expression as nodes.

    Raises:
        ValueError: the oracle cannot read it; it knows only a part of CEL.
    """
    return Parser(text).whole()
