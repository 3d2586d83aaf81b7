"""A desk in front of a running server: commands go through its API."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, cast

import httpx

from karmalog.desk import SERVED, RefusedCommandError
from schemas.answers import BoardAnswer, BoardsAnswer, MemberAnswer
from schemas.rulebook import Rulebook
from streams.importing import Imported, Line
from streams.people import Person
from streams.publishing import Published


class ServerDesk:
    """A desk in front of a running server."""

    def __init__(self, url: str, key: str | None) -> None:
        self.url = url.rstrip("/")
        self.client = httpx.AsyncClient(
            base_url=self.url,
            headers={} if key is None else {"Authorization": f"Bearer {key}"},
            timeout=60.0,
        )

    async def _get(self, path: str, **params: Any) -> Any:
        return await self._ask("GET", path, params={name: value for name, value in params.items() if value is not None})

    async def _ask(self, method: str, path: str, **more: Any) -> Any:
        try:
            answer = await self.client.request(method, path, **more)
        except httpx.HTTPError as error:
            raise RefusedCommandError(
                f"{self.url} does not answer ({type(error).__name__}): is `karmalog serve` running there?"
            ) from error
        if answer.is_error:
            raise RefusedCommandError(_problem(answer))
        return answer.json()

    async def boards(self) -> BoardsAnswer:
        """See `Desk`."""
        return cast("BoardsAnswer", await self._get("/v1/boards"))

    async def board(
        self, board: str, *, window: str | None, by: str, top: int | None, around: str | None
    ) -> BoardAnswer:
        """See `Desk`."""
        return cast(
            "BoardAnswer",
            await self._get(f"/v1/boards/{board}", window=window, by=by, top=top, around=around),
        )

    async def member(self, member: str) -> MemberAnswer:
        """See `Desk`."""
        return cast("MemberAnswer", await self._get(f"/v1/members/{member}"))

    async def publish(self, rulebook: Rulebook, since: date | None) -> tuple[int, str]:
        """See `Desk`."""
        if since is not None:
            raise RefusedCommandError("a server takes a rulebook from the next local midnight on; leave --from out")
        now = await self.versions()
        done = await self._ask(
            "PUT", "/v1/rulebook", headers={"If-Match": f'"{now}"'}, content=json.dumps(rulebook.stored())
        )
        return done["version"], "published"

    async def versions(self) -> int:
        """See `Desk`."""
        try:
            return cast("int", (await self._get("/v1/rulebook"))["version"])
        except RefusedCommandError:
            return 0

    async def digest(self) -> tuple[str, int]:
        """See `Desk`."""
        raise RefusedCommandError("a digest is taken where the store is: stop the server and name its --data folder")

    async def people(self, people: Sequence[Person]) -> Published:
        """See `Desk`."""
        _ = people
        raise RefusedCommandError(
            "people are imported where the log is: stop the server and import into its data folder (--data), or "
            "import with KARMALOG_KAFKA and KARMALOG_REDIS"
        )

    async def load(self, lines: Iterable[Line], told: Callable[[Imported], None]) -> tuple[Imported, Mapping[str, int]]:
        """See `Desk`."""
        _ = lines, told
        raise RefusedCommandError(
            "history is imported where the log is: stop the server and import into its data folder (--data), or "
            "import with KARMALOG_KAFKA and KARMALOG_REDIS"
        )


def server_of(folder: Path) -> tuple[str, str | None] | None:
    """The server that has a data folder open, if it still answers."""
    path = folder / SERVED
    if not path.exists():
        return None
    said = json.loads(path.read_text())
    try:
        httpx.get(f"{said['url']}/health", timeout=2.0)
    except httpx.HTTPError:
        return None  # left behind by a server that was killed
    return said["url"], said["key"]


def _problem(answer: httpx.Response) -> str:
    try:
        said = answer.json()
        return f"{said.get('code', answer.status_code)}: {said.get('detail') or said.get('title')}"
    except ValueError:
        return f"{answer.request.url} answered {answer.status_code}"
