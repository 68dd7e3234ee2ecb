"""What a client leaves out of its own view, by the query of the address that it calls or by headers.

`tools` (services and names of tools, with commas), `tier`, `readonly` and `search`, or `X-MCP-Tools`, `X-MCP-Tier`,
`X-MCP-Readonly` and `X-MCP-Search`. It only takes away: the operator's settings and the token are looked at as well. A
value that is not known is refused and never passed over, or a misspelt one would leave everything.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.core.principal import Limits
from google_workspace_mcp.core.settings import SERVICES
from google_workspace_mcp.core.tools.kinds import Tier, ToolDefinition

PARAMETERS: Final = ("tools", "tier", "readonly", "search")
_TIERS: Final = tuple(tier.name.lower() for tier in Tier)
_FLAGS: Final = {"1": True, "true": True, "0": False, "false": False}

type Given = Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What is left by `limits`, and whether tools are found by searching instead of being listed."""

    limits: Limits
    search: bool = False


class Narrower:
    """Reads what a client asks for. Knows every tool there is, offered here or not, so that the same address serves
    wherever an operator offers less."""

    def __init__(self, tools: Iterable[ToolDefinition], *, search: bool) -> None:
        definitions = tuple(tools)
        self._names = tuple(tool.name for tool in definitions)
        self._by_service = {s: frozenset(t.name for t in definitions if t.service == s) for s in SERVICES}
        self._of_none = frozenset(t.name for t in definitions if t.service not in SERVICES)
        self._search = search

    def read(self, sources: Iterable[Given], *, may_search: bool = True) -> Narrowing:
        """What all of the sources leave; each gives the values of a parameter. `may_search` is False where there is no
        list that searching could take the place of: `search` is not looked at then.

        Raises UserInputError for a value that is not known, and names those that are.
        """
        limits, search = Limits(), self._search and may_search
        for given in sources:
            limits = limits.within(
                Limits(tools=self._tools(given("tools")), tier=_tier(given("tier")), read_only=_flag(given, "readonly"))
            )
            search = search or (may_search and _flag(given, "search"))
        return Narrowing(limits, search)

    def _tools(self, values: Sequence[str]) -> frozenset[str] | None:
        if not values:
            return None
        words = frozenset(word.strip().lower() for value in values for word in value.split(","))
        services = words & self._by_service.keys()
        if not words <= services | {*self._names}:
            raise _unknown("tools", (*SERVICES, *self._names), many=True)
        # Whoever asks for a service wants what belongs to none as well, or could not mend a lost connection to it.
        whole = frozenset[str]().union(*(self._by_service[s] for s in services), self._of_none if services else ())
        return whole | (words - services)


def _tier(values: Sequence[str]) -> Tier | None:
    words = [value.strip().lower() for value in values]
    if not all(word in _TIERS for word in words):
        raise _unknown("tier", _TIERS)
    return min((Tier.named(word) for word in words), key=lambda tier: tier.value, default=None)


def _flag(given: Given, name: str) -> bool:
    words = [value.strip().lower() for value in given(name)]
    if not all(word in _FLAGS for word in words):
        raise _unknown(name, tuple(_FLAGS))
    return any(_FLAGS[word] for word in words)


def _unknown(name: str, allowed: Sequence[str], *, many: bool = False) -> UserInputError:
    words = "one or more, with commas, of" if many else "one of"
    return UserInputError(
        f"{name} takes {words} {', '.join(allowed)}",
        next_step=f"Correct {name} in the address, or the header X-MCP-{name.title()}",
        reason="narrowing",
    )
