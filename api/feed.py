"""The feed: the badges that were reached last, by members whom everyone may see."""

from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Annotated, NotRequired, cast

from fastapi import APIRouter, Query, Request
from pydantic_core import to_json
from starlette.responses import Response
from typing_extensions import TypedDict

from api.answering import PROBLEMS, answer
from api.service import SEES, After, asked_by, service_of
from api.visibility import who_is_seen
from schemas.facts import Fact
from schemas.words import Instant, MemberId
from streams.answers import Answers
from streams.facts import unpack

SHOWN_MAX = 50
_ENTRIES_MAX = 400  # of the outbox that are looked at; and of what stands in them
_FACTS_MAX = 100_000
_PAGE = 20

routes = APIRouter(prefix="/v1", responses=PROBLEMS, tags=["boards"])


class Reached(TypedDict):
    """A badge that a member reached."""

    member: str
    badge: str
    level: str | None
    at: str  # RFC 3339: when the event happened that completed it
    value: NotRequired[str | int | float | bool]  # what a badge is for that is there once per value
    because: int  # position of the event in the log


class FeedAnswer(TypedDict):
    """What was reached last, newest first."""

    badges: list[Reached]
    position: int


@routes.get("/feed", summary="Badges that were reached last", response_model=FeedAnswer)
async def feed(request: Request, top: Annotated[int, Query(ge=1, le=SHOWN_MAX)] = 20, after: After = None) -> Response:
    """Newest first, as the log learned of them; only members whom everyone may see."""
    asked_by(request, *SEES)
    service = service_of(request)
    await service.reached(after)
    reader = service.reader
    position = await reader.position()
    reached = await reader.once("feed", lambda answers: last_reached(answers, reader.now()))
    found: FeedAnswer = {"badges": reached[:top], "position": position}
    return answer(request, to_json(found), position)


def last_reached(answers: Answers, now: Instant) -> list[Reached]:
    """At most `SHOWN_MAX` badges; secret ones are not told of."""
    badges = answers.known().plan.rulebook.badges
    secret = {name for name, badge in badges.items() if badge.secret}
    is_seen = cache(who_is_seen(answers, now))
    reached = standing_still(islice(_newest_first(answers), _FACTS_MAX))
    shown = (each for each in reached if each["badge"] not in secret and is_seen(MemberId(each["member"])))
    return list(islice(shown, SHOWN_MAX))


_Name = tuple[str, str, str | None, str | int | float | bool | None]
"""(member, badge, level, value)."""


def standing_still(facts: Iterator[Fact]) -> Iterator[Reached]:
    """The badges that are still held, from facts that run from the newest: later ones correct earlier ones."""
    settled: set[_Name] = set()
    times: dict[_Name, str] = {}
    for fact in facts:
        if "badge" not in fact:
            continue
        name = (fact["member"], fact["badge"], fact.get("level"), fact.get("value"))
        if name in settled:
            continue
        if fact["type"] == "badge.moved":  # an older event came late
            times.setdefault(name, fact["at"])
            continue
        settled.add(name)
        if fact["type"] == "badge.reached":
            reached: Reached = {
                "member": fact["member"],
                "badge": fact["badge"],
                "level": fact.get("level"),
                "at": times.get(name, fact["at"]),
                "because": fact["because"],
            }
            if "value" in fact:
                reached["value"] = fact["value"]
            yield reached


def _newest_first(answers: Answers) -> Iterator[Fact]:
    """Facts of the outbox from the newest on; blocks for a round trip every few entries."""
    end = "+"
    for _ in range(_ENTRIES_MAX // _PAGE):
        page = cast(
            "list[tuple[bytes, dict[bytes, bytes]]]",
            answers.client.xrevrange(answers.keys.outbox, end, "-", count=_PAGE),
        )
        for _, fields in page:
            yield from reversed(unpack(fields[b"facts"]))
        if len(page) < _PAGE:
            return
        end = f"({page[-1][0].decode()}"
