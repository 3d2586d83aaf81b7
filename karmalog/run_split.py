"""The commands of the split runtime on Kafka and Redis: topics create, intake, worker, api."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from karmalog import tell
from karmalog.desk import RefusedCommandError
from karmalog.options import settings, wait_for
from streams.crash_points import RefusedCrashPoint, crash_at

if TYPE_CHECKING:
    from karmalog.settings import Settings

Host = Annotated[
    str | None, typer.Option("--host", help="The address to listen on (KARMALOG_HOST).", show_default="127.0.0.1")
]
Port = Annotated[
    int | None,
    typer.Option(
        "--port",
        min=0,
        max=65_535,
        help="The port; 0 takes a free one (KARMALOG_PORT).",
        show_default="8080",
    ),
]


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    app.command()(intake)
    app.command()(worker)
    app.command()(api)
    group = typer.Typer(help="The topics on Kafka.", no_args_is_help=True)
    group.callback()(_topics)
    group.command("create")(create_topics)
    app.add_typer(group, name="topics")


def _topics() -> None:
    """The topics on Kafka."""


def create_topics(
    *,
    partitions: Annotated[
        int, typer.Option(min=1, max=10_000, help="Of the events, the log and the facts. The log's never change.")
    ] = 64,
    replication: Annotated[
        int | None,
        typer.Option(min=1, max=32_767, help="Copies of each.", show_default="3, or as many as there are brokers"),
    ] = None,
) -> None:
    """Creates the topics with the settings they need, or says what differs. Safe to repeat."""
    from karmalog.operators import kafka_of
    from streams import topics

    where = settings()
    wrong = wait_for(topics.create(kafka_of(where), partitions, replication, where.topics))
    if wrong:
        raise RefusedCommandError("the topics on Kafka are not what karmalog needs:\n" + "\n".join(wrong))
    names = [topic.name for topic in topics.topics(where.topics, None)]
    tell.note(f"{', '.join(names)}: all there, with the settings they need")


def intake(*, host: Host = None, port: Port = None) -> None:
    """Takes events from Kafka into the log. What cannot be taken goes to quarantine with its reason."""
    from karmalog.hosting import run_intake

    where = _prepared(settings(host=host, port=port))
    wait_for(run_intake(where, _reached()))


def worker(*, host: Host = None, port: Port = None) -> None:
    """Folds the log into Redis, sends facts, and reacts to them."""
    from karmalog.hosting import run_worker

    where = _prepared(settings(host=host, port=port))
    wait_for(run_worker(where, _reached()))


def api(*, host: Host = None, port: Port = None) -> None:
    """Serves API and page from Redis and Kafka. Start as many as you like."""
    from karmalog.hosting import run_api

    where = _prepared(settings(host=host, port=port))
    wait_for(run_api(where))


def _prepared(where: "Settings") -> "Settings":
    """Sends logs to standard output, and makes Python run as suits a process that folds."""
    from karmalog import log_lines
    from streams.interpreter import calm

    log_lines.begin()
    calm()
    return where


def _reached() -> Callable[[str], None]:
    try:
        return crash_at(os.environ.get("KARMALOG_CRASH_AT"))
    except RefusedCrashPoint as error:
        raise RefusedCommandError(str(error)) from error
