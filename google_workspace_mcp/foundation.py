"""What sign-in, tools and the operator's commands share: keys, store, connections, and the way to Google."""

import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx2
from opentelemetry.trace import Tracer

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
from google_workspace_mcp.core.background import Chore
from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.content.documents.service import Documents
from google_workspace_mcp.core.files.links import DownloadLinks
from google_workspace_mcp.core.files.upload_routes import UploadAddresses
from google_workspace_mcp.core.files.uploads import Uploads
from google_workspace_mcp.core.google.endpoints import GoogleEndpoints
from google_workspace_mcp.core.google.identity import IdTokenVerifier
from google_workspace_mcp.core.google.oauth import GoogleOAuth
from google_workspace_mcp.core.google.protection import Protection
from google_workspace_mcp.core.google.quota import UserLimits
from google_workspace_mcp.core.google.resources import GoogleResources
from google_workspace_mcp.core.google.transport import GoogleTransport, make_http_client
from google_workspace_mcp.core.http.health import Lifecycle
from google_workspace_mcp.core.http.hosts import base_of_request
from google_workspace_mcp.core.issuers import LiveIssuers
from google_workspace_mcp.core.keys import LiveKeys, derive
from google_workspace_mcp.core.metrics import Metrics
from google_workspace_mcp.core.secrets import REFRESH_SECONDS, LiveSecret, SecretRefresh
from google_workspace_mcp.core.settings import Settings
from google_workspace_mcp.core.storage.base import ObjectStore
from google_workspace_mcp.core.storage.directory import DirectoryStore
from google_workspace_mcp.core.storage.observed import ObservedStore, ObservedWrapper, Watch
from google_workspace_mcp.core.storage.sealing import SealedStore
from google_workspace_mcp.core.storage.sweeping import SWEEP_SECONDS, sweep
from google_workspace_mcp.core.tracing import NOTHING
from google_workspace_mcp.stores import keys_of, store_of, wrapper_of


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
    keys: LiveKeys
    store: SealedStore
    secrets: SecretRefresh
    issuers: LiveIssuers
    chores: tuple[Chore, ...]
    google: GoogleAccess
    documents: Documents
    connections: Connections
    grants: Grants
    links: ConnectLinks
    disconnector: Disconnector
    offer: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Transfers:
    """What moves bytes past the model: links out of Google, uploads into the store."""

    links: DownloadLinks
    uploads: Uploads
    addresses: UploadAddresses
    chores: tuple[Chore, ...]


def transfers_of(base: Foundation) -> Transfers:
    """On these keys and this store. Addresses lead back the way the request came."""

    def address() -> str:
        return base_of_request() or base.settings.base_url

    uploads = Uploads(base.store, base.clock)

    async def tidy() -> None:
        await uploads.sweep()

    signing = base.keys.signing
    return Transfers(
        links=DownloadLinks(derive(signing, "download-link"), base.clock, os.urandom, address),
        uploads=uploads,
        addresses=UploadAddresses(derive(signing, "upload-address"), base.clock, os.urandom, address),
        # Lifecycle rules of a bucket count days, and an upload is good for an hour.
        chores=(Chore("uploads", SWEEP_SECONDS, tidy),),
    )


def offer_of(settings: Settings) -> tuple[str, ...]:
    """The capabilities that these settings offer."""
    return capability_scopes.offered(
        settings.services, read_only=settings.read_only, allow_delete_forever=settings.allow_delete_forever
    )


def clients_on(settings: Settings, store: SealedStore, clock: Clock) -> Clients:
    """The register of clients in that store."""
    patterns = allowed_patterns(settings.allowed_redirects)
    return Clients(store, clock, offer=offer_of(settings), patterns=patterns)


def foundation_of(
    settings: Settings, clock: Clock, metrics: Metrics, lifecycle: Lifecycle, tracer: Tracer = NOTHING
) -> Foundation:
    """All of it for these settings; nothing but local keys is read yet. Raises SettingsError."""
    keys, objects = LiveKeys.of(keys_of(settings)), store_of(settings)
    watch = Watch(metrics.store_operation, lifecycle.degraded)
    wrapper = ObservedWrapper(wrapper_of(settings, keys.sealing), watch)
    store = SealedStore(ObservedStore(objects, watch), wrapper, broken=_set_aside(metrics))
    client_secret = LiveSecret(settings.google_client_secret)
    issuers = LiveIssuers(settings.issuers)
    secrets = SecretRefresh(settings, clock, keys, client_secret, issuers)
    google = _google_access(settings, clock, metrics, client_secret, tracer)
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
        store=store,
        secrets=secrets,
        issuers=issuers,
        chores=_chores(objects, secrets, clock),
        google=google,
        documents=Documents(),
        connections=connections,
        grants=grants,
        links=links,
        disconnector=Disconnector(connections, grants, google.oauth, Audit()),
        offer=offer,
    )


def _set_aside(metrics: Metrics) -> Callable[[str], None]:
    """What is done about an object that does not open: counted, and told to whoever watches over the service."""

    def tell(kind: str) -> None:
        metrics.crypto_failure(kind)
        Audit().record("object_set_aside", outcome="failed", reason=kind)

    return tell


def _chores(objects: ObjectStore, secrets: SecretRefresh, clock: Clock) -> tuple[Chore, ...]:
    chores = (Chore("secrets", REFRESH_SECONDS, secrets.refresh),) if secrets.is_needed else ()
    if not isinstance(objects, DirectoryStore):
        return chores  # lifecycle rules of the bucket do this

    async def tidy() -> None:
        await sweep(objects, clock)

    return (*chores, Chore("sweep", SWEEP_SECONDS, tidy))


def _google_access(
    settings: Settings, clock: Clock, metrics: Metrics, client_secret: LiveSecret, tracer: Tracer
) -> GoogleAccess:
    endpoints, http = GoogleEndpoints.of(settings.google_url), make_http_client()
    oauth = GoogleOAuth(http, endpoints, settings.google_client_id, client_secret, clock)
    verifier = IdTokenVerifier(http, endpoints, settings.google_client_id, clock)
    sign_in = GoogleSignIn(
        endpoints,
        oauth,
        verifier,
        client_id=settings.google_client_id,
        redirect_uri=settings.redirect_uri,
        allowed=Allowed(settings.allowed_domains),
    )

    jitter = random.Random().random  # noqa: S311 - jitter, not a secret
    limits = UserLimits(settings.calls_per_user, settings.waiting_per_user, settings.wait_seconds, settings.quota_share)
    protection = Protection.of(time.monotonic, limits=limits, breaker_changed=metrics.google_breaker)
    transport = GoogleTransport(
        http, clock=clock, randomness=jitter, observe=metrics.google_attempt, protection=protection, tracer=tracer
    )
    return GoogleAccess(http, endpoints, oauth, sign_in, transport, GoogleResources(endpoints))
