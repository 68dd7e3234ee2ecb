"""Two processes' worth of the service on one bucket: either follows what the other has made."""

import asyncio
import base64
import hashlib
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from google_workspace_mcp.core.clock import SystemClock
from google_workspace_mcp.core.http.server import listen
from google_workspace_mcp.core.principal import Principal
from google_workspace_mcp.sandbox.people.cast import ALICE
from tests.files.world import PDF, Files, filled
from tests.support.agents import Agent, setting
from tests.support.aws import REGION, Aws
from tests.support.connecting import connect
from tests.support.proxy import ReverseProxy
from tests.support.stack import Stack, running

pytestmark = pytest.mark.timeout(120)
AGENT = Agent("urn:example:workspace-tools")
DATA = random.Random(6).randbytes(6_000_000)


class Two:
    """Two tasks behind a balancer that takes turns."""

    def __init__(self, base: str, stacks: tuple[Stack, Stack], files: Files) -> None:
        self.base = base
        self.stacks = stacks
        self.files = files


@pytest.fixture
def two(aws: Aws, tmp_path: Path) -> Iterator[Two]:
    front, bucket, key = listen(), aws.bucket(), base64.b64encode(os.urandom(32)).decode()
    base = f"http://127.0.0.1:{front.getsockname()[1]}/ws"
    same: dict[str, Any] = {
        "store": f"s3://{bucket}/files",
        "keys": f"k:{key}",
        "signing_keys": f"s:{key}",
        "aws_url": aws.url,
        "aws_region": REGION,
        "agents": setting(AGENT),
        "base_url": base,
    }
    google, files = filled(SystemClock())
    with google, running(google, tmp_path, **same) as one, running(google, tmp_path, **same) as other:
        asyncio.run(connect(one, Principal(AGENT.issuer, "user-1"), ALICE))
        targets = [stack.internal_url.removeprefix("http://") for stack in (one, other)]
        with ReverseProxy(targets, "/ws", listener=front):
            yield Two(base, (one, other), files)


async def test_links_and_uploads_are_good_at_every_task(two: Two):
    headers = {"Authorization": f"Bearer {AGENT.token('user-1')}"}
    async with httpx2.AsyncClient(timeout=30, trust_env=False) as http:
        arguments = {"message_id": two.files.message, "name": "Größe.pdf", "mode": "link"}
        made = await http.post(f"{two.base}/tools/gmail_get_attachment", json=arguments, headers=headers)
        link = made.json()["data"]["url"]
        for _ in range(4):
            assert (await http.get(link)).content == PDF
        made = await http.post(f"{two.base}/tools/files_create_upload", json={"name": "a.bin"}, headers=headers)
        # Made at one task, sent to the next, and asked for at the one after.
        sent = await http.put(made.json()["data"]["url"], content=DATA)
        assert sent.status_code == 201, sent.text
        assert sent.json()["data"]["sha256"] == hashlib.sha256(DATA).hexdigest()
        assert (await http.put(made.json()["data"]["url"], content=DATA)).status_code == 409


async def test_a_disconnect_at_one_task_ends_links_at_the_other_at_once(two: Two):
    headers = {"Authorization": f"Bearer {AGENT.token('user-1')}"}
    one, other = (stack.internal_url for stack in two.stacks)
    async with httpx2.AsyncClient(timeout=30, trust_env=False) as http:
        arguments = {"file_id": two.files.photo}
        made = await http.post(f"{one}/tools/drive_download", json=arguments, headers=headers)
        token = made.json()["data"]["url"].rpartition("/")[2]
        assert (await http.get(f"{one}/files/{token}")).status_code == 200
        ended = await http.post(f"{other}/tools/accounts_disconnect", json={"account": ALICE.email}, headers=headers)
        assert ended.status_code == 200
        assert (await http.get(f"{one}/files/{token}")).status_code == 410
