"""Intake's judgement: one verdict, in order; nothing of a person in the record; nothing makes it stop."""

import json
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from schemas.activities import INTERNAL, PEOPLE
from schemas.envelope import Event, structured
from schemas.records import RECORD
from schemas.rulebook import Rulebook
from schemas.verdicts import Verdict
from schemas.words import FUTURE_MS_MAX, Instant, OrgId
from streams.catalogue import Catalogue
from streams.hashing import Hasher, RefusedSecret
from streams.judge import (
    Allowed,
    Judge,
    RefusedEvent,
    Taken,
    activities_only,
    everything,
    from_sources,
)
from streams.quarantine import QUARANTINED, Message, dropped, message_of, waits

NOW = Instant(1_800_000_000_000)
HASHER = Hasher(b"a secret of the test-suite")
BUILT_IN = Catalogue.of(None)
UNDECLARED = {
    "specversion": "1.0",
    "id": "tea-1",
    "source": "/kitchen",
    "type": "acme.tea.made",
    "subject": "ann",
    "time": "2024-05-31T14:03:00Z",
}
REVIEWS = (Path(__file__).parent / "data" / "reviews" / "head5000.jsonl").read_bytes().splitlines()


def judge(
    *, catalogue: Catalogue = BUILT_IN, allowed: Allowed = activities_only, trust_recorded: bool = False
) -> Judge:
    return Judge(lambda _org: catalogue, HASHER, OrgId("acme"), allowed=allowed, trust_recorded=trust_recorded)


def event(**changed: JsonValue) -> Event:
    good: dict[str, JsonValue] = {
        "specversion": "1.0",
        "id": "review-1",
        "source": "/code",
        "type": "code_review.given",
        "subject": "ann",
        "time": "2024-05-31T14:03:00Z",
        "data": {"author": "ben", "change": "c1"},
    }
    return structured(json.dumps(good | changed).encode())


def taken(judged: Judge, sent: Event, *, now: Instant = NOW, org: str | None = None) -> Taken:
    return judged.judge(sent, now=now, org=org)


def refusal(judged: Judge, sent: Event, *, now: Instant = NOW, org: str | None = None) -> tuple[Verdict, str, str]:
    with pytest.raises(RefusedEvent) as refused:
        judged.judge(sent, now=now, org=org)
    return refused.value.verdict, refused.value.code, refused.value.path


def test_a_type_that_nobody_declared_waits_or_is_dropped_as_the_rulebook_says() -> None:
    said = {"apiVersion": "karmalog/v1", "kind": "Rulebook"}
    for undeclared, code in (("wait", "UNDECLARED_TYPE"), ("drop", "DROPPED_TYPE")):
        catalogue = Catalogue.of(Rulebook.model_validate({**said, "undeclared": undeclared}))
        found = judge(catalogue=catalogue).read(Message(json.dumps(UNDECLARED).encode()), now=NOW)
        assert not isinstance(found, Taken)
        assert (found["verdict"], found["code"], found["path"]) == (Verdict.UNKNOWN_TYPE, code, "type")
        assert (waits(found), dropped(found)) == (undeclared == "wait", undeclared == "drop")


# --- the record ---


def test_a_good_event_becomes_its_record() -> None:
    found = taken(judge(), event(data={"author": "ben", "lines_changed": 4, "nobody": "asked"}))
    assert found.texts == {}
    assert found.record == {
        "org": "acme",
        "id": HASHER.identity("/code", "review-1"),
        "source": "/code",
        "type": "code_review.given",
        "subject": "ann",
        "time": 1_717_164_180_000,
        "recorded": NOW,
        "stamp": found.record["stamp"],
        "data": {"author": "ben", "lines_changed": 4},
    }
    assert RECORD.validate_json(RECORD.dump_json(found.record)) == found.record


def test_nothing_of_a_person_but_member_ids_is_in_the_record() -> None:
    sent = event(
        id="canary-id",
        type="thanks.given",
        data={"to": ["ben"], "message": "canary-message", "note": "canary-note", "about": "a talk"},
        personname="canary-name",
    )
    found = taken(judge(), sent)
    assert b"canary" not in RECORD.dump_json(found.record)
    assert found.texts == {"message": "canary-message"}


def test_texts_have_a_key_that_only_the_same_content_has() -> None:
    first, again, other = (
        taken(judge(), event(type="learning.shared", data={"text": text})) for text in ("one", "one", "two")
    )
    assert first.text_key == again.text_key
    assert first.text_key != other.text_key
    assert first.record["id"] == other.record["id"]


