"""Keyed hashes: what the log keeps in the place of what it must not hold, and must still recognise.

A publisher's id may hold a name, so the log keeps a hash of it; only who has the secret can tell whether a
guess is right (BLAKE2b in its keyed mode, RFC 7693). Each purpose has a personalisation of its own, so a hash
made for one never equals one made for another.
"""

from hashlib import blake2b
from typing import Final

from pydantic import JsonValue

from schemas.failures import Refused
from schemas.strict_json import canonical
from schemas.words import Instant

SECRET_BYTES_MIN: Final = 16
"""A shorter secret could be guessed."""


class RefusedSecret(Refused, ValueError):
    """The secret is too short to keep anything secret."""


class Hasher:
    """Hashes under one secret; the same secret gives the same hashes for ever."""

    __slots__ = ("_key",)

    def __init__(self, secret: bytes) -> None:
        """Take a secret of at least `SECRET_BYTES_MIN` random bytes.

        Raises:
            RefusedSecret: It is shorter.
        """
        if len(secret) < SECRET_BYTES_MIN:
            raise RefusedSecret(
                f"KARMALOG_SECRET has {len(secret)} bytes; make one of at least {SECRET_BYTES_MIN}, "
                "for instance with `openssl rand -hex 32`"
            )
        self._key: Final = blake2b(secret, digest_size=32, person=b"karmalog.key").digest()

    def identity(self, source: str, publisher_id: str) -> str:
        """Return the identity of an event: 32 hex digits of its source and its publisher's id."""
        # The length says where the source ends, so no two pairs are one text.
        pair = f"{len(source)}:{source}{publisher_id}".encode()
        return blake2b(pair, digest_size=16, key=self._key, person=b"karmalog.id").hexdigest()

    def stamp(self, kind: str, subject: str, time: Instant, data: JsonValue) -> str:
        """Return the stamp of a content: 16 hex digits of type, subject, instant and data as received.

        The order of keys and the way a number is written make no difference; anything else does.
        """
        head = f"{len(kind)}:{len(subject)}:{time}:{kind}{subject}".encode()
        content = head + canonical(data)
        return blake2b(content, digest_size=8, key=self._key, person=b"karmalog.stamp").hexdigest()

    def fingerprint(self) -> str:
        """Return 16 hex digits that tell this secret from another and tell nothing about it."""
        return blake2b(digest_size=8, key=self._key, person=b"karmalog.secret").hexdigest()
