"""Leagues: tiers that are kept, cohorts by lot, and who goes up, line by line and by hand."""

from hashlib import sha256
from typing import Any

from tests.oracle.story import SPENT, Story, at

SUM: dict[str, Any] = {"sum": "data.minutes", "event": SPENT}
TIERS = ["bronze", "silver", "gold"]
WEEKS = {number: f"2024-03-{4 + 7 * (number - 10):02}" for number in (10, 11, 12, 13)}
"""The Mondays of some weeks."""
LATER = "2024-06-01T00:00Z"


def league(**said: Any) -> dict[str, Any]:
    return {"board": {"score": SUM, "league": {"tiers": TIERS, "promote": 2, **said}}}


def told(board: dict[str, Any] | None = None, **sections: Any) -> Story:
    return Story(**{"boards": board or league(), "late": "90d", **sections})


def did(story: Story, week: int, **minutes: int) -> None:
    for member, number in minutes.items():
        story.spent(member, number, f"{WEEKS[week]}T12:00Z")


def tiers(story: Story, board: str = "board") -> dict[str, dict[str, int]]:
    found = {name: has["leagues"].get(board, {}) for name, has in story.answers(LATER).members.items()}
    return {name: has for name, has in sorted(found.items()) if has}


def monday(week: int) -> int:
    return at(f"{WEEKS[week]}T00:00Z")


def test_a_board_with_a_league_is_kept_by_member_and_week_as_well() -> None:
    story = told({"board": {**league()["board"], "by": ["team"], "windows": ["month"]}}, groups={"team": {}})
    did(story, 10, ann=1)
    assert {key[1:] for key in story.answers().boards} == {("member", "2024-W10"), ("member", "2024-03")}


def test_the_best_of_a_cohort_go_up_from_the_next_week_that_begins_on() -> None:
    story = told()
    did(story, 10, ann=60, ben=45, cat=45, dan=20, eva=50)
    story.event("member.visibility_changed", "eva", data={"visibility": "hidden"})
    story.closed("2024-03-04", "2024-03-11")
    assert tiers(story) == {}
    story.closed("2024-03-12")
    silver = {name: {"silver": monday(12)} for name in ("ann", "ben", "cat")}
    assert tiers(story) == silver
    did(story, 11, ann=9, dan=8, ben=1)  # ann plays in bronze still
    story.closed("2024-03-13", "2024-03-19")
    assert tiers(story) == {**silver, "dan": {"silver": monday(13)}}
    did(story, 12, ann=1, ben=5, cat=4, dan=3)
    story.closed("2024-03-20", "2024-03-26")
    gold = at("2024-04-01T00:00Z")
    assert tiers(story) == {
        "ann": {"silver": monday(12)},
        "ben": {"silver": monday(12), "gold": gold},
        "cat": {"silver": monday(12), "gold": gold},
        "dan": {"silver": monday(13)},  # the only one of bronze: goes up to what is theirs a week later
    }


def test_nobody_goes_up_from_the_highest_or_down_from_any() -> None:
    story = told(league(tiers=["low", "high"], promote=1))
    for week in (10, 11, 12):
        did(story, week, ann=5 if week < 12 else -5, bob=1)
    story.closed("2024-03-04", "2024-03-31")
    assert tiers(story) == {"ann": {"high": monday(12)}, "bob": {"high": at("2024-04-01T00:00Z")}}


def test_settled_on_the_first_moment_of_a_week_it_holds_from_that_week_on() -> None:
    story = told(settle=0)
    did(story, 10, ann=5)
    story.closed("2024-03-04", "2024-03-10")
    assert tiers(story) == {"ann": {"silver": monday(11)}}


def test_with_the_lowest_first_the_lowest_go_up() -> None:
    story = told({"board": {**league(promote=1)["board"], "order": "lowest"}})
    did(story, 10, ann=5, bob=4)
    story.closed("2024-03-04", "2024-03-12")
    assert tiers(story) == {"bob": {"silver": monday(12)}}


def cohort(week: str, member: str, of: int) -> int:
    return int.from_bytes(sha256(f"{week} {member}".encode()).digest()[:8], "big") % of


def test_cohorts_are_as_many_as_played_when_a_week_was_settled_last_before() -> None:
    # Three of size 2 are 1.5 cohorts, and so 2; week 10 is settled in week 11, and holds for week 12.
    story = told(league(size=2, promote=1))
    names = [f"m{number}" for number in range(6)]
    did(story, 10, m0=9, m1=8, m2=7, m3=6)  # m0 is of silver from week 12 on
    did(story, 11, m1=9)  # and m1 from week 13 on
    did(story, 12, **{name: number for number, name in enumerate(names, start=1)})
    story.closed("2024-03-04", "2024-03-26")
    up = tiers(story)
    assert (up["m0"], up["m1"]["silver"]) == ({"silver": monday(12), "gold": at("2024-04-01T00:00Z")}, monday(13))
    by_cohort: dict[int, list[str]] = {}
    for name in names[1:]:
        by_cohort.setdefault(cohort("2024-W12", name, 2), []).append(name)
    best = {max(those, key=names.index) for those in by_cohort.values()}
    assert len(by_cohort) == 2
    assert {name for name in names[1:] if at("2024-04-01T00:00Z") in up.get(name, {}).values()} == best - {"m1"}


def test_what_comes_later_takes_nobody_back_and_lifts_nobody() -> None:
    story = told(league(promote=1))
    did(story, 10, ann=5, bob=4)
    story.closed("2024-03-04", "2024-03-12")
    did(story, 10, bob=9)
    assert tiers(story) == {"ann": {"silver": monday(12)}}


def test_tiers_go_on_under_a_new_name_and_in_the_order_of_the_newest_version() -> None:
    story = told(league(promote=1))
    did(story, 10, ann=5)
    story.closed("2024-03-04", "2024-03-12")
    new = league(tiers=["silver", "bronze", "top"], promote=1)["board"]
    story.publish("2024-03-13", "2024-03-12T12:00Z", boards={"new": {**new, "was": "board"}})
    assert tiers(story, "new") == {}  # silver is the first now
    did(story, 12, ann=5, bob=1)
    story.closed("2024-03-13", "2024-03-26")
    assert tiers(story, "new") == {"ann": {"bronze": at("2024-04-01T00:00Z")}}


def test_a_tier_that_is_named_no_more_is_as_if_it_were_not_there() -> None:
    story = told(league(promote=1))
    did(story, 10, ann=5)
    story.closed("2024-03-04", "2024-03-12")
    story.publish("2024-03-13", "2024-03-12T12:00Z", boards=league(tiers=["bronze", "gold"], promote=1))
    assert tiers(story) == {}
    did(story, 12, ann=5)
    story.closed("2024-03-13", "2024-03-26")
    assert tiers(story) == {"ann": {"gold": at("2024-04-01T00:00Z")}}


def test_a_week_whose_last_moment_has_no_league_promotes_nobody() -> None:
    story = told()
    did(story, 10, ann=5)
    story.publish("2024-03-10", "2024-03-06T12:00Z", boards={"board": {"score": SUM}})
    story.closed("2024-03-04", "2024-03-12")
    assert tiers(story) == {}
