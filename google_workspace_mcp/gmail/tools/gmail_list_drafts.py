"""gmail_list_drafts: drafts, as search shows mail."""

import json
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field

from google_workspace_mcp.core.content.tables import rows
from google_workspace_mcp.core.content.wording import counted
from google_workspace_mcp.core.tools.kinds import Kind, Result, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.gmail.query import MAX_QUERY, Conditions, gmail_query
from google_workspace_mcp.gmail.service import GmailService
from google_workspace_mcp.gmail.tools.gmail_search import ItemError, MailRow, cells, message_row
from google_workspace_mcp.gmail.wording import offset_now

NAME = "gmail_list_drafts"
_ANY_ZONE = ZoneInfo("UTC")


class DraftRow(MailRow):
    """A draft; `id` is what the draft tools take, `message_id` what gmail_read takes."""

    message_id: str
    to: str = ""


class DraftList(Result):
    """Drafts, newest first."""

    zone: str = Field(description="IANA zone of the times")
    offset: str = Field(description="of the zone now; rows in the text name theirs where it differs")
    rows: tuple[DraftRow, ...]
    errors: tuple[ItemError, ...] = ()
    complete: bool
    cursor: str = ""

    def text(self) -> str:
        more = "" if self.complete else ", not all"
        lines = [f"{counted(len(self.rows), 'draft')}{more} · {self.account} · {self.zone} {self.offset}"]
        if self.rows:
            headers = ("draft id", "date", "to", "subject — text", "marks")
            # Who wrote a draft is known; whom it is for is not.
            shown = [row.model_copy(update={"sender": row.to or "(nobody yet)", "labels": []}) for row in self.rows]
            lines.append(rows(headers, [cells(row, self.offset) for row in shown]))
        lines += [f"not read: {item.id}: {item.error}" for item in self.errors]
        if self.cursor:
            lines.append(f"next: {self.cursor}")
        return "\n".join(lines)


def definition(service: GmailService) -> ToolDefinition:
    """The tool on this service."""

    async def run(
        work: Workspace,
        *,
        query: Annotated[str, Field(description="Gmail search syntax", max_length=MAX_QUERY)] = "",
        limit: Annotated[int, Field(ge=1, le=50)] = 10,
        cursor: str = "",
    ) -> DraftList:
        bound = json.dumps([NAME, work.connection_id, query, limit])
        page = str(work.cursors.open(cursor, bound)["page"]) if cursor else ""
        found = await service.drafts(work, gmail_query(Conditions(query), _ANY_ZONE), limit, page)
        return DraftList(
            account=work.address,
            zone=found.zone.label,
            offset=offset_now(work, found.zone),
            rows=tuple(
                DraftRow.model_validate(
                    message_row(message, found).model_dump()
                    | {"id": draft_id, "message_id": message.id, "to": message.headers.people("To")}
                )
                for draft_id, message in found.items
            ),
            errors=tuple(ItemError(id=failure.id, error=failure.error) for failure in found.failures),
            complete=not found.next_page and not found.failures,
            cursor=work.cursors.seal({"page": found.next_page}, bound) if found.next_page else "",
        )

    return ToolDefinition(
        name=NAME,
        title="List drafts",
        description="Drafts, newest first, with the ids that the draft tools take.",
        kind=Kind.READ,
        service="gmail",
        capability="gmail.read",
        tier=Tier.EXTENDED,
        run=run,
        result=DraftList,
    )
