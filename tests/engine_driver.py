"""The engine's fold over a store of bytes in memory: what Redis would hold, without Redis, so that it is quick.

Everything that leaves a batch goes through the serialized form that `streams.store` writes, and everything that a
later batch asks for is read back from it.
"""

from collections import Counter, defaultdict
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar, cast

from pydantic_core import from_json, to_json

from engine.badges import Badges
from engine.calendar import SEASON, name_of
from engine.changes import BestRow, BoardKey, Changes, ShareKey
from engine.claims import Claims, leaf_of
from engine.counters import counters
from engine.cutting import cut
from engine.effects import FactRow
from engine.fold import Fold
from engine.heads import per_head, steps_of_groups
from engine.leagues import TIERS
from engine.ledger.vault import Drawer, Vault
from engine.member import Kept, Member, Stored
from engine.needs import Answer, Memory, Need, NeedGifts, NeedKarma, NeedMembers, NeedPages, NeedRecords, NeedRows
from engine.organisation import Organisation
from engine.plan import Plan, name_at, window_days
from engine.scores.streaks import at_a_moment
from engine.settling import CANDIDATES
from engine.values import value_of
from schemas.records import RECORD, Record
from schemas.rulebook import Board
from schemas.verdicts import Verdict
from schemas.words import Day, Instant, MemberId, OrgId, Position
from tests.oracle import Member as Has
from tests.oracle import Reached, Row, Standing, Table
from tests.oracle.badges import place_of, text_of

T = TypeVar("T")

Key = tuple[str, str, str]
"""(board, `member` or a kind of group, window)."""

ORG = OrgId("acme")
MEMORIES: tuple[Memory, ...] = ("identities", "instances")


@dataclass
class Shelf:
    """What is kept of one member: the values of four keys."""

    record: bytes = b""
    chunks: dict[int, bytes] = field(default_factory=dict)
    snapshots: dict[int, bytes] = field(default_factory=dict)
    distinct: dict[bytes, bytes] = field(default_factory=dict)
    tallies: dict[bytes, bytes] = field(default_factory=dict)


