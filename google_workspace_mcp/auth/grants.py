"""Access tokens for connections: in memory only, refreshed ahead of their end, one refresh per connection at a time."""

import asyncio
import random
from collections import OrderedDict
from dataclasses import dataclass

from google_workspace_mcp.auth.connections import Connection, Connections
from google_workspace_mcp.core.audit import Audit
from google_workspace_mcp.core.clock import Clock, epoch
from google_workspace_mcp.core.errors import GoogleUnavailableError, ReauthRequiredError
from google_workspace_mcp.core.google.oauth import GoogleOAuth
from google_workspace_mcp.core.principal import Principal

_AHEAD_SECONDS = 300
_JITTER_SECONDS = 120
_LAST_SECONDS = 10
_KEPT = 10_000


@dataclass(slots=True)
class _Held:
    token: str
    refresh_at: float
    expires_at: float
    grant: str


class Grants:
    """Turns connections into access tokens. Bounded: the connection that was not used for longest goes first."""

    def __init__(
        self,
        connections: Connections,
        google: GoogleOAuth,
        clock: Clock,
        randomness: random.Random,
        audit: Audit | None = None,
    ) -> None:
        self._connections = connections
        self._google = google
        self._clock = clock
        self._random = randomness
        self._audit = audit or Audit()
        self._held: OrderedDict[str, _Held] = OrderedDict()
        self._ended: OrderedDict[str, str] = OrderedDict()
        self._locks: dict[str, asyncio.Lock] = {}

    def source(self, principal: Principal, connection: Connection) -> "ConnectionTokens":
        """Where a Google session takes its tokens from."""
        return ConnectionTokens(self, principal, connection)

    def drop(self, connection: Connection) -> None:
        """Forget the access token of a connection that has ended."""
        self._held.pop(connection.id, None)

    def remember(self, connection: Connection, access_token: str, expires_in: int) -> None:
        """Keep a token that Google just gave, so that the first call after a sign-in needs no refresh."""
        now = epoch(self._clock)
        ahead = min(_AHEAD_SECONDS + self._random.uniform(0, _JITTER_SECONDS), expires_in / 2)
        grant = connection.refresh_token.get_secret_value()
        self._held[connection.id] = _Held(access_token, now + expires_in - ahead, now + expires_in, grant)
        self._held.move_to_end(connection.id)
        while len(self._held) > _KEPT:
            self._held.popitem(last=False)

    async def token(self, principal: Principal, connection: Connection, rejected: str | None) -> str:
        """A live access token, other than the one Google just rejected.

        Raises ReauthRequiredError when the grant has ended, GoogleUnavailableError when Google does not answer.
        """
        if connection.dead:
            raise ended()
        held = self._usable(connection, rejected)
        if held:
            return held
        lock = self._locks.setdefault(connection.id, asyncio.Lock())
        try:
            async with lock:
                # Whoever waited here has read the connection before it was marked dead.
                if self._ended.get(connection.id) == connection.refresh_token.get_secret_value():
                    raise ended()
                return self._usable(connection, rejected) or await self._refresh(principal, connection, rejected)
        finally:
            # Whoever waits holds the lock object itself; a new caller may start a new one once nobody does.
            if not lock.locked():
                self._locks.pop(connection.id, None)

    def _usable(self, connection: Connection, rejected: str | None) -> str | None:
        held = self._held.get(connection.id)
        if held is None or held.token == rejected or held.grant != connection.refresh_token.get_secret_value():
            return None
        if held.refresh_at <= epoch(self._clock):
            return None
        self._held.move_to_end(connection.id)
        return held.token

    def _remember_end(self, connection: Connection) -> None:
        self._ended[connection.id] = connection.refresh_token.get_secret_value()
        while len(self._ended) > _KEPT:
            self._ended.popitem(last=False)

    async def _refresh(self, principal: Principal, connection: Connection, rejected: str | None) -> str:
        try:
            answer = await self._google.refresh(connection.refresh_token.get_secret_value())
        except ReauthRequiredError as error:
            self.drop(connection)
            self._remember_end(connection)
            await self._connections.mark_dead(principal, connection, error.reason or "invalid_grant")
            self._audit.record("grant_ended", who=principal, reason=error.reason or "invalid_grant")
            raise ended() from None
        except GoogleUnavailableError:
            # Refreshing starts minutes ahead, so a short failure of the token endpoint need not be noticed.
            held = self._held.get(connection.id)
            if held and held.token != rejected and held.expires_at - _LAST_SECONDS > epoch(self._clock):
                return held.token
            raise
        self.remember(connection, answer.access_token, answer.expires_in)
        return answer.access_token


@dataclass(frozen=True, slots=True)
class ConnectionTokens:
    """The `TokenSource` of one connection."""

    grants: Grants
    principal: Principal
    connection: Connection

    @property
    def address(self) -> str:
        return self.connection.address

    async def access_token(self, *, rejected: str | None = None) -> str:
        return await self.grants.token(self.principal, self.connection, rejected)


def ended() -> ReauthRequiredError:
    """The words for a grant that Google has ended."""
    return ReauthRequiredError(
        "Google has ended this account's permission for this service",
        next_step="The person must sign in again with this client to connect the account anew",
        reason="invalid_grant",
    )
