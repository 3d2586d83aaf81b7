"""What stands beside the log: texts that can be deleted, and what could not be taken, with its reason.

Both outlive the store, so that an emptied Redis loses nothing, and both forget for good.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from schemas.words import Position


class Kept(NamedTuple):
    """One thing in quarantine."""

    position: Position  # rises in the order they came
    key: str
    value: bytes


class Shelf(Protocol):
    """Texts and profiles under a key; only the last value of a key is kept."""

    async def put(self, items: Mapping[str, bytes | None]) -> None:
        """Keep values, or delete them (None); durable when it returns.

        Raises:
            UnavailableLog: It is not known to be durable; putting it again is harmless.
        """
        ...

    async def get(self, key: str) -> bytes | None:
        """The value, or None where there is none."""
        ...

    async def scan(self, prefix: str) -> dict[str, bytes]:
        """Everything whose key begins with `prefix`, by key."""
        ...

    async def close(self) -> None:
        """Let go of everything."""
        ...


class Quarantine(Protocol):
    """What could not be taken, in the order it came, until it is resolved."""

    async def add(self, items: Sequence[tuple[str, bytes]]) -> None:
        """Keep pairs of a key and a value; durable when it returns.

        The key is made from where a thing came from (its place, or its identity), so that adding it twice
        after a crash keeps it once.

        Raises:
            UnavailableLog: It is not known to be durable; adding it again is harmless.
        """
        ...

    def scan(self, start: Position = Position(0)) -> AsyncIterator[Kept]:  # noqa: B008 - an int
        """What is there from `start` on and not resolved, in order."""
        ...

    async def resolve(self, keys: Sequence[str]) -> None:
        """Forget what was taken after all or will never be; unknown keys are passed over.

        Raises:
            UnavailableLog: It is not known to be durable; resolving it again is harmless.
        """
        ...

    async def close(self) -> None:
        """Let go of everything."""
        ...
