"""The tools over plain HTTP: one shape for success, one for failure, and nothing that MCP would not allow."""

from collections.abc import AsyncIterator
from pathlib import Path
from secrets import token_hex
from typing import Annotated, Any

import httpx2
import pytest
from pydantic import Field
from starlette.applications import Starlette

from google_workspace_mcp.core import errors
from google_workspace_mcp.core.errors import WorkspaceError
from google_workspace_mcp.core.http.face import Access, HttpFace
from google_workspace_mcp.core.metrics import Metrics
from google_workspace_mcp.core.policy.gate import Gate
from google_workspace_mcp.core.principal import Caller, Limits, Principal
from google_workspace_mcp.core.settings import load
from google_workspace_mcp.core.tools.kinds import Kind, Result, Tier, ToolDefinition
from google_workspace_mcp.core.tools.runner import ToolRunner
from tests.core.tools.test_runner import NoAccounts, ledger_in

FAILURES = {
    kind.code: kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, WorkspaceError) and kind is not WorkspaceError
}


class Echo(Result):
    words: str = ""

    def text(self) -> str:
        return f"It says {self.words}"


async def echo(caller: Caller, *, words: Annotated[str, Field(max_length=2000)] = "", private: str = "") -> Echo:
    return Echo(account="", words=words)


async def draw(caller: Caller) -> Echo:
    """Another answer every time it is really called."""
    return Echo(account="", words=token_hex(8))


async def fail(caller: Caller, *, code: str) -> Echo:
    if code == "defect":
        raise RuntimeError("private words")
    raise FAILURES[code]("It went wrong", next_step="Do this", retry_after=2.4 if FAILURES[code].retryable else None)


def tool(name: str, run: Any, kind: Kind = Kind.READ, capability: str = "") -> ToolDefinition:
    return ToolDefinition(
        name, name.title(), f"About {name}", kind, "accounts", capability, Tier.CORE, run, Echo, once=run is not fail
    )


TOOLS = (
    tool("echo", echo),
    tool("fail", fail),
    tool("change", echo, Kind.WRITE),
    tool("draw", draw, Kind.WRITE),
    tool("send", echo, Kind.OUTWARD, "gmail.send"),
)


class Desk:
    """The face with somebody at it, or nobody."""

    def __init__(self) -> None:
        self.caller: Caller | None = Caller(Principal("issuer", "1"), "client", frozenset({"gmail.read"}))

    def limit(self, **limits: Any) -> None:
        assert self.caller is not None
        self.caller = Caller(self.caller.principal, "client", self.caller.capabilities, Limits(**limits))


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def http(desk: Desk, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    runner = ToolRunner(TOOLS, NoAccounts(), Gate(load(None)), Metrics(), ledger=ledger_in(tmp_path))
    face = HttpFace(runner, Access(lambda: desk.caller, ("gmail.read", "drive.read")))
    transport = httpx2.ASGITransport(app=Starlette(routes=face.routes()))
    async with httpx2.AsyncClient(transport=transport, base_url="http://face.example") as http:
        yield http


async def test_a_tools_answer_has_status_data_and_text(http: httpx2.AsyncClient) -> None:
    answer = await http.post("/tools/echo", json={"words": "hi"})
    assert answer.status_code == 200
    assert answer.json() == {"status": "success", "data": {"account": "", "words": "hi"}, "text": "It says hi"}
    assert answer.headers["cache-control"] == "no-store"


async def test_no_body_stands_for_no_arguments(http: httpx2.AsyncClient) -> None:
    assert (await http.post("/tools/echo")).json()["data"] == {"account": ""}


async def test_the_list_has_what_a_caller_needs_to_call(http: httpx2.AsyncClient) -> None:
    listed = (await http.get("/tools")).json()
    assert listed["status"] == "success"
    [first, *_] = listed["data"]["tools"]
    assert (first["name"], first["title"], first["description"]) == ("echo", "Echo", "About echo")
    assert first["inputSchema"]["properties"]["words"] == {"type": "string"}
    assert first["annotations"]["readOnlyHint"] is True


async def test_only_what_the_caller_may_use_is_listed(http: httpx2.AsyncClient, desk: Desk) -> None:
    async def listed() -> list[str]:
        return [tool["name"] for tool in (await http.get("/tools")).json()["data"]["tools"]]

    assert await listed() == ["echo", "fail", "change", "draw"]
    desk.limit(read_only=True)
    assert await listed() == ["echo", "fail"]
    desk.limit(tools=frozenset({"change", "send"}))
    assert await listed() == ["change"]


@pytest.mark.parametrize(
    ("limits", "rule"),
    [({"read_only": True}, "token_readonly"), ({"tools": frozenset({"echo"})}, "token_tools")],
)
async def test_a_token_that_is_limited_cannot_call_what_is_not_left(
    http: httpx2.AsyncClient, desk: Desk, limits: dict[str, Any], rule: str
) -> None:
    desk.limit(**limits)
    answer = await http.post("/tools/change", json={})
    assert (answer.status_code, answer.json()["code"]) == (403, "refused_by_policy")
    assert rule in answer.json()["next_step"]
    assert "www-authenticate" not in answer.headers


async def test_a_capability_that_the_token_lacks_is_a_challenge(http: httpx2.AsyncClient) -> None:
    answer = await http.post("/tools/send", json={})
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    assert answer.headers["www-authenticate"] == 'Bearer error="insufficient_scope", scope="gmail.send"'


@pytest.mark.parametrize("path", ["/tools/echo", "/tools/no_such_tool"])
async def test_nobody_gets_401_whether_or_not_there_is_such_a_tool(
    http: httpx2.AsyncClient, desk: Desk, path: str
) -> None:
    desk.caller = None
    answer = await http.post(path, json={})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == 'Bearer scope="gmail.read drive.read"'
    with_token = await http.post(path, json={}, headers={"Authorization": "bearer x"})
    assert with_token.headers["www-authenticate"].startswith('Bearer error="invalid_token", ')


async def test_an_unknown_tool_is_a_404_problem(http: httpx2.AsyncClient) -> None:
    answer = await http.post("/tools/<script>", json={})
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["code"], "script" in answer.text) == (404, "not_found", False)


