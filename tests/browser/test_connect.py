"""A person follows a connect link in a real browser."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from google_workspace_mcp.core.clock import SystemClock
from google_workspace_mcp.core.google.endpoints import ISSUER
from google_workspace_mcp.core.http.server import RunningServer, listen
from google_workspace_mcp.core.principal import Caller, Principal
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN
from tests.browser.chromium import Window, window
from tests.clients.deployment import Deployment, sample_google
from tests.support.stack import running
from tests.support.vault import Vault

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

_PAGE = '<!doctype html><html lang="en"><title>Back</title><link rel="icon" href="data:,"><h1>Back at the agent</h1>'


class Agent:
    """A web application that asks for links and is returned to."""

    def __init__(self) -> None:
        self.listener = listen()
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.answers: list[dict[str, str]] = []

    @contextmanager
    def serving(self) -> Generator[None]:
        async def back(request: Request) -> HTMLResponse:
            self.answers.append(dict(request.query_params))
            return HTMLResponse(_PAGE)

        with RunningServer(Starlette(routes=[Route("/back", back)]), self.listener):
            yield


@pytest.fixture
def agent() -> Generator[Agent]:
    agent = Agent()
    with agent.serving():
        yield agent


@pytest.fixture
def deployment(agent: Agent, tmp_path: Path) -> Generator[Deployment]:
    with (
        sample_google() as google,
        running(google, tmp_path, prefix="/ws", return_urls=(f"{agent.url}/back",)) as stack,
    ):
        yield Deployment(stack, stack.settings.base_url)


def link(deployment: Deployment, caller: Caller, **wish: Any) -> str:
    """Made by a task of its own, in a thread of its own: Playwright's loop runs in this one."""
    return Vault.of(deployment.stack, SystemClock()).make_link(caller, **wish)


AGENTS_USER = Caller(Principal("https://agent.example", "user-7"), "core", frozenset())


def sign_in(view: Window, deployment: Deployment, person: str) -> None:
    view.page.goto(f"{deployment.base}/account")
    view.page.get_by_role("button", name="Sign in with Google").click()
    view.page.get_by_role("link", name=person).click()
    view.page.get_by_role("button", name="Allow").click()
    expect(view.page.get_by_text(f"Signed in as {person}")).to_be_visible()


def test_an_agents_user_connects_and_comes_back_also_when_google_asks_nothing(
    browser: Browser, deployment: Deployment, agent: Agent
) -> None:
    wish = {"expected_email": BEN.email, "return_url": f"{agent.url}/back", "allow": ("gmail", "calendar.read")}
    with window(browser, "connect", deployment.base, deployment.google.url, agent.url) as view:
        page = view.page
        page.goto(link(deployment, AGENTS_USER, **wish, state="one"))
        expect(page.get_by_role("heading", name=f"Let agent.example use {BEN.email}?")).to_be_visible()
        view.shoot("1-agent")
        page.get_by_role("button", name="Continue to Google").click()
        page.get_by_role("button", name="Allow").click()
        expect(page.get_by_role("heading", name="Back at the agent")).to_be_visible()
        # A chain of redirects answers this form, over Google and back: the policy of the page must allow all of it.
        page.goto(link(deployment, AGENTS_USER, **wish, state="two"))
        page.get_by_role("button", name="Continue to Google").click()
        expect(page.get_by_role("heading", name="Back at the agent")).to_be_visible()
    assert [(answer["state"], answer["status"]) for answer in agent.answers] == [
        ("one", "connected"),
        ("two", "connected"),
    ]


def test_a_person_signs_in_first_and_adds_an_account(browser: Browser, deployment: Deployment) -> None:
    caller = Caller(Principal(ISSUER, ALICE.subject), "some-client", frozenset())
    with window(browser, "add", deployment.base, deployment.google.url) as view:
        page = view.page
        page.goto(link(deployment, caller))
        expect(page.get_by_role("heading", name="Sign in first")).to_be_visible()
        view.shoot("1-sign-in-first")
        page.get_by_role("button", name="Sign in with Google").click()
        page.get_by_role("link", name=ALICE.email).click()
        page.get_by_role("button", name="Allow").click()
        expect(page.get_by_role("heading", name="Connect a Google account for")).to_be_visible()
        view.shoot("2-add")
        page.get_by_role("button", name="Continue to Google").click()
        page.get_by_role("link", name=BEN.email).click()
        page.get_by_role("button", name="Allow").click()
        expect(page.get_by_role("heading", name=f"{BEN.email} is connected")).to_be_visible()
        view.shoot("3-connected")
        page.get_by_role("link", name="your account page").click()
        expect(page.get_by_role("heading", level=2, name=BEN.email)).to_be_visible()
        page.get_by_role("button", name=f"Connect {ALICE.email}").click()
        page.get_by_role("button", name="Allow").click()
        expect(page.get_by_role("heading", level=2, name=ALICE.email)).to_be_visible()
        expect(page.get_by_text("(default)")).to_have_count(1)
        view.shoot("4-two-accounts")
        page.get_by_role("button", name="Make default").click()
        expect(page.get_by_role("heading", level=2, name=f"{BEN.email} (default)")).to_be_visible()


def test_a_link_of_somebody_else_warns_and_leads_nowhere(browser: Browser, deployment: Deployment) -> None:
    caller = Caller(Principal(ISSUER, ALICE.subject), "some-client", frozenset())
    with window(browser, "lured", deployment.base, deployment.google.url) as view:
        sign_in(view, deployment, BEN.email)
        view.page.goto(link(deployment, caller))
        expect(view.page.get_by_role("heading", name="This link is somebody else's")).to_be_visible()
        expect(view.page.get_by_role("button")).to_have_count(0)
        view.shoot("1-somebody-elses")
        assert view.complaints.pop().startswith("Failed to load resource")
