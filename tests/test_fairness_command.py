"""Alerts from the command line: the same through a server and on a data folder, decided by two admins."""

import asyncio
import json
from pathlib import Path
from typing import Any

from tests.api_server import Served
from tests.command_line import Done, run
from tests.test_api_fairness import watched


async def command(*words: str, **settings: str) -> Done:
    """A command in a thread, while the server goes on."""
    return await asyncio.to_thread(run, "fairness", *words, **settings)


async def answer(*words: str, **settings: str) -> Any:
    """What a command says to programs."""
    done = await command(*words, "--json", **settings)
    assert done.code == 0, done.err
    return json.loads(done.out)


def through(server: Served) -> dict[str, str]:
    """The settings with which commands go to a server."""
    return {"url": server.url, "key": server.key("operator")}


async def test_two_admins_decide_one_through_a_server_and_one_on_its_folder(tmp_path: Path) -> None:
    async with watched(tmp_path) as server:
        at = through(server)
        (alert,) = (await answer("list", **at))["alerts"]
        ident = alert["alert"]
        assert (await answer("list", "--by", "ann", **at))["alerts"] == []
        refused = await command("review", ident, "--by", "ann", **at)
        said = "CONCERNED: it is about you: another admin has to look at it"
        assert (refused.code, refused.out, refused.err) == (1, "", f"karmalog: {said}\n")
        done = await command("review", ident, "--by", "ines", "--reason", "look at the dates", **at)
        assert (done.code, done.err) == (0, "Done.\n")

    folder = {"data": str(tmp_path), "org": "acme"}
    refused = await command("confirm", ident, "--by", "ines", **folder)
    assert refused.code == 1
    assert refused.err.startswith("karmalog: SECOND_ADMIN: ")
    assert (await answer("confirm", ident, "--by", "otto", **folder))["outcome"] == "accepted"
    found = await answer("show", ident, **folder)
    assert (found["stage"], [each["what"] for each in found["said"]]) == ("confirmed", ["reviewed", "confirmed"])
    shown = (await command("show", ident, **folder)).out
    assert "look at the dates" in shown
    assert "Usual here: 30 given, 33.3 % of it to the same one, 35 received." in shown
    assert ident in (await command("list", **folder)).out
    unknown = await command("dismiss", "0" * 32, "--by", "hugo", **folder)
    assert (unknown.code, unknown.err) == (1, "karmalog: ALERT_UNKNOWN: there is no such alert\n")
    assert (await command("show", "0" * 32, **folder)).err == "karmalog: there is no such alert\n"
    assert (await answer("dismiss", ident, "--by", "hugo", **folder))["outcome"] == "accepted"
    assert [each["stage"] for each in (await answer("list", **folder))["alerts"]] == ["dismissed"]
