"""A digest of answers: equal answers, equal digest, in whatever order they were worked out.

Each answer is one item, hashed on its own; the digest is the sum of the hashes. Two states that answer every
question alike have the same digest, so a rebuild, another runtime or the oracle can be held against a live store.
"""

from collections.abc import Iterable
from hashlib import blake2b

from pydantic_core import to_json

Item = tuple[str, ...] | tuple[str | int | None, ...]
"""(what, …): `board` board, window, kind of subject, subject, score; `points` member, rule, points; `badge` member,
badge, level, time in ms; `streak` member, badge, longest; `karma` drawer, id, what is kept; `posting` member, place,
what is kept."""

_MODULUS = 1 << 64


def digest(items: Iterable[Item]) -> str:
    """16 hex digits of the sum of the items' hashes."""
    total = 0
    for item in items:
        total += int.from_bytes(blake2b(to_json(item), digest_size=8, person=b"karmalog.answer").digest())
    return f"{total % _MODULUS:016x}"
