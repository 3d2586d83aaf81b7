"""Promises of the built-in activities, of the shapes of their data, and of member ids."""

import re
import unicodedata
from pathlib import Path

import pytest
from pydantic import JsonValue

from schemas import unicode14
from schemas.activities import BUILT_IN, INTERNAL, PEOPLE, declared
from schemas.members import member_id_fault
from schemas.rulebook import Rulebook
from schemas.shapes import Misfit, RefusedSchema, Shape, compile_shape
from schemas.unicode_table import VERSION, module

TABLE = {
    "course.completed": "course hours? score? provider?",
    "certification.earned": "certificate expires?",
    "microlearning.completed": "module minutes?",
    "learning_time.spent": "minutes",
    "code_review.given": "author repository? change? lines_changed? files_changed?",
    "talk.presented": "topic attendees? event? for_group?",
    "workshop.hosted": "topic attendees? minutes? for_group?",
    "workshop.attended": "topic attendees? minutes? for_group?",
    "mentoring.held": "mentor mentee minutes?",
    "pairing.held": "with minutes?",
    "article.published": "ref? title? space?",
    "question.answered": "question asker? accepted?",
    "contribution.found_useful": "author kind ref",
    "enablement.given": "community initiative for_group?",
    "skill.applied": "topic about? confirm?",
    "retrospective.shared": "title? ref?",
    "failure.shared": "title? ref?",
    "learning.shared": "text?",
    "thanks.given": "to value? about? message?",
    "cheer.given": "about",
    "feedback.given": "about rating?",
}
TEXTS = {
    "article.published": {"title"},
    "retrospective.shared": {"title"},
    "failure.shared": {"title"},
    "learning.shared": {"text"},
    "thanks.given": {"message"},
}
BOOK: dict[str, JsonValue] = {"apiVersion": "karmalog/v1", "kind": "Rulebook"}
SAMPLE: dict[str, JsonValue] = {"type": "string"}


def shape_of(**fields: dict[str, JsonValue]) -> Shape:
    return compile_shape({"type": "object", "properties": dict(fields)})


def properties(kind: str) -> dict[str, dict[str, JsonValue]]:
    return (BUILT_IN | PEOPLE)[kind].data["properties"]


def test_the_built_in_activities_are_those_of_the_contract() -> None:
    assert set(BUILT_IN) == set(TABLE)
    assert not set(BUILT_IN) & (set(PEOPLE) | INTERNAL)


@pytest.mark.parametrize(("kind", "fields"), TABLE.items())
def test_an_activity_has_the_fields_of_the_contract_and_a_topic(kind: str, fields: str) -> None:
    names = {name.rstrip("?") for name in fields.split()}
    assert set(properties(kind)) == names | {"topic"}
    assert BUILT_IN[kind].data["required"] == [name for name in fields.split() if not name.endswith("?")]
    texts = {name for name, field in properties(kind).items() if field.get("text")}
    assert texts == TEXTS.get(kind, set())


@pytest.mark.parametrize("kind", [*BUILT_IN, *PEOPLE])
def test_every_shape_compiles_and_refuses_data_without_what_it_requires(kind: str) -> None:
    data = (BUILT_IN | PEOPLE)[kind].data
    if data["required"]:
        with pytest.raises(Misfit, match=f"{data['required'][0]} is missing"):
            compile_shape(data).check({})
    else:
        assert compile_shape(data).check({}).data == {}


def test_what_counts_by_default_is_what_the_contract_says() -> None:
    review, mentoring, pairing = (BUILT_IN[k] for k in ("code_review.given", "mentoring.held", "pairing.held"))
    assert (review.counts, review.once) == ("data.author != subject", ("data.change",))
    assert (mentoring.counts, mentoring.credit, mentoring.once, mentoring.confirm) == (
        "data.mentor != data.mentee",
        "data.mentor",
        ("data.mentor", "data.mentee", "day"),
        "data.mentee",
    )
    assert (pairing.counts, pairing.once, pairing.confirm) == (
        "data.with != subject",
        ("data.with", "day"),
        "data.with",
    )
    useful = BUILT_IN["contribution.found_useful"]
    assert (useful.counts, useful.credit, useful.once) == (
        "data.author != subject",
        "data.author",
        ("subject", "data.ref"),
    )
    assert BUILT_IN["thanks.given"].counts == "!(subject in data.to)"
    assert BUILT_IN["question.answered"].counts == "!has(data.asker) || data.asker != subject"
    assert BUILT_IN["course.completed"].once == ("data.course",)
    assert BUILT_IN["microlearning.completed"].once == ("data.module", "day")
    for kind in ("talk.presented", "workshop.hosted", "workshop.attended"):
        assert BUILT_IN[kind].once == ("data.topic", "day")


