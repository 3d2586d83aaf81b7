"""The commands about rulebooks: what init writes, what check prints in each format, what apply refuses to leave out."""

# ruff: noqa: E501 - a message stands in one line here, as it does on the terminal

import json
from pathlib import Path

import pytest

from schemas.rulebook_removals import removal_faults
from schemas.rulebook_text import read
from tests.api_server import rulebook, served
from tests.command_line import run

FIRST = """\
apiVersion: karmalog/v1
kind: Rulebook
rules:
  article: {event: article.published, award: 5}
  review: {event: code_review.given, award: 5}
boards:
  sharing: {score: {points: [review]}}
badges:
  reader: {score: {count: article.published}, at: 3}
levels:
  climb: {score: {points: [review]}, steps: {one: 1}}
"""
HEAD = "apiVersion: karmalog/v1\nkind: Rulebook\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a rulebook that is published."""
    (tmp_path / "first.yaml").write_text(FIRST)
    done = run("rules", "apply", "first.yaml", "--data", "data", cwd=tmp_path)
    assert done.code == 0, done.err
    return tmp_path


def test_init_writes_a_rulebook_without_faults_and_the_schema_that_its_first_line_names(tmp_path: Path) -> None:
    assert run("init", "acme", cwd=tmp_path).code == 0
    first = (tmp_path / "acme" / "rulebook.yaml").read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=rulebook.schema.json"
    assert json.loads((tmp_path / "acme" / "rulebook.schema.json").read_text())["properties"]["rules"]
    assert run("rules", "check", "acme/rulebook.yaml", cwd=tmp_path).code == 0


def test_check_says_the_same_as_text_as_json_and_as_annotations(tmp_path: Path) -> None:
    (tmp_path / "a,b.yaml").write_text(
        HEAD + "rulez: {}\nboards: {b: {score: {sum: data.minutes % 2, event: learning_time.spent, when: '1'}}}\n"
    )
    text = run("rules", "check", "a,b.yaml", cwd=tmp_path)
    assert text.code == 1
    assert text.out.splitlines() == [
        "a,b.yaml:3:1: fault: `rulez` is not known here; did you mean `rules`? [rulez]",
        "a,b.yaml:4:79: fault: it gives a whole number where a truth value is needed: compare it, as in `1 > 0` (for learning_time.spent) [boards.b.score.when]",
    ]
    assert text.err.splitlines() == ["a,b.yaml: 2 faults, no warnings"]
    as_json = json.loads(run("rules", "check", "a,b.yaml", "--format", "json", cwd=tmp_path).out)
    assert [(each["line"], each["column"], each["code"]) for each in as_json] == [
        (3, 1, "UNKNOWN_FIELD"),
        (4, 79, "BAD_EXPRESSION"),
    ]
    annotations = run("rules", "check", "a,b.yaml", "--format", "github", cwd=tmp_path).out.splitlines()
    assert annotations[0] == (
        "::error file=a%2Cb.yaml,line=3,col=1,title=UNKNOWN_FIELD::`rulez` is not known here; did you mean `rules`?"
    )


def test_apply_says_its_faults_in_the_format_that_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "faulty.yaml").write_text(HEAD + "rulez: {}\n")
    done = run("rules", "apply", "faulty.yaml", "--data", "data", "--format", "github", cwd=tmp_path)
    assert done.code == 1
    assert done.out.startswith("::error file=faulty.yaml,line=3,col=1,title=UNKNOWN_FIELD::")
    assert "faulty.yaml was not published: it has 1 fault" in done.err


