"""A request id does its work once: across callers, tasks, restarts and failures."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from google_workspace_mcp.core.errors import (
    ConflictError,
    InProgressError,
    NotFoundError,
    OutcomeUnknownError,
    UserInputError,
    WorkspaceError,
)
from google_workspace_mcp.core.keys import Key, KeyRing
from google_workspace_mcp.core.ledger import Ledger, Request
from google_workspace_mcp.core.principal import Principal
from google_workspace_mcp.core.storage.directory import DirectoryStore
from google_workspace_mcp.core.storage.sealing import KeyRingWrapper, SealedStore
from tests.support.clock import FakeClock

ANNA, BEN = Principal("https://issuer.example", "anna"), Principal("https://issuer.example", "ben")


class Task:
    """One task of the service; several share a folder and a clock, as several processes do."""

    def __init__(self, folder: Path, clock: FakeClock) -> None:
        store = SealedStore(DirectoryStore(folder), KeyRingWrapper(KeyRing((Key("k1", b"k" * 32),))))
        self.ledger = Ledger(store, clock)
        self.done = 0

    async def ask(
        self, *, principal: Principal = ANNA, request_id: str = "r-1", tool: str = "send", **arguments: Any
    ) -> dict[str, Any]:
        async def work() -> dict[str, Any]:
            self.done += 1
            return {"number": self.done}

        return await self.ledger.once(Request(principal, request_id, tool, arguments), work)

    async def fail(self, error: BaseException, **arguments: Any) -> None:
        async def work() -> dict[str, Any]:
            raise error

        await self.ledger.once(Request(ANNA, "r-1", "send", arguments), work)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def task(tmp_path: Path, clock: FakeClock) -> Task:
    return Task(tmp_path, clock)


@pytest.fixture
def other_task(tmp_path: Path, clock: FakeClock) -> Task:
    return Task(tmp_path, clock)


async def test_a_repetition_gets_the_first_result_and_does_nothing_also_on_another_task(task: Task, other_task: Task):
    first = await task.ask(to="a", subject="b")

    assert await task.ask(subject="b", to="a") == first == {"number": 1}
    assert await other_task.ask(to="a", subject="b") == first
    assert (task.done, other_task.done) == (1, 0)


@pytest.mark.parametrize(
    ("tool", "arguments"), [("send", {"to": "b"}), ("forward", {"to": "a"}), ("send", {"to": "a", "cc": "c"})]
)
async def test_the_same_id_for_something_else_is_refused(task: Task, tool: str, arguments: dict[str, Any]):
    await task.ask(to="a")

    with pytest.raises(ConflictError) as refused:
        await task.ask(tool=tool, **arguments)

    assert refused.value.reason == "request_id_reused"
    assert task.done == 1


async def test_the_same_id_of_another_person_is_another_request(task: Task):
    await task.ask(to="a")

    assert await task.ask(principal=BEN, to="a") == {"number": 2}


async def test_after_a_day_the_id_is_free_again(task: Task, clock: FakeClock):
    await task.ask(to="a")
    clock.advance(24 * 3600 + 1)

    assert await task.ask(to="other") == {"number": 2}


async def test_just_before_a_day_has_gone_it_is_not(task: Task, clock: FakeClock):
    await task.ask(to="a")
    clock.advance(24 * 3600 - 1)

    assert await task.ask(to="a") == {"number": 1}


async def test_while_the_first_is_under_way_the_second_is_told_so(task: Task, other_task: Task):
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> dict[str, Any]:
        begun.set()
        await go_on.wait()
        return {"number": 1}

    first = asyncio.create_task(task.ledger.once(Request(ANNA, "r-1", "send", {"to": "a"}), slow))
    await asyncio.wait_for(begun.wait(), 10)

    with pytest.raises(InProgressError) as told:
        await other_task.ask(to="a")

    assert told.value.retryable
    go_on.set()
    assert await asyncio.wait_for(first, 10) == {"number": 1}
    assert await other_task.ask(to="a") == {"number": 1}


async def test_of_many_at_the_same_moment_one_does_the_work(tmp_path: Path, clock: FakeClock):
    tasks = [Task(tmp_path, clock) for _ in range(8)]

    results = await asyncio.gather(*(each.ask(to="a") for each in tasks), return_exceptions=True)

    assert sum(each.done for each in tasks) == 1
    assert all(result == {"number": 1} or isinstance(result, InProgressError) for result in results)


async def test_a_task_that_died_in_the_middle_leaves_an_unknown_outcome_and_never_a_second_try(
    task: Task, other_task: Task, clock: FakeClock
):
    with pytest.raises(RuntimeError):
        await task.fail(RuntimeError("the task dies"), to="a")
    with pytest.raises(InProgressError):
        await other_task.ask(to="a")
    clock.advance(121)

    with pytest.raises(OutcomeUnknownError) as unknown:
        await other_task.ask(to="a")

    assert unknown.value.reason == "first_unknown"
    assert other_task.done == 0


async def test_an_unknown_outcome_stays_one(task: Task, other_task: Task):
    with pytest.raises(OutcomeUnknownError):
        await task.fail(OutcomeUnknownError("lost", reason="reset"), to="a")

    for each in (task, other_task):
        with pytest.raises(OutcomeUnknownError):
            await each.ask(to="a")
    assert (task.done, other_task.done) == (0, 0)


@pytest.mark.parametrize("error", [NotFoundError("no such draft"), ConflictError("changed")])
async def test_after_a_certain_failure_the_same_id_may_be_used_again(task: Task, error: WorkspaceError):
    with pytest.raises(WorkspaceError):
        await task.fail(error, to="a")

    assert await task.ask(to="b") == {"number": 1}


@pytest.mark.parametrize("request_id", ["", "x" * 129, "a\nb", "a\x00"])
async def test_an_id_that_is_none_is_refused(task: Task, request_id: str):
    with pytest.raises(UserInputError):
        await task.ask(request_id=request_id)
    assert task.done == 0


async def test_nothing_of_the_request_can_be_read_in_the_store(task: Task, tmp_path: Path):
    await task.ask(request_id="canary-id", to="canary@example.com")

    assert "canary" not in everything_below(tmp_path)


def everything_below(folder: Path) -> str:
    """Names and contents of all files."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return "".join(path.as_posix() + path.read_bytes().decode("latin-1") for path in files)
