"""One path for every tool call, whichever way it came in: check, open the account, run, render, count."""

import asyncio
import time
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol

from opentelemetry.trace import Tracer
from pydantic import BaseModel, ValidationError

from google_workspace_mcp.core.errors import (
    InternalError,
    MisconfiguredError,
    NotConnectedError,
    ReauthRequiredError,
    ScopeMissingError,
    UserInputError,
    WorkspaceError,
    store_failed,
)
from google_workspace_mcp.core.ledger import Ledger, Request
from google_workspace_mcp.core.logging import get_logger
from google_workspace_mcp.core.metrics import Metrics, ToolKind
from google_workspace_mcp.core.policy.gate import Gate
from google_workspace_mcp.core.policy.reach import Reach
from google_workspace_mcp.core.principal import Caller, Limits
from google_workspace_mcp.core.storage.base import StorageError
from google_workspace_mcp.core.tools.kinds import Kind, Result, ToolDefinition
from google_workspace_mcp.core.tools.progress import listener
from google_workspace_mcp.core.tools.schema import arguments_model
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.core.tracing import NOTHING, tool_span

_MOST_PROBLEMS = 5
_log = get_logger(__name__)


class Accounts(Protocol):
    """Opens one of the caller's own accounts."""

    async def open(self, caller: Caller, account: str, *any_of: str) -> Workspace:
        """A workspace on that account, which must allow one of these capabilities, if any are named.

        Raises NotConnectedError, ReauthRequiredError, ScopeMissingError.
        """
        ...


class Offers(Protocol):
    """Adds to a failure what the person can do about it."""

    async def mended(self, caller: Caller, error: WorkspaceError, account: str, capability: str) -> WorkspaceError:
        """The failure to report; the same one where nothing can be offered."""
        ...


@dataclass(frozen=True, slots=True)
class Prepared:
    """A tool and the model of its arguments, made once at start."""

    definition: ToolDefinition
    arguments: type[BaseModel]


