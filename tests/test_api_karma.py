"""Karma and the shop over HTTP, on a real log and store: who may ask for what, who sees what, and asking twice."""

import asyncio
import contextlib
import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from api.app import build
from api.problems import MEDIA_TYPE
from schemas.karma_tables import STATEMENT_COLUMNS
from schemas.words import Position
from tests.api_server import Served, review, rulebook, served, serving
from tests.test_api import problem

BOOK = """
apiVersion: karmalog/v1
kind: Rulebook
calendar: {timezone: Europe/Berlin}
karma:
  worth: 0.10 EUR
  allowance: {per: year, karma: 100, on_joining: whole}
  gifts: {values: [help, craft], message: required, limits: [{per: year, karma: 200, of: receiver}]}
  redeem: {limits: [{per: year, worth: 6 EUR}]}
shop:
  cup: {title: A cup, price: 20, stock: 5, approval: required}
  card: {title: A card, price: 30}
  token: {title: A token, price: 1, approval: required, pay_from: [allowance], for: [colleague]}
"""
GIFT = {"amount": 10, "value": "help", "message": "You found it."}
MONTH = datetime.now(UTC).strftime("%Y-%m")
NOBODYS = "karmalog:" + "0" * 32


@pytest.fixture
async def server(tmp_path: Any) -> AsyncIterator[Served]:
    """Ann, bob, cat and dan are here; bob has 60 to spend."""
    async with served(tmp_path, book=rulebook(BOOK)) as found:
        await found.post(*(review(each, type="member.joined", data={}) for each in ("ann", "bob", "cat", "dan")))
        done = await found.caller("operator").post(
            "/v1/karma/gifts", json=GIFT | {"by": "dan", "to": ["bob"], "amount": 60}
        )
        assert done.status_code == 201, done.text
        yield found


async def test_a_gift_is_answered_with_what_became_of_it_and_both_see_it(server: Served) -> None:
    ann, bob = server.caller("member:ann"), server.caller("member:bob")
    done = await ann.post("/v1/karma/gifts", json=GIFT | {"to": ["bob"], "about": "the outage"})
    assert done.status_code == 201, done.text
    said = done.json()
    assert (said["outcome"], said["gift"]["to"], said["gift"]["amount"]) == ("accepted", ["bob"], 10)
    assert done.headers["location"] == f"/v1/karma/requests/{said['request']}"
    for each in (ann, bob, server.caller("operator")):
        seen = (await each.get(f"/v1/karma/gifts/{said['gift']['gift']}")).json()
        assert (seen["message"], seen["value"], seen["about"]) == ("You found it.", "help", "the outage")
        assert (await each.get(done.headers["location"])).json()["outcome"] == "accepted"
    purse = (await ann.get("/v1/karma/me")).json()
    assert (purse["to_give"], purse["earned"]) == (90, 0)
    assert (await bob.get("/v1/karma/me")).json()["earned"] == 70


async def test_what_was_written_with_a_gift_is_not_in_the_log_and_can_be_deleted(server: Served) -> None:
    ann = server.caller("member:ann")
    gift = (await ann.post("/v1/karma/gifts", json=GIFT | {"to": ["bob"]}, headers={"idempotency-key": "a"})).json()
    entries = await server.runtime.log.read(0, Position(0), max_records=1_000, max_wait_s=0)
    assert not [each for each in entries if b"You found it" in each.value]
    assert (await server.caller("operator").delete("/v1/texts", params={"member": "ann"})).json() == {"deleted": 1}
    seen = (await server.caller("member:bob").get(f"/v1/karma/gifts/{gift['request']}")).json()
    assert (seen["amount"], "message" in seen) == (10, False)
    again = await ann.post("/v1/karma/gifts", json=GIFT | {"to": ["bob"]}, headers={"idempotency-key": "a"})
    assert again.status_code == 201
    seen = (await server.caller("member:bob").get(f"/v1/karma/gifts/{gift['request']}")).json()
    assert "message" not in seen, "a repeat brings nothing back"


@contextlib.asynccontextmanager
async def another(server: Served) -> AsyncIterator[str]:
    """The address of a second application on the same log and store, which knows nothing of the first."""
    async with serving(build(server.runtime, server.access)) as url:
        yield url


# What is refused, and who may ask.


