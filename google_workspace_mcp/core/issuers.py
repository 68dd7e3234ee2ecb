"""Issuers of service tokens that the operator trusts, as the setting AGENTS spells them.

An entry says who signs (`issuer`), for whom (`audience`), by which key (`jwks_url`, `pem` or `secret`), and what
is left to its tokens (`services`, `tools`, `readonly`). The kind of the key fixes the algorithm.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from google_workspace_mcp.core.principal import Limits

# What vouches for people here. An agent under that name could be anybody.
_GOOGLE = ("https://accounts.google.com", "accounts.google.com")
_LEAST_SECRET = 32
_LEAST_RSA = 2048
_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----.+?-----END \1-----", re.DOTALL)
_PRINTABLE = r"^[\x21-\x7e]+$"


@dataclass(frozen=True, slots=True)
class Issuer:
    """A trusted issuer. Exactly one of `jwks_url`, `pems` and `secret` is given."""

    name: str
    audience: str
    jwks_url: str
    pems: tuple[str, ...]
    secret: SecretStr
    limits: Limits


class LiveIssuers:
    """The trusted issuers while the list may change under way."""

    def __init__(self, issuers: tuple[Issuer, ...]) -> None:
        self._current = issuers

    @property
    def current(self) -> tuple[Issuer, ...]:
        """The issuers as they are now; another object only after a change."""
        return self._current

    def replace(self, issuers: tuple[Issuer, ...]) -> None:
        """From now on these."""
        self._current = issuers


type _Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z0-9_]+$")]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    issuer: str = Field(min_length=1, max_length=255, pattern=_PRINTABLE)
    audience: str = Field("", max_length=512)
    jwks_url: str = Field("", max_length=2048)
    pem: str = Field("", max_length=65_536)
    secret: str = Field("", max_length=4096)
    services: list[Literal["gmail", "drive", "calendar"]] | None = None
    tools: list[_Name] | None = None
    readonly: bool = False


def parse_issuers(text: str, base_url: str) -> tuple[Issuer, ...]:
    """Read the JSON list. `base_url` is the audience where an entry names none, and no issuer of others' tokens.

    Raises ValueError with every mistake by the number of its entry; no key is ever echoed.
    """
    if not text.strip():
        return ()
    try:
        listed = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("is not JSON") from None
    if not isinstance(listed, list):
        raise ValueError("is not a JSON list of objects")  # noqa: TRY004 - a setting's mistake, told in words
    issuers: list[Issuer] = []
    mistakes: list[str] = []
    for number, item in enumerate(listed, start=1):
        try:
            issuers.append(_issuer(item, base_url))
        except ValueError as error:
            mistakes.append(f"entry {number}: {error}")
    names = [issuer.name for issuer in issuers]
    mistakes += [f"two entries have the issuer {name}" for name in dict.fromkeys(names) if names.count(name) > 1]
    if mistakes:
        raise ValueError("; ".join(mistakes))
    return tuple(issuers)


def _issuer(item: Any, base_url: str) -> Issuer:
    try:
        entry = _Entry.model_validate(item)
    except ValidationError as error:
        raise ValueError(
            ", ".join(_in_words(e) for e in error.errors(include_input=False, include_url=False))
        ) from None
    mistakes = list(_mistakes(entry, base_url))
    if mistakes:
        raise ValueError(", ".join(mistakes))
    return Issuer(
        name=entry.issuer,
        audience=entry.audience or base_url,
        jwks_url=entry.jwks_url,
        pems=pem_blocks(entry.pem),
        secret=SecretStr(entry.secret),
        limits=Limits(_set(entry.services), _set(entry.tools), entry.readonly),
    )


def _in_words(item: Any) -> str:
    where = str(item["loc"][0]) if item["loc"] else ""
    if item["type"] == "extra_forbidden":
        return f"knows only {', '.join(_Entry.model_fields)}"
    return f"{where} {item['msg'][0].lower()}{item['msg'][1:]}".strip()


def _mistakes(entry: _Entry, base_url: str) -> Iterable[str]:
    if entry.issuer in _GOOGLE:
        yield "issuer must not be Google, who vouches for people here"
    if entry.issuer.rstrip("/") == base_url.rstrip("/"):
        yield "issuer must not be this service itself"
    given = [name for name in ("jwks_url", "pem", "secret") if getattr(entry, name)]
    if len(given) != 1:
        yield "exactly one of jwks_url, pem and secret is needed"
    if entry.jwks_url:
        yield from _url_mistakes(entry.jwks_url, base_url)
    if entry.pem:
        yield from _pem_mistakes(entry.pem)
    if entry.secret.startswith("secret:"):
        yield "secret cannot be the name of one: put the whole list into a secret and name that in AGENTS_SECRET"
    elif entry.secret.lstrip().startswith(("-----BEGIN", "ssh-")):
        yield "secret holds a key of two halves: give its public one as pem"
    elif entry.secret and len(entry.secret.encode()) < _LEAST_SECRET:
        yield f"secret needs {_LEAST_SECRET} bytes at least"


def _url_mistakes(url: str, base_url: str) -> Iterable[str]:
    try:
        parts, port = urlsplit(url), urlsplit(url).port
    except ValueError:
        yield "jwks_url is not a URL"
        return
    if not parts.hostname or parts.username or parts.fragment or not re.match(_PRINTABLE, url):
        yield "jwks_url must have a host, and no user name or fragment"
    elif is_local(parts.hostname):
        if not is_local(urlsplit(base_url).hostname or ""):
            yield "jwks_url may be this machine only while BASE_URL is"
    elif parts.scheme != "https" or port not in (None, 443):
        yield "jwks_url must be https on port 443"


def is_local(host: str) -> bool:
    """Whether a host as an address spells it is this machine's loopback."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def pem_blocks(text: str) -> tuple[str, ...]:
    """The blocks of a PEM text, each with its marks."""
    return tuple(match[0] for match in _PEM.finditer(text))


def _pem_mistakes(text: str) -> Iterable[str]:
    blocks = pem_blocks(text)
    if not blocks:
        yield "pem holds no PEM block"
    if any("PRIVATE KEY" in block for block in blocks):
        yield "pem holds a private key: give the public one"
        return
    kinds: set[str] = set()
    for block in blocks:
        try:
            kinds.add(_kind(block))
        except (ValueError, UnsupportedAlgorithm):
            yield f"pem must hold public keys: RSA of {_LEAST_RSA} bits at least, P-256 or Ed25519"
            return
    if len(kinds) > 1:
        yield "pem must hold keys of one kind, which fixes the algorithm"


def _kind(block: str) -> str:
    key = load_pem_public_key(block.encode())
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= _LEAST_RSA:
        return "RSA"
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return "EC"
    if isinstance(key, ed25519.Ed25519PublicKey):
        return "OKP"
    raise ValueError("another kind of key")


def _set(words: Iterable[str] | None) -> frozenset[str] | None:
    return None if words is None else frozenset(words)
