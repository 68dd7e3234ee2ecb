"""What a client asks for in its address or headers is read exactly, or refused."""

from collections.abc import Mapping, Sequence

import pytest

from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.core.policy.gate import Gate
from google_workspace_mcp.core.principal import Caller, Limits, Principal
from google_workspace_mcp.core.settings import load
from google_workspace_mcp.core.tools.kinds import Kind, Result, Tier, ToolDefinition
from google_workspace_mcp.core.tools.narrowing import Narrower, Narrowing
from google_workspace_mcp.core.tools.workspace import Workspace


class Nothing(Result):
    def text(self) -> str:
        return ""


async def run(work: Workspace) -> Nothing:
    raise AssertionError


def tool(name: str, service: str, kind: Kind = Kind.READ, tier: Tier = Tier.CORE) -> ToolDefinition:
    return ToolDefinition(name, "", "", kind, service, "", tier, run, Nothing)


TOOLS = (
    tool("gmail_search", "gmail"),
    tool("gmail_send", "gmail", Kind.OUTWARD),
    tool("gmail_list_filters", "gmail", tier=Tier.FULL),
    tool("drive_search", "drive"),
    tool("drive_about", "drive", tier=Tier.EXTENDED),
    tool("accounts_list", "accounts"),
)


def read(*sources: Mapping[str, Sequence[str]], search: bool = False) -> Narrowing:
    return Narrower(TOOLS, search=search).read([lambda name, given=given: given.get(name, ()) for given in sources])


def left(*sources: Mapping[str, Sequence[str]]) -> list[str]:
    limits = read(*sources).limits
    return [tool.name for tool in TOOLS if Gate(load(None)).leaves(limits, tool)]


def test_who_asks_for_nothing_gets_everything() -> None:
    assert read({}, {}) == Narrowing(Limits())


@pytest.mark.parametrize(
    ("values", "names"),
    [
        (["drive"], ["drive_search", "drive_about", "accounts_list"]),
        (["gmail_search"], ["gmail_search"]),
        (["drive, gmail_search"], ["gmail_search", "drive_search", "drive_about", "accounts_list"]),
        (["gmail_search", "accounts_list"], ["gmail_search", "accounts_list"]),
        ([" Drive_About "], ["drive_about"]),
        (["calendar"], ["accounts_list"]),
    ],
)
def test_services_and_names_of_tools_may_be_mixed(values: list[str], names: list[str]) -> None:
    assert left({"tools": values}) == names


@pytest.mark.parametrize(
    ("tier", "names"),
    [
        ("core", ["gmail_search", "gmail_send", "drive_search", "accounts_list"]),
        ("Extended", ["gmail_search", "gmail_send", "drive_search", "drive_about", "accounts_list"]),
        ("full", [tool.name for tool in TOOLS]),
    ],
)
def test_a_tier_leaves_its_own_tools_and_those_of_the_lower_ones(tier: str, names: list[str]) -> None:
    assert left({"tier": [tier]}) == names


@pytest.mark.parametrize(("word", "sends"), [("1", False), ("TRUE", False), ("0", True), ("false", True)])
def test_reading_only_leaves_out_what_changes_something(word: str, sends: bool) -> None:
    assert ("gmail_send" in left({"readonly": [word]})) is sends


def test_address_and_headers_both_take_away() -> None:
    assert left({"tools": ["gmail"]}, {"tools": ["drive", "gmail_search"]}) == ["gmail_search", "accounts_list"]
    assert left({"tier": ["core"]}, {"tier": ["full"], "readonly": ["1"]}) == left(
        {"tier": ["core"], "readonly": ["1"]}
    )
    assert left({"readonly": ["1"]}, {"readonly": ["0"]}) == left({"readonly": ["1"]})


def test_the_lowest_tier_of_several_counts() -> None:
    assert left({"tier": ["full", "core", "extended"]}) == left({"tier": ["core"]})


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("tools", "gmial", "gmail, drive, calendar, gmail_search"),
        ("tools", "gmail,", "gmail, drive, calendar"),
        ("tools", "", "gmail, drive, calendar"),
        ("tools", "*", "gmail, drive, calendar"),
        ("tier", "all", "core, extended, full"),
        ("tier", "", "core, extended, full"),
        ("readonly", "yes", "1, true, 0, false"),
        ("readonly", "", "1, true, 0, false"),
        ("search", "on", "1, true, 0, false"),
    ],
)
def test_a_value_that_is_not_known_is_refused_with_those_that_are(name: str, value: str, allowed: str) -> None:
    with pytest.raises(UserInputError, match=f"{name} takes one.*{allowed}") as refused:
        read({name: [value]})
    assert f"X-MCP-{name.title()}" in refused.value.next_step


def test_searching_is_asked_for_or_switched_on_by_the_operator() -> None:
    assert not read({}).search
    assert read({"search": ["1"]}).search
    assert read({}, {"search": ["1"]}).search
    assert read({"search": ["0"]}, search=True).search


def test_searching_is_not_looked_at_where_there_is_no_list_for_a_model() -> None:
    narrower = Narrower(TOOLS, search=True)
    assert not narrower.read([lambda name: {"search": ["lamps"]}.get(name, [])], may_search=False).search


@pytest.mark.parametrize(
    ("narrowing", "rule"),
    [
        ({"tools": ["drive"]}, "narrowed_tools"),
        ({"readonly": ["1"]}, "narrowed_readonly"),
        ({"tier": ["core"]}, "narrowed_tier"),
    ],
)
def test_a_call_of_what_the_client_left_out_is_refused_by_name(narrowing: Mapping[str, list[str]], rule: str) -> None:
    send = tool("gmail_send", "gmail", Kind.OUTWARD, Tier.EXTENDED)
    caller = Caller(Principal("issuer", "1"), "client", frozenset(), narrowing=read(narrowing).limits)
    decision = Gate(load(None)).decide(caller, send)
    assert (decision.verdict, decision.rule) == ("refuse", rule)


def test_a_clients_wish_gives_nothing_back_that_its_token_takes_away() -> None:
    caller = Caller(
        Principal("issuer", "1"),
        "client",
        frozenset(),
        Limits(tools=frozenset({"gmail_search"}), read_only=True),
        read({"tools": ["drive", "gmail"], "readonly": ["0"]}).limits,
    )
    allowed = [tool.name for tool in TOOLS if Gate(load(None)).decide(caller, tool).verdict == "allow"]
    assert allowed == ["gmail_search"]


def test_a_clients_wish_gives_nothing_back_that_the_operator_takes_away() -> None:
    gate = Gate(load(None, tier="core", services="gmail", read_only=True))
    wish = read({"tools": ["drive", "gmail"], "tier": ["full"], "readonly": ["0"]}).limits
    caller = Caller(Principal("issuer", "1"), "client", frozenset(), narrowing=wish)
    assert [t.name for t in TOOLS if gate.decide(caller, t).verdict == "allow"] == ["gmail_search", "accounts_list"]
