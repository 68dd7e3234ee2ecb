"""The service's own log lines, as they would leave the process."""

import io
import json
import logging
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import structlog

from google_workspace_mcp.core.logging import configure_logging


class CapturedLog:
    """What was written so far, raw and line by line."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    def lines(self, event: str | None = None) -> list[dict[str, Any]]:
        parsed: list[dict[str, Any]] = [json.loads(line) for line in self.text.splitlines()]
        return [line for line in parsed if event in (None, line["event"])]


@contextmanager
def captured_log(level: str = "info") -> Generator[CapturedLog]:
    """Logging as in production, into memory; everything is put back afterwards."""
    captured = CapturedLog()
    loggers = [logging.getLogger(), *(logging.getLogger(name) for name in sorted(logging.Logger.manager.loggerDict))]
    before = [(logger, list(logger.handlers), logger.level, logger.propagate) for logger in loggers]
    configure_logging(level, stream=captured.stream)
    try:
        yield captured
    finally:
        for logger, handlers, old_level, propagate in before:
            logger.handlers[:] = handlers
            logger.setLevel(old_level)
            logger.propagate = propagate
        structlog.reset_defaults()
