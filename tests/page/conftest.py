"""A real browser for the tests of the page, and a real server behind it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, async_playwright

from tests.api_server import RULEBOOK, rulebook, served
from tests.page.visits import Api, Server, Visitor

CHROMIUM = "/usr/bin/chromium"


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One headless Chromium for all tests of the page."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        await chromium.close()


@pytest.fixture
async def api(live_server: Server) -> AsyncIterator[Api]:
    """The API behind the page."""
    api = Api(live_server)
    yield api
    await api.client.aclose()


@pytest.fixture
async def visit(browser: Browser, live_server: Server) -> AsyncIterator[Visitor]:
    """Opens pages that are closed after the test."""
    visitor = Visitor(browser, live_server)
    yield visitor
    for context in visitor.contexts:
        await context.close()


@dataclass(frozen=True)
class Live:
    """Where the server is, and a key that may publish."""

    url: str
    key: str


@pytest.fixture(scope="session")
async def live_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Live]:
    """A real server with 5,000 reviews of 2015 and 2016; pages only look at it, and add some of their own."""
    book = rulebook(RULEBOOK.read_text(encoding="utf-8"))
    async with served(tmp_path_factory.mktemp("page"), book=book, events=5_000) as server:
        yield Live(server.url, server.key("operator"))
