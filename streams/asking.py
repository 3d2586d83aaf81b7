"""One call to the store for one answer: whatever it reads belongs to one position, and is read where Redis is full too.

What an answer reads hangs on the rulebooks (which board has which number, which window is asked). So reads are made
with the rulebooks that were known last, and made again where the call finds others.
"""

from collections.abc import Callable, Sequence
from hashlib import sha1
from importlib import resources
from typing import Any, cast

import redis
from pydantic_core import from_json

from streams.keys import Keys
from streams.known import Known, UnknownError, Versions

Read = tuple[str, Sequence[str], Sequence[str | int]]
"""(command, keys, arguments): a command of Redis that reads, or one of `ask.lua`'s own."""

_SCRIPT = resources.files("streams").joinpath("ask.lua").read_text()
_SHA = sha1(_SCRIPT.encode()).hexdigest()  # noqa: S324  how Redis names scripts
_NOTHING = (b"", b"", b"")


class Asking:
    """Asks for one organisation, and keeps what it has learned until that changes; may be used by many threads."""

    def __init__(self, client: "redis.Redis", keys: Keys) -> None:
        self.client = client
        self.keys = keys
        self._known: Known | None = None

    def ask(self, reads: Callable[[Versions], Sequence[Read]] = lambda _: ()) -> tuple[Known, list[Any]]:
        """The organisation at its newest position, and the replies to reads at that position.

        `reads` says what to read under some versions of the rulebook; what it raises stands, if they are the newest.

        Raises:
            UnknownError: NO_RULEBOOK, where nothing was folded yet; and what `reads` raises.
        """
        while True:
            before, wanted, refusal = self._known, cast("Sequence[Read]", ()), None
            if before is not None:
                try:
                    wanted = reads(before.versions)
                except UnknownError as error:
                    refusal = error
            known, replies = self._call(before, wanted)
            self._known = known
            if before is not None and known is not None and known.versions is before.versions:
                if refusal is not None:
                    raise refusal
                return known, replies

    def _call(self, before: Known | None, reads: Sequence[Read]) -> tuple[Known | None, list[Any]]:
        """One round trip; None where what was known before is no longer true."""
        at, books = (_NOTHING, 0) if before is None else (before.at, len(before.plans))
        keys = [self.keys.checkpoint, self.keys.state, self.keys.books]
        arguments: list[Any] = [*at, books]
        for command, named, values in reads:
            keys += named
            arguments += (command, len(named), len(values), *values)
        found, state, blobs, replies = self._run(len(keys), [*keys, *arguments])
        now = cast("tuple[bytes, bytes, bytes]", tuple(part or b"" for part in found))
        if before is not None and now == at and blobs is None:
            return before, replies
        if state is None or blobs == []:
            raise UnknownError(
                "NO_RULEBOOK",
                "no rulebook is published yet, so there is nothing to show: karmalog rules apply FILE",
            )
        read = from_json(state)
        if blobs is not None:
            return Known(now, Versions.of(blobs, read["catalogue"]), read), replies
        if before is None or not before.versions.hold(read["catalogue"]):
            return None, replies
        return Known(now, before.versions, read), replies

    def _run(self, key_count: int, arguments: Sequence[Any]) -> Any:
        try:
            return self.client.evalsha_ro(_SHA, key_count, *arguments)
        except redis.exceptions.NoScriptError:  # it has restarted: the script is there from now on
            return self.client.eval_ro(_SCRIPT, key_count, *arguments)
