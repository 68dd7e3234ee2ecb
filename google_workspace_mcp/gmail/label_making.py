"""Labels made, renamed, recoloured, deleted, and counted."""

from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from google_workspace_mcp.core.content.characters import clean_line
from google_workspace_mcp.core.content.lines import one_line
from google_workspace_mcp.core.errors import ConflictError, OutcomeUnknownError, UserInputError, WorkspaceError
from google_workspace_mcp.core.google.calls import CallKind
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.gmail.labels import LabelBook

Color = Literal["red", "orange", "yellow", "green", "teal", "blue", "purple", "pink", "brown", "gray", "black", "none"]
Visibility = Literal["show", "show_if_unread", "hide"]

# Background and text, from the colours that Gmail's API takes (discovery document, LabelColor).
_COLORS: Final[dict[Color, tuple[str, str]]] = {
    "red": ("#fb4c2f", "#ffffff"),
    "orange": ("#ffad47", "#000000"),
    "yellow": ("#fad165", "#000000"),
    "green": ("#16a766", "#ffffff"),
    "teal": ("#2da2bb", "#ffffff"),
    "blue": ("#4a86e8", "#ffffff"),
    "purple": ("#a479e2", "#ffffff"),
    "pink": ("#f691b3", "#000000"),
    "brown": ("#7a4706", "#ffffff"),
    "gray": ("#cccccc", "#000000"),
    "black": ("#000000", "#ffffff"),
    # Gmail's own grey of a label without a colour; the API has no way to take one off.
    "none": ("#e7e7e7", "#666666"),
}
assert set(_COLORS) == set(get_args(Color))
_NAMES: Final = {pair[0]: name for name, pair in _COLORS.items()}
_IN_LIST: Final[dict[str, str]] = {
    "show": "labelShow",
    "show_if_unread": "labelShowIfUnread",
    "hide": "labelHide",
}
_LISTED: Final = "id,name,type,color,labelListVisibility,messageListVisibility"
_COUNTED: Final = f"{_LISTED},messagesTotal,messagesUnread,threadsTotal,threadsUnread"
_LONGEST_NAME: Final = 225


@dataclass(frozen=True, slots=True)
class LabelInfo:
    """A label as it is; counts are None unless they were asked for."""

    id: str
    name: str
    system: bool
    color: str = ""
    hidden: bool = False
    messages: int | None = None
    unread: int | None = None


@dataclass(frozen=True, slots=True)
class LabelChange:
    """What a label is to be; an empty value leaves that as it is."""

    name: str = ""
    color: Color | Literal[""] = ""
    visibility: Visibility | Literal[""] = ""
    in_messages: Literal["show", "hide", ""] = ""

    def body(self) -> dict[str, Any]:
        """As Gmail's API takes it. Raises UserInputError for a name that cannot be one."""
        body: dict[str, Any] = {}
        if self.name:
            body["name"] = _checked_name(self.name)
        if self.color:
            background, text = _COLORS[self.color]
            body["color"] = {"backgroundColor": background, "textColor": text}
        if self.visibility:
            body["labelListVisibility"] = _IN_LIST[self.visibility]
        if self.in_messages:
            body["messageListVisibility"] = self.in_messages
        return body


