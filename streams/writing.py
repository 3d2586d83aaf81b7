"""What a projector writes while it folds on: one batch after the other, in a thread, and how far the store is by them.

A write that finds the store elsewhere than expected is told to whoever waits for it next.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

import redis

from engine.needs import NeedMembers, NeedPages, StoreNeed
from schemas.words import MemberId, OrgId
from streams.store import Mark, Moved, Store
from streams.writes import Call


class LostOwnershipError(Exception):
    """Another worker has taken the partition over; this one must stop writing."""


class RewoundError(Exception):
    """The store stands elsewhere than this projector thought; what it has in memory has to be dropped."""


class Writing:
    """The writes of one partition, for the one thread that folds it; what waits for a write raises as the write did.

    Attributes:
        noted: How far every organisation of the partition is written.
        under_way: The write that goes on, or the last one if nobody has waited for it.

    Raises:
        LostOwnershipError: another worker has the partition now.
        RewoundError: the store stands elsewhere.
        redis.exceptions.RedisError: it did not take a write, or does not answer.
    """

    def __init__(self, store: Store, partition: int, reached: Callable[[str], None]) -> None:
        self.noted: dict[OrgId, int] = {}
        self.under_way: Future[None] | None = None
        self._store = store
        self._partition = partition
        self._reached = reached
        self._marked = 0  # where the partition's mark stands
        self._unnoted: dict[OrgId, int] = {}  # organisations that were written since then
        self._calls: Sequence[Call] = []  # of the write that goes on
        self._thread = ThreadPoolExecutor(1, "apply")

    def take_over(self) -> int:
        """Takes the partition over; where it has to be read from. What goes on is waited for, but may fail."""
        with suppress(RewoundError, redis.exceptions.RedisError):
            self.wait()
        self._unnoted = {}
        self._marked, self.noted = self._store.take_partition(self._partition)
        return self._marked

    def hand_over(self, calls: Sequence[Call], read: int | None) -> None:
        """Waits for the write that goes on, and lets another one begin.

        Args:
            calls: What to write; without any, it only waits.
            read: The position before which all of the partition is written with these, to be noted; None: it is not.
        """
        self.wait()
        if calls:
            self._reached("before apply")
            self.under_way, self._calls = self._thread.submit(self._apply, calls, read), calls

    def wait(self) -> None:
        """Waits for the write that goes on."""
        under_way, self.under_way = self.under_way, None
        self._calls = []
        if under_way is not None:
            under_way.result()

    def may_hold(self, org: OrgId, need: StoreNeed) -> bool:
        """Whether what the fold needs may be in the write that goes on."""
        if isinstance(need, NeedMembers):  # of those whom it has not in memory, nothing is being written
            return False
        if isinstance(need, NeedPages):  # sealed segments stay as they were written
            wanted = {(need.memory, page.segment) for page in need.pages}
            return any(call.org == org and wanted & call.sealing for call in self._calls)
        return True

    def members(self, org: OrgId) -> list[Collection[MemberId]]:
        """The members in the write that goes on, call by call."""
        return [call.members for call in self._calls if call.org == org]

    def check(self, stands: Mapping[OrgId, int]) -> None:
        """Waits for the write that goes on; notices a store that is elsewhere, by where the organisations are here."""
        self.wait()
        mark = self._store.partition(self._partition)
        if mark != Moved(self._marked, self._store.owner):
            self._on_moved(mark)
        for org, position in stands.items():
            found = self._store.position(org)
            if found is not None and found != Moved(position, self._store.owner):
                self._on_moved(found)

    def close(self) -> None:
        """Ends the thread."""
        self._thread.shutdown()

    def _on_moved(self, moved: Moved) -> None:
        if moved.owner and moved.owner != self._store.owner:
            raise LostOwnershipError(
                f"partition {self._partition} was taken over by another worker; this one stops writing to it"
            )
        raise RewoundError

    # In its thread.

    def _apply(self, calls: Sequence[Call], read: int | None) -> None:
        for call in calls:
            moved = self._store.apply(call)
            self._reached("applied")
            if moved is not None:
                self._on_moved(moved)
            self._unnoted[call.org] = call.next_position
        if read is not None:
            moved = self._store.note_partition(self._partition, Mark(self._marked, read, self._unnoted))
            if moved is not None:
                self._on_moved(moved)
            self.noted = self.noted | self._unnoted
            self._marked = read
            self._unnoted = {}
