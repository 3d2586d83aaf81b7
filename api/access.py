"""Who asks: API keys, kept as hashes alone, and the role that each of them has.

A key is 32 random bytes, so one fast hash keeps it: there is nothing to guess. It is found by its hash, so
how long the search takes says nothing about how much of a guess was right.
"""

import secrets
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Final, NamedTuple, Self

from api.key_rings import FileRing, Kept, KeyRing
from api.roles import Caller, RefusedKey, Role

__all__ = ["Access", "Caller", "Issued", "RefusedKey", "Role", "ident_of"]

KEYS_FILE: Final = "keys.json"
"""In the data folder, readable by its owner alone."""

KEY_LENGTH_MIN: Final = 16
"""A shorter key of one's own could be guessed."""

_PREFIX: Final = "karmalog_"
_IDENT_DIGITS: Final = 12


class Issued(NamedTuple):
    """A key that was issued, without the key itself."""

    ident: str  # the beginning of its hash
    role: str
    label: str  # what it is for, as whoever issued it said


class Access:
    """The keys of one installation."""

    def __init__(self, given: Mapping[str, Caller] | None = None, ring: KeyRing | None = None) -> None:
        """Knows `given` by the hash of their key, and those of a ring as soon as it was refreshed."""
        self._given = dict(given or {})
        self._ring = ring
        self._kept: dict[str, Kept] = {}
        self.first_key: str | None = None
        """The operator's key, where this process made it: it is shown once and kept nowhere."""

    @classmethod
    def open(cls, folder: Path, given: str | None = None) -> Self:
        """The keys of a data folder. Where no operator has one it makes one, unless one is `given`.

        Raises:
            RefusedKey: the given key is too short, or the file of keys holds something else.
        """
        folder.mkdir(parents=True, exist_ok=True)
        ring = FileRing(folder / KEYS_FILE)
        access = cls({} if given is None else {_hash(_long_enough(given)): Caller(Role.OPERATOR)}, ring)
        access._kept = ring.read()
        if given is None and not any(kept.caller.role is Role.OPERATOR for kept in access._kept.values()):
            access.first_key = key = _new_key()
            access._kept[_hash(key)] = kept = Kept(Caller(Role.OPERATOR), "the first start")
            ring.write(_hash(key), kept)
        return access

    @classmethod
    def of(cls, keys: Mapping[str, Caller], ring: KeyRing | None = None) -> Self:
        """Access by these keys, and by those of a ring.

        Raises:
            RefusedKey: a key is too short.
        """
        return cls({_hash(_long_enough(key)): caller for key, caller in keys.items()}, ring)

    def caller(self, key: str) -> Caller | None:
        """Whose a key is; None for one that nobody was given."""
        digest = _hash(key)
        if (found := self._given.get(digest)) is not None:
            return found
        kept = self._kept.get(digest)
        return None if kept is None else kept.caller

    def lend(self, caller: Caller) -> str:
        """A new key that ends with this process, or when it is taken back."""
        key = _new_key()
        self._given[_hash(key)] = caller
        return key

    def take_back(self, key: str) -> None:
        """Ends a key that was lent."""
        self._given.pop(_hash(key), None)

    # Keys that are kept.

    async def refresh(self) -> None:
        """Learns what other processes issued and revoked.

        Raises:
            RefusedKey, UnavailableLog, RedisError: the ring cannot be read; what was known goes on.
        """
        if self._ring is not None and (news := await self._ring.news()) is not None:
            self._kept = dict(news)

    def issued(self) -> list[Issued]:
        """The keys that are kept, in the order of their roles."""
        found = [Issued(digest[:_IDENT_DIGITS], str(kept.caller), kept.label) for digest, kept in self._kept.items()]
        return sorted(found, key=lambda each: (each.role, each.label, each.ident))

    async def issue(self, caller: Caller, label: str = "") -> tuple[str, Issued]:
        """A new key, which cannot be read again, and what is kept of it.

        Raises:
            UnavailableLog, RedisError: it is not known to be kept; issue another one.
        """
        key = _new_key()
        digest, kept = _hash(key), Kept(caller, label)
        if self._ring is not None:
            await self._ring.put(digest, kept)
        self._kept[digest] = kept
        return key, Issued(digest[:_IDENT_DIGITS], str(caller), label)

    async def revoke(self, ident: str) -> Issued | None:
        """Ends a key that was issued; None where there is none.

        Raises:
            UnavailableLog, RedisError: it is not known to be ended; revoking it again is harmless.
        """
        digest = next((each for each in self._kept if each[:_IDENT_DIGITS] == ident), None)
        if digest is None:
            return None
        if self._ring is not None:
            await self._ring.put(digest, None)
        kept = self._kept.pop(digest)
        return Issued(ident, str(kept.caller), kept.label)


def ident_of(text: str) -> str:
    """The id of a key; an id stays what it is."""
    return _hash(text)[:_IDENT_DIGITS] if text.startswith(_PREFIX) else text


def _new_key() -> str:
    return f"{_PREFIX}{secrets.token_urlsafe(32)}"


def _hash(key: str) -> str:
    return blake2b(key.encode(errors="surrogateescape"), digest_size=32, person=b"karmalog.apikey").hexdigest()


def _long_enough(key: str) -> str:
    if len(key) < KEY_LENGTH_MIN:
        raise RefusedKey(
            f"KARMALOG_KEY has {len(key)} characters; make one of at least {KEY_LENGTH_MIN}, for instance "
            "with `openssl rand -hex 32`"
        )
    return key
