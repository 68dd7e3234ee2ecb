"""Fills the secrets of the foundation, and rotates keys. Never prints a value.

    python -m infra.scripts.secrets --foundation google-workspace-mcp-foundation --google-client client_secret.json
    python -m infra.scripts.secrets --foundation google-workspace-mcp-foundation --agents agents.json
    python -m infra.scripts.secrets --foundation google-workspace-mcp-foundation --rotate signing-keys

A secret that already holds what the service can start with is left alone. `--rotate` puts a fresh key in front of the
others, which go on reading; `--retire` then removes all but the first, when nothing of theirs is in use any more.
Without `--agents` no agent is trusted.
"""

import argparse
import base64
import json
import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from google_workspace_mcp.core.issuers import parse_issuers
from google_workspace_mcp.core.keys import parse_keys
from infra.scripts.command import client, run, say
from infra.scripts.stacks import DeployError, ServiceStack

RINGS = {"keys": "KeysSecretName", "signing-keys": "SigningKeysSecretName"}
# An entry is read against the address of the service, which the foundation does not know yet.
_SOME_SERVICE = "https://service.invalid"


def main() -> int:
    """0: the secrets hold what the service can start with."""
    parser = argparse.ArgumentParser(description="Fill the service's secrets.")
    parser.add_argument("--foundation", required=True, help="stack with the secrets")
    parser.add_argument("--google-client", type=Path, help="the JSON file of the OAuth client that Google offers")
    parser.add_argument("--agents", type=Path, help="JSON list of trusted issuers, in the form of GWMCP_AGENTS")
    parser.add_argument("--rotate", choices=sorted(RINGS), help="put a fresh key in front")
    parser.add_argument("--retire", choices=sorted(RINGS), help="remove all keys but the first")
    options = parser.parse_args()
    return run(lambda: _fill(options))


def _fill(options: argparse.Namespace) -> None:
    outputs = ServiceStack(client("cloudformation"), options.foundation, say).outputs()
    manager = client("secretsmanager")
    if options.google_client:
        _put(manager, outputs["GoogleSecretName"], google_client(options.google_client.read_text(encoding="utf-8")))
    _fill_agents(manager, outputs["AgentsSecretName"], options.agents)
    for ring, output in RINGS.items():
        name = outputs[output]
        held = held_keys(manager.get_secret_value(SecretId=name)["SecretString"])
        if not held:
            _put(manager, name, fresh_key())
        elif options.rotate == ring:
            _put(manager, name, ",".join([fresh_key(), *held]))
        elif options.retire == ring:
            _put(manager, name, held[0])
        else:
            say(f"  kept  {name} ({len(held)} keys)")


def _fill_agents(manager: Any, name: str, file: Path | None) -> None:
    if file:
        _put(manager, name, trusted_issuers(file.read_text(encoding="utf-8")))
    elif not _is_list(manager.get_secret_value(SecretId=name)["SecretString"]):
        _put(manager, name, "[]")
    else:
        say(f"  kept  {name}")


def trusted_issuers(text: str) -> str:
    """The secret's content, as it came. Raises DeployError when the service would not start with it."""
    try:
        parse_issuers(text, _SOME_SERVICE)
    except ValueError as error:
        raise DeployError(f"the list of agents cannot be used: {error}") from None
    return text


def _is_list(text: str) -> bool:
    try:
        parse_issuers(text, _SOME_SERVICE)
    except ValueError:
        return False
    return True


def google_client(text: str) -> str:
    """The secret's content, from the file that Google's console offers."""
    try:
        web = json.loads(text)["web"]
        return json.dumps({"client_id": web["client_id"], "client_secret": web["client_secret"]})
    except (ValueError, KeyError, TypeError):
        raise DeployError("this is not the JSON file of an OAuth client of the type Web application") from None


def held_keys(text: str) -> list[str]:
    """The keys in a secret, in the form of the settings; none for the placeholder."""
    try:
        parse_keys(text)
    except ValueError:
        return []
    return text.split(",")


def fresh_key() -> str:
    """A new key, named by its day and four letters."""
    name = f"k{datetime.now(UTC):%Y%m%d}-{secrets.token_hex(2)}"
    return f"{name}:{base64.b64encode(secrets.token_bytes(32)).decode()}"


def _put(manager: Any, name: str, value: str) -> None:
    manager.put_secret_value(SecretId=name, SecretString=value)
    say(f"  wrote {name}")


if __name__ == "__main__":
    sys.exit(main())