class LabelMaking:
    """Reads and changes labels. One object per process; `book` forgets what is changed here."""

    def __init__(self, book: LabelBook) -> None:
        self._book = book

    async def all(self, work: Workspace, *, counts: bool) -> list[LabelInfo]:
        """The mailbox's labels, the person's own first by name; with counts in one step more."""
        labels = work.google.gmail.labels
        answer = await work.google.execute(labels.list(userId="me", fields=f"labels({_LISTED})"))
        found: list[dict[str, Any]] = answer.get("labels") or []
        if counts:
            requests = [labels.get(userId="me", id=label["id"], fields=_COUNTED) for label in found]
            counted = await work.google.execute_many(requests)
            # A label that was deleted meanwhile is shown as it was listed.
            found = [
                label if isinstance(one, WorkspaceError) else one for label, one in zip(found, counted, strict=True)
            ]
        return sorted(map(_info, found), key=lambda label: (label.system, label.name.casefold()))

    async def create(self, work: Workspace, change: LabelChange, *, dry_run: bool = False) -> LabelInfo:
        """A new label; a nested one is named by its whole path. Raises ConflictError when the name is taken.

        A dry run gives it as it would be, without an id.
        """
        if not change.name:
            raise UserInputError("a label needs a name", next_step="Give name", reason="label_name")
        body = change.body()
        if dry_run:
            return await self._would_be(work, body)
        request = work.google.gmail.labels.create(userId="me", body=body, fields=_LISTED)
        try:
            return await self._changed(work, request, CallKind.CREATE)
        except OutcomeUnknownError:
            # Names are unique: one of this name is there, or the label was not made.
            wanted = str(body["name"]).casefold()
            for label in await self.all(work, counts=False):
                if label.name.casefold() == wanted:
                    return label
            return await self._changed(work, request, CallKind.CREATE)

    async def update(self, work: Workspace, label: str, change: LabelChange, *, dry_run: bool = False) -> LabelInfo:
        """The label with what is given changed. Raises UserInputError for Gmail's own and for no change."""
        body = change.body()
        if not body:
            raise UserInputError("there is nothing to change", next_step="Give a name or a color", reason="no_change")
        label_id = await self._own(work, label)
        if dry_run:
            return await self._would_be(work, body, label_id)
        request = work.google.gmail.labels.patch(userId="me", id=label_id, body=body, fields=_LISTED)
        return await self._changed(work, request, CallKind.REPEATABLE_WRITE)

    async def delete(self, work: Workspace, label: str, *, dry_run: bool) -> LabelInfo:
        """The label as it was; it is taken off all messages, which stay. Raises UserInputError for Gmail's own."""
        label_id = await self._own(work, label)
        labels = work.google.gmail.labels
        before = _info(await work.google.execute(labels.get(userId="me", id=label_id, fields=_COUNTED)))
        if not dry_run:
            await work.google.execute(labels.delete(userId="me", id=label_id), kind=CallKind.REPEATABLE_WRITE)
            self._book.changed(work)
        return before

    async def _would_be(self, work: Workspace, body: dict[str, Any], label_id: str = "") -> LabelInfo:
        """That label, or a new one, as `body` would make it."""
        labels = work.google.gmail.labels
        answer = await work.google.execute(labels.list(userId="me", fields=f"labels({_LISTED})"))
        found: list[dict[str, Any]] = answer.get("labels") or []
        name = str(body.get("name", "")).casefold()
        if any(str(one["name"]).casefold() == name and one["id"] != label_id for one in found):
            raise ConflictError(
                "a label of that name is there already", next_step="Choose another name", reason="label_name"
            )
        before = next((one for one in found if one["id"] == label_id), {"id": label_id, "type": "user"})
        return _info({**before, **body})

    async def _own(self, work: Workspace, label: str) -> str:
        names = await self._book.of(work)
        label_id = names.id_of(label)
        if not label_id.startswith("Label_"):
            raise UserInputError(
                "Gmail's own labels cannot be changed", next_step="Choose one of your own labels", reason="system_label"
            )
        return label_id

    async def _changed(self, work: Workspace, request: Any, kind: CallKind) -> LabelInfo:
        try:
            return _info(await work.google.execute(request, kind=kind))
        finally:
            self._book.changed(work)


def _info(label: dict[str, Any]) -> LabelInfo:
    background = str((label.get("color") or {}).get("backgroundColor") or "")
    return LabelInfo(
        id=str(label["id"]),
        name=clean_line(str(label.get("name") or label["id"]), _LONGEST_NAME),
        system=label.get("type") != "user",
        color=_NAMES.get(background, background),
        hidden=label.get("labelListVisibility") == "labelHide",
        messages=label.get("messagesTotal"),
        unread=label.get("messagesUnread"),
    )


def _checked_name(name: str) -> str:
    parts = [part.strip() for part in one_line(name.strip(), "name", _LONGEST_NAME).split("/")]
    if not all(parts):
        raise UserInputError(
            "a part of the name is empty", next_step="Write nested labels as Parent/Child", reason="label_name"
        )
    return "/".join(parts)
