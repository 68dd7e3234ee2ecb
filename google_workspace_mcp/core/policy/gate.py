"""Who may do what: one gate in front of every tool, the only place where a call can be stopped."""

from dataclasses import dataclass
from typing import Final, Literal

from google_workspace_mcp.core.errors import PolicyRefusedError, ScopeMissingError, WorkspaceError
from google_workspace_mcp.core.policy.reach import Reach, ReachRules
from google_workspace_mcp.core.principal import Caller, Limits
from google_workspace_mcp.core.settings import SERVICES, Settings
from google_workspace_mcp.core.tools.kinds import Kind, Tier, ToolDefinition

_CAPABILITY: Final = "capability"
_TOKEN_WORDS: Final = {
    "services": "This token is not for that service",
    "tools": "This token is not for that tool",
    "tier": "This token is not for that tool",
    "readonly": "This token allows reading only",
}
_NARROWED_WORDS: Final = "The client's own address or headers leave that tool out"


@dataclass(frozen=True, slots=True)
class Decision:
    """What the gate says of a call; `rule` names the rule that refused."""

    verdict: Literal["allow", "refuse", "confirm"]
    rule: str = ""
    error: WorkspaceError | None = None


_ALLOW = Decision("allow")


class Gate:
    """Decides by the operator's settings, the caller's token, and what the client itself leaves out.

    `offers` says what is shown at all.
    """

    def __init__(self, settings: Settings) -> None:
        self._services = frozenset(settings.services)
        self._tier = Tier.named(settings.tier)
        self._read_only = settings.read_only
        self._delete_forever = settings.allow_delete_forever
        self._reach = ReachRules(settings.send_domains, settings.share_domains, settings.allow_public_links)

    def offers(self, tool: ToolDefinition) -> bool:
        """Whether the operator offers the tool to anyone."""
        return self._refused_by_operator(tool) is None

    def leaves(self, limits: Limits, tool: ToolDefinition) -> bool:
        """Whether these limits, of a token or a client's own, leave the tool: only then it is shown."""
        return not _taken_away(limits, tool)

    def decide(self, caller: Caller, tool: ToolDefinition, reach: Reach | None = None, address: str = "") -> Decision:
        """Allow the call, or refuse it and name the rule.

        `reach` is whom it would reach from the account `address`, once that is known.
        """
        refused = self._refused_by_operator(tool) or _refused_by_limits(caller, tool)
        if refused:
            return refused
        barred = [decision for name in tool.needs if (decision := self._barred(caller, name))]
        if barred and len(barred) == len(tool.needs):
            # What can be asked for is told before what cannot be had.
            return next((decision for decision in barred if decision.rule == _CAPABILITY), barred[0])
        broken = self._reach.broken_by(reach, address) if reach is not None else None
        return _refuse(broken.rule, broken.words) if broken else _ALLOW

    def usable(self, caller: Caller, tool: ToolDefinition) -> tuple[str, ...]:
        """Those of the tool's capabilities that this caller may use."""
        return tuple(name for name in tool.needs if self._barred(caller, name) is None)

    def barred(self, caller: Caller, capability: str) -> WorkspaceError | None:
        """Why this caller may not use the capability, None when they may. What a connection allows is not looked at."""
        decision = self._barred(caller, capability)
        return decision.error if decision else None

    def _barred(self, caller: Caller, capability: str) -> Decision | None:
        service = capability.partition(".")[0]
        if service not in self._services:
            return _service_off()
        for limits, refusal in ((caller.limits, _not_for_service), (caller.narrowing, _left_out)):
            if limits.services is not None and service not in limits.services:
                return refusal()
        return None if capability in caller.capabilities else _missing(capability)

    def _refused_by_operator(self, tool: ToolDefinition) -> Decision | None:
        if tool.service in SERVICES and tool.service not in self._services:
            return _service_off()
        if tool.any_of and self._services.isdisjoint(_services_of(tool)):
            return _service_off()
        if tool.tier.value > self._tier.value:
            return _refuse("tier", "The operator does not offer this tool")
        if self._read_only and tool.kind is not Kind.READ:
            return _refuse("read_only", "The operator allows reading only")
        if (tool.forever or tool.capability.endswith(".delete")) and not self._delete_forever:
            return _refuse("delete_forever", "The operator does not allow deleting for good")
        return None


def _refused_by_limits(caller: Caller, tool: ToolDefinition) -> Decision | None:
    """What a service token, or the operator's entry for its issuer, takes away, then what the client does."""
    if part := _taken_away(caller.limits, tool):
        return _refuse(f"token_{part}", _TOKEN_WORDS[part])
    if part := _taken_away(caller.narrowing, tool):
        return _refuse(f"narrowed_{part}", _NARROWED_WORDS)
    return None


def _taken_away(limits: Limits, tool: ToolDefinition) -> str:
    """Which part of the limits takes the tool away; empty when they leave it."""
    # Tools that belong to no Google service, such as those of the accounts, are not a matter of services.
    if limits.services is not None and tool.service in SERVICES and tool.service not in limits.services:
        return "services"
    if limits.services is not None and tool.any_of and limits.services.isdisjoint(_services_of(tool)):
        return "services"
    if limits.tools is not None and tool.name not in limits.tools:
        return "tools"
    if limits.tier is not None and tool.tier.value > limits.tier.value:
        return "tier"
    return "readonly" if limits.read_only and tool.kind is not Kind.READ else ""


def _refuse(rule: str, words: str) -> Decision:
    return Decision("refuse", rule, PolicyRefusedError(words, next_step=f"The rule is {rule}", reason=rule))


def _service_off() -> Decision:
    return _refuse("service_off", "This service is switched off by the operator")


def _not_for_service() -> Decision:
    return _refuse("token_services", _TOKEN_WORDS["services"])


def _left_out() -> Decision:
    return _refuse("narrowed_services", _NARROWED_WORDS)


def _services_of(tool: ToolDefinition) -> frozenset[str]:
    return frozenset(name.partition(".")[0] for name in tool.needs)


def _missing(capability: str) -> Decision:
    error = ScopeMissingError(
        f"This client was not allowed {capability}",
        next_step=f"Sign in again with this client and allow {capability}",
        reason=_CAPABILITY,
        capability=capability,
    )
    return Decision("refuse", _CAPABILITY, error)
