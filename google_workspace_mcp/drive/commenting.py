"""Comments that are written, answered, resolved and opened again, each once."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal

from google_workspace_mcp.core.errors import OutcomeUnknownError, UserInputError
from google_workspace_mcp.core.google.calls import JSON, CallKind
from google_workspace_mcp.core.google.ids import checked_id
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.drive.given import checked_file_id
from google_workspace_mcp.drive.once import made_once
from google_workspace_mcp.drive.plain import plain_text

type Action = Literal["", "resolve", "reopen"]
LONGEST: Final = 4000
_SAID: Final = "id,content,createdTime,author(me)"
# How far Google's clock may be from ours.
_SKEW: Final = timedelta(seconds=60)
_LATEST: Final = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be said: a comment, or with `comment_id` an answer to one, which may resolve it or open it again."""

    file_id: str
    text: str = ""
    comment_id: str = ""
    action: Action = ""


@dataclass(frozen=True, slots=True)
class Done:
    """The comment, and the reply if it is one; both empty in a dry run of a new comment."""

    comment_id: str
    reply_id: str = ""
    text: str = ""


async def say(work: Workspace, wanted: Wanted, *, dry_run: bool) -> Done:
    """A comment or a reply, written once. One round trip.

    Raises UserInputError for nothing to say, NotFoundError, GoogleRefusedError for who may not comment,
    OutcomeUnknownError when the answer is lost and Google will not say whether it is there.
    """
    file_id, text = checked_file_id(wanted.file_id), plain_text(wanted.text, "a comment", LONGEST)
    if not text and not (wanted.comment_id and wanted.action):
        raise UserInputError(
            "a comment needs text, and an action a comment_id",
            next_step="Give text, or comment_id with an action",
            reason="nothing",
        )
    if wanted.action and not wanted.comment_id:
        raise UserInputError(
            "a new comment cannot be resolved or reopened",
            next_step="Name an earlier one by comment_id",
            reason="action",
        )
    comment_id = checked_id(wanted.comment_id, "comment") if wanted.comment_id else ""
    if dry_run:
        return Done(comment_id, text=text)
    made = await _Saying(work, file_id, comment_id, text, wanted.action).once()
    return Done(comment_id or str(made["id"]), str(made["id"]) if comment_id else "", text)


@dataclass(frozen=True, slots=True)
class _Saying:
    work: Workspace
    file_id: str
    comment_id: str
    text: str
    action: str

    async def once(self) -> JSON:
        made = await made_once(self._write, self._written_since)
        if made is None:
            raise OutcomeUnknownError(
                "The comment was handed to Google and the answer was lost: it may or may not be there",
                next_step="Look with drive_list_comments before doing anything else",
                reason="lost",
            )
        return made.file

    async def _write(self) -> JSON:
        google = self.work.google
        body: dict[str, Any] = {"content": self.text} if self.text else {}
        if not self.comment_id:
            request = google.drive.comments.create(fileId=self.file_id, body=body, fields=_SAID)
        else:
            body |= {"action": self.action} if self.action else {}
            request = google.drive.replies.create(
                fileId=self.file_id, commentId=self.comment_id, body=body, fields=_SAID
            )
        return await google.execute(request, kind=CallKind.CREATE)

    async def _written_since(self) -> JSON | None:
        """What the account itself has written in these words just now; None when there is nothing."""
        said = await (self._replies() if self.comment_id else self._comments())
        since = (self.work.clock.now() - _SKEW).isoformat().replace("+00:00", "Z")
        return next(
            (
                each
                for each in said
                if each.get("author", {}).get("me")
                and str(each.get("content", "")) == self.text
                and str(each.get("action", "")) == self.action
                and str(each["createdTime"]) >= since
            ),
            None,
        )

    async def _comments(self) -> list[JSON]:
        request = self.work.google.drive.comments.list(
            fileId=self.file_id, pageSize=_LATEST, fields=f"comments({_SAID})"
        )
        return (await self.work.google.execute(request)).get("comments") or []

    async def _replies(self) -> list[JSON]:
        request = self.work.google.drive.comments.get(
            fileId=self.file_id, commentId=self.comment_id, fields=f"replies({_SAID},action)"
        )
        return (await self.work.google.execute(request)).get("replies") or []
