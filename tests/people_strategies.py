"""Random events about people: who is here, may be seen, belongs to a group, is away, and what is given by hand."""

from datetime import date, timedelta

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.expression_strategies import Json, maybe
from tests.rulebook_strategies import Frame, near

GROUPS = ("red", "blue")


@st.composite
def said_of_people(draw: DrawFn, kind: str, frame: Frame, days: tuple[str, ...]) -> tuple[str, Json]:
    """The type and data of an event of one of these kinds: people, group, away, freeze, hand."""
    match kind:
        case "group":
            kinds = st.sampled_from(("group.joined", "group.joined", "group.left"))
            team = draw(st.sampled_from(("team", "team", "guild")))
            return draw(kinds), {"kind": team, "group": draw(st.sampled_from(GROUPS))}
        case "away":
            return "member.away", draw(time_off(days))
        case "freeze" if len(frame.to_freeze()) > 1:
            return "freeze.granted", {"badge": draw(st.sampled_from(frame.to_freeze()))}
        case "hand" | "freeze":
            badge, level = draw(st.sampled_from(frame.to_give()))
            said = draw(st.sampled_from(("badge.granted", "badge.granted", "badge.revoked")))
            return said, {"badge": badge} if level is None else {"badge": badge, "level": level}
    visibility = st.sampled_from(("hidden", "nickname", "listed"))
    said = draw(st.sampled_from(("member.joined", "member.left", "member.visibility_changed")))
    if said == "member.left":
        return said, {}
    return said, draw(maybe("visibility", visibility, 2 if said == "member.joined" else 1))


@st.composite
def taking_part(draw: DrawFn, frame: Frame) -> tuple[str, Json]:
    """The type and data of an event about who takes part in a challenge."""
    said = draw(st.sampled_from(("challenge.joined", "challenge.joined", "challenge.left")))
    return said, {"challenge": draw(st.sampled_from(frame.to_join()))}


@st.composite
def time_off(draw: DrawFn, days: tuple[str, ...]) -> dict[str, Json]:
    """Some days around the borders; now and then none that can be."""
    first = draw(near(days))
    lasts = [str(date.fromisoformat(first) + timedelta(days=by)) for by in (0, 0, 1, 2, 5, 365, 366, -1)]
    return {"first_day": first, "last_day": draw(st.sampled_from([*lasts, "2024-02-30"]))}
