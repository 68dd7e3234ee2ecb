"""What sign-in, tools and the operator's commands share: keys, store, connections, and the way to Google."""

import random
from dataclasses import dataclass

import httpx2

from google_workspace_mcp.auth import scopes as capability_scopes
from google_workspace_mcp.auth.allowed import Allowed
from google_workspace_mcp.auth.clients import Clients
from google_workspace_mcp.auth.connections import Connections
from google_workspace_mcp.auth.disconnect import Disconnector
from google_workspace_mcp.auth.google_sign_in import GoogleSignIn
from google_workspace_mcp.auth.grants import Grants
from google_workspace_mcp.auth.links import ConnectLinks
from google_workspace_mcp.auth.redirects import allowed_patterns
from google_workspace_mcp.core.audit import Audit
from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.google.endpoints import GoogleEndpoints
from google_workspace_mcp.core.google.identity import IdTokenVerifier
from google_workspace_mcp.core.google.oauth import GoogleOAuth
from google_workspace_mcp.core.google.resources import GoogleResources
from google_workspace_mcp.core.google.transport import CallRecord, GoogleTransport, make_http_client
from google_workspace_mcp.core.keys import LocalKeys, local_keys, parse_keys
from google_workspace_mcp.core.metrics import Metrics
from google_workspace_mcp.core.settings import Settings, SettingsError
from google_workspace_mcp.core.storage.base import ObjectStore
from google_workspace_mcp.core.storage.directory import DirectoryStore
from google_workspace_mcp.core.storage.sealing import KeyRingWrapper, SealedStore


@dataclass(frozen=True, slots=True)
class GoogleAccess:
    """Everything that speaks to Google, on one HTTP client."""

    http: httpx2.AsyncClient
    endpoints: GoogleEndpoints
    oauth: GoogleOAuth
    sign_in: GoogleSignIn
    transport: GoogleTransport
    resources: GoogleResources


@dataclass(frozen=True, slots=True)
class Foundation:
    """What sign-in and tools share."""

    settings: Settings
    clock: Clock
    keys: LocalKeys
    objects: ObjectStore
    store: SealedStore
    google: GoogleAccess
    connections: Connections
    grants: Grants
    links: ConnectLinks
    disconnector: Disconnector
    offer: tuple[str, ...]


def keys_of(settings: Settings) -> LocalKeys:
    """Keys from the settings, or made once beside a file store. Raises SettingsError."""
    sealing, signing = settings.keys.get_secret_value(), settings.signing_keys.get_secret_value()
    if sealing and signing:
        return LocalKeys(parse_keys(sealing), parse_keys(signing))
    directory = settings.store_directory
    if directory is None:
        raise SettingsError(["an S3 store needs GWMCP_KEYS and GWMCP_SIGNING_KEYS: there is no default key"])
    try:
        made = local_keys(directory.with_name(f"{directory.name}.keys"))
    except (ValueError, OSError) as error:
        raise SettingsError([f"GWMCP_STORE: {error}"]) from None
    return LocalKeys(parse_keys(sealing) if sealing else made.sealing, parse_keys(signing) if signing else made.signing)


def store_of(settings: Settings) -> ObjectStore:
    """The object store that the settings name. Raises SettingsError for one this build cannot serve."""
    directory = settings.store_directory
    if directory is None:
        raise SettingsError(["GWMCP_STORE: only file:// stores can be used so far"])
    return DirectoryStore(directory)


def offer_of(settings: Settings) -> tuple[str, ...]:
    """The capabilities that these settings offer."""
    return capability_scopes.offered(
        settings.services, read_only=settings.read_only, allow_delete_forever=settings.allow_delete_forever
    )


def clients_on(settings: Settings, store: SealedStore, clock: Clock) -> Clients:
    patterns = allowed_patterns(settings.allowed_redirects)
    return Clients(store, clock, offer=offer_of(settings), patterns=patterns)


def foundation_of(settings: Settings, clock: Clock, metrics: Metrics) -> Foundation:
    keys, objects = keys_of(settings), store_of(settings)
    store = SealedStore(objects, KeyRingWrapper(keys.sealing))
    google = _google_access(settings, clock, metrics)
    connections, offer = Connections(store, clock), offer_of(settings)
    jitter = random.Random()  # noqa: S311 - jitter, not a secret
    grants = Grants(connections, google.oauth, clock, jitter, audit=Audit(), metrics=metrics)
    links = ConnectLinks(
        store, connections, clock, base_url=settings.base_url, offer=offer, return_urls=settings.return_urls
    )
    return Foundation(
        settings=settings,
        clock=clock,
        keys=keys,
        objects=objects,
        store=store,
        google=google,
        connections=connections,
        grants=grants,
        links=links,
        disconnector=Disconnector(connections, grants, google.oauth),
        offer=offer,
    )


def _google_access(settings: Settings, clock: Clock, metrics: Metrics) -> GoogleAccess:
    endpoints, http = GoogleEndpoints.of(settings.google_url), make_http_client()
    oauth = GoogleOAuth(http, endpoints, settings.google_client_id, settings.google_client_secret, clock)
    verifier = IdTokenVerifier(http, endpoints, settings.google_client_id, clock)
    sign_in = GoogleSignIn(
        endpoints,
        oauth,
        verifier,
        client_id=settings.google_client_id,
        redirect_uri=settings.redirect_uri,
        allowed=Allowed(settings.allowed_domains),
    )

    def observe(record: CallRecord) -> None:
        metrics.google_call(record.method_id, record.outcome, record.seconds)

    jitter = random.Random().random  # noqa: S311 - jitter, not a secret
    transport = GoogleTransport(http, clock=clock, randomness=jitter, observe=observe)
    return GoogleAccess(http, endpoints, oauth, sign_in, transport, GoogleResources(endpoints))
