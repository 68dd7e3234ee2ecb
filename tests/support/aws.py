"""AWS as moto emulates it, in a process of its own, and something in front of it that fails on demand."""

import os
import subprocess
import sys
import urllib.request
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from google_workspace_mcp.core.aws import AwsAccess
from google_workspace_mcp.core.http.server import listen

REGION = "eu-west-1"
# What the SDK needs to sign; the emulator believes anything.
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


@dataclass(frozen=True)
class Aws:
    """A running emulator."""

    url: str

    @property
    def access(self) -> AwsAccess:
        return AwsAccess(REGION, self.url)

    def client(self, name: str) -> Any:
        """A plain client, to prepare things and to look at them from outside."""
        return boto3.client(
            name,
            region_name=REGION,
            endpoint_url=self.url,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )

    def bucket(self) -> str:
        """A fresh bucket."""
        name = f"bucket-{uuid.uuid4().hex[:16]}"
        client = self.client("s3")
        client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        client.close()
        return name

    def kms_key(self) -> str:
        """The ARN of a fresh key."""
        client = self.client("kms")
        arn = client.create_key()["KeyMetadata"]["Arn"]
        client.close()
        return arn

    def secret(self, value: str) -> str:
        """The name of a fresh secret."""
        name = f"secret-{uuid.uuid4().hex[:16]}"
        client = self.client("secretsmanager")
        client.create_secret(Name=name, SecretString=value)
        client.close()
        return name

    def rotate(self, name: str, value: str) -> None:
        """Give the secret another value."""
        client = self.client("secretsmanager")
        client.put_secret_value(SecretId=name, SecretString=value)
        client.close()


@contextmanager
def moto_server(log: Path) -> Generator[Aws]:
    """moto's server on a free port; up when it has answered."""
    probe = listen()
    port = probe.getsockname()[1]
    probe.close()
    program = Path(sys.executable).with_name("moto_server")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, str(program), "-H", "127.0.0.1", "-p", str(port)], stdout=output, stderr=output
        )
        try:
            _wait_until_up(process, f"http://127.0.0.1:{port}")
            yield Aws(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()
            process.wait(10)


def _wait_until_up(process: subprocess.Popen[bytes], url: str) -> None:
    for _ in range(300):
        assert process.poll() is None, "moto ended while starting"
        try:
            with urllib.request.urlopen(f"{url}/moto-api/", timeout=1):
                return
        except OSError:
            try:
                process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
    raise AssertionError("moto did not come up")
