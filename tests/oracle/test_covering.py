"""What everyone sees of groups with hidden members: by a second naive reading day by day, and line by line."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.hidden_worlds import COMBINED, GUILDS, TEAMS, Naive, World, windows, worlds
from tests.oracle import answers
from tests.oracle.story import SPENT, Story, boarded


@settings(max_examples=25)
@given(world=st.sampled_from(((0,), (1,), (2, 3, 4, 5))).flatmap(worlds))
def test_the_scores_of_groups_are_those_of_another_reading_of_the_definitions(world: World) -> None:
    found, naive = answers(world.log, now=world.now), Naive(world)
    for board, (kind, groups) in product(COMBINED, (("team", TEAMS), ("guild", GUILDS))):
        for window, days in windows().items():
            table = found.boards.get((board, kind, window))
            public = {row[1]: row[2] for row in table.rows} if table else {}
            assert public == naive.scores(board, kind, days, all_time=window == "all", operator=False)
            seen = found.operators.get((board, kind, window), {})
            assert seen == naive.scores(board, kind, days, all_time=window == "all", operator=True)
            assert public.keys() <= {*groups}


# Groups that are withheld, since they lie in others.


def grouped(
    kinds: tuple[str, ...], groups: dict[str, str], *, at_once: tuple[str, ...] = (), smallest: int = 3
) -> list[str]:
    """The groups of which everyone sees the score, of members who are single letters."""
    story = Story(
        people={"smallest_group": smallest},
        groups={kind: {"one_at_a_time": kind not in at_once} for kind in kinds},
        boards={"board": boarded({"count": SPENT}, by=list(kinds))},
    )
    for named, members in groups.items():
        kind, _, _ = named.partition("_")
        for member in members:
            story.event("group.joined", member, "2024-02-01T08:00Z", {"kind": kind, "group": named})
    for member in sorted({member for members in groups.values() for member in members}):
        story.spent(member, 1)
    answers = story.answers()
    return [
        row[1] for kind in kinds for row in sorted(answers.boards["board", kind, "all"].rows, key=lambda row: row[1])
    ]


@pytest.mark.parametrize("rest", ["", "m", "mn", "mno"])
def test_the_smallest_part_is_withheld_where_the_rest_is_too_small(rest: str) -> None:
    found = grouped(("dept", "team"), {"dept_a": "abcdefgh" + rest, "team_x": "abc", "team_y": "defgh"})
    assert found == (["dept_a", "team_y"] if rest in {"m", "mn"} else ["dept_a", "team_x", "team_y"])


@pytest.mark.parametrize(("smallest", "shown"), [(3, ["team_y"]), (5, ["team_y"]), (6, ["team_y"])])
def test_what_is_too_small_by_itself_belongs_to_the_rest(smallest: int, shown: list[str]) -> None:
    # Without z two are left, too few; without x as well eight.
    groups = {"dept_a": "abcdefghijklmno", "team_x": "abcdef", "team_y": "ghijklm", "team_z": "no"}
    assert grouped(("dept", "team"), groups, smallest=smallest) == ["dept_a", *shown]


def test_of_groups_that_overlap_each_is_looked_at_alone() -> None:
    groups = {"dept_a": "abcdef", "guild_x": "abcd", "guild_y": "cde"}
    assert grouped(("dept", "guild"), groups, at_once=("guild",)) == ["dept_a", "guild_y"]
    nested = {"guild_x": "abcd", "guild_y": "abc"}
    assert grouped(("guild",), nested, at_once=("guild",)) == ["guild_x"]


def test_all_of_one_kind_that_hang_together_are_one_whole() -> None:
    # Both teams are in both places, and of both places only h is left.
    groups = {"place_a": "abcd", "place_b": "efgh", "team_x": "bcef", "team_y": "adg"}
    assert grouped(("place", "team"), groups) == ["place_a", "place_b", "team_x"]
    assert grouped(("place", "team"), groups, at_once=("team",)) == ["place_a", "place_b", "team_x", "team_y"]
