"""Whether this server can do its work, and how far it is."""

import asyncio
from typing import Final, Literal

from typing_extensions import TypedDict

from api.metrics import Figures
from api.problems import NO_RULEBOOK
from api.service import Service
from streams.answers import Answers
from streams.known import UnknownError

ANSWER_S: Final = 3.0
"""What does not answer within this time is unavailable."""


class Health(TypedDict):
    """How a server is."""

    status: Literal["ok", "waiting", "unavailable"]
    detail: str  # why, where it is not ok
    position: int  # that the store has reached
    end: int  # of the log
    lag: int  # records of the log that are not folded yet
    rulebook: int  # the newest version; 0: none


def _of_store(answers: Answers) -> tuple[int, int]:
    """The position in the store, and the number of rulebooks; nothing is folded before there is one."""
    try:
        known = answers.known()
    except UnknownError:
        return 0, 0
    return known.position, known.plan.version


async def health_of(service: Service) -> Health:
    """How the server is now; takes at most `ANSWER_S` for each of log and store."""
    health: Health = {"status": "ok", "detail": "", "position": 0, "end": 0, "lag": 0, "rulebook": 0}
    runtime = service.runtime
    try:
        async with asyncio.timeout(ANSWER_S):
            health["end"] = int(await runtime.log.end(runtime.log.partition_of(runtime.org)))
    except Exception as error:  # noqa: BLE001 - whatever it is, the log does not answer
        return {**health, "status": "unavailable", "detail": f"the log does not answer: {_said(error)}"}
    try:
        async with asyncio.timeout(ANSWER_S):
            health["position"], health["rulebook"] = await service.reader.in_thread(_of_store)
    except Exception as error:  # noqa: BLE001 - whatever it is, the store does not answer
        return {**health, "status": "unavailable", "detail": f"Redis does not answer: {_said(error)}"}
    if runtime.projector is not None:  # of the whole partition, which may hold other organisations
        health["position"] = runtime.projector.progress.position
    health["lag"] = max(0, health["end"] - health["position"])
    waits = "" if runtime.projector is None else runtime.projector.progress.waiting
    if not health["rulebook"]:
        return {**health, "status": "waiting", "detail": waits or NO_RULEBOOK}
    if waits and health["lag"]:
        return {**health, "status": "waiting", "detail": waits}
    return health


async def figures_of(service: Service) -> Figures:
    """The health in numbers, with what was folded by verdict."""
    health = await health_of(service)
    up = health["status"] != "unavailable"
    outcomes: dict[str, int] = {}
    if up and health["rulebook"]:
        try:
            outcomes = (await service.reader.once("known", Answers.known)).outcomes
        except UnknownError:
            outcomes = {}
    return Figures(up, health["position"], health["end"], health["lag"], service.live.listeners, outcomes)


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__
