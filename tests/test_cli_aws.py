"""The command line with a store, keys and secrets in AWS: what is wrong is one line, never a stack."""

import asyncio
import base64
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from google_workspace_mcp.core.keys import Key, KeyRing, render_keys
from google_workspace_mcp.core.storage.base import ObjectStore
from google_workspace_mcp.core.storage.directory import DirectoryStore
from google_workspace_mcp.core.storage.s3 import S3Store
from google_workspace_mcp.core.storage.sealing import KeyRingWrapper, SealedStore
from google_workspace_mcp.sandbox.oauth.book import OAuthClient
from google_workspace_mcp.sandbox.people.cast import PEOPLE
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.support.aws import ENVIRONMENT, REGION, Aws
from tests.support.faulty import Faulty, faulty, json_error, s3_error
from tests.test_cli import run

OLD, NEW = Key("old", os.urandom(32)), Key("new", os.urandom(32))
KEYS = f"k:{base64.b64encode(bytes(32)).decode()}"


@pytest.fixture
def proxy(aws: Aws) -> Iterator[Faulty]:
    with faulty(aws.url) as proxy:
        yield proxy


@pytest.fixture
def environ(proxy: Faulty, aws: Aws) -> dict[str, str]:
    """Settings with which nothing is wrong but that nobody answers for Google."""
    return {
        **ENVIRONMENT,
        "GWMCP_AWS_URL": proxy.url,
        "GWMCP_AWS_REGION": REGION,
        "GWMCP_GOOGLE_CLIENT_ID": "id",
        "GWMCP_GOOGLE_CLIENT_SECRET": "secret",
        "GWMCP_GOOGLE_URL": "http://127.0.0.1:9",
        "GWMCP_STORE": f"s3://{aws.bucket()}/prefix",
        "GWMCP_KEYS": KEYS,
        "GWMCP_SIGNING_KEYS": KEYS,
        "GWMCP_PORT": "0",
        "GWMCP_METRICS_PORT": "0",
    }


def the_line(done: subprocess.CompletedProcess[str]) -> str:
    """The one problem that stopped a start."""
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    [line] = [line for line in done.stderr.splitlines() if line.startswith("  - ")]
    return line.removeprefix("  - ")


@pytest.mark.security("L-5")
def test_a_missing_secret_stops_the_start_with_one_line(tmp_path: Path, environ: dict[str, str]) -> None:
    del environ["GWMCP_KEYS"]
    done = run(tmp_path, "serve", GWMCP_KEYS_SECRET="prod/keys", **environ)
    assert the_line(done) == f"GWMCP_KEYS_SECRET: there is no secret prod/keys in region {REGION}"


@pytest.mark.security("L-5")
def test_a_malformed_secret_stops_the_start_and_is_not_shown(tmp_path: Path, environ: dict[str, str], aws: Aws) -> None:
    del environ["GWMCP_KEYS"]
    done = run(tmp_path, "serve", GWMCP_KEYS_SECRET=aws.secret("hidden-words"), **environ)
    assert the_line(done).startswith("GWMCP_KEYS_SECRET: key 1 is not written id:base64")
    assert "hidden-words" not in done.stderr + done.stdout


@pytest.mark.security("L-5")
def test_a_bucket_in_another_region_stops_the_start_with_one_line(
    tmp_path: Path, environ: dict[str, str], proxy: Faulty
) -> None:
    proxy.always(s3_error(400, "AuthorizationHeaderMalformed"))
    done = run(tmp_path, "serve", **environ)
    assert the_line(done).startswith("GWMCP_STORE: the bucket ")
    assert the_line(done).endswith(" cannot be used: it lies in another region")


