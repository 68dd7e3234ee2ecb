"""All settings of the service, read once, checked together, frozen.

Nothing else in the code reads the environment. `load()` lists every mistake at once, in words; `core/described.py`
tells where each value came from.
"""

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from google_workspace_mcp.core import setting_types as types
from google_workspace_mcp.core.http.return_urls import problem_of as return_url_problem
from google_workspace_mcp.core.issuers import Issuer, parse_issuers
from google_workspace_mcp.core.keys import parse_keys
from google_workspace_mcp.core.setting_types import PREFIX, Words
from google_workspace_mcp.core.setting_types import named as _named

SERVICES = ("gmail", "drive", "calendar")
# Each of these can be given as the name of a secret instead, in the setting of the same name with `_SECRET` behind it.
SECRET_SETTINGS = ("google_client_id", "google_client_secret", "keys", "signing_keys", "agents")
_LOOPBACK = {"localhost", "127.0.0.1", "::1", "127.0.0.2"}
_SECRET_NAME = re.compile(r"(arn:[\w:-]+:secret:)?[\w/+=.@-]{1,512}(:[^\s:]{1,100})?")
_HOST = re.compile(r"^(\*\.)?[A-Za-z0-9.-]+(:\d{1,5})?$")


class SettingsError(Exception):
    """Settings that cannot be started with: one line per mistake, ready to be shown."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def is_loopback(host: str | None) -> bool:
    """Whether a host name can only mean this machine."""
    return host is not None and (host in _LOOPBACK or host.startswith("127."))


class Settings(BaseSettings):
    """Everything an operator can choose. Each field's description is its documentation."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", case_sensitive=False, populate_by_name=True
    )

    # -- addresses
    base_url: str = Field(
        "http://localhost:8000",
        validation_alias=_named("BASE_URL"),
        description="Public URL of the service, with the path prefix if it has one. OAuth metadata, links and the "
        "redirect URI are made from it, never from request headers.",
    )
    root_path: str = Field(
        "",
        validation_alias=_named("ROOT_PATH", "ROOT_PATH"),
        description="Path prefix that a load balancer forwards unstripped. Defaults to the path of BASE_URL; if both "
        "are given they must agree.",
    )
    internal_hosts: Words = Field(
        (),
        validation_alias=_named("INTERNAL_HOSTS"),
        description="Comma-separated `host[:port]` under which the same process is called without the prefix, "
        "`*.ns.local` allowed.",
    )
    host: str = Field("127.0.0.1", validation_alias=_named("HOST"), description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, validation_alias=_named("PORT", "PORT"), description="Port to listen on.")
    metrics_port: int = Field(
        9464,
        ge=0,
        le=65535,
        validation_alias=_named("METRICS_PORT"),
        description="Port of the Prometheus metrics, never reachable through the public address. 0 switches them off.",
    )
    forwarded_allow_ips: Words = Field(
        (),
        validation_alias=_named("FORWARDED_ALLOW_IPS"),
        description="Addresses or networks whose X-Forwarded-* headers are believed: the load balancer's subnets.",
    )

    # -- Google
    google_client_id: str = Field(
        "",
        validation_alias=_named("GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_ID"),
        description="OAuth client id of your Google project (type: web application).",
    )
    google_client_secret: SecretStr = Field(
        SecretStr(""),
        validation_alias=_named("GOOGLE_CLIENT_SECRET", "GOOGLE_CLIENT_SECRET"),
        description="The client's secret.",
    )
    google_client_id_secret: str = Field(
        "",
        validation_alias=_named("GOOGLE_CLIENT_ID_SECRET"),
        description="In the place of GOOGLE_CLIENT_ID: the name of a Secrets Manager secret that holds it, with "
        "`:member` behind it when the secret is a JSON object.",
    )
    google_client_secret_secret: str = Field(
        "",
        validation_alias=_named("GOOGLE_CLIENT_SECRET_SECRET"),
        description="In the place of GOOGLE_CLIENT_SECRET, same form. Read again every five minutes.",
    )
    google_url: str = Field(
        "",
        validation_alias=_named("GOOGLE_URL"),
        description="One base for all Google addresses, for a simulator. Empty means the real Google. Plain http only "
        "for loopback.",
    )

    # -- what is offered
    services: Words = Field(
        SERVICES, validation_alias=_named("SERVICES"), description="Which of gmail, drive, calendar to offer."
    )
    tier: Literal["core", "extended", "full"] = Field(
        "extended", validation_alias=_named("TIER"), description="How many tools to offer: core, extended or full."
    )
    tool_search: types.ToolSearch = False
    read_only: bool = Field(
        default=False, validation_alias=_named("READ_ONLY"), description="Offer only tools that change nothing."
    )
    allow_delete_forever: bool = Field(
        default=False,
        validation_alias=_named("ALLOW_DELETE_FOREVER"),
        description="Offer the tools that delete for good, and ask Google for the scope they need.",
    )

    # -- who may be reached
    send_domains: types.SendDomains = ()
    share_domains: types.ShareDomains = ()
    allow_public_links: types.AllowPublicLinks = False

    # -- what one account may ask of Google at a time
    calls_per_user: types.CallsPerUser = 8
    waiting_per_user: types.WaitingPerUser = 16
    wait_seconds: types.WaitSeconds = 5.0
    quota_share: types.QuotaShare = 0.8

    # -- store and keys
    store: str = Field(
        "file://~/.local/share/google-workspace-mcp",
        validation_alias=_named("STORE"),
        description="`file:///directory` for one machine, `s3://bucket/prefix` for several tasks.",
    )
    keys: SecretStr = Field(
        SecretStr(""),
        validation_alias=_named("KEYS"),
        description="Keys that seal what is stored, `id:base64,…` of 32 bytes each; the first writes, all read. With a "
        "file store one is made beside it; with S3 it is required.",
    )
    signing_keys: SecretStr = Field(
        SecretStr(""),
        validation_alias=_named("SIGNING_KEYS"),
        description="Keys that sign tokens and cursors, same form and rule as KEYS.",
    )

    keys_secret: str = Field(
        "",
        validation_alias=_named("KEYS_SECRET"),
        description="In the place of KEYS: the name of a secret, read again every five minutes. A new first key reads "
        "at once and writes after a quarter of an hour, when every task knows it.",
    )
    signing_keys_secret: str = Field(
        "", validation_alias=_named("SIGNING_KEYS_SECRET"), description="In the place of SIGNING_KEYS, as KEYS_SECRET."
    )
    kms_key: Words = Field(
        (),
        validation_alias=_named("KMS_KEY"),
        description="AWS KMS keys (id, ARN or `alias/name`) that wrap data keys in the place of KEYS, and encrypt the "
        "objects in S3; the first writes, all read. What KEYS sealed is still read with KEYS.",
    )
    aws_region: str = Field(
        "",
        validation_alias=_named("AWS_REGION", "AWS_REGION", "AWS_DEFAULT_REGION"),
        description="Region of S3, KMS and Secrets Manager. Empty leaves it to the AWS SDK's own configuration.",
    )
    aws_url: str = Field(
        "",
        validation_alias=_named("AWS_URL"),
        description="One address for S3, KMS and Secrets Manager, for an emulator. Plain http only for loopback.",
    )

    # -- who and where from
    allowed_domains: Words = Field(
        (),
        validation_alias=_named("ALLOWED_DOMAINS"),
        description="Domains or addresses that may sign in, comma-separated. Empty means everyone.",
    )
    allowed_redirects: Words = Field(
        (),
        validation_alias=_named("ALLOWED_REDIRECTS"),
        description="Hosts of MCP clients that may be redirected to, beyond loopback and the well-known ones.",
    )
    allowed_origins: Words = Field(
        (),
        validation_alias=_named("ALLOWED_ORIGINS"),
        description="Browser origins that may call `/mcp` (CORS). Empty means none.",
    )
    return_urls: Words = Field(
        (),
        validation_alias=_named("RETURN_URLS"),
        description="Where connect links that an agent asks for may send the person back to: https addresses (http on "
        "loopback only), each with all that lies below its path. Empty means nowhere.",
    )
    dynamic_clients: bool = Field(
        default=True,
        validation_alias=_named("DYNAMIC_CLIENTS"),
        description="Whether clients may register themselves (RFC 7591).",
    )

    # -- agents and other programs
    agents: SecretStr = Field(
        SecretStr(""),
        validation_alias=_named("AGENTS"),
        description="Trusted issuers of service tokens, a JSON list of `{issuer, audience (default BASE_URL), "
        "jwks_url or pem or secret, services, tools, readonly}`; docs/core-agent.md explains it.",
    )
    agents_secret: str = Field(
        "",
        validation_alias=_named("AGENTS_SECRET"),
        description="In the place of AGENTS: the name of a secret that holds the list, read again every five minutes.",
    )
    openapi: bool = Field(
        default=True,
        validation_alias=_named("OPENAPI"),
        description="Whether `/openapi.json` and `/docs` describe the HTTP face, to everyone.",
    )

    # -- logs, figures, traces
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", validation_alias=_named("LOG_LEVEL"), description="Least severity that is logged."
    )
    emf_namespace: types.EmfNamespace = ""
    otlp_endpoint: types.OtlpEndpoint = ""

    @field_validator("base_url", "google_url", "aws_url")
    @classmethod
    def _plain_http_only_for_loopback(cls, value: str) -> str:
        if not value:
            return value
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("is not an http(s) URL")
        if parts.query or parts.fragment or parts.username:
            raise ValueError("must have no query, fragment or user name")
        if parts.scheme == "http" and not is_loopback(parts.hostname):
            raise ValueError("must be https unless the host is this machine's loopback address")
        return value.rstrip("/")

    @field_validator("root_path")
    @classmethod
    def _prefix_form(cls, value: str) -> str:
        trimmed = value.strip("/")
        if not re.fullmatch(r"[A-Za-z0-9._~/-]*", trimmed) or ".." in trimmed:
            raise ValueError("may hold letters, digits, - . _ ~ and / only")
        return f"/{trimmed}" if trimmed else ""

    @field_validator("internal_hosts")
    @classmethod
    def _host_form(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for host in value:
            if not _HOST.match(host):
                raise ValueError(f"{host} is not a host name with an optional port")
        return value

    @field_validator("forwarded_allow_ips")
    @classmethod
    def _network_form(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for entry in value:
            try:
                ip_network(entry, strict=False)
            except ValueError:
                # `*` too: callers inside the network could forge the headers then.
                raise ValueError(f"{entry} is not an address or network such as 10.0.1.0/24") from None
        return value

    @field_validator("services")
    @classmethod
    def _known_services(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [name for name in value if name not in SERVICES]
        if unknown or not value:
            raise ValueError(f"knows only {', '.join(SERVICES)}, and needs at least one")
        return tuple(name for name in SERVICES if name in value)

    @field_validator("allowed_origins")
    @classmethod
    def _origin_form(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            parts = urlsplit(origin)
            bare = parts.scheme in ("http", "https") and parts.netloc and parts.path in ("", "/")
            if not bare or "*" in origin:
                raise ValueError(f"{origin} is not an origin such as https://app.example.com")
        return tuple(origin.rstrip("/") for origin in value)

    @field_validator("return_urls")
    @classmethod
    def _return_form(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for entry in value:
            problem = return_url_problem(entry)
            if problem or "?" in entry:
                raise ValueError(f"{entry} {problem or 'must not have a query'}")
        return value

    @field_validator("store")
    @classmethod
    def _store_form(cls, value: str) -> str:
        if not re.fullmatch(r"file://.+|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?", value):
            raise ValueError("must be file:///directory or s3://bucket/prefix")
        return value

    @field_validator("keys", "signing_keys")
    @classmethod
    def _keys_form(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value():
            parse_keys(value.get_secret_value())
        return value

    @field_validator("agents")
    @classmethod
    def _agents_form(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        # Without a sound BASE_URL only that is reported.
        if "base_url" in info.data:
            parse_issuers(value.get_secret_value(), info.data["base_url"])
        return value

    @field_validator(*(f"{name}_secret" for name in SECRET_SETTINGS))
    @classmethod
    def _secret_name_form(cls, value: str) -> str:
        if value and not _SECRET_NAME.fullmatch(value):
            raise ValueError("must be the name or ARN of a secret, with :member behind it if it is a JSON object")
        return value

    @model_validator(mode="after")
    def _together(self) -> Self:
        path = urlsplit(self.base_url).path.rstrip("/")
        if self.root_path and self.root_path != path:
            raise ValueError(
                f"ROOT_PATH is {self.root_path} but the path of BASE_URL is {path or '/'}: make them agree"
            )
        # A frozen model is still being built here; this is the one place where a derived default is filled in.
        object.__setattr__(self, "root_path", path)
        self._check_secrets()
        return self

    def _check_secrets(self) -> None:
        given = {name for name in SECRET_SETTINGS if _plain(getattr(self, name))}
        by_name = {name for name in SECRET_SETTINGS if getattr(self, f"{name}_secret")}
        if given & by_name:
            name = PREFIX + min(given & by_name).upper()
            raise ValueError(f"{name} and {name}_SECRET are both given: keep one")
        if self.store.startswith("s3://"):
            sealed = {"keys"} if self.kms_key else set[str]()
            missing = [name for name in ("keys", "signing_keys") if name not in given | by_name | sealed]
            if missing:
                names = " and ".join(PREFIX + name.upper() for name in missing)
                raise ValueError(f"an S3 store needs {names}: there is no default key")

    @property
    def origin(self) -> str:
        """Scheme and authority of the public URL."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def redirect_uri(self) -> str:
        """The one redirect URI to register at Google."""
        return f"{self.base_url}/auth/google/callback"

    @property
    def mcp_url(self) -> str:
        """The address that MCP clients are given."""
        return f"{self.base_url}/mcp"

    @property
    def issuers(self) -> tuple[Issuer, ...]:
        """The issuers whose service tokens are accepted."""
        return parse_issuers(self.agents.get_secret_value(), self.base_url)

    @property
    def store_bucket(self) -> tuple[str, str] | None:
        """Bucket and prefix of an S3 store, None for a directory."""
        bucket, _, prefix = self.store.removeprefix("s3://").partition("/")
        return (bucket, prefix) if self.store.startswith("s3://") else None

    @property
    def store_directory(self) -> Path | None:
        """Where a file store lies, None for S3."""
        return Path(self.store.removeprefix("file://")).expanduser() if self.store.startswith("file://") else None


def _plain(value: str | SecretStr) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def load(env_file: Path | None = None, **overrides: Any) -> Settings:
    """Settings from overrides, the environment and a `.env` file, in this order.

    Raises SettingsError with every mistake.
    """
    try:
        return Settings(_env_file=env_file, **overrides)  # pyright: ignore[reportCallIssue]
    except ValidationError as error:
        mistakes = error.errors(include_input=False, include_url=False)
        raise SettingsError([_in_words(item) for item in mistakes]) from None


def _in_words(item: Any) -> str:
    location = item["loc"][0] if item["loc"] else ""
    name = str(location).removeprefix(PREFIX).upper()
    message = str(item["msg"]).removeprefix("Value error, ")
    return f"{PREFIX}{name} {message}" if name else message
