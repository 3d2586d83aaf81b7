"""The Faust app that hosts what runs without end: consumers of our own as services, reactions as agents.

Faust brings the life cycle of services and agents. It must not open a web server, make topics or folders, or take
over the process's output and signals; what it would do by default is switched off here.
"""

import asyncio
import shutil
import signal
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import cast

import faust
import mode

Work = Callable[[asyncio.Event], Awaitable[None]]
"""What runs until the event is set, and finishes what is under way before it returns."""

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Hosted(mode.Service):
    """One work as a service: started with the app, told to stop with it, waited for."""

    abstract = False
    mundane_level = "debug"

    def __init__(self, name: str, work: Work) -> None:
        super().__init__()
        self.name = name
        self._work = work
        self._stopping = asyncio.Event()
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._task: asyncio.Task[None] | None = None

    def _repr_name(self) -> str:
        return self.name

    async def on_start(self) -> None:
        """Starts the work."""
        self._task = asyncio.create_task(self._run())

    async def on_stop(self) -> None:
        """Lets the work finish; how it ended stands in `ended`."""
        self._stopping.set()
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        try:
            await self._work(self._stopping)
        except Exception as error:  # noqa: BLE001 - whoever waits for `ended` raises it
            self.ended.set_exception(error)
        else:
            self.ended.set_result(None)


class _Worker(faust.Worker):
    """Faust's own worker without its hands on output, logging and signals."""

    def __init__(self, app: faust.App, *services: mode.Service) -> None:
        super().__init__(
            app,
            *services,
            loop=asyncio.get_running_loop(),
            override_logging=False,
            redirect_stdouts=False,
            quiet=True,
            daemon=False,
        )
        self.spinner = None

    def install_signal_handlers(self) -> None:
        """Signals are ours: `host` waits until everything has stopped."""


def app_of(name: str, bootstrap: str, folder: Path) -> faust.App:
    """An app whose agents read from Kafka as the group `name`; it makes no topic and opens no port.

    Args:
        name: The app's, and the consumer group of its agents.
        bootstrap: Kafka's addresses, `host:port` separated by commas.
        folder: For what Faust keeps; nothing of ours.
    """
    return faust.App(
        name,
        broker=[f"kafka://{address.strip()}" for address in bootstrap.split(",")],
        store="memory://",
        datadir=folder,
        autodiscover=False,
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        stream_wait_empty=False,
    )


async def host(
    name: str,
    bootstrap: str,
    works: Sequence[tuple[str, Work]],
    *,
    agents: Callable[[faust.App], None] | None = None,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Runs works, and agents beside them, until SIGTERM or SIGINT, or until a work fails; then stops them in order.

    Raises:
        Exception: what the first work raised that failed.
    """
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in _SIGNALS:
        loop.add_signal_handler(each, told.set)
    folder = Path(tempfile.mkdtemp(prefix="karmalog-faust-"))
    try:
        app = app_of(name, bootstrap, folder)
        if agents is None:
            app.producer_only = True  # without an agent there is nothing to read, and nothing of Faust's to write
            app.boot_strategy.enable_kafka = False
        else:
            agents(app)
        services = [Hosted(label, work) for label, work in works]
        worker = _Worker(app, *services)
        starting = asyncio.ensure_future(worker.start())
        asked: asyncio.Future[object] = asyncio.ensure_future(told.wait())
        ends = [service.ended for service in services]
        ready()
        either: list[asyncio.Future[object]] = [asked, *cast("list[asyncio.Future[object]]", ends)]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        await worker.stop()
        asked.cancel()
        starting.cancel()
        await asyncio.gather(starting, asked, return_exceptions=True)
        for failed in ends:
            if failed.done():
                failed.result()
    finally:
        for each in _SIGNALS:
            loop.remove_signal_handler(each)
        shutil.rmtree(folder, ignore_errors=True)