@pytest.mark.security("L-5")
def test_a_kms_key_that_is_not_in_the_region_stops_the_start_with_one_line(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    done = run(tmp_path, "serve", GWMCP_KMS_KEY="11111111-1111-1111-1111-111111111111", **environ)
    assert the_line(done) == "GWMCP_KMS_KEY: the KMS key cannot be used: there is no such key"


def test_no_region_is_said_so(tmp_path: Path, environ: dict[str, str]) -> None:
    for name in ("GWMCP_AWS_REGION", "GWMCP_KEYS"):
        del environ[name]
    done = run(tmp_path, "serve", GWMCP_KEYS_SECRET="prod/keys", **environ)
    assert the_line(done) == "AWS Secrets Manager cannot be used: no AWS region is set"


def test_doctor_finds_s3_kms_and_secrets_well(tmp_path: Path, environ: dict[str, str], aws: Aws) -> None:
    del environ["GWMCP_SIGNING_KEYS"]
    with SimulatedGoogle((), PEOPLE) as google:
        google.register_client(OAuthClient("id", "secret", "Doctor", ("http://localhost:8000/auth/google/callback",)))
        changed = {
            "GWMCP_GOOGLE_URL": google.url,
            "GWMCP_SIGNING_KEYS_SECRET": aws.secret(KEYS),
            "GWMCP_KMS_KEY": aws.kms_key(),
        }
        done = run(tmp_path, "doctor", **{**environ, **changed})
    assert done.returncode == 0, done.stdout
    assert "secrets: 1 can be read by name" in done.stdout
    assert "keys: sealing with AWS KMS, signing with k" in done.stdout
    assert f"store: {environ['GWMCP_STORE']} can be written, read and sealed" in done.stdout


def test_doctor_says_which_of_them_cannot_be_used(tmp_path: Path, environ: dict[str, str], proxy: Faulty) -> None:
    del environ["GWMCP_SIGNING_KEYS"]
    proxy.always(json_error(400, "AccessDeniedException"))
    done = run(tmp_path, "doctor", GWMCP_SIGNING_KEYS_SECRET="prod/signing", **environ)
    assert done.returncode == 1
    assert "GWMCP_SIGNING_KEYS_SECRET: the secret prod/signing" in done.stdout
    assert "secretsmanager:GetSecretValue" in done.stdout
    assert "Traceback" not in done.stderr


# -- rotate-keys


def sealed(objects: ObjectStore, *keys: Key) -> SealedStore:
    return SealedStore(objects, KeyRingWrapper(KeyRing(keys)))


@pytest.fixture(params=["directory", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path, environ: dict[str, str], aws: Aws) -> ObjectStore:
    if request.param == "directory":
        environ["GWMCP_STORE"] = f"file://{tmp_path}/store"
        return DirectoryStore(tmp_path / "store")
    return S3Store(environ["GWMCP_STORE"].split("/")[2], "prefix", aws.access)


def test_rotate_keys_seals_everything_anew_and_prints_counts(
    tmp_path: Path, environ: dict[str, str], place: ObjectStore
) -> None:
    async def before() -> None:
        for number in range(3):
            await sealed(place, OLD).put(f"lasting/connections/{number}", "connection", b"x")

    async def after() -> bytes:
        try:
            return (await sealed(place, NEW).get("lasting/connections/2", "connection")).data
        finally:
            await place.close()

    asyncio.run(before())
    environ["GWMCP_KEYS"] = render_keys(KeyRing((NEW, OLD)))
    first, second = run(tmp_path, "rotate-keys", **environ), run(tmp_path, "rotate-keys", **environ)
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "3  sealed anew" in first.stdout
    assert "3  already so" in second.stdout
    assert "No object that opens needs another key" in second.stdout
    assert asyncio.run(after()) == b"x"


def test_rotate_keys_names_what_does_not_open_and_leaves_it(tmp_path: Path, environ: dict[str, str]) -> None:
    objects = DirectoryStore(tmp_path / "store")
    asyncio.run(objects.put("lasting/connections/bad", b"damaged"))
    done = run(tmp_path, "rotate-keys", **{**environ, "GWMCP_STORE": f"file://{tmp_path}/store"})
    assert done.returncode == 1
    assert "does not open, left as it is: lasting/connections/bad" in done.stdout
    assert asyncio.run(objects.get("lasting/connections/bad")).data == b"damaged"


def test_rotate_keys_stops_in_words_when_the_store_fails(
    tmp_path: Path, environ: dict[str, str], proxy: Faulty
) -> None:
    proxy.always(s3_error(503, "SlowDown"))
    done = run(tmp_path, "rotate-keys", **environ)
    assert done.returncode == 1
    assert "Run the command again; what is done stays done." in done.stderr
    assert "Traceback" not in done.stderr
