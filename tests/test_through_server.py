"""A command works through the server that has the data folder open, and through one that it is told of."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from karmalog.desk import SERVED
from tests.command_line import run
from tests.review_events import EXAMPLE, FOLDER

LINES = (FOLDER / "head5000.jsonl").read_bytes().splitlines(keepends=True)[:1_200]
ARTICLE = {
    "specversion": "1.0",
    "source": "/wiki",
    "type": "article.published",
    "subject": "ann",
    "time": "2024-05-31T14:03:00Z",
}


@dataclass
class Server:
    """A `karmalog serve`, and the folder that it has open."""

    folder: Path
    url: str
    key: str

    def command(self, *arguments: str | Path, code: int = 0, stdin: bytes = b"") -> str:
        """A command on the folder."""
        done = run(*arguments, stdin=stdin, data=str(self.folder))
        assert done.code == code, done.err
        return done.out

    def json(self, *arguments: str | Path, code: int = 0, stdin: bytes = b"") -> Any:
        """What a command on the folder says to programs."""
        return json.loads(self.command(*arguments, "--json", code=code, stdin=stdin))


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[Server]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KARMALOG_")}
    arguments = [sys.executable, "-m", "karmalog", "serve", "--data", str(folder), "--port", "0"]
    with subprocess.Popen(arguments, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = [process.stderr.readline() for _ in range(3)]
        try:
            assert "karmalog serves" in said[0], said
            yield Server(folder, said[0].split()[-1].rstrip("/"), said[1].split()[-1])
        finally:
            process.terminate()
            process.stderr.read()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One that begins without a rulebook."""
    with serving(tmp_path_factory.mktemp("served")) as found:
        said = _said(found.folder, "import", "-", code=1, stdin=LINES[0])
        assert "karmalog rules apply FILE" in said, "without a rulebook import names the command"
        found.command("rules", "apply", EXAMPLE / "rulebook.yaml")
        yield found


def _said(folder: Path, *arguments: str | Path, code: int, stdin: bytes = b"", **settings: str) -> str:
    """What a command says to people on standard error."""
    done = run(*arguments, stdin=stdin, **{"data": str(folder), **settings})
    assert done.code == code, done.err
    return done.err


def test_history_gives_the_same_answers_through_a_server_as_without_one(server: Server, tmp_path: Path) -> None:
    bad = [b"no event\n", b'{"specversion":"1.0"}\n', b'"' + b"x" * 70_000 + b'"\n', b"\n"]
    history = tmp_path / "history.jsonl"
    history.write_bytes(b"".join([*LINES[:600], *bad, *LINES[600:], *LINES[:10]]))
    own_folder = Server(tmp_path / "own", "", "")
    own_folder.command("rules", "apply", EXAMPLE / "rulebook.yaml")
    own = own_folder.json("import", history, code=1)
    through = server.json("import", history, code=1)
    assert through == own
    assert (own["read"], own["appended"], own["repeated"], own["refused"]) == (1_213, 1_200, 10, 3)
    assert sum(own["outcomes"].values()) == own["read"]
    assert server.json("digest")["digest"] == own_folder.json("digest")["digest"]

    again = server.json("import", "-", stdin=b"".join(LINES))
    assert (again["appended"], again["repeated"], again["outcomes"]) == (0, 1_200, {"REPEATED": 1_200})
    named = _said(server.folder, "import", history, code=1)
    assert f"{history}:601: NOT_JSON" in named
    assert f"{history}:603: TOO_LARGE: 70,002 bytes" in named


def test_what_is_asked_of_a_server_is_what_the_folder_says(server: Server) -> None:
    server.json("import", "-", stdin=b"".join(LINES))
    assert [each["board"] for each in server.json("boards")["boards"]] == ["reviews", "people-helped", "sharing"]
    found = server.json("board", "reviews", "--window", "all", "--top", "2000")
    first = found["rows"][0]
    assert first["rank"] == 1
    assert server.json("member", str(first["member"]))["points"]
    assert "UNKNOWN_BOARD" in _said(server.folder, "board", "no such board", code=1)
    assert "UNKNOWN_WINDOW" in _said(server.folder, "board", "reviews", "--window", "soon", code=1)


def test_a_later_rulebook_takes_effect_from_the_date_that_is_named(server: Server, tmp_path: Path) -> None:
    book = tmp_path / "rulebook.yaml"
    book.write_text((EXAMPLE / "rulebook.yaml").read_text())
    said = _said(server.folder, "rules", "apply", book, "--from", "2099-01-01", code=0)
    assert "in force from 2099-01-01T00:00:00Z on" in said
    assert "RULEBOOK_REFUSED" in _said(server.folder, "rules", "apply", book, "--from", "2020-01-01", code=1)


def test_people_come_through_a_server_and_go_when_the_table_says_so(server: Server, tmp_path: Path) -> None:
    table = tmp_path / "people.csv"
    table.write_text("member,name,left\np25effde0,Zoë,\nquinn,Quinn,2020-01-01\n")
    said = server.json("members", "import", table)
    assert said["members"] == 2
    assert said["refused"] == 0
    assert server.json("members", "import", table)["appended"] == 0
    server.json("import", "-", stdin=b"".join(LINES))
    rows = {row["member"]: row for row in server.json("board", "reviews", "--window", "all")["rows"]}
    assert rows["p25effde0"]["name"] == "Zoë"
    table.write_text("member,name\np25effde0,\n")
    server.json("members", "import", table)
    rows = {row["member"]: row for row in server.json("board", "reviews", "--window", "all")["rows"]}
    assert "name" not in rows["p25effde0"]
    table.write_text("member,groups\nann,choir:tenors\n")
    assert "no group kind 'choir'" in _said(server.folder, "members", "import", table, code=1)


