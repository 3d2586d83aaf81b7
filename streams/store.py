"""The store: projections in Redis, written by one atomic call per batch, read in one round trip.

A batch is a compare-and-set on (expected position, owner's token): a worker that was frozen while another took over,
or whose Redis was put back to an older copy, is told so and writes nothing.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, cast

import redis
from pydantic_core import from_json, to_json
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

from engine.changes import Changes
from engine.claims import Claims, leaf_of
from engine.member import Member, Stored, dump_distinct
from engine.needs import Kept, NeedPages
from engine.organisation import Organisation
from schemas.failures import Unavailable
from schemas.words import MemberId, OrgId
from streams import facts
from streams.keys import Keys

SCRIPT = resources.files("streams").joinpath("apply.lua").read_text()
ORGANISATIONS = "karmalog:organisations"
_ARGUMENTS = 5_000  # of one write: Lua's unpack ends at some 8,000

Write = tuple[str, str, Sequence[Any]]
"""(command, key, arguments)."""


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


@dataclass(slots=True)
class Call:
    """One atomic call, built and ready to be sent."""

    keys: list[str]
    arguments: list[Any]
    writes: int
    expected: int
    next_position: int


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
        self._script = client.register_script(SCRIPT)
        self._windows: set[str] = set()  # of boards, that were noted already

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
        self._windows.clear()  # the store may have forgotten what was noted, or never have taken it
        self.client.sadd(ORGANISATIONS, org)
        self.client.hset(keys.checkpoint, "owner", self.owner)
        pipe = self.client.pipeline(transaction=True)
        pipe.hgetall(keys.checkpoint)
        pipe.get(keys.state)
        pipe.lrange(keys.books, 0, -1)
        for memory in ("identities", "instances"):
            pipe.get(keys.claims(memory))
        checkpoint, state, books, *tails = pipe.execute()
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
        if folded != _hash(record):
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

    def partition_position(self, partition: int) -> int:
        """The position of the log from which a partition has to be read: all before it is written."""
        return int(self.client.get(partition_key(partition)) or 0)

    def note_partition(self, partition: int, position: int) -> None:
        """Everything of a partition before `position` is written."""
        self.client.set(partition_key(partition), position)

    # What the fold asks for.

    def members(self, org: OrgId, wanted: Sequence[MemberId]) -> dict[MemberId, Kept | None]:
        """What is kept of members; None for one who is new."""
        keys = Keys(org)
        pipe = self.client.pipeline(transaction=False)
        for member in wanted:
            pipe.get(keys.member(member))
            pipe.hgetall(keys.distinct(member))
        found = pipe.execute()
        return {
            member: None if record is None else Kept(record, distinct)
            for member, record, distinct in zip(wanted, found[::2], found[1::2], strict=True)
        }

    def stored(self, org: OrgId, wanted: Sequence[MemberId]) -> dict[MemberId, Stored]:
        """The packed past of members."""
        keys = Keys(org)
        pipe = self.client.pipeline(transaction=False)
        for member in wanted:
            pipe.get(keys.chunks(member))
            pipe.hgetall(keys.snapshots(member))
        found = pipe.execute()
        return {
            member: Stored(chunks or b"", {int(slot): totals for slot, totals in snapshots.items()})
            for member, chunks, snapshots in zip(wanted, found[::2], found[1::2], strict=True)
        }

    def pages(self, org: OrgId, need: NeedPages) -> list[bytes]:
        """Parts of sealed segments of a memory."""
        keys = Keys(org)
        pipe = self.client.pipeline(transaction=False)
        for page in need.pages:
            pipe.getrange(keys.claims(need.memory, page.segment), page.start, page.end - 1)
        return [bytes(page) for page in pipe.execute()]

    def shares(self, org: OrgId, wanted: Sequence[tuple[int, int, int, str, str]]) -> list[int]:
        """The scores of groups, 0 for those without one."""
        keys = Keys(org)
        pipe = self.client.pipeline(transaction=False)
        for number, kind, window, group_kind, group in wanted:
            pipe.zscore(keys.group_board(number, kind, window, group_kind), group)
        return [-int(score or 0) for score in pipe.execute()]

    # The one call that writes.

    def apply(self, call: Call) -> Moved | None:
        """Sends a batch; None if it was written, else where the store is."""
        answer = self._script(keys=call.keys, args=call.arguments)
        if answer == b"OK":
            return None
        position, owner = answer
        return Moved(int(position), _text(owner))

    def build(self, org: Organisation, changes: Changes, groups: "GroupScores", expected: int, last: bytes) -> Call:
        """The call that writes what a batch changed; `last` is the last record of the batch."""
        keys = Keys(org.id)
        writes: list[Write] = []
        _boards(keys, changes, writes, self._windows)
        groups.add(keys, changes, writes)
        _split(writes, "SADD", keys.members(), [ident for ident, member in changes.members.items() if member.new])
        for ident, member in changes.members.items():
            _member(keys, ident, member, writes)
        fields = {"position": changes.next_position, "last": _hash(last)}
        fields |= {"log": self.identity.log, "secret": self.identity.secret, "engine": self.identity.engine}
        for memory, claims in (("identities", org.identities), ("instances", org.instances)):
            _claims(keys, memory, claims, writes)
            fields[memory] = claims.sealed
        writes.append(("SET", keys.state, [org.dump()]))
        if changes.published:
            since, book = org.books[-1]
            writes.append(("RPUSH", keys.books, [to_json([since, book.stored()])]))
        for index, blob in enumerate(facts.blobs(org, changes.facts)):
            writes.append(("XADD", keys.outbox, [f"{changes.next_position}-{index}", "facts", blob]))
        arguments: list[Any] = [expected, self.owner, 2 * len(fields)]
        for name, value in fields.items():
            arguments += (name, value)
        for command, _, values in writes:
            arguments += (command, len(values), *values)
        return Call(
            [keys.checkpoint, *(key for _, key, _ in writes)],
            arguments,
            sum(len(values) for _, _, values in writes),
            expected,
            changes.next_position,
        )


class GroupScores:
    """The scores of groups, kept by the one worker that writes them; they change by what members add."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int, int, str, str], int] = {}

    def missing(self, changes: Changes) -> list[tuple[int, int, int, str, str]]:
        """The groups whose score must be loaded before `add`."""
        if len(self._known) > 200_000:  # noqa: PLR2004  some 40 MB; what is needed is loaded again
            self._known.clear()
        return [slot for slot in changes.shares if slot not in self._known]

    def learn(self, slots: Sequence[tuple[int, int, int, str, str]], scores: Sequence[int]) -> None:
        """Takes note of loaded scores."""
        self._known.update(zip(slots, scores, strict=True))

    def add(self, keys: Keys, changes: Changes, writes: list[Write]) -> None:
        """Moves the scores and writes them."""
        boards: dict[str, list[Any]] = {}
        gone: dict[str, list[str]] = {}
        for slot, share in changes.shares.items():
            number, kind, window, group_kind, group = slot
            score = self._known[slot] = self._known[slot] + share
            key = keys.group_board(number, kind, window, group_kind)
            if score:
                boards.setdefault(key, []).extend((-score, group))
            else:
                gone.setdefault(key, []).append(group)
        for key, pairs in boards.items():
            _split(writes, "ZADD", key, pairs)
        for key, groups in gone.items():
            _split(writes, "ZREM", key, groups)


