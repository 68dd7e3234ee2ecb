"""Comments on files, and the replies that carry on, resolve or reopen them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape

from google_workspace_mcp.sandbox.drive import resources
from google_workspace_mcp.sandbox.drive.errors import (
    comment_not_found,
    fields_required,
    invalid_value,
    may_not,
    reply_not_found,
)
from google_workspace_mcp.sandbox.drive.paging import next_page, waiting
from google_workspace_mcp.sandbox.drive.store import DriveStore, Item, rank
from google_workspace_mcp.sandbox.service import JSON, Call, GoogleError, Reply

_ACTIONS = frozenset({"resolve", "reopen"})


@dataclass(slots=True)
class Said:
    """A reply, and what a comment has in common with one. `author` is an address."""

    id: str
    author: str
    content: str
    created: datetime
    modified: datetime
    action: str = ""
    deleted: bool = False


@dataclass(slots=True)
class Comment(Said):
    """A comment. `quoted` is the text of the file that it is about."""

    quoted: str = ""
    anchor: str = ""
    replies: list[Said] = field(default_factory=list[Said])

    @property
    def resolved(self) -> bool:
        """Whether the last reply that did something to it has resolved it."""
        actions = [reply.action for reply in self.replies if reply.action and not reply.deleted]
        return bool(actions) and actions[-1] == "resolve"


class Comments:
    """Answers `drive.comments.*` and `drive.replies.*`. They have no `supportsAllDrives` and reach every drive."""

    def __init__(self, store: DriveStore) -> None:
        self._store = store
        self._of: dict[str, dict[str, Comment]] = {}

    def add(self, file_id: str, email: str, content: str, *, quoted: str = "", when: datetime | None = None) -> str:
        """A comment that is there already; returns its id."""
        now = when or self._store.clock.now()
        comment = Comment(self._store.new_id("AAAB", 11), email, content, now, now, quoted=quoted)
        self._of.setdefault(file_id, {})[comment.id] = comment
        return comment.id

    def answer(
        self, file_id: str, comment_id: str, email: str, content: str, *, action: str = "", when: datetime | None = None
    ) -> str:
        """A reply that is there already; returns its id."""
        now = when or self._store.clock.now()
        comment = self._of[file_id][comment_id]
        reply = Said(self._store.new_id("AAAB", 11), email, content, now, now, action)
        comment.replies.append(reply)
        comment.modified = now
        return reply.id

    # -- comments

    def list_comments(self, call: Call) -> JSON:
        """`drive.comments.list`, what changed last first."""
        item, deleted = self._item(call), bool(call.params.get("includeDeleted"))
        ids = waiting(self._store, call)
        held = self._of.get(item.id, {})
        if ids is None:
            since = _moment(str(call.params.get("startModifiedTime") or ""))
            shown = [c for c in held.values() if (deleted or not c.deleted) and (since is None or c.modified >= since)]
            ids = [comment.id for comment in sorted(shown, key=lambda comment: comment.modified, reverse=True)]
        size = int(call.params["pageSize"])
        comments = [self._shown(held[comment_id], call) for comment_id in ids[:size] if comment_id in held]
        return {"kind": "drive#commentList", "comments": comments} | next_page(self._store, call, ids, size)

    def get(self, call: Call) -> JSON:
        """`drive.comments.get`."""
        return self._shown(self._comment(call), call)

    def create(self, call: Call) -> JSON:
        """`drive.comments.create`, by who may comment on the file."""
        item = self._open(call)
        body = call.body or {}
        quoted: JSON = body.get("quotedFileContent") or {}
        comment_id = self.add(item.id, call.person.email, _content(body), quoted=str(quoted.get("value") or ""))
        comment = self._of[item.id][comment_id]
        comment.anchor = str(body.get("anchor") or "")
        return self._shown(comment, call)

    def update(self, call: Call) -> JSON:
        """`drive.comments.update`: other words, by the author."""
        comment = self._comment(call, of_author=True)
        comment.content, comment.modified = _content(call.body or {}), self._store.clock.now()
        return self._shown(comment, call)

    def delete(self, call: Call) -> Reply:
        """`drive.comments.delete`, by the author. It is still listed as deleted, without its words."""
        comment = self._comment(call, of_author=True)
        comment.deleted, comment.content, comment.quoted = True, "", ""
        comment.modified = self._store.clock.now()
        return Reply()

    # -- replies

    def list_replies(self, call: Call) -> JSON:
        """`drive.replies.list`, in the order that they were written in."""
        comment, deleted = self._comment(call), bool(call.params.get("includeDeleted"))
        ids = waiting(self._store, call)
        if ids is None:
            ids = [reply.id for reply in comment.replies if deleted or not reply.deleted]
        size, held = int(call.params["pageSize"]), {reply.id: reply for reply in comment.replies}
        replies = [self._reply(held[reply_id], call) for reply_id in ids[:size]]
        return {"kind": "drive#replyList", "replies": replies} | next_page(self._store, call, ids, size)

    def get_reply(self, call: Call) -> JSON:
        """`drive.replies.get`."""
        return self._reply(self._one_reply(call), call)

    def create_reply(self, call: Call) -> JSON:
        """`drive.replies.create`: words, an action (`resolve`, `reopen`), or both."""
        item, comment = self._open(call), self._comment(call)
        body = call.body or {}
        action = str(body.get("action") or "")
        if action and action not in _ACTIONS:
            raise invalid_value("reply.action")
        role = self._store.role(call.person.email, item) or "reader"
        if action and rank(role) < rank("writer") and comment.author != call.person.email:
            raise may_not()
        content = str(body.get("content") or "") if action else _content(body)
        reply_id = self.answer(item.id, comment.id, call.person.email, content, action=action)
        return self._reply(next(reply for reply in comment.replies if reply.id == reply_id), call)

    def update_reply(self, call: Call) -> JSON:
        """`drive.replies.update`: other words, by the author."""
        reply = self._one_reply(call, of_author=True)
        reply.content, reply.modified = _content(call.body or {}), self._store.clock.now()
        return self._reply(reply, call)

    def delete_reply(self, call: Call) -> Reply:
        """`drive.replies.delete`, by the author."""
        reply = self._one_reply(call, of_author=True)
        reply.deleted, reply.content, reply.modified = True, "", self._store.clock.now()
        return Reply()

    def handlers(self) -> dict[str, Callable[[Call], JSON | Reply]]:
        """Handlers by discovery method id."""
        return {
            "drive.comments.create": self.create,
            "drive.comments.delete": self.delete,
            "drive.comments.get": self.get,
            "drive.comments.list": self.list_comments,
            "drive.comments.update": self.update,
            "drive.replies.create": self.create_reply,
            "drive.replies.delete": self.delete_reply,
            "drive.replies.get": self.get_reply,
            "drive.replies.list": self.list_replies,
            "drive.replies.update": self.update_reply,
        }

    def _item(self, call: Call) -> Item:
        # As for `about`, Google gives no default mask here.
        if call.method_id.rpartition(".")[2] != "delete" and not call.params.get("fields"):
            raise fields_required()
        return self._store.reachable(call.person.email, str(call.params["fileId"]), all_drives=True)

    def _open(self, call: Call) -> Item:
        """The file, if the person may comment on it."""
        item = self._item(call)
        if item.is_folder or rank(self._store.role(call.person.email, item) or "reader") < rank("commenter"):
            raise may_not()
        return item

    def _comment(self, call: Call, *, of_author: bool = False) -> Comment:
        item, wanted = self._item(call), str(call.params["commentId"])
        comment = self._of.get(item.id, {}).get(wanted)
        if comment is None or (comment.deleted and not call.params.get("includeDeleted")):
            raise comment_not_found(wanted)
        if of_author and comment.author != call.person.email:
            raise may_not()
        return comment

    def _one_reply(self, call: Call, *, of_author: bool = False) -> Said:
        comment, wanted = self._comment(call), str(call.params["replyId"])
        reply = next((reply for reply in comment.replies if reply.id == wanted), None)
        if reply is None or (reply.deleted and not call.params.get("includeDeleted")):
            raise reply_not_found(wanted)
        if of_author and reply.author != call.person.email:
            raise may_not()
        return reply

    def _shown(self, comment: Comment, call: Call) -> JSON:
        shown = self._said(comment, call) | {"kind": "drive#comment", "resolved": comment.resolved}
        deleted = bool(call.params.get("includeDeleted"))
        shown["replies"] = [self._reply(reply, call) for reply in comment.replies if deleted or not reply.deleted]
        if comment.quoted:
            shown["quotedFileContent"] = {"mimeType": "text/html", "value": comment.quoted}
        return shown | ({"anchor": comment.anchor} if comment.anchor else {})

    def _reply(self, reply: Said, call: Call) -> JSON:
        return self._said(reply, call) | {"kind": "drive#reply"} | ({"action": reply.action} if reply.action else {})

    def _said(self, said: Said, call: Call) -> JSON:
        author = resources.user(self._store, said.author, call.person.email)
        shown: JSON = {
            "id": said.id,
            # Google keeps the addresses of authors back.
            "author": {name: author[name] for name in ("kind", "displayName", "me")},
            "createdTime": resources.moment(said.created),
            "modifiedTime": resources.moment(said.modified),
            "deleted": said.deleted,
        }
        return shown if said.deleted else shown | {"content": said.content, "htmlContent": escape(said.content)}


def _content(body: JSON) -> str:
    content = str(body.get("content") or "")
    if not content.strip():
        raise GoogleError(400, "required", "Required", location="content")
    return content


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise invalid_value("startModifiedTime") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
