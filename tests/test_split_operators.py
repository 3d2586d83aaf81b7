"""What operators do on Kafka and Redis, directly and through an API process: history, people, keys, names, texts."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import Done, run
from tests.split import Split, board_of, reviews, reviews_by_member, until

EVENTS = 400
ARTICLE = {
    "specversion": "1.0",
    "id": "a1",
    "source": "/wiki",
    "type": "article.published",
    "subject": "ann",
    "time": "2024-05-31T14:03:00Z",
    "data": {"title": "a title", "ref": "r1"},
}


@pytest.fixture
async def split(tmp_path: Path, kafka_address: str, redis_url: str, topics: str) -> AsyncIterator[Split]:
    made = Split(tmp_path, kafka_address, redis_url, topics)
    await made.create_topics()
    await made.publish_rulebook()
    yield made
    made.close()


def command(split: Split, *words: str, **settings: str) -> Done:
    """A command of an operator, on Kafka and Redis unless a `url` is given."""
    own = {name.removeprefix("KARMALOG_").lower(): value for name, value in split.env.items() if "KARMALOG" in name}
    return run(*words, **{**own, **settings})


def said(split: Split, *words: str, **settings: str) -> Any:
    """What it prints as JSON."""
    done = command(split, *words, "--json", **settings)
    assert done.code == 0, done.err
    return json.loads(done.out)


async def test_operators_work_on_kafka_as_they_do_on_a_folder(split: Split) -> None:
    split.service("worker").start()
    api = split.service("api").start()
    operator = said(split, "keys", "issue", "operator", "--label", "the nightly import")
    through = {"url": f"http://127.0.0.1:{api.port}", "key": operator["key"]}
    until(lambda: command(split, "keys", "list", **through).code == 0, api.tail)

    history = split.folder / "history.jsonl"
    history.write_bytes(b"\n".join([*reviews(EVENTS), json.dumps(ARTICLE).encode()]))
    first = said(split, "import", str(history), **through)
    assert (first["read"], first["appended"], first["refused"]) == (EVENTS + 1, EVENTS + 1, 0)
    assert sum(first["outcomes"].values()) == EVENTS + 1
    assert board_of(split.answers()) == reviews_by_member(reviews(EVENTS))
    again = said(split, "import", str(history))
    assert (again["appended"], again["repeated"]) == (0, EVENTS + 1), "straight to the log it is the same history"

    top = said(split, "board", "reviews", "--top", "1", **through)["rows"][0]["member"]
    people = split.folder / "people.csv"
    people.write_text(f"member,name\n{top},Zoë\n")
    assert said(split, "members", "import", str(people), **through)["members"] == 1
    assert said(split, "board", "reviews", "--top", "1", **through)["rows"][0]["name"] == "Zoë"
    split.redis.delete(split.answers().keys.names(), split.answers().keys.api_keys())
    until(
        lambda: said(split, "board", "reviews", "--top", "1", **through)["rows"][0].get("name") == "Zoë",
        api.tail,
    )
    assert said(split, "digest", **through) == said(split, "digest")

    texts = said(split, "texts", "list", "ann", **through)
    assert [each["texts"] for each in texts] == [{"title": "a title"}]
    assert said(split, "texts", "delete", texts[0]["reference"]) == {"deleted": 1}
    assert said(split, "texts", "list", "ann", **through) == []

    assert said(split, "keys", "revoke", operator["id"])["label"] == "the nightly import"
    until(lambda: "UNKNOWN_KEY" in command(split, "boards", **through).err, api.tail)