def test_what_a_version_leaves_out_is_named_with_all_ways_out(place: Path) -> None:
    (place / "next.yaml").write_text(
        HEAD
        + "rules:\n  articles: {event: article.published, award: 5}\n  review: {event: code_review.given, award: 5}\n"
    )
    done = run("rules", "apply", "next.yaml", "--data", "data", cwd=place)
    assert done.code == 1
    assert "next.yaml was not published: it has 4 faults" in done.err
    assert sorted(done.out.splitlines()) == [
        "next.yaml:1:1: fault: the badge `reader` of the newest version is left out: keep it, with `retired: true` or `until:` where it has to end (who has it keeps it); where another one follows it, write `was: reader` there; or take it out for good: --remove reader [badges.reader]",
        "next.yaml:1:1: fault: the board `sharing` of the newest version is left out: keep it; where another one follows it, write `was: sharing` there; or take it out for good: --remove sharing [boards.sharing]",
        "next.yaml:1:1: fault: the ladder `climb` of the newest version is left out: keep it; where another one follows it, write `was: climb` there; or take it out for good: --remove climb [levels.climb]",
        "next.yaml:3:1: fault: the rule `article` of the newest version is left out: keep it, with `until:` where it has to end (what it gave stays); where `articles` follows it, write `was: article` there; or take it out for good: --remove article [rules.article]",
    ]  # fmt: skip
    (place / "next.yaml").write_text(
        HEAD
        + "rules:\n  articles: {was: article, event: article.published, award: 5}\n  review: {event: code_review.given, award: 5}\n"
    )
    removed = [word for name in ("sharing", "reader", "climb") for word in ("--remove", name)]
    done = run("rules", "apply", "next.yaml", "--data", "data", *removed, cwd=place)
    assert done.code == 0, done.out
    assert "rulebook 2" in done.err


def test_the_first_rulebook_and_an_equal_one_leave_nothing_out(place: Path) -> None:
    assert run("rules", "apply", "first.yaml", "--data", "data", cwd=place).code == 0
    done = run("rules", "apply", "first.yaml", "--data", "other", "--remove", "article", cwd=place)
    assert done.code == 1
    assert (
        "--remove article: the rule `article` stands in this version; take it out under `rules`, or leave --remove article out"
        in done.out
    )


@pytest.mark.parametrize(
    ("removed", "said"),
    [
        (
            "artcle",
            "--remove artcle: the newest version has no rule, board, badge, ladder or challenge `artcle`; did you mean `article`?",
        ),
        (
            "review",
            "--remove review: the rule `review` stands in this version; take it out under `rules`, or leave --remove review out",
        ),
        (
            "reader",
            "--remove reader: the badge `reader` lives on under another id, by its `was`; leave --remove reader out",
        ),
    ],
)
def test_to_remove_what_is_not_left_out_is_a_fault(removed: str, said: str) -> None:
    text = FIRST.replace("  reader: {", "  bookworm: {was: reader, ")
    found = removal_faults(rulebook(FIRST), rulebook(text), [removed], "--remove ID")
    assert [each.message for each in found] == [said]


def test_an_id_that_two_sections_have_may_be_removed_from_one() -> None:
    old = rulebook(FIRST.replace("sharing:", "article:"))
    new = rulebook(
        FIRST.replace("sharing:", "article:").replace("  article: {event: article.published, award: 5}\n", "")
    )
    assert [each.path for each in removal_faults(old, new, [], "--remove ID")] == [("rules", "article")]
    assert list(removal_faults(old, new, ["article"], "--remove ID")) == []


async def test_over_http_what_is_left_out_is_refused_with_its_place_unless_it_is_named(tmp_path: Path) -> None:
    async with served(tmp_path, book=rulebook(FIRST)) as server:
        operator = server.caller("operator")
        headers = {"if-match": '"1"', "content-type": "application/yaml"}
        text = FIRST.replace("  article: {event: article.published, award: 5}\n", "").replace(
            "  reader:", "  bookworm:"
        )
        answer = await operator.put("/v1/rulebook", content=text, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "RULEBOOK_FAULTS")
        faults = [each for each in answer.json()["faults"] if each["severity"] == "fault"]
        assert [(each["line"], each["code"], each["path"]) for each in faults] == [
            (3, "LEFT_OUT", "rules.article"),
            (7, "LEFT_OUT", "badges.reader"),
        ]
        assert "?remove=article" in faults[0]["message"]
        removed = {"remove": ["article", "reader"]}
        answer = await operator.put("/v1/rulebook", content=text, headers=headers, params=removed)
        assert (answer.status_code, answer.json()["version"]) == (200, 2)


def test_the_rulebook_of_these_tests_has_no_fault() -> None:
    assert read(FIRST, "r")[0] is not None
