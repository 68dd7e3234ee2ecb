"""New messages, answers and forwards put together: whom they go to, as whom, under which subject, with which text."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypedDict

from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.content.headers import Headers
from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.gmail.attaching import AttachmentArgument, Fetch, attached
from google_workspace_mcp.gmail.compose.addresses import Mailbox, mailboxes, received
from google_workspace_mcp.gmail.compose.answering import (
    answer_subject,
    checked_subject,
    forward_subject,
    recipients,
    thread_of,
)
from google_workspace_mcp.gmail.compose.body import Body, BodyFormat, body_of
from google_workspace_mcp.gmail.compose.letter import Draft
from google_workspace_mcp.gmail.compose.parts import File
from google_workspace_mcp.gmail.compose.quoting import forwarded, quoted
from google_workspace_mcp.gmail.identities import Identities, Identity, IdentityBook
from google_workspace_mcp.gmail.originals import Received, last_of, message
from google_workspace_mcp.gmail.part_files import files_of, from_message, from_upload


@dataclass(frozen=True, slots=True)
class Wanted:
    """A message as it was asked for. `signature` is Gmail's own, put below the text."""

    to: Sequence[str] = ()
    cc: Sequence[str] = ()
    bcc: Sequence[str] = ()
    subject: str = ""
    body: str = ""
    written_as: BodyFormat = "markdown"
    attachments: Sequence[AttachmentArgument] = ()
    send_as: str = ""
    signature: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """How an answer or a forward is to be made; one of `message_id` and `thread_id` is given."""

    message_id: str = ""
    thread_id: str = ""
    everyone: bool = False
    quote: bool = True
    files: bool = True


class Composer:
    """Makes drafts from what was asked for; writes nothing to Gmail."""

    def __init__(self, clock: Clock, sources: Mapping[str, Fetch]) -> None:
        """`sources` fetch attachments from elsewhere, by the argument's name."""
        self._identities = IdentityBook(clock)
        self._sources = {"message": from_message, "upload": from_upload, **sources}

    async def new(self, work: Workspace, wanted: Wanted) -> Draft:
        """A message that begins a thread."""
        subject, addressed = checked_subject(wanted.subject), _addressed(wanted)
        identities, files = await self._gathered(work, wanted)
        identity = identities.chosen(wanted.send_as)
        return replace(addressed, **_signed(identity, wanted, None), subject=subject, files=files).without_repetition()

    async def reply(self, work: Workspace, answer: Answer, wanted: Wanted) -> Draft:
        """An answer to a message: to whom it should go, in its thread, with the quote below.

        `wanted` adds recipients; a subject in it takes the place of the answered one and, as Gmail does it, begins a
        thread of its own.
        """
        subject, added = checked_subject(wanted.subject), _addressed(wanted)
        (identities, files), original, zone = await asyncio.gather(
            self._gathered(work, wanted), _original(work, answer), work.zone()
        )
        headers = original.envelope.headers
        identity = identities.chosen(wanted.send_as) if wanted.send_as else identities.addressed(_got_it(headers))
        found = recipients(headers, identities.keys, everyone=answer.everyone)
        below = quoted(original.told(zone)) if answer.quote else None
        return replace(
            added,
            **_signed(identity, wanted, below),
            to=(*found.to, *added.to),
            cc=(*found.cc, *added.cc),
            subject=subject or answer_subject(original.envelope.subject_or_none),
            files=files,
            thread=thread_of(headers),
            thread_id=original.envelope.thread_id,
        ).without_repetition()

    async def forward(self, work: Workspace, answer: Answer, wanted: Wanted) -> Draft:
        """A message passed on with its fields, its text and, unless it is not wanted, its files."""
        subject, addressed = checked_subject(wanted.subject), _addressed(wanted)
        (identities, files), original, zone = await asyncio.gather(
            self._gathered(work, wanted), _original(work, answer), work.zone()
        )
        identity = (
            identities.chosen(wanted.send_as)
            if wanted.send_as
            else identities.addressed(_got_it(original.envelope.headers))
        )
        passed_on = await files_of(work, original.envelope.id, original.payload) if answer.files else []
        return replace(
            addressed,
            **_signed(identity, wanted, forwarded(original.told(zone))),
            subject=subject or forward_subject(original.envelope.subject_or_none),
            files=(*files, *passed_on),
            thread=thread_of(original.envelope.headers),
            thread_id=original.envelope.thread_id,
        ).without_repetition()

    async def identities(self, work: Workspace) -> Identities:
        """Who the account can send as."""
        return await self._identities.of(work)

    async def files(self, work: Workspace, wanted: Sequence[AttachmentArgument]) -> tuple[File, ...]:
        """The attachments, all of them or a failure."""
        return await attached(work, wanted, self._sources)

    async def _gathered(self, work: Workspace, wanted: Wanted) -> tuple[Identities, tuple[File, ...]]:
        return await asyncio.gather(self._identities.of(work), self.files(work, wanted.attachments))


async def _original(work: Workspace, answer: Answer) -> Received:
    if bool(answer.message_id) == bool(answer.thread_id):
        raise UserInputError(
            "exactly one of message_id and thread_id is needed",
            next_step="Give the id of the message, or of its thread for the last message in it",
            reason="original",
        )
    return await (message(work, answer.message_id) if answer.message_id else last_of(work, answer.thread_id))


def _got_it(headers: Headers) -> list[Mailbox]:
    """Whoever the message was for, by its own fields and by those that say where it was delivered."""
    names = ("To", "Cc", "Delivered-To", "From")
    return [box for name in names for box in received(headers.whole(name))]


def _addressed(wanted: Wanted) -> Draft:
    """The recipients that were asked for. Raises UserInputError before anything is fetched."""
    return Draft(
        sender=Mailbox(""),
        subject="",
        body=Body(""),
        to=mailboxes(wanted.to, "to"),
        cc=mailboxes(wanted.cc, "cc"),
        bcc=mailboxes(wanted.bcc, "bcc"),
    )


class _Signed(TypedDict):
    sender: Mailbox
    reply_to: tuple[Mailbox, ...]
    body: Body


def _signed(identity: Identity, wanted: Wanted, below: Body | None) -> _Signed:
    """Sender and text: what was written, the signature, then what is quoted."""
    body = body_of(wanted.body, wanted.written_as)
    plain = not body.html and wanted.written_as == "text"
    signature = Body(f"-- \n{identity.signature.text}", f'<div class="gmail_signature">{identity.signature.html}</div>')
    below_it = [signature] if wanted.signature and identity.signature.text else []
    for part in [*below_it, *([below] if below else [])]:
        body = body + (Body(part.text) if plain else part)
    return _Signed(sender=identity.mailbox, reply_to=identity.reply_to, body=body)
