"""Messages in the four formats of `messages.get`."""

import base64
from collections.abc import Sequence

from google_workspace_mcp.sandbox.gmail.attachments import AttachmentIds
from google_workspace_mcp.sandbox.gmail.mailbox import Stored
from google_workspace_mcp.sandbox.gmail.mime import Part
from google_workspace_mcp.sandbox.service import JSON, bad_request

FORMATS = ("full", "metadata", "minimal", "raw")


def render(message: Stored, form: str, headers: Sequence[str], ids: AttachmentIds) -> JSON:
    """The message as the API answers it. `headers` narrows the metadata format to those names, if there are any."""
    shown = _minimal(message)
    match form.lower():
        case "minimal":
            return shown
        case "raw":
            return shown | {"raw": encoded(message.content.raw)}
        case "metadata":
            return shown | {"payload": _metadata(message.content.root, headers)}
        case "full" | "":
            return shown | {"payload": _full(message.content.root, message.id, ids)}
        case _:
            raise bad_request(f"Invalid format: {form}", location="format")


def label_ids(message: Stored) -> list[str]:
    """In an order that is the same every time."""
    return sorted(message.labels)


def encoded(data: bytes) -> str:
    """URL-safe base64 with padding, as Gmail sends it."""
    return base64.urlsafe_b64encode(data).decode()


def _minimal(message: Stored) -> JSON:
    shown: JSON = message.reference()
    if message.labels:  # Google leaves the field out for a message without labels
        shown["labelIds"] = label_ids(message)
    return shown | {
        "snippet": message.content.snippet,
        "sizeEstimate": message.content.size,
        "historyId": str(message.history_id),
        "internalDate": str(message.internal_date),
    }


def _metadata(root: Part, names: Sequence[str]) -> JSON:
    wanted = {name.lower() for name in names}
    headers = [pair for pair in root.headers if not wanted or pair[0].lower() in wanted]
    return {"mimeType": root.mime_type, "headers": _pairs(headers)}


def _full(part: Part, message_id: str, ids: AttachmentIds) -> JSON:
    shown: JSON = {
        "partId": part.part_id,
        "mimeType": part.mime_type,
        "filename": part.filename,
        "headers": _pairs(part.headers),
        "body": _body(part, message_id, ids),
    }
    if part.children:
        shown["parts"] = [_full(child, message_id, ids) for child in part.children]
    return shown


def _body(part: Part, message_id: str, ids: AttachmentIds) -> JSON:
    if part.is_separate:
        return {"attachmentId": ids.make(message_id, part.part_id), "size": len(part.content)}
    return {"size": len(part.body)} | ({"data": encoded(part.body)} if part.body else {})


def _pairs(headers: Sequence[tuple[str, str]]) -> list[JSON]:
    return [{"name": name, "value": value} for name, value in headers]
