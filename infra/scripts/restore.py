"""Brings back stored objects that were deleted or damaged, from the versions that the bucket keeps for thirty days.

    python -m infra.scripts.restore --foundation google-workspace-mcp-foundation --list lasting/connections/
    python -m infra.scripts.restore --foundation google-workspace-mcp-foundation OBJECT
    python -m infra.scripts.restore --foundation google-workspace-mcp-foundation OBJECT --version ID
    python -m infra.scripts.restore --foundation google-workspace-mcp-foundation \
        --deleted-below lasting/connections/ --since 2026-11-25T10:00+00:00 --until 2026-11-25T10:30+00:00

The version is written anew on top of what is there, so nothing is lost and the same can be undone. Whatever was written
by the service in between is not written over. Names are those below the store's prefix.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from botocore.exceptions import ClientError

from infra.scripts.command import client, run, say
from infra.scripts.stacks import DeployError, ServiceStack

_CHANGED: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})


@dataclass(frozen=True, slots=True)
class Kept:
    """One version of an object; `is_deletion` is a marker that says that it was deleted then."""

    version: str
    written: datetime
    is_latest: bool
    etag: str
    size: int
    is_deletion: bool


class Versions:
    """All versions of the objects below a prefix of a bucket, by name, each the newest first."""

    def __init__(self, s3: Any, bucket: str, prefix: str) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""

    def below(self, start: str) -> Mapping[str, Sequence[Kept]]:
        """Objects whose name begins so."""
        pages = self._s3.get_paginator("list_object_versions").paginate(
            Bucket=self._bucket, Prefix=f"{self._prefix}{start}"
        )
        found: dict[str, list[Kept]] = {}
        for key, kept in (pair for page in pages for pair in _entries(page)):
            found.setdefault(key.removeprefix(self._prefix), []).append(kept)
        # S3 tells versions apart by the second; within one it lists the newer first, and says which one is the latest.
        return {
            name: sorted(all_of, key=lambda one: (one.is_latest, one.written), reverse=True)
            for name, all_of in found.items()
        }

    def put_back(self, name: str, wanted: Kept, current: Kept) -> None:
        """Writes `wanted` on top, provided that `current` still is. Raises DeployError when it is not."""
        key = f"{self._prefix}{name}"
        body = self._s3.get_object(Bucket=self._bucket, Key=key, VersionId=wanted.version)["Body"].read()
        condition = {"IfNoneMatch": "*"} if current.is_deletion else {"IfMatch": current.etag}
        try:
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, **condition)
        except ClientError as error:
            if error.response["Error"]["Code"] in _CHANGED:
                raise DeployError(f"{name} was written meanwhile: look again, it may be well") from None
            raise


def main() -> int:
    """0: done, or listed. 1: it could not be, and why."""
    parser = argparse.ArgumentParser(description="Bring back stored objects from their versions.")
    place = parser.add_mutually_exclusive_group(required=True)
    place.add_argument("--foundation", help="stack with the bucket")
    place.add_argument("--store", metavar="s3://BUCKET/PREFIX", help="the store, when there is no such stack")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("name", nargs="?", metavar="OBJECT", help="the object to bring back")
    what.add_argument("--list", metavar="START", help="only say which versions there are of objects that begin so")
    what.add_argument("--deleted-below", metavar="START", help="bring back all that were deleted in a span of time")
    parser.add_argument("--version", help="of the object; the one before the damage by default")
    parser.add_argument("--since", type=_moment, help="with --deleted-below: ISO 8601 with an offset")
    parser.add_argument("--until", type=_moment, help="the same; now by default")
    options = parser.parse_args()
    if options.deleted_below is not None and options.since is None:
        parser.error("--deleted-below needs --since")
    return run(lambda: _restore(options))


def _restore(options: argparse.Namespace) -> None:
    bucket, prefix = _place(options)
    versions = Versions(client("s3"), bucket, prefix)
    if options.list is not None:
        _tell(versions.below(options.list))
    elif options.name:
        _one(versions, options.name, options.version)
    else:
        _many(versions, options.deleted_below, options.since, options.until or datetime.now(UTC))


def _place(options: argparse.Namespace) -> tuple[str, str]:
    if options.store:
        bucket, _, prefix = options.store.removeprefix("s3://").partition("/")
        return bucket, prefix.strip("/")
    outputs = ServiceStack(client("cloudformation"), options.foundation, say).outputs()
    return outputs["BucketName"], outputs["StorePrefix"]


def _tell(found: Mapping[str, Sequence[Kept]]) -> None:
    for name, versions in found.items():
        say(name)
        for one in versions:
            what = "deleted" if one.is_deletion else f"{one.size} bytes"
            say(f"  {one.written:%Y-%m-%dT%H:%M:%S%z}  {one.version}  {what}")


def _one(versions: Versions, name: str, version: str | None) -> None:
    kept = versions.below(name).get(name, ())
    if not kept:
        raise DeployError(f"the bucket keeps no version of {name}; names do not begin with the store's prefix")
    earlier = [one for one in kept[0 if kept[0].is_deletion else 1 :] if not one.is_deletion]
    wanted = next((one for one in kept if one.version == version), None) if version else next(iter(earlier), None)
    if wanted is None or wanted.is_deletion:
        raise DeployError(f"there is no such version of {name}; --list says which there are")
    versions.put_back(name, wanted, kept[0])
    say(f"  back  {name} as of {wanted.written:%Y-%m-%dT%H:%M:%S%z}")


def _many(versions: Versions, start: str, since: datetime, until: datetime) -> None:
    count = 0
    for name, kept in versions.below(start).items():
        gone = kept[0].is_deletion and since <= kept[0].written <= until
        wanted = next((one for one in kept if not one.is_deletion), None)
        if gone and wanted:
            versions.put_back(name, wanted, kept[0])
            count += 1
    say(f"  back  {count} objects")


def _entries(page: Mapping[str, Any]) -> Iterator[tuple[str, Kept]]:
    for entry in page.get("Versions", ()):
        yield entry["Key"], _kept(entry, etag=entry["ETag"], size=entry["Size"], is_deletion=False)
    for entry in page.get("DeleteMarkers", ()):
        yield entry["Key"], _kept(entry, etag="", size=0, is_deletion=True)


def _kept(entry: Mapping[str, Any], *, etag: str, size: int, is_deletion: bool) -> Kept:
    return Kept(entry["VersionId"], entry["LastModified"], entry["IsLatest"], etag, size, is_deletion)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError("needs an offset, such as +00:00")
    return moment


if __name__ == "__main__":
    sys.exit(main())