@pytest.mark.parametrize("kind", ["activity.confirmed", "event.voided"])
def test_an_event_that_names_another_names_its_identity(kind: str) -> None:
    named = taken(judge(), event(id="canary")).record
    data: dict[str, JsonValue] = {"source": "/code", "id": "canary"}
    data |= {} if kind == "activity.confirmed" else {"reason": "a mistake"}
    naming = taken(judge(allowed=everything), event(id="2", type=kind, data=data)).record
    assert naming["data"] == {"id": named["id"]}


def test_a_field_called_id_of_an_activity_of_ones_own_is_kept_as_it_is() -> None:
    schema = {
        "type": "object",
        "required": ["source", "id"],
        "properties": {"source": {"type": "string"}, "id": {"type": "string"}},
    }
    catalogue = Catalogue.of(rulebook({"acme.ticket.closed": {"data": schema}}))
    sent = event(type="acme.ticket.closed", data={"source": "desk", "id": "T-1"})
    assert taken(judge(catalogue=catalogue), sent).record["data"] == {"source": "desk", "id": "T-1"}


def rulebook(activities: dict[str, object]) -> Rulebook:
    return Rulebook.model_validate({"apiVersion": "karmalog/v1", "kind": "Rulebook", "activities": activities})


# --- hashes ---


def stamp_of(raw: str) -> str:
    return taken(judge(), structured(raw.encode())).record["stamp"]


def test_the_stamp_does_not_depend_on_how_the_same_content_is_written() -> None:
    head = '"specversion":"1.0","id":"1","source":"/c","type":"course.completed","subject":"ann"'
    one = stamp_of(f'{{{head},"time":"2024-05-31T14:03:00Z","data":{{"course":"x","hours":100,"u":{{"b":1,"a":2}}}}}}')
    data = r'{ "u": {"a":2.0, "b":1}, "hours": 1e2, "cour\u0073e": "\u0078" }'
    assert one == stamp_of(f'{{"data":{data}, "time":"2024-05-31T16:03:00.000+02:00", "ext": 1, {head}}}')


@pytest.mark.parametrize(
    "changed",
    [
        {"subject": "eve"},
        {"time": "2024-05-31T14:03:00.001Z"},
        {"type": "contribution.found_useful", "data": {"author": "ben", "kind": "k", "ref": "r"}},
        {"data": {"author": "ben", "change": "c2"}},
        {"data": {"author": "ben", "change": "c1", "undeclared": None}},
    ],
)
def test_other_content_has_another_stamp_and_the_same_identity(changed: dict[str, JsonValue]) -> None:
    one, other = taken(judge(), event()).record, taken(judge(), event(**changed)).record
    assert one["stamp"] != other["stamp"]
    assert one["id"] == other["id"]


def test_texts_that_are_kept_outside_the_log_count_for_the_stamp() -> None:
    one, other = (taken(judge(), event(type="learning.shared", data={"text": text})).record for text in ("one", "two"))
    assert one["data"] == other["data"] == {}
    assert one["stamp"] != other["stamp"]


PARTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)


@given(st.lists(st.tuples(PARTS, PARTS), min_size=2, max_size=2, unique=True))
def test_no_two_pairs_of_source_and_id_share_an_identity(pairs: list[tuple[str, str]]) -> None:
    assert HASHER.identity(*pairs[0]) != HASHER.identity(*pairs[1])


def test_letters_that_move_from_one_part_to_the_next_change_the_hash() -> None:
    assert HASHER.identity("a", "bc") != HASHER.identity("ab", "c")
    assert HASHER.identity("1:a", "") != HASHER.identity("", "1:a")
    assert HASHER.stamp("a", "bc", NOW, {}) != HASHER.stamp("ab", "c", NOW, {})


def test_hashes_are_the_same_for_ever_under_one_secret_and_others_under_another() -> None:
    other = Hasher(b"another secret of the tests")
    assert HASHER.identity("/code", "review-1") == "9978638c2210b1fe8d60c6a2a4dce7cc"
    assert HASHER.stamp("code_review.given", "ann", NOW, {"author": "ben", "lines": 1.0}) == "d955557566f1695b"
    assert HASHER.fingerprint() == "a1177f70daa4a280"
    assert other.identity("/code", "review-1") != HASHER.identity("/code", "review-1")
    assert other.stamp("t", "ann", NOW, {}) != HASHER.stamp("t", "ann", NOW, {})
    assert other.fingerprint() != HASHER.fingerprint()


def test_a_secret_that_could_be_guessed_is_refused() -> None:
    with pytest.raises(RefusedSecret, match="KARMALOG_SECRET has 6 bytes"):
        Hasher(b"secret")


# --- the order of verdicts, and what each looks at ---


