"""The store: projections in Redis, written by one atomic call per batch, read in one round trip.

A batch is a compare-and-set on (expected position, owner's token): a worker that was frozen while another took over,
or whose Redis was put back to an older copy, is told so and writes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, cast

import redis
from pydantic_core import from_json
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

from engine.changes import Changes
from engine.claims import Claims
from engine.organisation import Organisation
from schemas.failures import Unavailable
from schemas.words import OrgId
from streams.facts import squeeze
from streams.keys import Keys
from streams.writes import Call, Noted, call_of, hash_of


class UnavailableStoreError(Unavailable):
    """The store cannot be used; says what, where and what to do."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The store is elsewhere than expected: at another position, or owned by another worker."""

    position: int
    owner: str


@dataclass(frozen=True, slots=True)
class Identity:
    """What a checkpoint must agree on before a worker may write: the log, the secret, and the engine's version."""

    log: str
    secret: str
    engine: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A step of a partition's mark: from where it has to stand, to where, and how far the organisations are by then."""

    expected: int
    position: int
    orgs: Mapping[OrgId, int]


def connect(url: str) -> "redis.Redis":
    """A client that retries while Redis restarts.

    `url` is redis://…, rediss://… or unix:///path.
    """
    return redis.Redis.from_url(
        url,
        retry=Retry(ExponentialBackoff(cap=1.0, base=0.05), 8),
        retry_on_error=[redis.exceptions.ConnectionError, redis.exceptions.TimeoutError],
        socket_timeout=60.0,
        socket_connect_timeout=5.0,
    )


