"""Files of a message that is in the mailbox already, to go with another one."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from google_workspace_mcp.core.content.headers import Headers
from google_workspace_mcp.core.content.mime import JSON, Attachment, attachments, parts
from google_workspace_mcp.core.errors import NotFoundError, UserInputError, WorkspaceError
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.gmail.attaching import AttachmentArgument, matching
from google_workspace_mcp.gmail.compose.letter import MOST_BYTES, too_large
from google_workspace_mcp.gmail.compose.parts import File, media_type
from google_workspace_mcp.gmail.originals import message

_CONTENT_ID = "Content-ID"


async def from_message(work: Workspace, argument: AttachmentArgument) -> File:
    """The file that an argument names by message and part. Raises WorkspaceErrors that say what there is."""
    received = await message(work, argument.message)
    found = matching(received.envelope.attachments, argument.part)
    if found is None:
        names = "; ".join(f"{file.part_id} {file.name}" for file in received.envelope.attachments[:20])
        raise UserInputError(
            "the message has no such file, or several of that name",
            next_step=f"Give the part of one of: {names}" if names else "Name another message: this one has no files",
            reason="part",
        )
    return (await files_of(work, received.envelope.id, received.payload, [found]))[0]


async def files_of(
    work: Workspace, message_id: str, payload: JSON, wanted: Sequence[Attachment] | None = None
) -> list[File]:
    """Files of a message, all of them unless some are named; images in the text keep their Content-ID.

    One step for all that Gmail keeps apart. Raises the first failure, TooLargeError for more than mail carries.
    """
    chosen = list(attachments(payload) if wanted is None else wanted)
    if sum(file.size for file in chosen) > MOST_BYTES:
        raise too_large()
    by_id = {str(part.get("partId") or ""): part for part in parts(payload)}
    apart = [file for file in chosen if _attachment_id(by_id[file.part_id])]
    collection = work.google.gmail.attachments
    requests = [
        collection.get(userId="me", messageId=message_id, id=_attachment_id(by_id[file.part_id]), fields="data")
        for file in apart
    ]
    answers = await work.google.execute_many(requests) if requests else []
    fetched: dict[str, str] = {}
    for file, answer in zip(apart, answers, strict=True):
        if isinstance(answer, WorkspaceError):
            raise answer
        fetched[file.part_id] = str(answer.get("data") or "")
    return [_file(file, by_id[file.part_id], fetched.get(file.part_id)) for file in chosen]


def _file(file: Attachment, part: dict[str, Any], fetched: str | None) -> File:
    encoded = fetched if fetched is not None else str((part.get("body") or {}).get("data") or "")
    try:
        data = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_")
    except (binascii.Error, ValueError):
        raise NotFoundError("Gmail gave a damaged file", next_step="Leave it out", reason="part") from None
    kept = Headers.of(part).raw(_CONTENT_ID).strip().strip("<>")
    content_id = kept if file.inline and kept.isascii() and kept.isprintable() and not set(kept) & set('<> "\\') else ""
    name = file.name if "." in file.name or file.mime_type != "message/rfc822" else f"{file.name}.eml"
    return File(name, media_type(file.mime_type), data, content_id)


def _attachment_id(part: dict[str, Any]) -> str:
    return str((part.get("body") or {}).get("attachmentId") or "")
