"""The calls that are measured: tools with arguments, as MCP clients of either era put them on the wire."""

import json
from dataclasses import dataclass
from typing import Any, Literal

from tests.bench.quick import EVENTS, Ready

Era = Literal["modern", "legacy"]
MODERN, LEGACY = "2026-07-28", "2025-11-25"
_META = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientInfo": {"name": "bench", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}


@dataclass(frozen=True)
class ToolCall:
    """A tool with arguments, what its answer must hold, and how many round trips its contract allows when warm."""

    tool: str
    what: str
    arguments: dict[str, Any]
    marker: bytes
    round_trips: int
    users: int = 200
    """So many take turns: nobody's share of Google's quota is to run out."""


def tool_calls(google: Ready) -> list[ToolCall]:
    """Every tool that reads, with a usual amount of work, and the round trips that it may take."""
    return [
        ToolCall("accounts_list", "own connections", {}, b"connected", 0),
        ToolCall("calendar_list_calendars", "one calendar", {}, b"calendars", 1),
        events_call(google),
        ToolCall("gmail_search", "20 rows", {"limit": 20}, b"quarterly", 2, 400),
        ToolCall("gmail_read", "1 message", {"message_ids": google.messages[:1]}, b"figures", 1, 400),
        ToolCall("gmail_read", "10 messages", {"message_ids": google.messages[:10]}, b"figures", 1, 400),
        ToolCall("gmail_read_thread", "2 messages", {"thread_ids": google.threads[:1]}, b"figures", 1, 400),
        ToolCall("drive_search", "20 rows", {"name": "Report", "limit": 20}, b"Report 7", 1),
        ToolCall("drive_read", "a text of 5 kB", {"file_id": google.document}, b"plain text file", 2),
    ]


def events_call(google: Ready) -> ToolCall:
    """25 events, of a range that is always the same, so that Google can remember its answer."""
    arguments = {"start": google.first_day, "limit": EVENTS}
    return ToolCall("calendar_list_events", f"{EVENTS} events", arguments, b"meeting number 24", 2)


def tool_request(
    url: str, token: str, tool: str, arguments: dict[str, Any], era: Era = "modern", *, number: int = 1
) -> bytes:
    """The bytes of an HTTP request that calls the tool; the answer comes back under that number."""
    return mcp_request(url, token, "tools/call", {"name": tool, "arguments": arguments}, era, number=number)


def mcp_request(
    url: str, token: str, method: str, params: dict[str, Any], era: Era = "modern", *, number: int = 1
) -> bytes:
    """The bytes of an HTTP request to `/mcp` of the server at `url`."""
    host = url.removeprefix("http://")
    lines = [
        "POST /mcp HTTP/1.1",
        f"Host: {host}",
        f"Authorization: Bearer {token}",
        "Accept: application/json, text/event-stream",
        "Content-Type: application/json",
    ]
    if era == "modern":
        params = {**params, "_meta": _META}
        lines += [f"MCP-Protocol-Version: {MODERN}", f"Mcp-Method: {method}"]
        lines += [f"Mcp-Name: {params['name']}"] if "name" in params else []
    else:
        lines.append(f"MCP-Protocol-Version: {LEGACY}")
    body = json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode()
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


def answer_of(body: bytes) -> dict[str, Any]:
    """The JSON-RPC answer in a body, whether it came as JSON or as an event."""
    for line in body.splitlines():
        if line.startswith(b"data: "):
            return json.loads(line.removeprefix(b"data: "))
    return json.loads(body)
