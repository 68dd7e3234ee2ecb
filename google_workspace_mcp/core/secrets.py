"""Secrets by name: read from AWS Secrets Manager at the start, and again every few minutes, since they rotate.

Every task must be able to read what another task has just written. So a key that has become the first one opens and
verifies at once, but seals and signs only when all tasks have had the time to learn of it; until then the first key of
the value before goes on. The keys of the value before stay readable, also when the new value leaves them out: to be rid
of a key at once, rotate twice.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NoReturn, Self

from pydantic import SecretStr

from google_workspace_mcp.core.aws import AwsAccess, AwsError, AwsService
from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.issuers import LiveIssuers, parse_issuers
from google_workspace_mcp.core.keys import KeyRing, LiveKeys, parse_keys, render_keys
from google_workspace_mcp.core.logging import get_logger
from google_workspace_mcp.core.settings import PREFIX, SECRET_SETTINGS, Settings, SettingsError

REFRESH_SECONDS = 300.0
# Three refreshes: one may fail, and a task may have started just before the change.
SETTLE = timedelta(seconds=3 * REFRESH_SECONDS)
_RINGS = ("keys", "signing_keys")
_log = get_logger(__name__)


class LiveSecret:
    """A secret whose value may change while it is in use."""

    def __init__(self, value: SecretStr) -> None:
        self._value = value

    def get_secret_value(self) -> str:
        """The value as it is now."""
        return self._value.get_secret_value()

    def replace(self, value: SecretStr) -> None:
        """From now on this value."""
        self._value = value


@dataclass(frozen=True, slots=True)
class SecretRef:
    """The name or ARN of a secret, and the member to take when it is a JSON object."""

    name: str
    member: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `name`, `name:member`, an ARN, or an ARN with `:member`."""
        if text.startswith("arn:"):
            parts = text.split(":")
            return cls(":".join(parts[:7]), ":".join(parts[7:]))
        name, _, member = text.partition(":")
        return cls(name, member)


@dataclass(frozen=True, slots=True)
class SecretValue:
    """A secret's text, that before the last change ("" for none), and when it changed."""

    current: str = field(repr=False)
    previous: str = field(repr=False)
    changed_at: datetime


class SecretsManager:
    """Reads secrets by name."""

    def __init__(self, access: AwsAccess) -> None:
        self._aws = AwsService(access, "secretsmanager", workers=4)

    async def read(self, ref: SecretRef) -> SecretValue:
        """The secret. Raises SecretError."""
        try:
            current = await self._version(ref, "AWSCURRENT")
        except AwsError as error:
            self._fail(ref, error)
        try:
            previous = _text(ref, await self._version(ref, "AWSPREVIOUS"))
        except (AwsError, SecretError):
            previous = ""  # never changed, or of another shape before
        return SecretValue(_text(ref, current), previous, current["CreatedDate"])

    async def close(self) -> None:
        """Give back connections and threads."""
        await self._aws.close()

    async def _version(self, ref: SecretRef, stage: str) -> Mapping[str, Any]:
        return await self._aws.call(lambda aws: aws.get_secret_value(SecretId=ref.name, VersionStage=stage))

    def _fail(self, ref: SecretRef, error: AwsError) -> NoReturn:
        region = self._aws.region
        if error.code == "ResourceNotFoundException":
            raise SecretError(f"there is no secret {ref.name} in region {region}") from None
        if error.code == "DecryptionFailure":
            raise SecretError(f"the secret {ref.name} cannot be read: its KMS key cannot be used") from None
        raise SecretError(f"the secret {ref.name} in region {region} cannot be read: {error.in_words()}") from None


class SecretError(Exception):
    """A secret that cannot be had, in words that hold nothing of it."""


def _text(ref: SecretRef, version: Mapping[str, Any]) -> str:
    text = version.get("SecretString")
    if not isinstance(text, str) or not text:
        raise SecretError(f"the secret {ref.name} has no text")
    if not ref.member:
        return text.strip()
    try:
        value = json.loads(text)[ref.member]
    except (ValueError, TypeError):
        raise SecretError(f"the secret {ref.name} is not a JSON object") from None
    except KeyError:
        raise SecretError(f"the secret {ref.name} has no member {ref.member}") from None
    if not isinstance(value, str) or not value:
        raise SecretError(f"the member {ref.member} of the secret {ref.name} is not a text")
    return value.strip()


