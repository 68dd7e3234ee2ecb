"""The simulated Drive: fill it with `add_person`, `add_file`, `add_folder`, `add_shared_drive`; call its handlers."""

from collections.abc import Mapping
from datetime import datetime

from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.sandbox.drive.changes import ChangeLog
from google_workspace_mcp.sandbox.drive.comments import Comments
from google_workspace_mcp.sandbox.drive.documents import FOLDER, SHORTCUT, Native, mime_type_of
from google_workspace_mcp.sandbox.drive.links import ExportLinks
from google_workspace_mcp.sandbox.drive.listing import Listing
from google_workspace_mcp.sandbox.drive.reading import Reading
from google_workspace_mcp.sandbox.drive.revisions import Revisions, keep
from google_workspace_mcp.sandbox.drive.sharing import Notification, Sharing
from google_workspace_mcp.sandbox.drive.store import DriveStore, Item, Permission, SharedDrive, user_permission_id
from google_workspace_mcp.sandbox.drive.writing import Writing
from google_workspace_mcp.sandbox.made import MadeBytes
from google_workspace_mcp.sandbox.service import Handler, Linked, Person


class DriveService:
    """One Drive for all people.

    `incomplete_searches` makes searches over all drives answer `incompleteSearch: true`. `comments.add` and
    `comments.answer` put comments there.
    """

    def __init__(self, clock: Clock) -> None:
        self.store = DriveStore(clock)
        self._listing = Listing(self.store)
        self._reading = Reading(self.store)
        self._writing = Writing(self.store)
        self._sharing = Sharing(self.store)
        self._changes = ChangeLog(self.store)
        self._revisions = Revisions(self.store)
        self.comments = Comments(self.store)

    @property
    def notifications(self) -> list[Notification]:
        """The mails about shared files that Google would have sent so far, oldest first."""
        return self._sharing.notifications

    @property
    def incomplete_searches(self) -> bool:
        return self._listing.incomplete

    @incomplete_searches.setter
    def incomplete_searches(self, value: bool) -> None:
        self._listing.incomplete = value

    def add_person(self, person: Person) -> str:
        """Gives somebody an empty My Drive; returns the id of its root folder. A second time changes nothing."""
        if person.email not in self.store.roots:
            self.store.people[person.email] = person
            now = self.store.clock.now()
            root = Item(
                self.store.new_id("0A", 19), "My Drive", FOLDER, now, now, person.email, owner=person.email, root=True
            )
            self._own(root, person.email)
            self.store.items[root.id] = root
            self.store.roots[person.email] = root.id
        return self.store.roots[person.email]

    def add_shared_drive(self, name: str, members: Mapping[str, str]) -> str:
        """A shared drive with members by address (`reader` to `organizer`). Its id is also that of its root folder."""
        now = self.store.clock.now()
        shared = SharedDrive(self.store.new_id("0A", 17) + "PVA", name, now)
        for email, role in members.items():
            permission = self._user_permission(email, role)
            shared.members[permission.id] = permission
        self.store.drives[shared.id] = shared
        # The root folder of a shared drive is called "Drive", whatever the drive is called.
        first = next(iter(members))
        self.store.items[shared.id] = Item(shared.id, "Drive", FOLDER, now, now, first, drive_id=shared.id, root=True)
        self._changes.note(shared.id)
        return shared.id

    def add_folder(self, owner_email: str, name: str, *, parent: str = "", when: datetime | None = None) -> str:
        """A folder; returns its id."""
        return self.add_file(owner_email, name, mime_type=FOLDER, parent=parent, created=when)

    def add_shortcut(self, owner_email: str, name: str, target: str, *, parent: str = "") -> str:
        """A shortcut to another item; returns its id."""
        return self.add_file(owner_email, name, mime_type=SHORTCUT, parent=parent, target=target)

    def add_file(
        self,
        owner_email: str,
        name: str,
        content: bytes | Native | MadeBytes | None = None,
        mime_type: str = "application/octet-stream",
        *,
        parent: str = "",
        created: datetime | None = None,
        modified: datetime | None = None,
        description: str = "",
        indexed_text: str = "",
        starred: bool = False,
        target: str = "",
        viewed: datetime | None = None,
        copy_requires_writer: bool = False,
        app_properties: Mapping[str, str] | None = None,
    ) -> str:
        """A file with bytes or as a native document, in the owner's root unless `parent` is given; returns its id.

        `indexed_text` is what full-text search sees of a binary file; text files are indexed as they are. A parent in a
        shared drive puts the file there, without an owner. `parent="none"` leaves it in no folder.
        """
        folder = None if parent == "none" else self.store.items[parent or self.store.roots[owner_email]]
        begun = created or self.store.clock.now()
        native = None if content is None or isinstance(content, bytes | MadeBytes) else content
        item = Item(
            self.store.new_id(),
            name,
            mime_type_of(native) if native else mime_type,
            begun,
            modified or begun,
            owner_email,
            owner="" if folder and folder.drive_id else owner_email,
            drive_id=folder.drive_id if folder else "",
            parent=folder.id if folder else "",
            data=content if isinstance(content, bytes) else None,
            made=content if isinstance(content, MadeBytes) else None,
            native=native,
            description=description,
            indexed_text=indexed_text,
            target=target,
            copy_requires_writer=copy_requires_writer,
            app_properties=dict(app_properties or {}),
        )
        if item.owner:
            self._own(item, owner_email)
        item.changed[owner_email] = item.modified
        item.starred_by |= {owner_email} if starred else set()
        item.viewed |= {owner_email: viewed} if viewed else {}
        self.store.items[item.id] = item
        self._changes.note(item.id)
        return item.id

    def share(
        self,
        file_id: str,
        *,
        email: str = "",
        domain: str = "",
        role: str = "reader",
        discoverable: bool = False,
        expires: datetime | None = None,
        when: datetime | None = None,
    ) -> str:
        """Gives access to a person, a domain, or with neither to anyone with the link; returns the permission's id."""
        item = self.store.items[file_id]
        if email:
            permission = self._user_permission(email, role)
            item.shared[email] = (when or self.store.clock.now(), item.owner or item.modified_by)
        elif domain:
            permission = Permission(user_permission_id(domain) + "k", "domain", role, domain=domain)
        else:
            permission = Permission("anyone" if discoverable else "anyoneWithLink", "anyone", role)
        permission.discoverable, permission.expires = discoverable, expires
        item.permissions[permission.id] = permission
        self._changes.note(file_id)
        return permission.id

    def replace(self, file_id: str, content: bytes | Native, email: str, *, when: datetime | None = None) -> None:
        """Gives a file new content by somebody's hand; the former one stays as a revision."""
        item = self.store.items[file_id]
        keep(item)
        item.native, item.data = (None, content) if isinstance(content, bytes) else (content, None)
        item.revision += 1
        item.modified, item.modified_by = when or self.store.clock.now(), email
        item.changed[email] = item.modified
        self._changes.note(file_id)

    def trash(self, file_id: str, *, when: datetime | None = None) -> None:
        """Puts a file or a folder with all its contents into the trash."""
        item = self.store.items[file_id]
        item.trashed_at, item.trashed_by = when or self.store.clock.now(), item.owner or item.modified_by
        self._changes.note(file_id)

    def linked(self) -> Mapping[str, Linked]:
        """What answers the addresses in `exportLinks`."""
        return ExportLinks(self.store, self._revisions).paths()

    def handlers(self) -> Mapping[str, Handler]:
        """Handlers by discovery method id."""
        return {
            "drive.about.get": self._reading.about,
            "drive.changes.getStartPageToken": self._changes.start,
            "drive.changes.list": self._changes.list,
            "drive.drives.get": self._reading.drive,
            "drive.drives.list": self._listing.drives,
            "drive.files.copy": self._changes.noting(self._writing.copy),
            "drive.files.create": self._changes.noting(self._writing.create),
            "drive.files.delete": self._changes.noting(self._writing.delete),
            "drive.files.emptyTrash": self._writing.empty_trash,
            "drive.files.export": self._reading.export,
            "drive.files.generateIds": self._writing.generate_ids,
            "drive.files.get": self._reading.file,
            "drive.files.list": self._listing.files,
            "drive.files.update": self._changes.noting(self._writing.update),
            "drive.permissions.create": self._changes.noting(self._sharing.create),
            "drive.permissions.delete": self._changes.noting(self._sharing.delete),
            "drive.permissions.get": self._reading.permission,
            "drive.permissions.list": self._reading.permissions,
            "drive.permissions.update": self._changes.noting(self._sharing.update),
            **self.comments.handlers(),
            **self._revisions.handlers(),
        }

    def _own(self, item: Item, email: str) -> None:
        permission = self._user_permission(email, "owner")
        item.permissions[permission.id] = permission

    def _user_permission(self, email: str, role: str) -> Permission:
        person = self.store.people.get(email)
        return Permission(user_permission_id(email), "user", role, email=email, name=person.name if person else email)
