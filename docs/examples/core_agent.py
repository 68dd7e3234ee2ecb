"""An agent's first call: sign a token for one of your users, list the tools, call one.

    pip install httpx2 joserfc
    python core_agent.py --url http://tools.internal.local:8000 --audience https://tools.example.com/workspace \
        --issuer https://agent.example --key agent-private.pem --user 42

It ends with 0 when the call went well, 3 when the user has no Google account connected yet, and 1 otherwise.
"""

import argparse
import secrets
import sys
import time
from pathlib import Path
from typing import Any

import httpx2
from joserfc import jwt
from joserfc.jwk import ECKey

LIFE = 300  # seconds; ten minutes is the most that the service takes


def service_token(key: ECKey, *, issuer: str, audience: str, user: str, **limits: Any) -> str:
    """A token for one user. `tools`, `services` and `readonly` may take away from what you are trusted with."""
    now = int(time.time())
    claims = {
        "iss": issuer,
        "aud": audience,
        "sub": user,
        "iat": now,
        "exp": now + LIFE,
        "jti": secrets.token_urlsafe(16),
        **limits,
    }
    return jwt.encode({"alg": "ES256", "typ": "JWT"}, claims, key, algorithms=["ES256"])


class Tools:
    """The tools of one user."""

    def __init__(self, http: httpx2.Client, url: str, token: str) -> None:
        self._http = http
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"}

    def names(self) -> list[str]:
        answer = self._http.get(f"{self._url}/tools", headers=self._headers)
        return [tool["name"] for tool in _success(answer)["data"]["tools"]]

    def call(self, name: str, **arguments: Any) -> dict[str, Any]:
        """`{"status": "success", "data": ..., "text": ...}`. Raises ToolError."""
        return _success(self._http.post(f"{self._url}/tools/{name}", json=arguments, headers=self._headers))


class ToolError(Exception):
    """A failure as the service tells it: `code`, `detail`, `retryable`, `retry_after` and `next_step`."""

    def __init__(self, body: dict[str, Any]) -> None:
        super().__init__(f"{body.get('code', body['status'])}: {body['detail']}")
        self.code = body.get("code", "")
        self.next_step = body.get("next_step", "")


def _success(answer: httpx2.Response) -> dict[str, Any]:
    if answer.headers.get("content-type") == "application/problem+json":
        raise ToolError(answer.json())
    answer.raise_for_status()
    return answer.json()


def main() -> int:
    options = _options()
    key = ECKey.import_key(options.key.read_text())
    token = service_token(
        key, issuer=options.issuer, audience=options.audience, user=options.user, services=["gmail"], readonly=True
    )
    with httpx2.Client(timeout=60) as http:
        tools = Tools(http, options.url, token)
        try:
            print("Tools:", ", ".join(tools.names()))
            print(tools.call("gmail_search", query="in:inbox", limit=3)["text"])
        except ToolError as error:
            print(error, file=sys.stderr)
            if error.next_step:
                print(f"Next: {error.next_step}", file=sys.stderr)
            return 3 if error.code in ("not_connected", "reauth_required") else 1
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Calls a Gmail tool for one of your users.")
    parser.add_argument("--url", required=True, help="the service as you reach it, without a slash at the end")
    parser.add_argument("--audience", required=True, help="the service's public URL, whatever --url is")
    parser.add_argument("--issuer", required=True, help="your name in the service's setting GWMCP_AGENTS")
    parser.add_argument("--key", required=True, type=Path, help="your private key, a PEM file")
    parser.add_argument("--user", required=True, help="your own id of the user")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
