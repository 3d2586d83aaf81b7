"""Random worlds in which days are closed: what is settled there, and what comes late and may change it no more."""

from dataclasses import replace
from datetime import date

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from schemas.records import Record
from schemas.zones import zone
from tests.challenge_strategies import challenges, firsts, flowing, leagued, places
from tests.closings import as_written, closed, in_time
from tests.rulebook_strategies import Frame, frames, near, rulebooks
from tests.strategies import (
    HOUR_MS,
    MEMBERS,
    PLACES,
    World,
    events,
    hashed,
    instants,
    joined,
    local_midnight,
    published,
    record,
)

CROWD = (*MEMBERS, "eve", "fay", "gus", "hal", "ida")
"""So many that a league has two cohorts."""

NEAR = ((0, 0, 0, 1, 2, 3), (0, 1, 2, 3, 4, 5, 6, 7, 8), (0, 0, 7, 14))
"""How many days after each other things happen: each of these days is closed, one by one."""


@st.composite
def settled_frames(draw: DrawFn, where: str, days: tuple[str, ...]) -> Frame:
    """Boards and badges as in every world, with challenges, leagues, places and firsts."""
    frame = draw(frames(where, is_life=False))
    made = draw(challenges(near(days)))
    boards = draw(leagued(frame.boards))
    badges = {**draw(firsts(frame.badges)), **draw(places(boards))}
    named = tuple(made)
    return replace(
        frame,
        boards={name: draw(flowing(board, named)) for name, board in boards.items()},
        badges={name: draw(flowing(badge, named)) for name, badge in badges.items()},
        ladders={name: draw(flowing(ladder, named)) for name, ladder in frame.ladders.items()},
        challenges=made,
    )


@st.composite
def settled_worlds(draw: DrawFn) -> World:
    """A log as it is written in reality, with challenges, leagues, places, firsts, voids and closed days."""
    where, days = draw(st.sampled_from(PLACES))
    times = draw(instants(zone(where), days, NEAR, is_life=False))
    members = CROWD if draw(st.sampled_from((True, *(False,) * 5))) else MEMBERS[: draw(st.integers(2, 4))]
    frame = draw(settled_frames(where, days))
    found = [
        *draw(joined(members, min(times) - 24 * HOUR_MS)),
        *draw(voided(draw(events(times, members, frame, days, is_life=False)), times)),
    ]
    day = draw(st.sampled_from(days))
    since = local_midnight(date.fromisoformat(day), zone(where))
    begins = min(min(times) - 24 * HOUR_MS, since - 2 * HOUR_MS) - draw(st.sampled_from((1, 48))) * HOUR_MS
    first = published(1, None, draw(rulebooks(frame, days, is_life=False, is_later=False)), begins)
    log = draw(as_written(found))
    if draw(st.booleans()):
        later = draw(rulebooks(frame, days, is_life=False, is_later=True))
        log = in_time(log, published(2, day, later, since - 2 * HOUR_MS))
    latest = max(max(each["time"], each["recorded"]) for each in [first, *log])
    now = latest + draw(st.sampled_from((0, 24 * HOUR_MS, 8 * 24 * HOUR_MS, 40 * 24 * HOUR_MS)))
    return World(draw(closed([first, *log], zone(where), now)), now)


@st.composite
def voided(draw: DrawFn, made: list[Record], times: list[int]) -> list[Record]:
    """The same with some voids, of what stands before, comes later or never does, or was voided already."""
    records = list(made)
    for number in range(draw(st.sampled_from((0, 0, 1, 2, 4)))):
        identity = draw(st.sampled_from((*(each["id"] for each in records), hashed("unknown", 32))))
        void = record("event.voided", "an admin", draw(st.sampled_from(times)), {"id": identity}, -1000 - number)
        records.insert(draw(st.integers(0, len(records))), void)
    return records
