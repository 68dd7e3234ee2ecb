"""Exports beside the API: which addresses are asked, and with what."""

import random
import time
from collections.abc import Callable

import httpx2
import pytest

from google_workspace_mcp.core.errors import GoogleRefusedError, GoogleUnavailableError, InternalError, TooLargeError
from google_workspace_mcp.core.google.deadline import Deadline
from google_workspace_mcp.core.google.endpoints import GoogleEndpoints
from google_workspace_mcp.core.google.export_links import export_request, redirect_request
from google_workspace_mcp.core.google.resources import GoogleResources
from google_workspace_mcp.core.google.session import GoogleSession
from google_workspace_mcp.core.google.transport import GoogleTransport
from tests.core.google.scripted import FixedClock

ROOT = "https://docs.google.com/"
LINK = "https://docs.google.com/feeds/download/documents/export/Export?id=1abc&exportFormat=docx"
CONTENT = "https://doc-0k-docstext.googleusercontent.com/export/1abc?token=permit"


class Token:
    address = "alice@example.com"

    async def access_token(self, *, rejected: str | None = None) -> str:
        return "the-token"


def session(answer: Callable[[httpx2.Request], httpx2.Response]) -> GoogleSession:
    """A session on the real addresses, whose network is `answer`."""
    http = httpx2.AsyncClient(transport=httpx2.MockTransport(answer))
    transport = GoogleTransport(
        http, clock=FixedClock(), randomness=random.Random(7).random, observe=lambda _: None, sleep=_no_sleep
    )
    resources = GoogleResources(GoogleEndpoints.of(""))
    return GoogleSession(transport, resources, Token(), Deadline(time.monotonic))


async def _no_sleep(seconds: float) -> None:
    return None


@pytest.mark.parametrize(
    "link",
    [
        LINK,
        "https://docs.google.com/spreadsheets/export?id=1abc&exportFormat=xlsx",
        "https://docs.google.com/feeds/download/presentations/Export?id=1abc&exportFormat=pptx",
    ],
)
def test_google_s_own_addresses_are_asked_as_they_are(link: str):
    assert export_request(link, ROOT).url == link


def test_a_simulator_takes_the_place_of_the_host_and_nothing_else():
    url = export_request(LINK, "http://127.0.0.1:9000/").url
    assert url == LINK.replace("https://docs.google.com", "http://127.0.0.1:9000")


@pytest.mark.security("T-20")
@pytest.mark.parametrize(
    "link",
    [
        "",
        "http://docs.google.com/document/d/1/export",
        "https://docs.google.com.evil.example/document/d/1/export",
        "https://evil.example/document/d/1/export",
        "https://docs.google.com@evil.example/document/",
        "https://user@docs.google.com/document/",
        "https://docs.google.com:444/document/",
        "https://docs.google.com\\@evil.example/document/",
        "https://169.254.169.254/document/",
        "https://docs.google.com/accounts/Logout",
        "https://docs.google.com/document\n/d/1",
        "https://docs.google.com/document/" + "x" * 3000,
        "//docs.google.com/document/",
        "file:///document/",
    ],
)
def test_any_other_address_is_not_followed(link: str):
    with pytest.raises(GoogleRefusedError):
        export_request(link, ROOT)


@pytest.mark.parametrize("path", ["/document/../accounts", "/document/%2e%2e/accounts"])
def test_a_path_that_leaves_its_place_is_not_followed(path: str):
    with pytest.raises(InternalError):
        export_request(f"https://docs.google.com{path}", ROOT)


@pytest.mark.security("T-20")
@pytest.mark.parametrize(
    "location",
    [
        "",
        "/relative",
        "http://doc.googleusercontent.com/x",
        "https://googleusercontent.com.evil.example/x",
        "https://evilgoogleusercontent.com/x",
        "https://doc.googleusercontent.com:8443/x",
        "https://a@doc.googleusercontent.com/x",
        "https://127.0.0.1/x",
        "https://accounts.google.com/ServiceLogin",
    ],
)
def test_google_sends_on_to_its_host_for_content_alone(location: str):
    with pytest.raises(GoogleRefusedError):
        redirect_request(location)


async def test_the_token_stays_behind_where_google_sends_on():
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        if request.url.host == "docs.google.com":
            return httpx2.Response(307, headers={"location": CONTENT})
        return httpx2.Response(200, content=b"the export")

    assert await session(answer).download_export(LINK, max_bytes=100) == b"the export"
    assert [str(request.url) for request in seen] == [LINK, CONTENT]
    assert seen[0].headers["authorization"] == "Bearer the-token"
    assert "authorization" not in seen[1].headers


async def test_google_is_followed_once():
    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(302, headers={"location": CONTENT})

    with pytest.raises(GoogleUnavailableError):
        await session(answer).download_export(LINK, max_bytes=100)


async def test_an_export_that_is_too_large_ends_where_the_limit_is():
    with pytest.raises(TooLargeError):
        await session(lambda _: httpx2.Response(200, content=b"x" * 101)).download_export(LINK, max_bytes=100)


async def test_an_export_is_streamed_from_where_google_sends_on_without_the_token():
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        if request.url.host == "docs.google.com":
            return httpx2.Response(302, headers={"location": CONTENT})
        return httpx2.Response(200, content=b"the export")

    chunks = [chunk async for chunk in session(answer).stream_export(LINK, max_bytes=100)]
    assert b"".join(chunks) == b"the export"
    assert ["authorization" in request.headers for request in seen] == [True, False]


async def test_a_stream_is_sent_on_once():
    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(302, headers={"location": CONTENT})

    with pytest.raises(GoogleUnavailableError):
        [chunk async for chunk in session(answer).stream_export(LINK, max_bytes=100)]
