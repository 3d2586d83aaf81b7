"""A desk in front of a running server: commands go through its API."""

from __future__ import annotations  # the types of answers need not be there

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import quote, urlsplit

from karmalog.desk import FOLD_WAIT_S, SERVED, NothingFoldedError, RefusedCommandError
from karmalog.server_karma import ServerKarma
from schemas.answers import TOP_MAX

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    import httpx

    from api.rulebook import RulebookAnswer
    from schemas.answers import BoardAnswer, BoardsAnswer, MemberAnswer
    from schemas.fairness_answers import AlertsAnswer, OneAlertAnswer
    from schemas.karma_answers import OutcomeAnswer
    from schemas.rulebook import Rulebook
    from schemas.words import MemberId
    from streams.bringing_people import Brought
    from streams.importing import Imported, Line
    from streams.people import Table
    from streams.texts import Reference

_REFERENCES: Final = 50  # texts deleted by one request, whose address cannot be long
_HERE: Final = {"127.0.0.1", "localhost", "::1", "0.0.0.0"}  # no proxy stands before this machine  # noqa: S104
_ANSWER_S: Final = 60.0
_DIGEST_S: Final = 3_600.0  # it reads every score and every member


class RefusedByServerError(RefusedCommandError):
    """A server said no; `code` is stable."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code


class ServerDesk:
    """A desk in front of a running server."""

    def __init__(self, url: str, key: str | None) -> None:
        import httpx

        if not url.startswith(("http://", "https://")):
            raise RefusedCommandError(
                f"{url!r} is no address of a server: write it whole, such as http://127.0.0.1:8080 (--url or "
                "KARMALOG_URL)"
            )
        self.url = url.rstrip("/")
        self.client = httpx.AsyncClient(
            base_url=self.url,
            headers={} if key is None else {"Authorization": f"Bearer {key}"},
            timeout=_ANSWER_S,
            trust_env=urlsplit(self.url).hostname not in _HERE,
        )
        self.karma = ServerKarma(self)

    async def get(self, path: str, **params: Any) -> Any:
        """What the server answers; parameters that are None are left out."""
        return await self.ask("GET", path, params={name: value for name, value in params.items() if value is not None})

    async def ask(self, method: str, path: str, **more: Any) -> Any:
        """What the server answers.

        Raises:
            RefusedByServerError: it said no.
            RefusedCommandError: it said nothing.
        """
        import httpx

        try:
            answer = await self.client.request(method, path, **more)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise RefusedCommandError(
                f"{self.url} does not answer ({type(error).__name__}): is `karmalog serve` running there, and is the "
                "address right (--url or KARMALOG_URL)?"
            ) from error
        if answer.is_error:
            raise self._problem(answer)
        try:
            return answer.json()
        except ValueError:
            raise RefusedCommandError(
                f"{self.url} answers, but not as karmalog does: check the address (--url or KARMALOG_URL)"
            ) from None

    def _problem(self, answer: httpx.Response) -> RefusedCommandError:
        try:
            said = answer.json()
            code, detail = str(said["code"]), str(said["detail"])
        except (KeyError, TypeError, ValueError):
            return RefusedCommandError(
                f"{answer.request.url} answered {answer.status_code}, and not as karmalog does: check the address "
                "(--url or KARMALOG_URL)"
            )
        if code == "NO_KEY":
            detail = "this server takes a key: set KARMALOG_KEY"
        elif code == "UNKNOWN_KEY":
            detail = "the server does not know the key in KARMALOG_KEY: take the one of its first start, or ask for one"
        return RefusedByServerError(code, detail)

    # Answers.

    async def boards(self) -> BoardsAnswer:
        """See `Desk`."""
        return cast("BoardsAnswer", await self.get("/v1/boards"))

    async def board(
        self, board: str, *, window: str | None, by: str, top: int | None, around: str | None
    ) -> BoardAnswer:
        """See `Desk`."""
        rows = None if top is None else min(top, TOP_MAX)
        found = await self.get(f"/v1/boards/{_segment(board)}", window=window, by=by, top=rows, around=around)
        return cast("BoardAnswer", found)

    async def member(self, member: str) -> MemberAnswer:
        """See `Desk`."""
        return cast("MemberAnswer", await self.get(f"/v1/members/{_segment(member)}"))

    async def digest(self) -> tuple[str, int]:
        """See `Desk`."""
        await self.folded((await self.get("/health"))["end"], lambda: None)
        found = await self.ask("GET", "/v1/digest", timeout=_DIGEST_S)
        return found["digest"], found["position"]

    # What goes into the log.

    async def publish(self, rulebook: Rulebook, since: date | None, removed: Sequence[str]) -> tuple[int, str]:
        """See `Desk`."""
        now = await self.versions()
        params: dict[str, Any] = {} if since is None else {"from": since.isoformat()}
        done = await self.ask(
            "PUT",
            "/v1/rulebook",
            params=params | {"remove": list(removed)},
            headers={"If-Match": f'"{now}"', "Content-Type": "application/json"},
            content=json.dumps(rulebook.stored()),
        )
        return done["version"], "in force for all time" if done["from"] is None else f"in force from {done['from']} on"

    async def newest(self) -> Rulebook | None:
        """See `Desk`."""
        from schemas.rulebook import Rulebook

        found = await self._rulebook()
        return None if found is None else Rulebook.model_validate(found["rulebook"])

    async def versions(self) -> int:
        """See `Desk`."""
        found = await self._rulebook()
        return 0 if found is None else found["version"]

    async def _rulebook(self) -> RulebookAnswer | None:
        """The rulebook that was published last, with its version."""
        try:
            return cast("RulebookAnswer", await self.get("/v1/rulebook"))
        except RefusedByServerError as error:
            if error.code == "NO_RULEBOOK":
                return None
            raise

    async def people(self, table: Table) -> Brought:
        """See `Desk`."""
        from streams.bringing_people import Brought

        done = await self.ask("POST", "/v1/members", headers={"Content-Type": "text/csv"}, content=table.text.encode())
        if done["appended"]:
            await self.folded(done["position"], lambda: None)
        return Brought(
            done["members"], done["appended"], [f"{each['code']}: {each['detail']}" for each in done["refused"]]
        )

    async def texts(self, member: MemberId) -> Mapping[Reference, Mapping[str, str]]:
        """See `Desk`."""
        found = await self.get("/v1/texts", member=member)
        return {each["reference"]: each["texts"] for each in found["texts"]}

    async def delete_texts(self, references: Sequence[Reference]) -> int:
        """See `Desk`."""
        deleted = 0
        for start in range(0, len(references), _REFERENCES):
            part = references[start : start + _REFERENCES]
            deleted += (await self.ask("DELETE", "/v1/texts", params={"reference": list(part)}))["deleted"]
        return deleted

    async def alerts(self, by: str | None) -> AlertsAnswer:
        """See `Desk`."""
        return cast("AlertsAnswer", await self.get("/v1/fairness/alerts", by=by))

    async def alert(self, alert: str, by: str | None) -> OneAlertAnswer:
        """See `Desk`."""
        return cast("OneAlertAnswer", await self.get(f"/v1/fairness/alerts/{_segment(alert)}", by=by))

    async def decide(self, alert: str, step: str, said: dict[str, str]) -> OutcomeAnswer:
        """See `Desk`."""
        done = await self.ask("POST", f"/v1/fairness/alerts/{_segment(alert)}/{step}", json=said)
        return cast("OutcomeAnswer", done)

    async def load(self, lines: Iterable[Line], told: Callable[[Imported], None]) -> tuple[Imported, Mapping[str, int]]:
        """See `Desk`."""
        from karmalog.server_history import load

        return await load(self, lines, told)

    async def folded(self, position: int, told: Callable[[], None]) -> None:
        """Waits as long as the store moves."""
        last, waited_s = -1, 0.0
        while True:
            try:
                await self.get("/v1/rulebook", after=position)
            except RefusedByServerError as error:
                if error.code != "NOT_YET":
                    raise
            else:
                return
            told()
            health = await self.get("/health")
            waited_s = waited_s + _REACH_S if health["position"] == last else 0.0
            last = health["position"]
            if waited_s >= FOLD_WAIT_S:
                raise NothingFoldedError(
                    f"nothing has been folded for {waited_s:.0f} s: the log ends at {health['end']}, the store stands "
                    f"at {last}. " + (health["detail"] or "Is a worker running? Start one: karmalog worker")
                )


_REACH_S: Final = 5.0  # so long a server waits before it says NOT_YET


def server_of(folder: Path) -> tuple[str, str | None] | None:
    """The server that has a data folder open, if it still answers."""
    path = folder / SERVED
    if not path.exists():
        return None
    import httpx

    try:
        said = json.loads(path.read_text())
        url, key = str(said["url"]), str(said["key"])
        answer = httpx.get(f"{url}/v1/keys", headers={"Authorization": f"Bearer {key}"}, timeout=2.0, trust_env=False)
    except (OSError, ValueError, KeyError, httpx.HTTPError):
        return None  # left behind by a server that was killed
    # Somebody else's server may have the address by now; it does not know the key.
    return None if answer.status_code in {401, 404} else (url, key)


def _segment(text: str) -> str:
    """A part of a path, whatever stands in it."""
    return quote(text, safe="")
