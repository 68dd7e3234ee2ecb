"""The key that signs id_tokens, one per simulator."""

import base64
import hashlib
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

ISSUER = "https://accounts.google.com"


class SigningKey:
    """An RSA key of 2,048 bits, made on first use: half a second that most tests do not need."""

    def __init__(self, key_id: str = "simulated-1") -> None:
        self._key_id = key_id
        self._made: RSAKey | None = None

    @property
    def _key(self) -> RSAKey:
        if self._made is None:
            self._made = RSAKey.generate_key(2048, {"kid": self._key_id, "alg": "RS256", "use": "sig"}, private=True)
        return self._made

    def jwks(self) -> dict[str, Any]:
        """The public half, as `/oauth2/v3/certs` shows it."""
        return {"keys": [dict(self._key.as_dict(private=False))]}

    def sign(self, claims: dict[str, Any]) -> str:
        """A compact RS256 token."""
        return jwt.encode({"alg": "RS256", "kid": self._key_id, "typ": "JWT"}, claims, self._key)

    def read(self, token: str) -> dict[str, Any]:
        """The claims of a token of ours. Raises joserfc's JoseError when the signature is not ours."""
        return dict(jwt.decode(token, KeySet([self._key]), algorithms=["RS256"]).claims)


def access_token_hash(access_token: str) -> str:
    """`at_hash` of OpenID Connect Core section 3.1.3.6."""
    digest = hashlib.sha256(access_token.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()