class MemoryStore:
    """What a store keeps of one organisation; `write` is its one atomic call."""

    def __init__(self) -> None:
        self.position = 0
        self.state: bytes | None = None
        self.books: list[bytes] = []
        self.members: defaultdict[MemberId, Shelf] = defaultdict(Shelf)
        self.boards: defaultdict[BoardKey, dict[MemberId, int]] = defaultdict(dict)
        self.groups: defaultdict[ShareKey, int] = defaultdict(int)
        self.bests: defaultdict[ShareKey, dict[BestRow, int]] = defaultdict(dict)
        self.tails: dict[Memory, bytearray] = {memory: bytearray() for memory in MEMORIES}
        self.segments: dict[Memory, list[bytes]] = {memory: [] for memory in MEMORIES}
        self.leaves: dict[Memory, dict[int, bytes]] = {memory: {} for memory in MEMORIES}
        self.steps: dict[bytes, bytes] = {}
        self.pairs: dict[bytes, bytes] = {}
        self.heads: dict[bytes, bytes] = {}
        self.karma: defaultdict[Drawer, dict[str, bytes]] = defaultdict(dict)
        self.gifts: defaultdict[Day, dict[str, bytes]] = defaultdict(dict)
        self.statements: defaultdict[MemberId, dict[str, bytes]] = defaultdict(dict)
        self.facts: list[FactRow] = []

    def open(self) -> Organisation:
        """The organisation as a worker finds it when it starts: no member in memory."""
        if self.state is None:
            return Organisation(ORG)
        identities, instances = (
            Claims.load(bytes(self.tails[memory]), len(self.segments[memory]), self.leaves[memory].values())
            for memory in MEMORIES
        )
        books = [from_json(book) for book in self.books]
        return Organisation.load(
            ORG, self.position, self.state, books, identities, instances, self.steps, self.pairs, self.heads
        )

    def answer(self, need: Need, log: Sequence[bytes]) -> Answer:  # noqa: PLR0911  a kind of need each
        """What the fold asks for; `log` holds the records, serialized, by position."""
        if isinstance(need, NeedKarma):
            found = {place: self.karma[place[0]][place[1]] for place in need.places if place[1] in self.karma[place[0]]}
            whole = {(drawer, each): self.karma[drawer][each] for drawer in need.whole for each in self.karma[drawer]}
            return found | whole
        if isinstance(need, NeedGifts):
            return {ident: content for day in need.days for ident, content in self.gifts[day].items()}
        if isinstance(need, NeedMembers):
            return {member: self._kept(member) for member in need.members}
        if isinstance(need, NeedRows):
            place = (need.number, need.kind, need.window)
            if need.groups is not None:
                return [
                    (MemberId(group), score)
                    for (*at, kind, group, shelf), score in self.groups.items()
                    if (*at,) == place and kind == need.groups and shelf in need.shelves
                ]
            rows = [row for shelf in need.shelves for row in self.boards[*place, shelf].items()]
            return sorted(rows, key=lambda row: (-row[1], row[0].encode()))[: need.most]
        if isinstance(need, NeedPages):
            segments = self.segments[need.memory]
            return [segments[page.segment][page.start : page.end] for page in need.pages]
        if isinstance(need, NeedRecords):
            return {position: RECORD.validate_json(log[position]) for position in need.positions}
        return {member: self._stored(member) for member in need.members}

    def _kept(self, member: MemberId) -> Kept | None:
        if member not in self.members:
            return None
        shelf = self.members[member]
        return Kept(shelf.record, dict(shelf.distinct), dict(shelf.tallies))

    def _stored(self, member: MemberId) -> Stored:
        shelf = self.members[member] if member in self.members else Shelf()
        return Stored(dict(shelf.chunks), dict(shelf.snapshots))

    def _write_karma(self, vault: Vault) -> None:
        changed = [(self.karma[drawer], contents) for drawer, contents in vault.changed.items()]
        changed += [(self.gifts[day], contents) for day, contents in vault.gathered.items()]
        for kept, contents in changed:
            for name, content in contents.items():
                if content is None:
                    kept.pop(name, None)
                else:
                    kept[name] = content
        for day in vault.left:
            self.gifts.pop(day, None)
        for posted in vault.posted:
            self.statements[posted.member][posted.place] = posted.content

    def write(self, org: Organisation, changes: Changes) -> None:
        """Everything that a batch changed."""
        self.position = changes.next_position
        self.facts += changes.facts
        self._write_karma(changes.vault)
        self._write_scores(changes)
        for ident, member in changes.members.items():
            self._write_member(self.members[ident], member)
        for memory, claims in zip(MEMORIES, (org.identities, org.instances), strict=True):
            self._write_claims(memory, claims)
        for fields, kept in zip(org.disclosure.taken(), (self.steps, self.pairs), strict=True):
            _write_fields(kept, fields)
        _write_fields(self.heads, org.heads.taken())
        self.state = org.dump()
        if changes.published:
            since, book = org.books[-1]
            self.books.append(to_json([since, book.stored()]))

    def _write_scores(self, changes: Changes) -> None:
        for board, row in changes.cells.items():
            for ident, score in row.items():
                if score:
                    self.boards[board][ident] = score
                else:
                    self.boards[board].pop(ident, None)
        for slot, share in changes.shares.items():
            self.groups[slot] += share
        for slot, lost in changes.lost.items():
            for place in lost:
                self.bests[slot].pop(place, None)
        for slot, raised in changes.bests.items():
            for place, best in raised.items():
                self.bests[slot][place] = max(best, self.bests[slot].get(place, best))

    @staticmethod
    def _write_member(shelf: Shelf, member: Member) -> None:
        shelf.record = member.dump()
        shelf.chunks |= member.chunk_writes
        for slot, totals in member.snapshot_writes.items():
            if totals is None:
                shelf.snapshots.pop(slot, None)
            else:
                shelf.snapshots[slot] = totals
        _write_fields(shelf.distinct, dict(member.distinct_fields()))
        _write_fields(shelf.tallies, dict(member.tally_fields()))
        member.written()

    def _write_claims(self, memory: Memory, claims: Claims) -> None:
        sealed, at, new = claims.taken()
        for number, segment in sealed:
            assert number == len(self.segments[memory]), "segments are sealed one after another"
            self.segments[memory].append(segment)
            self.leaves[memory][leaf_of(number)] = claims.leaf(leaf_of(number))
        if at is None:
            self.tails[memory] = bytearray(new)
        else:
            _set_range(self.tails[memory], at, new)


def _write_fields(kept: dict[bytes, bytes], fields: Mapping[str, str | None]) -> None:
    for name, content in fields.items():
        if content is None:
            kept.pop(name.encode(), None)
        else:
            kept[name.encode()] = content.encode()


def _set_range(value: bytearray, at: int, part: bytes) -> None:
    """As Redis' SETRANGE does it: a gap is filled with zeros, and what lies beyond the part stays."""
    value.extend(bytes(max(0, at - len(value))))
    value[at : at + len(part)] = part


