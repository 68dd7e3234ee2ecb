"""D13: the service behind a proxy that forwards the prefix unstripped, with a real MCP server and client."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx2
import pytest
from fastmcp import Client, FastMCP
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from google_workspace_mcp.core.http.server import RunningServer, listen
from tests.core.http.shells import inner_app, shell
from tests.support.proxy import ReverseProxy


@dataclass
class Deployment:
    """`public` goes through the proxy with the prefix, `internal` straight to the process without."""

    public: str
    internal: str
    proxy: str


@contextmanager
def deployed(inner: ASGIApp) -> Generator[Deployment]:
    front, back = listen(), listen("127.0.0.2")
    proxy_port, port = front.getsockname()[1], back.getsockname()[1]
    public = f"http://127.0.0.1:{proxy_port}/ws"
    app = shell(inner, base_url=public, internal_hosts=(f"127.0.0.2:{port}",)).app
    with RunningServer(app, back), ReverseProxy(f"127.0.0.2:{port}", "/ws", listener=front) as proxy:
        yield Deployment(public, f"http://127.0.0.2:{port}", proxy.url)


def mcp_server() -> ASGIApp:
    server = FastMCP("shell-test")

    @server.tool
    def echo(text: str) -> str:
        """The text again."""
        return text

    return server.http_app(path="/mcp", stateless_http=True)


@pytest.mark.parametrize("slash", ["", "/"])
async def test_a_real_client_calls_a_tool_on_both_addresses(slash: str):
    with deployed(mcp_server()) as deployment:
        for base in (deployment.public, deployment.internal):
            async with asyncio.timeout(20), Client(f"{base}/mcp{slash}") as client:
                assert (await client.call_tool("echo", {"text": "hello"})).data == "hello"


def test_a_process_called_past_the_proxy_by_its_address_is_not_the_public_service():
    with deployed(inner_app()) as deployment:
        host = deployment.public.removeprefix("http://").removesuffix("/ws")
        answer = httpx2.post(f"{deployment.internal}/mcp", headers={"Host": host}, timeout=5)
    assert answer.status_code == 404


def test_the_proxy_has_rules_for_the_prefix_and_its_discovery_documents_only():
    with deployed(inner_app()) as deployment:
        paths = [
            "/ws/mcp",
            "/.well-known/oauth-protected-resource/ws/mcp",
            "/mcp",
            "/wsx",
            "/.well-known/oauth-protected-resource",
        ]
        codes = [httpx2.get(f"{deployment.proxy}{path}", timeout=5).status_code for path in paths]
    assert codes == [200, 200, 404, 404, 404]


def test_readiness_is_out_of_reach_through_the_proxy_and_within_reach_of_health_checks():
    with deployed(inner_app()) as deployment:
        through = [
            httpx2.get(f"{deployment.public}{path}", timeout=5).status_code
            for path in ("/ready", "/metrics", "/health")
        ]
        direct = httpx2.get(f"{deployment.internal}/ready", headers={"Host": "10.0.3.7"}, timeout=5)
    assert through == [404, 404, 200]
    assert direct.json() == {"status": "ready"}


def test_the_proxy_forwards_the_path_unstripped_and_undecoded_with_body_and_query():
    async def raw(request: Request) -> Response:
        body = await request.body()
        told = f"{request.scope['raw_path'].decode()} {request.url.query} {len(body)} {request.headers['host']}"
        return Response(f"{told} {request.headers['x-forwarded-for']} {request.headers['x-forwarded-proto']}")

    with deployed(Starlette(routes=[Route("/account/{rest:path}", raw, methods=["POST"])])) as deployment:
        answer = httpx2.post(
            f"{deployment.public}/account/a%2Fb?c=%20d",
            content=b"12345",
            headers={"X-Forwarded-For": "9.9.9.9"},
            timeout=5,
        )
        host = deployment.public.removeprefix("http://").removesuffix("/ws")
    assert answer.text == f"/ws/account/a%2Fb c=%20d 5 {host} 9.9.9.9, 127.0.0.1 http"


async def test_an_event_stream_arrives_piece_by_piece():
    received = asyncio.Event()
    loop = asyncio.get_running_loop()

    async def events(_request: Request) -> Response:
        async def pieces() -> AsyncGenerator[bytes]:
            yield b"data: one\n\n"
            # Only once the first event has come through does the second one exist.
            await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(received.wait(), loop))
            yield b"data: two\n\n"

        return StreamingResponse(pieces(), media_type="text/event-stream")

    with deployed(Starlette(routes=[Route("/mcp", events)])) as deployment:
        url = f"{deployment.public}/mcp"
        async with asyncio.timeout(10), httpx2.AsyncClient() as client, client.stream("GET", url) as answer:
            pieces = answer.aiter_text()
            assert await anext(pieces) == "data: one\n\n"
            received.set()
            assert await anext(pieces) == "data: two\n\n"
