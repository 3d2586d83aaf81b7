"""What an admin reads who wrote something wrong into `karma` or `shop`: the whole sentence, with its place."""

# ruff: noqa: E501 - a case is one line

import pytest

from engine.rulebook_check import check
from schemas.rulebook import Rulebook

HEAD = "apiVersion: karmalog/v1\nkind: Rulebook\n"

SOUND = """\
groups: {team: {one_at_a_time: true}}
karma:
  worth: 0.10 EUR
  allowance: {per: month, karma: 100, on_joining: share}
  earned_by_rule: allowance
  earned_expires: 730d
  redeem_for_self: true
  gifts:
    suggest: [5, 10, 25]
    values: [help, craft, courage]
    message: required
    limits: [{per: gift, karma: 50}, {per: month, karma: 60, same: receiver}, {per: month, karma: 400, of: receiver}]
  redeem: {limits: [{per: month, worth: 50 EUR}]}
  budgets: [{per: month, minted: 10000}, {per: quarter, redeemed: 50000, by: team, at_ceiling: queue}]
shop:
  gift-card-25:
    title: {en: "Gift card, 25 euro"}
    description: For many shops
    picture: https://shop.example/card.png
    price: 250
    stock: 20
    approval: required
    for: [self, colleague]
    pay_from: [earned]
    where: at the front desk
    fulfilled_by: people team
    expires: 14d
  book-present: {title: A book for a colleague, price: 120, for: [colleague], pay_from: [allowance, earned]}
"""

BROKEN = [
    ("worth: 0.10 EUR", "worth: 0.10", "5:10: fault: expected an amount and a currency such as 0.10 EUR, got a number (0.1) [karma.worth]"),
    ("worth: 0.10 EUR", "worth: 0.00 EUR", "5:10: fault: expected an amount above zero, got 0.00 EUR [karma.worth]"),
    ("worth: 0.10 EUR", "worht: 0.10 EUR", "5:3: fault: `worht` is not known here; did you mean `worth`? [karma.worht]"),
    ("worth: 50 EUR", "worth: 50 USD", "4:1: fault: karma is worth 0.10 EUR, and `redeem` has a limit in USD: write both in EUR [karma]"),
    ("  worth: 0.10 EUR\n", "", "4:1: fault: `redeem` has a limit of 50 EUR, and nothing says what karma is worth: add `worth: 0.10 EUR` [karma]"),
    ("per: month, karma: 100", "per: day, karma: 100", "6:20: fault: expected week, month, quarter or year, got a text (day) [karma.allowance.per]"),
    ("karma: 100", "karma: 0", "6:34: fault: expected at least 1, got a whole number (0) [karma.allowance.karma]"),
    ("on_joining: share", "on_joining: shares", "6:51: fault: expected share, whole or nothing, got a text (shares); did you mean `share`? [karma.allowance.on_joining]"),
    ("earned_by_rule: allowance", "earned_by_rule: earn", "7:19: fault: expected allowance or earned, got a text (earn); did you mean `earned`? [karma.earned_by_rule]"),
    ("redeem_for_self: true", "redeem_for_self: yes", "9:20: fault: expected true or false, got a text (yes) [karma.redeem_for_self]"),
    ("message: required", "message: must", "13:14: fault: expected required, optional or none, got a text (must) [karma.gifts.message]"),
    ("values: [help, craft", "values: [Help, craft", "12:14: fault: `Help` is no id: lower-case letters, digits, - and _, at most 64; write `help` [karma.gifts.values[0]]"),
    ("values: [help, craft", "values: [help, help", "10:3: fault: an entry of `values` stands twice; keep one [karma.gifts]"),
    ("suggest: [5, 10, 25]", "suggest: [5, 10, 75]", "10:3: fault: `suggest` offers 75, and one gift is at most 50 by its limits; mend one of them [karma.gifts]"),
    ("{per: gift, karma: 50}", "{per: gift, karma: 50, of: receiver}", "14:14: fault: one gift has one giver, and each receiver is counted alone: leave `of` out [karma.gifts.limits[0]]"),
    ("karma: 60, same: receiver", "karma: 60, same: receiver, of: receiver", "14:38: fault: `same: receiver` is from one giver to one receiver, `of: receiver` from all givers to one: keep one of them; two limits are two entries [karma.gifts.limits[1]]"),
    ("{per: month, karma: 400, of: receiver}", "{per: month, karma: 40, same: receiver}", "10:3: fault: two limits of gifts count the same; keep the lower one [karma.gifts]"),
    ("[{per: month, worth: 50 EUR}]", "[{per: month, worth: 50 EUR}, {per: month, worth: 60 EUR}]", "15:3: fault: two limits of redeeming have the same `per`; keep the lower one [karma.redeem]"),
    ("minted: 10000", "minted: 10000, redeemed: 5", "16:13: fault: expected `minted: N` or `redeemed: N`, one of them; two ceilings are two entries [karma.budgets[0]]"),
    ("{per: month, minted: 10000}, ", "{per: month, minted: 10000}, {per: month, minted: 5}, ", "4:1: fault: two budgets are of the same; keep the lower one [karma]"),
    ("by: team", "by: teem", "16:78: fault: `teem` is no kind of group; did you mean `team`? [karma.budgets[1].by]"),
    ("at_ceiling: queue", "at_ceiling: wait", "16:96: fault: expected refuse or queue, got a text (wait) [karma.budgets[1].at_ceiling]"),
    ("price: 250", "price: 2.5", "22:12: fault: expected a whole number, got a number (2.5) [shop.gift-card-25.price]"),
    ("price: 250", "price: 501", "22:12: fault: nobody can request it: it is worth 50.10 EUR, and `karma.redeem` allows 50 EUR; lower the price, or raise the limit [shop.gift-card-25.price]"),
    ("stock: 20", "stock: -1", "23:12: fault: expected at least 0, got a whole number (-1) [shop.gift-card-25.stock]"),
    ("for: [self, colleague]", "for: [me]", "25:11: fault: expected self or colleague, got a text (me) [shop.gift-card-25.for[0]]"),
    ("for: [self, colleague]", "for: [self, self]", "18:3: fault: an entry of `for` stands twice; keep one [shop.gift-card-25]"),
    ("for: [colleague], pay_from: [allowance, earned]", "for: [self], pay_from: [allowance]", "30:3: fault: an allowance is to be given away, never spent on oneself: add `earned` to `pay_from`, or `colleague` to `for` [shop.book-present]"),
    ("approval: required", "approval: none", "18:3: fault: `expires` is for requests that wait: add `approval: required`, or leave it out [shop.gift-card-25]"),
    ("redeem_for_self: true", "redeem_for_self: false\n  # here", ""),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), BROKEN)
