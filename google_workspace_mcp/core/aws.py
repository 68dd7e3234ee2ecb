"""AWS off the event loop: one client per service, its own threads and connections, failures in our own words.

boto3 blocks, so every call runs in a small pool of threads. What the SDK raises, whether from the network, from missing
credentials or as an answer of the service, becomes one `AwsError` with the service's code in it.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

# boto3 itself takes a second to import: it is loaded when the first client is made.
CONNECT_SECONDS = 2
READ_SECONDS = 5
ATTEMPTS = 3
# Three attempts, their pauses and the wait for a thread; then the caller is told, whatever the thread does.
TOTAL_SECONDS = 28.0

_REGION = frozenset({"PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "301"})
_DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AllAccessDisabled",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "403",
    }
)
_THROTTLED = frozenset(
    {"SlowDown", "Throttling", "ThrottlingException", "RequestLimitExceeded", "LimitExceededException", "429"}
)


class AwsError(Exception):
    """A call that gave no result.

    `code` is the service's own, or one of no_credentials, no_region, timeout, connection, garbled. `status` is the HTTP
    status, 0 without an answer. `retries` tells how often the SDK had tried again: after a retry a failed condition may
    be due to our own first attempt, whose answer was lost.
    """

    def __init__(self, code: str, status: int = 0, retries: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.retries = retries

    @property
    def is_lasting(self) -> bool:
        """Whether waiting does not help: only the operator can mend it."""
        return self.code in _REGION or self.code in _DENIED or self.code in ("no_credentials", "no_region")

    def in_words(self) -> str:
        """A clause for the end of "… cannot be used: "; never the service's own text."""
        if self.code in _REGION:
            return "it lies in another region"
        if self.code in _DENIED:
            return "access was denied"
        if self.code in _THROTTLED:
            return "too many requests at the moment"
        return {
            "no_credentials": "there are no AWS credentials",
            "no_region": "no AWS region is set",
            "timeout": "it did not answer in time",
            "connection": "no connection could be made",
            "garbled": "its answer could not be understood",
        }.get(self.code, f"it failed with status {self.status}" if self.status >= 500 else "the request was refused")


@dataclass(frozen=True, slots=True)
class AwsAccess:
    """Which AWS to talk to. `region` "" leaves it to the SDK's own configuration; `url` is for emulators."""

    region: str = ""
    url: str = ""


class AwsService:
    """One service's client with `workers` threads and as many connections."""

    def __init__(
        self,
        access: AwsAccess,
        name: str,
        *,
        workers: int,
    ) -> None:
        self._client = _client(access, name, workers)
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix=f"aws-{name}")

    @property
    def region(self) -> str:
        """The region that calls go to."""
        return str(self._client.meta.region_name)

    async def call[T](self, work: Callable[[Any], T]) -> T:
        """What `work` makes of the client, in a thread. Raises AwsError."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(TOTAL_SECONDS):
                return await loop.run_in_executor(self._threads, _translated, work, self._client)
        except TimeoutError:
            raise AwsError("timeout") from None

    async def close(self) -> None:
        """Give back connections and threads; calls under way end by their own timeouts."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._client.close()


def _client(access: AwsAccess, name: str, workers: int) -> Any:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError

    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        # "standard" backs off with jitter and stops retrying while everything fails.
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        max_pool_connections=workers,
        s3={"addressing_style": "path"} if access.url else None,
    )
    try:
        return boto3.Session().client(
            name, region_name=access.region or None, endpoint_url=access.url or None, config=config
        )
    except (BotoCoreError, ValueError) as error:
        raise _from_sdk(error) from None


def _translated[T](work: Callable[[Any], T], client: Any) -> T:
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    try:
        return work(client)
    except ResponseParserError:
        raise AwsError("garbled") from None
    except ClientError as error:
        raise _from_answer(error.response) from None
    except BotoCoreError as error:
        raise _from_sdk(error) from None


def answered(answer: Any, name: str) -> Any:
    """A member that an answer must have. Raises AwsError: something else than AWS may have answered."""
    try:
        return answer[name]
    except KeyError:
        raise AwsError("garbled") from None


def read_body(body: Any) -> bytes:
    """All of a streamed body, which is closed. Raises AwsError when it breaks off."""
    from botocore.exceptions import BotoCoreError
    from urllib3.exceptions import HTTPError

    try:
        with body:
            return bytes(body.read())
    except BotoCoreError as error:
        raise _from_sdk(error) from None
    except HTTPError:
        raise AwsError("connection") from None


def _from_answer(response: Any) -> AwsError:
    details = response.get("ResponseMetadata", {})
    code = str(response.get("Error", {}).get("Code", ""))
    return AwsError(code, int(details.get("HTTPStatusCode", 0)), int(details.get("RetryAttempts", 0)))


def _from_sdk(error: Exception) -> AwsError:
    from botocore import exceptions

    kinds: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
        ((exceptions.NoCredentialsError, exceptions.PartialCredentialsError), "no_credentials"),
        ((exceptions.CredentialRetrievalError,), "no_credentials"),
        ((exceptions.NoRegionError, exceptions.InvalidRegionError), "no_region"),
        ((exceptions.ReadTimeoutError, exceptions.ConnectTimeoutError), "timeout"),
    )
    return AwsError(next((code for types, code in kinds if isinstance(error, types)), "connection"))