def _boards(keys: Keys, changes: Changes, writes: list[Write], noted: set[str]) -> None:
    if len(noted) > 100_000:  # noqa: PLR2004  noting one twice does no harm
        noted.clear()
    windows: dict[int, list[str]] = {}
    for (number, kind, window, shelf), row in changes.cells.items():
        pairs: list[Any] = []
        gone: list[str] = []
        for member, score in row.items():
            if score:
                pairs += (-score, member)  # negated: a range then runs from the best, ties by member id
            else:
                gone.append(member)
        key = keys.board(number, kind, window, shelf)
        _split(writes, "ZADD", key, pairs)
        _split(writes, "ZREM", key, gone)
        if key not in noted:
            noted.add(key)
            windows.setdefault(number, []).append(f"{kind}:{window}")
    for number, names in windows.items():
        _split(writes, "SADD", keys.windows(number), names)


def _member(keys: Keys, ident: MemberId, member: Member, writes: list[Write]) -> None:
    writes.append(("SET", keys.member(ident), [member.dump()]))
    for at, chunk in member.chunk_writes:
        writes.append(("SETRANGE", keys.chunks(ident), [at, chunk]))
    kept: list[Any] = []
    dropped: list[int] = []
    for slot, totals in member.snapshot_writes.items():
        if totals is None:
            dropped.append(slot)
        else:
            kept += (slot, totals)
    _split(writes, "HSET", keys.snapshots(ident), kept)
    _split(writes, "HDEL", keys.snapshots(ident), dropped)
    met: list[Any] = []
    lost: list[bytes] = []
    for value in member.distinct_writes:
        known = member.distinct.get(value)
        field, content = dump_distinct(value, known or (0, 0))
        if known is None:
            lost.append(field)
        else:
            met += (field, content)
    _split(writes, "HSET", keys.distinct(ident), met)
    _split(writes, "HDEL", keys.distinct(ident), lost)
    member.written()


def _claims(keys: Keys, memory: str, claims: Claims, writes: list[Write]) -> None:
    sealed, at, new = claims.taken()
    for segment, blob in sealed:
        writes.append(("SET", keys.claims(memory, segment), [blob]))
    changed = sorted({leaf_of(segment) for segment, _ in sealed})
    writes += [("SET", keys.leaf(memory, number), [claims.leaf(number)]) for number in changed]
    if at is None:
        writes.append(("SET", keys.claims(memory), [new]))
    elif new:
        writes.append(("SETRANGE", keys.claims(memory), [at, new]))


def _split(writes: list[Write], command: str, key: str, values: Sequence[Any]) -> None:
    writes.extend((command, key, values[start : start + _ARGUMENTS]) for start in range(0, len(values), _ARGUMENTS))


def partition_key(partition: int) -> str:
    """Where the position stands from which a partition of the log has to be read."""
    return f"karmalog:partition:{partition}"


def organisations(client: "redis.Redis") -> list[OrgId]:
    """Every organisation that was ever opened, whether something was written for it or not."""
    return sorted(OrgId(_text(org)) for org in client.smembers(ORGANISATIONS))


def _hash(record: bytes) -> str:
    return hashlib.blake2b(record, digest_size=8).hexdigest()


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
