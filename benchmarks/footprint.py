"""Bytes that Python objects take with everything they hold, and bytes of a store by the kind of key."""

import random
import sys
from collections import Counter
from collections.abc import Iterable

import redis

from engine.expressions import Expression
from engine.member import Member
from schemas.words import OrgId
from streams.keys import Keys

_SAMPLE = 300
_SCAN = 5_000

KINDS = {
    "m": "members' records",
    "p": "events and older totals",
    "d": "distinct values",
    "b": "boards",
    "g": "boards of groups",
    "w": "names of windows",
    "steps": "who is hidden in groups",
    "pairs": "members of several groups",
    "identities": "identities",
    "instances": "instances",
    "members": "names of members",
}
"""What a key is for, by the word after the build."""


def deep_bytes(thing: object, seen: set[int]) -> int:
    """The size of an object and of everything it refers to, what `seen` names left out."""
    total, left = 0, [thing]
    while left:
        each = left.pop()
        if id(each) in seen or each is None or isinstance(each, bool | type | Expression):
            continue
        seen.add(id(each))
        total += sys.getsizeof(each)
        if isinstance(each, dict):
            left += each.keys()
            left += each.values()
        elif isinstance(each, list | tuple | set | frozenset):
            left += each
        else:
            slots = getattr(type(each), "__slots__", ())
            left += [getattr(each, name) for name in slots if hasattr(each, name)]
    return total


def of_members(members: Iterable[Member]) -> tuple[int, float, Counter[str]]:
    """Of a sample: how many, the mean bytes of a member with its entry in the table, and the bytes by attribute."""
    found = sorted(members, key=lambda member: member.id)
    some = random.Random(1).sample(found, min(_SAMPLE, len(found)))
    seen: set[int] = set()
    parts: Counter[str] = Counter()
    for member in some:
        parts["itself"] += sys.getsizeof(member) + 100
        for name in Member.__slots__:
            parts[name] += deep_bytes(getattr(member, name), seen)
    return len(some), sum(parts.values()) / max(1, len(some)), parts


def of_store(client: "redis.Redis", org: OrgId) -> dict[str, tuple[int, float]]:
    """Keys and bytes by kind; of kinds with very many keys a sample is measured."""
    names: dict[str, list[bytes]] = {}
    prefix = f"{Keys(org).build}:".encode()
    for key in client.scan_iter(count=_SCAN):
        own = key.startswith(prefix)
        kind = key[len(prefix) :].split(b":", 1)[0].decode() if own else key.decode().rsplit(":", 1)[-1]
        names.setdefault(
            KINDS.get(kind, "other") if own else "facts" if "outbox" in key.decode() else "other", []
        ).append(key)
    return {kind: (len(keys), _bytes(client, keys)) for kind, keys in sorted(names.items())}


def _bytes(client: "redis.Redis", keys: list[bytes]) -> float:
    some = random.Random(1).sample(keys, min(20 * _SAMPLE, len(keys)))
    pipe = client.pipeline(transaction=False)
    for key in some:
        pipe.memory_usage(key, samples=0)
    return float(sum(pipe.execute())) / len(some) * len(keys)
