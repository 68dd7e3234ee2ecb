"""The tools that lead to bytes: what an MCP client is given, attachments as text, and how files are named."""

import asyncio
import json
from typing import Any

import pytest
from bpe_openai import get_encoding

from google_workspace_mcp.demo.client import PersonAtBrowser, connected
from google_workspace_mcp.sandbox.calls import round_trips
from google_workspace_mcp.sandbox.people.cast import ALICE
from tests.clients.deployment import Address
from tests.files.world import PDF, World

pytestmark = pytest.mark.timeout(90)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize("address", ["public", "internal"])
async def test_a_client_gets_links_as_blocks_that_lead_to_the_bytes(world: World, address: Address, mode: str):
    url = world.deployment.mcp_url(address)
    calls: list[tuple[str, dict[str, Any]]] = [
        ("gmail_get_attachment", {"message_id": world.files.message, "name": "Größe.pdf", "mode": "link"}),
        ("drive_download", {"file_id": world.files.photo}),
        ("gmail_read", {"message_ids": [world.files.message], "detail": "raw"}),
    ]
    expected = [PDF, b"\x89PNG" * 5000, world.files.raw]
    async with asyncio.timeout(60), connected(url, PersonAtBrowser(ALICE.email), mode=mode) as client:
        for (tool, arguments), content in zip(calls, expected, strict=True):
            result = await client.call_tool(tool, arguments)
            words, link = result.content
            assert words.type == "text"
            assert link.type == "resource_link"
            assert link.uri in words.text
            assert str(link.uri).startswith(f"{world.deployment.base_of(address)}/files/")
            assert str(link.uri) in json.dumps(result.structured_content)
            assert (await world.http.get(str(link.uri))).content == content
        assert "files_create_upload" in {tool.name for tool in (await client.list_tools()).tools}


async def test_a_client_of_an_older_version_is_spared_blocks_that_it_does_not_know(world: World):
    call = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "drive_download", "arguments": {"file_id": world.files.photo}},
    }
    kinds: dict[str, list[str]] = {}
    for version in ("2025-03-26", "2025-06-18"):
        headers = {
            **world.bearer(),
            "Accept": "application/json, text/event-stream",
            "MCP-Protocol-Version": version,
        }
        text = (await world.http.post(world.deployment.mcp_url("public"), json=call, headers=headers)).text
        result = json.loads(text[text.index("{") :])["result"]
        kinds[version] = [block["type"] for block in result["content"]]
    assert kinds == {"2025-03-26": ["text"], "2025-06-18": ["text", "resource_link"]}


async def test_gmail_read_names_the_parts_that_attachments_are_got_by(world: World):
    found = await world.call("gmail_read", message_ids=[world.files.message])
    [message] = found["messages"]
    rows = {row["part"]: row["name"] for row in message["attachments"]}
    assert len(rows) == 7
    for part, name in rows.items():
        assert f"{name} (" in found["words"]
        assert f"part {part}" in found["words"]
        got = await world.call("gmail_get_attachment", message_id=world.files.message, part=part, mode="link")
        assert (got["part"], got["name"]) == (part, name)


async def test_an_attachment_is_found_under_the_same_name_at_every_reading(world: World):
    """Gmail's own id is another one each time, and is never shown."""
    texts = [(await world.file("table.csv"))["part"] for _ in range(2)]
    assert texts[0] == texts[1]
    everything = json.dumps(await world.call("gmail_read", message_ids=[world.files.message], detail="full"))
    assert "attachmentId" not in everything
    assert "ANGJ" not in everything
    for found in (await world.file("table.csv"), await world.file("Größe.pdf")):
        assert not {"attachment_id", "attachmentId"} & set(found)


@pytest.mark.parametrize(
    ("name", "words"),
    [("table.csv", "bike\t1200"), ("page.html", "Visible words"), ("launch.ics", "what: Launch")],
)
async def test_an_attachment_is_read_as_text(world: World, name: str, words: str):
    found = await world.call("gmail_get_attachment", message_id=world.files.message, name=name)
    assert words in found["content"]
    assert found["content"].startswith("<untrusted ")
    assert "hidden" not in found["content"]
    assert "alert" not in found["content"]
    assert found["content"] in found["words"]


async def test_a_long_attachment_is_read_in_pieces(world: World):
    lines = "".join(f"{number},{number * number}\n" for number in range(600))
    body = f"Content-Type: text/csv\r\nContent-Disposition: attachment; filename=long.csv\r\n\r\n{lines}"
    message = world.files.gmail.deliver(ALICE.email, body.encode(), labels=("INBOX",), date=world.clock.now())
    offset, text = 0, ""
    for _ in range(20):
        found = await world.call("gmail_get_attachment", message_id=message, max_chars=1000, offset=offset)
        text += found["content"].partition("\n")[2].rpartition("\n</untrusted")[0]
        offset = found.get("next_offset", 0)
        if not offset:
            break
        assert f"offset={offset}" in found["words"]
    assert text.split() == [word for n in range(600) for word in (str(n + 1), str(n), str(n * n))]


async def test_a_kind_without_text_leads_to_a_link(world: World):
    response = await world.answer("gmail_get_attachment", {"message_id": world.files.message, "name": "Größe.pdf"})
    assert (response.status_code, response.json()["code"]) == (400, "invalid_argument")
    assert "mode=link" in response.json()["next_step"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ({"name": "same.zip"}, "ambiguous_name", "part"),
        ({}, "ambiguous_name", "part"),
        ({"name": "nothing.txt"}, "not_found", "parts"),
        ({"part": "99"}, "not_found", "parts"),
        ({"part": "../x"}, "not_found", "parts"),
    ],
)
async def test_a_file_that_is_not_clear_is_asked_for_again(
    world: World, arguments: dict[str, str], code: str, words: str
):
    response = await world.answer("gmail_get_attachment", {"message_id": world.files.message, **arguments})
    assert response.json()["code"] == code
    assert words in response.json()["next_step"]
    assert "same.zip" not in response.text, "names are other people's words"


async def test_files_take_no_more_round_trips_than_promised(world: World):
    calls: list[tuple[str, dict[str, Any], int]] = [
        ("gmail_get_attachment", {"message_id": world.files.message, "name": "table.csv"}, 2),
        ("gmail_get_attachment", {"message_id": world.files.message, "name": "table.csv", "mode": "link"}, 1),
        ("drive_download", {"file_id": world.files.photo}, 1),
        ("drive_download", {"file_id": world.files.shortcut}, 2),
        ("files_create_upload", {"name": "a.txt"}, 0),
    ]
    for tool, arguments, most in calls:
        await world.call(tool, **arguments)  # access token and names are cached from here on
        world.google.calls.clear()
        await world.call(tool, **arguments)
        assert round_trips(world.google.calls.all()) <= most, tool


async def test_answers_with_links_are_small(world: World):
    encoding = get_encoding("o200k_base")
    for found, most in (
        (await world.file("Größe.pdf"), 230),
        (await world.call("drive_download", file_id=world.files.document), 260),
        (await world.call("files_create_upload", name="report.pdf"), 230),
    ):
        assert len(encoding.encode(found["words"])) <= most
