"""Files that are written by real clients: what these hear on the way, and that a repetition makes no twin."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from google_workspace_mcp.demo.client import PersonAtBrowser, connected
from google_workspace_mcp.sandbox.faults import reset_after
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN
from tests.clients.deployment import Address
from tests.files.world import CSV, World, connect_people, world_in
from tests.support.clock import FakeClock

pytestmark = pytest.mark.timeout(90)


def named(world: World, name: str) -> list[Any]:
    return [item for item in world.files.drive.store.items.values() if item.name == name]


async def sent(world: World, name: str, data: bytes) -> str:
    """The id of an upload with these bytes."""
    place = await world.call("files_create_upload", name=name)
    assert (await world.http.put(place["url"], content=data)).status_code == 201
    return place["upload_id"]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize("address", ["public", "internal"])
async def test_a_client_writes_changes_and_puts_away_a_file(world: World, address: Address, mode: str):
    url, name = world.deployment.mcp_url(address), f"plan {address} {mode}"
    async with asyncio.timeout(60), connected(url, PersonAtBrowser(ALICE.email), mode=mode) as client:

        async def call(tool: str, **arguments: Any) -> dict[str, Any]:
            result = await client.call_tool(tool, arguments)
            assert not result.is_error, result.content
            assert result.structured_content is not None
            return result.structured_content

        folder = await call("drive_create_folder", name=f"folder of {name}")
        made = await call("drive_create_file", name=name, text="# One", convert_to="document", folder=folder["id"])
        changed = await call("drive_update_file", file_id=made["id"], text="# Two", version=made["version"])
        read = await call("drive_read", file_id=made["id"])
        assert "# Two" in read["content"]
        assert read["version"] == changed["version"]
        copied = await call("drive_copy", file_id=made["id"])
        gone = await call("drive_trash", file_ids=[made["id"], copied["id"]])
        assert [row["name"] for row in gone["files"]] == [name, f"Copy of {name}"]
        assert "drive_delete_forever" not in {tool.name for tool in (await client.list_tools()).tools}


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_client_hears_how_far_a_large_file_is(world: World, mode: str):
    data = bytes(range(250)) * 40_000
    heard: list[tuple[float, float | None]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        assert not message
        heard.append((progress, total))

    url = world.deployment.mcp_url("public")
    async with asyncio.timeout(60), connected(url, PersonAtBrowser(ALICE.email), mode=mode) as client:
        place = (await client.call_tool("files_create_upload", {"name": f"large {mode}.bin"})).structured_content
        assert place is not None
        assert (await world.http.put(place["url"], content=data)).status_code == 201
        result = await client.call_tool("drive_create_file", {"upload_id": place["upload_id"]}, progress_callback=hear)
    assert not result.is_error, result.content
    assert named(world, f"large {mode}.bin")[0].data == data
    assert heard == [(4 * 2**20, len(data)), (8 * 2**20, len(data)), (len(data), len(data))]


async def test_a_file_of_a_mail_is_stored_without_going_through_the_caller(world: World):
    made = await world.call("drive_create_file", message_id=world.files.message, part="table.csv")
    [item] = named(world, "table.csv")
    assert (item.id, item.data.decode().replace("\r\n", "\n"), item.mime_type) == (made["id"], CSV, "text/csv")
    await world.call(
        "drive_create_file", message_id=world.files.message, part="table.csv", name="Table", convert_to="spreadsheet"
    )
    assert named(world, "Table")[0].mime_type == "application/vnd.google-apps.spreadsheet"


async def test_who_may_not_read_mail_stores_none_of_it(world: World):
    headers = world.bearer(services=["drive"])
    url = f"{world.deployment.base_of('public')}/tools/drive_create_file"
    arguments = {"message_id": world.files.message, "part": "same.zip"}
    response = await world.http.post(url, json=arguments, headers=headers)
    assert (response.status_code, response.json()["code"]) == (403, "refused_by_policy")


@pytest.mark.parametrize("convert_to", ["", "document"])
async def test_a_repetition_under_one_request_id_makes_no_twin(world: World, convert_to: str):
    name = f"once as {convert_to or 'it is'}"
    arguments: dict[str, Any] = {"name": name, "text": "x", "convert_to": convert_to, "request_id": f"id of {name}"}
    world.google.faults.add("drive.files.create", reset_after(), times=1)
    first = await world.call("drive_create_file", **arguments)
    again = await world.call("drive_create_file", **arguments)
    assert first["id"] == again["id"] == named(world, name)[0].id
    assert len(named(world, name)) == 1
    other = await world.answer("drive_create_file", {**arguments, "text": "y"})
    assert other.json()["code"] == "conflict"


async def test_nothing_is_deleted_for_good_unless_the_operator_allows_it(world: World, tmp_path: Path):
    refused = await world.answer("drive_delete_forever", {"file_ids": [world.files.photo]})
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
    with world_in(tmp_path, FakeClock(), tier="full") as full:
        await connect_people(full)
        async with type(world.http)(timeout=30, trust_env=False) as full.http:
            refused = await full.answer("drive_delete_forever", {"file_ids": [full.files.photo]})
            assert refused.json()["code"] == "not_found"
            assert full.files.photo in full.files.drive.store.items
    with world_in(tmp_path / "allowed", FakeClock(), tier="full", allow_delete_forever=True) as allowed:
        await connect_people(allowed)
        async with type(world.http)(timeout=30, trust_env=False) as allowed.http:
            await allowed.call("drive_delete_forever", file_ids=[allowed.files.photo])
            assert allowed.files.photo not in allowed.files.drive.store.items


@pytest.mark.security("T-19")
@pytest.mark.parametrize(
    ("asked", "code", "words"),
    [
        ({"to": "chiara@studio.example"}, "refused_by_policy", "share_domains"),
        ({"to": "anyone"}, "refused_by_policy", "public_links"),
        ({"to": "ben@example.com", "role": "owner"}, "refused_by_policy", "ownership"),
        ({"to": "ben@example.com", "role": "king"}, "invalid_argument", ""),
    ],
)
async def test_sharing_stays_within_what_the_operator_allows(
    world: World, asked: dict[str, str], code: str, words: str
):
    before = dict(world.files.drive.store.items[world.files.document].permissions)
    response = await world.answer("drive_share", {"file_id": world.files.document, **asked})
    assert response.json()["code"] == code
    assert words in response.text
    assert world.files.drive.store.items[world.files.document].permissions == before


async def test_a_client_shares_shows_and_takes_away(world: World):
    file_id = world.files.document
    url = world.deployment.mcp_url("public")
    async with asyncio.timeout(60), connected(url, PersonAtBrowser(ALICE.email)) as client:
        for tool, more, state in (
            ("drive_share", {"to": BEN.email, "role": "writer", "dry_run": True}, "dry run"),
            ("drive_share", {"to": BEN.email, "role": "writer", "request_id": "share once"}, "shared"),
            ("drive_share", {"to": BEN.email, "role": "writer", "request_id": "share once"}, "shared"),
            ("drive_unshare", {"who": BEN.email}, "taken away"),
        ):
            result = await client.call_tool(tool, {"file_id": file_id, **more})
            assert not result.is_error, result.content
            assert result.structured_content is not None
            assert result.structured_content["state"] == state
    assert len([sent for sent in world.files.drive.notifications if sent.file_id == file_id]) == 1