class Store:
    """The projections of all organisations in one Redis."""

    def __init__(self, client: "redis.Redis", identity: Identity, owner: str) -> None:
        self.client = client
        self.identity = identity
        self.owner = owner
        self._apply = client.register_script(_script("apply"))
        self._note = client.register_script(_script("note"))

    def check_policy(self) -> None:
        """Refuses a Redis that may drop keys when its memory is full.

        Raises:
            UnavailableStoreError: its eviction policy is not `noeviction`.
        """
        policy = _text(self.client.info("memory").get("maxmemory_policy", "noeviction"))
        if policy != "noeviction":
            raise UnavailableStoreError(
                f"Redis may drop keys when its memory is full (maxmemory-policy {policy}): boards would lose scores "
                "without a word. Set `maxmemory-policy noeviction`"
            )

    def open(self, org: OrgId) -> Organisation:
        """Takes an organisation over from whoever had it, and loads it without members.

        Raises:
            UnavailableStoreError: the checkpoint is of another log, secret or engine.
        """
        keys = Keys(org)
        self.client.hset(keys.checkpoint, "owner", self.owner)
        pipe = self.client.pipeline(transaction=True)
        pipe.hgetall(keys.checkpoint)
        pipe.get(keys.state)
        pipe.lrange(keys.books, 0, -1)
        pipe.hgetall(keys.steps)
        pipe.hgetall(keys.pairs)
        pipe.hgetall(keys.heads)
        for memory in ("identities", "instances"):
            pipe.get(keys.claims(memory))
        checkpoint, state, books, steps, pairs, heads, *tails = pipe.execute()
        self._agree(org, {_text(name): _text(value) for name, value in checkpoint.items()})
        if state is None:
            return Organisation(org)
        loaded = [
            self._claims(keys, memory, tail or b"", int(checkpoint.get(memory.encode(), 0)))
            for memory, tail in zip(("identities", "instances"), tails, strict=True)
        ]
        return Organisation.load(
            org,
            int(checkpoint[b"position"]),
            state,
            [from_json(book) for book in books],
            loaded[0],
            loaded[1],
            steps,
            pairs,
            heads,
        )

    def _agree(self, org: OrgId, checkpoint: dict[str, str]) -> None:
        mine = {"log": self.identity.log, "secret": self.identity.secret, "engine": self.identity.engine}
        means = {
            "log": "another log: its positions mean nothing here. Give karmalog back the log that this Redis "
            "belongs to, or empty this Redis",
            "secret": "another KARMALOG_SECRET: ids would not be recognised. Start with the secret it was written with",
            "engine": "another version of the engine: answers could differ. Start that version, or empty this "
            "Redis and it is built again from the log",
        }
        for name, value in mine.items():
            found = checkpoint.get(name)
            if found is not None and found != value:
                raise UnavailableStoreError(
                    f"the checkpoint of {org!r} in Redis was written with {means[name]} "
                    f"(there {found[:40]}, here {value[:40]})"
                )

    def check_last(self, org: OrgId, record: bytes) -> None:
        """Holds the last record that was folded against the one that stands in its place in the log.

        Raises:
            UnavailableStoreError: they differ: it is another log, though it calls itself the same.
        """
        folded = _text(self.client.hget(Keys(org).checkpoint, "last") or "")
        if folded != hash_of(record):
            raise UnavailableStoreError(
                f"the log does not hold what was folded of {org!r}: another record stands at its checkpoint. Give "
                "karmalog back the log that this Redis belongs to, or empty this Redis and it is built again"
            )

    def _claims(self, keys: Keys, memory: str, tail: bytes, sealed: int) -> Claims:
        found = (self.client.get(keys.leaf(memory, number)) for number in Claims().leaves_until(sealed))
        try:
            return Claims.load(tail, sealed, (cast("bytes | None", leaf) or b"" for leaf in found))
        except ValueError as error:
            raise UnavailableStoreError(
                f"Redis has lost a part of what it holds of {keys.org!r} ({memory}: {error}): empty it, and it is "
                "built again from the log"
            ) from error

    def keys(self, org: OrgId) -> Keys:
        """Where an organisation's things lie."""
        return Keys(org)

    def position(self, org: OrgId) -> Moved | None:
        """Where an organisation's checkpoint stands, and whose it is."""
        position, owner = self.client.hmget(Keys(org).checkpoint, ["position", "owner"])
        return Moved(int(position or 0), _text(owner or ""))

    # A partition: how far all of its organisations are written.

    def partition_position(self, partition: int) -> int:
        """The position of the log before which everything of a partition is written."""
        return int(self.client.hget(partition_key(partition), "position") or 0)

    def take_partition(self, partition: int) -> tuple[int, dict[OrgId, int]]:
        """Takes a partition over; where it has to be read from, and how far each of its organisations is.

        An organisation that is not as far as the partition's mark says (its part of a cluster was emptied, or set
        back) takes the whole partition back to where it stands.
        """
        key = partition_key(partition)
        self.client.hset(key, "owner", self.owner)
        found = {_text(name): _text(value) for name, value in self.client.hgetall(key).items()}
        noted = {OrgId(name[4:]): int(value) for name, value in found.items() if name.startswith("org:")}
        pipe = self.client.pipeline(transaction=False)
        for org in noted:
            pipe.hget(Keys(org).checkpoint, "position")
        stands = {org: int(position or 0) for org, position in zip(noted, pipe.execute(), strict=True)}
        marked = int(found.get("position", 0))
        start = min([marked, *(stands[org] for org, position in noted.items() if stands[org] < position)])
        if start < marked:
            self.client.hset(key, "position", start)
        return start, stands

    def note_partition(self, partition: int, mark: "Mark") -> Moved | None:
        """Moves a partition's mark; None, or where it stands if it is not where it was expected."""
        orgs = [part for org, position in mark.orgs.items() for part in (f"org:{org}", position)]
        answer = self._note(
            keys=[partition_key(partition)], args=[mark.expected, self.owner, "position", mark.position, *orgs]
        )
        return _moved(answer)

    def partition(self, partition: int) -> Moved:
        """Where a partition's mark stands, and whose it is."""
        position, owner = self.client.hmget(partition_key(partition), ["position", "owner"])
        return Moved(int(position or 0), _text(owner or ""))

    # The one call that writes.

    def call(
        self,
        org: Organisation,
        changes: Changes,
        noted: Noted,
        *,
        expected: int,
        last: bytes,
        said_as: tuple[int, int] | None,
    ) -> Call:
        """What a batch changed, as the call for `apply`; see `streams.writes`."""
        return call_of(
            org,
            changes,
            noted,
            owner=self.owner,
            identity={"log": self.identity.log, "secret": self.identity.secret, "engine": self.identity.engine},
            expected=expected,
            last=last,
            said_as=said_as,
        )

    def apply(self, call: Call) -> Moved | None:
        """Sends a batch; None if it was written, else where the store is."""
        for place in call.blobs:
            call.arguments[place] = squeeze(call.arguments[place])
        call.blobs = []
        return _moved(self._apply(keys=call.keys, args=call.arguments))


def partition_key(partition: int) -> str:
    """Where a partition's mark stands: its owner, the position from which it has to be read, its organisations."""
    return f"karmalog:partition:{partition}"


def _script(name: str) -> str:
    return resources.files("streams").joinpath(f"{name}.lua").read_text()


def _moved(answer: Any) -> Moved | None:
    """What a script says that compares before it writes."""
    if answer == b"OK":
        return None
    position, owner = answer
    return Moved(int(position), _text(owner))


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
