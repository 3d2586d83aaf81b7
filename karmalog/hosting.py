"""What intake, worker and api are made of, and what they say of themselves at /health and /metrics."""

import hashlib
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from engine.version import ENGINE_VERSION
from karmalog.log_lines import ANNOUNCEMENTS
from karmalog.operators import Places, check_topics, connected, on_kafka, places_of
from karmalog.probe import Figures, Report, probe
from karmalog.settings import Settings
from streams.clock import SystemClock
from streams.days import DayCloser
from streams.duties import Duties
from streams.faust_app import host
from streams.intake import NO_RULEBOOK, Intake
from streams.judge import from_sources
from streams.kafka_appender import KafkaAppender
from streams.kafka_log import open_kafka_log
from streams.kafka_shelf import KafkaQuarantine, KafkaShelf
from streams.karma_telling import KarmaTeller
from streams.outbox import Relay, fact_id
from streams.reactions import Seen, announce_badges
from streams.rulebook_topic import KnownRulebooks, RulebookTeller
from streams.store import Identity, Store, connect
from streams.worker import Worker

if TYPE_CHECKING:
    import faust

_log = logging.getLogger(__name__)
_APPEND_S = 30.0

Reached = Callable[[str], None]


async def run_intake(settings: Settings, reached: Reached) -> None:
    """Runs intake until it is told to stop.

    Raises:
        RefusedCommandError: a setting or a topic is missing or wrong.
        UnavailableLog: Kafka does not answer at the start.
    """
    places = places_of(settings)
    await check_topics(places.kafka, places.prefix)
    log = await open_kafka_log(places.kafka, places.topic("log"))
    shelves = [KafkaShelf(places.kafka, places.topic(name)) for name in ("private", "rulebooks")]
    quarantine = KafkaQuarantine(places.kafka, places.topic("quarantine"))
    intake = Intake(
        places.kafka,
        places.topic("events"),
        places.topic("intake"),
        log=log,
        texts=shelves[0],
        quarantine=quarantine,
        rulebooks=KnownRulebooks(shelves[1]),
        hasher=places.hasher,
        default_org=settings.org,
        allowed=from_sources([source.strip() for source in settings.sources.split(",") if source.strip()]),
        clock=SystemClock(),
        batch=settings.batch,
        session_s=settings.session_s,
        reached=reached,
    )
    try:
        async with _answering(settings, "intake", lambda: _of_intake(intake), lambda: _counts_of_intake(intake)):
            await host(places.topic("intake"), places.kafka, [("intake", intake.run)])
    finally:
        await quarantine.close()
        for shelf in shelves:
            await shelf.close()
        await log.close()


async def run_worker(settings: Settings, reached: Reached) -> None:
    """Runs projectors, relay, duties and reactions until it is told to stop.

    Raises:
        RefusedCommandError: a setting or a topic is missing or wrong.
        UnavailableLog: Kafka does not answer at the start, or the log is not the one that the store is of.
        UnavailableStoreError: Redis does not answer at the start, or may drop keys, or is of another log.
    """
    places = places_of(settings)
    await check_topics(places.kafka, places.prefix)
    client = connected(places.redis)
    log = await open_kafka_log(places.kafka, places.topic("log"))
    identity = Identity(await log.identity(), places.hasher.fingerprint(), ENGINE_VERSION)
    Store(client, identity, "").check_policy()
    rulebooks = KafkaShelf(places.kafka, places.topic("rulebooks"))
    facts = KafkaAppender(places.kafka, places.topic("facts"), _APPEND_S, headers_of=fact_id)
    worker = Worker(
        places.kafka,
        places.topic("log"),
        places.topic("worker"),
        log,
        client,
        identity,
        tuning=settings.tuning(),
        session_s=settings.session_s,
        reached=reached,
    )
    # A client of its own: what a projector does must not wait behind what a relay reads.
    outboxes = connect(places.redis)
    relay = Relay(outboxes, facts, reached)
    told = log, outboxes, places.hasher, SystemClock()
    duties = Duties(outboxes, DayCloser(*told), KarmaTeller(*told), RulebookTeller(rulebooks))

    def announce(app: "faust.App") -> None:
        announce_badges(app, places.topic("facts"), logging.getLogger(ANNOUNCEMENTS), Seen(outboxes, SystemClock()))

    try:
        async with _answering(
            settings, "worker", lambda: _of_worker(worker, relay, duties), lambda: _counts_of_worker(worker, relay)
        ):
            await host(
                places.topic("reactions"),
                places.kafka,
                [
                    ("relay", lambda stopping: relay.run(worker.sources, stopping)),
                    ("duties", lambda stopping: duties.run(worker.folded, stopping)),
                    ("worker", worker.run),
                ],
                agents=announce if settings.reactions else None,
            )
    finally:
        await facts.close()
        await rulebooks.close()
        await log.close()
        outboxes.close()
        client.close()


