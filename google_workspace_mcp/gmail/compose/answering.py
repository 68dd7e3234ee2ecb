"""Whom an answer goes to, what it is called, and what it refers to."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from google_workspace_mcp.core.content.headers import Headers
from google_workspace_mcp.core.content.lines import one_line
from google_workspace_mcp.gmail.compose.addresses import Mailbox, received
from google_workspace_mcp.gmail.compose.fields import message_ids

LONGEST_SUBJECT: Final = 900
# Re and Fwd in the languages whose mail programs translate them.
_ANSWER: Final = re.compile(
    r"\s*(?:re|aw|antw|sv|vs|odp|ynt|res|r|回复|回覆|답장)\s*(?:\[\d+\])?\s*[:\uff1a]\s*", re.IGNORECASE
)
_FORWARD: Final = re.compile(r"\s*(?:fwd?|wg|tr|rv|enc|vl|vb|i|转发|轉寄|전달)\s*[:\uff1a]\s*", re.IGNORECASE)
_LIST_POST: Final = re.compile(r"<mailto:([^>?\s]{3,254})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Recipients:
    """Of an answer."""

    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...] = ()


@dataclass(frozen=True, slots=True)
class Thread:
    """What makes mail programs put an answer below what it answers."""

    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()


def recipients(headers: Headers, own: Collection[str], *, everyone: bool) -> Recipients:
    """Whom an answer goes to. `own` are the account's own addresses, each as `Mailbox.key`; none of them is in it.

    Reply-To before From; an answer to mail of one's own goes to whom that went. With `everyone`, the others who got it
    and the mailing list it came by are in Cc, unless they are addressed already.
    """
    senders = received(headers.whole("Reply-To")) or received(headers.whole("From"))
    written_to, copied = received(headers.whole("To")), received(headers.whole("Cc"))
    others = [box for box in senders if box.key not in own]
    if others:
        to, cc = others, [*written_to, *copied] if everyone else []
    else:
        # Mail of one's own, or a note to oneself.
        to, cc = [box for box in written_to if box.key not in own], copied if everyone else []
    to = to or senders
    if everyone:
        cc += [
            Mailbox(box.address) for found in _LIST_POST.findall(headers.raw("List-Post")) for box in received(found)
        ]
    addressed = {box.key for box in to} | set(own)
    kept: dict[str, Mailbox] = {}
    for box in cc:
        if box.key not in addressed:
            kept.setdefault(box.key, box)
    return Recipients(tuple(to), tuple(kept.values()))


def thread_of(headers: Headers) -> Thread:
    """What an answer refers to (RFC 5322, 3.6.4). Nothing for mail without a Message-ID."""
    own = tuple(message_ids(headers.raw("Message-ID"))[:1])
    before = message_ids(headers.whole("References"))
    if not before:
        answered = message_ids(headers.raw("In-Reply-To"))
        before = answered if len(answered) == 1 else []
    return Thread(own, tuple(dict.fromkeys([*before, *own]))) if own else Thread()


def answer_subject(subject: str) -> str:
    """`Re: ` once, whatever language the last program said it in."""
    return f"Re: {_without(_ANSWER, subject)}".rstrip()


def forward_subject(subject: str) -> str:
    """`Fwd: ` once."""
    return f"Fwd: {_without(_FORWARD, subject)}".rstrip()


def checked_subject(subject: str) -> str:
    """The subject. Raises UserInputError for line breaks and for too long ones."""
    return one_line(subject.strip(" "), "subject", LONGEST_SUBJECT)


def _without(prefix: re.Pattern[str], subject: str) -> str:
    rest = subject[:LONGEST_SUBJECT]
    while found := prefix.match(rest):
        rest = rest[found.end() :]
    return rest.strip()
