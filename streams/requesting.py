"""Asking for karma and rewards: a request becomes one event, and what the ledger made of it is the answer.

The event's id is made from who asks for what under which key, so asking again is the same event, whoever takes it. API
and commands share this.
"""

import json
import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NamedTuple, Protocol, TypeVar

from schemas.failures import Refused
from schemas.karma_answers import OutcomeAnswer
from schemas.karma_requests import KarmaRequest
from schemas.records import RECORD, REFERENCE, Record
from schemas.times import format_instant
from schemas.words import Instant, Position
from streams.answers import Answers
from streams.catalogue import Catalogue
from streams.hashing import Hasher
from streams.judge import Judge, Taken, everything
from streams.publishing import Published
from streams.quarantine import Message
from streams.runtime import Runtime

SOURCE: Final = "karmalog/karma"
_TYPES: Final = Catalogue.of(None)
"""Requests look the same under every rulebook."""

T = TypeVar("T")


class RefusedRequest(Refused):
    """A request cannot be taken; nothing was appended. `code` is stable, `path` names the field."""

    def __init__(self, code: str, path: str, detail: str) -> None:
        super().__init__(f"{code}: {path}: {detail}" if path else f"{code}: {detail}")
        self.code = code
        self.path = path
        self.detail = detail


class Read(Protocol):
    """Reads answers without blocking the event loop."""

    def __call__(self, work: Callable[[Answers], T], /) -> Awaitable[T]:
        """What `work` returns."""
        ...


class Ways(NamedTuple):
    """How a process publishes, waits and reads."""

    runtime: Runtime
    publish: Callable[[Sequence[Message]], Awaitable[Published]]
    """As an operator."""
    reach: Callable[[int], Awaitable[object]]
    """Waits until the store holds a position, or for as long as whoever asks will wait."""
    read: Read


async def ask(ways: Ways, asked: KarmaRequest) -> tuple[OutcomeAnswer, Record]:
    """What became of a request, `pending` where that is not known yet, and the request as the log would have it.

    Raises:
        RefusedRequest: the judge's codes; GIFT_UNKNOWN, where what is to be voided is no gift; IDEMPOTENCY_KEY_REUSED,
            where another request had the key.
        UnavailableLog: nothing is known to be appended; ask again with the same key.
    """
    if asked.type == "event.voided":
        await _check_gift(ways, ident_of(str(asked.data.get("id"))))
    now = ways.runtime.clock.now()
    message = _message(asked, ways.runtime, now)
    taken = _judge(ways.runtime).read(message, now=now)
    if not isinstance(taken, Taken):
        raise RefusedRequest(taken["code"], taken["path"], taken["detail"])
    done = await ways.publish([message])
    for _, refusal in done.refused:
        if refusal.code != "CONFLICT":  # of a repeat at least the time is another one
            raise RefusedRequest(refusal.code, refusal.path, refusal.detail)
    await ways.reach(done.position)
    outcome = await ways.read(lambda answers: answers.karma.outcome(taken.record["id"]))
    if asked.key is not None and "because" in outcome:
        first = await record_at(ways.runtime, outcome["because"])
        if first["data"] != taken.record["data"]:
            what = f"another {asked.type} of {asked.member} had this key; give each request a key of its own"
            raise RefusedRequest("IDEMPOTENCY_KEY_REUSED", "Idempotency-Key", what)
    return outcome, taken.record


def ident_of(reference: str) -> str:
    """The stored id that a reference names, such as `karmalog:` and 32 hex digits; what is none names nothing."""
    return reference.removeprefix(REFERENCE) if reference.startswith(REFERENCE) else ""


async def record_at(runtime: Runtime, position: int) -> Record:
    """A record of the organisation."""
    return RECORD.validate_json(await runtime.log.at(runtime.log.partition_of(runtime.org), Position(position)))


async def _check_gift(ways: Ways, ident: str) -> None:
    """Lets voids of gifts pass: of anything else the event would take out an activity."""
    log = ways.runtime.log
    await ways.reach(await log.end(log.partition_of(ways.runtime.org)))
    if "gift" not in await ways.read(lambda answers: answers.karma.outcome(ident)):
        raise RefusedRequest("GIFT_UNKNOWN", "", "there is no such gift")


def _message(asked: KarmaRequest, runtime: Runtime, now: Instant) -> Message:
    event = {
        "specversion": "1.0",
        "id": secrets.token_hex(16) if asked.key is None else _ident(asked, runtime.hasher),
        "source": SOURCE,
        "type": asked.type,
        "subject": asked.member,
        "time": format_instant(now),
        "data": dict(asked.data),
    }
    return Message(json.dumps(event).encode(), place=f"{SOURCE}/{event['id']}", org=runtime.org)


def _ident(asked: KarmaRequest, hasher: Hasher) -> str:
    """A keyed hash: whoever could guess the id could publish an activity under it, and the request would be no more."""
    return hasher.identity(SOURCE, json.dumps([asked.type, asked.member, asked.key]))


def _judge(runtime: Runtime) -> Judge:
    return Judge(lambda _: _TYPES, runtime.hasher, runtime.org, allowed=everything)
