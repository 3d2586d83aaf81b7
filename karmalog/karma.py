"""Commands about karma: give, boost, withdraw, void, purse, statement, books, payroll."""

from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from karmalog import tell
from karmalog.desk import RefusedCommandError, desk
from karmalog.options import Data, Json, Url, settings, wait_for

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from pydantic import JsonValue

    from karmalog.karma_desk import KarmaDesk
    from karmalog.settings import Settings
    from schemas.karma_answers import OutcomeAnswer, PeriodAnswer

T = TypeVar("T")

By = Annotated[str, typer.Option("--by", metavar="MEMBER", help="Who does it.")]
Anybody = Annotated[
    str | None, typer.Option("--by", metavar="MEMBER", help="Who does it; else the organisation.", show_default=False)
]
Gift = Annotated[str, typer.Argument(metavar="GIFT", help="The gift, as karmalog:… names it.")]
Amount = Annotated[int, typer.Option("--amount", metavar="N", help="How much karma each receiver gets.")]
Csv = Annotated[bool, typer.Option("--csv", help="Rows as CSV.")]


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    group = typer.Typer(help="Karma: given by members, what they have, and the books.", no_args_is_help=True)
    for command in (give, boost, withdraw, void, purse, statement, books, payroll):
        group.command()(command)
    app.add_typer(group, name="karma")