def test_a_certificate_that_never_expires_has_a_key_too() -> None:
    assert BUILT_IN["certification.earned"].once == (
        "data.certificate",
        "has(data.expires) ? data.expires : ''",
    )


def test_fields_that_name_members_are_marked() -> None:
    marked = {
        name
        for kind in BUILT_IN | PEOPLE
        for name, field in properties(kind).items()
        if field.get("member") or (isinstance(field.get("items"), dict) and field["items"].get("member"))
    }
    assert marked == {"author", "mentor", "mentee", "with", "asker", "to", "confirm", "for", "same_as"}


def test_a_rulebook_replaces_the_fields_it_names_and_keeps_the_others() -> None:
    own = {"type": "object", "properties": {"topic": SAMPLE}}
    book = Rulebook.model_validate(
        BOOK
        | {
            "activities": {
                "mentoring.held": {"confirm": "subject", "once": []},
                "acme.lunch.hosted": {"data": own, "once": "data.topic", "title": {"en": "Lunch"}},
            }
        }
    )
    found = declared(book)
    assert found["mentoring.held"].confirm == "subject"
    assert found["mentoring.held"].once == ()
    assert found["mentoring.held"].credit == "data.mentor"
    assert found["acme.lunch.hosted"].data == own
    assert found["acme.lunch.hosted"].once == ("data.topic",)
    assert found["acme.lunch.hosted"].title == {"en": "Lunch"}
    assert found["talk.presented"] == BUILT_IN["talk.presented"]
    assert declared(None) == BUILT_IN


def test_texts_are_taken_out_and_undeclared_fields_are_dropped() -> None:
    shape = compile_shape(BUILT_IN["thanks.given"].data)
    accepted = shape.check({"to": ["ada"], "message": "merci\n", "secret": "x", "about": "pr-1"})
    assert accepted.data == {"to": ["ada"], "about": "pr-1"}
    assert accepted.texts == {"message": "merci\n"}


def test_checking_leaves_the_received_data_as_it_was() -> None:
    data = {"to": ["ada"], "message": "merci"}
    compile_shape(BUILT_IN["thanks.given"].data).check(data)
    assert data == {"to": ["ada"], "message": "merci"}


def test_a_number_becomes_a_double_and_an_integer_stays_whole() -> None:
    data = shape_of(n={"type": "number"}, i={"type": "integer"}).check({"n": 5, "i": 2**53 - 1}).data
    assert (type(data["n"]), data["n"]) == (float, 5.0)
    assert (type(data["i"]), data["i"]) == (int, 2**53 - 1)


@pytest.mark.parametrize(
    ("field", "value", "detail"),
    [
        ({"type": "number"}, "5", "f must be a number, got a text"),
        ({"type": "number"}, True, "f must be a number, got true or false"),
        ({"type": "number"}, None, "f must be a number, got nothing (null)"),
        ({"type": "number"}, float("nan"), "f must be a finite number"),
        ({"type": "number"}, float("-inf"), "f must be a finite number"),
        ({"type": "number"}, 10**400, "f is too large a number"),
        ({"type": "number", "minimum": 0}, -1, "f must be at least 0.0"),
        ({"type": "integer"}, 1.0, "f must be a whole number, got a number with a fraction"),
        ({"type": "integer"}, "1", "f must be a whole number, got a text"),
        ({"type": "integer"}, False, "f must be a whole number, got true or false"),
        ({"type": "integer"}, 2**53, "f must be at most 9007199254740991"),
        ({"type": "integer"}, -(2**53), "f must be at least -9007199254740991"),
        ({"type": "integer", "maximum": 3}, 4, "f must be at most 3"),
        ({"type": "integer", "enum": [0, 1]}, True, "f must be a whole number, got true or false"),
        ({"type": "integer", "enum": [0, 1]}, 2, "f must be 0 or 1"),
        ({"type": "boolean"}, 1, "f must be true or false, got a whole number"),
        ({"type": "boolean", "const": True}, False, "f must be True"),
        ({"type": "string"}, 5, "f must be a text, got a whole number"),
        ({"type": "string"}, "a\x00b", "f holds a NUL character"),
        ({"type": "string"}, "a\ud800", "f holds half a character (a lone surrogate)"),
        ({"type": "string", "minLength": 1}, "", "f must have at least 1 characters"),
        ({"type": "string", "maxLength": 2}, "abc", "f must have at most 2 characters"),
        ({"type": "string", "enum": ["a", "b"]}, "c", "f must be 'a' or 'b'"),
        ({"type": "string", "text": True}, "a\x00", "f holds a NUL character"),
        ({"type": "array", "items": SAMPLE}, "abc", "f must be a list, got a text"),
        ({"type": "array", "items": SAMPLE, "maxItems": 1}, ["a", "b"], "f must have at most 1 items"),
        ({"type": "array", "items": SAMPLE, "minItems": 1}, [], "f must have at least 1 items"),
        ({"type": "array", "items": SAMPLE}, ["a", 1], "f.1 must be a text, got a whole number"),
        ({"type": "object", "properties": {"g": SAMPLE}}, [], "f must be an object, got a list"),
        ({"type": "object", "properties": {"g": SAMPLE}}, {"g": 1}, "f.g must be a text, got a whole number"),
        ({"type": "string", "member": True}, "a\u200bb", "f is refused: a member id holds U+200B"),
    ],
)
def test_what_does_not_fit_is_refused_in_plain_words(field: dict[str, JsonValue], value: object, detail: str) -> None:
    with pytest.raises(Misfit) as refused:
        shape_of(f=field).check({"f": value})
    assert refused.value.detail.startswith(detail)
    assert refused.value.path == re.match(r"[a-z0-9.]+", detail)[0]


