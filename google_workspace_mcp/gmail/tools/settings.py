"""The tools for settings: gmail_get_settings and gmail_set_vacation."""

from dataclasses import asdict
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from google_workspace_mcp.core.tools.kinds import Kind, Result, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.gmail.compose.body import BodyFormat
from google_workspace_mcp.gmail.settings import Vacation, set_vacation, settings_of
from google_workspace_mcp.gmail.tools.composition import DryRun

_Day = Annotated[str, Field(description="YYYY-MM-DD, included", max_length=10)]


class VacationView(BaseModel):
    """The out-of-office reply."""

    model_config = ConfigDict(frozen=True)

    on: bool
    subject: str = ""
    body: str = ""
    first_day: str = ""
    last_day: str = ""
    contacts_only: bool = False
    domain_only: bool = False

    def words(self) -> str:
        """One line, and the text below."""
        days = f" from {self.first_day or 'now'} to {self.last_day or 'further notice'}"
        who = [word for word, told in (("contacts", self.contacts_only), ("own domain", self.domain_only)) if told]
        limits = f" · only to {' and '.join(who)}" if who else ""
        head = f"out of office: {'on' + days if self.on else 'off'}{limits}"
        return "\n".join([head, *(part for part in (self.subject, self.body) if part)])


class SendAsView(BaseModel):
    """An address to send from."""

    model_config = ConfigDict(frozen=True)

    address: str
    name: str = ""
    default: bool = False
    confirmed: bool = True
    signature: str = ""


class SettingsResult(Result):
    """What is set in Gmail."""

    zone: str = Field(description="IANA zone of the days")
    vacation: VacationView
    send_as: tuple[SendAsView, ...]
    forwarding_to: str = ""
    forwarding_addresses: tuple[str, ...] = ()
    language: str = ""
    imap: bool = False
    pop: bool = False
    unknown: tuple[str, ...] = Field(default=(), description="Gmail would not tell these")

    def text(self) -> str:
        lines = [f"Gmail settings · {self.account} · {self.zone}", self.vacation.words()]
        for entry in self.send_as:
            name = f"{entry.name} <{entry.address}>" if entry.name else entry.address
            marks = "".join(
                mark for mark, told in ((", default", entry.default), (", not confirmed", not entry.confirmed)) if told
            )
            signature = f" · signature: {entry.signature}" if entry.signature else ""
            lines.append(f"sends as {name}{marks}{signature}")
        lines.append(f"forwards everything to: {self.forwarding_to or 'nobody'}")
        if self.forwarding_addresses:
            lines.append(f"may forward to: {', '.join(self.forwarding_addresses)}")
        imap, pop = "on" if self.imap else "off", "on" if self.pop else "off"
        lines.append(f"language {self.language or 'unknown'} · IMAP {imap} · POP {pop}")
        return "\n".join([*lines, *([f"not told by Gmail: {', '.join(self.unknown)}"] if self.unknown else [])])


class VacationResult(Result):
    """The out-of-office reply as it is now."""

    dry_run: bool = False
    zone: str = Field(description="IANA zone of the days")
    vacation: VacationView

    def text(self) -> str:
        done = "would be set, nothing was done" if self.dry_run else "set"
        return f"{done} · {self.account} · {self.zone}\n{self.vacation.words()}"


def definitions() -> tuple[ToolDefinition, ...]:
    """The two tools."""

    async def get_settings(work: Workspace) -> SettingsResult:
        zone = await work.zone()
        found = await settings_of(work, zone)
        return SettingsResult(
            account=work.address,
            zone=zone.label,
            vacation=VacationView(**asdict(found.vacation)),
            send_as=tuple(SendAsView(**asdict(entry)) for entry in found.send_as),
            forwarding_to=found.forwarding_to,
            forwarding_addresses=found.forwarding_addresses,
            language=found.language,
            imap=found.imap,
            pop=found.pop,
            unknown=found.unknown,
        )

    return (
        ToolDefinition(
            name="gmail_get_settings",
            title="Gmail settings",
            description="Out-of-office reply, send-as addresses and signatures, forwarding, language.",
            kind=Kind.READ,
            service="gmail",
            capability="gmail.settings",
            tier=Tier.FULL,
            run=get_settings,
            result=SettingsResult,
        ),
        _set_vacation(),
    )


def _set_vacation() -> ToolDefinition:
    async def vacation(
        work: Workspace,
        *,
        on: bool,
        subject: Annotated[str, Field(max_length=500)] = "",
        body: Annotated[str, Field(max_length=50_000)] = "",
        format: BodyFormat = "text",
        first_day: _Day = "",
        last_day: _Day = "",
        contacts_only: bool = False,
        domain_only: bool = False,
        dry_run: DryRun = False,
    ) -> VacationResult:
        zone = await work.zone()
        wanted = Vacation(on, subject, body, first_day, last_day, contacts_only, domain_only)
        now = await set_vacation(work, zone, wanted, format, dry_run=dry_run)
        return VacationResult(
            account=work.address, dry_run=dry_run, zone=zone.label, vacation=VacationView(**asdict(now))
        )

    return ToolDefinition(
        name="gmail_set_vacation",
        title="Set the out-of-office reply",
        description="Switch the out-of-office reply on or off; what is given takes the place of all that was set.",
        kind=Kind.WRITE,
        service="gmail",
        capability="gmail.settings",
        tier=Tier.FULL,
        run=vacation,
        result=VacationResult,
    )
