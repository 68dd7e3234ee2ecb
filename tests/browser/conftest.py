"""Chromium once a module, a service of its own for every test."""

from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import ChromiumMissingError, launched
from tests.browser.program import Program, listening_program
from tests.clients.deployment import Deployment, sample_google
from tests.support.stack import running


@pytest.fixture(scope="module")
def browser() -> Generator[Browser]:
    """Not for the whole session: as long as it lives its event loop runs in this thread, and no asyncio test could."""
    with sync_playwright() as playwright:
        try:
            with launched(playwright) as browser:
                yield browser
        except ChromiumMissingError as error:
            pytest.skip(str(error))


@pytest.fixture
def deployment(tmp_path: Path) -> Generator[Deployment]:
    """Without a proxy in between: cookies are the browser's alone."""
    with sample_google() as google, running(google, tmp_path, prefix="/ws") as stack:
        yield Deployment(stack, stack.settings.base_url)


@pytest.fixture
def program(deployment: Deployment) -> Generator[Program]:
    with listening_program(deployment.base, "Paper Crane") as program:
        yield program