@pytest.mark.parametrize("data", [None, [], "x", 5, True])
def test_data_that_is_no_object_is_refused(data: object) -> None:
    with pytest.raises(Misfit, match="data must be an object"):
        shape_of(f=SAMPLE).check(data)


def test_a_schema_outside_the_subset_is_refused_with_all_its_faults() -> None:
    with pytest.raises(RefusedSchema) as refused:
        compile_shape(
            {
                "type": "object",
                "additionalProperties": False,
                "required": ["z"],
                "properties": {
                    "a": {"type": ["string", "null"]},
                    "b": {"type": "string", "pattern": "x"},
                    "c": {"type": "array"},
                    "d": {"type": "integer", "minimum": 4, "maximum": 3},
                    "e": {"type": "integer", "enum": [True]},
                    "f": {"type": "object", "properties": {"n": {"type": "string", "text": True}}},
                    "g": {"type": "string", "maxLength": -1},
                },
            }
        )
    assert {fault.path for fault in refused.value.faults} == {
        ("additionalProperties",),
        ("required", 0),
        ("properties", "a"),
        ("properties", "b", "pattern"),
        ("properties", "c", "items"),
        ("properties", "d", "minimum"),
        ("properties", "e", "enum"),
        ("properties", "f", "properties", "n", "text"),
        ("properties", "g", "maxLength"),
    }


def test_data_is_described_by_an_object() -> None:
    with pytest.raises(RefusedSchema, match="an event's data is an object"):
        compile_shape({"type": "string"})


@pytest.mark.parametrize(
    "member", ["ada", "a b", "jürgen", "李雷", "o'neil{x}:y", "x" * 256, "é" * 128, "\U0001f600", "עברית"]
)
def test_ids_of_visible_composed_characters_are_members(member: str) -> None:
    assert member_id_fault(member) is None


@pytest.mark.parametrize(
    ("member", "said"),
    [
        ("", "empty"),
        ("x" * 257, "257 bytes"),
        ("é" * 129, "258 bytes"),
        ("e\u0301", "normal form C"),
        ("a\x00", "U+0000"),
        ("a\n", "U+000A"),
        ("a\u200b", "U+200B"),
        ("\u202eadmin", "U+202E"),
        ("\ufeffa", "U+FEFF"),
        ("\ue000", "U+E000"),
        ("\ud800", "U+D800"),
        ("\u0378", "U+0378"),
        ("\U000e0001", "U+E0001"),
        ("\U0001fae8", "U+1FAE8"),
    ],
)
def test_ids_with_what_cannot_be_seen_or_told_apart_are_refused(member: str, said: str) -> None:
    assert said in (member_id_fault(member) or "")


def test_the_pinned_table_is_that_of_unicode_14() -> None:
    if unicodedata.unidata_version != VERSION:
        pytest.skip(f"only a Python with Unicode {VERSION} can tell")
    assert Path(unicode14.__file__).read_text(encoding="utf-8").split() == module().split()


def test_a_character_assigned_after_the_pinned_version_stays_refused() -> None:
    # U+1FAE8 came with Unicode 15, so Python 3.12 and 3.13 know it and 3.11 does not: all have to agree
    assert member_id_fault("\U0001fae8") is not None
