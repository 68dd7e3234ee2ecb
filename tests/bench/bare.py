"""What the service is compared with: the least that does anything at all on the same libraries.

`python -m tests.bench.bare constant|proxy|starlette PORT`:

- constant: a FastMCP tool that returns a constant, behind a bearer token that is verified locally;
- proxy: the same with FastMCP's OAuth proxy in front of Google, for the cold start and the memory;
- starlette: a route that returns a constant.

All with uvloop, httptools, no access log, and the garbage collector set as the service sets it.
"""

import gc
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

SECRET = "0123456789abcdef0123456789abcdef"
ISSUER = "https://bench.example"


def constant() -> Any:
    from fastmcp import FastMCP
    from fastmcp.server.auth.providers.jwt import JWTVerifier

    server = FastMCP("bare", auth=JWTVerifier(public_key=SECRET, issuer=ISSUER, algorithm="HS256"), lifespan=_tuned)
    return _with_tool(server)


def proxy(port: int) -> Any:
    from fastmcp import FastMCP
    from fastmcp.server.auth.oauth_proxy import OAuthProxy
    from fastmcp.server.auth.providers.jwt import JWTVerifier
    from key_value.aio.stores.memory import MemoryStore

    auth = OAuthProxy(
        upstream_authorization_endpoint="https://accounts.google.com/o/oauth2/v2/auth",
        upstream_token_endpoint="https://oauth2.googleapis.com/token",
        upstream_client_id="client",
        upstream_client_secret="client-secret",
        token_verifier=JWTVerifier(public_key=SECRET, issuer=ISSUER, algorithm="HS256"),
        base_url=f"http://127.0.0.1:{port}",
        client_storage=MemoryStore(),
    )
    return _with_tool(FastMCP("bare", auth=auth, lifespan=_tuned))


def starlette() -> Any:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    async def answer(request: Request) -> JSONResponse:
        await request.body()
        return JSONResponse({"result": "constant"})

    return Starlette(
        routes=[Route("/mcp", answer, methods=["POST"]), Route("/health", answer)],
        lifespan=_tuned,  # pyright: ignore[reportArgumentType]
    )


def _with_tool(server: Any) -> Any:
    from starlette.requests import Request
    from starlette.responses import PlainTextResponse

    @server.tool
    def answer() -> str:
        return "constant"

    @server.custom_route("/health", methods=["GET"])
    async def health(request: Request) -> PlainTextResponse:
        return PlainTextResponse("ok")

    return server.http_app(path="/mcp", stateless_http=True, json_response=False, host_origin_protection=False)


@asynccontextmanager
async def _tuned(_app: Any) -> AsyncGenerator[None]:
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    yield


def main() -> None:
    kind, port = sys.argv[1], int(sys.argv[2])
    app = {"constant": constant, "proxy": lambda: proxy(port), "starlette": starlette}[kind]()
    uvicorn.run(
        app, host="127.0.0.1", port=port, loop="uvloop", http="httptools", ws="none", log_config=None, access_log=False
    )


if __name__ == "__main__":
    main()
