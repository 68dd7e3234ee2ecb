"""A person signs a program in and out again, in a real browser."""

import json
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chromium import Window, window
from tests.browser.program import Program
from tests.clients.deployment import Deployment
from tests.support.stack import CLIENT_ID

ALICE = "alice@example.com"
DRIVE = "https://www.googleapis.com/auth/drive"

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


def sign_in(view: Window, program: Program, *, untick: tuple[str, ...] = (), shoot: bool = False) -> None:
    """From the program's address through all pages, back to the program."""
    page = view.page
    page.goto(program.address())
    expect(page.get_by_role("heading", name="Let Paper Crane use your Google account?")).to_be_visible()
    if shoot:
        view.shoot("1-consent")
    page.get_by_role("button", name="Continue to Google").click()
    expect(page.get_by_role("heading", name="Choose an account")).to_be_visible()
    if shoot:
        view.shoot("2-google-chooser")
    page.get_by_role("link", name=ALICE).click()
    expect(page.get_by_role("button", name="Allow")).to_be_visible()
    for scope in untick:
        page.locator(f'input[value="{scope}"]').uncheck()
    if shoot:
        view.shoot("3-google-consent")
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_role("heading", name="Back at the program")).to_be_visible()


def test_a_program_is_signed_in_with_what_the_person_left_ticked(
    browser: Browser, deployment: Deployment, program: Program
):
    with window(browser, "sign-in", deployment.base, deployment.google.url, program.url) as view:
        sign_in(view, program, untick=(DRIVE, f"{DRIVE}.readonly"), shoot=True)
    answer = program.answers[0]
    assert answer["state"] == program.state
    assert answer["iss"].rstrip("/") == deployment.base
    scopes = program.redeem(answer["code"])["scope"].split()
    assert "gmail.read" in scopes
    assert not [scope for scope in scopes if scope.startswith("drive.")]


def test_who_signs_in_again_is_not_asked_by_google_what_was_allowed_before(
    browser: Browser, deployment: Deployment, program: Program
):
    with window(browser, "again", deployment.base, deployment.google.url, program.url) as view:
        sign_in(view, program)
        view.page.goto(program.address())
        view.page.get_by_role("button", name="Continue to Google").click()
        view.page.get_by_role("link", name=ALICE).click()
        expect(view.page.get_by_role("heading", name="Back at the program")).to_be_visible()
    assert "code" in program.answers[1]


def test_who_cancels_on_the_first_page_goes_back_without_a_code(
    browser: Browser, deployment: Deployment, program: Program
):
    with window(browser, "cancel", deployment.base, program.url) as view:
        view.page.goto(program.address())
        view.page.get_by_role("button", name="Cancel").click()
        expect(view.page.get_by_role("heading", name="Back at the program")).to_be_visible()
    assert program.answers[0]["error"] == "access_denied"
    assert "code" not in program.answers[0]


def test_who_cancels_at_google_goes_back_without_a_code(browser: Browser, deployment: Deployment, program: Program):
    with window(browser, "cancel", deployment.base, deployment.google.url, program.url) as view:
        view.page.goto(program.address())
        view.page.get_by_role("button", name="Continue to Google").click()
        view.page.get_by_role("link", name=ALICE).click()
        view.page.get_by_role("button", name="Cancel").click()
        expect(view.page.get_by_role("heading", name="Back at the program")).to_be_visible()
    assert program.answers[0]["error"] == "access_denied"
    assert deployment.google.granted(ALICE, CLIENT_ID) == frozenset()


def test_a_sign_in_that_is_finished_in_another_browser_is_refused(
    browser: Browser, deployment: Deployment, program: Program
):
    hosts = (deployment.base, deployment.google.url, program.url)
    with window(browser, "mine", *hosts) as mine, window(browser, "theirs", *hosts) as theirs:
        mine.page.goto(program.address())
        mine.page.get_by_role("button", name="Continue to Google").click()
        expect(mine.page.get_by_role("heading", name="Choose an account")).to_be_visible()
        theirs.page.goto(mine.page.url)
        theirs.page.get_by_role("link", name=ALICE).click()
        theirs.page.get_by_role("button", name="Allow").click()
        expect(theirs.page.get_by_role("heading", name="This sign-in was started elsewhere")).to_be_visible()
        theirs.shoot("1-started-elsewhere")
        # The refusal's status is one of the browser's complaints.
        assert theirs.complaints.pop().startswith("Failed to load resource")
    assert program.answers == []


def test_a_sign_in_that_is_over_says_how_to_begin_again(browser: Browser, deployment: Deployment):
    with window(browser, "expired", deployment.base) as view:
        view.page.goto(f"{deployment.base}/consent?txn_id=gone")
        expect(view.page.get_by_role("heading", name="This sign-in has expired")).to_be_visible()
        view.shoot("1-expired")
        assert view.complaints.pop().startswith("Failed to load resource")


def test_what_was_connected_is_seen_and_taken_away_on_the_account_page(
    browser: Browser, deployment: Deployment, program: Program
):
    google = deployment.google
    with window(browser, "account", deployment.base, google.url, program.url) as view:
        page = view.page
        sign_in(view, program)
        token = program.redeem(program.answers[0]["code"])["access_token"]
        page.goto(f"{deployment.base}/account")
        view.shoot("1-signed-out")
        page.get_by_role("button", name="Sign in with Google").click()
        page.get_by_role("link", name=ALICE).click()
        expect(page.get_by_role("heading", level=2, name=ALICE)).to_be_visible()
        view.shoot("2-connected")
        assert google.granted(ALICE, CLIENT_ID)
        page.get_by_role("button", name="Disconnect").click()
        expect(page.get_by_text("No Google account is connected")).to_be_visible()
        expect(page.get_by_role("status")).to_contain_text("Disconnected")
        view.shoot("3-disconnected")
    assert google.granted(ALICE, CLIENT_ID) == frozenset()
    assert [call.status for call in google.calls.all("oauth.revoke")] == [200]
    assert accounts_of(deployment, token) == []


