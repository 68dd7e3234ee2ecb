"""The command line as a person meets it: run as a program, read as text."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from google_workspace_mcp.sandbox.oauth.book import OAuthClient
from google_workspace_mcp.sandbox.people.cast import PEOPLE
from google_workspace_mcp.sandbox.server import SimulatedGoogle

ROOT = Path(__file__).parent.parent


def run(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    kept: Mapping[str, str] = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, str(ROOT / "main.py"), *arguments],
        cwd=folder,
        env={**kept, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_help_names_the_commands(tmp_path: Path) -> None:
    done = run(tmp_path, "--help")
    assert done.returncode == 0
    for command in ("serve", "demo", "clients", "doctor", "connections", "rotate-keys", "settings"):
        assert command in done.stdout


def test_serve_without_a_google_client_says_what_is_missing_and_where_to_get_it(tmp_path: Path) -> None:
    done = run(tmp_path, "serve", GWMCP_BASE_URL="https://tools.example.com/workspace")
    assert done.returncode == 2
    assert "GWMCP_GOOGLE_CLIENT_ID and GWMCP_GOOGLE_CLIENT_SECRET are not set" in done.stderr
    assert "https://tools.example.com/workspace/auth/google/callback" in done.stderr
    assert "make demo" in done.stderr


def test_serve_lists_all_wrong_settings_at_once(tmp_path: Path) -> None:
    done = run(tmp_path, "serve", GWMCP_BASE_URL="http://x.example", GWMCP_TIER="huge")
    assert done.returncode == 2
    assert "GWMCP_BASE_URL must be https" in done.stderr
    assert "GWMCP_TIER" in done.stderr
    assert "Traceback" not in done.stderr


def test_settings_are_printed_with_their_source_and_without_secrets(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("GWMCP_GOOGLE_CLIENT_SECRET=hidden-words\n")
    done = run(tmp_path, "settings", GWMCP_TIER="core")
    lines = {line.split()[0]: line for line in done.stdout.splitlines()}
    assert lines["GWMCP_TIER"].endswith("core  [environment (GWMCP_TIER)]")
    assert lines["GWMCP_GOOGLE_CLIENT_SECRET"].endswith("********  [.env (GWMCP_GOOGLE_CLIENT_SECRET)]")
    assert "hidden-words" not in done.stdout


@pytest.fixture
def sound(tmp_path: Path) -> dict[str, str]:
    """Settings with which nothing is wrong but Google's address."""
    return {
        "GWMCP_GOOGLE_CLIENT_ID": "id",
        "GWMCP_GOOGLE_CLIENT_SECRET": "secret",
        "GWMCP_STORE": f"file://{tmp_path}/store",
    }


def test_doctor_finds_everything_well(tmp_path: Path, sound: dict[str, str]) -> None:
    redirect_uri = "http://localhost:9/auth/google/callback"
    with SimulatedGoogle((), PEOPLE) as google:
        google.register_client(OAuthClient("id", "secret", "Doctor", (redirect_uri,)))
        done = run(
            tmp_path,
            "doctor",
            GWMCP_GOOGLE_URL=google.url,
            GWMCP_BASE_URL="http://localhost:9",
            GWMCP_PORT="9",
            **sound,
        )
    assert done.returncode == 0, done.stdout
    assert "FAIL" not in done.stdout
    assert f"redirect URI to register at Google: {redirect_uri}" in done.stdout
    # The service has not been started yet, which is no fault.
    assert "note  public address: http://localhost:9/health gives no answer" in done.stdout


def test_doctor_says_what_to_fix(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file where a directory should be")
    done = run(
        tmp_path,
        "doctor",
        GWMCP_STORE=f"file://{tmp_path}/store",
        GWMCP_GOOGLE_URL="http://127.0.0.1:9",
        GWMCP_PORT="8001",
    )
    assert done.returncode == 1
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAIL")]
    assert [line.split(":")[0].split("  ")[1] for line in failed] == ["store", "Google client", "Google"]
    assert done.stdout.count("->") == len(failed) + done.stdout.count("note  ")


def test_doctor_reports_damaged_keys_and_leaves_them(tmp_path: Path, sound: dict[str, str]) -> None:
    keys = tmp_path / "store.keys"
    keys.write_text("damaged")
    done = run(tmp_path, "doctor", GWMCP_GOOGLE_URL="http://127.0.0.1:9", **sound)
    assert "restore the key file from a backup" in done.stdout
    assert keys.read_text() == "damaged"


def test_connections_of_an_empty_store_are_none(tmp_path: Path, sound: dict[str, str]) -> None:
    done = run(tmp_path, "connections", "list", **sound)
    assert (done.returncode, done.stdout) == (0, "")


def test_connections_test_and_revoke_need_an_id_that_exists(tmp_path: Path, sound: dict[str, str]) -> None:
    assert run(tmp_path, "connections", "test", **sound).returncode == 2
    unknown = run(tmp_path, "connections", "revoke", "0123", **sound)
    assert unknown.returncode == 1
    assert "no connection of that id" in unknown.stdout


def test_a_client_is_added_listed_and_removed_from_the_command_line(tmp_path: Path) -> None:
    store = {"GWMCP_STORE": f"file://{tmp_path}/store"}
    added = run(tmp_path, "clients", "add", "Back office", "https://office.example/cb", **store)
    assert added.returncode == 0, added.stderr
    lines = dict(line.split(": ", 1) for line in added.stdout.splitlines()[:2])
    client_id, secret = lines["client id"].strip(), lines["client secret"].strip()
    listed = run(tmp_path, "clients", "list", **store).stdout
    assert f"{client_id}  Back office  [operator, confidential" in listed
    assert "https://office.example/cb" in listed
    assert secret not in listed
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert secret.encode() not in stored
    assert run(tmp_path, "clients", "remove", client_id, **store).returncode == 0
    assert run(tmp_path, "clients", "list", **store).stdout == ""
    again = run(tmp_path, "clients", "remove", client_id, **store)
    assert (again.returncode, "no such client" in again.stderr) == (1, True)


def test_a_redirect_that_cannot_be_one_is_refused_on_the_command_line(tmp_path: Path) -> None:
    store = {"GWMCP_STORE": f"file://{tmp_path}/store"}
    done = run(tmp_path, "clients", "add", "Office", "javascript:alert(1)", **store)
    assert done.returncode == 2
    assert "scheme" in done.stderr
    assert "Traceback" not in done.stderr
