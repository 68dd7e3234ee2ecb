"""Comments on a file, with their replies and what they are about."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import Any, Self

from google_workspace_mcp.core.content.characters import clean, clean_line
from google_workspace_mcp.core.content.times import local_time
from google_workspace_mcp.core.errors import WorkspaceError
from google_workspace_mcp.core.tools.workspace import Workspace, Zone
from google_workspace_mcp.drive.beside import led_by, with_file
from google_workspace_mcp.drive.models import DriveFile

_SAID = "author(displayName,me),content,createdTime,modifiedTime"
_FIELDS = f"nextPageToken,comments(id,{_SAID},resolved,quotedFileContent(value),replies({_SAID},action))"
_LONGEST_NAME = 100
# As many as come along with a file's text; drive_list_comments has all.
_BESIDE = 50
_MOST_BESIDE = 10_000
_DONE = {"resolve": "resolved it", "reopen": "reopened it"}


@dataclass(frozen=True, slots=True)
class Said:
    """A comment's or a reply's author, time and words. `did` is what a reply did to its comment, in words."""

    author: str
    when: datetime
    words: str
    did: str = ""

    @classmethod
    def of(cls, said: dict[str, Any]) -> Self:
        """From a `Comment` or `Reply` of Drive v3."""
        author: dict[str, Any] = said.get("author") or {}
        name = clean_line(str(author.get("displayName", "")), _LONGEST_NAME) or "somebody"
        return cls(
            "me" if author.get("me") else name,
            datetime.fromisoformat(said["createdTime"]),
            clean(str(said.get("content", ""))),
            _DONE.get(str(said.get("action", "")), ""),
        )


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment with its replies in order. `quoted` is the text of the file that it is about."""

    id: str
    said: Said
    quoted: str
    resolved: bool
    replies: tuple[Said, ...]
    changed: datetime

    @classmethod
    def of(cls, comment: dict[str, Any]) -> Self:
        """From a `Comment` of Drive v3."""
        quoted: dict[str, Any] = comment.get("quotedFileContent") or {}
        return cls(
            id=str(comment["id"]),
            said=Said.of(comment),
            # Google hands the quotation over as HTML text, without markup.
            quoted=clean(unescape(str(quoted.get("value", "")))),
            resolved=bool(comment.get("resolved")),
            replies=tuple(Said.of(reply) for reply in comment.get("replies") or ()),
            changed=datetime.fromisoformat(comment["modifiedTime"]),
        )

    def words(self, zone: Zone) -> str:
        """All that was written, as a person would read it: the quotation, the comment, the replies."""
        return "\n".join(self._lines(zone))

    def _lines(self, zone: Zone) -> Iterator[str]:
        yield from (f"> {line}" for line in self.quoted.split("\n") if self.quoted)
        yield self.said.words
        for reply in self.replies:
            did = f" {reply.did}" if reply.did else ""
            head = f"{reply.author}, {local_time(reply.when, zone.info)}{did}"
            yield f"{head}: {reply.words}" if reply.words else head


@dataclass(frozen=True, slots=True)
class Comments:
    """A page of comments, what changed last first."""

    file: DriveFile
    comments: tuple[Comment, ...]
    next_page: str
    zone: Zone
    note: str


async def comments_of(work: Workspace, file_id: str, limit: int, page: str) -> Comments:
    """One round trip; a shortcut is followed for one more. Raises UserInputError, NotFoundError."""

    async def ask(wanted: str) -> dict[str, Any]:
        request = work.google.drive.comments.list(
            fileId=wanted, pageSize=limit, pageToken=page or None, fields=_FIELDS, includeDeleted=False
        )
        return await work.google.execute(request)

    file, answer, shortcut = await with_file(work, file_id, ask)
    return Comments(
        file=file,
        comments=tuple(Comment.of(comment) for comment in answer.get("comments") or ()),
        next_page=str(answer.get("nextPageToken", "")),
        zone=await work.zone(),
        note=led_by(shortcut),
    )


async def comments_beside(work: Workspace, file_id: str, zone: Zone, wanted: bool) -> str:
    """What was said about a file whose text is read, the latest first; empty when it is not wanted, or there is none.

    That Google does not tell is said, and nothing to fail for.
    """
    if not wanted:
        return ""
    request = work.google.drive.comments.list(fileId=file_id, pageSize=_BESIDE, fields=_FIELDS, includeDeleted=False)
    try:
        answer = await work.google.execute(request)
    except WorkspaceError:
        return "(Google does not tell the comments)"
    told = [Comment.of(comment) for comment in answer.get("comments") or ()]
    parts = [
        f"{comment.said.author}, {'resolved' if comment.resolved else 'open'}:\n{comment.words(zone)}"
        for comment in told
    ]
    text = "\n\n".join(parts)
    return f"{text[:_MOST_BESIDE]}…" if len(text) > _MOST_BESIDE else text


def unresolved(comments: Sequence[Comment]) -> tuple[Comment, ...]:
    """Those that wait for somebody."""
    return tuple(comment for comment in comments if not comment.resolved)
