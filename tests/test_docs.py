"""What the documentation promises: links that lead somewhere, examples that work, names that exist."""

import json
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import pytest
import typer

from engine.rulebook_check import check
from karmalog.__main__ import app
from karmalog.settings import Settings
from schemas.activities import BUILT_IN
from schemas.source import Code as FaultCode
from schemas.source import Fault
from schemas.times import parse_instant
from schemas.verdicts import Verdict
from schemas.words import OrgId
from streams.catalogue import Catalogue
from streams.hashing import Hasher
from streams.judge import Allowed, Judge, Taken, activities_only, everything
from streams.quarantine import Code, Message, Quarantined

ROOT = Path(__file__).parents[1]
FLOORS = ("schemas", "engine", "streams", "api", "karmalog")
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
LATER = parse_instant("2030-01-01T00:00:00Z")

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
BLOCK = re.compile(r"^```(\w+)?( \w+)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@cache
def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks_of(page: Path, language: str, mark: str) -> list[Any]:
    """Fenced blocks of a page that open with ```language mark."""
    return [
        pytest.param(found[3], id=f"{name_of(page)}-{number}")
        for number, found in enumerate(BLOCK.finditer(text_of(page)), start=1)
        if (found[1], (found[2] or "").strip()) == (language, mark)
    ]


def blocks(language: str, mark: str) -> list[Any]:
    """Such blocks of all pages."""
    return [block for page in PAGES for block in blocks_of(page, language, mark)]


def said_of(text: str) -> list[Fault]:
    """All that `karmalog rules check` says of a rulebook."""
    return check(text, "rulebook.yaml").faults


def anchors(text: str) -> set[str]:
    """The names that headings of a page are linked by."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    broken = []
    for link in LINK.findall(text_of(page)):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path) if path else page
        if not target.exists() or (anchor and anchor not in anchors(text_of(target))):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("text", blocks("yaml", "rulebook"))
def test_every_rulebook_in_the_docs_is_one_without_a_fault(text: str) -> None:
    assert [str(fault) for fault in said_of(text) if fault.severity == "fault"] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_fault_that_the_docs_show_is_what_is_said(page: Path) -> None:
    found = list(BLOCK.finditer(text_of(page)))
    for block, after in pairwise(found):
        if (block[2] or "").strip() == "faulty":
            assert [str(fault) for fault in said_of(block[3])] == after[3].splitlines()


def judged(text: str, allowed: Allowed) -> Taken | Quarantined:
    judge = Judge(lambda _: Catalogue.of(None), Hasher(b"a secret for this test"), OrgId("default"), allowed=allowed)
    return judge.read(Message(text.encode()), now=LATER)


@pytest.mark.parametrize("text", blocks("json", "event"))
def test_every_event_in_the_docs_is_taken(text: str) -> None:
    result = judged(text, activities_only)
    assert isinstance(result, Taken), result


@pytest.mark.parametrize("text", blocks("json", "people"))
def test_every_event_about_people_in_the_docs_is_taken_from_operators_alone(text: str) -> None:
    result = judged(text, everything)
    assert isinstance(result, Taken), result
    assert not isinstance(judged(text, activities_only), Taken)


def test_there_are_examples_of_all() -> None:
    assert len(blocks("yaml", "rulebook")) > 5
    assert len(blocks("json", "event")) > 3
    assert len(blocks("json", "people")) > 3


KINDS = sorted((ROOT / "docs" / "rules").glob("*.md"))


@pytest.mark.parametrize("page", KINDS, ids=name_of)
def test_the_page_of_a_kind_of_rule_has_its_class_an_example_and_numbers(page: Path) -> None:
    text = text_of(page)
    assert re.search(r"^\*\*Class: (free|settled|decided)\b", text, re.MULTILINE)
    assert blocks_of(page, "yaml", "rulebook")
    assert "\n## An example with numbers\n" in text
    assert f"(rules/{page.name})" in text_of(ROOT / "docs" / "rules.md")


def test_every_make_target_in_the_docs_is_in_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    said = {
        target
        for page in PAGES
        for line in re.findall(r"(?:^ *|`)make ([a-z][a-z -]*?)(?=`|  |$)", text_of(page), re.MULTILINE)
        for target in line.split()
    }
    assert {"demo", "test", "setup"} <= said
    assert said - targets == set()


def commands(group: Any, before: str = "") -> Iterator[str]:
    """Every command, those of groups with the group's name before theirs."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{before}{name} ")
        else:
            yield before + name


def test_every_command_in_the_docs_exists() -> None:
    known = set(commands(typer.main.get_command(app)))
    groups = {name.split()[0] for name in known if " " in name}
    said = set()
    for page in PAGES:
        for first, second in re.findall(r"(?:`|bin/)karmalog ([a-z]+)(?: ([a-z]+)\b)?", text_of(page)):
            said.add(f"{first} {second}" if first in groups else first)
    assert {"demo", "serve", "rules check"} <= said
    assert said - known == set()


def test_every_setting_in_the_docs_is_one() -> None:
    known = {f"KARMALOG_{name.upper()}" for name in Settings.model_fields}
    tests = "".join(text_of(path) for path in [ROOT / "tests" / "conftest.py", *(ROOT / "tests/services").glob("*.py")])
    known |= set(re.findall(r"KARMALOG_TEST_\w+", tests))
    said = {name for page in PAGES for name in re.findall(r"KARMALOG_[A-Z_]*[A-Z]", text_of(page))}
    assert said - known == set()


def test_the_page_for_publishers_names_every_verdict_code_and_built_in_type() -> None:
    page = set(re.findall(r"`([\w.]+)`", text_of(ROOT / "docs" / "events.md")))
    parts = re.findall(r"`([a-z_]+)\.([a-z_]+)\|?", text_of(ROOT / "docs" / "events.md"))
    assert {verdict.value for verdict in Verdict} - page == set()
    assert set(literals(Code)) - page == set()
    assert BUILT_IN.keys() - {".".join(part) for part in parts} == set()


def test_the_page_about_rulebooks_names_every_code_of_a_fault() -> None:
    page = set(re.findall(r"`([A-Z_]+)`", text_of(ROOT / "docs" / "rules.md")))
    assert set(literals(FaultCode)) - page == set()


def literals(union: Any) -> Iterator[str]:
    """The texts of a union of literals."""
    for each in get_args(union):
        if isinstance(each, str):
            yield each
        else:
            yield from literals(each)


def test_the_table_of_built_in_types_has_their_fields() -> None:
    rows = re.findall(
        r"^\| (`[a-z_.]+`(?: · `[a-z_.]+`)*) \| ([^|]*) \|", text_of(ROOT / "docs/events.md"), re.MULTILINE
    )
    said = {
        kind: {word.strip() for word in re.sub(r"[?†]|\([^)]*\)", "", fields).split(",")}
        for kinds, fields in rows
        for kind in re.findall(r"`([a-z_.]+)`", kinds)
        if kind in BUILT_IN
    }
    there = {kind: set(each.data["properties"]) for kind, each in BUILT_IN.items()}  # type: ignore[arg-type]
    assert {kind: fields | {"topic"} for kind, fields in said.items()} == {k: v | {"topic"} for k, v in there.items()}


def test_the_map_of_files_names_every_file_and_no_other() -> None:
    text = text_of(ROOT / "docs" / "architecture.md")
    sections = re.split(r"^### (\w+):", text, flags=re.MULTILINE)
    said = {
        floor: set(re.findall(r"`([\w/]+\.(?:py|lua))`", part.split("\n## ")[0]))
        for floor, part in zip(sections[1::2], sections[2::2], strict=True)
    }
    there = {
        floor: {
            path.relative_to(ROOT / floor).as_posix()
            for path in (ROOT / floor).rglob("*")
            if path.suffix in {".py", ".lua"} and path.name != "__init__.py"
        }
        for floor in FLOORS
    }
    assert said == there


def test_every_word_of_the_glossary_stands_there_once() -> None:
    words = re.findall(r"^\| \*\*([^*]+)\*\*", text_of(ROOT / "docs" / "glossary.md"), re.MULTILINE)
    assert words == sorted(set(words))


def test_the_supported_versions_of_python_are_those_of_the_project() -> None:
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]
    assert project["requires-python"] == ">=3.11,<3.14"
    assert "Python 3.11, 3.12 or 3.13" in text_of(ROOT / "README.md")


def test_the_answers_in_the_docs_are_json() -> None:
    for block in blocks("json", ""):
        assert json.loads(block.values[0])


def test_decisions_have_numbers_of_their_own_and_the_four_parts() -> None:
    records = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [int(record.name[:4]) for record in records]
    assert len(set(numbers)) == len(numbers)
    for record, number in zip(records, numbers, strict=True):
        text = text_of(record)
        assert text.startswith(f"# {number}. "), record.name
        for part in ("**Context.**", "**Choice.**", "**Consequences.**"):
            assert part in text, f"{record.name} lacks {part}"