def test_a_key_is_good_for_its_role_until_it_is_revoked(server: Server) -> None:
    issued = server.json("keys", "issue", "viewer", "--label", "the screen in the hall")
    elsewhere = {"url": server.url, "key": issued["key"]}
    nowhere = server.folder / "nowhere"
    _said(nowhere, "boards", code=0, **elsewhere)
    assert "a key of the role operator" in _said(nowhere, "import", "-", code=1, stdin=LINES[0], **elsewhere)
    assert "a key of the role operator" in _said(nowhere, "keys", "list", code=1, **elsewhere)
    assert {"id": issued["id"], "role": "viewer", "label": "the screen in the hall"} in server.json("keys", "list")
    server.command("keys", "revoke", issued["key"])
    assert "does not know the key" in _said(nowhere, "boards", code=1, **elsewhere)
    assert "no key" in _said(server.folder, "keys", "revoke", issued["id"], code=1).lower()
    assert "names no role" in _said(server.folder, "keys", "issue", "boss", code=1)


def test_a_history_comes_to_a_server_elsewhere_with_an_operators_key(server: Server, tmp_path: Path) -> None:
    elsewhere = {"key": server.key}
    said = _said(tmp_path / "nowhere", "import", "-", "--url", server.url, code=0, stdin=b"".join(LINES), **elsewhere)
    assert "1,200 read" in said


def test_texts_are_listed_and_deleted_by_reference_or_all_of_a_member(server: Server) -> None:
    events = [ARTICLE | {"id": f"a{n}", "data": {"title": f"title {n}", "ref": f"r{n}"}} for n in range(3)]
    other = ARTICLE | {"id": "b", "subject": "ann/b", "data": {"title": "another's"}}
    history = "\n".join(map(json.dumps, [*events, other])).encode()
    assert server.json("import", "-", stdin=history)["appended"] == 4
    kept = server.json("texts", "list", "ann")
    assert sorted(each["texts"]["title"] for each in kept) == ["title 0", "title 1", "title 2"]
    first, *others = sorted(kept, key=lambda each: str(each["texts"]["title"]))
    assert server.json("texts", "delete", first["reference"]) == {"deleted": 1}
    assert server.json("texts", "delete", first["reference"], code=1) == {"deleted": 0}
    left = {each["reference"] for each in server.json("texts", "list", "ann")}
    assert left == {each["reference"] for each in others}
    assert server.json("texts", "delete", "--member", "ann", "--yes") == {"deleted": 2}
    assert server.json("import", "-", stdin=history)["repeated"] == 4, "the events stay"
    assert server.json("texts", "list", "ann") == []
    assert [each["texts"] for each in server.json("texts", "list", "ann/b")] == [{"title": "another's"}]


@pytest.mark.parametrize(("undeclared", "code", "waiting"), [("wait", 0, 1), ("drop", 1, 0)])
def test_history_of_a_type_that_nobody_declared_waits_or_is_refused_as_the_rulebook_says(
    tmp_path: Path, undeclared: str, code: int, waiting: int
) -> None:
    book = tmp_path / "rulebook.yaml"
    book.write_text(f"apiVersion: karmalog/v1\nkind: Rulebook\nundeclared: {undeclared}\n")
    own = Server(tmp_path / "own", "", "")
    own.command("rules", "apply", book)
    event = json.dumps(ARTICLE | {"id": "tea", "type": "acme.tea.made"}).encode()
    said = own.json("import", "-", stdin=event, code=code)
    assert (said["read"], said["waiting"], said["refused"]) == (1, waiting, 1 - waiting)
    assert said["outcomes"] == {"UNKNOWN_TYPE": 1}


def test_keys_of_a_folder_are_issued_without_a_server_and_hold_when_it_starts(tmp_path: Path) -> None:
    issued = Server(_made(tmp_path / "own"), "", "").json("keys", "issue", "operator")
    environment = {"KARMALOG_DATA": str(tmp_path / "own"), "KARMALOG_PORT": "0"}
    clean = {name: value for name, value in os.environ.items() if not name.startswith("KARMALOG_")}
    arguments = [sys.executable, "-m", "karmalog", "serve"]
    with subprocess.Popen(arguments, env={**clean, **environment}, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        url = process.stderr.readline().split()[-1].rstrip("/")
        nowhere = tmp_path / "nowhere"
        _said(nowhere, "keys", "list", code=0, url=url, key=issued["key"])
        process.terminate()
        rest = process.stderr.read()
    assert "shown this once" not in rest, "an operator has a key already, so the first start makes none"


def test_what_a_killed_server_left_behind_sends_no_command_to_somebody_elses(server: Server, tmp_path: Path) -> None:
    own = Server(_made(tmp_path / "own"), "", "")
    (own.folder / SERVED).write_text(json.dumps({"url": server.url, "key": "karmalog_of_the_server_that_was_killed"}))
    assert "karmalog rules apply FILE" in _said(own.folder, "boards", code=1), "its own folder has no rulebook"


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