def test_what_is_wrong_about_karma_is_said_with_its_place_and_what_to_do(old: str, new: str, message: str) -> None:
    assert old in SOUND
    found = [str(fault) for fault in check(HEAD + SOUND.replace(old, new, 1), "r").wrong]
    assert found == ([f"r:{message}"] if message else [])


def test_karma_and_shop_with_every_field_come_back_from_the_log_as_they_were_written() -> None:
    checked = check(HEAD + SOUND, "r")
    assert checked.wrong == []
    assert checked.rulebook is not None
    assert Rulebook.model_validate(checked.rulebook.stored()) == checked.rulebook


def test_a_reward_for_oneself_alone_is_at_fault_where_karma_buys_only_for_others() -> None:
    text = HEAD + "karma: {redeem_for_self: false}\nshop:\n  book: {price: 5, for: [self]}\n"
    said = "fault: nobody can request it, as `karma.redeem_for_self` is false: add `colleague`, or let it be true"
    assert [str(fault) for fault in check(text, "r").wrong] == [f"r:5:20: {said} [shop.book.for]"]


LIMIT = "limits: [{per: month, times: 4}]"
WHY = "fault: what it gives buys products (`karma.earned_by_rule: earned`), "
ENDLESS = WHY + "so there has to be an end to it: add `limits: [{per: month, times: N}]` [rules.x.award.karma]"
ALONE = (
    WHY + "and one person alone can bring it about: let somebody `confirm` the activity, or credit another person than "
    "the subject and write so in `counts`, such as `data.author != subject` (for KIND) [rules.x.award.karma]"
)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (f"event: mentoring.held, award: {{karma: 5}}, {LIMIT}", []),  # the mentee confirms
        (f"event: contribution.found_useful, award: {{karma: 5}}, {LIMIT}", []),  # a reader reports it
        (f"event: code_review.given, award: {{karma: 5}}, to: data.author, {LIMIT}", []),
        ("event: mentoring.held, award: {karma: 5}, limits: [{per: day, points: 5}]", [ENDLESS]),
        (f"event: talk.presented, award: {{karma: 5}}, {LIMIT}", [ALONE.replace("KIND", "talk.presented")]),
        (f"event: code_review.given, award: {{karma: 5}}, {LIMIT}", [ALONE.replace("KIND", "code_review.given")]),
        (f"event: talk.presented, award: 5, {LIMIT}", []),
    ],
)
def test_karma_that_buys_products_needs_an_end_and_a_second_person(rule: str, said: list[str]) -> None:
    text = f"{HEAD}karma: {{earned_by_rule: earned}}\nrules:\n  x: {{{rule}}}\n"
    assert [str(fault).split(" ", 1)[1] for fault in check(text, "r").wrong] == said
    harmless = text.replace("earned_by_rule: earned", "earned_by_rule: allowance")
    assert [fault for fault in check(harmless, "r").wrong if fault.code == "MINTED_ALONE"] == []


def test_karma_without_a_karma_section_is_a_warning() -> None:
    rules = "rules: {talk: {event: talk.presented, award: {points: 1, karma: 5}, limits: [{per: day, times: 1}]}}\n"
    said = [str(fault) for fault in check(HEAD + rules + "shop: {cup: {price: 5}}\n", "r").faults]
    why = "while the rulebook has no `karma` section: add one, such as `karma: {}`, or leave this out"
    assert [each for each in said if "section" in each] == [
        f"r:3:58: warning: nobody is given this {why} [rules.talk.award.karma]",
        f"r:4:1: warning: nobody can request anything {why} [shop]",
    ]
    sound = check(HEAD + rules + "shop: {cup: {price: 5}}\nkarma: {}\n", "r").faults
    assert not [each for each in sound if "section" in each.message]
