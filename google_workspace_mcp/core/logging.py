"""Logs: one JSON object a line, with nothing in it that a user wrote, owns or signs in with.

Three nets, each for what slips through the one before: exceptions are reduced to their type and where they passed
through; of other people's libraries only the place that logged is kept, since their words may hold anything; and every
value of every line is searched for what looks like an address or a secret.
"""

import contextlib
import logging
import re
import sys
import traceback
from collections.abc import Generator, Iterator, Mapping
from contextvars import ContextVar
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Final, TextIO, cast

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

PACKAGE: Final = "google_workspace_mcp"
AUDIT: Final = f"{PACKAGE}.core.audit"
FIGURES: Final = f"{PACKAGE}.core.emf"
# uvicorn's own messages are fixed sentences with ports and process ids in them.
_TRUSTED: Final = (PACKAGE, "uvicorn")
_LONGEST: Final = 2000
_FRAMES: Final = 20
_MASK: Final = "***"

_SECRET_KEYS: Final = re.compile(
    r"(?i)(^|_)(authorization|cookie|token|secret|password|email|address|subject|snippet|body|query|content)$"
)
_SECRETS: Final = re.compile(
    r"""
      (?P<kept> \b
        (?: (?:access_|refresh_|id_)?token | code (?:_verifier)? | state | client_secret | assertion | password )
        ["']? \s* [=:] \s* ["']? ) [^\s&"',;}]+                                   # name=value, also as JSON
    | (?i: \b(?:bearer|basic) \s+ ) [\w.~+/=-]+                                   # Authorization
    | \beyJ[\w-]+ (?: \. [\w-]* ){1,4}                                            # JWT, JWE
    | \bya29\.[\w.-]+ | \b[14]/+[\w-]{16,} | \bGOCSPX-[\w-]+                      # Google's tokens, codes and secrets
    | [\w.!#$&'*+/=?^`{|}~-]{1,64} (?:@|%40) [\w-]{1,63} (?: \. [\w-]{1,63} )+    # mail addresses
    """,
    re.VERBOSE,
)
# Every secret above holds one of these. Looking for them first spares most values the search (14 µs each).
_SUSPICIOUS: Final = re.compile(r"[=:.@%/\s]|GOCSPX")

_request_id: ContextVar[str] = ContextVar("request_id", default="")


def current_request_id() -> str:
    """The id of the request being served, empty outside of one."""
    return _request_id.get()


