"""Google accounts that principals have connected: one grant per principal and account, whatever the number of clients.

What is stored is the refresh token, the scopes that Google says were granted, and when. It changes only when the person
connects, widens or disconnects, when Google ends the grant, or when Google changes the refresh token. Access tokens are
never stored.
"""

import hashlib
import re
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta

from pydantic import ConfigDict, SecretStr, SerializationInfo, field_serializer

from google_workspace_mcp.auth.scopes import beyond_identity
from google_workspace_mcp.core.cache import Cache
from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.errors import NotConnectedError
from google_workspace_mcp.core.google.endings import with_age
from google_workspace_mcp.core.google.endpoints import ISSUER
from google_workspace_mcp.core.google.identity import GoogleIdentity
from google_workspace_mcp.core.google.oauth import TokenAnswer
from google_workspace_mcp.core.principal import Owner, Principal
from google_workspace_mcp.core.storage.base import StorageError
from google_workspace_mcp.core.storage.lives import LASTING
from google_workspace_mcp.core.storage.records import Dated, Records
from google_workspace_mcp.core.storage.sealing import SealedStore

_RECHECK_SECONDS = 60
_CACHED_PRINCIPALS = 10_000
_LONGEST_ALIAS = 40
_LINK_LIFE = timedelta(minutes=10)
_NEVER = datetime.min.replace(tzinfo=UTC)


class Connection(Dated):
    """One Google account of one principal.

    `dead` is the cause once Google has ended the grant (`core.google.endings`), and `dead_at` when that was noticed.
    `preferred_at` is when the principal chose this one as the default.
    """

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
    dead_at: datetime | None = None
    preferred_at: datetime | None = None

    @field_serializer("refresh_token")
    def _only_for_the_store(self, value: SecretStr, info: SerializationInfo) -> str:
        # The sealed store asks for the real value by name; anything else that dumps a connection gets stars.
        return value.get_secret_value() if info.context and info.context.get("reveal") else str(value)


class NoRefreshTokenError(Exception):
    """Google gave no refresh token, and none is stored that covers what was granted.

    The person must be sent back once with `prompt=consent`.
    """


def connection_id(owner: Owner, google_subject: str) -> str:
    """The id of the owner's connection to that Google account; says nothing about either."""
    return hashlib.sha256(f"{owner.key}:{google_subject}".encode()).hexdigest()[:24]


def alias_of(text: str) -> str:
    """A name for tools made from a person's words or an address's local part; "" when nothing of it is left."""
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")[:_LONGEST_ALIAS].rstrip("-")


