"""What gifts of the ledger say to the watch: each receiver once, on local days, nothing of what was taken back."""

import pytest

from engine.calendar import Calendar
from engine.fairness.given import UNENDING, Given, given
from engine.ledger.gift import Gift, GiftStage
from schemas.words import Instant, MemberId
from schemas.zones import zone
from tests.fairness.office import day
from tests.ledger.bench import moment

BERLIN = Calendar(zone("Europe/Berlin"))
ANN, BEN, CLEO = (MemberId(each) for each in ("ann", "ben", "cleo"))


def gift(stage: GiftStage = GiftStage.GIVEN, until: Instant | None = None) -> Gift:
    """Given when it is the 31st of March in Berlin already, of an allowance that ends with that month there."""
    until = moment("2026-03-31 22:00") if until is None else until
    return Gift(ANN, (BEN, CLEO), 10, moment("2026-03-30 22:30"), until, stage)


def test_a_gift_is_looked_at_once_for_each_receiver_on_its_local_day() -> None:
    assert list(given("g1", gift(), BERLIN)) == [
        Given("g1", ANN, BEN, 10, day("2026-03-31"), day("2026-03-31")),
        Given("g1", ANN, CLEO, 10, day("2026-03-31"), day("2026-03-31")),
    ]


@pytest.mark.parametrize("stage", [GiftStage.WITHDRAWN, GiftStage.VOIDED])
def test_a_gift_that_was_taken_back_is_as_if_it_never_was(stage: GiftStage) -> None:
    assert list(given("g1", gift(stage), BERLIN)) == []


def test_an_allowance_without_an_end_has_no_last_day() -> None:
    assert {each.last for each in given("g1", gift(until=Instant(0)), BERLIN)} == {UNENDING}
