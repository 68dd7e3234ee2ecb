"""The labels of one mailbox: Google's fixed ones and the person's own."""

import re
from dataclasses import dataclass

from google_workspace_mcp.sandbox.service import JSON, GoogleError, bad_request, not_found

CATEGORIES = ("PERSONAL", "SOCIAL", "PROMOTIONS", "UPDATES", "FORUMS")
SYSTEM = (
    "CHAT",
    "SENT",
    "INBOX",
    "IMPORTANT",
    "TRASH",
    "DRAFT",
    "SPAM",
    *(f"CATEGORY_{name}" for name in CATEGORIES),
    "STARRED",
    "UNREAD",
)
# Google sets these by what happened to the message; nobody puts them on or takes them off.
FIXED = frozenset({"SENT", "DRAFT", "CHAT"})
HIDDEN_BY_DEFAULT = frozenset({"TRASH", "SPAM"})
LONGEST_NAME = 225
_DASHED = re.compile(r"[\s/]+")


@dataclass(slots=True)
class Label:
    """A label. `name` of a nested one is its whole path, `Work/Reports`."""

    id: str
    name: str
    system: bool = False
    message_list: str = "show"
    label_list: str = "labelShow"
    color: JSON | None = None

    def to_json(self) -> JSON:
        shown: JSON = {"id": self.id, "name": self.name, "type": "system" if self.system else "user"}
        if self.id == "CHAT" or self.id.startswith("CATEGORY_"):
            shown |= {"messageListVisibility": "hide", "labelListVisibility": "labelHide"}
        elif not self.system:
            shown |= {"messageListVisibility": self.message_list, "labelListVisibility": self.label_list}
        return shown | ({"color": self.color} if self.color else {})


class Labels:
    """All labels of one mailbox, by id."""

    def __init__(self) -> None:
        self._by_id = {name: Label(name, name, system=True) for name in SYSTEM}
        self._created = 0

    def all(self) -> list[Label]:
        return list(self._by_id.values())

    def get(self, label_id: str) -> Label:
        """The label; 404 when there is none."""
        if label_id not in self._by_id:
            raise not_found()
        return self._by_id[label_id]

    def known(self, label_id: str) -> str:
        """The id itself; 400 as Gmail words it when there is no such label."""
        if label_id not in self._by_id:
            raise bad_request(f"Invalid label: {label_id}")
        return label_id

    def ensure(self, name_or_id: str) -> str:
        """The id of a system label, or of the person's label with that name, made when it is not there."""
        if name_or_id in self._by_id:
            return name_or_id
        name = name_or_id.strip()[:LONGEST_NAME]
        found = next((label for label in self._by_id.values() if label.name.lower() == name.lower()), None)
        return (found or self.create(name)).id

    def create(self, name: str) -> Label:
        """A new label of the person's own; 409 when the name is taken."""
        self._check_name(name)
        self._created += 1
        label = Label(f"Label_{self._created}", name)
        self._by_id[label.id] = label
        return label

    def rename(self, label: Label, name: str) -> None:
        if name != label.name:
            self._check_name(name, but=label)
            label.name = name

    def remove(self, label_id: str) -> None:
        label = self.get(label_id)
        if label.system:
            raise bad_request("Invalid delete request")
        del self._by_id[label.id]

    def search(self, text: str) -> Label | None:
        """What `label:` finds: an id, or a name written with hyphens for spaces and slashes, in any case."""
        wanted = _dashed(text)
        return next((one for one in self._by_id.values() if wanted in (one.id.lower(), _dashed(one.name))), None)

    def _check_name(self, name: str, but: Label | None = None) -> None:
        if not name.strip() or len(name) > LONGEST_NAME or name.upper() in SYSTEM:
            raise bad_request("Invalid label name")
        if any(one.name.lower() == name.lower() and one is not but for one in self._by_id.values()):
            raise GoogleError(409, "aborted", "Label name exists or conflicts")


def _dashed(name: str) -> str:
    return _DASHED.sub("-", name.strip()).lower()
