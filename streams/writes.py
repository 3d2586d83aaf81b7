"""What a batch writes, as one call of `apply.lua`: boards, groups, members, memories, state, and the facts last."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from pydantic_core import to_json

from engine.changes import Changes, ShareKey
from engine.claims import Claims, leaf_of
from engine.ledger.vault import Vault
from engine.member import Member
from engine.needs import Memory
from engine.organisation import Organisation
from schemas.words import MemberId, OrgId
from streams import facts
from streams.keys import Keys

CHUNK, TOTALS = "c", "t"
"""Fields of a member's past: chunks by number, copies of totals by slot."""

_ARGUMENTS = 5_000  # of one command: Lua's unpack ends at some 8,000


@dataclass(slots=True)
class Call:
    """One atomic call, built and ready to be sent but for facts, which are compressed on the way.

    `weight` is about how many values it writes.
    """

    org: OrgId
    members: Collection[MemberId]
    expected: int
    next_position: int
    keys: list[str]
    arguments: list[Any]
    weight: int = 0
    blobs: list[int] = field(default_factory=list[int])
    """Which arguments are facts, not compressed yet."""
    sealing: set[tuple[Memory, int]] = field(default_factory=set[tuple[Memory, int]])
    """Segments of claims that it writes."""

    def write(self, command: str, key: str, *values: Any) -> None:
        """Adds a command of Redis."""
        self.keys.append(key)
        self.arguments += (command, len(values), *values)
        self.weight += len(values)

    def write_all(self, command: str, key: str, values: Sequence[Any]) -> None:
        """Adds a command for any number of values, none too."""
        for start in range(0, len(values), _ARGUMENTS):
            self.write(command, key, *values[start : start + _ARGUMENTS])

    def write_object(self, command: str, key: str, content: Mapping[Any, Any]) -> None:
        """Adds `SCORES`, `RAISED` or `FIELDS`; see the script."""
        if content:
            self.write(command, key, orjson.dumps(content))
            self.weight += 2 * len(content)


@dataclass(slots=True)
class Noted:
    """What the one worker that writes an organisation knows of its boards, so that it need not be read or written."""

    groups: dict[ShareKey, int] = field(default_factory=dict[ShareKey, int])
    """Scores of groups, which change by what members add."""
    windows: set[str] = field(default_factory=set[str])
    """Keys of boards that are in the list of their windows."""

    def missing(self, changes: Changes) -> list[ShareKey]:
        """The groups whose score must be loaded first."""
        if len(self.groups) > 200_000:  # noqa: PLR2004  some 40 MB; what is needed is loaded again
            self.groups.clear()
        if len(self.windows) > 100_000:  # noqa: PLR2004  noting one twice does no harm
            self.windows.clear()
        return [slot for slot in changes.shares if slot not in self.groups]


def call_of(
    org: Organisation,
    changes: Changes,
    noted: Noted,
    *,
    owner: str,
    identity: Mapping[str, str],
    expected: int,
    last: bytes,
    said_as: tuple[int, int] | None,
) -> Call:
    """The call that writes what a batch changed.

    Args:
        org: As it is after the batch.
        changes: What the batch changed.
        noted: What is known of boards; brought up to date.
        owner: The token that the checkpoint has to have.
        identity: Fields of the checkpoint that say of which log, secret and engine it is.
        expected: The position that the checkpoint has to have.
        last: The last record of the batch.
        said_as: How the batch was cut, or None where nothing is to be said.
    """
    keys = Keys(org.id)
    checkpoint: dict[str, Any] = {"position": changes.next_position, "last": hash_of(last), **identity}
    checkpoint |= {"identities": org.identities.sealed, "instances": org.instances.sealed}
    call = Call(
        org.id,
        changes.members.keys(),
        expected,
        changes.next_position,
        [keys.checkpoint],
        [expected, owner, 2 * len(checkpoint)],
    )
    for name, value in checkpoint.items():
        call.arguments += (name, value)
    _boards(call, keys, changes, noted)
    _groups(call, keys, changes, noted)
    _bests(call, keys, changes)
    call.write_all("SADD", keys.members(), [ident for ident, member in changes.members.items() if member.new])
    for ident, member in changes.members.items():
        _member(call, keys, ident, member)
    _karma(call, keys, changes.vault)
    _claims(call, keys, "identities", org.identities)
    _claims(call, keys, "instances", org.instances)
    steps, pairs = org.disclosure.taken()
    call.write_object("FIELDS", keys.steps, steps)
    call.write_object("FIELDS", keys.pairs, pairs)
    call.write_object("FIELDS", keys.heads, org.heads.taken())
    call.write("SET", keys.state, org.dump())
    if changes.published:
        since, book = org.books[-1]
        call.write("RPUSH", keys.books, to_json([since, book.stored()]))
    if said_as is not None:
        batch = f"{said_as[0]}-{said_as[1]}"
        for index, blob in enumerate(facts.blobs(org, changes.facts)):
            call.write("XADD", keys.outbox, f"{changes.next_position}-{index}", "batch", batch, "facts", blob)
            call.blobs.append(len(call.arguments) - 1)
    return call


