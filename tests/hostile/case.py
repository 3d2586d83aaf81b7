"""One hostile event: what is sent, structured and binary, and what has to become of it."""

import json
from typing import NamedTuple
from urllib.parse import quote

ACCEPTED = "ACCEPTED"

_PRINTABLE = "!#$&'()*+,-./:;<=>?@[\\]^_`{|}~"  # what an HTTP header of CloudEvents need not percent-encode


class Case(NamedTuple):
    """One row of the table."""

    name: str
    verdict: str
    """ACCEPTED, or the name of one of intake's verdicts."""
    code: str
    """The code beside the verdict; empty where it is accepted."""
    body: bytes
    """The event in structured mode."""
    kafka_headers: tuple[tuple[str, bytes], ...] | None = None
    """The same event's headers in binary mode on Kafka; None where only a JSON object can say it."""
    data: bytes = b""
    """The same event's body in binary mode."""

    @property
    def http_headers(self) -> tuple[tuple[str, bytes], ...] | None:
        """The same event's headers in binary mode over HTTP."""
        if self.kafka_headers is None:
            return None
        return tuple(
            (name.replace("ce_", "ce-"), value if name == "content-type" else _percent_encoded(value))
            for name, value in self.kafka_headers
        )

    @property
    def one_line(self) -> bool:
        """Whether it can stand in a file of JSON lines."""
        return b"\n" not in self.body


def _percent_encoded(value: bytes) -> bytes:
    return quote(value, safe=_PRINTABLE).encode()


def attributes_of(name: str, **changed: str | None) -> dict[str, str]:
    """Return the attributes of a good event whose id is the case's name, with some changed or left out."""
    good: dict[str, str | None] = {
        "specversion": "1.0",
        "id": name,
        "source": "/tests/hostile",
        "type": "code_review.given",
        "subject": "ann",
        "time": "2024-05-31T14:03:00Z",
    }
    return {attribute: value for attribute, value in (good | changed).items() if value is not None}


def event(name: str, verdict: str, code: str = "", *, data: str | None = "", **changed: str | None) -> Case:
    """Return a case that differs from a good event in attributes that are texts, or in its data.

    Args:
        name: Of the case, and the event's id where nothing else is said.
        verdict: What becomes of it.
        code: Why.
        data: JSON as it is sent, however wrong; None: none; empty: that of a good event.
        changed: Attributes with another text, or None to leave one out.
    """
    attributes = attributes_of(name, **changed)
    content = json.dumps({"author": "ben", "change": name}) if data == "" else data
    members = [f"{json.dumps(key)}:{json.dumps(value, ensure_ascii=False)}" for key, value in attributes.items()]
    if content is not None:
        members.append(f'"data":{content}')
    headers = [
        ("content-type" if key == "datacontenttype" else f"ce_{key}", value.encode())
        for key, value in attributes.items()
    ]
    return Case(
        name,
        verdict,
        code,
        ("{" + ",".join(members) + "}").encode(),
        tuple(headers),
        (content or "").encode(),
    )


def text(name: str, verdict: str, code: str, body: bytes) -> Case:
    """Return a case that only a text in structured mode can be."""
    return Case(name, verdict, code, body)


def spliced(name: str, verdict: str, code: str = "", *, old: str, new: str) -> Case:
    """Return a case that only a JSON object can be: a good event's text with one piece replaced."""
    good = event(name, verdict, code).body.decode()
    if good.count(old) != 1:
        raise ValueError(f"{name}: {old!r} is {good.count(old)} times in the good event")
    return Case(name, verdict, code, good.replace(old, new).encode())