class Engine:
    """A worker with one organisation: folds a log batch by batch into a store."""

    def __init__(self, log: Sequence[Record], hot_ms: int) -> None:
        self.log = [RECORD.dump_json(record) for record in log]
        self.hot_ms = hot_ms
        self.store = MemoryStore()
        self.org = self.store.open()
        self.verdicts: list[Verdict] = []  # by position

    @property
    def at_end(self) -> bool:
        """Whether all of the log is folded."""
        return self.org.position == len(self.log)

    def batch(self, size: int) -> None:
        """Folds the next records, `size` at most, and writes what they changed."""
        verdicts, changes = self._fold(size)
        self.store.write(self.org, changes)
        self.verdicts += verdicts

    def lost_batch(self, size: int) -> None:
        """Folds the next records and is killed before it writes."""
        self._fold(size)
        self.restart()

    def restart(self) -> None:
        """Begins again with what the store holds."""
        self.org = self.store.open()

    def forget(self, members: int) -> None:
        """Drops members from memory until so many are left, as a small cache does."""
        for ident in list(self.org.members)[: max(0, len(self.org.members) - members)]:
            self.org.forget(ident)

    def _fold(self, size: int) -> tuple[list[Verdict], Changes]:
        start = self.org.position
        items = [
            (Position(start + index), RECORD.validate_json(line))
            for index, line in enumerate(self.log[start : start + size])
        ]
        fold = Fold(self.org, items[: cut(self.org, items)], self.hot_ms)
        changes = self._drive(fold.run())
        return fold.verdicts, changes

    def _drive(self, steps: Generator[Need, Answer, T]) -> T:
        try:
            need = next(steps)
            while True:
                need = steps.send(self.store.answer(need, self.log))
        except StopIteration as end:
            return cast("T", end.value)

    # Reading back, from what the store holds and nothing else.

    def answers(self, now: int) -> tuple[dict[Key, Table], dict[Key, dict[str, int]], dict[str, Has]]:
        """Tables of members that have rows, scores of groups as operators see them, and members who have anything."""
        org = self.store.open()
        return self._boards(org, now), self._groups(org, now), self._members(org, now)

    def _boards(self, org: Organisation, now: int) -> dict[Key, Table]:
        newest, by = org.plan_at(now), _kinds_of_owners(org.plans)
        tables: dict[Key, Table] = {}
        scores: defaultdict[tuple[int, int, int], dict[str, tuple[int, bool]]] = defaultdict(dict)
        for (number, kind, window, shelf), row in self.store.boards.items():
            if shelf in {CANDIDATES, TIERS}:
                continue
            listed = newest.rulebook.people.visibility != "hidden" if shelf == "open" else shelf == "listed"
            for member, score in row.items():
                assert member not in scores[number, kind, window], f"{member} stands on two shelves"
                scores[number, kind, window][member] = score, listed
        for (number, kind, window), members in scores.items():
            section, _, name = name_at(org.plans, number, Instant(now)).partition(":")
            if members and (section == "challenge" or "member" in by.get(name, ())):
                sign = -1 if number in org.lowest else 1
                is_once = section == "challenge" and kind == SEASON
                window_name = "once" if is_once else name_of(kind, window, org.catalogue.names)
                tables[name, section if section == "challenge" else "member", window_name] = _of_members(members, sign)
        return tables

    def counters(self, now: int) -> dict[tuple[str, str], dict[str, int]]:
        """The scores of challenges for groups, or for everyone, by round, as everyone is shown them."""
        org = self.store.open()
        plan = org.plan_at(now)
        played = {(number, kind, window) for number, kind, window, *_ in self.store.groups}
        found: dict[tuple[str, str], dict[str, int]] = {}
        for number, kind, window in played:
            challenge = next((c for p in reversed(org.plans) for c in p.challenges if c.number == number), None)
            if challenge is not None:
                round_ = "once" if kind == SEASON else name_of(kind, window)
                steps = counters(org, plan, challenge, window)
                found[_ident(org, number, now), round_] = self._drive(steps)
        return {key: scores for key, scores in found.items() if scores}

    def _groups(self, org: Organisation, now: int) -> dict[Key, dict[str, int]]:
        """Scores of groups that are large enough, as operators see them: of all their members together."""
        newest = org.plan_at(now)
        totals: defaultdict[tuple[int, int, int, str, bool], Counter[str]] = defaultdict(Counter)
        for (number, kind, window, group_kind, group, _), score in self.store.groups.items():
            totals[number, kind, window, group_kind, False][group] += score
        for (number, kind, window, group_kind, group, _), bests in self.store.bests.items():
            if bests:
                scores, best = totals[number, kind, window, group_kind, True], max(bests.values())
                scores[group] = max(best, scores.get(group, best))
        found: dict[Key, dict[str, int]] = {}
        for (number, kind, window, group_kind, greatest), scores in totals.items():
            section, _, name = name_at(org.plans, number, Instant(now)).partition(":")
            if section == "challenge" or (_board(org.plans, name).score.kind == "best") is not greatest:
                continue
            shown = {group: score for group, score in scores.items() if score}
            if _board(org.plans, name).per_head:
                first, last = window_days(org.plans, newest, kind, window)
                last = min(last, newest.calendar.day(Instant(now)))
                steps = steps_of_groups(group_kind, self.store.heads)
                shown = {group: per_head(score, steps.get(group, {}), first, last) for group, score in shown.items()}
            smallest = newest.rulebook.people.smallest_group
            shown = {
                group: score for group, score in shown.items() if score and org.rosters[group_kind, group] >= smallest
            }
            if shown:
                found[name, group_kind, name_of(kind, window, org.catalogue.names)] = shown
        return found

    def _members(self, org: Organisation, now: int) -> dict[str, Has]:
        found: dict[str, Has] = {}
        for ident, shelf in self.store.members.items():
            member = Member.load(ident, Kept(shelf.record, shelf.distinct, shelf.tallies), org.catalogue)
            has = _has(member, org, org.plan_at(now), now)
            if any(has.values()):
                found[ident] = has
        return found


