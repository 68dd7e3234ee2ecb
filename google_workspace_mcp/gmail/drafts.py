"""Drafts that are there already: read, changed in what is given, kept in all the rest."""

import base64
import binascii
import email
import email.policy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from email.message import Message as Parsed
from typing import Any, Literal

from google_workspace_mcp.core.content.headers import decoded
from google_workspace_mcp.core.errors import GoogleUnavailableError
from google_workspace_mcp.core.google.ids import checked_id
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.gmail.compose.addresses import Mailbox, mailboxes, received
from google_workspace_mcp.gmail.compose.answering import Thread, checked_subject
from google_workspace_mcp.gmail.compose.body import Body, body_of
from google_workspace_mcp.gmail.compose.fields import message_ids
from google_workspace_mcp.gmail.compose.letter import Draft
from google_workspace_mcp.gmail.compose.parts import File, media_type
from google_workspace_mcp.gmail.composing import Composer, Wanted

Clearable = Literal["to", "cc", "bcc", "attachments"]


@dataclass(frozen=True, slots=True)
class Kept:
    """A draft as it is in Gmail."""

    id: str
    draft: Draft


async def read_draft(work: Workspace, draft_id: str) -> Kept:
    """The draft with everything that belongs to it."""
    drafts = work.google.gmail.drafts
    request = drafts.get(
        userId="me", id=checked_id(draft_id, "draft"), format="raw", fields="id,message(id,threadId,raw)"
    )
    answer = await work.google.execute(request)
    message: dict[str, Any] = answer.get("message") or {}
    raw = str(message.get("raw") or "")
    try:
        data = base64.b64decode(raw + "=" * (-len(raw) % 4), altchars=b"-_")
    except (binascii.Error, ValueError):
        raise GoogleUnavailableError("Gmail gave a damaged draft", reason="garbled_answer") from None
    return Kept(str(answer["id"]), parsed(data, work.address, str(message.get("threadId") or "")))


def parsed(raw: bytes, own: str, thread_id: str) -> Draft:
    """A message as it could be written again. `own` is the sender where the message names none."""
    # compat32: the newer policies raise on a tenth of real messages.
    message = email.message_from_bytes(raw, policy=email.policy.compat32)
    texts: dict[str, str] = {}
    files: list[File] = []
    for part in _leaves(message):
        kind = part.get_content_type()
        if kind in ("text/plain", "text/html") and kind not in texts and not _name(part):
            texts[kind] = _text(part)
        else:
            files.append(_file(part))
    return Draft(
        sender=next(iter(received(_raw(message, "From"))), Mailbox(own)),
        subject=" ".join(decoded(_raw(message, "Subject")).split()),
        body=Body(texts.get("text/plain", ""), texts.get("text/html", "")),
        to=tuple(received(_raw(message, "To"))),
        cc=tuple(received(_raw(message, "Cc"))),
        bcc=tuple(received(_raw(message, "Bcc"))),
        reply_to=tuple(received(_raw(message, "Reply-To"))),
        files=tuple(files),
        thread=Thread(
            tuple(message_ids(_raw(message, "In-Reply-To"))), tuple(message_ids(_raw(message, "References")))
        ),
        thread_id=thread_id,
    )


async def changed(
    composer: Composer, work: Workspace, kept: Draft, wanted: Wanted, clear: Sequence[Clearable]
) -> Draft:
    """The draft with what is given in the place of what was there; attachments are added. `clear` empties fields.

    A new text takes the place of the whole text, quote and signature too.
    """
    identities = await composer.identities(work)
    added = await composer.files(work, wanted.attachments)
    sender = kept.sender
    if wanted.send_as:
        sender = identities.chosen(wanted.send_as).mailbox
    new = replace(
        kept,
        sender=sender,
        to=_field(wanted.to, kept.to, "to", clear),
        cc=_field(wanted.cc, kept.cc, "cc", clear),
        bcc=_field(wanted.bcc, kept.bcc, "bcc", clear),
        subject=checked_subject(wanted.subject) or kept.subject,
        body=body_of(wanted.body, wanted.written_as) if wanted.body else kept.body,
        files=(*(() if "attachments" in clear else kept.files), *added),
    )
    return new.without_repetition()


def _field(
    given: Sequence[str], before: tuple[Mailbox, ...], name: Clearable, clear: Sequence[Clearable]
) -> tuple[Mailbox, ...]:
    if given:
        return mailboxes(given, name)
    return () if name in clear else before


def _leaves(message: Parsed) -> Iterator[Parsed]:
    """The parts that are no containers; a message inside of it is one file."""
    if message.get_content_maintype() == "multipart" and message.is_multipart():
        for part in message.get_payload():
            if isinstance(part, Parsed):
                yield from _leaves(part)
    else:
        yield message


def _file(part: Parsed) -> File:
    content = part.get_payload(decode=True)
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        content = inner[0].as_bytes() if isinstance(inner, list) and isinstance(inner[0], Parsed) else b""
    data = content if isinstance(content, bytes) else b""
    content_id = _raw(part, "Content-ID").strip().strip("<>")
    return File(_name(part) or "attachment", media_type(part.get_content_type()), data, content_id)


def _text(part: Parsed) -> str:
    content = part.get_payload(decode=True)
    data = content if isinstance(content, bytes) else b""
    try:
        text = data.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        text = data.decode("utf-8", "replace")
    return text.replace("\r\n", "\n").rstrip("\n")


def _name(part: Parsed) -> str:
    return " ".join(decoded(str(part.get_filename() or "")).split())


def _raw(message: Parsed, name: str) -> str:
    return str(message.get(name) or "").replace("\r", "").replace("\n", "")
