"""Where the hashes of issued keys are kept: a file of the data folder, or the private shelf with a copy in Redis."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

import redis
from pydantic_core import from_json, to_json

from api.roles import Caller, RefusedKey
from schemas.words import OrgId
from streams.copies import Copy
from streams.keys import Keys
from streams.shelf import Shelf


class Kept(NamedTuple):
    """What is kept of a key, under its hash."""

    caller: Caller
    label: str  # what it is for, as whoever issued it said


class KeyRing(Protocol):
    """Keeps keys by their hash; what one process keeps, the others learn."""

    async def news(self) -> Mapping[str, Kept] | None:
        """All that is kept, where it has changed since this was asked last; else None."""
        ...

    async def put(self, digest: str, kept: Kept | None) -> None:
        """Keeps a key, or forgets it (None); durable when it returns."""
        ...


class FileRing:
    """A `KeyRing` in one file, readable by its owner alone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_at: tuple[int, int] | None = None

    async def news(self) -> Mapping[str, Kept] | None:
        """See `KeyRing.news`."""
        return self.read() if self._stamp() != self._read_at else None

    async def put(self, digest: str, kept: Kept | None) -> None:
        """See `KeyRing.put`."""
        self.write(digest, kept)

    def read(self) -> dict[str, Kept]:
        """All of it.

        Raises:
            RefusedKey: the file holds something else.
        """
        self._read_at = self._stamp()
        if self._read_at is None:
            return {}
        try:
            said = json.loads(self._path.read_text(encoding="utf-8"))
            return {each["hash"]: Kept(Caller.named(each["role"]), each.get("for", "")) for each in said["keys"]}
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise RefusedKey(
                f"{self._path} does not hold keys ({error}): put it back, or move it away and the next start "
                "makes a new key"
            ) from error

    def write(self, digest: str, kept: Kept | None) -> None:
        """Replaces the file as a whole, so that no reader finds half of it."""
        keys = self.read()
        if kept is None:
            keys.pop(digest, None)
        else:
            keys[digest] = kept
        said = {"keys": [{"hash": name, **_said(each)} for name, each in keys.items()]}
        new = self._path.with_suffix(".new")
        new.unlink(missing_ok=True)
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(said, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._path)
        self._read_at = self._stamp()

    def _stamp(self) -> tuple[int, int] | None:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return None
        return status.st_mtime_ns, status.st_ino


class SharedRing:
    """A `KeyRing` that all processes on one Kafka and Redis share."""

    def __init__(self, client: "redis.Redis", shelf: Shelf, org: OrgId) -> None:
        self._copy = Copy(client, Keys(org).api_keys(), shelf, f"key/{org}/", lambda value: value)

    async def news(self) -> Mapping[str, Kept] | None:
        """See `KeyRing.news`."""
        await self._copy.ensure()
        found = await self._copy.news()
        return None if found is None else {digest: _kept(value) for digest, value in found.items()}

    async def put(self, digest: str, kept: Kept | None) -> None:
        """See `KeyRing.put`."""
        await self._copy.put({digest: None if kept is None else to_json(_said(kept))})


def _said(kept: Kept) -> dict[str, str]:
    return {"role": str(kept.caller)} | ({"for": kept.label} if kept.label else {})


def _kept(value: bytes) -> Kept:
    said = from_json(value)
    return Kept(Caller.named(said["role"]), said.get("for", ""))
