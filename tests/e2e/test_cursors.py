"""A cursor is good for who got it, with the arguments that it was given for, and for nothing else."""

from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp_types import TextContent, Tool

from google_workspace_mcp.core.clock import SystemClock
from google_workspace_mcp.demo.client import PersonAtBrowser, connected
from google_workspace_mcp.sandbox.drive import DriveService
from google_workspace_mcp.sandbox.people import sample_world
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.support.stack import running

# What makes the first page of each list a short one.
SHORT: dict[str, Any] = {"limit": 1}
MORE: dict[str, dict[str, Any]] = {"calendar_list_events": {"start": "2020-01-01", "end": "2035-01-01"}}


def two_of_each(drive: DriveService) -> dict[str, dict[str, Any]]:
    """Shared drives and comments, of which the sample people have too few for a second page."""
    drive.add_shared_drive("Second", {ALICE.email: "organizer"})
    file_id = drive.add_file(ALICE.email, "Talked about", b"x", "text/plain")
    for words in ("One", "Two"):
        drive.comments.add(file_id, ALICE.email, words)
    return {"drive_list_comments": {"file_id": file_id}}


async def answer(client: Client, tool: Tool, **arguments: Any) -> tuple[dict[str, Any], str]:
    result = await client.call_tool(tool.name, arguments)
    text = "".join(block.text for block in result.content if isinstance(block, TextContent))
    return result.structured_content or {}, text


@pytest.mark.security("M-8")
async def test_no_cursor_opens_for_another_caller_other_arguments_or_another_tool(tmp_path: Path):
    world = sample_world(SystemClock())
    more = MORE | two_of_each(next(service for service in world.services if isinstance(service, DriveService)))

    def short(tool: Tool) -> dict[str, Any]:
        return {**more.get(tool.name, {}), **SHORT}

    with SimulatedGoogle(world.services, world.people) as google, running(google, tmp_path) as stack:
        async with (
            connected(stack.mcp_url, PersonAtBrowser(ALICE.email)) as alice,
            connected(stack.mcp_url, PersonAtBrowser(BEN.email)) as ben,
        ):
            lists = [tool for tool in (await alice.list_tools()).tools if "cursor" in tool.input_schema["properties"]]
            cursors = {tool.name: (await answer(alice, tool, **short(tool)))[0]["cursor"] for tool in lists}
            assert len(cursors) >= 3
            for tool in lists:
                assert not (await answer(alice, tool, cursor=cursors[tool.name], **short(tool)))[1].startswith(
                    "invalid"
                )
                refused = [
                    await answer(ben, tool, cursor=cursors[tool.name], **short(tool)),
                    # How many changes come at a time says nothing about where they go on.
                    *(
                        [await answer(alice, tool, cursor=cursors[tool.name], **{**short(tool), "limit": 2})]
                        if tool.name != "workspace_changes"
                        else []
                    ),
                    *[
                        await answer(alice, tool, cursor=cursors[other], **short(tool))
                        for other in cursors
                        if other != tool.name
                    ],
                ]
                for facts, text in refused:
                    assert facts == {}, tool.name
                    assert "cursor is not valid for this request" in text, tool.name
