"""The types and expressions of random rulebooks, few of each so that they meet, and how to draw from them."""

from typing import Any, TypeAlias

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

Json: TypeAlias = Any
"""JSON data; a rulebook is built from many pieces of it."""

MADE, SHOWN, PLAYED, REVIEW, COURSE, MENTORING = (
    "acme.craft.made",
    "acme.craft.shown",
    "acme.craft.played",
    "code_review.given",
    "course.completed",
    "mentoring.held",
)
OWN = (MADE, SHOWN, PLAYED)
ASKED = ([MADE], [MADE], [MADE, SHOWN], [MADE, PLAYED], [MADE, REVIEW], [SHOWN], [MENTORING, MADE], [COURSE, MADE])
"""Types of one rule or score; mostly the most frequent one, so that what is counted collides."""
OWN_ASKED = tuple(types for types in ASKED if set(types) <= set(OWN))

DATA: dict[str, Json] = {
    kind: {
        "type": "object",
        "required": ["n", "x", "v", "ok", "who"],
        "properties": {
            "n": {"type": "integer"},
            "x": {"type": "number"},
            "v": {"type": "number" if kind == SHOWN else "integer"},
            "ok": {"type": "boolean"},
            "who": {"type": "string"},
            "tag": {"type": "string"},
        },
    }
    for kind in OWN
}
"""Types with fields of every kind; `v` is a whole number in some and not in others, `tag` may be absent."""

TOPICS = ("a", "ann", "bob")
"""What the company may focus on; values of `tag` and `who` among them."""

TRUTHS = (
    "data.ok",
    "!data.ok",
    "data.n > 1",
    "data.n % 2 == 0",
    "data.x >= 1.5",
    "data.n < data.x",
    "data.who != subject",
    "has(data.tag)",
    "has(data.tag) && data.tag == 'a'",
    "subject in ['ann', 'bob']",
    "6 / data.n > 1",  # fails where n is 0
    "focus('a')",
    "focus(data.who) || focus(subject)",
    "!has(data.tag) || focus(data.tag)",
)
WHOLES = (
    "data.n",
    "2 * data.n - 3",
    "data.ok ? 4 : -2",
    "int(data.x)",
    "size(data.who)",
    "6 / data.n",
    "data.n * 500000",  # out of range for some
    "size(team(subject))",  # the letters of one team, or how many there are
    "size(guild(data.who)) + data.n",
)
NUMBERS = ("data.x", "data.x * 0.5", "data.n > 0 ? data.x : 2.25", "data.v", *WHOLES)
VALUES = ("data.who", "data.v", "data.n", "data.x", "data.ok", "has(data.tag) ? data.tag : ''", "subject")
EACH = ("data.who", "data.v", "data.n", "data.ok", "data.tag", "6 / data.n", "subject")
CREDITS = ("data.who", "'bob'", "has(data.tag) ? data.tag : subject")
RECEIVERS = (
    "data.who",
    "[subject, data.who]",
    "['ann', 'bob', 'ann']",
    "data.ok ? [data.who] : []",
    "has(data.tag) ? [data.tag, subject] : [subject]",
)
ONCE = ("data.n", "data.who", "data.tag", "data.v", "day", "subject")


def truths(groups: dict[str, Json]) -> SearchStrategy[str]:
    """Conditions, also such as ask for groups of these kinds."""
    asked = tuple(
        condition
        for kind, said in groups.items()
        for condition in (
            (f"{kind}(subject) == 'red'", f"{kind}(data.who) != {kind}(subject)")
            if said.get("one_at_a_time")
            else (f"'red' in {kind}(subject)", f"{kind}(data.who) == ['blue', 'red']")
        )
    )
    return st.sampled_from((*TRUTHS, *asked))


def some(values: tuple[str, ...], most: int = 2) -> SearchStrategy[list[str]]:
    """One or more of them, each at most once."""
    return st.lists(st.sampled_from(values), min_size=1, max_size=most, unique=True)


def one_in(number: int) -> SearchStrategy[bool]:
    """True once in so many times."""
    return st.integers(1, number).map(lambda drawn: drawn == number)


@st.composite
def maybe(draw: DrawFn, name: str, value: SearchStrategy[Json], once_in: int = 2) -> dict[str, Json]:
    """A mapping with that field once in so many times, else an empty one."""
    return {name: draw(value)} if draw(one_in(once_in)) else {}
