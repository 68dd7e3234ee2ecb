"""Tools that are usable with any one of several capabilities: list, step-up, gate and inside must agree."""

from itertools import combinations
from typing import Any

import pytest

from google_workspace_mcp.core.errors import PolicyRefusedError, ScopeMissingError, WorkspaceError
from google_workspace_mcp.core.metrics import Metrics
from google_workspace_mcp.core.policy.gate import Gate
from google_workspace_mcp.core.principal import Caller, Limits, Principal
from google_workspace_mcp.core.settings import load
from google_workspace_mcp.core.tools.kinds import Kind, Result, Tier, ToolDefinition
from google_workspace_mcp.core.tools.runner import ToolRunner
from google_workspace_mcp.core.tools.workspace import Workspace

NEEDS = ("gmail.read", "drive.read", "calendar.read")
SERVICES = ("gmail", "drive", "calendar")
HELD = [frozenset(some) for count in range(4) for some in combinations(NEEDS, count)]
LEFT = [None, *(frozenset(some) for count in range(4) for some in combinations(SERVICES, count))]


class Said(Result):
    usable: list[str]

    def text(self) -> str:
        return " ".join(self.usable)


async def look(work: Workspace) -> Said:
    return Said(account=work.address, usable=[name for name in NEEDS if work.barred(name) is None])


TOOL = ToolDefinition("look", "Look", "", Kind.READ, "workspace", "", Tier.CORE, look, Said, any_of=NEEDS)


def caller(held: frozenset[str], left: frozenset[str] | None = None) -> Caller:
    return Caller(Principal("https://issuer.example", "1"), "client", held, Limits(services=left))


class OneAccount:
    """An account at which the person allowed these."""

    def __init__(self, *allowed: str) -> None:
        self.allowed = allowed
        self.asked: tuple[str, ...] = ()

    async def open(self, caller: Caller, account: str, *any_of: str) -> Workspace:
        self.asked = any_of
        if any_of and not set(any_of) & set(self.allowed):
            raise ScopeMissingError("Not allowed at Google", reason="not_granted", capability=any_of[0])
        nothing: Any = None
        return Workspace(nothing, "alice@example.com", "c1", nothing, nothing, nothing, barred=self._barred)

    def _barred(self, capability: str) -> WorkspaceError | None:
        return None if capability in self.allowed else ScopeMissingError("Not allowed at Google")


def runner(accounts: OneAccount, **settings: Any) -> ToolRunner:
    return ToolRunner([TOOL], accounts, Gate(load(None, **settings)), Metrics())


@pytest.mark.parametrize("left", LEFT, ids=lambda left: "all" if left is None else "+".join(sorted(left)) or "none")
@pytest.mark.parametrize("held", HELD, ids=lambda held: "+".join(sorted(held)) or "none")
async def test_it_is_listed_and_callable_with_any_one_and_uses_no_other(
    held: frozenset[str], left: frozenset[str] | None
) -> None:
    asking = caller(held, left)
    usable = [name for name in NEEDS if name in held and (left is None or name.partition(".")[0] in left)]
    accounts = OneAccount(*NEEDS)
    tools = runner(accounts)

    assert bool(tools.usable(asking)) == bool(usable)
    assert (tools.within_limits("look", asking) and TOOL.allowed_by(held)) == bool(usable)
    if usable:
        assert (await tools.call("look", {}, asking)).text() == " ".join(usable)
        assert accounts.asked == tuple(usable)
    else:
        with pytest.raises((ScopeMissingError, PolicyRefusedError)):
            await tools.call("look", {}, asking)
        assert accounts.asked == ()


@pytest.mark.parametrize("allowed", HELD, ids=lambda held: "+".join(sorted(held)) or "none")
@pytest.mark.parametrize("held", HELD[1:], ids=lambda held: "+".join(sorted(held)))
async def test_what_the_connection_does_not_allow_is_not_used(held: frozenset[str], allowed: frozenset[str]) -> None:
    tools = runner(OneAccount(*allowed))
    both = [name for name in NEEDS if name in held & allowed]
    if both:
        assert (await tools.call("look", {}, caller(held))).text() == " ".join(both)
    else:
        with pytest.raises(ScopeMissingError):
            await tools.call("look", {}, caller(held))


@pytest.mark.parametrize("services", [("gmail",), ("drive", "calendar")], ids=str)
async def test_services_that_are_off_are_not_used(services: tuple[str, ...]) -> None:
    tools = runner(OneAccount(*NEEDS), services=services)
    told = (await tools.call("look", {}, caller(frozenset(NEEDS)))).text()
    assert told == " ".join(name for name in NEEDS if name.partition(".")[0] in services)


def test_it_is_not_offered_where_all_its_services_are_off() -> None:
    mail_only = ToolDefinition("look", "", "", Kind.READ, "workspace", "", Tier.CORE, look, Said, any_of=NEEDS[:1])
    assert not Gate(load(None, services=("drive",))).offers(mail_only)
    assert Gate(load(None, services=("gmail",))).offers(mail_only)


def test_what_can_be_asked_for_is_told_before_what_cannot_be_had() -> None:
    decision = Gate(load(None)).decide(caller(frozenset(), frozenset({"drive"})), TOOL)
    assert isinstance(decision.error, ScopeMissingError)
    assert decision.error.capability == "drive.read"


def test_why_a_capability_may_not_be_used_is_told_in_words() -> None:
    gate = Gate(load(None, services=("gmail", "drive")))
    asking = caller(frozenset({"gmail.read"}), frozenset({"gmail", "calendar"}))
    reasons = [error.reason if (error := gate.barred(asking, name)) else "" for name in NEEDS]
    assert reasons == ["", "token_services", "service_off"]
    missing = gate.barred(caller(frozenset()), "gmail.read")
    assert missing is not None
    assert missing.sentence().startswith("This client was not allowed gmail.read.")


class Mender:
    def __init__(self) -> None:
        self.wanted = ""

    async def mended(self, caller: Caller, error: WorkspaceError, account: str, capability: str) -> WorkspaceError:
        self.wanted = capability
        return error


async def test_a_link_is_offered_for_the_capability_that_is_missing() -> None:
    async def wants_files(work: Workspace) -> Said:
        error = work.barred("drive.read")
        assert error is not None
        raise error

    mender = Mender()
    tool = ToolDefinition("look", "", "", Kind.READ, "workspace", "", Tier.CORE, wants_files, Said, any_of=NEEDS)
    tools = ToolRunner([tool], OneAccount("gmail.read"), Gate(load(None)), Metrics(), offers=mender)
    with pytest.raises(ScopeMissingError):
        await tools.call("look", {}, caller(frozenset({"gmail.read"})))
    assert mender.wanted == "drive.read"
    with pytest.raises(ScopeMissingError):
        await tools.call("look", {}, caller(frozenset({"calendar.read"})))
