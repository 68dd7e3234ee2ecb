"""What the simulated Drive holds, and who may see it."""

import hashlib
from base64 import urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.sandbox.drive.documents import FOLDER, Native, all_text
from google_workspace_mcp.sandbox.drive.errors import file_not_found
from google_workspace_mcp.sandbox.made import MadeBytes
from google_workspace_mcp.sandbox.service import Person

# From the smallest to the greatest; `fileOrganizer` and `organizer` exist in shared drives only.
ROLES = ("reader", "commenter", "writer", "fileOrganizer", "organizer", "owner")
_PAGES_KEPT = 1000


def rank(role: str) -> int:
    """How far a role reaches: greater ranks may do everything that smaller ones may."""
    return ROLES.index(role)


@dataclass(slots=True)
class Permission:
    """Who may do what: `kind` is `user`, `group`, `domain` or `anyone`."""

    id: str
    kind: str
    role: str
    email: str = ""
    domain: str = ""
    name: str = ""
    discoverable: bool = False
    expires: datetime | None = None


@dataclass(slots=True)
class Revision:
    """A content that a file has or had, counted from 1. Of `data`, `native` and `made` one is set."""

    number: int
    modified: datetime
    modified_by: str
    mime_type: str
    data: bytes | None = None
    native: Native | None = None
    made: MadeBytes | None = None
    original_name: str = ""
    keep_forever: bool = False


@dataclass(slots=True)
class Item:
    """A file, folder or shortcut. Exactly one of `owner` (an address) and `drive_id` is set."""

    id: str
    name: str
    mime_type: str
    created: datetime
    modified: datetime
    modified_by: str
    owner: str = ""
    drive_id: str = ""
    parent: str = ""
    data: bytes | None = None
    native: Native | None = None
    permissions: dict[str, Permission] = field(default_factory=dict[str, Permission])
    indexed_text: str = ""
    description: str = ""
    target: str = ""
    trashed_at: datetime | None = None
    trashed_by: str = ""
    starred_by: set[str] = field(default_factory=set[str])
    viewed: dict[str, datetime] = field(default_factory=dict[str, datetime])
    changed: dict[str, datetime] = field(default_factory=dict[str, datetime])
    shared: dict[str, tuple[datetime, str]] = field(default_factory=dict[str, tuple[datetime, str]])
    properties: dict[str, str] = field(default_factory=dict[str, str])
    app_properties: dict[str, str] = field(default_factory=dict[str, str])
    original_name: str = ""
    made: MadeBytes | None = None
    copy_requires_writer: bool = False
    writers_can_share: bool = True
    version: int = 1
    revision: int = 1
    past: list[Revision] = field(default_factory=list[Revision])
    keep_forever: bool = False
    root: bool = False

    @property
    def is_folder(self) -> bool:
        return self.mime_type == FOLDER

    def words(self) -> str:
        """What a full-text search sees of the file besides its name."""
        content = all_text(self.native) if self.native else self.indexed_text
        if not content and self.data is not None and self.mime_type.startswith("text/"):
            content = self.data.decode("utf-8", "replace")
        return f"{self.description}\n{content}"


@dataclass(slots=True)
class SharedDrive:
    """A shared drive; its root folder is an item with the same id. `members` are kept by permission id."""

    id: str
    name: str
    created: datetime
    members: dict[str, Permission] = field(default_factory=dict[str, Permission])

    def role(self, email: str) -> str | None:
        """A member's role, or None for somebody else."""
        held = self.members.get(user_permission_id(email))
        return held.role if held else None


def user_permission_id(email: str) -> str:
    """The number that Drive knows an account by, the same in every permission."""
    return str(int.from_bytes(hashlib.sha256(email.encode()).digest()[:8])).zfill(20)


