"""The simulated Gmail: mailboxes of the sample people and the API methods on them."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.sandbox.gmail import writes
from google_workspace_mcp.sandbox.gmail.attachments import AttachmentIds
from google_workspace_mcp.sandbox.gmail.content import Content
from google_workspace_mcp.sandbox.gmail.mailbox import Mailbox
from google_workspace_mcp.sandbox.gmail.outgoing import Outgoing
from google_workspace_mcp.sandbox.gmail.reads import Reads
from google_workspace_mcp.sandbox.gmail.sending import Post, Sent
from google_workspace_mcp.sandbox.gmail.settings import SettingsBook
from google_workspace_mcp.sandbox.service import JSON, Call, GoogleError, Handler, Person, Reply

type MailboxHandler = Callable[[Mailbox, Call], JSON | Reply]

_USERS = "gmail.users"


class GmailService:
    """Gmail for a few people. Methods that are not in `handlers` are not simulated."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._mailboxes: dict[str, Mailbox] = {}
        self._reads = Reads(clock, AttachmentIds())
        self._post = Post(clock, self._mailboxes)
        self._outgoing = Outgoing(clock, self._post)
        self.settings = SettingsBook()

    def add_person(self, person: Person) -> None:
        """Gives somebody an empty mailbox; one that is there already stays as it is."""
        self._mailboxes.setdefault(person.email.lower(), Mailbox(person))

    def deliver(
        self,
        person_email: str,
        raw: bytes,
        *,
        labels: Iterable[str] = ("INBOX", "UNREAD"),
        date: datetime | None = None,
        thread_key: str = "",
    ) -> str:
        """Puts a message into a mailbox and returns its id.

        `labels` are ids of system labels or names of the person's own, made when new; DRAFT makes it a draft.
        The internal date is `date`, else the message's Date field, else now. Messages with one `thread_key` share a
        thread whatever their fields say. KeyError for somebody without a mailbox.
        """
        mailbox = self.mailbox(person_email)
        content = Content(raw)
        moment = date or content.date or self._clock.now()
        return mailbox.add(content, labels, moment, thread_key=thread_key).id

    def mailbox(self, person_email: str) -> Mailbox:
        """What lies behind the API, for tests and samples."""
        return self._mailboxes[person_email.lower()]

    @property
    def sent(self) -> list[Sent]:
        """Everything that was sent by anybody, oldest first."""
        return self._post.sent

    def handlers(self) -> Mapping[str, Handler]:
        """Handlers by discovery method id."""
        methods = {**self._reading(), **self._writing(), **self._sending(), **self.settings.handlers()}
        return {f"{_USERS}.{name}": self._in_mailbox(method) for name, method in methods.items()}

    def _reading(self) -> dict[str, MailboxHandler]:
        reads = self._reads
        return {
            "getProfile": reads.profile,
            "messages.list": reads.list_messages,
            "messages.get": reads.get_message,
            "messages.attachments.get": reads.get_attachment,
            "threads.list": reads.list_threads,
            "threads.get": reads.get_thread,
            "labels.list": reads.list_labels,
            "labels.get": reads.get_label,
            "drafts.list": reads.list_drafts,
            "drafts.get": reads.get_draft,
            "history.list": reads.list_history,
            "settings.sendAs.list": reads.list_send_as,
            "settings.sendAs.get": reads.get_send_as,
        }

    def _writing(self) -> dict[str, MailboxHandler]:
        return {
            "messages.modify": writes.modify_message,
            "messages.batchModify": writes.batch_modify,
            "messages.trash": writes.trash_message,
            "messages.untrash": writes.untrash_message,
            "messages.delete": writes.delete_message,
            "threads.modify": writes.modify_thread,
            "threads.trash": writes.trash_thread,
            "threads.untrash": writes.untrash_thread,
            "labels.create": writes.create_label,
            "labels.update": writes.update_label,
            "labels.patch": writes.update_label,
            "labels.delete": writes.delete_label,
        }

    def _sending(self) -> dict[str, MailboxHandler]:
        outgoing = self._outgoing
        return {
            "messages.send": outgoing.send,
            "drafts.create": outgoing.create_draft,
            "drafts.update": outgoing.update_draft,
            "drafts.delete": outgoing.delete_draft,
            "drafts.send": outgoing.send_draft,
        }

    def _in_mailbox(self, method: MailboxHandler) -> Handler:
        def handle(call: Call) -> JSON | Reply:
            own = call.person.email.lower()
            user = str(call.params.get("userId") or "me").lower()
            if user not in ("me", own):
                raise GoogleError(403, "forbidden", f"Delegation denied for {call.person.email}")
            if own not in self._mailboxes:
                raise GoogleError(400, "failedPrecondition", "Mail service not enabled")
            return method(self._mailboxes[own], call)

        return handle
