"""The whole service in a process of its own, as `main.py serve` runs it, with a drain delay that a test can wait for.

Run as `python -m tests.lifecycle.process DRAIN_SECONDS GRACEFUL_SECONDS` with the settings in the environment.
"""

import sys

from google_workspace_mcp.app import build
from google_workspace_mcp.core.http.server import run
from google_workspace_mcp.core.logging import configure_logging
from google_workspace_mcp.core.settings import load


def main(drain_seconds: float, graceful_seconds: int) -> None:
    settings = load()
    configure_logging(settings.log_level)
    service = build(settings)
    run(service.app, settings, service.lifecycle, drain_seconds=drain_seconds, graceful_seconds=graceful_seconds)


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]))
