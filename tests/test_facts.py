"""Facts on their way out: packed, squeezed and unpacked they are what was told, each under its own id."""

import zlib
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from engine.effects import FactRow, Told
from engine.organisation import Organisation
from schemas.rulebook import Rulebook
from schemas.words import Instant, MemberId, OrgId, Position
from streams import facts

RULEBOOK = Rulebook.model_validate(
    {
        "apiVersion": "karmalog/v1",
        "kind": "Rulebook",
        "rules": {"review": {"event": "code_review.given", "award": 5}},
        "badges": {"reviewer": {"score": {"count": "code_review.given"}, "levels": {"some": 1, "many": 9}}},
    }
)
ORG = Organisation(OrgId("acme"))
NUMBERS = ORG.publish(RULEBOOK, None, Instant(1), Position(0)).numbers
REVIEW, REVIEWER = NUMBERS["rule"]["review"], NUMBERS["badge"]["reviewer"]

POINTS = st.tuples(st.just(REVIEW), st.none(), st.integers(-9, 9), st.integers(0, 99))
LEVELS = st.tuples(
    st.just(REVIEWER), st.sampled_from(["some", "many"]), st.sampled_from([-1, 0, 1]), st.integers(0, 99)
)
TOLD = st.lists(st.one_of(POINTS, LEVELS), min_size=1, max_size=4)
ROWS = st.lists(st.tuples(st.integers(1, 6), st.sampled_from(["ann", "bob"]), TOLD), max_size=30)


def flat(changes: list[tuple[int, str | None, int, int]]) -> Told:
    return [part for change in changes for part in change]


@given(rows=ROWS, size=st.sampled_from([1, 2, 3, 7, 256]))
def test_facts_are_numbered_within_their_record_however_they_are_cut(
    rows: list[tuple[int, str, list[tuple[int, str | None, int, int]]]], size: int
) -> None:
    told: list[FactRow] = [(position, MemberId(member), flat(changes)) for position, member, changes in rows]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(facts, "PER_BLOB", size)
        packed = [facts.squeeze(blob) for blob in facts.blobs(ORG, told)]
    found = [fact for blob in packed for fact in facts.unpack(blob)]
    numbered: Counter[int] = Counter()
    expected = []
    for position, member, changes in sorted(rows, key=lambda row: row[0]):
        for _, level, by, total in changes:
            expected.append((f"acme/{position}/{numbered[position]}", position, member, level, by, total))
            numbered[position] += 1
    assert [
        (
            fact["id"],
            fact["because"],
            fact["member"],
            fact.get("level"),
            fact.get("by", {"badge.reached": 1, "badge.moved": 0, "badge.lost": -1}.get(fact["type"])),
        )
        for fact in found
    ] == [row[:5] for row in expected]
    assert [fact["total"] for fact in found if "total" in fact] == [row[5] for row in expected if row[3] is None]
    assert all(len(facts.unpack(blob)) < size + 4 for blob in packed)


def test_facts_of_another_version_of_the_engine_are_told_from_broken_ones() -> None:
    old = facts.squeeze(to_json(["acme", {"0": "rule:review"}, 0, [[7], [0], ["ann"], [None], [5], [5]]]))
    with pytest.raises(facts.UnavailableFacts, match="'acme' holds facts that another version of the engine wrote"):
        facts.unpack(old)
    older = zlib.compress(to_json(["acme", {"0": "rule:review"}, 0, [[7], ["ann"], [[0, None, 5, 5]]]]), 1)
    with pytest.raises(facts.UnavailableFacts, match="the outbox holds facts that another version of the engine wrote"):
        facts.unpack(older)
