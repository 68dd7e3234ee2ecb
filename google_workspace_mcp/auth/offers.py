"""What a person has to do at Google, offered as a link in the very error that says so. Decided here alone."""

from google_workspace_mcp.auth.connections import Connections
from google_workspace_mcp.auth.links import ConnectLinks, Wish
from google_workspace_mcp.core.cache import Cache
from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.errors import NotConnectedError, ReauthRequiredError, ScopeMissingError, WorkspaceError
from google_workspace_mcp.core.google.endings import ACCOUNT_GONE
from google_workspace_mcp.core.google.endpoints import ISSUER
from google_workspace_mcp.core.principal import Caller
from google_workspace_mcp.core.storage.base import StorageError

# A caller that keeps failing gets the same link for a while instead of filling the store with new ones.
_SAME_LINK_SECONDS = 5 * 60
_KEPT = 10_000
# Failures that no consent at Google mends.
_NOT_BY_LINK = frozenset({"unknown_account", "capability", ACCOUNT_GONE})


class LinkOffers:
    """Adds connect links to failures."""

    def __init__(self, links: ConnectLinks, connections: Connections, clock: Clock) -> None:
        self._links = links
        self._connections = connections
        self._kept: Cache[str] = Cache(clock, _SAME_LINK_SECONDS, _KEPT)

    async def mended(self, caller: Caller, error: WorkspaceError, account: str, capability: str) -> WorkspaceError:
        """The same failure with a link as its next step, where a link helps; otherwise the failure as it is."""
        helps = isinstance(error, NotConnectedError | ReauthRequiredError | ScopeMissingError)
        if not helps or error.reason in _NOT_BY_LINK:
            return error
        try:
            url = await self._link(caller, error, account, capability)
        except (WorkspaceError, StorageError):
            return error  # the failure itself is what the caller has to hear of
        return type(error)(
            error.message,
            next_step=f"Give the person this link (good once, for 10 minutes) and call again when they are done: {url}",
            reason=error.reason,
            link=url,
        )

    async def _link(self, caller: Caller, error: WorkspaceError, account: str, capability: str) -> str:
        wish = await self._wish(caller, error, account, capability)
        key = repr((caller.principal.key, caller.client_id, wish))

        async def made() -> str:
            return (await self._links.create(caller, wish)).url

        url = await self._kept.get_or_load(key, made)
        if await self._links.find_by_url(url) is None:
            self._kept.drop(key)
            url = await self._kept.get_or_load(key, made)
        return url

    async def _wish(self, caller: Caller, error: WorkspaceError, account: str, capability: str) -> Wish:
        if isinstance(error, NotConnectedError):
            # A person's first account is the one they sign in with, which then proves by itself who they are.
            person = caller.principal.issuer == ISSUER
            return Wish(expected_subject=caller.principal.subject if person else "")
        chosen = await self._connections.choose(caller.principal, account)
        missing = (capability,) if isinstance(error, ScopeMissingError) and capability else ()
        return Wish(allow=missing, account=chosen.id)
