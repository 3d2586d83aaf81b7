"""What the newest rulebook offers: badges to reach."""

from fastapi import APIRouter, Request
from pydantic_core import to_json
from starlette.responses import Response
from typing_extensions import TypedDict

from api.access import Caller
from api.answering import PROBLEMS, answer
from api.service import SEES, After, Service, asked_by, service_of
from schemas.answers import Title
from schemas.rulebook import Rulebook
from streams.answers import Answers

routes = APIRouter(prefix="/v1", responses=PROBLEMS, tags=["offers"])


class BadgeStreak(TypedDict):
    """The periods in a row that a badge asks for."""

    every: str  # day, workday, week, month, quarter, year
    at_least: int | float  # of the score, in each period


class BadgeInfo(TypedDict):
    """A badge that can be reached."""

    badge: str
    title: Title
    levels: dict[str, int | float]  # level to number, in the order of size; empty for a badge without levels
    at: int | float | None  # the number of a badge without levels
    streak: BadgeStreak | None


class BadgesAnswer(TypedDict):
    """Every badge."""

    badges: list[BadgeInfo]
    position: int
    rulebook: int


@routes.get("/badges", summary="Badges that can be reached", response_model=BadgesAnswer)
async def badges(request: Request, after: After = None) -> Response:
    """Those of the newest rulebook; secret ones are shown to operators alone."""
    caller = asked_by(request, *SEES)
    service = service_of(request)
    await service.reached(after)
    rulebook, version, position = await _newest(service)
    found: BadgesAnswer = {"badges": _badges(rulebook, caller), "position": position, "rulebook": version}
    return answer(request, to_json(found), position)


async def _newest(service: Service) -> tuple[Rulebook, int, int]:
    """The newest rulebook, its version, and the position."""
    known = await service.reader.once("known", Answers.known)
    return known.plan.rulebook, known.plan.version, known.position


def _badges(rulebook: Rulebook, caller: Caller) -> list[BadgeInfo]:
    return [
        {
            "badge": name,
            "title": name if badge.title is None else badge.title,
            "levels": badge.levels,
            "at": badge.at,
            "streak": None
            if badge.streak is None
            else {"every": badge.streak.every, "at_least": badge.streak.at_least},
        }
        for name, badge in rulebook.badges.items()
        if caller.sees_everyone or not badge.secret
    ]