async def test_what_the_ledger_refuses_is_a_conflict_that_the_asker_can_look_at(server: Served) -> None:
    ann = server.caller("member:ann")
    said = problem(await ann.post("/v1/karma/gifts", json=GIFT | {"to": ["bob"], "amount": 101}), 409, "OVER_ALLOWANCE")
    assert said["detail"] == "this takes 101 karma, and you have 100 left to give"
    seen = (await ann.get(f"/v1/karma/requests/{said['request']}")).json()
    assert (seen["outcome"], seen["code"], seen["detail"]) == ("refused", "OVER_ALLOWANCE", said["detail"])
    problem(await server.caller("member:bob").get(f"/v1/karma/requests/{said['request']}"), 404, "REQUEST_UNKNOWN")
    assert (await ann.get("/v1/karma/me")).json()["to_give"] == 100


@pytest.mark.parametrize(
    ("changed", "code", "path"),
    [
        ({"amount": 0.5}, "BAD_DATA", "data.amount"),
        ({"to": ["bob@acme.com"]}, "EMAIL_MEMBER", "data.to"),
        ({"to": "bob"}, "BAD_DATA", "data.to"),
        ({"message": ""}, "BAD_DATA", "data.message"),
    ],
)
async def test_what_does_not_fit_is_refused_as_the_judge_says(
    server: Served, changed: dict[str, Any], code: str, path: str
) -> None:
    end = await server.runtime.log.end(0)
    answer = await server.caller("member:ann").post("/v1/karma/gifts", json=GIFT | {"to": ["bob"]} | changed)
    assert problem(answer, 422, code)["path"] == path
    assert await server.runtime.log.end(0) == end, "nothing is appended"


async def test_a_field_that_is_not_known_is_refused_with_the_nearest_one(server: Served) -> None:
    ann = server.caller("member:ann")
    said = problem(await ann.post("/v1/karma/gifts", json=GIFT | {"to": ["bob"], "ammount": 1}), 422, "BAD_PARAMETER")
    assert "did you mean `amount`?" in said["detail"]
    problem(await ann.post("/v1/karma/gifts", content=b'{"to": ["bob"], "amount": NaN}'), 422, "NOT_A_NUMBER")
    problem(await ann.post("/v1/karma/gifts", content=b"[]"), 422, "NOT_AN_OBJECT")


async def test_a_members_key_acts_for_its_member_and_an_operators_names_one(server: Served) -> None:
    ann, operator = server.caller("member:ann"), server.caller("operator")
    gift = GIFT | {"to": ["bob"]}
    problem(await ann.post("/v1/karma/gifts", json=gift | {"by": "cat"}), 403, "NOT_ALLOWED")
    for odd in ([], {}, 5, "", ["ann"]):
        problem(await ann.post("/v1/karma/gifts", json=gift | {"by": odd}), 403, "NOT_ALLOWED")
    assert (await ann.post("/v1/karma/gifts", json=gift | {"by": "ann"})).status_code == 201
    for none in ({}, {"by": None}, {"by": []}, {"by": 5}):
        problem(await operator.post("/v1/karma/gifts", json=gift | none), 422, "SUBJECT_MISSING")
    assert (await operator.post("/v1/karma/gifts", json=gift | {"by": "cat"})).json()["gift"]["giver"] == "cat"
    said = problem(await operator.post("/v1/karma/gifts", json=gift | {"by": "ann@acme.com"}), 422, "EMAIL_SUBJECT")
    assert said["path"] == "subject"
    problem(await server.caller("viewer").post("/v1/karma/gifts", json=gift | {"by": "ann"}), 403, "NOT_ALLOWED")
    problem(await server.caller(None).post("/v1/karma/gifts", json=gift), 401, "NO_KEY")


OPERATORS_ALONE = [
    ("POST", f"/v1/karma/gifts/{NOBODYS}/void"),
    ("POST", f"/v1/karma/requests/{NOBODYS}/approve"),
    ("POST", f"/v1/karma/requests/{NOBODYS}/decline"),
    ("POST", f"/v1/karma/requests/{NOBODYS}/fulfil"),
    ("POST", "/v1/karma/rewards/cup/restock"),
    ("POST", "/v1/karma/links"),
    ("PUT", "/v1/karma/rewards/cup/vouchers"),
    ("GET", "/v1/karma/requests"),
    ("GET", "/v1/karma/books"),
    ("GET", f"/v1/karma/payroll?month={MONTH}"),
]


