"""Commands about karma and rewards say the same on a data folder as through the server that has one open."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import run
from tests.test_through_server import Server, serving

BOOK = """
apiVersion: karmalog/v1
kind: Rulebook
late: 5000d
rules:
  talk: {event: talk.presented, award: {points: 1, karma: 25}, limits: [{per: month, times: 2}]}
karma:
  worth: 0.10 EUR
  allowance: {per: year, karma: 100, on_joining: whole}
  gifts: {values: [help, craft], message: optional}
shop:
  cup: {title: {en: A cup}, price: 20, stock: 5, approval: required}
  card: {title: A card, price: 30}
"""
MONTH = datetime.now(UTC).strftime("%Y-%m")


def open_folder(folder: Path) -> Server:
    """A folder with a rulebook, and ann, bob and cat."""
    folder.mkdir(exist_ok=True)
    own = Server(folder, "", "")
    book, people = folder.parent / "book.yaml", folder.parent / "people.csv"
    book.write_text(BOOK)
    people.write_text("member,joined\nann,2026-01-01\nbob,2026-01-01\ncat,2026-01-01\n")
    own.command("rules", "apply", book)
    own.command("members", "import", people)
    return own


@pytest.fixture(params=["folder", "server"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    own = open_folder(tmp_path / "data")
    if request.param == "folder":
        yield own
        return
    with serving(own.folder) as server:
        yield server


def give(place: Server, by: str, *to: str, amount: int) -> str:
    """The reference of a gift."""
    said = place.command("karma", "give", *to, "--amount", str(amount), "--by", by, "--value", "help")
    return said.strip()


def wrong(place: Server, *words: str) -> str:
    """What is said of a command that is refused."""
    done = run(*words, data=str(place.folder))
    assert (done.code, done.out) == (1, ""), done
    return done.err


def wrong_of(place: Server, *words: object) -> str:
    """Likewise, of one that says more on its way."""
    done = run(*words, data=str(place.folder))
    assert done.code == 1, done
    return done.err


def purse(place: Server, member: str) -> tuple[int, int, int]:
    found = place.json("karma", "purse", member)
    return found["to_give"], found["earned"], found["owed"]


def test_karma_is_given_boosted_withdrawn_and_voided(place: Server) -> None:
    gift = give(place, "ann", "bob", "cat", amount=10)
    assert gift.startswith("karmalog:")
    assert "TO_ONESELF" in wrong(place, "karma", "boost", gift, "--amount", "5", "--by", "bob")
    assert [purse(place, each) for each in ("ann", "bob", "cat")] == [(80, 0, 0), (100, 10, 0), (100, 10, 0)]
    assert "NOT_YOUR_GIFT" in wrong(place, "karma", "withdraw", gift, "--by", "bob")
    assert place.command("karma", "withdraw", gift, "--by", "ann") == ""
    other = give(place, "ann", "bob", amount=30)
    assert place.json("rewards", "request", "card", "--by", "bob")["outcome"] == "accepted"
    assert "GIFT_SPENT" in wrong(place, "karma", "withdraw", other, "--by", "ann")
    place.command("karma", "void", other, "--reason", "a test")
    assert [purse(place, each) for each in ("ann", "bob", "cat")] == [(100, 0, 0), (100, 0, 30), (100, 0, 0)]
    assert place.json("member", "bob")["karma"] == {"to_give": 100, "earned": 0, "owed": 30}
    assert "karma to give" in place.command("member", "bob")
    assert "GIFT_UNKNOWN" in wrong(place, "karma", "void", "karmalog:" + "0" * 32, "--reason", "x")


def test_a_reward_goes_from_the_shop_to_payroll(place: Server, tmp_path: Path) -> None:
    give(place, "ann", "bob", amount=60)
    first, second = (
        place.command("rewards", "request", "cup", "--by", "bob", "--for", "cat").strip() for _ in range(2)
    )
    assert first in place.command("rewards", "open"), "whole, so that it can be copied"
    assert "A cup" in place.command("rewards", "list")
    codes = tmp_path / "codes.txt"
    codes.write_text("AAA-1\n\nAAA-2\n")
    assert place.json("rewards", "vouchers", "cup", codes) == {"reward": "cup", "added": 2, "codes": 2, "left": 2}
    assert "OWN_REQUEST" in wrong(place, "rewards", "approve", first, "--by", "bob")
    for request in (second, first):
        place.command("rewards", "approve", request, "--by", "ann")
    assert "AAA-2" in place.command("rewards", "show", first)
    assert place.json("rewards", "show", second)["redemption"]["voucher"] == "AAA-1"
    place.command("rewards", "fulfil", first, "--by", "ann")
    place.command("rewards", "decline", second, "--by", "ann", "--reason", "a test")
    third = place.command("rewards", "request", "cup", "--by", "bob").strip()
    place.command("rewards", "cancel", third, "--by", "bob")
    assert place.json("rewards", "open")["requests"] == []
    place.command("rewards", "restock", "cup", "3")
    assert [each["left"] for each in place.json("rewards", "list")["rewards"]] == [7, None]
    assert place.json("karma", "payroll", MONTH)["sums"] == [
        {"receiver": "cat", "karma": 20, "worth": "2.00", "currency": "EUR"}
    ]
    rows = list(csv.DictReader(io.StringIO(place.command("karma", "payroll", MONTH, "--csv"))))
    assert [(row["receiver"], row["what"], row["worth"]) for row in rows] == [
        ("cat", "reward", "2.00"),
        ("cat", "sum", "2.00"),
    ]
    lines = csv.DictReader(io.StringIO(place.command("karma", "statement", "bob", "--csv")))
    assert [line["what"] for line in lines][:3] == ["ALLOWANCE_GRANTED", "GIFT", "REWARD_REQUESTED"]
    books = place.json("karma", "books")
    assert (sum(books["accounts"].values()), books["redeemed"]) == (0, "2.00 EUR")
    period = place.json("karma", "books", MONTH)
    assert (sum(period["closing"].values()), period["moved"]["GIFT"]) == (0, 60)
    for words in (
        ("karma", "books"),
        ("karma", "books", "month"),
        ("karma", "payroll", MONTH),
        ("karma", "purse", "bob"),
    ):
        assert place.command(*words).strip()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("karma", "give", "bob", "--amount", "0", "--by", "ann"), "BAD_DATA: data.amount"),
        (("karma", "give", "bob", "--amount", "5", "--by", "ann"), "VALUE_MISSING"),
        (("karma", "give", "bob@acme.com", "--amount", "5", "--by", "ann"), "EMAIL_MEMBER"),
        (("karma", "purse", "nobody"), "nobody"),
        (("karma", "books", "soon"), "soon"),
        (("karma", "payroll", "2026"), "write it like 2026-10"),
        (("rewards", "request", "mug", "--by", "bob"), "REWARD_UNKNOWN"),
        (("rewards", "show", "karmalog:1"), "there is no such request"),
        (("rewards", "vouchers", "cup", "no-such-file"), "there is no file"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(folder: Server, words: tuple[str, ...], said: str) -> None:
    assert said in wrong(folder, *words)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Server:
    return open_folder(tmp_path_factory.mktemp("commands") / "data")


def test_a_command_without_who_does_it_is_mistyped(folder: Server) -> None:
    assert run("karma", "give", "bob", "--amount", "5", data=str(folder.folder)).code == 64


def test_a_members_key_is_enough_for_what_is_the_members(tmp_path: Path) -> None:
    with serving(open_folder(tmp_path / "data").folder) as server:
        key: Any = json.loads(server.command("keys", "issue", "member:ann", "--json"))["key"]
        own = {"url": server.url, "key": key, "data": str(tmp_path)}
        done = run("karma", "give", "bob", "--amount", "5", "--by", "ann", "--value", "help", **own)
        assert (done.code, done.out[:9]) == (0, "karmalog:"), done.err
        assert run("karma", "purse", "ann", **own).code == 0
        assert "UNKNOWN_MEMBER" in run("karma", "purse", "bob", **own).err
        assert (
            "this key acts for its own member alone"
            in run("karma", "give", "ann", "--amount", "5", "--by", "bob", "--value", "help", **own).err
        )
        assert "a key of the role operator" in run("karma", "books", **own).err


def test_imported_history_is_given_karma_once_somebody_agrees(place: Server, tmp_path: Path) -> None:
    def talk(member: str, number: int) -> str:
        about = {"specversion": "1.0", "id": f"{number}", "source": "/past", "type": "talk.presented"}
        return json.dumps({**about, "subject": member, "time": "2026-02-03T10:00:00Z", "data": {"topic": f"t{number}"}})

    history = tmp_path / "history.jsonl"
    history.write_text("\n".join(talk("ann" if number < 3 else "bob", number) for number in range(4)))
    assert place.json("import", history)["appended"] == 4
    assert [purse(place, each)[0] for each in ("ann", "bob")] == [100, 100]
    assert "nothing was given: add --yes" in wrong_of(place, "import", history, "--mint")
    found = place.json("import", history, "--mint", "--yes")
    assert (found["appended"], found["minted"]) == (0, 75)  # the third talk of ann is over the limit
    assert [purse(place, each)[0] for each in ("ann", "bob")] == [150, 125]
    assert place.json("import", history, "--mint", "--yes")["minted"] == 0
