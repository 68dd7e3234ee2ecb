"""What programs call: `/token`, `/revoke`, `/tokeninfo`, userinfo and the certificates."""

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote

from joserfc.errors import JoseError

from google_workspace_mcp.core.clock import Clock, epoch
from google_workspace_mcp.sandbox.errors import REALM, oauth_json
from google_workspace_mcp.sandbox.oauth.book import TOKEN_SECONDS, Consent, OAuthClient, TokenBook
from google_workspace_mcp.sandbox.oauth.keys import ISSUER, SigningKey, access_token_hash
from google_workspace_mcp.sandbox.oauth.scopes import EMAIL, IDENTITY, OPENID, PROFILE, canonical, joined
from google_workspace_mcp.sandbox.service import JSON, GoogleError, Person
from google_workspace_mcp.sandbox.wire import Incoming, Outgoing, json_answer, oauth_error

_BEARER_ERROR = {"WWW-Authenticate": f'{REALM}, error="invalid_token"'}
_NO_STORE = {"Cache-Control": "no-cache, no-store, max-age=0, must-revalidate", "Pragma": "no-cache"}


@dataclass(frozen=True, slots=True)
class OAuthEndpoints:
    """Answers the OAuth calls of programs. Errors are RFC 6749's, in Google's words."""

    book: TokenBook
    people: Mapping[str, Person]
    key: SigningKey
    clock: Clock

    # -- token

    def token(self, incoming: Incoming) -> Outgoing:
        """`/token`: a code or a refresh token turned into an access token."""
        try:
            form = single_values(incoming.body.decode("utf-8", "replace"))
            client = self._client(form, incoming.headers.get("authorization", ""))
            return json_answer(self._exchanged(client, form), headers=_NO_STORE)
        except GoogleError as error:
            return oauth_error(error)

    def _exchanged(self, client: OAuthClient, form: Mapping[str, str]) -> JSON:
        kind = _needed(form, "grant_type")
        if kind == "authorization_code":
            return self._redeemed(client, form)
        if kind == "refresh_token":
            return self._refreshed(client, form)
        raise GoogleError(400, "unsupported_grant_type", f"Invalid grant_type: {kind}")

    def _client(self, form: Mapping[str, str], authorization: str) -> OAuthClient:
        client_id, secret = _basic(authorization) or (form.get("client_id", ""), form.get("client_secret", ""))
        if not client_id:
            raise GoogleError(400, "invalid_request", "Could not determine client ID from request.")
        client = self.book.client(client_id)
        if client is None:
            raise GoogleError(401, "invalid_client", "The OAuth client was not found.")
        if not secret:
            raise GoogleError(400, "invalid_request", "client_secret is missing.")
        if not hmac.compare_digest(secret.encode(), client.client_secret.encode()):
            raise GoogleError(401, "invalid_client", "The provided client secret is invalid.")
        return client

    def _redeemed(self, client: OAuthClient, form: Mapping[str, str]) -> JSON:
        code = self.book.redeem(
            _needed(form, "code"), client.client_id, _needed(form, "redirect_uri"), form.get("code_verifier", "")
        )
        body = self._tokens(code.consent, nonce=code.nonce)
        if code.refreshable:
            body["refresh_token"] = self.book.issue_refresh(code.consent)
        return body

    def _refreshed(self, client: OAuthClient, form: Mapping[str, str]) -> JSON:
        consent = self.book.refresh(_needed(form, "refresh_token"), client.client_id)
        if wanted := canonical(form.get("scope", "").split()):
            if not wanted <= consent.scopes:
                raise GoogleError(400, "invalid_scope", "Bad Request")
            consent = Consent(consent.email, consent.client_id, wanted, consent.offline)
        return self._tokens(consent)

    def _tokens(self, consent: Consent, *, nonce: str = "") -> JSON:
        access_token = self.book.issue_access(consent)
        body: JSON = {
            "access_token": access_token,
            "expires_in": TOKEN_SECONDS,
            "scope": joined(consent.scopes),
            "token_type": "Bearer",
        }
        if OPENID in consent.scopes:
            body["id_token"] = self.key.sign(self._claims(consent, access_token, nonce))
        return body

    def _claims(self, consent: Consent, access_token: str, nonce: str) -> dict[str, Any]:
        now = int(epoch(self.clock))
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "azp": consent.client_id,
            "aud": consent.client_id,
            **self._profile(consent),
            "at_hash": access_token_hash(access_token),
            "iat": now,
            "exp": now + 3600,
        }
        return claims | ({"nonce": nonce} if nonce else {})

    def _profile(self, consent: Consent) -> JSON:
        person = self.people[consent.email]
        claims: JSON = {"sub": person.subject}
        if EMAIL in consent.scopes:
            claims |= {"email": person.email, "email_verified": person.is_verified}
        if person.domain != "gmail.com":
            claims["hd"] = person.domain
        if PROFILE in consent.scopes:
            given, _, family = person.name.partition(" ")
            claims |= {"name": person.name, "given_name": given, "family_name": family}
        return claims

    # -- revoke, tokeninfo, userinfo, certificates

    def revoke(self, incoming: Incoming) -> Outgoing:
        """`/revoke`: ends the app's whole grant for that account, whichever of its tokens is given."""
        token = self._parameters(incoming).get("token", "")
        pair = self.book.pair_of(token)
        if pair is None:
            return oauth_error(GoogleError(400, "invalid_token", "Token expired or revoked"))
        self.book.revoke(*pair)
        return json_answer({})

    def tokeninfo(self, incoming: Incoming) -> Outgoing:
        """`/tokeninfo` for an access token or an id_token. Numbers and booleans are strings, as Google has them."""
        given = self._parameters(incoming)
        claims = self._id_token_info(given["id_token"]) if "id_token" in given else self._access_info(given, incoming)
        return json_answer(claims) if claims else oauth_error(GoogleError(400, "invalid_token", "Invalid Value"))

    def _access_info(self, given: Mapping[str, str], incoming: Incoming) -> JSON:
        token = self.book.live(given.get("access_token") or incoming.bearer)
        if token is None:
            return {}
        consent = token.consent
        info: JSON = {
            "azp": consent.client_id,
            "aud": consent.client_id,
            "sub": self.people[consent.email].subject,
            "scope": joined(consent.scopes),
            "exp": str(int(token.expires_at)),
            "expires_in": str(int(token.expires_at - epoch(self.clock))),
        }
        if EMAIL in consent.scopes:
            info |= {"email": consent.email, "email_verified": str(self.people[consent.email].is_verified).lower()}
        return info | {"access_type": "offline" if consent.offline else "online"}

    def _id_token_info(self, id_token: str) -> JSON:
        try:
            claims = self.key.read(id_token)
        except (JoseError, ValueError):
            return {}
        if claims["exp"] <= epoch(self.clock):
            return {}
        return {name: _as_text(value) for name, value in claims.items()}

    def userinfo(self, incoming: Incoming) -> Outgoing:
        """`/v1/userinfo` and `/oauth2/v3/userinfo`."""
        token = self._identity_token(incoming)
        return token if isinstance(token, Outgoing) else json_answer(self._profile(token))

    def userinfo_v2(self, incoming: Incoming) -> Outgoing:
        """`/oauth2/v2/userinfo`, the older spelling of the same."""
        token = self._identity_token(incoming)
        if isinstance(token, Outgoing):
            return token
        claims = self._profile(token)
        renamed = {"sub": "id", "email_verified": "verified_email"}
        return json_answer({renamed.get(name, name): value for name, value in claims.items()})

    def _identity_token(self, incoming: Incoming) -> Consent | Outgoing:
        token = self.book.live(incoming.bearer or self._parameters(incoming).get("access_token", ""))
        if token is None:
            error = GoogleError(401, "invalid_request", "Invalid Credentials")
            return json_answer(oauth_json(error), 401, _BEARER_ERROR)
        if not token.consent.scopes & IDENTITY:
            return oauth_error(GoogleError(403, "insufficient_scope", "The token has no identity scope."))
        return token.consent

    def certs(self, _incoming: Incoming) -> Outgoing:
        """`/oauth2/v3/certs`: the public keys as a JWK set."""
        return json_answer(self.key.jwks(), headers={"Cache-Control": "public, max-age=20000, must-revalidate"})

    def configuration(self, incoming: Incoming) -> Outgoing:
        """`/.well-known/openid-configuration`, with the simulator's own addresses."""
        at = incoming.origin
        return json_answer(
            {
                "issuer": ISSUER,
                "authorization_endpoint": f"{at}/o/oauth2/v2/auth",
                "token_endpoint": f"{at}/token",
                "userinfo_endpoint": f"{at}/v1/userinfo",
                "revocation_endpoint": f"{at}/revoke",
                "jwks_uri": f"{at}/oauth2/v3/certs",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "scopes_supported": ["openid", "email", "profile"],
                "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
                "code_challenge_methods_supported": ["plain", "S256"],
            }
        )

    def _parameters(self, incoming: Incoming) -> dict[str, str]:
        form = incoming.body.decode("utf-8", "replace") if incoming.body else ""
        return {name: values[0] for text in (incoming.query, form) for name, values in parse_qs(text).items()}


def single_values(form: str) -> dict[str, str]:
    """The fields of a form. RFC 6749 section 3.2: none may be given twice, empty ones count as absent."""
    values = parse_qs(form)
    for name, given in values.items():
        if len(given) > 1:
            raise GoogleError(400, "invalid_request", f"OAuth 2 parameters can only have a single value: {name}")
    return {name: given[0] for name, given in values.items()}


def _needed(form: Mapping[str, str], name: str) -> str:
    if name not in form:
        raise GoogleError(400, "invalid_request", f"Missing required parameter: {name}")
    return form[name]


def _basic(authorization: str) -> tuple[str, str] | None:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise GoogleError(401, "invalid_client", "The Authorization header is not understood.") from None
    return unquote(client_id), unquote(secret)


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
