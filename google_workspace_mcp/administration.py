"""What an operator does from the command line: clients, and people's connections."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from google_workspace_mcp.auth.clients import ClientRecord, Clients
from google_workspace_mcp.auth.operator import Operator
from google_workspace_mcp.auth.redirects import normal, problem_with_all
from google_workspace_mcp.core.audit import Audit
from google_workspace_mcp.core.clock import Clock, SystemClock
from google_workspace_mcp.core.http.health import Lifecycle
from google_workspace_mcp.core.metrics import Metrics
from google_workspace_mcp.core.settings import Settings, SettingsError
from google_workspace_mcp.foundation import clients_on, foundation_of
from google_workspace_mcp.stores import open_store


@asynccontextmanager
async def operating(settings: Settings) -> AsyncGenerator[Operator]:
    """An operator's access to the connections of these settings' store. Raises SettingsError."""
    base = foundation_of(settings, SystemClock(), Metrics(), Lifecycle())
    try:
        yield Operator(base.connections, base.grants, base.disconnector)
    finally:
        await base.google.http.aclose()
        await base.secrets.close()
        await base.store.close()


def clients_of(settings: Settings, clock: Clock | None = None) -> Clients:
    """The clients in the store that these settings name. Raises SettingsError."""
    return clients_on(settings, open_store(settings), clock or SystemClock())


async def add_client(
    settings: Settings, name: str, redirect_uris: Sequence[str], *, confidential: bool
) -> tuple[ClientRecord, str]:
    """A client that the operator vouches for, and its secret. Raises SettingsError for redirect URIs that cannot be."""
    uris = [normal(uri) for uri in redirect_uris]
    problem = problem_with_all(uris, settings.redirect_uri)
    if problem:
        raise SettingsError([problem])
    added, secret = await clients_of(settings).add(name, uris, confidential=confidential)
    Audit().record("client_added", client=added.client_id)
    return added, secret


async def remove_client(settings: Settings, client_id: str) -> bool:
    """Refuse that client from now on; False when there is none such. Raises SettingsError."""
    removed = await clients_of(settings).remove(client_id)
    if removed:
        Audit().record("client_removed", client=client_id)
    return removed