class Connections:
    """The connections of all principals. Another principal's connection does not exist for the caller."""

    def __init__(self, store: SealedStore, clock: Clock) -> None:
        self._records = Records(store, "connection", Connection, LASTING.place("connections"), clock)
        self._clock = clock
        self._cache: Cache[tuple[Connection, ...]] = Cache(clock, _RECHECK_SECONDS, _CACHED_PRINCIPALS)

    async def of(self, owner: Owner, *, fresh: bool = False) -> tuple[Connection, ...]:
        """All connections, the default one first, then the oldest; read from the store at most once a minute.

        `fresh` reads them now, as is right before a person is told to do something: another task may have seen them do
        it already. Raises StoreUnavailableError.
        """
        if fresh:
            self._cache.drop(owner.key)
        return await self._cache.get_or_load(owner.key, lambda: self._load(owner))

    async def choose(self, owner: Owner, account: str, *, fresh: bool = False) -> Connection:
        """The connection under that alias, address or id; the default one for "". Raises NotConnectedError."""
        connections = await self.of(owner, fresh=fresh)
        if not connections:
            raise NotConnectedError(
                "No Google account is connected for this caller",
                next_step="The person has to connect one: accounts_connect gives the link",
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

    async def dormant(self, owner: Owner) -> bool:
        """Whether every connection has been dead for as long as the link lives that the first failure gave.

        Until then the person is helped by that link; a store that does not answer counts as no.
        """
        try:
            connections = await self.of(owner)
        except StorageError:
            return False
        long_ago = self._clock.now() - _LINK_LIFE
        return bool(connections) and all(c.dead and c.dead_at and c.dead_at <= long_ago for c in connections)

    async def everyone(self) -> AsyncIterator[tuple[str, Connection]]:
        """All connections with their owners' keys, for an operator."""
        for name in await self._records.names():
            version = await self._records.read(name)
            if version is not None:
                yield name.partition("/")[0], version.record

    async def save(
        self, owner: Owner, identity: GoogleIdentity, answer: TokenAnswer, *, alias: str = "", default: bool = False
    ) -> Connection:
        """Store what Google granted; an existing grant is widened, never lost.

        `alias` names it (one that is taken gets a number), `default` makes it the owner's default.
        Raises NoRefreshTokenError when Google gave no refresh token and none is kept that covers the answer's scopes.
        """
        cid = connection_id(owner, identity.subject)
        taken = {c.alias for c in await self.of(owner, fresh=True) if c.id != cid}

        def change(old: Connection | None) -> Connection | None:
            name = alias or (old.alias if old else alias_of(identity.email.partition("@")[0])) or "google"
            granted = self._granted(cid, old, identity, answer)
            if granted is None:
                return None
            preferred = self._clock.now() if default else granted.preferred_at
            return granted.model_copy(update={"alias": _free(name, taken), "preferred_at": preferred})

        saved = await self._records.update(_name(owner, cid), change)
        self._cache.drop(owner.key)
        if saved is None or self._granted(cid, saved, identity, answer) is None:
            raise NoRefreshTokenError
        return saved

    async def make_default(self, owner: Owner, connection: Connection) -> None:
        """Use this connection wherever none is named."""

        def change(old: Connection | None) -> Connection | None:
            return old and old.model_copy(update={"preferred_at": self._clock.now()})

        await self._records.update(_name(owner, connection.id), change)
        self._cache.drop(owner.key)

    async def mark_dead(self, owner: Owner, connection: Connection, cause: str) -> str:
        """Remember that Google ended this very grant; a newer grant is left alone. The cause as stored comes back."""
        now = self._clock.now()
        cause = with_age(cause, connection.changed_at, now)

        def change(old: Connection | None) -> Connection | None:
            if not _same_grant(old, connection):
                return None
            return old and old.model_copy(update={"dead": cause, "dead_at": now})

        await self._records.update(_name(owner, connection.id), change)
        self._cache.drop(owner.key)
        return cause

    async def rotate(self, owner: Owner, connection: Connection, refresh_token: str) -> bool:
        """Store the refresh token that Google gave in place of this very grant's; False when that had changed.

        Scopes are left as they are, and a connection that has gone stays gone.
        """
        moved = False

        def change(old: Connection | None) -> Connection | None:
            nonlocal moved
            moved = _same_grant(old, connection)
            return old.model_copy(update={"refresh_token": SecretStr(refresh_token)}) if old and moved else None

        await self._records.update(_name(owner, connection.id), change)
        self._cache.drop(owner.key)
        return moved

    async def forget(self, owner: Owner, connection: Connection) -> None:
        """Destroy what is stored of the connection."""
        await self._records.remove(_name(owner, connection.id))
        self._cache.drop(owner.key)

    async def elsewhere(self, owner: Owner, google_subject: str) -> bool:
        """Whether another principal holds a grant for the same Google account."""
        for name in await self._records.names():
            holder, _, cid = name.partition("/")
            if holder == owner.key or cid != hashlib.sha256(f"{holder}:{google_subject}".encode()).hexdigest()[:24]:
                continue
            return True
        return False

    async def _load(self, owner: Owner) -> tuple[Connection, ...]:
        found: list[Connection] = []
        for name in await self._records.names(f"{owner.key}/"):
            version = await self._records.read(name)
            if version is not None:
                found.append(version.record)
        return _in_order(owner, found)

    def _granted(
        self, cid: str, old: Connection | None, identity: GoogleIdentity, answer: TokenAnswer
    ) -> Connection | None:
        token, scopes = SecretStr(answer.refresh_token or ""), answer.scopes
        if not answer.refresh_token:
            # The stored token serves on, with its own scopes: it does not learn those of a later consent.
            if old is None or old.dead or not beyond_identity(answer.scopes) <= set(old.scopes):
                return None
            token, scopes = old.refresh_token, answer.scopes | set(old.scopes)
        now = self._clock.now()
        return Connection(
            id=cid,
            alias=old.alias if old else "",
            address=identity.email,
            google_subject=identity.subject,
            refresh_token=token,
            scopes=tuple(sorted(scopes)),
            connected_at=old.connected_at if old else now,
            changed_at=now,
            preferred_at=old.preferred_at if old else None,
        )


def _name(owner: Owner, cid: str) -> str:
    return f"{owner.key}/{cid}"


def _same_grant(old: Connection | None, connection: Connection) -> bool:
    return old is not None and not old.dead and old.refresh_token == connection.refresh_token


def _free(name: str, taken: Iterable[str]) -> str:
    """The name, or the name with the first number that makes it unique."""
    names, number, free = set(taken), 2, name
    while free in names:
        free, number = f"{name}-{number}", number + 1
    return free


def _in_order(owner: Owner, found: Iterable[Connection]) -> tuple[Connection, ...]:
    """The default one first: what was chosen last, else the account that the person signs in with, else the oldest.

    Two connections made at the same moment may have taken the same alias: the later one reads as numbered.
    """
    unique: list[Connection] = []
    for connection in sorted(found, key=lambda c: (c.connected_at, c.id)):
        free = _free(connection.alias, (other.alias for other in unique))
        unique.append(connection if free == connection.alias else connection.model_copy(update={"alias": free}))
    if not unique:
        return ()
    first = min(
        unique,
        key=lambda c: (_NEVER - (c.preferred_at or _NEVER), not _is_own(owner, c), c.connected_at, c.id),
    )
    return (first, *(connection for connection in unique if connection is not first))


def _is_own(owner: Owner, connection: Connection) -> bool:
    """Whether this is the Google account that the owner signs in here with."""
    return Principal(ISSUER, connection.google_subject).key == owner.key
