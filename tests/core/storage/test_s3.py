"""What the S3 store promises beyond the contract: little permission is enough, failures and lost answers are told."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from google_workspace_mcp.core.aws import AwsAccess
from google_workspace_mcp.core.storage.base import (
    ObjectConflictError,
    ObjectNotFoundError,
    StoreMisconfiguredError,
    StoreUnavailableError,
)
from google_workspace_mcp.core.storage.s3 import S3Store
from tests.support.aws import REGION, Aws
from tests.support.faulty import Answer, Asked, BreakOff, Fault, Faulty, Hang, LoseAnswer, Reset, faulty, s3_error


@pytest.fixture
def proxy(aws: Aws) -> Iterator[Faulty]:
    with faulty(aws.url) as proxy:
        yield proxy


@pytest.fixture
async def store(aws: Aws, proxy: Faulty) -> AsyncIterator[S3Store]:
    store = S3Store(aws.bucket(), "some/prefix", AwsAccess(REGION, proxy.url))
    yield store
    await store.close()


def without_list_permission(asked: Asked) -> Fault:
    """How S3 answers a read of a missing key when listing is allowed below the prefix only."""
    return s3_error(403, "AccessDenied") if asked.method == "GET" and asked.status == 404 else None


# -- permissions on the prefix alone


async def test_a_missing_key_is_absent_although_s3_says_denied(store: S3Store, proxy: Faulty) -> None:
    await store.put("a/longer", b"x")
    proxy.after = without_list_permission
    with pytest.raises(ObjectNotFoundError):
        await store.get("a/long")
    assert (await store.get("a/longer")).data == b"x"


async def test_a_key_that_is_there_and_may_not_be_read_is_unavailable_not_absent(store: S3Store, proxy: Faulty) -> None:
    await store.put("a", b"x")
    proxy.before = lambda asked: s3_error(403, "AccessDenied") if "list-type" not in asked.target else None
    with pytest.raises(StoreMisconfiguredError, match="access was denied"):
        await store.get("a")


async def test_a_read_that_is_denied_with_its_listing_is_unavailable_not_absent(store: S3Store, proxy: Faulty) -> None:
    proxy.always(s3_error(403, "AccessDenied"))
    with pytest.raises(StoreMisconfiguredError, match="access was denied"):
        await store.get("a")


async def test_nothing_outside_the_prefix_is_asked_for(store: S3Store, proxy: Faulty) -> None:
    await store.put("a", b"x")
    await store.get("a")
    assert [key async for key in store.list("")] == ["a"]
    await store.check()
    await store.delete("a")
    for asked in proxy.seen:
        path, _, query = asked.target.partition("?")
        assert "/some/prefix/" in path or "prefix=some%2Fprefix%2F" in query, asked.target


async def test_the_bucket_is_never_made(aws: Aws) -> None:
    store = S3Store("there-is-no-such-bucket", "p", aws.access)
    for attempt in (store.put("a", b"x"), store.get("a"), store.check(), store.delete("a")):
        with pytest.raises(StoreMisconfiguredError, match="there is no bucket there-is-no-such-bucket"):
            await attempt
    client = aws.client("s3")
    assert "there-is-no-such-bucket" not in [bucket["Name"] for bucket in client.list_buckets()["Buckets"]]
    client.close()
    await store.close()


# -- failures


@pytest.mark.security("S-5")
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        pytest.param(s3_error(500, "InternalError"), "failed with status 500", id="500"),
        pytest.param(s3_error(503, "SlowDown"), "too many requests", id="503"),
        pytest.param(Answer(502, b"<html>bad gateway</html>", "text/html"), "failed with status 502", id="502-html"),
        pytest.param(Reset(), "no connection", id="reset"),
    ],
)
async def test_a_failing_s3_is_unavailable_after_three_attempts(
    store: S3Store, proxy: Faulty, fault: Fault, words: str
) -> None:
    proxy.always(fault)
    with pytest.raises(StoreUnavailableError, match=words) as caught:
        await store.get("a")
    assert not isinstance(caught.value, StoreMisconfiguredError)
    assert "SECRET" not in str(caught.value)
    assert len(proxy.seen) == 3


@pytest.mark.security("S-5")
async def test_an_answer_that_is_not_from_s3_is_unavailable(store: S3Store, proxy: Faulty) -> None:
    proxy.always(Answer(200, b"<html>please sign in to this network</html>", "text/html"))
    for attempt in (store.get("a"), store.put("a", b"x"), store.delete("a"), store.check()):
        with pytest.raises(StoreUnavailableError, match="could not be understood"):
            await attempt


@pytest.mark.security("S-5")
async def test_s3_that_fails_twice_is_not_noticed(store: S3Store, proxy: Faulty) -> None:
    await store.put("a", b"x")
    proxy.times(2, s3_error(500, "InternalError"))
    assert (await store.get("a")).data == b"x"


@pytest.mark.security("S-5")
async def test_s3_that_says_nothing_once_is_asked_again_after_five_seconds(store: S3Store, proxy: Faulty) -> None:
    await store.put("a", b"x")
    before = len(proxy.seen)
    proxy.times(1, Hang())
    async with asyncio.timeout(20):
        assert (await store.get("a")).data == b"x"
    assert len(proxy.seen) - before == 2


@pytest.mark.security("S-5")
async def test_s3_that_says_nothing_is_unavailable_in_the_end(store: S3Store, proxy: Faulty) -> None:
    proxy.always(Hang())
    async with asyncio.timeout(40):
        with pytest.raises(StoreUnavailableError, match="did not answer in time"):
            await store.get("a")
    assert len(proxy.seen) == 3


async def test_a_body_that_breaks_off_is_read_again(store: S3Store, proxy: Faulty) -> None:
    await store.put("a", b"x" * 1000)
    proxy.times(1, BreakOff())
    assert (await store.get("a")).data == b"x" * 1000


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        pytest.param(s3_error(400, "AuthorizationHeaderMalformed"), "another region", id="region"),
        pytest.param(s3_error(403, "SignatureDoesNotMatch"), "access was denied", id="signature"),
        pytest.param(s3_error(403, "InvalidAccessKeyId"), "access was denied", id="key-id"),
        pytest.param(s3_error(404, "NoSuchBucket"), "there is no bucket", id="bucket"),
    ],
)
async def test_what_only_the_operator_can_mend_is_told_apart(
    store: S3Store, proxy: Faulty, fault: Fault, words: str
) -> None:
    proxy.always(fault)
    with pytest.raises(StoreMisconfiguredError, match=words):
        await store.check()


@pytest.mark.security("S-5")
async def test_nobody_listening_is_unavailable(aws: Aws) -> None:
    store = S3Store("some-bucket", "p", AwsAccess(REGION, "http://127.0.0.1:9"))
    with pytest.raises(StoreUnavailableError, match="no connection"):
        await store.get("a")
    await store.close()


# -- answers that were lost: the SDK tries again, and meets its own first attempt


async def test_a_conditional_write_whose_answer_was_lost_counts_as_written(store: S3Store, proxy: Faulty) -> None:
    proxy.times(1, LoseAnswer(), "PUT")
    etag = await store.put("a", b"mine", if_none_match=True)
    assert (await store.get("a")).etag == etag
    proxy.times(1, LoseAnswer(), "PUT")
    etag = await store.put("a", b"mine again", if_match=etag)
    assert (await store.get("a")).etag == etag


async def test_a_conditional_write_that_somebody_else_won_is_still_a_conflict(store: S3Store, proxy: Faulty) -> None:
    await store.put("a", b"theirs")
    proxy.times(1, s3_error(500, "InternalError"), "PUT")
    with pytest.raises(ObjectConflictError):
        await store.put("a", b"mine", if_none_match=True)


async def test_a_conditional_delete_whose_answer_was_lost_counts_as_done(store: S3Store, proxy: Faulty) -> None:
    etag = await store.put("a", b"x")
    proxy.times(1, LoseAnswer(), "DELETE")
    await store.delete("a", if_match=etag)
    with pytest.raises(ObjectNotFoundError):
        await store.get("a")


async def test_a_write_that_collided_with_another_is_a_conflict(store: S3Store, proxy: Faulty) -> None:
    proxy.always(s3_error(409, "ConditionalRequestConflict"))
    with pytest.raises(ObjectConflictError):
        await store.put("a", b"x", if_none_match=True)


# -- the rest


async def test_a_listing_goes_on_over_pages(store: S3Store, proxy: Faulty) -> None:
    for number in range(8):
        await store.put(f"k/{number}", b"")
    # S3 gives pages of a thousand keys; here they are of three.
    proxy.rewrite = lambda target: target.replace("max-keys=1000", "max-keys=3")
    proxy.seen.clear()
    assert [key async for key in store.list("k/")] == [f"k/{number}" for number in range(8)]
    assert len(proxy.seen) == 3


async def test_objects_are_encrypted_with_the_kms_key_that_was_named(aws: Aws) -> None:
    bucket, key = aws.bucket(), aws.kms_key()
    store = S3Store(bucket, "p", aws.access, kms_key=key)
    await store.put("a", b"x")
    client = aws.client("s3")
    head = client.head_object(Bucket=bucket, Key="p/a")
    client.close()
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key)
    await store.close()
