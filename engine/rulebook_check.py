"""A rulebook's text with every fault and warning at once, those of its expressions among them."""

from typing import NamedTuple

from engine.catalogue import Catalogue
from engine.compiling import compile_plan
from schemas.rulebook import Rulebook
from schemas.rulebook_text import study
from schemas.source import Fault


class Checked(NamedTuple):
    """What a text says."""

    rulebook: Rulebook | None
    """None where its shape is wrong. A fault of an expression leaves it here, so look at `wrong`."""
    faults: list[Fault]
    """Warnings among them, in the order of the text."""

    @property
    def wrong(self) -> list[Fault]:
        """The faults alone; where there is none, the rulebook can be published."""
        return [fault for fault in self.faults if fault.severity == "fault"]


def check(text: str, name: str) -> Checked:
    """Reads a rulebook; `name` is what its faults call the text, such as a file's name.

    Expressions are checked even where something else is wrong, so that all is said at once.
    """
    reading = study(text, name)
    faults = list(reading.faults)
    if reading.sound is not None:
        misfits = compile_plan(reading.sound, 1, None, Catalogue()).misfits
        faults += [reading.source.fault(each.path, "BAD_EXPRESSION", each.message) for each in misfits]
    return Checked(reading.rulebook, sorted(faults, key=lambda fault: (fault.line, fault.column)))
