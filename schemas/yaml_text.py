"""YAML 1.2 text to plain data, with the place of everything and every fault of the text at once.

Plain scalars follow the core schema (YAML 1.2.2, section 10.3.2): `on` and `no` are words, dates are texts.
Keys are taken as they are written. What a settings file never needs is refused: tags, merge keys, keys that
are no words, more than one document, and data that is deep or that aliases blow up.
"""

import re
from collections.abc import Iterator, Sequence
from math import isfinite
from typing import NamedTuple, cast

from pydantic import JsonValue
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from schemas.source import Code, Fault, Path, Place, Source

BYTES_MAX = 1_048_576
"""The largest text that is read: 1 MiB."""

DEPTH_MAX = 24
NODES_MAX = 100_000
"""The most keys and values, each alias counted as all that it stands for."""

_NUMBER_MAX = 2**53 - 1
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_WHOLE = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FRACTION = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NO_NUMBER = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_DIGITS_MAX = 40


def load(text: str, name: str) -> tuple[JsonValue, Source, list[Fault]]:
    """Reads one document; data is None where the text could not be read to its end.

    Numbers are whole within ±(2^53 - 1), or doubles; texts hold no NUL and no half characters.
    """
    source = Source(name, text)
    if len(text.encode("utf-8", "surrogatepass")) > BYTES_MAX:
        message = f"the file is larger than {BYTES_MAX:,} bytes; a rulebook is a few kB"
        return None, source, [source.fault((), "TOO_LARGE", message)]
    reader = _Reader(source)
    try:
        data = reader.document()
    except _StopError as stop:
        return None, source, [*reader.faults, stop.fault]
    except YAMLError as error:
        return None, source, [*reader.faults, _syntax(source, error)]
    return data, source, reader.faults


