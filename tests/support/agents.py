"""A program that signs service tokens for its own users, correctly or in any wrong way."""

import base64
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

from google_workspace_mcp.core.clock import Clock, SystemClock, epoch

ISSUER = "https://agent.example"
AUDIENCE = "https://tools.example.com/ws"
_ALGORITHMS = {"RSA": "RS256", "EC": "ES256", "OKP": "Ed25519", "oct": "HS256"}
_MAKERS: dict[str, Callable[[], Key]] = {
    "RSA": lambda: RSAKey.generate_key(2048),
    "EC": lambda: ECKey.generate_key("P-256"),
    "OKP": lambda: OKPKey.generate_key("Ed25519"),
    "oct": lambda: OctKey.import_key(secrets.token_urlsafe(32)),
}


def new_key(kind: str) -> Key:
    """A key of the kind `RSA`, `EC`, `OKP` or `oct`."""
    return _MAKERS[kind]()


@dataclass
class Agent:
    """Signs with `key`; `extra` goes into its entry of the setting AGENTS."""

    audience: str = AUDIENCE
    issuer: str = ISSUER
    key: Key = field(default_factory=lambda: new_key("EC"))
    clock: Clock = field(default_factory=SystemClock)
    extra: dict[str, Any] = field(default_factory=dict[str, Any])

    def entry(self) -> dict[str, Any]:
        """The entry for this agent, with its key written down."""
        if isinstance(self.key, OctKey):
            own = {"secret": base64.urlsafe_b64decode(f"{self.key.as_dict()['k']}==").decode()}
        else:
            own = {"pem": public_pem(self.key)}
        return {"issuer": self.issuer, "audience": self.audience, **own, **self.extra}

    def claims(self, subject: str, **changes: Any) -> dict[str, Any]:
        """Good claims, changed; None takes one away."""
        now = int(epoch(self.clock))
        good = {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": subject,
            "iat": now,
            "exp": now + 300,
            "jti": secrets.token_urlsafe(12),
        }
        return {name: value for name, value in {**good, **changes}.items() if value is not None}

    def token(self, subject: str = "user-1", *, header: dict[str, Any] | None = None, **changes: Any) -> str:
        """A signed token for one of the agent's users."""
        algorithm = _ALGORITHMS[self.key.key_type]
        head = {"alg": algorithm, "typ": "JWT", **(header or {})}
        return jwt.encode(head, self.claims(subject, **changes), self.key, algorithms=[algorithm])


def public_pem(key: Key) -> str:
    """The public half of an asymmetric key."""
    assert not isinstance(key, OctKey)
    return key.as_pem(private=False).decode()


def setting(*agents: Agent) -> str:
    """The setting AGENTS that trusts them."""
    return json.dumps([agent.entry() for agent in agents])


def key_set(keys: Sequence[tuple[str, Key]]) -> dict[str, Any]:
    """A JWK set with the public halves, by key id."""
    return {"keys": [{**key.as_dict(private=False), "kid": key_id} for key_id, key in keys]}


def compact(header: Any, claims: Any, sign: Callable[[bytes], bytes] = lambda _: b"") -> str:
    """A compact JWS of anything at all, signed by anything."""
    head, body = (_segment(json.dumps(part).encode()) for part in (header, claims))
    return f"{head}.{body}.{_segment(sign(f'{head}.{body}'.encode()))}"


def _segment(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