def test_a_program_is_seen_and_signed_out_on_the_account_page(
    browser: Browser, deployment: Deployment, program: Program
):
    with window(browser, "programs", deployment.base, deployment.google.url, program.url) as view:
        page = view.page
        sign_in(view, program)
        tokens = program.redeem(program.answers[0]["code"])
        page.goto(f"{deployment.base}/account")
        page.get_by_role("button", name="Sign in with Google").click()
        page.get_by_role("link", name=ALICE).click()
        expect(page.get_by_role("heading", name="Programs with access")).to_be_visible()
        expect(page.get_by_role("heading", level=2, name="Paper Crane")).to_be_visible()
        view.shoot("1-signed-in")
        page.get_by_role("button", name="Sign Paper Crane out").click()
        expect(page.get_by_role("status")).to_contain_text("The program is signed out")
        expect(page.get_by_role("heading", name="Programs with access")).to_have_count(0)
        view.shoot("2-signed-out")
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "client_id": program.client_id}
    answer = httpx2.post(f"{deployment.base}/token", data=form, timeout=20, trust_env=False)
    assert answer.json()["error"] == "invalid_grant"


def test_a_program_that_is_not_known_gets_a_page_that_says_what_to_do(browser: Browser, deployment: Deployment):
    with window(browser, "unknown", deployment.base) as view:
        view.page.goto(f"{deployment.base}/authorize?client_id=gone&response_type=code&redirect_uri=https://x.example/")
        expect(view.page.get_by_role("heading", name="This sign-in cannot begin")).to_be_visible()
        view.shoot("1-unknown-program")
        assert view.complaints.pop().startswith("Failed to load resource")


def test_what_was_unticked_can_be_allowed_later_on_the_account_page(
    browser: Browser, deployment: Deployment, program: Program
):
    with window(browser, "widen", deployment.base, deployment.google.url, program.url) as view:
        page = view.page
        sign_in(view, program, untick=(DRIVE, f"{DRIVE}.readonly"))
        page.goto(f"{deployment.base}/account")
        page.get_by_role("button", name="Sign in with Google").click()
        page.get_by_role("link", name=ALICE).click()
        expect(page.get_by_text("see your calendars")).to_be_visible()
        expect(page.get_by_text("read your files")).to_have_count(0)
        page.get_by_role("button", name="Allow more").click()
        page.get_by_role("button", name="Continue to Google").click()
        page.get_by_role("button", name="Allow").click()
        expect(page.get_by_text("read your files")).to_be_visible()
    assert DRIVE in deployment.google.granted(ALICE, CLIENT_ID)


def test_a_permission_that_google_has_ended_is_shown_as_such(
    browser: Browser, deployment: Deployment, program: Program
):
    with window(browser, "ended", deployment.base, deployment.google.url, program.url) as view:
        sign_in(view, program)
        token = program.redeem(program.answers[0]["code"])["access_token"]
        deployment.google.revoke(ALICE)
        assert called(deployment, token, "gmail_search")["isError"]
        sign_in_to_account(view, deployment)
        expect(view.page.get_by_text("Google has ended the permission")).to_be_visible()
        expect(view.page.get_by_role("button", name="Connect again")).to_be_visible()
        view.shoot("1-ended")


def sign_in_to_account(view: Window, deployment: Deployment) -> None:
    """Alice at the account page, who has not allowed this service anything at Google."""
    view.page.goto(f"{deployment.base}/account")
    view.page.get_by_role("button", name="Sign in with Google").click()
    view.page.get_by_role("link", name=ALICE).click()
    view.page.get_by_role("button", name="Allow").click()
    expect(view.page.get_by_text(f"Signed in as {ALICE}")).to_be_visible()


def accounts_of(deployment: Deployment, token: str) -> list[str]:
    """The accounts that the program still has, through the tool."""
    result = called(deployment, token, "accounts_list")
    return [account["address"] for account in result["structuredContent"].get("accounts", [])]


def called(deployment: Deployment, token: str, tool: str) -> dict[str, Any]:
    """The result of a tool without arguments."""
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": {}}}
    headers = {
        "Authorization": f"Bearer {token}",
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": "2025-11-25",
    }
    answer = httpx2.post(deployment.mcp_url("public"), json=body, headers=headers, timeout=30, trust_env=False)
    assert answer.status_code == 200, answer.text
    # A server-sent event: the answer is its only data line.
    data = next(line for line in answer.text.splitlines() if line.startswith("data: "))
    return json.loads(data.removeprefix("data: "))["result"]


def test_who_signs_out_of_the_account_page_leaves_no_session_behind(browser: Browser, deployment: Deployment):
    with window(browser, "sign-out", deployment.base, deployment.google.url) as view:
        page = view.page
        sign_in_to_account(view, deployment)
        assert "gwmcp-account" in [cookie.get("name") for cookie in page.context.cookies()]
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("button", name="Sign in with Google")).to_be_visible()
        assert "gwmcp-account" not in [cookie.get("name") for cookie in page.context.cookies()]
