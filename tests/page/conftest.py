"""A real browser for the tests of the page; `live_server` comes from the floor above."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, async_playwright

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
