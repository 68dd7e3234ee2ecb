"""Run by the trimmed environment's own Python: imports the service, builds requests, calls AWS at the given address.

`python calls.py ROOT AWS_URL`. Prints "all is there", or fails.
"""

import importlib
import sys
import warnings
from pathlib import Path
from typing import Any

NOT_IN_THE_IMAGE = ("demo", "sandbox", "docgen")


def import_everything(root: Path) -> None:
    for path in sorted((root / "google_workspace_mcp").rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        if parts[1:2] and parts[1] not in NOT_IN_THE_IMAGE:
            importlib.import_module(".".join(parts).removesuffix(".__init__"))


def build_requests() -> None:
    from google_workspace_mcp.core.google.endpoints import GoogleEndpoints
    from google_workspace_mcp.core.google.resources import GoogleResources

    resources = GoogleResources(GoogleEndpoints.of(""))
    assert resources.gmail.messages.list(userId="me").uri.startswith("https://gmail.googleapis.com/")
    assert resources.drive.files.list().uri.startswith("https://www.googleapis.com/drive/")
    assert resources.calendar.events.list(calendarId="primary").uri.startswith("https://www.googleapis.com/calendar/")


def call_aws(url: str) -> None:
    import boto3

    session = boto3.Session("key", "secret", region_name="eu-central-1")

    def client(service: Any) -> Any:
        return session.client(service, endpoint_url=url)

    assert client("sts").get_caller_identity()["Account"]
    s3 = client("s3")
    s3.create_bucket(Bucket="trimmed", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    etag = s3.put_object(Bucket="trimmed", Key="one", Body=b"x", IfNoneMatch="*")["ETag"]
    assert s3.get_object(Bucket="trimmed", Key="one")["ETag"] == etag
    assert [page["KeyCount"] for page in s3.get_paginator("list_objects_v2").paginate(Bucket="trimmed")] == [1]
    kms = client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    sealed = kms.generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext={"kind": "test"})
    opened = kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext={"kind": "test"})
    assert opened["Plaintext"] == sealed["Plaintext"]
    secrets = client("secretsmanager")
    secrets.create_secret(Name="trimmed", SecretString="hidden")
    assert secrets.get_secret_value(SecretId="trimmed")["SecretString"] == "hidden"


if __name__ == "__main__":
    warnings.simplefilter("error")
    place = Path(sys.argv[1])
    sys.path.insert(0, str(place))
    import_everything(place)
    build_requests()
    call_aws(sys.argv[2])
    print("all is there")  # noqa: T201  what the test waits for
