"""A rulebook's text with every fault and warning at once, those of its expressions among them."""

from collections.abc import Iterator
from typing import NamedTuple

from engine.rulebook_amounts import findings_of_amounts
from engine.rulebook_expressions import expression_faults
from engine.rulebook_farming import findings_of_farming
from engine.rulebook_hours import findings_of_hours
from engine.rulebook_minting import findings_of_minting
from schemas.activities import declared
from schemas.rulebook import Rulebook
from schemas.rulebook_accepts import accepts_of, broken_accepts, needless_accepts, without_accepted
from schemas.rulebook_faults import Finding, located
from schemas.rulebook_text import study
from schemas.source import Fault, Source


class Checked(NamedTuple):
    """What a text says."""

    rulebook: Rulebook | None
    """None where its shape is wrong. A fault of an expression leaves it here, so look at `wrong`."""
    faults: list[Fault]
    """Warnings among them, in the order of the text."""
    source: Source
    """Where everything stands, for checks that come after."""

    @property
    def wrong(self) -> list[Fault]:
        """The faults alone; where there is none, the rulebook can be published."""
        return [fault for fault in self.faults if fault.severity == "fault"]


def check(text: str, name: str) -> Checked:
    """Reads a rulebook; `name` is what its faults call the text, such as a file's name.

    Expressions are checked even where something else is wrong, so that all is said at once.
    """
    reading = study(text, name)
    faults, source = list(reading.faults), reading.source
    if reading.sound is not None:
        faults += [located(found, source) for found in _findings(reading.sound)]
        faults = _accepted(faults, source)
    return Checked(reading.rulebook, sorted(faults, key=lambda fault: (fault.line, fault.column)), source)


def _findings(rulebook: Rulebook) -> Iterator[Finding]:
    """What is found in a rulebook whose shape is sound."""
    activities = declared(rulebook)
    yield from expression_faults(rulebook)
    yield from findings_of_hours(rulebook)
    yield from findings_of_amounts(rulebook, activities)
    yield from findings_of_farming(rulebook, activities)
    yield from findings_of_minting(rulebook, activities)


def _accepted(faults: list[Fault], source: Source) -> list[Fault]:
    """Without what the admin accepted, and with what is wrong about accepting it."""
    accepts = accepts_of(source)
    found = [*without_accepted(faults, accepts), *broken_accepts(accepts, source)]
    if not any(fault.severity == "fault" for fault in faults):  # or what is at fault may be what was accepted
        found += needless_accepts(faults, accepts, source)
    return found