def give(
    to: Annotated[list[str], typer.Argument(metavar="TO", help="Who gets it; each of them gets the whole amount.")],
    *,
    amount: Amount,
    by: By,
    value: Annotated[
        str | None, typer.Option(metavar="VALUE", help="What it is for: a value of the rulebook.", show_default=False)
    ] = None,
    message: Annotated[
        str | None, typer.Option(metavar="TEXT", help="What they did, for them to read.", show_default=False)
    ] = None,
    about: Annotated[
        str | None, typer.Option(metavar="TEXT", help="What it is about, such as a ticket.", show_default=False)
    ] = None,
    data: Data = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Gives karma of a member's allowance to others. Prints the gift, which can be withdrawn for a day."""
    said: dict[str, JsonValue] = {"to": [*to], "amount": amount, "value": value, "message": message, "about": about}
    outcome = ask(settings(data, url), "karma.given", by, said)
    done(outcome, f"{by} gave {amount:,} karma to {' and '.join(to)}", as_json=as_json)


def boost(gift: Gift, *, amount: Amount, by: By, data: Data = None, url: Url = None, as_json: Json = False) -> None:
    """Adds to somebody else's gift. Each who got it gets the whole amount."""
    outcome = ask(settings(data, url), "karma.boosted", by, {"gift": gift, "amount": amount})
    done(outcome, f"{by} added {amount:,} karma for each", as_json=as_json)


def withdraw(gift: Gift, *, by: By, data: Data = None, url: Url = None, as_json: Json = False) -> None:
    """Takes a gift back within a day. Only who gave it can, as long as nobody has spent of it."""
    outcome = ask(settings(data, url), "karma.withdrawn", by, {"gift": gift})
    done(outcome, "The gift is withdrawn", as_json=as_json)


def void(
    gift: Gift,
    *,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, kept outside the log.")],
    by: Anybody = None,
    data: Data = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Takes a gift back at any time. What was spent of it is owed by who got it."""
    outcome = ask(settings(data, url), "event.voided", by, {"source": "karmalog", "id": gift, "reason": reason})
    done(outcome, "The gift is void", as_json=as_json)


def purse(
    member: Annotated[str, typer.Argument(metavar="MEMBER", help="Whose it is.")],
    *,
    data: Data = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Shows what a member can give, has earned, and owes."""
    found = wait_for(at_desk(settings(data, url), lambda karma: karma.purse(member)))
    if as_json:
        tell.as_json(found)
        return
    columns = ("to give", "until", "earned", "in escrow", "owed", "coming")
    names = ("to_give", "until", "earned", "in_escrow", "owed", "coming")
    tell.as_table(columns, [cells(found, names)], found["member"])


def statement(
    member: Annotated[str, typer.Argument(metavar="MEMBER", help="Whose it is.")],
    *,
    data: Data = None,
    url: Url = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Lists every change of a member's accounts. Oldest first, each with the balance after it."""
    from schemas.karma_tables import STATEMENT_COLUMNS

    found = wait_for(at_desk(settings(data, url), lambda karma: karma.statement(member)))
    if as_json:
        tell.as_json(found)
    elif as_csv:
        tell.as_csv(STATEMENT_COLUMNS, found["lines"])
    else:
        columns = ("at", "title", "account", "other", "amount", "balance", "request")
        rows = [cells(line, columns) for line in found["lines"]]
        tell.as_table(("at", "what", "account", "from or to", "amount", "balance", "of"), rows, found["member"])


def books(
    period: Annotated[
        str | None,
        typer.Argument(metavar="PERIOD", help="2026-10, 2026-Q4, month, last-month and so on; else all there is now."),
    ] = None,
    *,
    data: Data = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Shows the books: what stands in each account. It adds up to zero; of a period also what moved."""
    if period is not None:
        _show_period(wait_for(at_desk(settings(data, url), lambda karma: karma.period(period))), as_json=as_json)
        return
    found = wait_for(at_desk(settings(data, url), lambda karma: karma.books()))
    if as_json:
        tell.as_json(found)
        return
    tell.as_table(("account", "karma"), [*found["accounts"].items(), ("sum", sum(found["accounts"].values()))])
    names = ("worth", "outstanding", "requested", "expected", "redeemed")
    if found["worth"] is not None:
        tell.as_table(("in money", "amount"), list(zip(names, cells(found, names), strict=True)))


def _show_period(found: "PeriodAnswer", *, as_json: bool) -> None:
    if as_json:
        tell.as_json(found)
        return
    accounts = [(name, before, found["closing"][name]) for name, before in found["opening"].items()]
    tell.as_table(("account", "before", "after"), accounts, f"{found['from']} to {found['to']}")
    tell.as_table(("what", "karma"), list(found["moved"].items()))


def payroll(
    month: Annotated[str, typer.Argument(metavar="MONTH", help="Of the rulebook's calendar, such as 2026-10.")],
    *,
    data: Data = None,
    url: Url = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Lists the rewards that were handed out in a month. With a sum for each who got some."""
    from schemas.karma_tables import PAYROLL_COLUMNS, payroll_rows

    found = wait_for(at_desk(settings(data, url), lambda karma: karma.payroll(month)))
    if as_json:
        tell.as_json(found)
    elif as_csv:
        tell.as_csv(PAYROLL_COLUMNS, list(payroll_rows(found)))
    else:
        rows = [cells(row, PAYROLL_COLUMNS[:-1]) for row in payroll_rows(found)]
        tell.as_table(PAYROLL_COLUMNS[:-1], rows, f"{len(found['rewards']):,} handed out in {month}")


# What commands about karma and rewards share.


def ask(where: "Settings", kind: str, by: str | None, said: "Mapping[str, JsonValue]") -> "OutcomeAnswer":
    """What became of a request, where it was accepted; fields that are None are left out.

    Raises:
        RefusedCommandError: it was refused.
    """
    from schemas.karma_requests import NOBODY, KarmaRequest

    data = {name: each for name, each in said.items() if each is not None}
    outcome = wait_for(at_desk(where, lambda karma: karma.ask(KarmaRequest(kind, by or NOBODY, data))))
    if "code" in outcome and "detail" in outcome:
        raise RefusedCommandError(f"{outcome['code']}: {outcome['detail']}")
    return outcome


def done(outcome: "OutcomeAnswer", what: str, *, as_json: bool) -> None:
    """Tells what was done, and the reference of it where that is a gift or a request for a reward."""
    if as_json:
        tell.as_json(outcome)
        return
    tell.note(f"{what}.")
    if "gift" in outcome or "redemption" in outcome:
        tell.say(outcome["request"])


async def at_desk(where: "Settings", work: "Callable[[KarmaDesk], Awaitable[T]]") -> T:
    """What is answered where the settings say."""
    async with desk(where) as found:
        return await work(found.karma)


def cells(found: "Mapping[str, object]", names: "Sequence[str]") -> "list[object]":
    """What stands under these names, as a row of a table."""
    return ["–" if found.get(name, "") is None else found.get(name, "") for name in names]
