"""The mistakes that people make most: each is one sentence that says what, where and what to do, and exits 1 or 64."""

import gzip
import os
from pathlib import Path

import pytest

from tests.command_line import run

FAULTY = """\
apiVersion: karmalog/v1
kind: Rulebook
boards: {a: {score: {count: code_review.givn}}}
rules: {x: {event: code_review.given, award: 5, limits: [{per: fortnight, points: 3}]}}
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with files that are not what they should be."""
    (tmp_path / "faulty.yaml").write_text(FAULTY)
    (tmp_path / "no.yaml").write_text("rules: [\n")
    (tmp_path / "cut.jsonl.gz").write_bytes(gzip.compress(os.urandom(5_000))[:3_000])
    (tmp_path / "no.jsonl.zst").write_text("x")
    (tmp_path / "people.csv").write_text("name\nAnn\n")
    (tmp_path / "empty").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("words", "settings", "code", "said"),
    [
        ("bored", {}, 64, "Did you mean 'board', 'boards'?"),
        ("board sharing --tpo 3", {}, 64, "No such option: --tpo (Possible options: --top)"),
        ("boards", {}, 1, "there is no data folder karmalog-data: name one (--data DIR or KARMALOG_DATA)"),
        ("boards --data empty", {}, 1, "no rulebook is published yet, so there is nothing to show: karmalog rules"),
        ("import nothing.jsonl --data empty", {}, 1, "there is no file nothing.jsonl"),
        ("members import people.csv --data empty", {}, 1, "people.csv:1: the header must name member, name"),
        ("rules check no.yaml", {}, 1, ""),
        ("rules apply faulty.yaml --data empty", {}, 1, "faulty.yaml was not published: it has 2 faults"),
        ("boards --url 127.0.0.1:8080", {}, 1, "is no address of a server: write it whole, such as http://127.0.0.1"),
        ("boards --url http://127.0.0.1:1", {}, 1, "does not answer (ConnectError): is `karmalog serve` running"),
        ("keys issue boss --data empty", {}, 1, "names no role; write operator, publisher, viewer or member:ID"),
        ("texts delete --data empty", {}, 1, "name references, or --member MEMBER"),
        ("boards", {"port": "abc"}, 1, "KARMALOG_PORT (the port the API listens on; 0 takes a free one) cannot be"),
        ("boards", {"org": "a b"}, 1, "KARMALOG_ORG (the organisation of commands"),
        ("serve --data empty --port 0", {"key": "short"}, 1, "KARMALOG_KEY has 5 characters; make one of at least"),
        ("boards", {"kafka": "127.0.0.1:1"}, 1, "KARMALOG_REDIS is not set: give Redis's address, such as redis://"),
        ("keys list", {"kafka": "127.0.0.1:1", "redis": "redis://127.0.0.1:2/0"}, 1, "KARMALOG_SECRET is not set"),
        ("topics create", {}, 1, "KARMALOG_KAFKA is not set: give Kafka's addresses, such as 127.0.0.1:9092"),
    ],
)
def test_a_mistake_is_told(place: Path, words: str, settings: dict[str, str], code: int, said: str) -> None:
    assert said in mistaken(place, words, settings, code)


@pytest.mark.parametrize("file", ["cut.jsonl.gz", "no.jsonl.zst"])
def test_a_broken_file_is_named(place: Path, file: str) -> None:
    whole = Path(__file__).parents[1] / "karmalog" / "templates" / "reviews.yaml"
    mistaken(place, f"rules apply {whole} --data empty", {}, 0)
    assert f"{file} cannot be read to its end" in mistaken(place, f"import {file} --data empty", {}, 1)


def mistaken(place: Path, words: str, settings: dict[str, str], code: int) -> str:
    """What a command says on standard error."""
    done = run(*words.split(), cwd=place, **settings)
    assert done.code == code, done.err
    return done.err
