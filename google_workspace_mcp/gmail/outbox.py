"""Mail on its way out, exactly once.

A message becomes a draft first, and the draft is sent. A lost answer to the draft leaves at most a draft behind, which
is found again by its Message-ID. After a lost answer to the sending the draft tells: gone means sent, still there means
not sent; where Gmail will not say, nobody knows, and that is what the caller is told. Nothing is ever sent twice.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

from google_workspace_mcp.core.errors import (
    GoogleUnavailableError,
    NotFoundError,
    NotSentError,
    OutcomeUnknownError,
    WorkspaceError,
)
from google_workspace_mcp.core.google.calls import CallKind
from google_workspace_mcp.core.google.uploads import Content
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.gmail.compose.letter import Draft

_DRAFT_FIELDS = "id,message(id,threadId)"
_SENT_FIELDS = "id,threadId,labelIds"
MIME_TYPE = "message/rfc822"


@dataclass(frozen=True, slots=True)
class Filed:
    """A draft as Gmail keeps it: the id of its message changes with every change."""

    id: str
    message_id: str = ""
    thread_id: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that is out. `message_id` is empty when its answer was lost and only the sending is certain."""

    message_id: str
    thread_id: str


async def file_draft(work: Workspace, draft: Draft, mark: str) -> Filed:
    """A new draft. After a lost answer it is looked for, and made again only if it is not there."""
    try:
        return await _created(work, draft, mark)
    except (OutcomeUnknownError, GoogleUnavailableError):
        found = await _found(work, draft, mark)
        return found or await _created(work, draft, mark)


async def replace_draft(work: Workspace, draft_id: str, draft: Draft, mark: str) -> Filed:
    """The draft with other content, under the same id. Twice is the same as once."""
    drafts = work.google.gmail.drafts
    content = await _content(draft, mark)
    answer = await work.google.upload(
        lambda media: drafts.update(
            userId="me", id=draft_id, body=_body(draft), media_body=media, fields=_DRAFT_FIELDS
        ),
        content,
        kind=CallKind.REPEATABLE_WRITE,
    )
    return _filed(answer)


async def send_new(work: Workspace, draft: Draft, mark: str) -> Sent:
    """Write the message as a draft and send that. A refusal leaves nothing behind. Raises what `send_draft` raises."""
    try:
        filed = await file_draft(work, draft, mark)
    except OutcomeUnknownError as lost:
        raise GoogleUnavailableError(
            "Nothing was sent: Gmail did not answer while the message was being prepared, and may keep it as a draft",
            next_step="Try again a little later",
            reason=lost.reason,
        ) from None
    try:
        return await send_draft(work, filed)
    except (OutcomeUnknownError, NotSentError):
        raise
    except WorkspaceError:
        await _drop(work, filed)
        raise


async def send_draft(work: Workspace, filed: Filed) -> Sent:
    """Send a draft, once.

    Raises NotSentError when the answer was lost and the draft is still there, OutcomeUnknownError when that cannot be
    told, and other WorkspaceErrors when Gmail refused: then the draft is as it was.
    """
    request = work.google.gmail.drafts.send(userId="me", body={"id": filed.id}, fields=_SENT_FIELDS)
    try:
        answer = await work.google.execute(request, kind=CallKind.SEND)
    except OutcomeUnknownError as lost:
        return await _resolved(work, filed, lost)
    return Sent(str(answer.get("id") or ""), str(answer.get("threadId") or filed.thread_id))


async def _resolved(work: Workspace, filed: Filed, lost: OutcomeUnknownError) -> Sent:
    try:
        await work.google.execute(work.google.gmail.drafts.get(userId="me", id=filed.id, format="minimal", fields="id"))
    except NotFoundError:
        return Sent("", filed.thread_id)
    except WorkspaceError:
        raise OutcomeUnknownError(
            "The message was handed to Gmail and the answer was lost: it may or may not have been sent",
            next_step="Look into Sent and Drafts before doing anything else; do not simply send it again",
            reason=lost.reason,
        ) from None
    raise NotSentError(
        "The message was not sent: Gmail did not answer, and the draft is still there",
        next_step=f"Look into Sent first, then send the draft {filed.id} with gmail_send_draft",
        reason=lost.reason,
    )


async def _created(work: Workspace, draft: Draft, mark: str) -> Filed:
    drafts = work.google.gmail.drafts
    content = await _content(draft, mark)
    answer = await work.google.upload(
        lambda media: drafts.create(userId="me", body=_body(draft), media_body=media, fields=_DRAFT_FIELDS),
        content,
        kind=CallKind.CREATE,
    )
    return _filed(answer)


async def _content(draft: Draft, mark: str) -> Content:
    # Encoding takes a moment for a large message, and other callers are not to wait for it.
    made = await asyncio.to_thread(draft.written, mark)

    async def read(offset: int, length: int) -> bytes:
        return await asyncio.to_thread(made.read, offset, length)

    return Content(made.size, MIME_TYPE, read)


async def _found(work: Workspace, draft: Draft, mark: str) -> Filed | None:
    """The draft that a lost answer may have left; None when Gmail does not have it."""
    answer = await work.google.execute(
        work.google.gmail.drafts.list(
            userId="me",
            q=f"rfc822msgid:{draft.message_id(mark).strip('<>')}",
            maxResults=1,
            fields="drafts(id,message(id,threadId))",
        )
    )
    found = answer.get("drafts") or []
    return _filed(found[0]) if found else None


async def _drop(work: Workspace, filed: Filed) -> None:
    """Best effort: what cannot be deleted now is a draft that the person can delete."""
    try:
        await work.google.execute(
            work.google.gmail.drafts.delete(userId="me", id=filed.id), kind=CallKind.REPEATABLE_WRITE
        )
    except WorkspaceError:
        return


def _body(draft: Draft) -> dict[str, Any]:
    return {"message": {"threadId": draft.thread_id}} if draft.thread_id else {}


def _filed(answer: dict[str, Any]) -> Filed:
    message = answer.get("message") or {}
    return Filed(str(answer["id"]), str(message.get("id") or ""), str(message.get("threadId") or ""))
