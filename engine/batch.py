"""A batch while it is folded: the records, what each says, what waits for its member, and what all of it changes."""

from collections.abc import Callable, Sequence

from engine.changes import Changes
from engine.confirming import Keys
from engine.disclosure import Footprint
from engine.effects import Effects, Key
from engine.evaluation import ENDED, Entry, Reading
from engine.heads import HeadSteps
from engine.ledger.draft import Asked
from engine.member import Member
from engine.organisation import Organisation
from engine.standing import Standing
from schemas.records import Record
from schemas.verdicts import Verdict
from schemas.words import Instant, MemberId, Position

Item = tuple[Position, Record]

Change = Callable[[Standing], None]
"""What somebody said about a member, to be put into how they stand."""


class Batch:
    """Some records of an organisation, in the order of the log."""

    __slots__ = (
        "arrived",
        "asked",
        "at_hand",
        "belonged",
        "causes",
        "changes",
        "confirmable",
        "decided",
        "effects",
        "footprints",
        "gone",
        "heads",
        "here",
        "hot_ms",
        "items",
        "met",
        "moves",
        "named",
        "org",
        "readings",
        "shelves",
        "times",
        "vault",
    )

    def __init__(self, org: Organisation, items: Sequence[Item], hot_ms: int) -> None:
        """Nothing is folded yet; `hot_ms` is how far back an older event may lie without a read."""
        self.org = org
        self.items = items
        self.hot_ms = hot_ms
        self.changes = Changes(next_position=items[-1][0] + 1)
        self.here: dict[int, Record] = dict(items)  # by position: records of this batch, and those looked up
        self.readings: dict[int, Reading] = {}  # by position
        self.confirmable: dict[int, Keys] = {}  # by position
        self.arrived: dict[MemberId, list[Entry]] = {}  # events that count, as they came
        self.gone: dict[MemberId, list[Entry]] = {}  # events of earlier batches that do not count any more
        self.named: set[MemberId] = set()  # members whom rules of events name that may be taken back
        self.moves: dict[MemberId, list[tuple[Key, Change]]] = {}  # what people's events change, and from when on
        self.decided: dict[MemberId, int] = {}  # members about whose badges people decided: the last record of that
        self.causes: dict[MemberId, int] = {}  # the last record that made a member fold again
        self.shelves: dict[MemberId, tuple[str, str]] = {}  # members whose shelves changed: those they stood on before
        self.belonged: dict[MemberId, set[tuple[str, str]]] = {}  # of members about whom something was said
        self.heads: dict[MemberId, HeadSteps] = {}  # likewise
        self.footprints: dict[MemberId, Footprint] = {}  # of the same members, before it was said
        self.effects: dict[MemberId, Effects] = {}
        self.met: dict[MemberId, Instant] = {}  # members who became known, and since when
        self.at_hand = -1  # the last record that may make others count than itself
        self.times: dict[int, Instant] = {}  # by position, once somebody asks
        self.vault = self.changes.vault
        self.asked: dict[int, Asked] = {}  # requests about karma, by position

    def end(self, position: int, verdict: Verdict) -> None:
        """Lets a record end with a verdict, whatever it says."""
        self.readings[position] = ENDED[verdict]
        self.confirmable.pop(position, None)

    def touch(self, ident: MemberId) -> Member:
        """A member in memory, who will be written."""
        member = self.changes.members[ident] = self.org.members[ident]
        return member

    def meet(self, ident: MemberId, position: int) -> None:
        """Notes since when a member is known: since the record at hand, whichever one counts by it."""
        if ident not in self.met and self.org.members[ident].new:
            self.met[ident] = self.time_of(max(position, self.at_hand))

    def time_of(self, position: int) -> Instant:
        """The log's time at a record of this batch: the latest recorded time up to and with it, imports left out."""
        if not self.times:
            at = self.org.clock
            for place, record in self.items:
                if "run" not in record and record["recorded"] > at:
                    at = record["recorded"]
                self.times[place] = Instant(at)
        return self.times[position]

    def effects_of(self, ident: MemberId) -> Effects:
        """What happened to a member so far."""
        found = self.effects.get(ident)
        if found is None:
            found = self.effects[ident] = Effects(ident, self.changes.facts)
        return found
