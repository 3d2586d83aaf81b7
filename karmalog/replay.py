"""The demonstration: real reviews of nineteen years, streamed into one process within a minute."""

import asyncio
import contextlib
import gzip
import json
import random  # noqa: TID251  made-up events
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from api.access import Access, Caller, Role
from api.app import build
from api.service import Replay
from api.serving import serve as serve_app
from karmalog import tell
from karmalog.desk import RefusedCommandError
from karmalog.embedded import embedded
from karmalog.serving import publish_if_new, sound_rulebook
from karmalog.settings import Settings
from schemas.times import format_instant, parse_instant
from schemas.words import OrgId
from streams.boards import BoardQuery
from streams.digesting import digest_of
from streams.judge import everything
from streams.publishing import Publisher
from streams.quarantine import Message
from streams.runtime import Runtime

STEP_S = 0.1
FASTEST = 5_000
"""Events published at once, where the replay has no time to lose."""


@dataclass(slots=True)
class Show:
    """How far the replay is."""

    of: int
    done: int = 0
    clock: str = ""
    began: float = 0.0
    running: bool = True


async def show(example: Path, folder: Path, seconds: float, port: int, *, once: bool) -> None:
    """Replays the example in an empty folder, says what became of it, and goes on until it is ended."""
    lines = gzip.decompress((example / "reviews.jsonl.gz").read_bytes()).splitlines()
    stage = Show(len(lines))
    async with embedded(folder, OrgId("default"), Settings().tuning()) as runtime:
        await publish_if_new(runtime, sound_rulebook(example / "rulebook.yaml"))
        await asyncio.to_thread(runtime.catalogues.refresh, runtime.org)
        key = secrets.token_urlsafe(18)
        access = Access.of({key: Caller(Role.OPERATOR)})
        app = build(runtime, access, replay=lambda: _replay(stage))
        ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        serving = asyncio.create_task(serve_app(app, "127.0.0.1", port, ready.set_result))
        try:
            serving.add_done_callback(lambda ended: _failed(ready, ended))
            address = await ready
            tell.say(f"The boards, live: {address}/#key={key}")
            await _stream(runtime, lines, stage, seconds)
            await _summary(runtime, stage, address, key)
            if not once:
                tell.say("Made-up events of today go on. Ctrl-C ends the demo.")
                await asyncio.wait(
                    {serving, asyncio.create_task(_made_up(runtime))}, return_when=asyncio.FIRST_COMPLETED
                )
        finally:
            serving.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await serving


def _failed(ready: "asyncio.Future[str]", ended: "asyncio.Task[None]") -> None:
    """The server ended before it listened: whoever waits for its address is told why."""
    if ready.done():
        return
    error = None if ended.cancelled() else ended.exception()
    ready.set_exception(error or RefusedCommandError("the page was not served"))


def _replay(show: Show) -> Replay | None:
    if not show.running:
        return None
    passed = max(0.001, asyncio.get_running_loop().time() - show.began)
    return Replay(done=show.done, of=show.of, clock=show.clock, per_second=round(show.done / passed))


async def _stream(runtime: Runtime, lines: list[bytes], show: Show, seconds: float) -> None:
    """Publishes the lines in their order, spread over the time."""
    loop = asyncio.get_running_loop()
    publisher = runtime.publisher(allowed=everything, trust_recorded=True)
    show.began = began = loop.time()
    position = 0
    with _bar(len(lines)) as moved:
        while show.done < show.of:
            due = show.of if not seconds else int(show.of * min(1.0, (loop.time() - began + STEP_S) / seconds))
            batch = lines[show.done : min(due, show.done + FASTEST)]
            if batch:
                result = await publisher.publish([Message(line, place="reviews") for line in batch], run="demo")
                position = max(position, result.position)
                show.done += len(batch)
                show.clock = format_instant(parse_instant(json.loads(batch[-1])["time"]))
                moved(show.done)
            if show.done >= due:
                await asyncio.sleep(STEP_S)
        await runtime.reach(position, 600)
    show.running = False


@contextlib.contextmanager
def _bar(total: int) -> Iterator[Callable[[int], None]]:
    with tell.bar("replaying") as bar:
        task = bar.add_task("events", total=total)
        yield lambda done: bar.update(task, completed=done)


async def _summary(runtime: Runtime, show: Show, address: str, key: str) -> None:
    passed = asyncio.get_running_loop().time() - show.began
    known = await asyncio.to_thread(runtime.answers.known)
    outcomes = known.runs.get("demo", {})
    total = sum(outcomes.values())
    answer, _ = await asyncio.to_thread(digest_of, runtime.answers)
    say = tell.say
    say(f"Folded {total:,} events in {passed:.1f} s ({total / passed:,.0f} a second).")
    parts = " + ".join(f"{count:,} {name}" for name, count in sorted(outcomes.items()))
    sign = "=" if total == show.of else "≠"
    say(f"Outcomes: {parts} {sign} {show.of:,} published.")
    say(f"Digest of all answers: {answer}")
    event = {
        "specversion": "1.0",
        "id": "my-first-review",
        "source": "/try/it",
        "type": "code_review.given",
        "subject": "you",
        "time": format_instant(runtime.clock.now()),
        "data": {"author": "a-colleague", "change": "42"},
    }
    say("One event more, to paste into another terminal:")
    say(
        f"  curl -sS {address}/v1/events -H 'Authorization: Bearer {key}' "
        f"-H 'Content-Type: application/cloudevents+json' -d '{json.dumps(event)}'"
    )


async def _made_up(runtime: Runtime) -> None:
    """Reviews of today by the most active reviewers, one every second or so."""
    publisher: Publisher = runtime.publisher()
    dice = random.Random(7)  # noqa: S311  made-up events need no secret
    everyone = BoardQuery("reviews", window="all", top=40, operator=True)
    known = await asyncio.to_thread(lambda: runtime.answers.board(everyone, now=runtime.clock.now()))
    people = [str(row.get("member")) for row in known["rows"]]
    while True:
        await asyncio.sleep(dice.uniform(0.3, 1.5))
        reviewer, author = dice.sample(people, 2)
        ident = secrets.token_hex(8)
        event = {
            "specversion": "1.0",
            "id": ident,
            "source": "/demo/made-up",
            "type": "code_review.given",
            "subject": reviewer,
            "time": format_instant(runtime.clock.now()),
            "data": {"author": author, "change": ident},
        }
        await publisher.publish([Message(json.dumps(event).encode())])