async def test_what_is_for_operators_is_for_nobody_else(server: Served) -> None:
    for role in ("member:ann", "viewer", "publisher"):
        for method, path in OPERATORS_ALONE:
            problem(await server.caller(role).request(method, path), 403, "NOT_ALLOWED")


# Who sees what.


async def test_of_the_karma_of_others_nothing_is_told_and_nothing_can_be_guessed(server: Served) -> None:
    bob, cat = server.caller("member:bob"), server.caller("member:cat")
    given = (await server.caller("member:ann").post("/v1/karma/gifts", json=GIFT | {"to": ["bob"]})).json()
    asked = (await bob.post("/v1/karma/rewards/cup/requests")).json()

    async def same(method: str, path: str, theirs: str, nobodys: str) -> None:
        """Both are answered alike, but for the names in the question."""
        one, other = [await cat.request(method, path.format(each)) for each in (theirs, nobodys)]
        assert one.status_code == other.status_code
        told = [each.json() | {"request": "", "position": 0, "because": 0} for each in (one, other)]
        assert [str(each).replace(name, "X") for each, name in zip(told, (theirs, nobodys), strict=True)] == [
            str(told[1]).replace(nobodys, "X")
        ] * 2
        assert {*one.headers} == {*other.headers}
        location = one.headers.get("location"), other.headers.get("location")
        if location[0] and location[1]:
            later = [(await cat.get(each)).json() for each in location if each]
            assert [(each["code"], each["detail"]) for each in later] == [(told[1]["code"], told[1]["detail"])] * 2

    gift, request = given["request"], asked["request"]
    await same("GET", "/v1/karma/members/{}", "bob", "nobody")
    await same("GET", "/v1/karma/members/{}/statement", "bob", "nobody")
    await same("GET", "/v1/karma/gifts/{}", gift, NOBODYS)
    await same("GET", "/v1/karma/requests/{}", request, NOBODYS)
    await same("GET", "/v1/karma/requests/{}", gift, NOBODYS)
    await same("DELETE", "/v1/karma/gifts/{}", gift, NOBODYS)
    await same("POST", "/v1/karma/requests/{}/cancel", request, NOBODYS)
    await server.caller("member:ann").delete(f"/v1/karma/gifts/{gift}")
    await bob.post(f"/v1/karma/requests/{request}/cancel")
    await same("DELETE", "/v1/karma/gifts/{}", gift, NOBODYS)
    await same("POST", "/v1/karma/requests/{}/cancel", request, NOBODYS)
    for role in ("viewer", "publisher"):
        for path in ("members/bob", f"gifts/{gift}", f"requests/{request}"):
            problem(await server.caller(role).get(f"/v1/karma/{path}"), 403, "NOT_ALLOWED")
    problem(await server.caller("operator").get("/v1/karma/members/nobody"), 404, "UNKNOWN_MEMBER")
    problem(await server.caller("operator").get("/v1/karma/me"), 403, "NO_MEMBER")


async def test_no_refusal_tells_a_member_how_much_a_colleague_has(server: Served) -> None:
    ann, bob, cat, operator = (server.caller(each) for each in ("member:ann", "member:bob", "member:cat", "operator"))
    assert (await cat.post("/v1/karma/gifts", json=GIFT | {"to": ["bob"], "amount": 100})).status_code == 201
    over = GIFT | {"to": ["bob"], "amount": 41}
    told = problem(await ann.post("/v1/karma/gifts", json=over), 409, "OVER_RECEIVED")
    assert "40" not in told["detail"]
    assert told["detail"] == (await ann.get(f"/v1/karma/requests/{told['request']}")).json()["detail"]
    whole = problem(await operator.post("/v1/karma/gifts", json=over | {"by": "ann"}), 409, "OVER_RECEIVED")
    assert "bob may be given 40 of 200" in whole["detail"]

    for _ in range(2):
        assert (await bob.post("/v1/karma/rewards/card/requests")).status_code == 201
    own = problem(await bob.post("/v1/karma/rewards/card/requests"), 409, "OVER_BENEFIT_LIMIT")
    assert "0.00 of 6 EUR" in own["detail"], "of oneself all is told"
    asked = await ann.post("/v1/karma/rewards/token/requests", json={"for": "bob"})
    assert "0.00" not in problem(asked, 409, "OVER_BENEFIT_LIMIT")["detail"]

    gift = (await ann.post("/v1/karma/gifts", json=GIFT | {"to": ["dan"], "amount": 20})).json()["request"]
    assert (await server.caller("member:dan").post("/v1/karma/rewards/cup/requests")).status_code == 201
    assert "dan" not in problem(await ann.delete(f"/v1/karma/gifts/{gift}"), 409, "GIFT_SPENT")["detail"]


