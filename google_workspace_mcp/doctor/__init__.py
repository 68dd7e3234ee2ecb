"""`doctor`: looks at everything that a deployment depends on, from inside, and says what to fix."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from google_workspace_mcp.core.clock import Clock, SystemClock
from google_workspace_mcp.core.google.client import make_http_client
from google_workspace_mcp.core.settings import Settings, is_loopback
from google_workspace_mcp.doctor.addresses import Resolve, forwarded, internal_hosts, public_address, resolved
from google_workspace_mcp.doctor.agents import agents
from google_workspace_mcp.doctor.belongings import keys, secrets_by_name, store
from google_workspace_mcp.doctor.findings import FAIL, NOTE, OK, Finding, Status, good
from google_workspace_mcp.doctor.google import google

__all__ = ["FAIL", "NOTE", "OK", "Finding", "Status", "examine"]


async def examine(settings: Settings, clock: Clock | None = None, resolve: Resolve = resolved) -> Sequence[Finding]:
    """Findings in the order in which a start would meet them; a probe object is written and removed.

    It may run while the service does, beside it or in a task of its own. Nothing of a person is read.
    """
    by_name, settings = await secrets_by_name(settings, clock or SystemClock())
    own = [_address(settings), *by_name, await keys(settings), await store(settings)]
    async with make_http_client() as http:
        return [
            *own,
            *await google(settings, http, clock or SystemClock()),
            *await agents(settings, http),
            *await public_address(http, settings.base_url, is_here=is_loopback(urlsplit(settings.base_url).hostname)),
            *await internal_hosts(http, settings.internal_hosts),
            await forwarded(settings, resolve),
        ]


def _address(settings: Settings) -> Finding:
    return good("address", f"{settings.mcp_url}; redirect URI to register at Google: {settings.redirect_uri}")
