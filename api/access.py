"""Who asks: API keys, kept as hashes alone, and the role that each of them has.

A key is 32 random bytes, so one fast hash keeps it: there is nothing to guess. It is found by its hash, so
how long the search takes says nothing about how much of a guess was right.
"""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from pathlib import Path
from typing import Final, Self

from schemas.failures import Refused
from schemas.members import member_id_fault
from schemas.words import MemberId

KEYS_FILE: Final = "keys.json"
"""In the data folder, readable by its owner alone."""

KEY_LENGTH_MIN: Final = 16
"""A shorter key of one's own could be guessed."""


class Role(StrEnum):
    """What a key is good for."""

    OPERATOR = "operator"  # everything: sees hidden members, publishes people's events and rulebooks
    PUBLISHER = "publisher"  # publishes activities, and sees nothing
    VIEWER = "viewer"  # sees what everyone may see
    MEMBER = "member"  # sees that, and all of their own record


class RefusedKey(Refused, ValueError):
    """A key or a role cannot be used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a key speaks for; only a member's has a `member`."""

    role: Role
    member: MemberId | None = None

    @classmethod
    def named(cls, text: str) -> Self:
        """The caller that `operator`, `publisher`, `viewer` or `member:ID` names.

        Raises:
            RefusedKey: it names none.
        """
        role, _, member = text.partition(":")
        if role == Role.MEMBER and member_id_fault(member) is None:
            return cls(Role.MEMBER, MemberId(member))
        if role in {Role.OPERATOR, Role.PUBLISHER, Role.VIEWER} and not member:
            return cls(Role(role))
        raise RefusedKey(f"{text!r} names no role; write operator, publisher, viewer or member:ID")

    def __str__(self) -> str:
        return self.role if self.member is None else f"{self.role}:{self.member}"

    @property
    def sees_everyone(self) -> bool:
        """Whether hidden members are shown."""
        return self.role is Role.OPERATOR


class Access:
    """The keys of one installation."""

    def __init__(self, callers: Mapping[str, Caller] | None = None, path: Path | None = None) -> None:
        """Knows `callers` by the hash of their key, and those in the file `path`."""
        self._given = dict(callers or {})
        self._path = path
        self._kept: dict[str, Caller] = {}
        self._read_at: tuple[int, int] | None = None
        self.first_key: str | None = None
        """The operator's key, where this process made it: it is shown once and kept nowhere."""
        self._read()

    @classmethod
    def open(cls, folder: Path, given: str | None = None) -> Self:
        """The keys of a data folder; the first start makes an operator's, unless one is `given`.

        Raises:
            RefusedKey: the given key is too short, or the file of keys holds something else.
        """
        folder.mkdir(parents=True, exist_ok=True)
        access = cls({} if given is None else {_hash(_long_enough(given)): Caller(Role.OPERATOR)}, folder / KEYS_FILE)
        if given is None and not access._kept:
            access.first_key = access.issue(Caller(Role.OPERATOR))
        return access

    @classmethod
    def of(cls, keys: Mapping[str, Caller]) -> Self:
        """Access by these keys alone, kept in no file.

        Raises:
            RefusedKey: a key is too short.
        """
        return cls({_hash(_long_enough(key)): caller for key, caller in keys.items()})

    def caller(self, key: str) -> Caller | None:
        """Whose a key is; None for one that nobody was given."""
        digest = _hash(key)
        found = self._given.get(digest) or self._kept.get(digest)
        if found is None and self._changed():
            self._read()  # another process issued a key
            found = self._kept.get(digest)
        return found

    def issue(self, caller: Caller, *, kept: bool = True) -> str:
        """A new key; it cannot be read again. One that is not `kept` in the file ends with this process."""
        key = f"karmalog_{secrets.token_urlsafe(32)}"
        if kept and self._path is not None:
            self._kept[_hash(key)] = caller
            self._write()
        else:
            self._given[_hash(key)] = caller
        return key

    def revoke(self, key: str) -> bool:
        """Whether a key was good until now."""
        digest = _hash(key)
        if self._given.pop(digest, None) is not None:
            return True
        known = self._kept.pop(digest, None)
        if known is not None:
            self._write()
        return known is not None

    def _stamp(self) -> tuple[int, int] | None:
        try:
            status = os.stat(self._path) if self._path is not None else None  # noqa: PTH116 - it may be None
        except FileNotFoundError:
            return None
        return None if status is None else (status.st_mtime_ns, status.st_ino)

    def _changed(self) -> bool:
        return self._stamp() != self._read_at

    def _read(self) -> None:
        self._read_at = self._stamp()
        if self._path is None or self._read_at is None:
            return
        try:
            said = json.loads(self._path.read_text(encoding="utf-8"))
            self._kept = {each["hash"]: Caller.named(each["role"]) for each in said["keys"]}
        except (KeyError, TypeError, ValueError) as error:
            raise RefusedKey(
                f"{self._path} does not hold keys ({error}): put it back, or move it away and the next start "
                "makes a new key"
            ) from error

    def _write(self) -> None:
        """Replaces the file as a whole, so that no reader finds half of it."""
        if self._path is None:
            return
        said = {"keys": [{"hash": digest, "role": str(caller)} for digest, caller in self._kept.items()]}
        new = self._path.with_suffix(".new")
        new.unlink(missing_ok=True)
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(said, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._path)
        self._read_at = self._stamp()


def _hash(key: str) -> str:
    return blake2b(key.encode(errors="surrogateescape"), digest_size=32, person=b"karmalog.apikey").hexdigest()


def _long_enough(key: str) -> str:
    if len(key) < KEY_LENGTH_MIN:
        raise RefusedKey(
            f"KARMALOG_KEY has {len(key)} characters; make one of at least {KEY_LENGTH_MIN}, for instance "
            "with `openssl rand -hex 32`"
        )
    return key
