"""The methods that take a message to write or send: messages.send and the drafts."""

import base64
import binascii
from typing import Any

from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.sandbox.gmail.content import Content
from google_workspace_mcp.sandbox.gmail.mailbox import Mailbox, Stored
from google_workspace_mcp.sandbox.gmail.sending import Post, addressed
from google_workspace_mcp.sandbox.gmail.writes import brief
from google_workspace_mcp.sandbox.service import JSON, Call, Reply, bad_request


class Outgoing:
    """Writes into one mailbox, given with each call, and hands to the post."""

    def __init__(self, clock: Clock, post: Post) -> None:
        self._clock = clock
        self._post = post

    def send(self, mailbox: Mailbox, call: Call) -> JSON:
        body = call.body or {}
        return brief(self._post.send(mailbox, _raw(call, body), str(body.get("threadId", ""))))

    def create_draft(self, mailbox: Mailbox, call: Call) -> JSON:
        stored = self._file_draft(mailbox, call)
        return {"id": mailbox.draft_id(stored), "message": brief(stored)}

    def update_draft(self, mailbox: Mailbox, call: Call) -> JSON:
        """The draft keeps its id; its message is another one with another id."""
        draft_id = str(call.params["id"])
        former = mailbox.draft(draft_id)
        stored = self._file_draft(mailbox, call, thread_id=former.thread_id)
        del mailbox.drafts[mailbox.draft_id(stored)]
        mailbox.remove(former)
        mailbox.drafts[draft_id] = stored.id
        return {"id": draft_id, "message": brief(stored)}

    def delete_draft(self, mailbox: Mailbox, call: Call) -> Reply:
        """For good, past the trash."""
        mailbox.remove(mailbox.draft(call.params["id"]))
        return Reply()

    def send_draft(self, mailbox: Mailbox, call: Call) -> JSON:
        """The draft is gone afterwards and the sent message has an id of its own. A draft that cannot go out stays."""
        body = call.body or {}
        draft_id = str(body.get("id", ""))
        if not draft_id:
            raise bad_request("Missing draft id")
        draft = mailbox.draft(draft_id)
        replaced: dict[str, Any] = body.get("message") or {}
        raw = _raw(call, replaced) if replaced.get("raw") or call.media else draft.content.raw
        addressed(raw)
        own_thread = len(mailbox.thread(draft.thread_id)) == 1
        sent = self._post.send(mailbox, raw, "" if own_thread else draft.thread_id)
        mailbox.remove(draft)
        return brief(sent)

    def _file_draft(self, mailbox: Mailbox, call: Call, thread_id: str = "") -> Stored:
        message: dict[str, Any] = (call.body or {}).get("message") or {}
        content = Content(_raw(call, message))
        asked = str(message.get("threadId", "")) or thread_id
        if asked:
            mailbox.thread(asked)
        return mailbox.add(content, ["DRAFT"], self._clock.now(), thread_id=asked, fresh_thread=not asked)


def _raw(call: Call, message: dict[str, Any]) -> bytes:
    """The message from an upload or from `raw`, which Google takes in either base64 alphabet, padded or not."""
    if call.media is not None:
        return call.media.data
    text = str(message.get("raw") or "")
    if not text:
        raise bad_request("'raw' RFC822 payload message string or uploading message via /upload/* URL required")
    plain = text.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise bad_request("Invalid value for ByteString: raw", location="message.raw") from None
