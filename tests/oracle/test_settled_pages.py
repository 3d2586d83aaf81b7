"""The examples with numbers of what is settled under docs/rules/: places, firsts, challenges, leagues."""

from datetime import date

from .leagues import Week
from .prizes import Played, Promotion, Settled
from .reading import read
from .story import HOUR_MS, Story, at, reached
from .test_pages import rulebook_of, told

LATER = "2028-01-01T00:00Z"


def review(story: Story, member: str, time: str, *, recorded: str | None = None) -> str:
    data = {"author": "someone", "change": f"{member} {time}"}
    return story.event("code_review.given", member, time, data, recorded=recorded)


def test_places_of_a_month() -> None:
    story = told("settled")
    for member, points in {"ann": 90, "bob": 90, "cat": 80, "dee": 70}.items():
        for number in range(points // 5):
            review(story, member, f"2027-05-{4 + number // 10:02}T12:{10 + number}Z")
    story.closed("2027-05-01", "2027-06-02")
    assert not any(has["badges"] for has in story.answers(LATER).members.values())
    story.closed("2027-06-03")
    review(story, "dee", "2027-05-30T12:00Z", recorded="2027-06-05T12:00Z")
    story.closed("2027-06-04", "2027-06-10")
    end = "2027-06-01T00:00Z"
    both = [reached("podium", "podium", end), reached("podium", "winner", end)]
    assert [story.badges(member) for member in ("ann", "bob", "cat", "dee")] == [both, both, both[:1], []]
    assert story.answers(LATER).boards["sharing", "member", "2027-05"].rows[3] == (4, "dee", 75)


def test_the_first_who_finished() -> None:
    story = told("settled", block=1)
    for member, hour in (("cat", 14), ("bob", 13)):
        story.event("course.completed", member, f"2027-03-01T{hour}:00Z", {"course": "a"})
    story.closed("2027-03-01")
    story.event("course.completed", "ann", "2027-03-01T12:00Z", {"course": "a"}, recorded="2027-03-02T12:00Z")
    story.closed("2027-03-02")
    assert not any(has["badges"] for has in story.answers(LATER).members.values())
    story.closed("2027-03-03")
    assert story.badges("ann") == [reached("pioneer", None, "2027-03-01T12:00Z")]
    assert story.badges("bob") == [reached("pioneer", None, "2027-03-01T13:00Z")]
    assert story.badges("cat") == []


def talk(story: Story, member: str, day: str) -> None:
    story.event("talk.presented", member, f"2027-{day}T12:00Z", {"topic": "testing"})


def test_teams_that_talk() -> None:
    story = told("challenges")
    red, blue = ["r1", "r2", "r3", "h1", "h2", "h3"], ["b1", "b2", "b3", "b4", "b5"]
    for group, members in (("red", red), ("blue", blue)):
        story.joined(group, members, "2026-12-01T08:00Z")
    for member in ("h1", "h2", "h3", "b5"):
        story.event("member.visibility_changed", member, "2026-11-01T08:00Z", {"visibility": "hidden"})
    for number, member in enumerate(("r1", "r1", "r2", "r3", "h1", "h2", "b1", "b1", "b2", "b3", "b4", "b5"), start=1):
        talk(story, member, f"02-{number:02}")
    answers = story.answers("2027-04-01T12:00Z")
    assert answers.counters["team-talks", "2027-Q1"] == {"red": 6, "blue": 5}
    story.closed("2027-02-01", "2027-04-01")
    assert not any("team-talks" in has["points"] for has in story.answers(LATER).members.values())
    story.closed("2027-04-02")
    answers = story.answers(LATER)
    won = {name: has["points"]["team-talks"] for name, has in answers.members.items() if has["points"]}
    assert won == dict.fromkeys(("r1", "r2", "r3", "h1", "h2"), 30)
    assert answers.boards["sharing", "member", "2027-04"].total == 3  # on the day of settling, 3 April at midnight


def test_ten_reviews() -> None:
    story = told("challenges")
    for number in range(8):
        review(story, "ann", f"2027-03-01T12:1{number}Z")
    review(story, "ann", "2027-03-20T11:00Z")
    review(story, "ann", "2027-03-20T15:00Z")
    has = story.member("ann", LATER)
    assert has["challenges"] == {"ten-reviews": (1, at("2027-03-20T15:00Z"))}
    assert has["points"] == {"review": 50, "ten-reviews": 20}
    review(story, "ann", "2027-03-19T12:00Z", recorded="2027-03-22T12:00Z")
    has = story.member("ann", LATER)
    assert has["challenges"] == {"ten-reviews": (1, at("2027-03-20T11:00Z"))}
    assert has["points"] == {"review": 55, "ten-reviews": 20}


def scored(story: Story, points: dict[str, int], day: str) -> None:
    for member, number in points.items():
        for minute in range(number // 5):
            review(story, member, f"2027-{day}T12:{10 + minute}Z")


def test_who_goes_up() -> None:
    board = {"score": {"points": ["review"]}, "league": {"tiers": ["bronze", "silver", "gold"], "promote": 2}}
    rules = {"review": {"event": "code_review.given", "award": 5}}
    story = told("leagues", rules=rules, boards={"sharing": board})
    story.event("member.visibility_changed", "eva", "2027-01-01T12:00Z", {"visibility": "hidden"})
    scored(story, {"ann": 60, "ben": 45, "cat": 45, "dan": 20, "eva": 50}, "03-10")
    story.closed("2027-03-08", "2027-03-16")
    silver = {"silver": at("2027-03-22T00:00Z")}
    found = {name: has["leagues"] for name, has in story.answers(LATER).members.items() if has["leagues"]}
    assert found == {name: {"sharing": silver} for name in ("ann", "ben", "cat")}
    scored(story, {"ann": 60, "dan": 5}, "03-17")
    story.closed("2027-03-17", "2027-03-23")
    assert story.member("ann", LATER)["leagues"] == {"sharing": silver}


def test_cohorts_of_a_week() -> None:
    version = read(rulebook_of("leagues"))
    monday = {week: date.fromisocalendar(2027, week, 1) for week in (11, 12, 13)}
    members = [f"m{number}" for number in range(105)]
    begins = version.calendar.begins(monday[12])
    for after, bronze in {-1: 3, 0: 3, 1: 1, 2 * 24 * HOUR_MS: 1}.items():
        settled = Settled(
            promotions=[Promotion(version, "sharing", member, "silver", monday[11], 0) for member in members[:10]],
            weeks=[Played(version, "sharing", monday[11], begins + after, frozenset(members))],
        )
        for week, cohorts in {12: bronze, 13: 3}.items():
            this = Week("sharing", version.boards["sharing"], monday[week], version)
            assert (this.cohorts("bronze", settled), this.cohorts("silver", settled)) == (cohorts, 1)
