"""The oracle against the real reviews, whose right answers were worked out by other means.

Every line of the definitions is worked out by hand in the tests beside it: oracle/test_*.py.
"""

import copy
from functools import cache, partial
from typing import Any

import pytest

from schemas.records import Record
from tests import golden
from tests.oracle import Answers, answers, reviews
from tests.oracle.story import at

NOW = at("2016-03-12T00:00:00Z")
RIGHT = golden.load(reviews.FOLDER / "head5000.golden.json")


def lines(name: str) -> list[str]:
    return (reviews.FOLDER / name).read_text(encoding="utf-8").splitlines()


def arrived() -> list[Record]:
    return list(reviews.records(lines("head5000.arrived.jsonl"), lines("head5000.arrived.times.txt")))


@cache
def answered(rulebook: str = "rulebook.yaml", late: str = "600d", *, as_arrived: bool = False) -> Answers:
    events = arrived() if as_arrived else list(reviews.records(lines("head5000.jsonl")))
    book = {**reviews.rulebook(rulebook), "late": late}
    return answers([reviews.published(book), *events], now=NOW)


def in_utc() -> tuple[golden.Board, golden.Member]:
    return partial(reviews.rows, answered()), partial(reviews.member, answered())


def test_the_reviews_have_the_right_tables_streaks_and_levels() -> None:
    assert golden.utc_differences(RIGHT, *in_utc()) == []


def test_the_reviews_have_the_right_months_in_berlin() -> None:
    in_berlin = partial(reviews.rows, answered("rulebook-berlin.yaml"))
    assert golden.berlin_differences(RIGHT, in_berlin) == []
    assert golden.berlin_differences(RIGHT, in_utc()[0]) != []


def test_every_review_ends_in_the_right_verdict() -> None:
    counts = RIGHT["counts"]
    assert answered().verdicts == {
        "APPLIED": counts["reviews_counted"] + 1,  # and the rulebook
        "DOES_NOT_COUNT": counts["self_reviews_left_out"],
        "NO_RULE": counts["by_type"]["article.published"] + counts["by_type"]["git.change.tested"],
    }


def test_late_out_of_order_and_repeated_they_give_the_same_answers() -> None:
    ordered, as_arrived = answered(), answered(as_arrived=True)
    assert (as_arrived.boards, as_arrived.members) == (ordered.boards, ordered.members)
    assert as_arrived.verdicts == {**ordered.verdicts, "REPEATED": 52}


def test_exactly_the_first_copies_that_came_in_after_more_than_30_days_are_too_late() -> None:
    seen: set[str] = set()
    expected = ["APPLIED"]
    for record in arrived():
        if record["id"] in seen:
            expected.append("REPEATED")
        elif record["recorded"] - record["time"] > 30 * 24 * 3600 * 1000:
            expected.append("TOO_LATE")
        elif record["type"] != "code_review.given":
            expected.append("NO_RULE")
        else:
            own = record["data"]["author"] == record["subject"]
            expected.append("DOES_NOT_COUNT" if own else "APPLIED")
        seen.add(record["id"])
    assert answered(late="30d", as_arrived=True).verdict_by_position == expected
    assert (expected.count("TOO_LATE"), expected.count("REPEATED")) == (262, 52)


def test_the_two_rulebooks_differ_in_nothing_but_the_time_zone() -> None:
    utc, berlin = reviews.rulebook(), reviews.rulebook("rulebook-berlin.yaml")
    assert berlin.pop("calendar") == {"timezone": "Europe/Berlin"}
    assert utc.pop("calendar") == {"timezone": "UTC"}
    assert utc == berlin


# The comparison itself has to notice what is wrong.


def swapped(rows: list[dict[str, Any]]) -> None:
    rows[0]["member"], rows[1]["member"] = rows[1]["member"], rows[0]["member"]


def one_more(rows: list[dict[str, Any]]) -> None:
    rows[0]["score"] += 1


def ranked_on(rows: list[dict[str, Any]]) -> None:
    for rank, row in enumerate(rows, start=1):
        row["rank"] = rank


def lost(rows: list[dict[str, Any]]) -> None:
    del rows[3]


@pytest.mark.parametrize("fault", [swapped, one_more, ranked_on, lost])
@pytest.mark.parametrize("window", ["all", "2015", "2015-W53"])
def test_a_wrong_table_is_noticed(window: str, fault: Any) -> None:
    board, member = in_utc()

    def faulty(name: str, asked: str) -> Any:
        rows = copy.deepcopy(board(name, asked))
        if asked == window:
            fault(rows)
        return rows

    assert golden.utc_differences(RIGHT, faulty, member) != []


@pytest.mark.parametrize("what", ["at", "longest", "badges"])
def test_a_wrong_member_is_noticed(what: str) -> None:
    board, member = in_utc()
    best = RIGHT["top20_longest_weekly_streak_utc"][0]["subject"]

    def faulty(name: str) -> Any:
        has: Any = copy.deepcopy(member(name))
        if name == best and what == "longest":
            has["streaks"]["steady"]["longest"] += 1
        elif name == best and what == "badges":
            has["badges"] = []
        elif name == best:
            reached = next(badge for badge in has["badges"] if badge["badge"] == "reviewer")
            reached["at"] = "2015-04-02T00:00:00Z"
        return has

    assert golden.utc_differences(RIGHT, board, faulty) != []