class _StopError(Exception):
    """Reading cannot go on; what was found so far is reported with this."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


class _Event(NamedTuple):
    """What the parser found next; ruamel.yaml has no types, so this is where they begin."""

    kind: str
    place: Place
    start: int
    """The character of the text at which it begins."""
    text: str
    """Of a scalar."""
    plain: bool
    """A scalar without quotation marks."""
    anchor: str
    """The name behind & or *; empty where there is none."""
    tag: str


def _place(mark: object) -> Place:
    return Place(int(getattr(mark, "line", 0)) + 1, int(getattr(mark, "column", 0)) + 1)


def _events(text: str) -> Iterator[_Event]:
    """The events of a text, one by one as it is scanned."""
    for event in cast("Iterator[object]", getattr(YAML(pure=True), "parse")(text)):  # noqa: B009 - see _Event
        mark = getattr(event, "start_mark", None)
        yield _Event(
            kind=type(event).__name__.removesuffix("Event"),
            place=_place(mark),
            start=int(getattr(mark, "index", 0)),
            text=str(getattr(event, "value", "")),
            plain=bool(getattr(event, "implicit", None) == (True, False)),
            anchor=str(getattr(event, "anchor", None) or ""),
            tag=str(getattr(event, "tag", None) or ""),
        )


class _Reader:
    """Recursive descent over the events; its depth is bounded."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.faults: list[Fault] = []
        self._events = _events(source.text)
        self._anchors: dict[str, tuple[JsonValue, int] | None] = {}  # None while it is still open
        self._nodes = 0

    def document(self) -> JsonValue:
        """The only document of the text."""
        _, begins = next(self._events), next(self._events)
        if begins.kind != "DocumentStart":
            empty = "the file is empty; `karmalog init` writes one to begin with"
            raise _StopError(self.source.fault((), "EMPTY", empty))
        data = self._value(next(self._events), ())
        for event in self._events:
            if event.kind == "DocumentStart":
                raise self._stop(event, (), "SYNTAX", "a second document begins here; expected one in a file")
        return data

    def _stop(self, event: _Event, path: Path, code: Code, message: str) -> _StopError:
        return _StopError(self.source.fault(path, code, message, at=event.place))

    def _fault(self, event: _Event, path: Path, code: Code, message: str) -> None:
        self.faults.append(self.source.fault(path, code, message, at=event.place))

    def _count(self, event: _Event, path: Path, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > NODES_MAX:
            message = f"more than {NODES_MAX:,} values, aliases counted as what they stand for; write less"
            raise self._stop(event, path, "TOO_LARGE", message)

    def _value(self, event: _Event, path: Path) -> JsonValue:
        self.source.values[path] = (event.place, event.start, event.text if event.kind == "Scalar" else None)
        self._count(event, path, 1)
        if event.kind == "Alias":
            return self._alias(event, path)
        if len(path) > DEPTH_MAX:
            raise self._stop(event, path, "TOO_DEEP", f"nested deeper than {DEPTH_MAX} levels")
        if event.tag:
            self._fault(event, path, "SYNTAX", f"the tag {event.tag} is not used here; write the plain value")
        before = self._nodes
        if event.anchor:
            self._anchors[event.anchor] = None
        data = self._content(event, path)
        if event.anchor:
            self._anchors[event.anchor] = (data, self._nodes - before)
        return data

    def _content(self, event: _Event, path: Path) -> JsonValue:
        if event.kind == "MappingStart":
            return self._mapping(path)
        if event.kind == "SequenceStart":
            return self._sequence(path)
        try:
            return _plain(event.text) if event.plain else _text(event.text)
        except ValueError as error:
            self._fault(event, path, "BAD_VALUE", str(error))
            return None

    def _alias(self, event: _Event, path: Path) -> JsonValue:
        name = event.anchor
        if name not in self._anchors:
            message = f"the alias *{name} stands for nothing; no &{name} is above"
            raise self._stop(event, path, "SYNTAX", message)
        found = self._anchors[name]
        if found is None:
            raise self._stop(event, path, "SYNTAX", f"the alias *{name} stands inside what it stands for")
        data, nodes = found
        self._count(event, path, nodes)
        return data

    def _sequence(self, path: Path) -> JsonValue:
        items: list[JsonValue] = []
        while (event := next(self._events)).kind != "SequenceEnd":
            items.append(self._value(event, (*path, len(items))))
        return items

    def _mapping(self, path: Path) -> JsonValue:
        data: dict[str, JsonValue] = {}
        while (event := next(self._events)).kind != "MappingEnd":
            key = self._key(event, path)
            at = (*path, key)
            first = self.source.keys.get(at)
            if first is not None:
                message = f"`{key}` stands twice; the first is in line {first.line}; keep one of them"
                self._fault(event, at, "DUPLICATE_KEY", message)
                self._value(next(self._events), (*path, f"{key} (again)"))
                continue
            self.source.keys[at] = event.place
            value = next(self._events)
            if value.plain and not value.text:  # nothing stands there: the parser names the line below
                value = value._replace(place=event.place, start=event.start)
            data[key] = self._value(value, at)
        return data

    def _key(self, event: _Event, path: Path) -> str:
        self._count(event, path, 1)
        if event.kind != "Scalar":
            message = "expected the name of a field; lists, mappings and aliases are none"
            raise self._stop(event, path, "SYNTAX", message)
        if event.text == "<<":
            message = "merge keys (<<) are not part of YAML 1.2; write the fields out"
            raise self._stop(event, path, "SYNTAX", message)
        try:
            return _text(event.text)
        except ValueError as error:
            raise self._stop(event, path, "BAD_VALUE", str(error)) from None


def _text(text: str) -> str:
    """A text with its surrogate pairs joined, as escapes in JSON write them; half of one is refused."""
    if "\x00" in text:
        raise ValueError("a NUL character is not allowed")
    try:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError:
        raise ValueError("half a character (a lone surrogate) is not allowed") from None


def _plain(text: str) -> JsonValue:
    """What an unquoted scalar means by the core schema."""
    if text in _NULL:
        return None
    if text in _TRUTH:
        return _TRUTH[text]
    if _NO_NUMBER.fullmatch(text):
        raise ValueError(f"{text} is not a finite number")
    whole = _WHOLE.fullmatch(text) is not None
    if not whole and not _FRACTION.fullmatch(text):
        return _text(text)
    if len(text) > _DIGITS_MAX:
        raise ValueError("a number with more than 40 digits; write it in quotes if it is a text")
    number = (int(text, 0) if text[:2] in {"0o", "0x"} else int(text)) if whole else float(text)
    if not isfinite(number) or (whole and abs(number) > _NUMBER_MAX):
        raise ValueError(f"{text} is too large a number; at most 2^53 - 1 is exact everywhere")
    return number


_ADVICE: Sequence[tuple[str, str]] = (
    (r"character '\t'", "a tab; indent with spaces"),
    (
        "mapping values are not allowed",
        "a colon where no field can begin: put the text in quotes, or mend the indentation",
    ),
    ("unexpected end of stream", "a quotation mark is opened and never closed"),
    ("expected <block end>", "this does not fit what stands before it: mend the indentation or the quotes"),
    ("could not find expected ':'", "expected `name: value`; a colon is missing"),
    ("expected ',' or", "a list or mapping in brackets goes on: expected `,` or its closing bracket"),
    ("cannot start any token", "a text cannot begin with this character: put it in quotes"),
)
"""What to do, by a piece of the scanner's own message."""


def _syntax(source: Source, error: YAMLError) -> Fault:
    if isinstance(error, ReaderError):
        index = int(getattr(error, "position", 0))
        line = source.text.count("\n", 0, index) + 1
        place = Place(line, index - source.text.rfind("\n", 0, index))
        message = f"the character U+{ord(source.text[index]):04X} is not allowed; take it out"
        return source.fault((), "SYNTAX", message, at=place)
    words = [str(getattr(error, name, None) or "") for name in ("problem", "context")]
    problem = " ".join(filter(None, words)) if isinstance(error, MarkedYAMLError) else str(error)
    marks = [getattr(error, name, None) for name in ("problem_mark", "context_mark")]
    if "end of stream" in problem:  # where the quotation begins, rather than the last line
        marks.reverse()
    mark = next((mark for mark in marks if mark is not None), None)
    advice = next((words for piece, words in _ADVICE if piece in problem), problem)
    return source.fault((), "SYNTAX", f"this is not YAML: {advice}", at=None if mark is None else _place(mark))
