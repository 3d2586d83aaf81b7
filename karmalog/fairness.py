"""Commands about alerts of the fairness watch: fairness list, show, review, confirm, dismiss."""

from typing import TYPE_CHECKING, Annotated

import typer

from karmalog import tell
from karmalog.desk import desk
from karmalog.options import Data, Json, Url, settings, wait_for

if TYPE_CHECKING:
    from karmalog.settings import Settings
    from schemas.fairness_answers import AlertAnswer, AlertsAnswer, OneAlertAnswer
    from schemas.karma_answers import OutcomeAnswer

Alert = Annotated[str, typer.Argument(metavar="ALERT", help="An alert, as `karmalog fairness list` names it.")]
By = Annotated[str, typer.Option("--by", metavar="MEMBER", help="The admin who does it, by member id.")]
Looking = Annotated[
    str | None,
    typer.Option(
        "--by",
        metavar="MEMBER",
        help="The admin who looks: what is about them is left out until it is confirmed.",
        show_default=False,
    ),
]
Reason = Annotated[
    str | None, typer.Option("--reason", metavar="TEXT", help="Why; kept outside the log.", show_default=False)
]


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    group = typer.Typer(help="Gifts that look arranged: two admins decide.", no_args_is_help=True)
    group.command("list")(list_)
    for command in (show, review, confirm, dismiss):
        group.command()(command)
    app.add_typer(group, name="fairness")


def list_(*, by: Looking = None, data: Data = None, url: Url = None, as_json: Json = False) -> None:
    """Lists the alerts of the last 90 days, oldest first."""
    found = wait_for(_alerts(settings(data, url), by))
    if as_json:
        tell.as_json(found)
        return
    tell.as_table(("alert", "kind", "stage", "raised", "held until", "members"), [*map(_row, found["alerts"])])


def show(alert: Alert, *, by: Looking = None, data: Data = None, url: Url = None, as_json: Json = False) -> None:
    """Shows what was given, what is usual, and what admins and those concerned wrote."""
    found = wait_for(_alert(settings(data, url), alert, by))
    if as_json:
        tell.as_json(found)
        return
    tell.as_table(("alert", "kind", "stage", "raised", "held until", "members"), [_row(found)])
    tell.as_table(
        ("giver", "receiver", "karma", "of all they gave", "of all that was received", "gifts"),
        [
            (each["giver"], each["receiver"], each["karma"], each["of"], each["received"], len(each["gifts"]))
            for each in found["evidence"]
        ],
    )
    usual = found["usual"]
    tell.say(
        f"Usual here: {usual['given']:,} given, {usual['favourite'] / 10:.1f} % of it to the same one, "
        f"{usual['received']:,} received."
    )
    said = [(each["at"], each["what"], each["member"], each.get("reason", "")) for each in found.get("said", ())]
    if said:
        tell.as_table(("at", "what", "by", "reason"), said)


def review(
    alert: Alert, *, by: By, reason: Reason = None, data: Data = None, url: Url = None, as_json: Json = False
) -> None:
    """Says that one admin has looked at an alert and thinks that it should be confirmed."""
    _decide("review", alert, by, reason, settings(data, url), as_json=as_json)


def confirm(
    alert: Alert, *, by: By, reason: Reason = None, data: Data = None, url: Url = None, as_json: Json = False
) -> None:
    """Confirms it, as another admin: those whom it is about are told, and can answer."""
    _decide("confirm", alert, by, reason, settings(data, url), as_json=as_json)


def dismiss(
    alert: Alert, *, by: By, reason: Reason = None, data: Data = None, url: Url = None, as_json: Json = False
) -> None:
    """Dismisses it, at any stage; a hold ends at once."""
    _decide("dismiss", alert, by, reason, settings(data, url), as_json=as_json)


def _decide(step: str, alert: str, by: str, reason: str | None, where: "Settings", *, as_json: bool) -> None:
    outcome = wait_for(_decided(where, alert, step, {"by": by} | ({} if reason is None else {"reason": reason})))
    if as_json:
        tell.as_json(outcome)
    elif outcome["outcome"] == "pending":
        tell.note("It is in the log, and not decided yet: `karmalog fairness show` says what becomes of it.")
    else:
        tell.note("Done.")


def _row(alert: "AlertAnswer | OneAlertAnswer") -> tuple[str, ...]:
    held = alert["held_until"] or "–"
    return alert["alert"], alert["kind"], alert["stage"], alert["raised"], held, ", ".join(alert["members"])


async def _alerts(where: "Settings", by: str | None) -> "AlertsAnswer":
    async with desk(where) as found:
        return await found.alerts(by)


async def _alert(where: "Settings", alert: str, by: str | None) -> "OneAlertAnswer":
    async with desk(where) as found:
        return await found.alert(alert, by)


async def _decided(where: "Settings", alert: str, step: str, said: dict[str, str]) -> "OutcomeAnswer":
    async with desk(where) as found:
        return await found.decide(alert, step, said)
