"""Hostile events: each gets the verdict beside it in `tests/hostile/`, in whichever mode it comes."""

import pytest

from schemas.words import Instant, OrgId
from streams.catalogue import Catalogue
from streams.hashing import Hasher
from streams.judge import Judge, Taken
from streams.quarantine import QUARANTINED, Message, message_of
from tests.hostile import ACCEPTED, Case, cases

NOW = Instant(1_800_000_000_000)
CASES = cases()
IN_BINARY = [case for case in CASES if case.kafka_headers is not None]
CATALOGUE = Catalogue.of(None)
JUDGE = Judge(lambda _org: CATALOGUE, Hasher(b"a secret of the test-suite"), OrgId("acme"))


def outcome(message: Message) -> tuple[str, str]:
    found = JUDGE.read(message, now=NOW)
    return (ACCEPTED, "") if isinstance(found, Taken) else (found["verdict"].value, found["code"])


def by_name(case: Case) -> str:
    return case.name


@pytest.mark.parametrize("case", CASES, ids=by_name)
def test_a_hostile_event_gets_its_verdict_in_structured_mode(case: Case) -> None:
    assert outcome(Message(case.body)) == (case.verdict, case.code)


@pytest.mark.parametrize("case", IN_BINARY, ids=by_name)
def test_a_hostile_event_gets_the_same_verdict_in_binary_mode_on_kafka(case: Case) -> None:
    assert case.kafka_headers is not None
    assert outcome(Message(case.data, case.kafka_headers)) == (case.verdict, case.code)


@pytest.mark.parametrize("case", IN_BINARY, ids=by_name)
def test_a_hostile_event_gets_the_same_verdict_in_binary_mode_over_http(case: Case) -> None:
    assert case.http_headers is not None
    assert outcome(Message(case.data, case.http_headers)) == (case.verdict, case.code)


@pytest.mark.parametrize("case", [case for case in CASES if case.verdict != ACCEPTED], ids=by_name)
def test_every_refusal_is_a_sentence_and_can_be_judged_again(case: Case) -> None:
    found = JUDGE.read(Message(case.body, place="hostile.jsonl:1"), now=NOW)
    assert not isinstance(found, Taken)
    assert len(found["detail"].split()) > 2
    assert found["detail"].isprintable()
    assert found["place"] == "hostile.jsonl:1"
    kept = QUARANTINED.validate_json(QUARANTINED.dump_json(found))
    assert kept == found
    if found["size"] <= 65_536:
        assert JUDGE.read(message_of(kept), now=NOW) == found


@pytest.mark.parametrize("case", [case for case in IN_BINARY if case.verdict != ACCEPTED], ids=by_name)
def test_a_refusal_in_binary_mode_can_be_judged_again_with_its_headers(case: Case) -> None:
    assert case.http_headers is not None
    found = JUDGE.read(Message(case.data, case.http_headers), now=NOW)
    assert not isinstance(found, Taken)
    if found["size"] <= 65_536:
        assert JUDGE.read(message_of(found), now=NOW) == found


@pytest.mark.parametrize("case", [case for case in IN_BINARY if case.verdict == ACCEPTED], ids=by_name)
def test_an_accepted_event_is_one_record_whatever_its_mode(case: Case) -> None:
    assert case.kafka_headers is not None
    assert case.http_headers is not None
    structured = JUDGE.read(Message(case.body), now=NOW)
    assert isinstance(structured, Taken)
    assert JUDGE.read(Message(case.data, case.kafka_headers), now=NOW) == structured
    assert JUDGE.read(Message(case.data, case.http_headers), now=NOW) == structured


def test_the_table_names_each_case_once_and_covers_every_way_to_be_refused() -> None:
    names = [case.name for case in CASES]
    assert len(names) == len(set(names))
    assert len(CASES) >= 300
    assert {case.verdict for case in CASES} == {
        ACCEPTED,
        "UNDECODABLE",
        "NOT_ALLOWED",
        "FUTURE",
        "UNKNOWN_TYPE",
        "INVALID",
    }