@contextlib.contextmanager
def request_context(request_id: str) -> Generator[None]:
    """Every line logged inside carries this request id."""
    reset = _request_id.set(request_id)
    try:
        yield
    finally:
        _request_id.reset(reset)


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger for events: a fixed word first, then values by name. Works, silently, before `configure_logging`."""
    logger = structlog.wrap_logger(
        logging.getLogger(name), processors=_own_chain(), wrapper_class=structlog.stdlib.BoundLogger
    )
    return cast(structlog.stdlib.BoundLogger, logger)


def configure_logging(level: str, *, json: bool = True, stream: TextIO | None = None) -> None:
    """Sends all logs, those of libraries too, through one handler on stdout (or `stream`).

    `level` counts for this package; libraries speak from warning up. Call it when the libraries have been imported:
    some bring handlers of their own, which are taken off here. `json=False` writes for a person at a terminal.
    """
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_only_the_place, *_common_chain()], processors=_last_chain(json=json)
        )
    )
    root = logging.getLogger()
    for logger in (root, *_existing_loggers()):
        for old in list(logger.handlers):
            logger.removeHandler(old)
        logger.propagate = True
    root.addHandler(handler)
    threshold = level.upper()
    root.setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[threshold]))
    for name in _TRUSTED:
        logging.getLogger(name).setLevel(threshold)
    # What gives or takes access is told at every level, and so are figures that alarms stand on.
    for name in (AUDIT, FIGURES):
        logging.getLogger(name).setLevel(logging.INFO)
    # Another server in the process may have set a level of its own here.
    logging.getLogger("uvicorn.error").setLevel(logging.NOTSET)
    # fastmcp sets a level of its own; googleapiclient warns with whole URIs and bodies, and is no news to an operator.
    logging.getLogger("fastmcp").setLevel(logging.NOTSET)
    logging.getLogger("googleapiclient").setLevel(logging.CRITICAL)
    # httpx2 tells whole URLs at info level.
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    structlog.configure(
        processors=_own_chain(),
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


def _existing_loggers() -> list[logging.Logger]:
    known = list(logging.Logger.manager.loggerDict.values())
    return [logger for logger in known if isinstance(logger, logging.Logger)]


def _own_chain() -> list[Processor]:
    return [structlog.stdlib.filter_by_level, *_common_chain(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter]


def _common_chain() -> list[Processor]:
    return [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        _add_request_id,
        _without_messages,
    ]


def _last_chain(*, json: bool) -> list[Processor]:
    renderer: Processor = structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=False)
    return [_mask_and_name, renderer]


def _mask_and_name(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    record: logging.LogRecord = event["_record"]
    event = structlog.stdlib.ProcessorFormatter.remove_processors_meta(logger, method, event)
    return {**mask_secrets(logger, method, event), "logger": _masked_name(record.name)}


@lru_cache(maxsize=256)
def _masked_name(name: str) -> str:
    """Names of loggers are few and come with every line."""
    return mask(name)


def _add_request_id(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    request_id = _request_id.get()
    if request_id:
        event.setdefault("request_id", request_id)
    return event


def _only_the_place(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    record: logging.LogRecord = event["_record"]
    if record.name.partition(".")[0] not in _TRUSTED:
        event["event"] = "library_message"
        event["place"] = f"{Path(record.pathname).name}:{record.lineno} {record.funcName}"
    return event


def _without_messages(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    event.pop("stack_info", None)
    raised = event.pop("exc_info", None)
    error = _exception(raised)
    if error is not None:
        event.update(describe_exception(error))
    return event


def _exception(raised: Any) -> BaseException | None:
    if isinstance(raised, BaseException):
        return raised
    if isinstance(raised, tuple):
        return raised[1]
    return sys.exc_info()[1] if raised else None


def describe_exception(error: BaseException) -> dict[str, Any]:
    """Type, frames (innermost last) and causes of an exception, without its message, which may quote anything."""
    causes = list(_causes(error))
    described: dict[str, Any] = {"error": _type_name(error), "frames": _frames(error.__traceback__)}
    if causes:
        described["causes"] = [{"error": _type_name(cause), "frames": _frames(cause.__traceback__)} for cause in causes]
    return described


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen = {id(error)}
    waiting = _next_causes(error)
    while waiting and len(seen) <= _FRAMES:
        cause = waiting.pop(0)
        if id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            waiting += _next_causes(cause)


def _next_causes(error: BaseException) -> list[BaseException]:
    group = cast(BaseExceptionGroup[BaseException], error)
    members = list(group.exceptions) if isinstance(error, BaseExceptionGroup) else []
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return members + ([before] if before else [])


def _type_name(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _frames(trace: TracebackType | None) -> list[str]:
    summary = traceback.extract_tb(trace)[-_FRAMES:]
    return [f"{'/'.join(Path(frame.filename).parts[-2:])}:{frame.lineno} {frame.name}" for frame in summary]


def mask_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Masks what looks like a secret or a mail address in every value, and values whose name says that they are one."""
    return {key: _MASK if _SECRET_KEYS.search(key) else _masked(value) for key, value in event.items()}


def _masked(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        named = cast(Mapping[Any, Any], value).items()
        return {str(key): _MASK if _SECRET_KEYS.search(str(key)) else _masked(item) for key, item in named}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(item) for item in cast(list[Any], value)]
    # The repr of an object may hold anything that the object holds.
    return f"<{type(value).__name__}>"


def mask(text: str) -> str:
    """The text without what looks like a token, a code, a password or a mail address, cut at 2,000 characters."""
    shown = text[:_LONGEST]
    if not _SUSPICIOUS.search(shown):
        return shown
    return _SECRETS.sub(lambda match: (match["kept"] or "") + _MASK, shown)
