"""From Gmail's JSON to messages: the one place that knows the shape of Google's answers."""

import html
from typing import Any

from google_workspace_mcp.core.content.characters import clean_line
from google_workspace_mcp.core.content.headers import Headers
from google_workspace_mcp.core.content.mime import attachments, parts, readable
from google_workspace_mcp.core.content.quotes import fold_quotes
from google_workspace_mcp.core.content.times import from_epoch_ms
from google_workspace_mcp.core.content.verdict import sender_verdict
from google_workspace_mcp.gmail.models import Conversation, Envelope, Letter

_PART = "partId,mimeType,filename,headers,body(size,attachmentId)"
# Parts are told four levels deep: deeper ones are inside of attached messages.
_PARTS = f"parts({_PART},parts({_PART},parts({_PART},parts({_PART}))))"
ROW_FIELDS = f"id,threadId,labelIds,snippet,internalDate,payload({_PART},{_PARTS})"
THREAD_FIELDS = f"id,messages(id,threadId,labelIds,snippet,internalDate,payload({_PART},{_PARTS}))"
FILE_FIELDS = f"payload({_PART},{_PARTS})"
BODY_FIELDS = "id,threadId,labelIds,snippet,internalDate,payload"
_FORWARDS = ("fw:", "fwd:", "wg:", "tr:", "rv:", "i:", "enc:", "vs:", "转发:", "転送:")


def envelope(message: dict[str, Any]) -> Envelope:
    """A message as lists show it."""
    payload = message.get("payload") or {}
    return Envelope(
        id=str(message["id"]),
        thread_id=str(message.get("threadId") or ""),
        label_ids=tuple(message.get("labelIds") or ()),
        arrived=from_epoch_ms(str(message.get("internalDate") or "0")),
        headers=Headers.of(payload),
        snippet=clean_line(html.unescape(str(message.get("snippet") or ""))),
        attachments=tuple(attachments(payload)),
    )


def letter(message: dict[str, Any], *, quoted: bool, full: bool) -> Letter:
    """A message with its text. `full` keeps signatures and whole link targets, `quoted` the quoted history."""
    found = envelope(message)
    reading = readable(message.get("payload") or {}, full_links=full)
    text, quotes, signature = reading.text, 0, 0
    if not (quoted or full):
        folded = fold_quotes(text, forward=found.subject.lower().startswith(_FORWARDS))
        text, quotes, signature = folded.text, folded.quoted_lines, folded.signature_lines
    return Letter(
        envelope=found,
        verdict=sender_verdict(found.headers.fields),
        body=text,
        quoted_lines=quotes,
        signature_lines=signature,
        hidden_chars=reading.hidden_chars,
        complete=reading.complete,
        hidden=reading.hidden,
    )


def text_size(answer: dict[str, Any]) -> int:
    """How many bytes of content came with a message or thread: those of its text, since files stay with Google."""
    messages: list[dict[str, Any]] = answer.get("messages") or [answer]
    contents = [
        (part.get("body") or {}).get("data") or "" for each in messages for part in parts(each.get("payload") or {})
    ]
    return sum(len(content) for content in contents) * 3 // 4


def conversation(thread: dict[str, Any]) -> Conversation:
    """A thread without its texts."""
    return Conversation(str(thread["id"]), tuple(envelope(message) for message in thread.get("messages") or []))
