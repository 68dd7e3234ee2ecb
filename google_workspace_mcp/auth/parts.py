"""What the authorization server is made of, put together by the composition root."""

from dataclasses import dataclass

from google_workspace_mcp.auth.account_forms import AccountForms
from google_workspace_mcp.auth.account_pages import AccountPages
from google_workspace_mcp.auth.agents import ServiceTokens
from google_workspace_mcp.auth.allowed import Allowed
from google_workspace_mcp.auth.clients import Clients
from google_workspace_mcp.auth.connect_pages import ConnectPages
from google_workspace_mcp.auth.connections import Connections
from google_workspace_mcp.auth.discovery import Discovery
from google_workspace_mcp.auth.google_sign_in import GoogleSignIn
from google_workspace_mcp.auth.grants import Grants
from google_workspace_mcp.auth.keeper import GrantKeeper
from google_workspace_mcp.auth.pages import Pages
from google_workspace_mcp.auth.sessions import Sessions
from google_workspace_mcp.auth.signing import AccessTokenIssuer
from google_workspace_mcp.core.audit import Audit
from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.google.endpoints import GoogleEndpoints
from google_workspace_mcp.core.keys import Ring
from google_workspace_mcp.core.settings import Settings
from google_workspace_mcp.core.storage.key_value import SealedKeyValue


@dataclass(frozen=True, slots=True)
class AuthParts:
    """The authorization server's collaborators."""

    settings: Settings
    endpoints: GoogleEndpoints
    clock: Clock
    audit: Audit
    allowed: Allowed
    state: SealedKeyValue
    clients: Clients
    sessions: Sessions
    connections: Connections
    keeper: GrantKeeper
    grants: Grants
    google: GoogleSignIn
    tokens: AccessTokenIssuer
    agents: ServiceTokens
    pages: Pages
    discovery: Discovery
    account_pages: AccountPages
    account_forms: AccountForms
    connect_pages: ConnectPages
    cookie_keys: Ring
    offer: tuple[str, ...]
