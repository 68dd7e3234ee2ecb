"""A message to be written: everything that was decided about it, and its bytes."""

from dataclasses import dataclass, replace
from typing import Final

from google_workspace_mcp.core.errors import TooLargeError
from google_workspace_mcp.gmail.compose.addresses import Mailbox, not_too_many
from google_workspace_mcp.gmail.compose.answering import Thread
from google_workspace_mcp.gmail.compose.body import Body
from google_workspace_mcp.gmail.compose.fields import address_field, ids_field, text_field
from google_workspace_mcp.gmail.compose.parts import File, Message, message

# What Gmail lets a person attach, and what its API takes in all: the discovery document's maxSize.
MOST_BYTES: Final = 25 * 2**20
_MOST_RAW: Final = 36_700_160
_ALONE: Final = Thread()


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that has not been sent. `thread_id` is Gmail's, `thread` what other programs go by."""

    sender: Mailbox
    subject: str
    body: Body
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    bcc: tuple[Mailbox, ...] = ()
    reply_to: tuple[Mailbox, ...] = ()
    files: tuple[File, ...] = ()
    thread: Thread = _ALONE
    thread_id: str = ""

    @property
    def recipients(self) -> tuple[str, ...]:
        """Bare addresses of everybody who gets it."""
        return tuple(box.address for box in (*self.to, *self.cc, *self.bcc))

    def without_repetition(self) -> "Draft":
        """Everybody once: who is in To is not in Cc, who is in either not in Bcc."""
        seen: set[str] = set()
        fields: list[tuple[Mailbox, ...]] = []
        for boxes in (self.to, self.cc, self.bcc):
            fields.append(tuple(box for box in boxes if box.key not in seen))
            seen |= {box.key for box in boxes}
        return replace(self, to=fields[0], cc=fields[1], bcc=fields[2])

    def written(self, mark: str) -> Message:
        """The bytes. `mark` is a random word, part of its Message-ID and of its boundaries.

        Raises UserInputError for too many recipients, TooLargeError for more than Gmail carries.
        """
        not_too_many([self.to, self.cc, self.bcc])
        fields = "".join(
            (
                address_field("From", [self.sender]),
                address_field("To", self.to),
                address_field("Cc", self.cc),
                address_field("Bcc", self.bcc),
                address_field("Reply-To", self.reply_to),
                text_field("Subject", self.subject),
                ids_field("Message-ID", [self.message_id(mark)]),
                ids_field("In-Reply-To", self.thread.in_reply_to),
                ids_field("References", self.thread.references),
            )
        )
        made = message(fields, self.body, self.files, f"=_{mark}")
        if made.size > _MOST_RAW or sum(len(file.data) for file in self.files) > MOST_BYTES:
            raise too_large()
        return made

    def message_id(self, mark: str) -> str:
        """By which a draft is found again; Gmail puts its own in the place when it sends."""
        return f"<{mark}@{self.sender.address.rpartition('@')[2]}>"


def too_large() -> TooLargeError:
    """The failure for files that mail does not carry."""
    return TooLargeError(
        f"Gmail carries at most {MOST_BYTES // 2**20} MB of files in a message",
        next_step="Put the large file into Drive with drive_create_file, share it, and send its link in the text",
        reason="message_size",
    )