async def test_a_statement_has_every_change_also_as_a_table(server: Served) -> None:
    bob, operator = server.caller("member:bob"), server.caller("operator")
    said = (await bob.get("/v1/karma/me/statement")).json()
    assert [(line["what"], line["amount"], line["other"]) for line in said["lines"]] == [
        ("ALLOWANCE_GRANTED", 100, "from issuance"),
        ("GIFT", 60, "from dan"),
    ]
    for answer in (
        await bob.get("/v1/karma/me/statement", params={"format": "csv"}),
        await operator.get("/v1/karma/members/bob/statement", headers={"accept": "text/csv"}),
    ):
        assert answer.headers["content-type"].startswith("text/csv")
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert rows == [{name: str(line.get(name) or "") for name in STATEMENT_COLUMNS} for line in said["lines"]]


async def test_the_books_add_up_to_zero_and_hold_members_alone(server: Served) -> None:
    operator = server.caller("operator")
    await operator.post("/v1/karma/rewards/cup/restock", json={"pieces": 1})
    books = (await operator.get("/v1/karma/books")).json()
    assert sum(books["accounts"].values()) == 0
    assert (books["accounts"]["issuance"], books["outstanding"]) == (-400, "6.00 EUR")


# Gifts that are taken back.


async def test_a_gift_is_boosted_withdrawn_and_voided(server: Served) -> None:
    ann, cat, operator = (server.caller(each) for each in ("member:ann", "member:cat", "operator"))
    gift = (await ann.post("/v1/karma/gifts", json=GIFT | {"to": ["bob"]})).json()["request"]
    boost = (await cat.post("/v1/karma/boosts", json={"gift": gift, "amount": 5})).json()
    assert boost["gift"]["to"] == ["bob"]
    assert (await cat.get(f"/v1/karma/gifts/{boost['request']}")).json()["boosts"] == gift
    taken = await ann.delete(f"/v1/karma/gifts/{gift}")
    assert (taken.status_code, taken.json()["outcome"]) == (201, "accepted")
    assert (await ann.get(f"/v1/karma/gifts/{gift}")).json()["stage"] == "withdrawn"
    problem(await ann.delete(f"/v1/karma/gifts/{gift}"), 409, "GIFT_OVER")
    problem(await cat.post("/v1/karma/boosts", json={"gift": gift, "amount": 5}), 409, "GIFT_OVER")

    await server.caller("member:bob").post("/v1/karma/rewards/card/requests")
    void = f"/v1/karma/gifts/{boost['request']}/void"
    assert problem(await operator.post(void, json={}), 422, "BAD_DATA")["path"] == "data.reason"
    assert (await operator.post(void, json={"reason": "a test"})).status_code == 201
    assert (await cat.get(f"/v1/karma/gifts/{boost['request']}")).json()["stage"] == "voided"
    problem(await operator.post(void, json={"reason": "a test"}), 409, "GIFT_OVER")


async def test_a_void_of_a_gift_takes_out_nothing_that_is_no_gift(server: Served) -> None:
    operator = server.caller("operator")
    asked = (await operator.post("/v1/karma/rewards/card/requests", json={"by": "bob"})).json()
    end = await server.runtime.log.end(0)
    for reference in (asked["request"], NOBODYS, "review-1"):
        problem(await operator.post(f"/v1/karma/gifts/{reference}/void", json={"reason": "x"}), 409, "GIFT_UNKNOWN")
    assert await server.runtime.log.end(0) == end


# The shop.


