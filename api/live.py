"""Boards that keep coming: one loop for all listeners, one computation and one text per distinct view.

A view is pushed when its rows change. Where only the position moved on, its newest answer takes the place
of the next heartbeat, so that what a page says about its age stays true.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from pydantic_core import to_json

from api.problems import UnavailableError
from api.reading import Reader, Token
from schemas.answers import BoardAnswer, CohortAnswer, RoundAnswer
from schemas.words import MemberId
from streams.boards import BoardQuery

HEARTBEAT_S = 15.0
"""At least this often something is sent, so that a dead line is noticed."""

LISTENERS_MAX = 10_000
_PACE_S = 0.1  # a view is pushed at most this often
_SHARE = 4  # pauses are this many times as long as the work, so that many views do not slow the fold down
_WAIT_S = 1.0
_BEAT = b": beat\n\n"

View = tuple[BoardQuery, MemberId | None]
"""What is asked, and the member who asks, whose row is marked."""


@dataclass(slots=True)
class Channel:
    """One view and its newest answer as text."""

    text: bytes
    shown: object  # what a change is measured by
    changed: asyncio.Event = field(default_factory=asyncio.Event)  # replaced by a new one at every change
    listeners: int = 0
    idle: bool = False  # nobody listened when the loop last looked
    ended: bool = False

    def wake(self) -> None:
        """Tells all listeners."""
        self.changed.set()
        self.changed = asyncio.Event()

    def end(self) -> None:
        """Lets all listeners go."""
        self.ended = True
        self.wake()


def marked(answer: BoardAnswer | RoundAnswer | CohortAnswer, you: MemberId | None) -> bytes:
    """An answer as JSON, with the row of the one who asks marked."""
    if you is None:
        return to_json(answer)
    rows = [{**row, "you": True} if row.get("member") == you else row for row in answer["rows"]]
    return to_json({**answer, "rows": rows})


class Live:
    """The views that are being listened to."""

    def __init__(self, reader: Reader, *, heartbeat_s: float = HEARTBEAT_S) -> None:
        self.reader = reader
        self.heartbeat_s = heartbeat_s
        self._channels: dict[View, Channel] = {}
        self._loop: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def listeners(self) -> int:
        """How many listen now."""
        return sum(channel.listeners for channel in self._channels.values())

    async def join(self, view: View) -> Channel:
        """The channel of a view, with an answer in it.

        Raises:
            UnavailableError: CLOSING or TOO_MANY_LISTENERS; and what the answer raises.
        """
        if self._closed:
            raise UnavailableError("CLOSING", "this server is about to stop; ask again")
        if self.listeners >= LISTENERS_MAX:
            raise UnavailableError("TOO_MANY_LISTENERS", "too many listen already; ask again", retry_after_s=15)
        answer = await self.reader.board(view[0])
        channel = self._channels.get(view)
        if channel is None:
            channel = self._channels[view] = Channel(_event(answer, view[1]), _shown(answer))
        if self._loop is None or self._loop.done():
            self._loop = asyncio.create_task(self._run())
        return channel

    async def listen(self, view: View, channel: Channel) -> AsyncIterator[bytes]:
        """The texts of a channel, from its newest on, until the listener leaves or the server stops."""
        channel.listeners += 1
        channel.idle = False
        sent = b""
        try:
            yield b"retry: 1000\n\n"
            while not channel.ended:
                changed = channel.changed
                if channel.text is not sent:
                    sent = channel.text
                    yield sent
                    continue  # it may have changed again while this was on its way
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), self.heartbeat_s)
                    continue
                if channel.text is sent:
                    yield _BEAT
        finally:
            channel.listeners -= 1
            if channel.listeners == 0 and self._channels.get(view) is channel:
                del self._channels[view]

    def close(self) -> None:
        """Ends every stream."""
        self._closed = True
        self._end_all()
        if self._loop is not None:
            self._loop.cancel()

    def _end_all(self) -> None:
        for channel in self._channels.values():
            channel.end()
        self._channels.clear()

    async def _run(self) -> None:
        clock = asyncio.get_running_loop().time
        token = None
        while self._channels:
            began = clock()
            now = await self.reader.token()
            if now != token:
                token = now
                for view, channel in list(self._channels.items()):
                    await self._refresh(view, channel)
            self._drop_idle()
            await asyncio.sleep(max(_PACE_S, _SHARE * (clock() - began)))
            await self._moved(token)

    def _drop_idle(self) -> None:
        """Forgets views whose listener was gone before it began to listen."""
        for view, channel in list(self._channels.items()):
            if channel.listeners == 0 and channel.idle:
                del self._channels[view]
            channel.idle = channel.listeners == 0

    async def _moved(self, token: Token) -> None:
        """Waits for the store to move on; a second at most, since time moves windows too."""
        if self.reader.runtime.projector is None:
            await asyncio.sleep(_PACE_S)
        elif await self.reader.token() == token:
            await self.reader.runtime.reach(token[0] + 1, _WAIT_S)

    async def _refresh(self, view: View, channel: Channel) -> None:
        """Works a view out again. Where that fails its streams end: who asks again is told why."""
        try:
            answer = await self.reader.board(view[0])
        except Exception:  # noqa: BLE001 - whatever it is, the listener hears of it when it asks again
            if self._channels.pop(view, None) is not None:
                channel.end()
            return
        shown = _shown(answer)
        channel.text = _event(answer, view[1])
        if shown != channel.shown:
            channel.shown = shown
            channel.wake()


def _shown(answer: BoardAnswer) -> object:
    """Everything but the position and the clock, which move with every event of the organisation."""
    return {name: value for name, value in answer.items() if name not in {"position", "clock"}}


def _event(answer: BoardAnswer, you: MemberId | None) -> bytes:
    return b"id: %d\nevent: board\ndata: %s\n\n" % (answer["position"], marked(answer, you))
