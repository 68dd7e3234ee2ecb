"""gmail_unsubscribe: leaving a mailing list by one click."""

from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field

from google_workspace_mcp.core.tools.kinds import Kind, Result, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.gmail.tools.composition import DryRun
from google_workspace_mcp.gmail.unsubscribing import Left, Unsubscribing


class UnsubscribeResult(Result):
    """Whether the list was left, and how else it can be."""

    state: Literal["unsubscribed", "by hand", "failed", "dry run"]
    sender: str
    why: str = ""
    host: str = Field(default="", description="whose address is called, or was")
    link: str = Field(default="", description="for the person to open, where one click is not to be had")
    mail_to: str = Field(default="", description="where a mail leaves the list")

    def text(self) -> str:
        match self.state:
            case "unsubscribed":
                return f"unsubscribed from {self.sender}: {self.host} took it · {self.account}"
            case "dry run":
                return (
                    f"one click at {self.host} would leave the list of {self.sender}, nothing was done · {self.account}"
                )
            case _:
                ways = [
                    *([f"the person can open {self.link}"] if self.link else []),
                    *([f"a mail to {self.mail_to} leaves it"] if self.mail_to else []),
                ]
                said = "; ".join(ways) or "mark it as spam or filter it"
                return f"not unsubscribed from {self.sender}: {self.why}. Other ways: {said} · {self.account}"


def definition(unsubscribing: Unsubscribing) -> ToolDefinition:
    """The tool on this service."""

    async def run(work: Workspace, *, message_id: str, dry_run: DryRun = False) -> UnsubscribeResult:
        return _result(work.address, await unsubscribing.leave(work, message_id, dry_run=dry_run))

    return ToolDefinition(
        name="gmail_unsubscribe",
        title="Unsubscribe",
        description="Leave the mailing list of a message by its signed one-click offer; otherwise says how.",
        kind=Kind.OUTWARD,
        service="gmail",
        capability="gmail.write",
        tier=Tier.EXTENDED,
        run=run,
        result=UnsubscribeResult,
        once=True,
    )


def _result(account: str, left: Left) -> UnsubscribeResult:
    done = left.state in ("unsubscribed", "dry run")
    return UnsubscribeResult(
        account=account,
        state=left.state,
        sender=left.offer.sender,
        why=left.why,
        host=urlsplit(left.offer.link).hostname or "",
        link="" if done else left.offer.link,
        mail_to="" if done else left.offer.mail_to,
    )