async def test_a_reward_goes_its_way_from_the_shop_to_payroll(server: Served) -> None:
    bob, operator = server.caller("member:bob"), server.caller("operator")
    done = await bob.post("/v1/karma/rewards/cup/requests", json={"for": "cat"})
    assert done.status_code == 201
    request = done.json()["request"]
    assert [each["request"] for each in (await operator.get("/v1/karma/requests")).json()["requests"]] == [request]
    assert {each["reward"]: each["left"] for each in (await bob.get("/v1/shop")).json()["rewards"]}["cup"] == 4
    step = f"/v1/karma/requests/{request}"
    problem(await operator.post(f"{step}/approve", json={}), 422, "SUBJECT_MISSING")
    for own in ("bob", "cat"):
        problem(await operator.post(f"{step}/approve", json={"by": own}), 409, "OWN_REQUEST")
    problem(await operator.post(f"{step}/fulfil", json={"by": "ann"}), 409, "NOT_APPROVED")
    assert (await operator.post(f"{step}/approve", json={"by": "ann", "reason": "well done"})).status_code == 201
    problem(await bob.post(f"{step}/cancel"), 409, "TOO_LATE_TO_CANCEL")
    assert (await operator.post(f"{step}/fulfil", json={"by": "ann"})).status_code == 201
    for member in ("member:bob", "member:cat"):
        seen = (await server.caller(member).get(f"/v1/karma/requests/{request}")).json()
        assert seen["redemption"]["stage"] == "fulfilled"
        assert "voucher" not in seen["redemption"], "a cup has none"
    other = (await bob.post("/v1/karma/rewards/card/requests")).json()["request"]
    await operator.post(f"/v1/karma/requests/{other}/fulfil", json={"by": "ann"})

    paid = (await operator.get("/v1/karma/payroll", params={"month": MONTH})).json()
    assert [
        (each["receiver"], each["sender"], each["reward"], each["karma"], each["worth"]) for each in paid["rewards"]
    ] == [
        ("bob", "bob", "card", 30, "3.00"),
        ("cat", "bob", "cup", 20, "2.00"),
    ]
    assert paid["sums"] == [
        {"receiver": "bob", "karma": 30, "worth": "3.00", "currency": "EUR"},
        {"receiver": "cat", "karma": 20, "worth": "2.00", "currency": "EUR"},
    ]
    table = await operator.get("/v1/karma/payroll", params={"month": MONTH, "format": "csv"})
    rows = [(row["receiver"], row["what"], row["worth"]) for row in csv.DictReader(io.StringIO(table.text))]
    assert rows == [
        ("bob", "reward", "3.00"),
        ("bob", "sum", "3.00"),
        ("cat", "reward", "2.00"),
        ("cat", "sum", "2.00"),
    ]
    assert (await operator.get("/v1/karma/payroll", params={"month": "2020-01"})).json()["rewards"] == []
    for month in ("2026", "2026-13", "month", "last-month"):
        problem(await operator.get("/v1/karma/payroll", params={"month": month}), 404, "UNKNOWN_MONTH")


async def test_who_asked_cancels_and_an_operator_declines(server: Served) -> None:
    bob, operator = server.caller("member:bob"), server.caller("operator")
    for path, who, said in (("cancel", bob, {}), ("decline", operator, {"by": "ann", "reason": "not this month"})):
        request = (await bob.post("/v1/karma/rewards/cup/requests")).json()["request"]
        assert (await bob.get("/v1/karma/me")).json()["in_escrow"] == 20
        assert (await who.post(f"/v1/karma/requests/{request}/{path}", json=said)).status_code == 201
        assert (await bob.get("/v1/karma/me")).json()["earned"] == 60
    problem(await bob.post("/v1/karma/rewards/mug/requests"), 409, "REWARD_UNKNOWN")


async def test_two_ids_of_one_member_are_one_from_then_on(server: Served) -> None:
    done = await server.caller("operator").post("/v1/karma/links", json={"member": "dan", "same_as": "ann"})
    assert done.status_code == 201, done.text
    dan = server.caller("member:dan")
    assert (await dan.get("/v1/karma/me")).json()["member"] == "ann"
    assert (await dan.get("/v1/karma/members/ann")).status_code == 200
    problem(await dan.get("/v1/karma/members/bob"), 404, "UNKNOWN_MEMBER")


# Vouchers.


