"""A short tour of real calls, printed as a program would make them and a model would read the answers."""

import json
from collections.abc import Callable
from typing import Any

from mcp import Client
from mcp_types import TextContent

from google_workspace_mcp.demo.client import PersonAtBrowser, connected

_LONGEST = 22


async def tour(mcp_url: str, email: str, say: Callable[[str], None]) -> None:
    """Sign in, then search mail, read one message, find a file, read it, list the week's events."""
    async with connected(mcp_url, PersonAtBrowser(email)) as client:
        names = [tool.name for tool in (await client.list_tools()).tools]
        say(f"Signed in. {len(names)} tools: {', '.join(names)}")
        found = await _show(client, say, "gmail_search", {"has_attachment": True, "limit": 5})
        rows = found.get("rows", [])
        if rows:
            await _show(client, say, "gmail_read", {"message_ids": [rows[0]["id"]], "max_chars": 1200})
        files = await _show(client, say, "drive_search", {"type": "document", "limit": 5})
        rows = files.get("files", [])
        if rows:
            await _show(client, say, "drive_read", {"file_id": rows[0]["id"], "max_chars": 1000})
        await _show(client, say, "calendar_list_events", {"limit": 25})


async def _show(client: Client, say: Callable[[str], None], name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    result = await client.call_tool(name, arguments)
    say(f"\n> {name} {json.dumps(arguments, ensure_ascii=False)}")
    text = "\n".join(block.text for block in result.content if isinstance(block, TextContent))
    lines = text.splitlines()
    for line in lines[:_LONGEST]:
        say(f"  {line[:160]}")
    if len(lines) > _LONGEST:
        say(f"  … {len(lines) - _LONGEST} more lines")
    return result.structured_content or {}
