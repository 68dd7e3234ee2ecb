"""Connects a Google account to a principal, as if the person had just allowed it."""

from google_workspace_mcp.auth.connections import Connection, Connections
from google_workspace_mcp.auth.scopes import google_scopes
from google_workspace_mcp.core.clock import SystemClock
from google_workspace_mcp.core.google.identity import GoogleIdentity
from google_workspace_mcp.core.google.oauth import TokenAnswer
from google_workspace_mcp.core.principal import Principal
from google_workspace_mcp.core.storage.sealing import KeyRingWrapper, SealedStore
from google_workspace_mcp.foundation import keys_of, store_of
from google_workspace_mcp.sandbox.service import Person
from tests.support.stack import CLIENT_ID, Stack

CAPABILITIES = (
    "gmail.read",
    "gmail.write",
    "gmail.send",
    "drive.read",
    "drive.write",
    "calendar.read",
    "calendar.write",
)


async def connect(
    stack: Stack, principal: Principal, person: Person, capabilities: tuple[str, ...] = CAPABILITIES
) -> Connection:
    """The connection, written into the service's store. To be made before the service has looked for one."""
    grant = stack.google.grant(person.email, google_scopes(capabilities), CLIENT_ID)
    identity = GoogleIdentity(person.subject, person.email, email_verified=True, name=person.name, hosted_domain="")
    answer = TokenAnswer(grant.access_token, 3599, grant.refresh_token, frozenset(grant.scopes), "")
    objects = store_of(stack.settings)
    store = SealedStore(objects, KeyRingWrapper(keys_of(stack.settings).sealing))
    try:
        return await Connections(store, SystemClock()).save(principal, identity, answer)
    finally:
        await objects.close()
