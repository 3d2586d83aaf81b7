"""A rulebook's YAML text to the rulebook and everything that is wrong with it, in one run.

Three passes: the text (`schemas.yaml_text`), the shape (`schemas.rulebook`), what its parts say about each
other (`schemas.rulebook_references`). What one pass finds wrong is left out for the next, so all is found.
Expressions are checked by the engine, which reports at places given by `Reading.source`.
"""

from dataclasses import dataclass
from typing import cast

from pydantic import JsonValue, ValidationError
from pydantic_core import ErrorDetails

from schemas.nearest import nearest
from schemas.rulebook import Rulebook
from schemas.rulebook_currency import without_karma
from schemas.rulebook_faults import explained, located
from schemas.rulebook_names import names_of
from schemas.rulebook_references import broken_references
from schemas.rulebook_words import described
from schemas.source import Fault, Path, Place, Source, dotted
from schemas.yaml_text import load

__all__ = ["Fault", "Path", "Place", "Reading", "Source", "dotted", "read", "study"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of a text."""

    rulebook: Rulebook | None
    """None where there is a fault; warnings do no harm."""
    sound: Rulebook | None
    """What is left without the parts that are at fault, for checks that come after; None where nothing is."""
    faults: list[Fault]
    """Faults and warnings in the order of the text."""
    source: Source
    """Where everything stands; makes faults for the checks that come after."""


def read(text: str, name: str) -> tuple[Rulebook | None, list[Fault]]:
    """The rulebook of a text, and all its faults and warnings; None where there is a fault.

    Args:
        text: YAML 1.2 (so also JSON), at most 1 MiB.
        name: the file's name, as faults give it.
    """
    reading = study(text, name)
    return reading.rulebook, reading.faults


def study(text: str, name: str) -> Reading:
    """As `read`, with the places of everything and with what is sound beside the faults."""
    data, source, faults = load(text, name)
    if data is None and faults:
        return Reading(None, None, faults, source)
    if not isinstance(data, dict):
        message = f"expected a mapping that begins with `apiVersion: karmalog/v1`, got {described(data)}"
        return Reading(None, None, [*faults, source.fault((), "WRONG_TYPE", message)], source)
    return _examined({name: value for name, value in data.items() if name != _FOR_EDITORS}, source, faults)


_FOR_EDITORS = "$schema"
"""Where an editor finds the JSON Schema; nothing of what an admin decides."""


def _examined(data: dict[str, JsonValue], source: Source, faults: list[Fault]) -> Reading:
    """The second and the third pass; `faults` are those of the first."""
    said = [(fault.line, fault.column) for fault in faults]
    sound, errors = _sound(data)
    shape = [located(explained(error), source) for error in errors]
    faults = faults + [fault for fault in shape if (fault.line, fault.column) not in said]  # one word is enough
    shaky: list[Path] = [error["loc"][:2] for error in errors]
    faults += [located(found, source) for found in broken_references(sound, names_of(data, shaky))]
    rulebook = None if faults else sound
    faults += [located(found, source) for found in without_karma(sound)]
    faults.sort(key=lambda fault: (fault.line, fault.column))
    return Reading(rulebook, _unbroken(sound), faults, source)


_NEUTRAL: dict[str, JsonValue] = {"apiVersion": "karmalog/v1", "kind": "Rulebook", "award": 0}
"""What stands in for a required field that is at fault, so that what is around it can be looked at."""

_EMPTY: dict[str, JsonValue] = {"apiVersion": "karmalog/v1", "kind": "Rulebook"}

_ROUNDS = 8  # taking something out can leave what is around it without a field it needs, and so on outwards


def _sound(data: dict[str, JsonValue]) -> tuple[Rulebook, list[ErrorDetails]]:
    """The rulebook of what is sound, and what is wrong with the shape of the rest."""
    errors: list[ErrorDetails] = []
    left = data
    for _ in range(_ROUNDS):
        try:
            return Rulebook.model_validate(left), errors
        except ValidationError as error:
            found = error.errors(include_url=False)
        errors = errors or _told(found)  # later rounds only find what taking out has left behind
        left = cast("dict[str, JsonValue]", _copied(left))
        for at in found:
            path = [part for part in at["loc"] if part != "[key]"]
            _take_out(left, path, missing=at["type"] == "missing")
    return Rulebook.model_validate(_EMPTY), errors


def _told(errors: list[ErrorDetails]) -> list[ErrorDetails]:
    """Without echoes: a list is too short as its entries are wrong, a field is missing as its name is misspelt."""
    places = [error["loc"] for error in errors]
    unknown = [error["loc"] for error in errors if error["type"] == "extra_forbidden"]

    def is_echo(error: ErrorDetails) -> bool:
        at = error["loc"]
        if error["type"] == "missing":
            return any(place[:-1] == at[:-1] and nearest(str(place[-1]), [str(at[-1])]) for place in unknown)
        return error["type"] == "too_short" and any(place[: len(at)] == at != place for place in places)

    return [error for error in errors if not is_echo(error)]


def _unbroken(sound: Rulebook) -> Rulebook:
    """What is left without the parts that name what there is not, and without what names those in turn."""
    for _ in range(_ROUNDS):
        left = sound.stored()
        broken = list(broken_references(sound, names_of(left)))
        if not broken:
            return sound
        for found in broken:
            is_schema = found.code == "BAD_SCHEMA"  # an activity of which only half is known is as good as none
            _take_out(left, list(found.path[:2] if is_schema else found.path), missing=False)
        sound, _ = _sound(left)
    return Rulebook.model_validate(_EMPTY)


def _copied(data: JsonValue) -> JsonValue:
    """A copy in which nothing is shared, as aliases share it."""
    if isinstance(data, dict):
        return {key: _copied(value) for key, value in data.items()}
    return [_copied(value) for value in data] if isinstance(data, list) else data


def _step(data: JsonValue, part: str | int) -> JsonValue:
    if isinstance(data, dict):
        return data.get(str(part))
    return data[int(part)] if isinstance(data, list) and int(part) < len(data) else None


def _take_out(data: dict[str, JsonValue], path: list[str | int], *, missing: bool) -> None:
    """Takes what is at fault out of the data: a field, or what lacks one; a list as a whole."""
    around: list[tuple[dict[str, JsonValue], str]] = []
    here: JsonValue = data
    for part in path:
        if isinstance(here, dict):
            around.append((here, str(part)))
        here = _step(here, part)
    mapping, name = around.pop()
    if name in _NEUTRAL:
        mapping[name] = _NEUTRAL[name]
    elif missing and around:
        mapping, name = around.pop()
        mapping.pop(name, None)
    else:
        mapping.pop(name, None)