def settled(value: SecretValue, now: datetime) -> KeyRing:
    """The keys of a secret in the order in which they count now. Raises ValueError that names the entry, not the key.

    It depends on nothing but the secret and the time, so all tasks come to the same result.
    """
    ring = parse_keys(value.current)
    try:
        before = parse_keys(value.previous) if value.previous else None
    except ValueError:
        before = None
    if before is None:
        return ring
    both = KeyRing((*ring.keys, *(key for key in before.keys if ring.find(key.id) is None)))
    # Of one id with two keys the newer counts, and nothing can be waited for.
    if now - value.changed_at < SETTLE and both.find(before.first.id) == before.first:
        return KeyRing((before.first, *(key for key in both.keys if key != before.first)))
    return both


def named(settings: Settings) -> dict[str, SecretRef]:
    """The settings that are given by the name of a secret."""
    return {
        name: SecretRef.parse(text) for name in SECRET_SETTINGS if (text := str(getattr(settings, f"{name}_secret")))
    }


async def with_secrets(settings: Settings, clock: Clock) -> Settings:
    """The settings with the values of all secrets that they name.

    Raises SettingsError with one line for each that cannot be had.
    """
    refs = named(settings)
    if not refs:
        return settings
    manager = _manager(settings)
    try:
        values = await _values(manager, refs, clock, settings.base_url)
    finally:
        await manager.close()
    return settings.model_copy(
        update={name: value if name == "google_client_id" else SecretStr(value) for name, value in values.items()}
    )


class SecretRefresh:
    """Reads the named secrets again and puts changed values in the place of those in use.

    Google's client id is not among them: another id is another client, under which no grant is good. It counts from
    the next start.
    """

    def __init__(
        self, settings: Settings, clock: Clock, keys: LiveKeys, google: LiveSecret, issuers: LiveIssuers
    ) -> None:
        self._refs = {name: ref for name, ref in named(settings).items() if name != "google_client_id"}
        self._clock = clock
        self._keys = keys
        self._google = google
        self._issuers = issuers
        self._base_url = settings.base_url
        self._manager = _manager(settings) if self._refs else None

    @property
    def is_needed(self) -> bool:
        """Whether any secret that may change is given by name."""
        return self._manager is not None

    async def refresh(self) -> None:
        """Once. What cannot be read, or is malformed, leaves everything as it is, and a line in the log."""
        if self._manager is None:
            return
        try:
            values = await _values(self._manager, self._refs, self._clock, self._base_url)
        except SettingsError as error:
            _log.warning("secrets_not_refreshed", problems=error.problems)
            return
        for name, ring in (("keys", self._keys.sealing), ("signing_keys", self._keys.signing)):
            if name in values and (changed := parse_keys(values[name])) != ring.current:
                ring.replace(changed)
                _log.info("keys_changed", setting=name, ids=[key.id for key in changed.keys])
        if values.get("google_client_secret", self._google.get_secret_value()) != self._google.get_secret_value():
            self._google.replace(SecretStr(values["google_client_secret"]))
            _log.info("google_client_changed")
        if "agents" in values and (issuers := parse_issuers(values["agents"], self._base_url)) != self._issuers.current:
            self._issuers.replace(issuers)
            _log.info("agents_changed", issuers=[issuer.name for issuer in issuers])

    async def close(self) -> None:
        """Give back connections and threads."""
        if self._manager is not None:
            await self._manager.close()


def _manager(settings: Settings) -> SecretsManager:
    try:
        return SecretsManager(AwsAccess(settings.aws_region, settings.aws_url))
    except AwsError as error:
        raise SettingsError([f"AWS Secrets Manager cannot be used: {error.in_words()}"]) from None


async def _values(
    manager: SecretsManager, refs: Mapping[str, SecretRef], clock: Clock, base_url: str
) -> dict[str, str]:
    values: dict[str, str] = {}
    problems: list[str] = []
    for name, ref in refs.items():
        try:
            value = await manager.read(ref)
            values[name] = render_keys(settled(value, clock.now())) if name in _RINGS else value.current
            if name == "agents":
                parse_issuers(values[name], base_url)
        except (SecretError, ValueError) as error:
            problems.append(f"{PREFIX}{name.upper()}_SECRET: {error}")
    if problems:
        raise SettingsError(problems)
    return values
