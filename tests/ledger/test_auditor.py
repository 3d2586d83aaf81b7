"""The auditor is not ours: beancount adds up a year of karma, and finds every balance that members were told then."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from engine.ledger.accounts import Posting, What
from tests.ledger.journal import journal
from tests.ledger.year import BOOKS, Year

BEAN_CHECK = Path(sys.executable).with_name("bean-check")
ALWAYS_LEFT_OUT = {What.GIFT, What.REPAID, What.ALLOWANCE_EXPIRED}
"""Left out one by one in the quick lane too; each of the others costs beancount as long."""


@pytest.fixture(scope="module")
def year(redis_address: str) -> Iterator[Year]:
    with redis.Redis.from_url(redis_address) as client:
        yield Year(client, seed=2026).live()
        client.flushdb()


@pytest.fixture(scope="module")
def postings(year: Year) -> list[Posting]:
    return year.postings()


def audited(folder: Path, year: Year, postings: list[Posting]) -> str:
    """What beancount has to say against these postings."""
    path = folder / "karma.beancount"
    path.write_text(journal(postings, year.purses, year.books))
    done = subprocess.run([BEAN_CHECK, "--no-cache", path], capture_output=True, text=True, check=False)
    assert (done.returncode == 0) == (done.stderr == "")
    return done.stderr


def test_beancount_finds_every_balance_that_was_told(tmp_path: Path, year: Year, postings: list[Posting]) -> None:
    assert audited(tmp_path, year, postings) == ""


def test_the_year_had_everything_in_it(year: Year, postings: list[Posting]) -> None:
    assert Counter(each.what for each in postings).keys() == set(What)
    assert len(list(year.folding.org.timeline)) == 1 + len(BOOKS)
    assert len(year.purses) == len(year.books) == 12
    assert all(any(karma for karma in accounts.values()) for accounts in year.books.values())


@pytest.mark.parametrize(
    "what", [pytest.param(each, marks=() if each in ALWAYS_LEFT_OUT else pytest.mark.long) for each in What]
)
def test_beancount_notices_one_posting_that_is_missing(
    tmp_path: Path, year: Year, postings: list[Posting], what: What
) -> None:
    places = [place for place, each in enumerate(postings) if each.what is what]
    place = places[len(places) // 2]
    assert "Balance failed" in audited(tmp_path, year, postings[:place] + postings[place + 1 :])
