"""Google accounts that principals have connected: one grant per principal and account, whatever the number of clients.

What is stored is the refresh token, the scopes that Google says were granted, and when. It changes only when the person
connects, widens or disconnects, or when Google ends the grant. Access tokens are never stored.
"""

import hashlib
import re
from datetime import datetime

from pydantic import ConfigDict, SecretStr, SerializationInfo, field_serializer

from google_workspace_mcp.auth.records import Dated, Records
from google_workspace_mcp.core.cache import Cache
from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.errors import NotConnectedError
from google_workspace_mcp.core.google.identity import GoogleIdentity
from google_workspace_mcp.core.google.oauth import TokenAnswer
from google_workspace_mcp.core.principal import Principal
from google_workspace_mcp.core.storage.lives import LASTING
from google_workspace_mcp.core.storage.sealing import SealedStore

_RECHECK_SECONDS = 60
_CACHED_PRINCIPALS = 10_000


class Connection(Dated):
    """One Google account of one principal. `dead` is the cause once Google has ended the grant, else empty."""

    model_config = ConfigDict(frozen=True)

    id: str
    alias: str
    address: str
    google_subject: str
    refresh_token: SecretStr
    scopes: tuple[str, ...]
    connected_at: datetime
    changed_at: datetime
    dead: str = ""

    @field_serializer("refresh_token")
    def _only_for_the_store(self, value: SecretStr, info: SerializationInfo) -> str:
        # The sealed store asks for the real value by name; anything else that dumps a connection gets stars.
        return value.get_secret_value() if info.context and info.context.get("reveal") else str(value)


class NoRefreshTokenError(Exception):
    """Google gave no refresh token and none is stored: the person must be asked again with `prompt=consent`."""


def connection_id(principal: Principal, google_subject: str) -> str:
    """The id of the principal's connection to that Google account; says nothing about either."""
    return hashlib.sha256(f"{principal.key}:{google_subject}".encode()).hexdigest()[:24]


class Connections:
    """The connections of all principals. Another principal's connection does not exist for the caller."""

    def __init__(self, store: SealedStore, clock: Clock) -> None:
        self._records = Records(store, "connection", Connection, LASTING.place("connections"), clock)
        self._clock = clock
        self._cache: Cache[tuple[Connection, ...]] = Cache(clock, _RECHECK_SECONDS, _CACHED_PRINCIPALS)

    async def of(self, principal: Principal) -> tuple[Connection, ...]:
        """All connections, oldest first; read from the store at most once a minute. Raises StoreUnavailableError."""
        return await self._cache.get_or_load(principal.key, lambda: self._load(principal))

    async def choose(self, principal: Principal, account: str) -> Connection:
        """The connection under that alias, address or id; the oldest for "". Raises NotConnectedError."""
        connections = await self.of(principal)
        if not connections:
            raise NotConnectedError(
                "No Google account is connected for this caller",
                next_step="Sign in again with this client to connect one",
                reason="none",
            )
        if not account:
            return connections[0]
        wanted = account.strip().casefold()
        for connection in connections:
            if wanted in (connection.alias.casefold(), connection.address.casefold(), connection.id):
                return connection
        raise NotConnectedError(
            "No account of yours has that name",
            next_step="Take an alias or address from accounts_list, or leave account out for the default one",
            reason="unknown_account",
        )

    async def save(self, principal: Principal, identity: GoogleIdentity, answer: TokenAnswer) -> Connection:
        """Store what Google granted; an existing grant is widened, never lost.

        Raises NoRefreshTokenError when Google gave no refresh token and none is kept that is still good.
        """
        cid = connection_id(principal, identity.subject)
        saved = await self._records.update(
            f"{principal.key}/{cid}", lambda old: self._granted(cid, old, identity, answer)
        )
        self._cache.drop(principal.key)
        if saved is None:
            raise NoRefreshTokenError
        return saved

    async def mark_dead(self, principal: Principal, connection: Connection, cause: str) -> None:
        """Remember that Google ended this very grant; a newer grant is left alone."""

        def change(old: Connection | None) -> Connection | None:
            if old is None or old.dead or old.refresh_token != connection.refresh_token:
                return None
            return old.model_copy(update={"dead": cause, "changed_at": self._clock.now()})

        await self._records.update(f"{principal.key}/{connection.id}", change)
        self._cache.drop(principal.key)

    async def forget(self, principal: Principal, connection: Connection) -> None:
        """Destroy what is stored of the connection."""
        await self._records.remove(f"{principal.key}/{connection.id}")
        self._cache.drop(principal.key)

    async def elsewhere(self, principal: Principal, google_subject: str) -> bool:
        """Whether another principal holds a grant for the same Google account."""
        for name in await self._records.names():
            owner, _, cid = name.partition("/")
            if owner == principal.key or cid != hashlib.sha256(f"{owner}:{google_subject}".encode()).hexdigest()[:24]:
                continue
            return True
        return False

    async def _load(self, principal: Principal) -> tuple[Connection, ...]:
        found: list[Connection] = []
        for name in await self._records.names(f"{principal.key}/"):
            version = await self._records.read(name)
            if version is not None:
                found.append(version.record)
        return tuple(sorted(found, key=lambda c: (c.connected_at, c.id)))

    def _granted(
        self, cid: str, old: Connection | None, identity: GoogleIdentity, answer: TokenAnswer
    ) -> Connection | None:
        kept = old.refresh_token if old and not old.dead else None
        token = SecretStr(answer.refresh_token) if answer.refresh_token else kept
        if token is None:
            return None
        now = self._clock.now()
        return Connection(
            id=cid,
            alias=old.alias if old else _alias(identity.email),
            address=identity.email,
            google_subject=identity.subject,
            refresh_token=token,
            scopes=tuple(sorted(answer.scopes)),
            connected_at=old.connected_at if old else now,
            changed_at=now,
        )


def _alias(address: str) -> str:
    """The local part of the address, as a person would call the account."""
    return re.sub(r"[^a-z0-9]+", "-", address.partition("@")[0].casefold()).strip("-") or "google"
