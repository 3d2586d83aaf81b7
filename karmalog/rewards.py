"""Commands about rewards: list, request, show, open, approve, decline, fulfil, cancel, restock, vouchers."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from karmalog import tell
from karmalog.desk import RefusedCommandError
from karmalog.karma import Anybody, By, ask, at_desk, cells, done
from karmalog.options import Data, Json, Url, settings, wait_for

Reward = Annotated[str, typer.Argument(metavar="REWARD", help="The reward; `karmalog rewards list` lists them.")]
Ref = Annotated[
    str, typer.Argument(metavar="REQUEST", help="The request, as karmalog:… names it; `karmalog rewards open`.")
]
Reason = Annotated[
    str | None, typer.Option("--reason", metavar="TEXT", help="Why, kept outside the log.", show_default=False)
]


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    group = typer.Typer(help="Rewards: the shop, and requests for what is in it.", no_args_is_help=True)
    group.command("list")(list_)
    group.command()(request)
    group.command()(show)
    group.command("open")(open_)
    for command in (approve, decline, fulfil, cancel, restock, vouchers):
        group.command()(command)
    app.add_typer(group, name="rewards")


def list_(*, data: Data = None, url: Url = None, as_json: Json = False) -> None:
    """Lists what karma buys, with the pieces that are left."""
    found = wait_for(at_desk(settings(data, url), lambda karma: karma.shop()))
    if as_json:
        tell.as_json(found)
        return
    tell.as_table(
        ("reward", "title", "karma", "left", "approval", "for", "paid from"),
        [
            (
                each["reward"],
                tell.title(each["title"]),
                each["price"],
                "–" if each["left"] is None else each["left"],
                "required" if each["approval"] else "–",
                " ".join(each["for"]),
                " ".join(each["pay_from"]),
            )
            for each in found["rewards"]
        ],
    )


def request(
    reward: Reward,
    *,
    by: By,
    for_: Annotated[
        str | None,
        typer.Option("--for", metavar="MEMBER", help="Who gets it; else who asks.", show_default=False),
    ] = None,
    pay_from: Annotated[
        str | None,
        typer.Option(metavar="ACCOUNT", help="earned or allowance; else the reward's first.", show_default=False),
    ] = None,
    data: Data = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Requests a reward. Prints the request; its price is held until it is handed out or given back."""
    said = {"reward": reward, "for": for_, "pay_from": pay_from}
    outcome = ask(settings(data, url), "reward.requested", by, said)
    waits = "it waits for approval" if outcome["redemption"]["stage"] == "waiting" else "it can be handed out"
    done(outcome, f"{by} requested {reward}: {waits}", as_json=as_json)


def show(ref: Ref, *, data: Data = None, url: Url = None, as_json: Json = False) -> None:
    """Shows what has become of a request, and the voucher that it has."""
    found = wait_for(at_desk(settings(data, url), lambda karma: karma.look(ref)))
    if as_json:
        tell.as_json(found)
        return
    if "redemption" not in found:
        tell.say(f"{found['outcome']} {found.get('code', '')}".strip())
        tell.note(found.get("detail", ""))
        return
    names = ("reward", "stage", "sender", "receiver", "price", "at", "voucher")
    each = found["redemption"]
    tell.as_table(("reward", "stage", "by", "for", "karma", "at", "voucher"), [cells(each, names)])
    if "no_voucher" in each:
        tell.note(each["no_voucher"])


def open_(*, data: Data = None, url: Url = None, as_json: Json = False) -> None:
    """Lists requests that wait for somebody. Oldest first: to be approved, or handed out."""
    found = wait_for(at_desk(settings(data, url), lambda karma: karma.open_requests()))
    if as_json:
        tell.as_json(found)
        return
    names = ("request", "reward", "stage", "sender", "receiver", "price", "at", "deadline")
    columns = ("request", "reward", "stage", "by", "for", "karma", "at", "until")
    tell.as_table(columns, [cells(each, names) for each in found["requests"]])


def approve(
    ref: Ref, *, by: By, reason: Reason = None, data: Data = None, url: Url = None, as_json: Json = False
) -> None:
    """Lets a request be handed out. Somebody else than who asked or gets it has to."""
    outcome = ask(settings(data, url), "reward.approved", by, {"request": ref, "reason": reason})
    done(outcome, "The request is approved", as_json=as_json)


def decline(
    ref: Ref, *, by: By, reason: Reason = None, data: Data = None, url: Url = None, as_json: Json = False
) -> None:
    """Says no to a request, approved or not. What it holds goes back."""
    outcome = ask(settings(data, url), "reward.declined", by, {"request": ref, "reason": reason})
    done(outcome, "The request is declined", as_json=as_json)


def fulfil(
    ref: Ref, *, by: By, reason: Reason = None, data: Data = None, url: Url = None, as_json: Json = False
) -> None:
    """Says that an approved reward was handed out."""
    outcome = ask(settings(data, url), "reward.fulfilled", by, {"request": ref, "reason": reason})
    done(outcome, "The reward is handed out", as_json=as_json)


def cancel(
    ref: Ref, *, by: By, reason: Reason = None, data: Data = None, url: Url = None, as_json: Json = False
) -> None:
    """Takes a request back. Only who made it can, as long as it waits for approval."""
    outcome = ask(settings(data, url), "reward.cancelled", by, {"request": ref, "reason": reason})
    done(outcome, "The request is cancelled", as_json=as_json)


def restock(
    reward: Reward,
    pieces: Annotated[int, typer.Argument(metavar="PIECES", help="How many more there are.")],
    *,
    by: Anybody = None,
    data: Data = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Adds pieces to the stock of a reward."""
    outcome = ask(settings(data, url), "reward.restocked", by, {"reward": reward, "pieces": pieces})
    done(outcome, f"{pieces:,} more of {reward}", as_json=as_json)


def vouchers(
    reward: Reward,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Codes, one a line; - is standard input.")],
    *,
    data: Data = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Loads codes to hand out; safe to repeat. Each approved request has one, in their order."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise RefusedCommandError(f"there is no file {file}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise RefusedCommandError(f"{file} cannot be read as text in UTF-8: {error}") from error
    codes = [line.strip() for line in text.splitlines() if line.strip()]
    found = wait_for(at_desk(settings(data, url), lambda karma: karma.load_vouchers(reward, codes)))
    if as_json:
        tell.as_json(found)
    else:
        tell.note(f"{found['added']:,} codes added; {found['codes']:,} in all, {found['left']:,} left")
