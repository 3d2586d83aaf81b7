"""What the fold asks for beside the log, looked up in Redis: a round trip a need, or one a shelf."""

from collections.abc import Mapping, Sequence
from typing import cast

import redis

from engine.changes import ShareKey
from engine.ledger.vault import Drawer, Place
from engine.member import Kept, Stored
from engine.needs import Answer, NeedGifts, NeedKarma, NeedMembers, NeedPages, NeedRows, NeedStored, Row, StoreNeed
from schemas.words import MemberId, OrgId
from streams.keys import Keys
from streams.writes import CHUNK, TOTALS


def needed(client: "redis.Redis", org: OrgId, need: StoreNeed) -> Answer:
    """The answer to a need."""
    keys = Keys(org)
    if isinstance(need, NeedMembers):
        return _members(client, keys, need)
    if isinstance(need, NeedStored):
        return _stored(client, keys, need)
    if isinstance(need, NeedRows):
        return _rows(client, keys, need)
    if isinstance(need, NeedKarma):
        return _karma(client, keys, need)
    if isinstance(need, NeedGifts):
        return _gifts(client, keys, need)
    return _pages(client, keys, need)


def shares(client: "redis.Redis", org: OrgId, wanted: Sequence[ShareKey]) -> list[int]:
    """The scores of groups, 0 for those without one."""
    keys, pipe = Keys(org), client.pipeline(transaction=False)
    for number, kind, window, group_kind, group, shelf in wanted:
        pipe.zscore(keys.group_board(number, kind, window, group_kind, shelf), group)
    return [-int(score or 0) for score in pipe.execute()]


def _members(client: "redis.Redis", keys: Keys, need: NeedMembers) -> dict[MemberId, Kept | None]:
    """What is kept of members; None for one who is new."""
    pipe = client.pipeline(transaction=False)
    for member in need.members:
        pipe.get(keys.member(member))
    for wanted, key in ((need.distinct, keys.distinct), (need.tallies, keys.tallies)):
        for member in need.members if wanted else ():
            pipe.hgetall(key(member))
    found, size = pipe.execute(), len(need.members)
    records, rest = found[:size], found[size:]
    distinct = rest[:size] if need.distinct else [{}] * size
    tallies = rest[-size:] if need.tallies else [{}] * size
    return {
        member: None if record is None else Kept(record, *kept)
        for member, record, *kept in zip(need.members, records, distinct, tallies, strict=True)
    }


def _rows(client: "redis.Redis", keys: Keys, need: NeedRows) -> list[Row]:
    """Rows of a board, of members or of groups, the highest first on each shelf."""
    found = list[Row]()
    for shelf in need.shelves:
        key = (
            keys.board(need.number, need.kind, need.window, shelf)
            if need.groups is None
            else keys.group_board(need.number, need.kind, need.window, need.groups, shelf)
        )
        last = -1 if need.most is None else need.most - 1
        rows = cast("list[tuple[bytes, float]]", client.zrange(key, 0, last, withscores=True))
        found += ((MemberId(ident.decode()), -round(score)) for ident, score in rows)
    return found


def _karma(client: "redis.Redis", keys: Keys, need: NeedKarma) -> dict[Place, bytes]:
    """What is kept of karma."""
    by_drawer = dict[Drawer, list[str]]()
    for drawer, ident in need.places:
        by_drawer.setdefault(drawer, []).append(ident)
    pipe = client.pipeline(transaction=False)
    for drawer, idents in by_drawer.items():
        pipe.hmget(keys.karma(drawer), idents)
    for drawer in need.whole:
        pipe.hgetall(keys.karma(drawer))
    replies = pipe.execute()
    kept = {
        (drawer, ident): content
        for (drawer, idents), found in zip(by_drawer.items(), replies, strict=False)
        for ident, content in zip(idents, found, strict=True)
        if content is not None
    }
    for drawer, found in zip(need.whole, replies[len(by_drawer) :], strict=True):
        kept |= {(drawer, ident.decode()): content for ident, content in found.items()}
    return kept


def _gifts(client: "redis.Redis", keys: Keys, need: NeedGifts) -> dict[str, bytes]:
    """What was gathered of gifts."""
    pipe = client.pipeline(transaction=False)
    for day in need.days:
        pipe.hgetall(keys.gifts_of(day))
    return {ident.decode(): content for found in pipe.execute() for ident, content in found.items()}


def _stored(client: "redis.Redis", keys: Keys, need: NeedStored) -> dict[MemberId, Stored]:
    """The packed past of members."""
    pipe = client.pipeline(transaction=False)
    for member in need.members:
        pipe.hgetall(keys.past(member))
    return {member: _past(past) for member, past in zip(need.members, pipe.execute(), strict=True)}


def _pages(client: "redis.Redis", keys: Keys, need: NeedPages) -> list[bytes]:
    """Parts of sealed segments of a memory."""
    pipe = client.pipeline(transaction=False)
    for page in need.pages:
        pipe.getrange(keys.claims(need.memory, page.segment), page.start, page.end - 1)
    return [bytes(page) for page in pipe.execute()]


def _past(past: Mapping[bytes, bytes]) -> Stored:
    found: dict[str, dict[int, bytes]] = {CHUNK: {}, TOTALS: {}}
    for name, content in past.items():
        found[chr(name[0])][int(name[1:])] = content
    return Stored(found[CHUNK], found[TOTALS])
