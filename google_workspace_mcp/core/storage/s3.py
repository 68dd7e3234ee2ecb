"""Objects below one prefix of an S3 bucket, safe with any number of processes.

Permissions on the prefix alone are enough: `s3:GetObject`, `s3:PutObject`, `s3:DeleteObject` on `bucket/prefix/*`, and
`s3:ListBucket` with the condition that `s3:prefix` lies below it. Under that condition S3 answers 403, not 404, for a
key that is missing, since a read carries no prefix. So a refused read is followed by a listing of that one key, which
is allowed: nothing listed means absent, the key listed or the listing refused means denied.

The bucket must exist; it is never made here.
"""

from collections.abc import AsyncIterator
from typing import Any, NoReturn

from google_workspace_mcp.core.aws import AwsAccess, AwsError, AwsService, answered, read_body
from google_workspace_mcp.core.storage.base import (
    ObjectConflictError,
    ObjectNotFoundError,
    StoredObject,
    StoreMisconfiguredError,
    StoreUnavailableError,
    check_key,
)

_WORKERS = 16
_READS = 2  # the SDK does not repeat a read that breaks off in the middle of the body


class S3Store:
    """An `ObjectStore` in `bucket` below `prefix`, "" for the whole bucket.

    `kms_key` asks S3 to encrypt objects with that KMS key (SSE-KMS, with a bucket key); without it the bucket's own
    default counts.
    """

    def __init__(self, bucket: str, prefix: str, access: AwsAccess, *, kms_key: str = "") -> None:
        self._bucket = bucket
        self._base = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        try:
            self._s3 = AwsService(access, "s3", workers=_WORKERS)
        except AwsError as error:
            self._fail(error)
        self._sealed_by: dict[str, Any] = (
            {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key, "BucketKeyEnabled": True} if kms_key else {}
        )

    async def get(self, key: str) -> StoredObject:
        where = self._where(key)
        for last in (False, True):
            try:
                return await self._s3.call(lambda s3: _read(s3, where))
            except AwsError as error:
                if error.code == "NoSuchKey":
                    raise ObjectNotFoundError(key) from None
                if error.status != 403 or last:
                    self._fail(error)
            # Absent or denied? A key that is listed after all was written just now: read once more.
            if not await self._is_listed(where["Key"]):
                raise ObjectNotFoundError(key)
        raise AssertionError("the last attempt returns or raises")

    async def put(self, key: str, data: bytes, *, if_match: str | None = None, if_none_match: bool = False) -> str:
        where, conditions = self._where(key), _conditions(if_match, if_none_match)
        try:
            return await self._s3.call(lambda s3: _write(s3, {**where, **conditions, **self._sealed_by}, data))
        except AwsError as error:
            if not _is_conflict(error) or not conditions:
                self._fail(error)
            return await self._own_lost_write(key, data, error)

    async def delete(self, key: str, *, if_match: str | None = None) -> None:
        where, conditions = self._where(key), _conditions(if_match, if_none_match=False)
        try:
            await self._s3.call(lambda s3: _remove(s3, {**where, **conditions}))
        except AwsError as error:
            # Missing after a retry: the first attempt removed it, and only its answer was lost.
            if error.code == "NoSuchKey" and (error.retries or not conditions):
                return
            if _is_conflict(error):
                raise ObjectConflictError(key) from None
            self._fail(error)

    async def list(self, prefix: str) -> AsyncIterator[str]:
        token = ""
        while True:
            page = await self._page(self._base + prefix, token)
            for entry in page.get("Contents", ()):
                yield str(entry["Key"]).removeprefix(self._base)
            token = str(page.get("NextContinuationToken", ""))
            if not token:
                return

    async def check(self) -> None:
        await self._page(self._base, "", most=1)

    async def close(self) -> None:
        await self._s3.close()

    def _where(self, key: str) -> dict[str, Any]:
        return {"Bucket": self._bucket, "Key": self._base + check_key(key)}

    async def _own_lost_write(self, key: str, data: bytes, error: AwsError) -> str:
        """The etag when what stands there are our very bytes: an attempt before had succeeded and its answer was lost.

        Sealed bytes are unique, so nobody else can have written them.
        """
        if error.retries:
            try:
                stored = await self.get(key)
            except ObjectNotFoundError:
                raise ObjectConflictError(key) from None
            if stored.data == data:
                return stored.etag
        raise ObjectConflictError(key) from None

    async def _is_listed(self, whole_key: str) -> bool:
        page = await self._page(whole_key, "", most=1)
        return any(entry["Key"] == whole_key for entry in page.get("Contents", ()))

    async def _page(self, prefix: str, token: str, *, most: int = 1000) -> dict[str, Any]:
        asked: dict[str, Any] = {"Bucket": self._bucket, "Prefix": prefix, "MaxKeys": most}
        if token:
            asked["ContinuationToken"] = token
        try:
            page = await self._s3.call(lambda s3: s3.list_objects_v2(**asked))
            answered(page, "IsTruncated")  # always there: an empty page of something else must not pass for "nothing"
        except AwsError as error:
            self._fail(error)
        return page

    def _fail(self, error: AwsError) -> NoReturn:
        if error.code == "NoSuchBucket":
            raise StoreMisconfiguredError(f"there is no bucket {self._bucket}") from None
        kind = StoreMisconfiguredError if error.is_lasting else StoreUnavailableError
        raise kind(f"the bucket {self._bucket} cannot be used: {error.in_words()}") from None


def _read(s3: Any, where: dict[str, Any]) -> StoredObject:
    for reads_left in reversed(range(_READS)):
        answer = s3.get_object(**where)
        try:
            return StoredObject(read_body(answered(answer, "Body")), str(answered(answer, "ETag")))
        except AwsError:
            if not reads_left:
                raise
    raise AssertionError("the last read returns or raises")


def _write(s3: Any, where: dict[str, Any], data: bytes) -> str:
    return str(answered(s3.put_object(**where, Body=data), "ETag"))


def _remove(s3: Any, where: dict[str, Any]) -> None:
    if s3.delete_object(**where)["ResponseMetadata"]["HTTPStatusCode"] != 204:
        raise AwsError("garbled")


def _conditions(if_match: str | None, if_none_match: bool) -> dict[str, str]:
    if if_none_match:
        return {"IfNoneMatch": "*"}
    return {"IfMatch": if_match} if if_match is not None else {}


def _is_conflict(error: AwsError) -> bool:
    """412: the condition failed. 409: another conditional write was under way. 404: if-match on nothing."""
    return error.status in (409, 412) or error.code in ("NoSuchKey", "PreconditionFailed", "ConditionalRequestConflict")