async def test_the_nth_approved_request_has_the_nth_code_whoever_looks_when(server: Served) -> None:
    bob, operator = server.caller("member:bob"), server.caller("operator")
    path = "/v1/karma/rewards/token/vouchers"
    loaded = (await operator.put(path, json={"codes": ["AAA", "BBB"]})).json()
    assert loaded == {"reward": "token", "added": 2, "codes": 2, "left": 2}
    asked = [
        (await bob.post("/v1/karma/rewards/token/requests", json={"for": "cat"})).json()["request"] for _ in range(3)
    ]
    before = (await server.caller("member:cat").get(f"/v1/karma/requests/{asked[0]}")).json()["redemption"]
    assert "voucher" not in before, "it waits"
    for request in (asked[2], asked[0], asked[1]):
        done = await operator.post(f"/v1/karma/requests/{request}/approve", json={"by": "ann"})
        assert done.status_code == 201, done.text

    async def vouchers(role: str) -> list[str | None]:
        seen = [(await server.caller(role).get(f"/v1/karma/requests/{each}")).json()["redemption"] for each in asked]
        assert all("no voucher is left" in each["no_voucher"] for each in seen if each.get("voucher", "") is None)
        return [each.get("voucher", "untold") for each in seen]

    assert await vouchers("member:cat") == await vouchers("operator") == ["BBB", None, "AAA"]
    assert await vouchers("member:bob") == ["untold"] * 3, "it is for who gets it"
    again = (await operator.put(path, json={"codes": ["BBB", "AAA", "CCC", "CCC", "DDD"]})).json()
    assert again == {"reward": "token", "added": 2, "codes": 4, "left": 1}
    assert await vouchers("member:cat") == ["BBB", "CCC", "AAA"]
    await operator.post(f"/v1/karma/requests/{asked[0]}/decline", json={"by": "ann"})
    assert await vouchers("member:cat") == ["untold", "CCC", "AAA"], "no code becomes another one"
    assert await vouchers("operator") == ["BBB", "CCC", "AAA"], "they know which one to end"


async def test_codes_that_are_loaded_at_once_have_numbers_of_their_own(server: Served) -> None:
    operator = server.caller("operator")
    sets = [[f"{part}-{number}" for number in range(20)] for part in range(5)]
    path = "/v1/karma/rewards/card/vouchers"
    done = await asyncio.gather(*(operator.put(path, json={"codes": codes}) for codes in sets))
    assert sorted(each.json()["codes"] for each in done) == [20, 40, 60, 80, 100]
    kept = [await server.runtime.vouchers.code("card", number) for number in range(1, 101)]
    assert sorted(str(each) for each in kept) == sorted(code for codes in sets for code in codes)
    for codes in sets:
        places = [kept.index(code) for code in codes]
        assert places == list(range(places[0], places[0] + 20)), "in the order in which they came"


@pytest.mark.parametrize("codes", [[], [""], [" A"], ["A\nB"], ["x" * 201], ["A"] * 10_001])
async def test_what_is_no_code_is_not_loaded(server: Served, codes: list[str]) -> None:
    operator = server.caller("operator")
    problem(await operator.put("/v1/karma/rewards/card/vouchers", json={"codes": codes}), 422, "BAD_DATA")
    problem(await operator.put("/v1/karma/rewards/mug/vouchers", json={"codes": ["A"]}), 404, "REWARD_UNKNOWN")
    problem(await operator.put("/v1/karma/rewards/card/vouchers", json={"codes": [1]}), 422, "BAD_PARAMETER")
    assert not await server.runtime.vouchers.has("card")


# Asking twice, and asking while nothing is decided.


async def test_a_request_with_the_same_key_is_the_same_request(server: Served) -> None:
    ann = server.caller("member:ann")
    key = {"idempotency-key": "retry-1"}
    gift = GIFT | {"to": ["bob"]}
    first = await ann.post("/v1/karma/gifts", json=gift, headers=key)
    again = await ann.post("/v1/karma/gifts", json=gift, headers=key)
    assert first.status_code == again.status_code == 201
    assert first.json()["request"] == again.json()["request"]
    assert (await ann.get("/v1/karma/me")).json()["to_give"] == 90
    for other in ({"to": ["cat"]}, {"amount": 11}, {"value": "craft"}):
        problem(await ann.post("/v1/karma/gifts", json=gift | other, headers=key), 422, "IDEMPOTENCY_KEY_REUSED")
    cat = await server.caller("member:cat").post("/v1/karma/gifts", json=gift, headers=key)
    assert cat.json()["request"] != first.json()["request"], "a key is its member's"
    assert (await ann.get("/v1/karma/me")).json()["to_give"] == 90
    for bad in ("", "x" * 256):
        problem(await ann.post("/v1/karma/gifts", json=gift, headers={"idempotency-key": bad}), 422, "BAD_PARAMETER")