def _kinds_of_owners(plans: Sequence[Plan]) -> Mapping[str, frozenset[str]]:
    """Who has rows on a board, under any version."""
    names = {name for plan in plans for name in plan.rulebook.boards}
    return {
        name: frozenset(
            owner for plan in plans if name in plan.rulebook.boards for owner in plan.rulebook.boards[name].by
        )
        for name in names
    }


def _board(plans: Sequence[Plan], name: str) -> Board:
    """A board, as the newest version that names it says."""
    return next(plan.rulebook.boards[name] for plan in reversed(plans) if name in plan.rulebook.boards)


def _of_members(members: Mapping[str, tuple[int, bool]], sign: int) -> Table:
    """The rows of scores as the store holds them: where the lowest is the best, they are negated."""
    listed = [score for score, is_listed in members.values() if is_listed]
    rows: list[Row] = [
        (1 + sum(other > score for other in listed) if is_listed else None, member, score * sign)
        for member, (score, is_listed) in sorted(members.items(), key=lambda row: (-row[1][0], row[0].encode()))
    ]
    return Table(rows, len(listed))


def _has(member: Member, org: Organisation, newest: Plan, now: int) -> Has:
    totals, standing = member.totals, member.standing
    all_badges = Badges(org.plans, org.catalogue)
    times = all_badges.held(totals, standing, member.settled, Instant(now))
    badges: list[Reached] = []
    levels: dict[str, list[tuple[str | None, int]]] = {}
    leagues: dict[str, dict[str, int]] = {}
    for what, at in times.items():
        kind, _, name = name_at(org.plans, what.badge, Instant(now)).partition(":")
        if kind == "tier":
            if what.level in _tiers(org.plans, what.badge)[1:]:
                leagues.setdefault(name, {})[what.level] = at
        elif kind == "level":
            levels.setdefault(name, []).append((what.level or None, at))
        else:
            value = value_of(what.value) if what.value else None
            badges.append(Reached(name, what.level or None, value, at, all_badges.until(what, totals, standing)))
    return Has(
        points={_ident(org, number, now): total for number, total in totals.points.items()},
        badges=sorted(badges, key=place_of),
        levels={name: sorted(steps, key=lambda step: (step[1], step[0] or "")) for name, steps in levels.items()},
        streaks=dict(_streaks(member, org, newest, now)),
        challenges={_ident(org, number, now): done for number, done in totals.rounds.items()},
        leagues=leagues,
    )


def _tiers(plans: Sequence[Plan], number: int) -> list[str]:
    """The tiers of a league, as the newest version that names it has them."""
    leagues = (league for plan in reversed(plans) for league in plan.leagues if league.number == number)
    return [tier for tier, _ in next(leagues).tiers]


def _streaks(
    member: Member, org: Organisation, newest: Plan, now: int
) -> Iterator[tuple[str | tuple[str, str], Standing]]:
    totals, names = member.totals, org.catalogue
    of_values = [(name.partition("|"), slots) for name, slots in totals.tallies.items()]
    for number, value, slots, layout in (
        *((number, "", totals.slots, names.layout) for number in totals.streaks),
        *((int(number), value, slots, names.tallies[int(number)]) for (number, _, value), slots in of_values),
    ):
        plans = [plan.scores[number].streak for plan in reversed(org.plans) if number in plan.scores]
        if plans and plans[0] is not None and slots[layout.streaks[number] + 4]:
            found = at_a_moment(plans[0], slots, newest.calendar, member.standing, number, Instant(now))
            name = _ident(org, number, now)
            yield (name, text_of(value_of(value))) if value else name, Standing(*found)


def _ident(org: Organisation, number: int, now: int) -> str:
    return name_at(org.plans, number, Instant(now)).partition(":")[2]
