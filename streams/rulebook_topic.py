"""The newest rulebook of every organisation, as the worker tells it to intake through a small compacted topic.

The topic is a projection like any other: the worker writes what the fold took from the log, and writes it again when
it takes an organisation over, so it never differs from the log for good. Intake holds all of it in memory.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple, cast

import redis
from pydantic_core import from_json, to_json

from schemas.rulebook import Rulebook
from schemas.words import OrgId
from streams.catalogue import Catalogue, Declared
from streams.keys import Keys
from streams.shelf import Shelf

if TYPE_CHECKING:
    from pydantic import JsonValue


class Newest(NamedTuple):
    """What intake needs of an organisation's newest rulebook."""

    version: int
    catalogue: Catalogue


class _NothingDeclared(Catalogue):
    """Of an organisation without a rulebook: not even people's events, since its log could not be folded."""

    def __init__(self) -> None:
        super().__init__({})

    def get(self, kind: str) -> Declared | None:
        """None, whatever is asked for."""
        _ = kind
        return None


NOTHING_DECLARED = _NothingDeclared()


def written(client: "redis.Redis", orgs: Collection[OrgId]) -> dict[OrgId, tuple[int, bytes]]:
    """The newest rulebook of each that has one: its version, and its JSON; blocks for a round trip."""
    pipe = client.pipeline(transaction=False)
    for org in orgs:
        pipe.llen(Keys(org).books)
        pipe.lindex(Keys(org).books, -1)
    found = pipe.execute()
    return {
        org: (cast("int", count), to_json(from_json(book)[1]))
        for org, count, book in zip(orgs, found[::2], found[1::2], strict=True)
        if book is not None
    }


class RulebookTeller:
    """The worker's end: tells what is new."""

    def __init__(self, topic: Shelf) -> None:
        """`topic` is followed as well, so that what stands there already is not told again."""
        self.topic = topic

    async def tell(self, found: dict[OrgId, tuple[int, bytes]]) -> None:
        """Writes every rulebook that the topic does not hold in this version.

        Raises:
            UnavailableLog: Kafka does not take it; telling it again is harmless.
        """
        news: dict[str, bytes | None] = {}
        for org, (version, book) in found.items():
            value = to_json({"version": version}).removesuffix(b"}") + b',"rulebook":' + book + b"}"
            if await self.topic.get(org) != value:
                news[org] = value
        if news:
            await self.topic.put(news)


class KnownRulebooks:
    """Intake's end: the catalogue of each organisation, by its newest rulebook."""

    def __init__(self, topic: Shelf) -> None:
        self.topic = topic
        self.newest: dict[OrgId, Newest] = {}
        self._said: dict[str, bytes] = {}

    async def refresh(self) -> bool:
        """Reads what is new; whether anything was.

        Raises:
            UnavailableLog: the topic cannot be read.
        """
        said = await self.topic.scan("")
        if said == self._said:
            return False
        for org, value in said.items():
            if self._said.get(org) != value:
                raw = cast("dict[str, JsonValue]", from_json(value))
                rulebook = Rulebook.model_validate(raw["rulebook"])
                self.newest[OrgId(org)] = Newest(cast("int", raw["version"]), Catalogue.of(rulebook))
        self._said = said
        return True

    def of(self, org: OrgId) -> Catalogue:
        """What an organisation declares; nothing without a rulebook, so that its events wait."""
        found = self.newest.get(org)
        return NOTHING_DECLARED if found is None else found.catalogue

    def declares(self, kind: str) -> bool:
        """Whether any organisation declares a type: a quick look before an event is judged again."""
        return any(each.catalogue.get(kind) is not None for each in self.newest.values())
