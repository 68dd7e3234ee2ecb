"""The command line: serve, demo, doctor, settings."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from google_workspace_mcp.core.settings import Settings, SettingsError, describe, load

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
    doctor = commands.add_parser("doctor", help="check settings, store, keys and the way to Google")
    doctor.set_defaults(run=_doctor)
    settings = commands.add_parser("settings", help="print all settings, secrets masked, and where each came from")
    settings.set_defaults(run=_settings)
    return parser


def _serve(_options: argparse.Namespace) -> int:
    settings = load(ENV_FILE)
    missing = _missing_client(settings)
    if missing:
        print(_NO_CLIENT.format(missing=missing, redirect_uri=settings.redirect_uri), file=sys.stderr)
        return 2
    from google_workspace_mcp.app import build
    from google_workspace_mcp.core.http.server import DRAIN_SECONDS, run
    from google_workspace_mcp.core.logging import configure_logging
    from google_workspace_mcp.core.metrics import serve_metrics

    # Before anything is built: FastMCP has its own handler until then, and warns in prose.
    configure_logging(settings.log_level)
    service = build(settings)
    # Ctrl-C at a terminal has no load balancer to wait for.
    drain_seconds = 0.0 if sys.stdin.isatty() else DRAIN_SECONDS
    with serve_metrics(service.metrics, settings.host, settings.metrics_port):
        run(service.app, settings, service.lifecycle, drain_seconds=drain_seconds)
    return 0


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
    from google_workspace_mcp.doctor import examine

    settings = load(ENV_FILE)
    findings = asyncio.run(examine(settings))
    for finding in findings:
        print(f"{'ok  ' if finding.ok else 'FAIL'}  {finding.what}: {finding.words}")
        if finding.fix:
            print(f"      -> {finding.fix}")
    return 0 if all(finding.ok for finding in findings) else 1


def _settings(_options: argparse.Namespace) -> int:
    rows = describe(load(ENV_FILE), os.environ, ENV_FILE)
    width = max(len(row.name) for row in rows)
    for row in rows:
        print(f"{row.name.ljust(width)}  {row.value or '(empty)'}  [{row.source}]")
    return 0
