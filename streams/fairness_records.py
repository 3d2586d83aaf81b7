"""An alert together with what stands outside the log: the reasons of admins, and the answers of those concerned."""

from typing import Final, cast

from pydantic_core import from_json

from schemas.fairness_answers import OneAlertAnswer, SaidAnswer
from schemas.times import format_instant
from schemas.words import MemberId, Position
from streams.fairness import alert_answer
from streams.requesting import Ways, record_at
from streams.texts import text_key

STEPS: Final = {"review": "fairness.reviewed", "confirm": "fairness.confirmed", "dismiss": "fairness.dismissed"}
"""What admins do about an alert, and the request that it is."""


async def alert_of(ways: Ways, alert: str, by: MemberId | None) -> OneAlertAnswer:
    """An alert with what admins and those concerned wrote.

    Raises:
        UnknownError: ALERT_UNKNOWN, NO_RULEBOOK.
    """
    now = ways.runtime.clock.now()
    case, position = await ways.read(lambda answers: answers.fairness.case(alert, now=now, by=by))
    said = [await _said(ways, member, at) for member, at in sorted(case.said.items(), key=lambda each: each[1])]
    return {**alert_answer(case), "said": said, "position": position}


async def _said(ways: Ways, member: MemberId, position: Position) -> SaidAnswer:
    record = await record_at(ways.runtime, position)
    what = cast("SaidAnswer", {"what": record["type"].partition(".")[2]})["what"]
    said: SaidAnswer = {"member": member, "what": what, "at": format_instant(record["recorded"])}
    key = text_key(record["org"], record["subject"], record["id"], record["stamp"])
    if (text := await ways.runtime.texts.get(key)) is not None:
        said["reason"] = from_json(text)["reason"]
    return said
