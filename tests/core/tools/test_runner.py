"""The one path of a call: what stops it, and in which words."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import Field

from google_workspace_mcp.core.errors import MisconfiguredError, NotFoundError, WorkspaceError
from google_workspace_mcp.core.keys import Key, KeyRing
from google_workspace_mcp.core.ledger import Ledger
from google_workspace_mcp.core.metrics import Metrics
from google_workspace_mcp.core.policy.gate import Gate
from google_workspace_mcp.core.principal import Caller, Limits, Principal
from google_workspace_mcp.core.settings import load
from google_workspace_mcp.core.storage.base import StoreUnavailableError
from google_workspace_mcp.core.storage.directory import DirectoryStore
from google_workspace_mcp.core.storage.sealing import KeyRingWrapper, SealedStore
from google_workspace_mcp.core.tools.kinds import Kind, Result, Tier, ToolDefinition
from google_workspace_mcp.core.tools.mcp import ERROR_META, failure
from google_workspace_mcp.core.tools.runner import ToolRunner
from google_workspace_mcp.core.tools.workspace import Workspace
from tests.support.clock import FakeClock
from tests.support.logs import captured_log

CALLER = Caller(Principal("https://issuer.example", "1"), "client", frozenset({"gmail.read"}))


class Said(Result):
    words: str = ""

    def text(self) -> str:
        return self.words


async def say(caller: Caller, *, words: Annotated[str, Field(max_length=20)], times: int = 1) -> Said:
    match words:
        case "missing":
            raise NotFoundError("There is no such thing", next_step="Look elsewhere")
        case "defect":
            raise RuntimeError("private words of a defect")
        case "misconfigured":
            raise MisconfiguredError("Not switched on", reason="api_not_enabled")
        case "store":
            raise StoreUnavailableError("bucket private-name")
        case _:
            return Said(account="", words=words * times)


def tool(name: str = "say", **changes: Any) -> ToolDefinition:
    values: dict[str, Any] = {
        "name": name,
        "title": "Say",
        "description": "",
        "kind": Kind.READ,
        "service": "accounts",
        "capability": "",
        "tier": Tier.CORE,
        "run": say,
        "result": Said,
    }
    return ToolDefinition(**{**values, **changes})


class NoAccounts:
    async def open(self, caller: Caller, account: str, *any_of: str) -> Workspace:
        raise AssertionError("a refused call must not open an account")


def runner(*tools: ToolDefinition, metrics: Metrics | None = None, **settings: Any) -> ToolRunner:
    return ToolRunner(tools, NoAccounts(), Gate(load(None, **settings)), metrics or Metrics())


async def error_of(arguments: dict[str, Any]) -> WorkspaceError:
    with pytest.raises(WorkspaceError) as caught:
        await runner(tool()).call("say", arguments, CALLER)
    return caught.value


async def test_a_result_comes_back_and_is_counted() -> None:
    metrics = Metrics()
    result = await runner(tool(), metrics=metrics).call("say", {"words": "hi", "times": 2}, CALLER)
    assert result.text() == "hihi"
    assert 'gwmcp_tool_calls_total{fault="none",kind="read",outcome="ok",tool="say"} 1.0' in metrics.render()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "words is required"),
        ({"words": "x" * 21}, "words must be at most 20"),
        ({"words": "x", "times": "many"}, "times is not a valid int"),
        ({"words": "x", "<secret>": 1}, "does not take; it takes words, times"),
        ({"words": 3}, "words is not a valid string"),
    ],
)
async def test_a_wrong_argument_is_named_without_an_echo(arguments: dict[str, Any], words: str) -> None:
    error = await error_of(arguments)
    assert error.code == "invalid_argument"
    assert words in error.sentence()
    assert "secret" not in error.sentence()
    assert "many" not in error.sentence()


async def test_a_typed_failure_keeps_its_code_and_next_step() -> None:
    error = await error_of({"words": "missing"})
    assert (error.code, error.sentence()) == ("not_found", "There is no such thing. Look elsewhere.")


async def test_a_defect_is_told_without_its_words() -> None:
    error = await error_of({"words": "defect"})
    assert error.code == "internal"
    assert "private" not in error.sentence()


async def test_a_failing_store_is_try_again_and_not_sign_in_again() -> None:
    error = await error_of({"words": "store"})
    assert (error.code, error.retryable) == ("unavailable", True)
    assert "private" not in error.sentence()


@pytest.mark.security("G-3")
async def test_what_only_the_operator_can_mend_is_told_to_the_operator() -> None:
    with captured_log() as log:
        await error_of({"words": "misconfigured"})
    (line,) = log.lines("operator_needed")
    assert (line["level"], line["tool"], line["reason"]) == ("error", "say", "api_not_enabled")


def test_a_failure_on_the_wire_has_code_text_and_metadata() -> None:
    result = failure(NotFoundError("There is no such thing", next_step="Look elsewhere"))
    assert result.is_error
    assert result.content[0].model_dump()["text"] == "not_found: There is no such thing. Look elsewhere."
    assert (result.meta or {})[ERROR_META] == {"code": "not_found", "retryable": False}


# -- the gate


async def refusal(definition: ToolDefinition, caller: Caller = CALLER, **settings: Any) -> WorkspaceError:
    decision = Gate(load(None, **settings)).decide(caller, definition)
    assert decision.verdict == "refuse"
    assert decision.error is not None
    assert decision.rule == decision.error.reason
    return decision.error


async def test_a_capability_that_the_token_lacks_is_refused_before_anything_else() -> None:
    sends = tool(capability="gmail.send", service="gmail", kind=Kind.OUTWARD)
    assert (await refusal(sends)).code == "scope_missing"
    with pytest.raises(WorkspaceError, match="was not allowed"):
        await runner(sends).call("say", {"words": "x"}, CALLER)


@pytest.mark.parametrize(
    ("definition", "settings", "rule"),
    [
        (tool(kind=Kind.WRITE), {"read_only": True}, "read_only"),
        (tool(kind=Kind.OUTWARD), {"read_only": True}, "read_only"),
        (tool(service="drive"), {"services": "gmail"}, "service_off"),
        (tool(tier=Tier.EXTENDED), {"tier": "core"}, "tier"),
        (tool(service="gmail", capability="gmail.delete"), {}, "delete_forever"),
        (tool(service="drive", capability="drive.write", forever=True), {}, "delete_forever"),
    ],
)
async def test_the_operator_rules_are_named(definition: ToolDefinition, settings: dict[str, Any], rule: str) -> None:
    error = await refusal(definition, **settings)
    assert (error.code, error.reason) == ("refused_by_policy", rule)
    assert [p.definition.name for p in runner(definition, **settings).tools] == []


async def test_what_is_allowed_is_allowed() -> None:
    gate = Gate(load(None, services="gmail", tier="core"))
    assert gate.decide(CALLER, tool(service="gmail", capability="gmail.read")).verdict == "allow"


@pytest.mark.parametrize(
    ("limits", "definition", "rule"),
    [
        (Limits(services=frozenset({"drive"})), tool(service="gmail", capability="gmail.read"), "token_services"),
        (Limits(services=frozenset()), tool(service="gmail", capability="gmail.read"), "token_services"),
        (Limits(tools=frozenset({"other"})), tool(service="gmail", capability="gmail.read"), "token_tools"),
        (Limits(tools=frozenset()), tool(), "token_tools"),
        (Limits(read_only=True), tool(kind=Kind.WRITE), "token_readonly"),
        (Limits(read_only=True), tool(kind=Kind.OUTWARD), "token_readonly"),
    ],
)
async def test_what_a_token_does_not_leave_is_refused_and_not_shown(
    limits: Limits, definition: ToolDefinition, rule: str
) -> None:
    caller = Caller(CALLER.principal, "client", CALLER.capabilities, limits)
    error = await refusal(definition, caller)
    assert (error.code, error.reason) == ("refused_by_policy", rule)
    assert not Gate(load(None)).leaves(limits, definition)
    assert runner(definition).usable(caller) == ()
    assert [prepared.definition.name for prepared in runner(definition).usable(CALLER)] == ["say"]


def test_the_tools_of_the_accounts_are_no_matter_of_services() -> None:
    assert Gate(load(None)).leaves(Limits(services=frozenset()), tool(service="accounts"))


# -- writes


class Desk:
    """A write that counts how often it is done, and can be held up."""

    def __init__(self) -> None:
        self.done = 0
        self.begun = asyncio.Event()
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def write(self, caller: Caller, *, words: str = "", dry_run: bool = False) -> Said:
        self.begun.set()
        await self.go_on.wait()
        self.done += not dry_run
        return Said(account="anna@example.com", words=f"{words} {self.done}")


def ledger_in(folder: Path) -> Ledger:
    store = SealedStore(DirectoryStore(folder), KeyRingWrapper(KeyRing((Key("k1", b"k" * 32),))))
    return Ledger(store, FakeClock())


def writing(desk: Desk, folder: Path, metrics: Metrics | None = None) -> ToolRunner:
    write = tool(kind=Kind.OUTWARD, run=desk.write, once=True)
    return ToolRunner([write], NoAccounts(), Gate(load(None)), metrics or Metrics(), ledger=ledger_in(folder))


async def test_a_write_with_a_request_id_is_done_once_and_its_result_given_again(tmp_path: Path) -> None:
    desk = Desk()
    service, arguments = writing(desk, tmp_path), {"words": "hi", "request_id": "r-1"}
    first = await service.call("say", arguments, CALLER)
    again = await writing(desk, tmp_path).call("say", arguments, CALLER)
    assert first == again == Said(account="anna@example.com", words="hi 1")
    assert desk.done == 1


async def test_the_same_request_id_with_other_arguments_is_refused(tmp_path: Path) -> None:
    desk = Desk()
    service = writing(desk, tmp_path)
    await service.call("say", {"words": "hi", "request_id": "r-1"}, CALLER)
    with pytest.raises(WorkspaceError) as refused:
        await service.call("say", {"words": "ho", "request_id": "r-1"}, CALLER)
    assert (refused.value.code, desk.done) == ("conflict", 1)


async def test_without_a_request_id_every_call_is_a_new_one(tmp_path: Path) -> None:
    desk = Desk()
    service = writing(desk, tmp_path)
    for _ in range(2):
        await service.call("say", {"words": "hi"}, CALLER)
    assert desk.done == 2


async def test_a_dry_run_does_not_use_up_the_request_id(tmp_path: Path) -> None:
    desk = Desk()
    service = writing(desk, tmp_path)
    await service.call("say", {"words": "hi", "request_id": "r-1", "dry_run": True}, CALLER)
    await service.call("say", {"words": "hi", "request_id": "r-1"}, CALLER)
    assert desk.done == 1


async def test_a_write_whose_caller_goes_away_is_finished_and_recorded(tmp_path: Path) -> None:
    desk, metrics = Desk(), Metrics()
    desk.go_on.clear()
    service, arguments = writing(desk, tmp_path, metrics), {"words": "hi", "request_id": "r-1"}
    call = asyncio.create_task(service.call("say", arguments, CALLER))
    await asyncio.wait_for(desk.begun.wait(), 10)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    desk.go_on.set()
    await asyncio.wait_for(service.settled(), 10)
    assert desk.done == 1
    assert '{fault="none",kind="write",outcome="ok",tool="say"} 1.0' in metrics.render()
    assert (await service.call("say", arguments, CALLER)).text() == "hi 1"
    assert desk.done == 1


async def test_a_read_whose_caller_goes_away_is_ended() -> None:
    desk, metrics = Desk(), Metrics()
    desk.go_on.clear()
    service = runner(tool(run=desk.write), metrics=metrics)
    call = asyncio.create_task(service.call("say", {}, CALLER))
    await asyncio.wait_for(desk.begun.wait(), 10)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await asyncio.wait_for(service.settled(), 10)
    assert desk.done == 0
    assert '{fault="none",kind="read",outcome="cancelled",tool="say"} 1.0' in metrics.render()


@pytest.mark.parametrize(
    ("words", "outcome", "fault"),
    [
        ("missing", "not_found", "caller"),
        ("defect", "internal", "service"),
        ("misconfigured", "misconfigured", "service"),
        ("store", "unavailable", "service"),
        ("x" * 21, "invalid_argument", "caller"),
    ],
)
async def test_a_failure_is_counted_with_whose_fault_it_was(words: str, outcome: str, fault: str) -> None:
    metrics = Metrics()
    with pytest.raises(WorkspaceError):
        await runner(tool(), metrics=metrics).call("say", {"words": words}, CALLER)
    assert f'{{fault="{fault}",kind="read",outcome="{outcome}",tool="say"}} 1.0' in metrics.render()