STATUSES = {
    "invalid_argument": 400,
    "not_found": 404,
    "ambiguous_name": 409,
    "not_connected": 403,
    "reauth_required": 403,
    "scope_missing": 403,
    "refused_by_policy": 403,
    "google_refused": 422,
    "conflict": 409,
    "in_progress": 409,
    "too_large": 413,
    "rate_limited": 429,
    "google_unavailable": 503,
    "outcome_unknown": 502,
    "misconfigured": 500,
    "unavailable": 503,
    "internal": 500,
    "not_sent": 502,
}


@pytest.mark.parametrize("code", sorted(FAILURES))
async def test_every_failure_is_a_problem_with_its_code_and_what_to_do(http: httpx2.AsyncClient, code: str) -> None:
    answer = await http.post("/tools/fail", json={"code": code})
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    retryable = FAILURES[code].retryable
    assert body == {
        "type": "about:blank",
        "title": answer.reason_phrase or body["title"],
        "status": STATUSES[code],
        "detail": "It went wrong",
        "code": code,
        "retryable": retryable,
        **({"retry_after": 2} if retryable else {}),
        "next_step": "Do this",
    }
    assert answer.status_code == STATUSES[code]
    assert answer.headers.get("retry-after") == ("2" if retryable else None)


async def test_a_defect_is_a_500_without_its_words(http: httpx2.AsyncClient) -> None:
    answer = await http.post("/tools/fail", json={"code": "defect"})
    assert (answer.status_code, answer.json()["code"], "private" in answer.text) == (500, "internal", False)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b'"x"', "application/json"),
        (b"null", "application/json"),
        (b'{"words": NaN}', "application/json"),
        (b"\xff", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"words=hi", "application/x-www-form-urlencoded"),
        (b'{"words": "hi"}', "text/plain"),
        (b'{"words": "hi"}', ""),
        (b'{"secret-name": 1}', "application/json"),
        (b'{"words": 5}', "application/json"),
    ],
    ids=range(12),
)
async def test_a_body_that_cannot_be_meant_is_refused_without_an_echo(
    http: httpx2.AsyncClient, body: bytes, kind: str
) -> None:
    answer = await http.post("/tools/echo", content=body, headers={"Content-Type": kind} if kind else {})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_argument")
    assert "secret-name" not in answer.text


# -- Idempotency-Key


@pytest.mark.parametrize("key", ["key-1", '"key-1"', ' "key-1" '])
async def test_the_idempotency_key_is_the_request_id(http: httpx2.AsyncClient, key: str) -> None:
    first = await http.post("/tools/draw", headers={"Idempotency-Key": key})
    again = await http.post("/tools/draw", json={"request_id": "key-1"})
    another = await http.post("/tools/draw")
    assert first.json()["data"] == again.json()["data"] != another.json()["data"]


async def test_key_and_request_id_may_both_be_given_if_they_agree(http: httpx2.AsyncClient) -> None:
    for request_id, status in (("same", 200), ("other", 400), (None, 400)):
        body = {"request_id": request_id}
        answer = await http.post("/tools/echo", json=body, headers={"Idempotency-Key": "same"})
        assert answer.status_code == status, request_id


async def test_a_tool_without_request_id_is_not_given_one(http: httpx2.AsyncClient) -> None:
    answer = await http.post("/tools/fail", json={"code": "conflict"}, headers={"Idempotency-Key": "key-1"})
    assert answer.json()["code"] == "conflict"
