"""Settings with rules of their own, as types: `core/settings.py` names them in a line each."""

import re
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, AliasChoices, BeforeValidator, Field
from pydantic_settings import NoDecode

PREFIX = "GWMCP_"
EVERYONE = "*"
_NAMESPACE = re.compile(r"(?!AWS/)[\w./#:-]{1,255}", re.ASCII)
_DOMAIN = re.compile(r"(?!-)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+")


def named(name: str, *aliases: str) -> AliasChoices:
    """The name in the environment, and others that are accepted for it."""
    return AliasChoices(f"{PREFIX}{name}", *aliases)


def _split(value: Any) -> Any:
    if isinstance(value, str):
        return tuple(part for part in (piece.strip() for piece in value.split(",")) if part)
    return value


def _domains(value: tuple[str, ...]) -> tuple[str, ...]:
    lowered = tuple(entry.lower().removeprefix("@") for entry in value)
    for entry in lowered:
        domain = entry.rpartition("@")[2].removeprefix("*.")
        if entry != EVERYONE and not _DOMAIN.fullmatch(domain):
            raise ValueError(f"{entry} is not a domain, an address, or * for everyone")
    return lowered


def _namespace(value: str) -> str:
    if value and not _NAMESPACE.fullmatch(value):
        raise ValueError("may hold letters, digits and . - _ / # : only, and must not begin with AWS/")
    return value


def _collector(value: str) -> str:
    if not value:
        return value
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("must be an http(s) URL without query, fragment or user name")
    return value.rstrip("/")


Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
_Domains = Annotated[Words, AfterValidator(_domains)]

ToolSearch = Annotated[
    bool,
    Field(
        validation_alias=named("TOOL_SEARCH"),
        description="List five tools and two to search and call the others, instead of all. A client can ask for it "
        "with `?search=1`.",
    ),
]
SendDomains = Annotated[
    _Domains,
    Field(
        validation_alias=named("SEND_DOMAINS"),
        description="Domains (`example.com`, `*.example.com`) or addresses that mail and invitations may go to. Empty "
        "means everyone.",
    ),
]
ShareDomains = Annotated[
    _Domains,
    Field(
        validation_alias=named("SHARE_DOMAINS"),
        description="Domains or addresses that files and calendars may be shared with, `*` for everyone. Empty means "
        "the account's own domain only, and nobody for accounts of gmail.com. Whoever sees a folder that something is "
        "put into must be among them.",
    ),
]
AllowPublicLinks = Annotated[
    bool,
    Field(
        validation_alias=named("ALLOW_PUBLIC_LINKS"),
        description="Whether files and calendars may be opened to anyone who has the link.",
    ),
]
CallsPerUser = Annotated[
    int,
    Field(
        ge=1,
        le=100,
        validation_alias=named("CALLS_PER_USER"),
        description="Calls to Google at a time for each account.",
    ),
]
WaitingPerUser = Annotated[
    int,
    Field(
        ge=0,
        le=1000,
        validation_alias=named("WAITING_PER_USER"),
        description="How many more of an account's calls may wait for their turn.",
    ),
]
WaitSeconds = Annotated[
    float,
    Field(
        gt=0,
        le=30,
        validation_alias=named("WAIT_SECONDS"),
        description="Longest wait of a call for its turn, or for the account's units of Google's quota; beyond it the "
        "caller is told how long to wait.",
    ),
]
QuotaShare = Annotated[
    float,
    Field(
        gt=0,
        le=1,
        validation_alias=named("QUOTA_SHARE"),
        description="Share of Google's per-user quota that each task uses, for its own count; with many tasks less "
        "leaves more for the person's other programs.",
    ),
]
EmfNamespace = Annotated[
    str,
    AfterValidator(_namespace),
    Field(
        validation_alias=named("EMF_NAMESPACE"),
        description="CloudWatch namespace under which the log carries the service's figures once a minute, in the "
        "Embedded Metric Format; docs/metrics.md has them. Empty means none.",
    ),
]
OtlpEndpoint = Annotated[
    str,
    AfterValidator(_collector),
    Field(
        validation_alias=named("OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"),
        description="Base address of an OpenTelemetry collector (OTLP over HTTP, such as `http://localhost:4318`) that "
        "traces are sent to. Empty means none.",
    ),
]
