"""Sending: what Gmail does to a message on its way out, and what arrives in the other sample mailboxes."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.header import Header
from email.utils import format_datetime, formataddr, getaddresses

from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.sandbox.gmail.content import Content
from google_workspace_mcp.sandbox.gmail.headers import Field, join, new_field, split
from google_workspace_mcp.sandbox.gmail.mailbox import Mailbox, Stored
from google_workspace_mcp.sandbox.service import GoogleError, Person, bad_request

# The discovery document's maxSize of messages.send and of drafts: files of 25 MB, encoded.
MAX_BYTES = 36_700_160
MAX_RECIPIENTS = 500
_RECIPIENT_FIELDS = ("to", "cc", "bcc")


@dataclass(frozen=True, slots=True)
class Sent:
    """What left one mailbox, as its recipients get it: without Bcc, with the envelope beside it."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes


class Post:
    """Carries messages from one mailbox into others; `sent` keeps everything that was ever sent, outside mail too."""

    def __init__(self, clock: Clock, mailboxes: Mapping[str, Mailbox]) -> None:
        self._clock = clock
        self._mailboxes = mailboxes
        self.sent: list[Sent] = []

    def send(self, mailbox: Mailbox, raw: bytes, thread_id: str) -> Stored:
        """Sends, files the sender's copy under SENT and delivers to everybody who has a mailbox here.

        The reply joins `thread_id` when it also refers to a message in it and keeps the subject; otherwise it starts a
        thread of its own, as Google documents. 400 without a usable recipient, 404 for an unknown thread.
        """
        if len(raw) > MAX_BYTES:
            raise GoogleError(413, "uploadTooLarge", "Request entity too large")
        recipients = addressed(raw)
        if thread_id:
            mailbox.thread(thread_id)
        now = self._clock.now()
        outgoing = self._rewritten(mailbox, raw)
        content = Content(outgoing)
        joined = thread_id if thread_id and mailbox.joins(content, thread_id) else ""
        own = mailbox.person.email.lower()
        labels = ["SENT", "INBOX", "UNREAD"] if own in recipients else ["SENT"]
        stored = mailbox.add(content, labels, now, thread_id=joined, fresh_thread=not joined)
        self._deliver(mailbox.person, recipients, outgoing)
        return stored

    def _deliver(self, sender: Person, recipients: Iterable[str], raw: bytes) -> None:
        fields, rest = split(raw)
        visible = [field for field in fields if field.name.lower() != "bcc"]
        self.sent.append(Sent(sender.email, tuple(recipients), join(visible, rest)))
        for recipient in recipients:
            mailbox = self._mailboxes.get(recipient)
            if mailbox is not None and recipient != sender.email.lower():
                arrived = join([*arrival_fields(sender.email, recipient, self._clock), *visible], rest)
                mailbox.add(Content(arrived), ["INBOX", "UNREAD"], self._clock.now())

    def _rewritten(self, mailbox: Mailbox, raw: bytes) -> bytes:
        """From an own address, a Date, and always a new Message-ID: the client's own is no key to find the mail by."""
        person = mailbox.person
        fields, rest = split(raw)
        seed = f"{person.email}/{len(self.sent)}".encode() + raw
        message_id = f"<CA{hashlib.sha256(seed).hexdigest()[:48]}@mail.gmail.example>"
        kept = [field for field in fields if field.name.lower() not in ("message-id", "return-path")]
        if not _is_from(kept, mailbox):
            kept = [field for field in kept if field.name.lower() != "from"]
            kept.insert(0, new_field("From", formataddr((_encoded_name(person.name), person.email))))
        names = {field.name.lower() for field in kept}
        if "date" not in names:
            kept.append(new_field("Date", format_datetime(self._clock.now())))
        if "mime-version" not in names:
            kept.insert(0, new_field("MIME-Version", "1.0"))
        return join([*kept, new_field("Message-ID", message_id)], rest)


def addressed(raw: bytes) -> tuple[str, ...]:
    """All recipients, lower case, each once. 400 as Gmail words it for none, for a malformed one, for more than 500."""
    found: dict[str, None] = {}
    for field in split(raw)[0]:
        if field.name.lower() in _RECIPIENT_FIELDS:
            for _, address in getaddresses([field.written], strict=False):
                if not address:  # nothing at all, or a group without members
                    continue
                local, _, domain = address.rpartition("@")
                if not local or not domain or any(letter.isspace() for letter in address):
                    raise bad_request(f"Invalid {field.name.title()} header")
                found[address.lower()] = None
    if not found:
        raise bad_request("Recipient address required")
    if len(found) > MAX_RECIPIENTS:
        raise bad_request("Too many recipients")
    return tuple(found)


def arrival_fields(sender: str, recipient: str, clock: Clock) -> list[Field]:
    """What Google's servers write on top of a message that they accepted from a sender they know."""
    domain = sender.rpartition("@")[2]
    date = format_datetime(clock.now())
    verdict = f"mx.google.com; dkim=pass header.i=@{domain} header.s=20230601; spf=pass smtp.mailfrom={sender};"
    return [
        new_field("Delivered-To", recipient),
        new_field("Received", f"by 2002:a05:6000:1e04 with SMTP id bj4; {date}"),
        new_field("Return-Path", f"<{sender}>"),
        new_field("Received", f"from mail.{domain} ([192.0.2.25]) by mx.google.com with ESMTPS id k7si3; {date}"),
        new_field("Authentication-Results", f"{verdict} dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from={domain}"),
    ]


def _is_from(fields: list[Field], mailbox: Mailbox) -> bool:
    confirmed = [one for one in mailbox.aliases if one.get("verificationStatus") == "accepted"]
    own = {mailbox.person.email.lower(), *(str(one["sendAsEmail"]).lower() for one in confirmed)}
    values = [field.written for field in fields if field.name.lower() == "from"]
    return len(values) == 1 and {one.lower() for _, one in getaddresses(values, strict=False)} <= own


def _encoded_name(name: str) -> str:
    return name if name.isascii() else Header(name, "utf-8").encode()
