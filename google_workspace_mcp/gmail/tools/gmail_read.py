"""gmail_read: messages as a person sees them."""

from typing import Annotated, override

from pydantic import Field

from google_workspace_mcp.core.content.budget import Cut, cut, share
from google_workspace_mcp.core.content.fence import fence_for
from google_workspace_mcp.core.content.wording import counted
from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.core.tools.kinds import FileLink, Kind, Result, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.gmail.files import MESSAGE_TYPE, message_item, message_name
from google_workspace_mcp.gmail.models import Letter
from google_workspace_mcp.gmail.service import Detail, Found, GmailService
from google_workspace_mcp.gmail.tools.gmail_search import ItemError
from google_workspace_mcp.gmail.tools.letters import LetterText, joined, shown

NAME = "gmail_read"
_DESCRIPTION = (
    "Read messages as a person sees them: headers, text, attachment list, sender check. "
    "Quoted history and signatures are folded away; `full` adds signatures, link targets, more headers; "
    "`raw` gives a link to the message as sent."
)


class GmailReadResult(Result):
    """Messages in the order asked for."""

    zone: str = Field(description="IANA zone of the times")
    messages: list[LetterText]
    errors: tuple[ItemError, ...] = ()
    complete: bool

    @override
    def problem(self) -> str:
        return self.errors[0].error if self.errors and not self.messages else ""

    def text(self) -> str:
        lines = [f"{counted(len(self.messages), 'message')} · {self.account} · {self.zone}", *joined(self.messages)]
        lines += [f"not read: {item.id}: {item.error}" for item in self.errors]
        return "\n".join(lines)

    @override
    def resources(self) -> tuple[FileLink, ...]:
        return tuple(letter.raw for letter in self.messages if letter.raw.url)


def definition(service: GmailService) -> ToolDefinition:
    """The tool on this service."""

    async def run(
        work: Workspace,
        *,
        message_ids: Annotated[list[str], Field(min_length=1, max_length=25)],
        detail: Detail = "body",
        quoted: Annotated[bool, Field(description="show quoted history")] = False,
        max_chars: Annotated[int, Field(ge=1000, le=80_000)] = 20_000,
        offset: Annotated[int, Field(description="one message only", ge=0)] = 0,
    ) -> GmailReadResult:
        if offset and len(message_ids) > 1:
            raise UserInputError("offset is for one message", next_step="Ask for one message id alone", reason="offset")
        found = await service.read(work, message_ids, detail, quoted=quoted)
        return _result(work, found, detail, max_chars, offset)

    return ToolDefinition(
        name=NAME,
        title="Read Gmail messages",
        description=_DESCRIPTION,
        kind=Kind.READ,
        service="gmail",
        capability="gmail.read",
        tier=Tier.CORE,
        run=run,
        result=GmailReadResult,
    )


def _result(work: Workspace, found: Found[Letter], detail: Detail, max_chars: int, offset: int) -> GmailReadResult:
    texts = [_text(letter, detail) for letter in found.items]
    cuts: list[Cut] = [cut(texts[0], max_chars, offset)] if len(texts) == 1 else share(texts, max_chars)
    fence = fence_for(texts)
    more = detail == "full"
    return GmailReadResult(
        account=work.address,
        zone=found.zone.label,
        messages=[
            shown(letter, piece, fence, found.labels, found.zone, more_fields=more).model_copy(
                update={"raw": _raw(work, letter)} if detail == "raw" else {}
            )
            for letter, piece in zip(found.items, cuts, strict=True)
        ],
        errors=tuple(ItemError(id=failure.id, error=failure.error) for failure in found.failures),
        complete=not found.failures and not any(piece.remaining for piece in cuts),
    )


def _text(letter: Letter, detail: Detail) -> str:
    if detail == "raw":
        return ""
    return letter.envelope.snippet if detail == "summary" else letter.body


def _raw(work: Workspace, letter: Letter) -> FileLink:
    message_id = letter.envelope.id
    link = work.links.to(message_item(message_id))
    return FileLink(url=link.url, expires=link.until, name=message_name(message_id), type=MESSAGE_TYPE)
