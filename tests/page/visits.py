"""A person at the page, and the server behind it to compare with what the person sees."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import httpx
from playwright.async_api import Browser, BrowserContext, Page

PROBES = Path(__file__).parent / "probes.js"


class Server(Protocol):
    """A running karmalog with a history of reviews; its key may publish.

    Its first board counts `code_review.given` of the subject and has the windows month, year and all; the
    history reaches from June 2015 to January 2016 at least. The tests know no name and no number of it: what
    they expect is asked of the API first.
    """

    url: str
    key: str


class Api:
    """The server's answers, for comparison."""

    def __init__(self, server: Server) -> None:
        headers = {"authorization": f"Bearer {server.key}"}
        self.client = httpx.AsyncClient(base_url=server.url, headers=headers, trust_env=False)

    async def get(self, path: str, **params: str) -> dict[str, Any]:
        """The JSON answer of a path."""
        answer = await self.client.get(path, params=params)
        answer.raise_for_status()
        body: dict[str, Any] = answer.json()
        return body

    async def first_board(self) -> dict[str, Any]:
        """The entry of the board that the page opens with."""
        entry: dict[str, Any] = (await self.get("/v1/boards"))["boards"][0]
        return entry

    async def board(self, window: str, by: str = "member") -> dict[str, Any]:
        """The first board as it stands."""
        entry = await self.first_board()
        return await self.get(f"/v1/boards/{entry['board']}", window=window, by=by, top=str(entry["top"]))

    async def order(self) -> list[str]:
        """The members on the first board of all time, from the top."""
        return [row["member"] for row in (await self.board("all"))["rows"]]

    async def review(self, member: str, count: int) -> None:
        """Publishes reviews of one member, now, each of another change."""
        for start in range(0, count, 200):
            events = [review_of(member) for _ in range(min(200, count - start))]
            kind = {"content-type": "application/cloudevents-batch+json"}
            answer = await self.client.post("/v1/events", json=events, headers=kind)
            assert answer.status_code == 202, answer.text

    async def swap(self) -> tuple[str, str]:
        """Lets somebody on the first page of all time overtake the next above: who rose, who was passed."""
        rows = (await self.board("all"))["rows"]
        pairs = [(above, below) for above, below in itertools.pairwise(rows) if above["score"] > below["score"]]
        above, below = min(pairs, key=lambda pair: pair[0]["score"] - pair[1]["score"])
        await self.review(below["member"], above["score"] - below["score"] + 1)
        return below["member"], above["member"]


def review_of(member: str) -> dict[str, Any]:
    """One review that was given now."""
    return {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": "/tests/page",
        "type": "code_review.given",
        "subject": member,
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "data": {"author": "someone-else", "repository": "page", "change": uuid4().hex},
    }


@dataclass
class Visit:
    """One browser tab on the page, and everything that it asked for and complained about."""

    page: Page
    context: BrowserContext
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    async def rows(self) -> list[dict[str, Any]]:
        """Waits for rows and returns them as a person reads them: rank, who, score, share."""
        await self.page.wait_for_function("() => probes.rows().length > 0")
        shown: list[dict[str, Any]] = await self.page.evaluate("probes.rows()")
        return shown

    async def order(self) -> list[str]:
        """The names on the board, from the top."""
        return [row["who"] for row in await self.rows()]

    async def until_above(self, upper: str, lower: str) -> None:
        """Waits until one name stands above another."""
        stands = "([upper, lower]) => { const all = probes.rows().map(row => row.who);"
        stands += " return all.includes(upper) && all.indexOf(upper) < all.indexOf(lower); }"
        await self.page.wait_for_function(stands, arg=[upper, lower])


class Visitor:
    """Opens the page, each time as somebody new."""

    def __init__(self, browser: Browser, server: Server) -> None:
        self.browser = browser
        self.server = server
        self.contexts: list[BrowserContext] = []

    async def __call__(self, fragment: str | None = None, *, width: int = 1280, **looks: Any) -> Visit:
        """Opens `/#fragment`, with the key and all time where none is given, in a window 900 px high."""
        size = {"width": width, "height": 900}
        context = await self.browser.new_context(viewport=size, locale="en-GB", timezone_id="UTC", **looks)
        self.contexts.append(context)
        await context.add_init_script(path=PROBES)
        visit = Visit(await context.new_page(), context)
        visit.page.on("request", lambda request: visit.requests.append(request.url))
        visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        visit.page.on("console", lambda said: said.type == "error" and visit.complaints.append(said.text))
        await visit.page.goto(f"{self.server.url}/#{self.opening() if fragment is None else fragment}")
        return visit

    def opening(self, **more: str) -> str:
        """A fragment with the key and what the address should choose."""
        return str(httpx.QueryParams({"key": self.server.key, "window": "all", **more}))