def test_the_first_verdict_that_applies_is_given() -> None:
    wrong: dict[str, JsonValue] = {
        "type": "member.joined",
        "time": "2100-01-01T00:00:00Z",
        "data": {"visibility": 5},
    }
    assert refusal(judge(), event(**wrong))[0] is Verdict.NOT_ALLOWED
    assert refusal(judge(allowed=everything), event(**wrong))[0] is Verdict.FUTURE
    wrong["time"] = "2024-01-01T00:00:00Z"
    assert refusal(judge(allowed=everything), event(**wrong))[0] is Verdict.INVALID
    assert refusal(judge(), event(**wrong | {"type": "acme.x.y", "subject": ""}))[0] is Verdict.UNKNOWN_TYPE


@pytest.mark.parametrize("kind", sorted(PEOPLE.keys() - {"activity.confirmed"}))
def test_an_ordinary_publisher_sends_activities_and_nothing_else(kind: str) -> None:
    assert refusal(judge(), event(type=kind)) == (Verdict.NOT_ALLOWED, "RESERVED_TYPE", "type")
    assert refusal(judge(allowed=from_sources({"/other"})), event(type=kind))[0] is Verdict.NOT_ALLOWED


def test_a_source_that_is_named_sends_people_events() -> None:
    sent = event(type="member.joined", data={"visibility": "hidden"})
    assert taken(judge(allowed=from_sources({"/code"})), sent).record["data"] == {"visibility": "hidden"}


@pytest.mark.parametrize("kind", sorted(INTERNAL))
def test_nobody_sends_what_karmalog_itself_writes(kind: str) -> None:
    assert refusal(judge(allowed=everything), event(type=kind))[0] is Verdict.NOT_ALLOWED


def test_whoever_reports_an_activity_may_report_that_it_was_confirmed() -> None:
    assert taken(judge(), event(type="activity.confirmed", data={"source": "/code", "id": "1"}))


def test_an_event_may_lie_five_minutes_in_the_future_and_no_more() -> None:
    sent = event()
    assert taken(judge(), sent, now=Instant(sent["time"] - FUTURE_MS_MAX))
    early = Instant(sent["time"] - FUTURE_MS_MAX - 1)
    assert refusal(judge(), sent, now=early) == (Verdict.FUTURE, "FUTURE_TIME", "time")


def test_a_type_is_known_once_a_rulebook_declares_it() -> None:
    sent = event(type="acme.lunch.hosted", data={"topic": "CEL"})
    assert refusal(judge(), sent) == (Verdict.UNKNOWN_TYPE, "UNDECLARED_TYPE", "type")
    data = {"type": "object", "properties": {"topic": {"type": "string"}}}
    catalogue = Catalogue.of(rulebook({"acme.lunch.hosted": {"data": data}}))
    assert taken(judge(catalogue=catalogue), sent).record["data"] == {"topic": "CEL"}


# --- the organisation ---


def test_the_organisation_is_the_credentials_else_the_events_else_the_configured_one() -> None:
    assert taken(judge(), event()).record["org"] == "acme"
    assert taken(judge(), event(org="beta")).record["org"] == "beta"
    assert taken(judge(), event(), org="gamma").record["org"] == "gamma"
    assert taken(judge(), event(org="gamma"), org="gamma").record["org"] == "gamma"


def test_nobody_speaks_for_another_organisation() -> None:
    found = refusal(judge(), event(org="beta"), org="gamma")
    assert found == (Verdict.NOT_ALLOWED, "OTHER_ORGANISATION", "org")


def test_each_organisation_is_judged_by_its_own_catalogue() -> None:
    catalogues = {"acme": BUILT_IN, "beta": Catalogue({})}
    judged = Judge(catalogues.__getitem__, HASHER, OrgId("acme"))
    assert taken(judged, event())
    assert refusal(judged, event(org="beta"))[0] is Verdict.UNKNOWN_TYPE


# --- when it was recorded ---


def test_an_ordinary_publishers_recorded_time_is_overwritten() -> None:
    assert taken(judge(), event(recordedtime="2024-06-01T00:00:00Z")).record["recorded"] == NOW


def test_history_says_when_it_was_recorded_and_never_later_than_now() -> None:
    history = judge(trust_recorded=True)
    recorded = [
        taken(history, event(recordedtime="2024-06-01T00:00:00Z")).record["recorded"],
        taken(history, event()).record["recorded"],
        taken(history, event(recordedtime="2100-01-01T00:00:00Z")).record["recorded"],
    ]
    assert recorded == [1_717_200_000_000, 1_717_164_180_000, NOW]


def test_history_is_judged_as_it_would_have_been_then() -> None:
    sent = event(recordedtime="2024-05-31T13:57:59Z")
    assert refusal(judge(trust_recorded=True), sent)[0] is Verdict.FUTURE


