"""What karma, the shop and kinds of group say about each other: faults of what could never be requested."""

from collections.abc import Iterator

from schemas.nearest import instead
from schemas.rulebook import Karma, Rulebook, ShopReward
from schemas.rulebook_faults import Finding
from schemas.rulebook_names import Names
from schemas.source import Path


def broken_currency(rulebook: Rulebook, names: Names) -> Iterator[Finding]:
    """Faults: budgets of groups that nobody declared, rewards that nobody may request."""
    karma = rulebook.karma
    if karma is None:
        return
    for index, budget in enumerate(karma.budgets):
        if budget.by is not None and budget.by not in names.groups:
            message = f"`{budget.by}` is no kind of group; {instead(budget.by, names.groups)}"
            yield Finding(("karma", "budgets", index, "by"), "UNKNOWN_GROUP", message)
    for reward_id, reward in rulebook.shop.items():
        yield from _reward(("shop", reward_id), reward, karma)


def without_karma(rulebook: Rulebook) -> Iterator[Finding]:
    """Warnings: what comes to nothing, as there is no karma."""
    if rulebook.karma is not None:
        return
    why = "while the rulebook has no `karma` section: add one, such as `karma: {}`, or leave this out"
    for name, rule in rulebook.rules.items():
        if rule.award.karma is not None:
            message = f"nobody is given this {why}"
            yield Finding(("rules", name, "award", "karma"), "UNUSED", message, at_key=True, severity="warning")
    if rulebook.shop:
        yield Finding(("shop",), "UNUSED", f"nobody can request anything {why}", at_key=True, severity="warning")


def _reward(at: Path, reward: ShopReward, karma: Karma) -> Iterator[Finding]:
    if reward.buyable_for == ("self",) and not karma.redeem_for_self:
        message = "nobody can request it, as `karma.redeem_for_self` is false: add `colleague`, or let it be true"
        yield Finding((*at, "for"), "BAD_VALUE", message)
    if karma.worth is None or not karma.redeem.limits:
        return
    worth, least = reward.price * karma.worth.amount, min(limit.worth for limit in karma.redeem.limits)
    if worth > least.amount:
        message = (
            f"nobody can request it: it is worth {worth:,.2f} {least.currency}, and `karma.redeem` allows {least}; "
            "lower the price, or raise the limit"
        )
        yield Finding((*at, "price"), "BAD_VALUE", message)