def hash_of(record: bytes) -> str:
    """What a checkpoint remembers of the last record."""
    return hashlib.blake2b(record, digest_size=8).hexdigest()


def _boards(call: Call, keys: Keys, changes: Changes, noted: Noted) -> None:
    for (number, kind, window, shelf), row in changes.cells.items():
        key = keys.board(number, kind, window, shelf)
        _scores(call, key, row, keys.windows(number), f"{kind}:{window}:{shelf}", noted.windows)


def _groups(call: Call, keys: Keys, changes: Changes, noted: Noted) -> None:
    boards: dict[tuple[int, int, int, str, str], dict[str, int]] = {}
    for slot, share in changes.shares.items():
        number, kind, window, group_kind, group, shelf = slot
        noted.groups[slot] += share
        boards.setdefault((number, kind, window, group_kind, shelf), {})[group] = noted.groups[slot]
    for (number, kind, window, group_kind, shelf), row in boards.items():
        key = keys.group_board(number, kind, window, group_kind, shelf)
        _scores(call, key, row, keys.windows(number), f"{kind}:{window}:{group_kind}:{shelf}", noted.windows)


def _bests(call: Call, keys: Keys, changes: Changes) -> None:
    boards: dict[tuple[int, int, int, str, str], list[str]] = {}
    for slot in {**changes.lost, **changes.bests}:
        number, kind, window, group_kind, group, shelf = slot
        board = keys.best_board(number, kind, window, group_kind, shelf)
        lost, raised = changes.lost.get(slot, ()), changes.bests.get(slot, {})
        call.write_all("ZREM", f"{board}:{group}", [f"{member}:{month}" for member, month in lost])
        rows = {f"{member}:{month}": best for (member, month), best in raised.items()}
        call.write_object("RAISED", f"{board}:{group}", rows)
        boards.setdefault((number, kind, window, group_kind, shelf), []).append(group)
    for (number, kind, window, group_kind, shelf), groups in boards.items():
        board = keys.best_board(number, kind, window, group_kind, shelf)
        call.write_all("FIRSTS", board, groups)
        call.write("WINDOW", keys.windows(number), f"{kind}:{window}:best:{group_kind}:{shelf}", board)


def _scores(call: Call, key: str, row: Mapping[Any, int | None], windows: str, name: str, noted: set[str]) -> None:
    """Writes scores, and whether their window still has any, where that may have changed."""
    call.write_object("SCORES", key, row)
    if not all(row.values()):
        noted.discard(key)
        call.write("WINDOW", windows, name, key)
    elif key not in noted:
        noted.add(key)
        call.write("WINDOW", windows, name, key)


def _member(call: Call, keys: Keys, ident: MemberId, member: Member) -> None:
    call.write("SET", keys.member(ident), member.dump())
    if member.chunk_writes or member.snapshot_writes:
        kept: list[Any] = []
        for number, chunk in member.chunk_writes.items():
            kept += (f"{CHUNK}{number}", chunk)
        for slot, totals in member.snapshot_writes.items():
            if totals is not None:
                kept += (f"{TOTALS}{slot}", totals)
        call.write_all("HSET", keys.past(ident), kept)
        call.write_all("HDEL", keys.past(ident), _dropped(member.snapshot_writes))
    call.write_object("FIELDS", keys.distinct(ident), dict(member.distinct_fields()))
    call.write_object("FIELDS", keys.tallies(ident), dict(member.tally_fields()))
    member.written()


def _karma(call: Call, keys: Keys, vault: Vault) -> None:
    for drawer, contents in vault.changed.items():
        call.write_object("FIELDS", keys.karma(drawer), _texts(contents))
    for day, gifts in vault.gathered.items():
        call.write_object("FIELDS", keys.gifts_of(day), _texts(gifts))
    for day in vault.left:
        call.write("UNLINK", keys.gifts_of(day))
    statements: dict[MemberId, dict[str, bytes]] = {}
    for member, place, content in vault.posted:
        statements.setdefault(member, {})[place] = content
    for member, lines in statements.items():
        call.write_object("FIELDS", keys.statement(member), _texts(lines))


def _texts(contents: Mapping[str, bytes | None]) -> dict[str, str | None]:
    return {name: None if content is None else content.decode() for name, content in contents.items()}


def _dropped(snapshots: Mapping[int, bytes | None]) -> list[str]:
    return [f"{TOTALS}{slot}" for slot, totals in snapshots.items() if totals is None]


def _claims(call: Call, keys: Keys, memory: Memory, claims: Claims) -> None:
    sealed, at, new = claims.taken()
    for segment, blob in sealed:
        call.sealing.add((memory, segment))
        call.write("SET", keys.claims(memory, segment), blob)
    for number in sorted({leaf_of(segment) for segment, _ in sealed}):
        call.write("SET", keys.leaf(memory, number), claims.leaf(number))
    if at is None:
        call.write("SET", keys.claims(memory), new)
    elif new:
        call.write("SETRANGE", keys.claims(memory), at, new)
