"""Answers about karma, from what the ledger has decided; what time alone changes is worked out when it is read."""

from collections.abc import Iterator, Sequence
from typing import Any, cast

from pydantic_core import from_json

from engine.ledger.accounts import Kind
from engine.ledger.gift import Gift
from engine.ledger.passing import passed
from engine.ledger.policies import Policy, Timeline
from engine.ledger.purse import NONE, Purse
from engine.ledger.redemption import Redemption
from engine.ledger.statement import Line, statement
from engine.ledger.vault import Drawer, load_posting
from schemas.answers import Karma
from schemas.karma_answers import (
    GiftAnswer,
    OpenAnswer,
    OutcomeAnswer,
    PurseAnswer,
    RedemptionAnswer,
    RewardInfo,
    ShopAnswer,
    StatementAnswer,
    StatementLine,
)
from schemas.records import REFERENCE
from schemas.times import format_instant
from schemas.words import Instant, MemberId, Position
from streams.asking import Asking, Read
from streams.keys import Keys
from streams.known import Known, UnknownError
from streams.members import standing_of

_AT_ONCE = 1_000


class KarmaAnswers:
    """Reads one organisation's ledger; may be used by many threads."""

    def __init__(self, asking: Asking, keys: Keys) -> None:
        self.asking = asking
        self.keys = keys

    def purse(self, member: MemberId, *, now: Instant) -> PurseAnswer:
        """What a member has now.

        Raises:
            UnknownError: UNKNOWN_MEMBER, NO_RULEBOOK.
        """
        member = self.follow(member)
        known, replies = self.asking.ask(lambda _: purse_reads(self.keys, member))
        purse = purse_of(known, member, replies, now)
        return {
            "member": member,
            "to_give": purse[Kind.ALLOWANCE],
            "until": _moment(purse.until),
            "earned": purse[Kind.EARNED],
            "in_escrow": purse[Kind.ESCROW],
            "owed": purse.owed,
            "coming": purse[Kind.BUDGET],
            "position": known.position,
        }

    def statement(self, member: MemberId, *, now: Instant) -> StatementAnswer:
        """All that ever changed a member's accounts; what time alone changed since the last request too.

        Raises:
            UnknownError: UNKNOWN_MEMBER, NO_RULEBOOK.
        """
        member = self.follow(member)
        known, (lines, *replies) = self.asking.ask(
            lambda _: [("HGETALL", [self.keys.statement(member)], []), *purse_reads(self.keys, member)]
        )
        kept = [(int(place[:12]), load_posting(content)) for place, content in sorted(_pairs(lines))]
        requests = {Position(position): (ident, cause) for position, (ident, cause, _) in kept}
        _, due = passed(_kept_purse(member, replies), known.timeline, now)
        postings = [*(posting for _, (_, _, posting) in kept), *due]
        told = [_line(known, line, *requests.get(line.because, (None, None))) for line in statement(member, postings)]
        return {"member": member, "lines": told, "position": known.position}

    def outcome(self, ident: str) -> OutcomeAnswer:
        """What became of a request, by its stored id.

        Raises:
            UnknownError: NO_RULEBOOK.
        """
        drawers = (Drawer.OUTCOMES, Drawer.GIFTS, Drawer.REDEMPTIONS)
        known, (told, gift, redemption) = self.asking.ask(
            lambda _: [("HGET", [self.keys.karma(drawer)], [ident]) for drawer in drawers]
        )
        answer: OutcomeAnswer = {
            "request": f"{REFERENCE}{ident}",
            "outcome": "pending",
            "position": known.position,
        }
        if told is None:
            return answer
        answer["because"], *why = from_json(told)
        answer["outcome"] = "refused" if why else "accepted"
        if why:
            answer["code"], answer["detail"] = why
        if gift is not None:
            answer["gift"] = _gift(ident, Gift.load(from_json(gift)))
        if redemption is not None:
            answer["redemption"] = _redemption(ident, Redemption.load(from_json(redemption)))
        return answer

    def open_requests(self) -> OpenAnswer:
        """Every request for a reward that waits to be approved or handed out.

        Raises:
            UnknownError: NO_RULEBOOK.
        """
        known, (flat,) = self.asking.ask(lambda _: [("HGETALL", [self.keys.karma(Drawer.OPEN)], [])])
        idents = [ident.decode() for ident in flat[::2]]
        found = self._many(Drawer.REDEMPTIONS, idents)
        requests = [_redemption(ident, Redemption.load(from_json(raw))) for ident, raw in found]
        return {
            "requests": sorted(requests, key=lambda each: (each["at"], each["request"])),
            "position": known.position,
        }

    def shop(self, *, now: Instant) -> ShopAnswer:
        """The shop of the version that decides now, with the pieces that are left.

        Raises:
            UnknownError: NO_RULEBOOK.
        """
        known, (flat,) = self.asking.ask(lambda _: [("HGETALL", [self.keys.karma(Drawer.STOCKS)], [])])
        stocks = {name.decode(): int(moved) for name, moved in _pairs(flat)}
        policy = known.timeline.at(Instant(max(now, known.clock)))
        karma = None if policy is None else policy.karma
        return {
            "rewards": [] if policy is None else [*_rewards(policy, known.timeline, stocks, now)],
            "for_self": karma is not None and karma.redeem_for_self,
            "position": known.position,
        }

    def purses(self) -> Iterator[Purse]:
        """The purse of every member, as it was changed last; of who is linked to another, theirs is left."""
        client, keys = self.asking.client, self.keys
        linked = {cast("bytes", name).decode() for name in client.hkeys(keys.karma(Drawer.LINKS))}
        members = [cast("bytes", name).decode() for name in client.sscan_iter(keys.members(), count=_AT_ONCE)]
        for start in range(0, len(members), _AT_ONCE):
            part = members[start : start + _AT_ONCE]
            purses = cast("list[bytes | None]", client.hmget(keys.karma(Drawer.PURSES), part))
            records = client.mget([keys.member(MemberId(each)) for each in part])
            for member, purse, record in zip(part, purses, cast("list[bytes | None]", records), strict=True):
                if purse is not None or member not in linked:
                    yield _kept_purse(MemberId(member), (purse, record))

    def redemptions(self) -> Iterator[tuple[str, Redemption]]:
        """Every request for a reward that was accepted, by its stored id; in no order."""
        found = self.asking.client.hscan_iter(self.keys.karma(Drawer.REDEMPTIONS), count=_AT_ONCE)
        for ident, raw in cast("Iterator[tuple[bytes, bytes]]", found):
            yield ident.decode(), Redemption.load(from_json(raw))

    def follow(self, member: MemberId) -> MemberId:
        """The member that an id is linked to."""
        while (found := self.asking.client.hget(self.keys.karma(Drawer.LINKS), member)) is not None:
            member = MemberId(from_json(cast("bytes", found)))
        return member

    def _many(self, drawer: Drawer, idents: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        for start in range(0, len(idents), _AT_ONCE):
            part = list(idents[start : start + _AT_ONCE])
            found = cast("list[bytes | None]", self.asking.client.hmget(self.keys.karma(drawer), part))
            yield from ((ident, raw) for ident, raw in zip(part, found, strict=True) if raw is not None)


def purse_reads(keys: Keys, member: MemberId) -> list[Read]:
    """What has to be read for a purse."""
    return [("HGET", [keys.karma(Drawer.PURSES)], [member]), ("GET", [keys.member(member)], [])]


def purse_of(known: Known, member: MemberId, replies: Sequence[Any], now: Instant) -> Purse:
    """A member's purse as it is now.

    Raises:
        UnknownError: UNKNOWN_MEMBER.
    """
    return passed(_kept_purse(member, replies), known.timeline, now)[0]


def karma_of(purse: Purse) -> Karma:
    """What a member's answer tells of their purse."""
    return {"to_give": purse[Kind.ALLOWANCE], "earned": purse[Kind.EARNED], "owed": purse.owed}


def _kept_purse(member: MemberId, replies: Sequence[Any]) -> Purse:
    """A purse as it was changed last; who has none was known before there was karma, and has left or not."""
    purse, record = replies
    if purse is not None:
        return Purse.load(member, from_json(purse))
    if record is None:
        raise UnknownError("UNKNOWN_MEMBER", f"no event was ever counted for {member!r}")
    return Purse(member, NONE, is_here=not standing_of(record).left)


def _pairs(flat: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """The fields and contents of a hash, as Redis replies with them to a script."""
    return zip(flat[::2], flat[1::2], strict=True)


def _line(known: Known, line: Line, ident: str | None, cause: str | None) -> StatementLine:
    found: StatementLine = {
        "at": format_instant(line.at),
        "what": line.what,
        "title": line.title,
        "account": cast("Any", line.account.name.lower()),
        "other": line.from_or_to,
        "amount": line.amount,
        "balance": line.balance,
        "because": line.because,
        "request": None if ident is None else f"{REFERENCE}{ident}",
    }
    if cause is not None:
        event, number, _ = cause.split("/", 2)
        rule = known.catalogue.names[int(number)].removeprefix("karma:")
        found["rule"], found["event"] = known.name(int(rule), line.at).partition(":")[2], int(event)
    return found


def _gift(ident: str, gift: Gift) -> GiftAnswer:
    return {
        "gift": f"{REFERENCE}{ident}",
        "giver": gift.giver,
        "to": [*gift.receivers],
        "amount": gift.amount,
        "at": format_instant(gift.at),
        "stage": cast("Any", gift.stage.lower()),
    }


def _redemption(ident: str, redemption: Redemption) -> RedemptionAnswer:
    waits = redemption.not_before > redemption.at
    return {
        "request": f"{REFERENCE}{ident}",
        "reward": redemption.reward,
        "sender": redemption.sender,
        "receiver": redemption.receiver,
        "price": redemption.price,
        "pay_from": cast("Any", redemption.paid_from.name.lower()),
        "stage": cast("Any", redemption.stage.lower()),
        "at": format_instant(redemption.at),
        "deadline": _moment(redemption.deadline),
        "not_before": _moment(redemption.not_before) if waits else None,
    }


def _rewards(policy: Policy, timeline: Timeline, stocks: dict[str, int], now: Instant) -> Iterator[RewardInfo]:
    for name, said in policy.shop.items():
        reward: RewardInfo = {
            "reward": name,
            "title": said.title or name,
            "price": said.price,
            "left": None if said.stock is None else timeline.first_stock(name, now) + stocks.get(name, 0),
            "approval": said.approval == "required",
            "for": [*said.buyable_for],
            "pay_from": [*said.pay_from],
        }
        if said.description is not None:
            reward["description"] = said.description
        for field in ("picture", "where", "fulfilled_by"):
            if (text := getattr(said, field)) is not None:
                reward[field] = text
        yield reward


def _moment(at: Instant) -> str | None:
    return None if at == NONE else format_instant(at)
