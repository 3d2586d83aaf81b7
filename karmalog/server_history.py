"""Importing history through a running server: lines are sent on in requests, and each has its own outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from schemas.envelope import Undecodable, received
from schemas.strict_json import BYTES_MAX
from schemas.verdicts import Verdict
from streams.importing import Imported, Line, import_lines
from streams.publishing import Fate, Published, Refusal

if TYPE_CHECKING:
    from karmalog.server_desk import ServerDesk

_REQUEST_BYTES: Final = 4 << 20  # a server takes 8 MiB at once


async def load(
    desk: ServerDesk, lines: Iterable[Line], told: Callable[[Imported], None]
) -> tuple[Imported, Mapping[str, int]]:
    """See `Desk.load`."""
    await desk.get("/v1/boards")  # says so where there is no rulebook, before anything is read
    done = await import_lines(lines, partial(_send, desk), told, bytes_max=_REQUEST_BYTES)
    if not done.appended:
        return done, done.outcomes({})
    await desk.folded(done.position, lambda: told(done))
    return done, done.outcomes((await desk.get(f"/v1/history/{done.run}"))["outcomes"])


async def _send(desk: ServerDesk, lines: Sequence[Line], run: str) -> Published:
    """Publishes lines; what no server takes is refused here, as it would be there."""
    found: dict[int, Fate | Refusal] = {
        index: _too_large(line) for index, line in enumerate(lines) if len(line.text) > BYTES_MAX
    }
    sent = [index for index in range(len(lines)) if index not in found]
    position = 0
    if sent:
        body = b"".join(lines[index].text + b"\n" for index in sent)
        done = await desk.ask("POST", "/v1/history", params={"run": run}, content=body)
        refused = {each["index"]: each for each in done["refused"]}
        for at, (index, fate) in enumerate(zip(sent, done["fates"], strict=True)):
            found[index] = Fate(fate) if fate is not None else _refusal(refused[at])
        position = done["position"]
    return Published([found[index] for index in range(len(lines))], position)


def _too_large(line: Line) -> Refusal:
    try:
        received((), line.text)
    except Undecodable as why:
        return Refusal(None, Verdict.UNDECODABLE, why.code, why.path, why.detail)
    raise AssertionError("longer than any event may be")


def _refusal(said: Mapping[str, str]) -> Refusal:
    return Refusal(None, Verdict(said["verdict"]), said["code"], said["path"], said["detail"])
