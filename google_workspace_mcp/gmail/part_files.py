"""Files that go with a message: of a message that is in the mailbox already, and those that a caller has sent."""

import asyncio
import email
import email.policy
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from google_workspace_mcp.core.content.headers import Headers
from google_workspace_mcp.core.content.mime import JSON, Attachment, files
from google_workspace_mcp.core.errors import NotFoundError
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.gmail.attaching import AttachmentArgument
from google_workspace_mcp.gmail.compose.letter import MOST_BYTES, too_large
from google_workspace_mcp.gmail.compose.parts import OCTETS, File, media_type
from google_workspace_mcp.gmail.files import MESSAGE_TYPE, MessageSource, file_of, part_content


async def from_message(work: Workspace, argument: AttachmentArgument) -> File:
    """The file that an argument names by message and by part or name. Raises NotFoundError, AmbiguousNameError."""
    is_number = all(sign in "0123456789." for sign in argument.part)
    part, name = (argument.part, "") if argument.part and is_number else (None, argument.part)
    file, source = await file_of(work.google, argument.message, part, name)
    return await _fetched(work, argument.message, file, source)


async def from_upload(work: Workspace, argument: AttachmentArgument) -> File:
    """A file that the caller has sent. Raises NotFoundError, UserInputError when its bytes have not come."""
    upload = await work.uploads.open(argument.upload)
    if upload.size > MOST_BYTES:
        raise too_large()
    return File(upload.name, media_type(upload.media_type), await whole(upload.chunks()))


async def files_of(work: Workspace, message_id: str, payload: JSON) -> list[File]:
    """All files of a message, images in the text with their Content-ID. Raises the first failure, TooLargeError."""
    found = files(payload)
    if sum(file.size for file, _ in found) > MOST_BYTES:
        raise too_large()
    # One after another: each is held whole, and two of the largest at once would be too much for a small task.
    return [await _fetched(work, message_id, file, source) for file, source in found]


async def whole(chunks: AsyncGenerator[bytes]) -> bytes:
    """All bytes of a stream. Raises TooLargeError for more than mail carries."""
    data = bytearray()
    async with aclosing(chunks):
        async for chunk in chunks:
            data += chunk
            if len(data) > MOST_BYTES:
                raise too_large()
    return bytes(data)


async def _fetched(work: Workspace, message_id: str, file: Attachment, part: dict[str, Any]) -> File:
    if file.size > MOST_BYTES:
        raise too_large()
    if file.mime_type == MESSAGE_TYPE and not (part.get("body") or {}).get("attachmentId"):
        return await _inner_message(work, message_id, file)
    content = part_content(work.google, message_id, file, part)
    kept = Headers.of(part).raw("Content-ID").strip().strip("<>")
    usable = file.inline and kept.isascii() and kept.isprintable() and not set(kept) & set('<> "\\')
    data = await whole(content.read(0, None))
    name = _letter_name(content.name) if file.mime_type == MESSAGE_TYPE else content.name
    return File(name, media_type(content.media_type), data, kept if usable else "")


async def _inner_message(work: Workspace, message_id: str, file: Attachment) -> File:
    """A message inside of a message: Gmail takes it apart, so its bytes are found in those of the whole."""
    content = await MessageSource().find(work.google, (message_id,))
    raw = await whole(content.read(0, None))
    data = await asyncio.to_thread(_cut_out, raw, file.part_id)
    # As a type of its own it would be read as a part of the message that it goes with.
    return File(_letter_name(file.name), OCTETS, data)


def _letter_name(name: str) -> str:
    return name if name.lower().endswith(".eml") else f"{name}.eml"


def _cut_out(raw: bytes, part_id: str) -> bytes:
    """The message at that place of the tree; Gmail numbers the parts of each level from 0."""
    node: Any = email.message_from_bytes(raw, policy=email.policy.compat32)
    try:
        for number in part_id.split("."):
            node = node.get_payload()[int(number)]
        return node.get_payload()[0].as_bytes()
    except (ValueError, IndexError, TypeError, AttributeError):
        raise NotFoundError(
            "A message inside of that message cannot be taken out",
            next_step="Leave the files out, and give the person the original's link",
            reason="part",
        ) from None
