"""Whether the keys of trusted agents can be had."""

from typing import Any, Final
from urllib.parse import urlsplit

import httpx2

from google_workspace_mcp.core.http.egress import Egress, EgressError
from google_workspace_mcp.core.issuers import Issuer
from google_workspace_mcp.core.settings import Settings, is_loopback
from google_workspace_mcp.doctor.findings import Finding, good, wrong

_MOST_BYTES: Final = 256 * 1024
_FIXES: Final = {
    "refused": "the name leads into a private network, which is not fetched from: give the keys as pem",
    "unreachable": "see whether the address answers with status 200, on port 443",
    "too_large": "publish fewer keys",
    "malformed": "publish a JWK set (RFC 7517)",
}


async def agents(settings: Settings, http: httpx2.AsyncClient) -> list[Finding]:
    """A finding for each trusted issuer."""
    egress = Egress(http, local=is_loopback(urlsplit(settings.base_url).hostname))
    return [await _issuer(issuer, egress) for issuer in settings.issuers]


async def _issuer(issuer: Issuer, egress: Egress) -> Finding:
    what = f"agent {issuer.name}"
    if not issuer.jwks_url:
        return good(what, "trusted, by a key in the settings")
    try:
        document: Any = await egress.fetch_json(issuer.jwks_url, _MOST_BYTES)
    except EgressError as error:
        return wrong(what, f"its keys cannot be had from {issuer.jwks_url} ({error.reason})", _FIXES[error.reason])
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list) or not keys:
        return wrong(what, f"there is no key at {issuer.jwks_url}", _FIXES["malformed"])
    return good(what, f"trusted, by {len(keys)} keys at {issuer.jwks_url}")
