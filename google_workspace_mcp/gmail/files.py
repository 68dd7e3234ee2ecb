"""Bytes of mail: attachments and whole messages, found by ids that stay the same.

Gmail's own id of an attachment is another one at every reading of the message. So a file is named by its message and
part, and the id is asked for when it is needed.
"""

import re
from collections.abc import AsyncGenerator
from typing import Any

from google_workspace_mcp.core.content.mime import Attachment, files, part_bytes
from google_workspace_mcp.core.errors import AmbiguousNameError, InternalError, NotFoundError
from google_workspace_mcp.core.files.base64_json import decoded
from google_workspace_mcp.core.files.content import Content, piece_of, slice_of
from google_workspace_mcp.core.files.links import Item
from google_workspace_mcp.core.google.ids import checked_id
from google_workspace_mcp.core.google.session import GoogleSession
from google_workspace_mcp.gmail.reading import FILE_FIELDS

PART = "gmail.part"
MESSAGE = "gmail.message"
MESSAGE_TYPE = "message/rfc822"
# Gmail takes messages of 70 MB; in base64 they are a third more.
_MOST_JSON_BYTES = 128 * 2**20

_PART_ID = re.compile(r"[0-9.]{0,60}")

JSON = dict[str, Any]


class PartSource:
    """Attachments, by message and part."""

    capability = "gmail.read"

    async def find(self, google: GoogleSession, where: tuple[str, ...]) -> Content:
        message_id, part_id = where
        request = google.gmail.messages.get(userId="me", id=message_id, format="full", fields="payload")
        payload: JSON = (await google.execute(request)).get("payload") or {}
        return part_content(google, message_id, *chosen(payload, part=part_id))


class MessageSource:
    """Messages as they were sent. How long one is turns out when it has been read."""

    capability = "gmail.read"

    async def find(self, google: GoogleSession, where: tuple[str, ...]) -> Content:
        (message_id,) = where

        def read(start: int, stop: int | None) -> AsyncGenerator[bytes]:
            request = google.gmail.messages.get(userId="me", id=message_id, format="raw", fields="raw")
            return slice_of(decoded(google.stream(request, max_bytes=_MOST_JSON_BYTES), "raw"), start, stop)

        return Content(message_name(message_id), MESSAGE_TYPE, None, read)


def part_item(message_id: str, part_id: str) -> Item:
    """What a link to an attachment leads to."""
    if not _PART_ID.fullmatch(part_id):
        raise InternalError("Gmail has numbered a part in a new way", reason="part_id")
    return Item(PART, (checked_id(message_id), part_id))


def message_name(message_id: str) -> str:
    """The name that a whole message is saved under."""
    return f"message-{message_id}.eml"


def message_item(message_id: str) -> Item:
    """What a link to a whole message leads to."""
    return Item(MESSAGE, (checked_id(message_id),))


async def file_of(google: GoogleSession, message_id: str, part: str | None, name: str) -> tuple[Attachment, JSON]:
    """The file of a message that these words mean. Raises NotFoundError, AmbiguousNameError."""
    request = google.gmail.messages.get(userId="me", id=checked_id(message_id), format="full", fields=FILE_FIELDS)
    return chosen((await google.execute(request)).get("payload") or {}, part=part, name=name)


def chosen(payload: JSON, *, part: str | None = None, name: str = "") -> tuple[Attachment, JSON]:
    """The file by its part's id, else by its name, else the only one that is no picture in the text.

    Raises NotFoundError, AmbiguousNameError.
    """
    found = files(payload)
    if part is not None:
        fitting = [file for file in found if file[0].part_id == part]
    elif name:
        wanted = name.strip().casefold()
        fitting = [file for file in found if file[0].name.casefold() == wanted]
    else:
        fitting = [file for file in found if not file[0].inline] or found
    if len(fitting) == 1:
        return fitting[0]
    parts = ", ".join(file.part_id for file, _ in fitting or found)
    if fitting:
        raise AmbiguousNameError(
            "Several files of that message fit", next_step=f"Name one by `part`, of {parts}", reason="attachment"
        )
    raise NotFoundError(
        "That message has no such file",
        next_step=f"Its files are the parts {parts}" if found else "It has no files; gmail_read shows its text",
        reason="attachment",
    )


def part_content(google: GoogleSession, message_id: str, file: Attachment, part: JSON) -> Content:
    """The file with a way to read it."""
    body: JSON = part.get("body") or {}
    attachment_id = str(body.get("attachmentId") or "")
    tag = f'"{message_id}-{file.part_id}"'  # a message never changes
    if not attachment_id:
        data = part_bytes(part)
        return Content(file.name, file.mime_type, len(data), lambda start, stop: piece_of(data, start, stop), tag)

    def read(start: int, stop: int | None) -> AsyncGenerator[bytes]:
        request = google.gmail.attachments.get(userId="me", messageId=message_id, id=attachment_id, fields="data")
        return slice_of(decoded(google.stream(request, max_bytes=_MOST_JSON_BYTES), "data"), start, stop)

    return Content(file.name, file.mime_type, file.size, read, tag)