async def run_api(settings: Settings) -> None:
    """Serves the API until it is told to stop.

    Raises:
        RefusedCommandError: a setting or a topic is missing or wrong.
        UnavailableLog: Kafka does not answer at the start.
        UnavailableStoreError: Redis does not answer at the start.
    """
    from api.access import Access, Caller, Role
    from api.app import build
    from api.key_rings import SharedRing
    from api.serving import serve

    async with on_kafka(settings) as runtime:
        key = settings.key or key_of(places_of(settings))
        ring = SharedRing(runtime.redis, runtime.texts, runtime.org)
        access = Access.of({key: Caller(Role.OPERATOR)}, ring)

        def ready(address: str) -> None:
            _log.info("api listens on %s", address)
            if not settings.key:
                _log.info("the operator's key, since KARMALOG_KEY names none: %s", key)

        await serve(build(runtime, access), settings.host, settings.port, ready)


def key_of(places: Places) -> str:
    """The operator's key where none is given: made from the secret, so that every API process has the same one."""
    secret = places.hasher.identity("karmalog", "operator's key").encode()
    return f"karmalog_{hashlib.blake2b(secret, digest_size=24, person=b'karmalog.apikey').hexdigest()}"


@asynccontextmanager
async def _answering(
    settings: Settings, what: str, report: Callable[[], Report], figures: Callable[[], Figures]
) -> AsyncIterator[None]:
    async with probe(settings.host, settings.port, report, figures) as address:
        _log.info("%s runs; health and metrics at %s", what, address)
        yield
    _log.info("%s has stopped", what)


def _of_intake(intake: Intake) -> Report:
    taking = intake.taking
    more = {"read": taking.read, "taken": taking.taken, "quarantined": dict(taking.quarantined)}
    if taking.waiting == NO_RULEBOOK:
        return Report("waiting", taking.waiting, more)
    if taking.waiting:
        return Report("unavailable", taking.waiting, more)
    return Report("ok", "", more) if intake.joined else Report("waiting", "the consumer group is joined", more)


def _counts_of_intake(intake: Intake) -> Figures:
    taking = intake.taking
    counts = {"taken": taking.taken, "dropped": taking.dropped}
    counts |= {verdict.value: count for verdict, count in taking.quarantined.items()}
    return {
        "events_total": ("Events read from Kafka, by what became of them", counts),
        "events_taken_later_total": ("Events that had waited for their type", {"taken": taking.taken_later}),
    }


def _of_worker(worker: Worker, relay: Relay, duties: Duties) -> Report:
    more = {
        "partitions": len(worker.owned()),
        "positions": {part: each.progress.position for part, each in sorted(worker.projectors.items())},
        "facts": relay.relayed.facts,
    }
    broken = _first([*worker.troubles.values(), relay.relayed.waiting, duties.waiting])
    waits = _first(each.progress.waiting for each in list(worker.projectors.values()))
    if broken or "Redis" in waits:
        return Report("unavailable", broken or waits, more)
    if waits:
        return Report("waiting", waits, more)
    return Report("ok", "", more) if worker.joined else Report("waiting", "the consumer group is joined", more)


def _counts_of_worker(worker: Worker, relay: Relay) -> Figures:
    projectors = sorted(worker.projectors.items())
    return {
        "folded": (
            "Records folded since a partition was taken over",
            {str(p): o.progress.folded for p, o in projectors},
        ),
        "position": ("Position that the store has reached", {str(p): o.progress.position for p, o in projectors}),
        "facts_total": ("Facts sent", {"sent": relay.relayed.facts}),
    }


def _first(reasons: Iterable[str]) -> str:
    return next((reason for reason in reasons if reason), "")
