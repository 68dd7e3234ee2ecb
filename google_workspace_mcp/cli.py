"""The command line: serve, demo, clients, doctor, connections, rotate-keys, settings."""

import argparse
import asyncio
import gc
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

from google_workspace_mcp.core.described import describe
from google_workspace_mcp.core.settings import Settings, SettingsError, load

ENV_FILE = Path(".env")

_NO_CLIENT = """\
{missing} not set: Google does not know this service yet.

  1. Open https://console.cloud.google.com/ and create a project, or choose one.
  2. Under "APIs & Services > Library" enable the Gmail API, the Google Drive API and the Google Calendar API.
  3. Under "Google Auth Platform" set up the consent screen; while it is in testing, add yourself as a test user.
  4. Under "Clients" create an OAuth client of the type "Web application" with this authorized redirect URI:
       {redirect_uri}
  5. Put its id and secret into the environment or into a file named .env here:
       GWMCP_GOOGLE_CLIENT_ID=....apps.googleusercontent.com
       GWMCP_GOOGLE_CLIENT_SECRET=...

To try everything without Google first: make demo   (or: python main.py demo)
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status comes back. 2 means that the settings cannot be started with."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except SettingsError as error:
        print("The settings cannot be started with:", file=sys.stderr)
        for problem in error.problems:
            print(f"  - {problem}", file=sys.stderr)
        print("What each one means: docs/settings.md, or: python main.py settings", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="main.py", description="Google Workspace MCP: Gmail, Drive and Calendar tools."
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="run the service against Google")
    serve.set_defaults(run=_serve)
    demo = commands.add_parser(
        "demo", help="run it with a simulated Google and sample people, and show a first exchange"
    )
    demo.add_argument("--mail", metavar="PATH", help="an mbox file (Google Takeout) or a folder of message files")
    demo.add_argument("--calendar", metavar="PATH", help="an iCalendar file")
    demo.add_argument("--files", metavar="PATH", help="a folder of files")
    demo.add_argument("--port", type=int, default=8000, help="port of the service (8000); Google gets the next one")
    demo.add_argument("--once", action="store_true", help="stop after the tour")
    demo.set_defaults(run=_demo)
    _add_clients(commands.add_parser("clients", help="add, list and remove programs that cannot register themselves"))
    doctor = commands.add_parser("doctor", help="check settings, keys, store, Google and the addresses of the service")
    doctor.set_defaults(run=_doctor)
    connections = commands.add_parser("connections", help="list, test or revoke people's Google connections")
    connections.add_argument("action", choices=("list", "test", "revoke"))
    connections.add_argument("id", nargs="?", default="", help="for test and revoke: the id that list shows")
    connections.add_argument("--show-addresses", action="store_true", help="list e-mail addresses too")
    connections.set_defaults(run=_connections)
    rotate = commands.add_parser("rotate-keys", help="seal everything in the store anew with the first key")
    rotate.set_defaults(run=_rotate_keys)
    settings = commands.add_parser("settings", help="print all settings, secrets masked, and where each came from")
    settings.set_defaults(run=_settings)
    return parser


def _add_clients(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(title="actions", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="issue a client id, and a secret that is shown once")
    add.add_argument("name", help="what people are shown when they sign in")
    add.add_argument("redirect", nargs="+", metavar="REDIRECT_URI", help="where the program is sent back to")
    add.add_argument("--public", action="store_true", help="no secret: for programs that cannot keep one")
    add.set_defaults(run=_clients_add)
    listed = actions.add_parser("list", help="all clients, also those that registered themselves")
    listed.set_defaults(run=_clients_list)
    remove = actions.add_parser("remove", help="refuse a client from now on; who is signed in with it is signed out")
    remove.add_argument("client_id", metavar="CLIENT_ID", help="its id, or the address of its metadata document")
    remove.set_defaults(run=_clients_remove)


def _serve(_options: argparse.Namespace) -> int:
    # What imports make stays for good: looking for garbage in it took a tenth of the start. The server turns it on.
    gc.disable()
    settings = _with_secrets(load(ENV_FILE))
    missing = _missing_client(settings)
    if missing:
        print(_NO_CLIENT.format(missing=missing, redirect_uri=settings.redirect_uri), file=sys.stderr)
        return 2
    from google_workspace_mcp.app import build
    from google_workspace_mcp.core.http.server import DRAIN_SECONDS, run
    from google_workspace_mcp.core.logging import configure_logging
    from google_workspace_mcp.core.metrics import serve_metrics
    from google_workspace_mcp.stores import check_store

    # Before anything is built: FastMCP has its own handler until then, and warns in prose.
    configure_logging(settings.log_level)
    asyncio.run(check_store(settings))
    service = build(settings)
    # Ctrl-C at a terminal has no load balancer to wait for.
    drain_seconds = 0.0 if sys.stdin.isatty() else DRAIN_SECONDS
    with serve_metrics(service.metrics, settings.host, settings.metrics_port):
        run(service.app, settings, service.lifecycle, drain_seconds=drain_seconds)
    return 0


def _with_secrets(settings: Settings) -> Settings:
    """The settings with the secrets that they name. Raises SettingsError."""
    from google_workspace_mcp.core.clock import SystemClock
    from google_workspace_mcp.core.secrets import with_secrets

    return asyncio.run(with_secrets(settings, SystemClock()))


def _missing_client(settings: Settings) -> str:
    unset = [
        name
        for name, value in (
            ("GWMCP_GOOGLE_CLIENT_ID", settings.google_client_id),
            ("GWMCP_GOOGLE_CLIENT_SECRET", settings.google_client_secret.get_secret_value()),
        )
        if not value
    ]
    return f"{' and '.join(unset)} {'are' if len(unset) > 1 else 'is'}" if unset else ""


def _demo(options: argparse.Namespace) -> int:
    if find_spec("google_workspace_mcp.demo") is None:
        print(
            "The image has no demo: it lets anyone sign in as anyone. Clone the repository: make demo", file=sys.stderr
        )
        return 2
    from google_workspace_mcp.demo.run import DemoOptions, run_demo

    return run_demo(
        DemoOptions(
            mail=Path(options.mail) if options.mail else None,
            calendar=Path(options.calendar) if options.calendar else None,
            files=Path(options.files) if options.files else None,
            port=options.port,
            once=options.once,
        ),
        os.environ,
    )


def _doctor(_options: argparse.Namespace) -> int:
    from google_workspace_mcp.doctor import FAIL, examine

    settings = load(ENV_FILE)
    findings = asyncio.run(examine(settings))
    for finding in findings:
        print(f"{finding.status:<4}  {finding.what}: {finding.words}")
        if finding.fix:
            print(f"      -> {finding.fix}")
    return 1 if any(finding.status == FAIL for finding in findings) else 0


def _clients_add(options: argparse.Namespace) -> int:
    from google_workspace_mcp.administration import add_client

    added, secret = asyncio.run(
        add_client(_with_secrets(load(ENV_FILE)), options.name, options.redirect, confidential=not options.public)
    )
    print(f"client id:     {added.client_id}")
    if secret:
        print(f"client secret: {secret}")
        print("The secret is not kept and cannot be shown again.")
    return 0


def _clients_list(_options: argparse.Namespace) -> int:
    from google_workspace_mcp.administration import clients_of

    for client in asyncio.run(clients_of(_with_secrets(load(ENV_FILE))).all()):
        kind = f"{client.origin}, {'confidential' if client.is_confidential else 'public'}"
        used = datetime.fromtimestamp(client.used_at, UTC)
        print(f"{client.client_id}  {client.name or '(no name)'}  [{kind}, last used {used:%Y-%m-%d}]")
        for uri in client.redirect_uris:
            print(f"    {uri}")
    return 0


def _clients_remove(options: argparse.Namespace) -> int:
    from google_workspace_mcp.administration import remove_client

    if not asyncio.run(remove_client(_with_secrets(load(ENV_FILE)), options.client_id)):
        print("There is no such client. `main.py clients list` has them all.", file=sys.stderr)
        return 1
    print("Removed. Who is signed in with it is signed out within a minute.")
    return 0


def _connections(options: argparse.Namespace) -> int:
    from google_workspace_mcp.core.storage.base import StorageError

    if (options.action == "list") == bool(options.id):
        print("connections list takes no id; connections test and connections revoke take one", file=sys.stderr)
        return 2
    try:
        return asyncio.run(_on_connections(_with_secrets(load(ENV_FILE)), options))
    except StorageError as error:
        print(f"The store does not answer: {error}", file=sys.stderr)
        return 1


async def _on_connections(settings: Settings, options: argparse.Namespace) -> int:
    from google_workspace_mcp.administration import operating

    async with operating(settings) as operator:
        if options.action == "list":
            async for line in operator.list(show_addresses=options.show_addresses):
                print(line)
            return 0
        done, words = await (operator.test if options.action == "test" else operator.revoke)(options.id)
        print(words)
        return 0 if done else 1


def _rotate_keys(_options: argparse.Namespace) -> int:
    from google_workspace_mcp.core.storage.base import StorageError
    from google_workspace_mcp.core.storage.rotation import Resealed, reseal_all
    from google_workspace_mcp.stores import open_store

    settings = _with_secrets(load(ENV_FILE))

    async def reseal() -> Resealed:
        store = open_store(settings)
        try:
            print(f"Sealing everything in {settings.store} with the key {store.current_key}.")
            return await reseal_all(store)
        finally:
            await store.close()

    try:
        done = asyncio.run(reseal())
    except StorageError as error:
        print(f"Stopped: {error}. Run the command again; what is done stays done.", file=sys.stderr)
        return 1
    words = {"resealed": "sealed anew", "current": "already so", "gone": "gone meanwhile", "damaged": "do not open"}
    for outcome, meaning in {**words, "busy": "kept changing"}.items():
        print(f"{sum(n for key, n in done.counts.items() if key == outcome):8}  {meaning}")
    for key in done.damaged:
        print(f"does not open, left as it is: {key}")
    if done.is_complete:
        print("No object that opens needs another key any more.")
    else:
        print("Some objects kept changing: run the command again.", file=sys.stderr)
    return 0 if done.is_complete and not done.damaged else 1


def _settings(_options: argparse.Namespace) -> int:
    rows = describe(load(ENV_FILE), os.environ, ENV_FILE)
    width = max(len(row.name) for row in rows)
    for row in rows:
        print(f"{row.name.ljust(width)}  {row.value or '(empty)'}  [{row.source}]")
    return 0
