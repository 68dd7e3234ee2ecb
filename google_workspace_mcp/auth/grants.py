"""Access tokens for connections: in memory only, refreshed ahead of their end, one refresh per connection at a time."""

import asyncio
import random
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from pydantic import SecretStr

from google_workspace_mcp.auth.connections import Connection, Connections
from google_workspace_mcp.core.audit import Audit
from google_workspace_mcp.core.clock import Clock, epoch
from google_workspace_mcp.core.errors import (
    GoogleUnavailableError,
    MisconfiguredError,
    ReauthRequiredError,
    WorkspaceError,
)
from google_workspace_mcp.core.google.endings import explain
from google_workspace_mcp.core.google.oauth import GoogleOAuth, TokenAnswer
from google_workspace_mcp.core.logging import get_logger
from google_workspace_mcp.core.metrics import Metrics
from google_workspace_mcp.core.principal import Owner

_AHEAD_SECONDS = 300
_JITTER_SECONDS = 120
_LAST_SECONDS = 10
_KEPT = 10_000
_log = get_logger(__name__)


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
        *,
        audit: Audit | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self._connections = connections
        self._google = google
        self._clock = clock
        self._random = randomness
        self._audit = audit or Audit()
        self._metrics = metrics or Metrics()
        self._held: OrderedDict[str, _Held] = OrderedDict()
        self._locks: dict[str, asyncio.Lock] = {}
        self._ended: OrderedDict[str, str] = OrderedDict()
        self._used: OrderedDict[str, datetime] = OrderedDict()

    def source(self, owner: Owner, connection: Connection) -> "ConnectionTokens":
        """Where a Google session takes its tokens from."""
        return ConnectionTokens(self, owner, connection)

    def drop(self, connection: Connection) -> None:
        """Forget the access token of a connection that has ended."""
        self._held.pop(connection.id, None)

    def last_used(self, connection: Connection) -> datetime | None:
        """When this task last worked with the connection; None when it has not."""
        return self._used.get(connection.id)

    def remember(self, connection: Connection, access_token: str, expires_in: int) -> None:
        """Keep a token that Google just gave, so that the first call after a sign-in needs no refresh."""
        now = epoch(self._clock)
        ahead = min(_AHEAD_SECONDS + self._random.uniform(0, _JITTER_SECONDS), expires_in / 2)
        grant = connection.refresh_token.get_secret_value()
        self._held[connection.id] = _Held(access_token, now + expires_in - ahead, now + expires_in, grant)
        self._held.move_to_end(connection.id)
        while len(self._held) > _KEPT:
            self._held.popitem(last=False)

    async def token(self, owner: Owner, connection: Connection, rejected: str | None) -> str:
        """A live access token, other than the one Google just rejected.

        Raises ReauthRequiredError when the grant has ended, GoogleUnavailableError when Google does not answer.
        """
        if connection.dead:
            raise ended(connection.dead)
        self._note_use(connection)
        held = self._usable(connection, rejected)
        if held:
            return held
        lock = self._locks.setdefault(connection.id, asyncio.Lock())
        try:
            async with lock:
                return self._usable(connection, rejected) or await self._refresh(owner, connection, rejected)
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

    async def _refresh(self, owner: Owner, connection: Connection, rejected: str | None) -> str:
        grant = connection.refresh_token.get_secret_value()
        if grant in self._ended:
            # Calls that were under way when it ended have not heard of it yet.
            return await self._of_newer(owner, connection, ended(self._ended[grant]))
        try:
            answer = await self._google.refresh(grant)
        except ReauthRequiredError as error:
            return await self._of_newer(owner, connection, await self._end(owner, connection, error))
        except WorkspaceError as error:
            self._metrics.token_refresh(error.code)
            if isinstance(error, MisconfiguredError):
                # Every connection fails alike and none is at fault: it kills nothing, and somebody has to hear of it.
                _log.error("google_client_refused", reason=error.reason)
            return self._still_good(connection, rejected, error)
        self._metrics.token_refresh("ok")
        # Shielded: a caller who gives up here must not cost a refresh token that Google has just changed.
        await asyncio.shield(self._keep(owner, connection, answer))
        return answer.access_token

    async def _of_newer(self, owner: Owner, connection: Connection, failure: ReauthRequiredError) -> str:
        """A token of the grant that the person has given since, perhaps on another task. Raises `failure` if none."""
        old = connection.refresh_token
        newer = next((c for c in await self._connections.of(owner) if c.id == connection.id), None)
        if newer is None or newer.dead or newer.refresh_token == old:
            raise failure from None
        return self._usable(newer, None) or await self._refresh(owner, newer, None)

    async def _end(self, owner: Owner, connection: Connection, error: ReauthRequiredError) -> ReauthRequiredError:
        self._metrics.token_refresh(error.code)
        self.drop(connection)
        self._ended[connection.refresh_token.get_secret_value()] = error.reason
        while len(self._ended) > _KEPT:
            self._ended.popitem(last=False)
        cause = await self._connections.mark_dead(owner, connection, error.reason)
        self._ended[connection.refresh_token.get_secret_value()] = cause
        self._metrics.connection_dead(cause)
        self._audit.record("grant_ended", who=owner, reason=cause)
        return ended(cause)

    def _still_good(self, connection: Connection, rejected: str | None, error: WorkspaceError) -> str:
        """The token in hand, if it lives on: refreshing starts minutes ahead, so a short failure is not noticed."""
        held = self._held.get(connection.id)
        if held is None or held.token == rejected or held.grant != connection.refresh_token.get_secret_value():
            raise error
        passing = isinstance(error, GoogleUnavailableError | MisconfiguredError)
        if not passing or held.expires_at - _LAST_SECONDS <= epoch(self._clock):
            raise error
        return held.token

    async def _keep(self, owner: Owner, connection: Connection, answer: TokenAnswer) -> None:
        rotated = answer.refresh_token
        if rotated and rotated != connection.refresh_token.get_secret_value():
            if not await self._connections.rotate(owner, connection, rotated):
                return  # disconnected or connected anew meanwhile: this answer belongs to a grant of the past
            connection = connection.model_copy(update={"refresh_token": SecretStr(rotated)})
        self.remember(connection, answer.access_token, answer.expires_in)

    def _note_use(self, connection: Connection) -> None:
        self._used[connection.id] = self._clock.now()
        self._used.move_to_end(connection.id)
        while len(self._used) > _KEPT:
            self._used.popitem(last=False)


@dataclass(frozen=True, slots=True)
class ConnectionTokens:
    """The `TokenSource` of one connection."""

    grants: Grants
    owner: Owner
    connection: Connection

    @property
    def address(self) -> str:
        return self.connection.address

    async def access_token(self, *, rejected: str | None = None) -> str:
        return await self.grants.token(self.owner, self.connection, rejected)


def ended(cause: str) -> ReauthRequiredError:
    """The words for a grant that Google has ended."""
    ending = explain(cause)
    return ReauthRequiredError(ending.words, next_step=ending.next_step, reason=cause)