class DriveStore:
    """All people's files in one place. Ids are made from a counter, so that the same filling gives the same ids."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.people: dict[str, Person] = {}
        self.roots: dict[str, str] = {}
        self.items: dict[str, Item] = {}
        self.drives: dict[str, SharedDrive] = {}
        self.promised_ids: set[str] = set()
        # Google's guide and its reference differ on whether permissions in My Drive say that they are inherited.
        self.tells_inheritance = True
        self._pages: OrderedDict[str, tuple[str, list[str]]] = OrderedDict()
        self._ids_made = 0

    def new_id(self, prefix: str = "1", length: int = 33) -> str:
        self._ids_made += 1
        digest = hashlib.sha512(f"drive:{self._ids_made}".encode()).digest()
        return prefix + urlsafe_b64encode(digest).decode()[: length - len(prefix)]

    def role(self, email: str, item: Item) -> str | None:
        """The greatest role that somebody has on a file, links and domains included; None if they may not see it."""
        return self._greatest(email, item, findable_only=False)

    def finds(self, email: str, item: Item) -> bool:
        """Whether a search shows the file to somebody: shared by name, or opened before by link."""
        if (drive := self.drives.get(item.drive_id)) and drive.role(email):
            return True
        return self._greatest(email, item, findable_only=True) is not None or (
            email in item.viewed and self.role(email, item) is not None
        )

    def reachable(self, email: str, file_id: str, *, all_drives: bool) -> Item:
        """The file behind an id or the alias `root`.

        Raises:
            GoogleError: 404 when it is not there, not theirs to see, or in a shared drive and the caller did not say
                `supportsAllDrives`.
        """
        item = self.items.get(self.roots.get(email, "") if file_id == "root" else file_id)
        if item is None or (item.drive_id and not all_drives) or self.role(email, item) is None:
            raise file_not_found(file_id)
        return item

    def line(self, item: Item) -> Iterator[Item]:
        """The file itself, then its folder, and so on up."""
        current: Item | None = item
        while current is not None:
            yield current
            current = self.items.get(current.parent)

    def children(self, folder_id: str) -> list[Item]:
        return [item for item in self.items.values() if item.parent == folder_id]

    def trashed(self, item: Item) -> bool:
        """Thrown away itself or with a folder above it."""
        return any(step.trashed_at is not None for step in self.line(item))

    def permissions(self, item: Item) -> list[tuple[Permission, str]]:
        """Everybody's permission, each with the id of the item that it is inherited from (empty when it is direct)."""
        found: dict[str, tuple[Permission, str]] = {}
        for step in self.line(item):
            for permission in step.permissions.values():
                source = "" if step is item else step.id
                if source and permission.role == "owner":
                    # Owning a folder gives the contents away as editor only: each file has an owner of its own.
                    permission = replace(permission, role="writer")  # noqa: PLW2901
                known = found.get(permission.id)
                if known is None or rank(permission.role) > rank(known[0].role):
                    found[permission.id] = (permission, source)
        drive = self.drives.get(item.drive_id)
        for permission in drive.members.values() if drive else ():
            found.setdefault(permission.id, (permission, item.drive_id))
        return list(found.values())

    def grants(self, item: Item, permission_id: str) -> list[tuple[str, str]]:
        """All ways in which somebody holds a permission: role, and the item it is inherited from ("" for direct)."""
        found: list[tuple[str, str]] = []
        for step in self.line(item):
            if held := step.permissions.get(permission_id):
                inherited = step is not item
                found.append(("writer" if inherited and held.role == "owner" else held.role, step.id * inherited))
        drive = self.drives.get(item.drive_id)
        member = drive.members.get(permission_id) if drive else None
        return [*found, (member.role, item.drive_id)] if member else found

    def keep_page(self, fingerprint: str, ids: list[str]) -> str:
        """A token for the rest of a listing. It answers the same however often it is used and whatever changes."""
        token = urlsafe_b64encode(hashlib.sha256("\n".join([fingerprint, *ids]).encode()).digest()).decode()
        self._pages[token] = (fingerprint, ids)
        while len(self._pages) > _PAGES_KEPT:
            self._pages.popitem(last=False)
        return token

    def page(self, token: str, fingerprint: str) -> list[str] | None:
        """The ids behind a token, or None when it was made for another question or by nobody."""
        kept = self._pages.get(token)
        return kept[1] if kept and kept[0] == fingerprint else None

    def _greatest(self, email: str, item: Item, *, findable_only: bool) -> str | None:
        roles = [
            permission.role
            for permission, _ in self.permissions(item)
            if self._applies(permission, email, findable_only=findable_only)
        ]
        return max(roles, key=rank, default=None)

    def _applies(self, permission: Permission, email: str, *, findable_only: bool) -> bool:
        if permission.expires is not None and permission.expires <= self.clock.now():
            return False
        match permission.kind:
            case "user" | "group":
                return permission.email == email
            case "domain":
                return permission.domain == email.rpartition("@")[2] and (permission.discoverable or not findable_only)
            case _:
                return not findable_only
