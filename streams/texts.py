"""Texts that people wrote, by the reference that the log's record tells; they can be read here, and deleted for good.

What is deleted may come again: a publisher that sends the same event once more sends its text once more.
"""

from collections.abc import Collection, Mapping
from urllib.parse import quote

from pydantic_core import from_json

from schemas.words import MemberId, OrgId
from streams.shelf import Shelf

Reference = str
"""Where the texts of one event stand: its member (percent-encoded), its id and its stamp, with slashes."""


def text_key(org: str, member: str, ident: str, stamp: str) -> str:
    """Where the texts of an event are kept: a name that only this content has, and that its record tells.

    Made from two keyed hashes and not drawn at random: what comes in twice is kept once, and a later event
    with the same id and other content does not overwrite the first one's texts.
    """
    return f"{_of(OrgId(org))}{quote(member, safe='')}/{ident}/{stamp}"


def _of(org: OrgId) -> str:
    return f"text/{org}/"


class Texts:
    """The texts of one organisation."""

    def __init__(self, shelf: Shelf, org: OrgId) -> None:
        self._shelf, self._org = shelf, org

    async def of(self, member: MemberId) -> Mapping[Reference, Mapping[str, str]]:
        """What a member wrote, by field."""
        found = await self._shelf.scan(text_key(self._org, member, "", "").removesuffix("/"))
        return {key.removeprefix(_of(self._org)): from_json(value) for key, value in found.items()}

    async def delete(self, references: Collection[Reference]) -> int:
        """How many of them were there; none is any more.

        Raises:
            UnavailableLog: it is not known to be done; deleting them again is harmless.
        """
        keys = [_of(self._org) + each for each in dict.fromkeys(references)]
        there = [key for key in keys if await self._shelf.get(key) is not None]
        if there:
            await self._shelf.put(dict.fromkeys(there))
        return len(there)
