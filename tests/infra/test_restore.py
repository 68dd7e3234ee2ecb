"""Stored connections that were deleted or damaged come back from the versions of the bucket, by one command."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from google_workspace_mcp.auth.connections import Connection, Connections
from google_workspace_mcp.core.google.identity import GoogleIdentity
from google_workspace_mcp.core.google.oauth import TokenAnswer
from google_workspace_mcp.core.keys import Key, KeyRing
from google_workspace_mcp.core.principal import Principal
from google_workspace_mcp.core.storage.s3 import S3Store
from google_workspace_mcp.core.storage.sealing import KeyRingWrapper, SealedStore
from infra.scripts.restore import Versions
from infra.scripts.stacks import DeployError
from tests.support.aws import REGION, Aws
from tests.support.clock import FakeClock

ROOT = Path(__file__).resolve().parents[2]
PERSON = Principal("https://agent.example", "user-1")
IDENTITY = GoogleIdentity(
    subject="1", email="alice@example.com", email_verified=True, hosted_domain="example.com", name="Alice"
)


@dataclass
class Bucket:
    """A store in a versioned bucket, as the service uses it, and as an operator meets it."""

    aws: Aws
    name: str
    objects: S3Store
    key: Key
    clock: FakeClock

    def task(self) -> Connections:
        """Connections as a task sees them that has just started."""
        return Connections(SealedStore(self.objects, KeyRingWrapper(KeyRing((self.key,)))), self.clock)

    def restore(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "AWS_ENDPOINT_URL": self.aws.url, "AWS_REGION": REGION}
        return subprocess.run(
            [
                sys.executable,
                "-W",
                "error",
                "-m",
                "infra.scripts.restore",
                "--store",
                f"s3://{self.name}/store",
                *arguments,
            ],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture
async def bucket(aws: Aws) -> AsyncIterator[Bucket]:
    name = aws.bucket()
    client = aws.client("s3")
    client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    client.close()
    objects = S3Store(name, "store", aws.access)
    yield Bucket(aws, name, objects, Key("k", os.urandom(32)), FakeClock())
    await objects.close()


async def connected(connections: Connections, token: str = "first") -> Connection:
    answer = TokenAnswer("access", 3600, token, frozenset({"openid"}), "")
    return await connections.save(PERSON, IDENTITY, answer)


def place(connection: Connection) -> str:
    return f"lasting/connections/{PERSON.key}/{connection.id}"


async def tokens(connections: Connections) -> list[str]:
    return [one.refresh_token.get_secret_value() for one in await connections.of(PERSON, fresh=True)]


async def test_a_deleted_connection_comes_back_to_the_tasks_that_knew_it(bucket: Bucket):
    task = bucket.task()
    connection = await connected(task)
    await bucket.objects.delete(place(connection))
    assert await tokens(task) == []
    done = bucket.restore(place(connection))
    assert done.returncode == 0, done.stderr
    assert await tokens(task) == ["first"]


async def test_a_damaged_connection_comes_back_as_it_was_before(bucket: Bucket):
    task = bucket.task()
    connection = await connected(task)
    await bucket.objects.put(place(connection), b"damaged")
    assert await tokens(task) == []
    assert bucket.restore(place(connection)).returncode == 0
    assert await tokens(task) == ["first"]


async def test_an_older_version_is_refused_until_the_tasks_that_knew_a_newer_one_are_replaced(bucket: Bucket):
    task = bucket.task()
    connection = await connected(task)
    await connected(task, "second")
    listed = bucket.restore("--list", "lasting/connections/").stdout.splitlines()
    oldest = [line.split()[1] for line in listed if line.startswith("  ")][-1]
    assert bucket.restore(place(connection), "--version", oldest).returncode == 0
    assert await tokens(task) == []
    assert await tokens(bucket.task()) == ["first"]


async def test_what_was_deleted_in_a_span_of_time_comes_back_together_and_nothing_else(bucket: Bucket):
    now = datetime.now(UTC)
    span = ("--since", (now - timedelta(minutes=5)).isoformat(), "--until", (now + timedelta(minutes=5)).isoformat())
    for number in range(3):
        await bucket.objects.put(f"lasting/connections/o/{number}", b"x%d" % number)
    await bucket.objects.put("session/one", b"y")
    for name in ("lasting/connections/o/0", "lasting/connections/o/1", "session/one"):
        await bucket.objects.delete(name)
    earlier = ("--since", "2026-01-01T00:00+00:00", "--until", "2026-01-02T00:00+00:00")
    assert "back  0 objects" in bucket.restore("--deleted-below", "lasting/connections/", *earlier).stdout
    assert "back  2 objects" in bucket.restore("--deleted-below", "lasting/connections/", *span).stdout
    assert [name async for name in bucket.objects.list("")] == [f"lasting/connections/o/{n}" for n in range(3)]
    assert (await bucket.objects.get("lasting/connections/o/1")).data == b"x1"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("store/lasting/none",), "names do not begin with the store's prefix"),
        (("lasting/one", "--version", "of-another"), "there is no such version"),
        (("lasting/one",), "there is no such version"),
    ],
)
async def test_what_cannot_be_brought_back_is_said(arguments: tuple[str, ...], words: str, bucket: Bucket):
    await bucket.objects.put("lasting/one", b"x")
    done = bucket.restore(*arguments)
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_time_without_an_offset_is_refused(aws: Aws):
    done: Any = subprocess.run(
        [
            sys.executable,
            "-m",
            "infra.scripts.restore",
            "--store",
            "s3://b/p",
            "--deleted-below",
            "x",
            "--since",
            "2026-01-01",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "needs an offset" in done.stderr


async def test_what_was_written_meanwhile_is_not_written_over(bucket: Bucket):
    client = bucket.aws.client("s3")
    versions = Versions(client, bucket.name, "store")
    for content in (b"first", b"damaged"):
        await bucket.objects.put("lasting/one", content)
    damaged, first = versions.below("lasting/one")["lasting/one"]
    await bucket.objects.put("lasting/one", b"by the service")
    with pytest.raises(DeployError, match="written meanwhile"):
        versions.put_back("lasting/one", first, damaged)
    client.close()
    assert (await bucket.objects.get("lasting/one")).data == b"by the service"
