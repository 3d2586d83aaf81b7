"""Commands that ask: boards, board, member, digest."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from karmalog import tell
from karmalog.desk import desk
from karmalog.options import Data, Json, Url, settings, wait_for

if TYPE_CHECKING:
    from karmalog.settings import Settings
    from schemas.answers import BoardAnswer, BoardsAnswer, MemberAnswer


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    app.command()(boards)
    app.command()(board)
    app.command()(member)
    app.command()(digest)


def boards(*, data: Data = None, url: Url = None, as_json: Json = False) -> None:
    """Lists the boards and their windows."""
    found = wait_for(_boards(settings(data, url)))
    if as_json:
        tell.as_json(found)
        return
    tell.as_table(
        ("board", "title", "windows", "by"),
        [
            (each["board"], tell.title(each["title"]), " ".join(each["windows"]), " ".join(each["by"]))
            for each in found["boards"]
        ],
    )


def board(
    ident: Annotated[str, typer.Argument(metavar="ID", help="The board; `karmalog boards` lists them.")],
    *,
    window: Annotated[
        str | None,
        typer.Option(
            help="all, 2024, 2024-Q2, 2024-05, 2024-W10, 2024-05-31, week, last-week and so on.",
            show_default=False,
        ),
    ] = None,
    by: Annotated[str, typer.Option(metavar="KIND", help="member, or a kind of group.")] = "member",
    top: Annotated[int | None, typer.Option(min=0, metavar="N", help="The first N rows.", show_default=False)] = None,
    around: Annotated[
        str | None,
        typer.Option(metavar="MEMBER", help="Also this member and the two ahead.", show_default=False),
    ] = None,
    data: Data = None,
    url: Url = None,
    as_json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Rows as CSV.")] = False,
) -> None:
    """Shows one window of a board. Ties share a rank; hidden members have none."""
    found = wait_for(_board(settings(data, url), ident, window, by, top, around))
    if as_json:
        tell.as_json(found)
        return
    columns = ("rank", "member", "score") if by == "member" else ("rank", "group", "score", "members")
    rows = json.loads(json.dumps(found["rows"]))
    if as_csv:
        tell.as_csv(columns, rows)
        return
    tell.as_table(
        columns,
        [tuple("–" if row[column] is None else row[column] for column in columns) for row in rows],
        f"{found['board']}, {found['window']}: the first {len(rows)} of {found['total']:,}",
    )


def member(
    ident: Annotated[str, typer.Argument(metavar="ID", help="The member.")],
    *,
    data: Data = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Shows what a member has. Points by rule, badges with their times, ladders, streaks, challenges, karma."""
    found = wait_for(_member(settings(data, url), ident))
    if as_json:
        tell.as_json(found)
        return
    tell.as_table(("rule", "points"), list(found["points"].items()), found["member"])
    if found["badges"]:
        tell.as_table(
            ("badge", "of", "level", "since", "until"),
            [
                (each["badge"], str(each.get("value", "")), each["level"] or "", each["at"], each.get("until", ""))
                for each in found["badges"]
            ],
        )
    if found["levels"]:
        tell.as_table(
            ("ladder", "step", "score", "next", "at"),
            [
                (name, each["level"] or "", each["score"], each["next"] or "", each["needs"] or "")
                for name, each in found["levels"].items()
            ],
        )
    if found["streaks"]:
        tell.as_table(
            ("streak", "now", "longest", "freezes"),
            [
                (name, each["current"], each["longest"], each.get("freezes", ""))
                for name, each in found["streaks"].items()
            ],
        )
    if found["challenges"]:
        tell.as_table(
            ("challenge", "round", "score", "goal", "rounds done", "last"),
            [
                (name, each["round"]["round"], each["score"], each["goal"] or "", each["done"], each["at"] or "")
                for name, each in found["challenges"].items()
            ],
        )
    if found["leagues"]:
        tell.as_table(
            ("league", "tier", "since", "of"),
            [
                (name, each["tier"], each["since"] or "", ", ".join(each["tiers"]))
                for name, each in found["leagues"].items()
            ],
        )
    karma = found.get("karma")
    if karma is not None and any(karma.values()):
        tell.as_table(
            ("karma to give", "earned", "owed"),
            [(karma["to_give"], karma["earned"], karma["owed"])],
        )


def digest(*, data: Data = None, url: Url = None, as_json: Json = False) -> None:
    """Prints one number for all answers. Equal answers have equal digests, whatever order events came in."""
    found, position = wait_for(_digest(settings(data, url)))
    if as_json:
        tell.as_json({"digest": found, "position": position})
    else:
        tell.say(f"{found} at position {position:,}")


async def _digest(where: "Settings") -> tuple[str, int]:
    async with desk(where) as found:
        return await found.digest()


async def _boards(where: "Settings") -> "BoardsAnswer":
    async with desk(where) as found:
        return await found.boards()


async def _board(
    where: "Settings", ident: str, window: str | None, by: str, top: int | None, around: str | None
) -> "BoardAnswer":
    async with desk(where) as found:
        return await found.board(ident, window=window, by=by, top=top, around=around)


async def _member(where: "Settings", ident: str) -> "MemberAnswer":
    async with desk(where) as found:
        return await found.member(ident)
