"""The tools that read Drive, called by the official client, which holds each answer against the tool's schema."""

import asyncio
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from google_workspace_mcp.demo.client import PersonAtBrowser, connected
from google_workspace_mcp.sandbox.people.cast import ALICE
from tests.clients.deployment import Deployment, deployed, sample_google
from tests.support.clock import FakeClock

CLOCK = FakeClock()
pytestmark = pytest.mark.timeout(90)


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Generator[Deployment]:
    folder: Path = tmp_path_factory.mktemp("service")
    with sample_google(CLOCK) as google, deployed(google, folder, "/ws", clock=CLOCK, tier="full") as deployment:
        yield deployment
        assert google.violations == []


async def told(client: Client, tool: str, **arguments: Any) -> tuple[dict[str, Any], str]:
    """The structured content of a call, and its text."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    assert result.structured_content is not None
    return result.structured_content, getattr(result.content[0], "text", "")


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_person_goes_from_a_path_to_a_file_and_what_was_said_of_it(deployment: Deployment, mode: str):
    url = deployment.mcp_url("public")
    async with asyncio.timeout(60), connected(url, PersonAtBrowser(ALICE.email), mode=mode) as client:
        year = CLOCK.now().year
        listed, text = await told(client, "drive_list_folder", folder=f"Reports/{year}/Q3")
        assert f"My Drive/Reports/{year}/Q3" in text
        review = next(row["id"] for row in listed["files"] if row["name"] == "Q3 review")
        info, text = await told(client, "drive_get_file", file_id=review)
        assert info["path"] == f"My Drive/Reports/{year}/Q3"
        assert "open to: 1 person besides you" in text
        comments, _ = await told(client, "drive_list_comments", file_id=review)
        assert [row.get("resolved", False) for row in comments["comments"]] == [False, True]
        revisions, _ = await told(client, "drive_list_revisions", file_id=review)
        assert revisions["total"] == 1


async def test_a_person_looks_at_the_account_and_its_shared_drives(deployment: Deployment):
    url = deployment.mcp_url("public")
    async with asyncio.timeout(60), connected(url, PersonAtBrowser(ALICE.email)) as client:
        about, _ = await told(client, "drive_about")
        assert about["used"] > 0
        drives, _ = await told(client, "drive_list_shared_drives")
        assert [drive["name"] for drive in drives["drives"]] == ["Studio Launch"]
        tree, text = await told(client, "drive_list_folder", folder="Studio Launch", depth=2)
        assert [row.get("level", 0) for row in tree["files"]] == [0, 1, 1, 0]
        assert "> Catalogue proof 2.pdf" in text