class ToolRunner:
    """Runs tools by name for a caller. A failure is always a WorkspaceError with our own words.

    `known` are all tools that there are, whether the operator offers them or not.
    """

    def __init__(
        self,
        tools: Iterable[ToolDefinition],
        accounts: Accounts,
        gate: Gate,
        metrics: Metrics,
        *,
        offers: Offers | None = None,
        ledger: Ledger | None = None,
        tracer: Tracer = NOTHING,
    ) -> None:
        tools = tuple(tools)
        self.known = tools
        self._tools = {tool.name: Prepared(tool, _arguments_of(tool)) for tool in tools if gate.offers(tool)}
        for prepared in self._tools.values():
            metrics.tool_offered(prepared.definition.name, _kind_of(prepared.definition))
        self._accounts = accounts
        self._gate = gate
        self._metrics = metrics
        self._offers = offers
        self._ledger = ledger
        self._tracer = tracer
        self._writes: set[asyncio.Task[Result]] = set()

    @property
    def tools(self) -> tuple[Prepared, ...]:
        """The tools that the operator offers, in their stable order."""
        return tuple(self._tools.values())

    def find(self, name: str) -> Prepared | None:
        """The tool of that name, None when nobody is offered one."""
        return self._tools.get(name)

    def within_limits(self, name: str, caller: Caller) -> bool:
        """Whether the caller's token, and the client itself, leave the tool; capabilities are another question."""
        tool = self._tools[name].definition
        left = self.left_by(caller.limits, name) and self.left_by(caller.narrowing, name)
        return left and (not tool.any_of or bool(self._gate.usable(caller, tool)))

    def left_by(self, limits: Limits, name: str) -> bool:
        """Whether these limits leave the tool, which is one that the operator offers."""
        return self._gate.leaves(limits, self._tools[name].definition)

    def usable(self, caller: Caller) -> tuple[Prepared, ...]:
        """The tools that this caller may use, in their stable order."""
        return tuple(p for p in self.tools if self._gate.decide(caller, p.definition).verdict == "allow")

    async def call(self, name: str, arguments: Mapping[str, Any], caller: Caller) -> Result:
        """The tool's result. Raises WorkspaceError."""
        prepared = self._tools[name]
        work = self._counted(prepared, arguments, caller)
        return await (work if prepared.definition.kind is Kind.READ else self._to_its_end(work))

    async def settled(self) -> None:
        """Return when no write is under way any more. What they raise was, or will be, told to their callers."""
        await asyncio.gather(*self._writes, return_exceptions=True)

    async def _to_its_end(self, work: Coroutine[Any, Any, Result]) -> Result:
        """A write goes on, and is recorded, also when its caller has gone: half a write is worse than an unwanted one.

        The caller itself stops waiting at once.
        """
        task = asyncio.create_task(work)
        self._writes.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    def _ended(self, task: asyncio.Task[Result]) -> None:
        self._writes.discard(task)
        if not task.cancelled():
            # Taken note of here, since its caller may be gone.
            task.exception()

    async def _counted(self, prepared: Prepared, arguments: Mapping[str, Any], caller: Caller) -> Result:
        """The call with its figures and its span. A write is told as it ended, also when its caller has gone."""
        tool = prepared.definition
        kind, started = _kind_of(tool), time.perf_counter()
        outcome, fault = "cancelled", None
        with tool_span(self._tracer, tool.name, kind) as span:
            try:
                result = await self._in_words(prepared, arguments, caller)
                outcome = "ok"
                span.succeeded()
            except WorkspaceError as error:
                outcome, fault = error.code, error.fault
                span.failed(error)
                raise
            else:
                return result
            finally:
                self._metrics.tool_call(tool.name, kind, outcome, time.perf_counter() - started, fault=fault)

    async def _in_words(self, prepared: Prepared, arguments: Mapping[str, Any], caller: Caller) -> Result:
        name = prepared.definition.name
        try:
            return await self._run(prepared, arguments, caller)
        except WorkspaceError as error:
            if isinstance(error, MisconfiguredError):
                # Nobody who calls can mend it: whoever runs the service is to be woken by this line.
                _log.error("operator_needed", tool=name, reason=error.reason)
            raise
        except StorageError:
            raise store_failed() from None
        except Exception as error:
            # The outermost boundary of a tool: a defect of ours becomes one sentence, its place goes to the log.
            _log.exception("tool_failed", tool=name)
            raise InternalError(
                "This service made a mistake", next_step="Try something else; the operator has been told"
            ) from error

    async def _run(self, prepared: Prepared, arguments: Mapping[str, Any], caller: Caller) -> Result:
        tool = prepared.definition
        decision = self._gate.decide(caller, tool)
        if decision.error is not None:
            raise decision.error
        values = validated(prepared.arguments, arguments)
        request_id = str(values.pop("request_id", ""))
        if self._ledger is None or not request_id or values.get("dry_run"):
            return await self._carried_out(tool, caller, values)
        request = Request(caller.principal, request_id, tool.name, dict(values))

        async def work() -> dict[str, Any]:
            return (await self._carried_out(tool, caller, values)).model_dump(mode="json")

        return tool.result.model_validate(await self._ledger.once(request, work))

    async def _carried_out(self, tool: ToolDefinition, caller: Caller, values: dict[str, Any]) -> Result:
        if not tool.on_account:
            return await tool.run(caller, **values)
        account = values.pop("account")
        needs = self._gate.usable(caller, tool)
        try:
            workspace = await self._accounts.open(caller, account, *needs)
            permit = partial(self._permit, caller, tool, workspace.address)
            barred = partial(self._barred, caller, workspace)
            return await tool.run(replace(workspace, permit=permit, barred=barred, progress=listener()), **values)
        except (NotConnectedError, ReauthRequiredError, ScopeMissingError) as error:
            named = error.capability if isinstance(error, ScopeMissingError) else ""
            raise await self._mended(caller, error, account, named or next(iter(needs), "")) from None

    def _barred(self, caller: Caller, workspace: Workspace, capability: str) -> WorkspaceError | None:
        return self._gate.barred(caller, capability) or workspace.barred(capability)

    def _permit(self, caller: Caller, tool: ToolDefinition, address: str, reach: Reach) -> None:
        decision = self._gate.decide(caller, tool, reach, address)
        if decision.error is not None:
            raise decision.error

    async def _mended(self, caller: Caller, error: WorkspaceError, account: str, capability: str) -> WorkspaceError:
        return await self._offers.mended(caller, error, account, capability) if self._offers else error


def _arguments_of(tool: ToolDefinition) -> type[BaseModel]:
    return arguments_model(tool.run, tool.name, with_account=tool.on_account, with_request_id=tool.once)


def _kind_of(tool: ToolDefinition) -> ToolKind:
    return "read" if tool.kind is Kind.READ else "write"


def validated(model: type[BaseModel], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments by their Python names. Raises UserInputError in our words, without an echo of what was sent."""
    try:
        checked = model.model_validate(dict(arguments))
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False, include_context=True)
        raise UserInputError(
            "; ".join(_problem(model, item) for item in problems[:_MOST_PROBLEMS]),
            next_step="Correct the arguments and call again",
            reason="arguments",
        ) from None
    return {name: getattr(checked, name) for name in model.model_fields}


def _problem(model: type[BaseModel], item: Any) -> str:
    where = str(item["loc"][0]) if item["loc"] else "arguments"
    kind, context = item["type"], item.get("ctx", {})
    if kind == "extra_forbidden":
        known = ", ".join(field.alias or name for name, field in model.model_fields.items()) or "none"
        return f"there is an argument that this tool does not take; it takes {known}"
    if kind == "missing":
        return f"{where} is required"
    limits = {
        "string_too_long": "max_length",
        "too_long": "max_length",
        "string_too_short": "min_length",
        "too_short": "min_length",
        "less_than_equal": "le",
        "greater_than_equal": "ge",
        "literal_error": "expected",
    }
    if kind in limits:
        words = {"max_length": "at most", "min_length": "at least", "le": "at most", "ge": "at least"}
        limit = limits[kind]
        return f"{where} must be {words.get(limit, 'one of')} {context.get(limit, '')}".rstrip()
    expected = kind.removesuffix("_parsing").removesuffix("_type").replace("_", " ")
    return f"{where} is not a valid {expected}"