async def test_a_refusal_stands_for_the_key_that_it_was_given_to(server: Served) -> None:
    bob, operator = server.caller("member:bob"), server.caller("operator")
    key = {"idempotency-key": "once"}
    step = "/v1/karma/rewards/cup/requests"
    requests = [(await bob.post(step)).json()["request"] for _ in range(3)]
    first = problem(await bob.post(step, headers=key), 409, "OVER_EARNED")
    await bob.post(f"/v1/karma/requests/{requests[0]}/cancel")
    again = problem(await bob.post(step, headers=key), 409, "OVER_EARNED")
    assert again["request"] == first["request"]
    problem(await bob.post("/v1/karma/rewards/card/requests", headers=key), 422, "IDEMPOTENCY_KEY_REUSED")
    approve = {"by": "ann"}
    done = await operator.post(f"/v1/karma/requests/{requests[1]}/approve", json=approve, headers=key)
    assert done.status_code == 201
    other = await operator.post(f"/v1/karma/requests/{requests[2]}/approve", json=approve, headers=key)
    problem(other, 422, "IDEMPOTENCY_KEY_REUSED")


async def test_processes_that_race_with_one_key_give_one_outcome(server: Served) -> None:
    gift = GIFT | {"to": ["bob"]}
    async with another(server) as url:
        callers = [server.caller("member:ann") for _ in range(4)]
        callers += [server.caller("member:ann", url) for _ in range(4)]
        for round_ in range(3):
            key = {"idempotency-key": f"race-{round_}"}
            done = await asyncio.gather(*(each.post("/v1/karma/gifts", json=gift, headers=key) for each in callers))
            assert {each.status_code for each in done} == {201}
            assert len({each.json()["request"] for each in done}) == 1
    assert (await server.caller("member:ann").get("/v1/karma/me")).json()["to_give"] == 70


async def test_what_is_not_decided_yet_is_told_where_to_look(server: Served) -> None:
    ann, cat = server.caller("member:ann"), server.caller("member:cat")
    redis = server.runtime.redis
    redis.execute_command("CLIENT", "PAUSE", 60_000, "WRITE")
    try:
        done = await ann.post("/v1/karma/gifts", json=GIFT | {"to": ["bob"]})
        assert (done.status_code, done.json()["outcome"]) == (202, "pending")
        for each in (ann, cat):
            assert (await each.get(done.headers["location"])).json()["outcome"] == "pending"
        assert (await cat.get(f"/v1/karma/requests/{NOBODYS}")).json()["outcome"] == "pending", "nothing is known of it"
    finally:
        redis.execute_command("CLIENT", "UNPAUSE")
    assert await server.runtime.reach(await server.runtime.log.end(0), 30)
    assert (await ann.get(done.headers["location"])).json()["outcome"] == "accepted"
    problem(await cat.get(done.headers["location"]), 404, "REQUEST_UNKNOWN")


async def test_the_description_of_the_api_has_the_key_of_every_request(server: Served) -> None:
    said = (await server.caller(None).get("/openapi.json")).json()["paths"]
    assert {path.removeprefix("/v1/karma/") for path in said if "/karma/" in path} == {
        "me", "me/statement", "members/{member}", "members/{member}/statement", "books", "books/{period}", "payroll",
        "gifts", "gifts/{gift}", "gifts/{gift}/void", "boosts", "links",
        "rewards/{reward}/requests", "rewards/{reward}/restock", "rewards/{reward}/vouchers",
        "requests", "requests/{request}", "requests/{request}/{step}",
    }  # fmt: skip
    assert MEDIA_TYPE in said["/v1/karma/boosts"]["post"]["responses"]["409"]["content"]
    asking = [(path, verb) for path, verbs in said.items() for verb in verbs if "/karma/" in path and verb != "get"]
    keyed = {
        (path, verb)
        for path, verb in asking
        if "Idempotency-Key" in [each["name"] for each in said[path][verb].get("parameters", [])]
    }
    assert {path for path, verb in asking if verb == "put"} == {"/v1/karma/rewards/{reward}/vouchers"}
    assert keyed == {(path, verb) for path, verb in asking if verb != "put"}
    body = said["/v1/karma/gifts"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body["required"] == ["to", "amount"]
    assert {*body["properties"]} == {"to", "amount", "value", "message", "about", "by"}