# --- quarantine ---


def test_what_waits_can_be_judged_again_when_its_type_is_declared() -> None:
    raw = json.dumps({**json.loads(REVIEWS[0]), "type": "acme.review.given"}).encode()
    waiting = judge().read(Message(raw, (), "karmalog.events/3/1042", "acme"), now=NOW)
    assert not isinstance(waiting, Taken)
    assert (waiting["id"], waiting["type"]) == ("git:coreboot:d06ee8c2da7f:pdbc84b13", "acme.review.given")
    kept = QUARANTINED.validate_json(QUARANTINED.dump_json(waiting))
    declared = Catalogue.of(rulebook({"acme.review.given": {"data": {"type": "object", "properties": {}}}}))
    assert isinstance(judge(catalogue=declared).read(message_of(kept), now=NOW), Taken)


def test_quarantine_keeps_an_events_headers_and_no_credentials() -> None:
    headers = (
        ("Authorization", b"Bearer canary"),
        ("cookie", b"canary"),
        ("ce-id", b"1"),
        ("Content-Type", b"x/y"),
    )
    waiting = judge().read(Message(b"{}", headers), now=NOW)
    assert not isinstance(waiting, Taken)
    assert waiting["headers"] == [("ce-id", b"1"), ("Content-Type", b"x/y")]
    assert b"canary" not in QUARANTINED.dump_json(waiting)


def test_of_what_is_too_large_only_the_beginning_is_kept() -> None:
    waiting = judge().read(Message(b"[" * 10_000_000, (("ce_id", b"i" * 1_000_000),)), now=NOW)
    assert not isinstance(waiting, Taken)
    assert waiting["code"] == "TOO_LARGE"
    assert waiting["size"] == 11_000_005
    assert waiting["id"] == "i" * 256
    assert len(QUARANTINED.dump_json(waiting)) < 100_000


def test_an_event_that_cannot_be_taken_is_found_again_by_its_id() -> None:
    naive = json.dumps({**json.loads(REVIEWS[0]), "time": "2015-04-01T18:53:22"}).encode()
    waiting = judge().read(Message(naive), now=NOW)
    assert not isinstance(waiting, Taken)
    assert (waiting["code"], waiting["id"]) == ("NAIVE_TIME", "git:coreboot:d06ee8c2da7f:pdbc84b13")


# --- whatever comes ---

HEADER_NAMES = st.sampled_from(["content-type", "ce_id", "ce-id", "ce_specversion", "ce-time", "ce_x", "x"])
HEADERS = st.lists(st.tuples(HEADER_NAMES, st.none() | st.binary(max_size=20)), max_size=6).map(tuple)


@given(st.binary(max_size=300), HEADERS)
def test_any_bytes_are_taken_or_wait_with_a_reason(body: bytes, headers: tuple[tuple[str, bytes | None], ...]) -> None:
    found = judge().read(Message(body, headers), now=NOW)
    assert isinstance(found, Taken) or QUARANTINED.validate_json(QUARANTINED.dump_json(found)) == found


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Draws a real event with a few bytes replaced, taken out or put in."""
    raw = bytearray(draw(st.sampled_from(REVIEWS)))
    for _ in range(draw(st.integers(1, 4))):
        begin = draw(st.integers(0, len(raw)))
        end = draw(st.integers(begin, min(begin + 3, len(raw))))
        raw[begin:end] = draw(st.binary(max_size=3) | st.sampled_from([b'"', b"\\", b"{", b"]", b",", b":", b"1e999"]))
    return bytes(raw)


@given(damaged())
def test_a_damaged_event_is_taken_or_waits_with_a_reason(body: bytes) -> None:
    found = judge(allowed=everything, trust_recorded=True).read(Message(body), now=NOW)
    if isinstance(found, Taken):
        assert RECORD.validate_json(RECORD.dump_json(found.record)) == found.record
    else:
        assert QUARANTINED.validate_json(QUARANTINED.dump_json(found)) == found


GIVEN = [raw for raw in REVIEWS if b"code_review.given" in raw]


def shuffled(value: JsonValue, order: Random) -> dict[str, JsonValue]:
    assert isinstance(value, dict)
    return dict(order.sample(list(value.items()), len(value)))


@given(st.sampled_from(GIVEN), st.randoms(use_true_random=False))
def test_the_order_of_keys_changes_nothing(raw: bytes, order: Random) -> None:
    sent: dict[str, JsonValue] = json.loads(raw)
    sent["data"] = shuffled(sent["data"], order)
    one = judge().read(Message(raw), now=NOW)
    assert isinstance(one, Taken)
    assert judge().read(Message(json.dumps(shuffled(sent, order), indent=1).encode()), now=NOW) == one
