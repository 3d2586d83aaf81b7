"""What the ledger keeps, together with what stands outside the log: messages of gifts, vouchers of requests."""

from collections.abc import Sequence
from typing import Final

from pydantic_core import from_json

from schemas.karma_answers import GiftAnswer, OutcomeAnswer, VouchersAnswer
from schemas.nearest import instead
from schemas.records import REFERENCE
from schemas.words import MemberId
from streams.answers import Answers
from streams.requesting import RefusedRequest, Ways, ident_of, record_at
from streams.texts import text_key
from streams.vouchers import CODE_LENGTH_MAX, approvals

CODES_MAX: Final = 10_000
"""Codes that are loaded at once."""

_NONE_LEFT = "no voucher is left; the next one that is loaded is for this request, or for one before it"


async def gift_of(ways: Ways, ident: str) -> GiftAnswer | None:
    """A gift with its message, by its stored id; None where there is none."""
    outcome = await ways.read(lambda answers: answers.karma.outcome(ident))
    if "gift" not in outcome or "because" not in outcome:
        return None
    gift, record = outcome["gift"], await record_at(ways.runtime, outcome["because"])
    data = record["data"]
    if "value" in data:
        gift["value"] = str(data["value"])
    if "about" in data:
        gift["about"] = str(data["about"])
    if "gift" in data:
        gift["boosts"] = f"{REFERENCE}{data['gift']}"
    text = await ways.runtime.texts.get(text_key(record["org"], record["subject"], record["id"], record["stamp"]))
    if text is not None:
        gift["message"] = from_json(text)["message"]
    return gift


async def add_voucher(ways: Ways, outcome: OutcomeAnswer, member: MemberId | None) -> None:
    """Adds the voucher of a request for a reward, where it was approved and the reward has any.

    For who gets it, as long as it was not declined; for an operator (None) always.
    """
    redemption, ident = outcome.get("redemption"), ident_of(outcome["request"])
    if redemption is None or not await ways.runtime.vouchers.has(redemption["reward"]):
        return
    if member is not None:
        receiver = await ways.read(lambda answers: answers.karma.follow(MemberId(redemption["receiver"])))
        caller = await ways.read(lambda answers: answers.karma.follow(member))
        if caller != receiver or redemption["stage"] == "declined":
            return
    found = await ways.read(lambda answers: approvals(answers.karma, redemption["reward"]))
    if ident in found:
        number = sum(position <= found[ident] for position in found.values())
        redemption["voucher"] = await ways.runtime.vouchers.code(redemption["reward"], number)
        if redemption["voucher"] is None:
            redemption["no_voucher"] = _NONE_LEFT


async def load_vouchers(ways: Ways, reward: str, codes: Sequence[str]) -> VouchersAnswer:
    """Loads codes of a reward of the newest rulebook.

    Raises:
        RefusedRequest: REWARD_UNKNOWN, BAD_DATA; nothing was kept.
        UnknownError: NO_RULEBOOK.
    """
    shop = (await ways.read(Answers.known)).plan.rulebook.shop
    if reward not in shop:
        raise RefusedRequest("REWARD_UNKNOWN", "reward", f"`{reward}` is not in the shop; {instead(reward, shop)}")
    if not 0 < len(codes) <= CODES_MAX:
        raise RefusedRequest("BAD_DATA", "codes", f"expected 1 to {CODES_MAX:,} codes, got {len(codes):,}")
    for place, code in enumerate(codes):
        if not (0 < len(code) <= CODE_LENGTH_MAX and code.isprintable() and code == code.strip()):
            what = f"expected 1 to {CODE_LENGTH_MAX} characters that can be printed, without spaces at its ends"
            raise RefusedRequest("BAD_DATA", f"codes[{place}]", what)
    done = await ways.runtime.vouchers.load(reward, codes)
    taken = len(await ways.read(lambda answers: approvals(answers.karma, reward)))
    return {"reward": reward, "added": done.added, "codes": done.codes, "left": max(0, done.codes - taken)}
