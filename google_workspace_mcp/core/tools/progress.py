"""How far a long call is, told to whoever has asked to hear of it."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

from google_workspace_mcp.core.google.uploads import Progress, tell_nobody

_listener: ContextVar[Progress] = ContextVar("progress", default=tell_nobody)


@contextmanager
def heard_by(listener: Progress) -> Generator[None]:
    """The listener hears of the calls that begin inside, also of those that go on when their caller has gone."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def listener() -> Progress:
    """Who is to be told by the call at hand."""
    return _listener.get()
