"""`changes.list`: each file once, by its last change, to whoever sees it or saw it before."""

from dataclasses import dataclass
from datetime import datetime

from google_workspace_mcp.sandbox.drive import resources
from google_workspace_mcp.sandbox.drive.errors import invalid_value
from google_workspace_mcp.sandbox.drive.store import DriveStore
from google_workspace_mcp.sandbox.service import JSON, Call, Handler, Reply

_PAGE_SIZES = range(1, 1001)


@dataclass(frozen=True, slots=True)
class _Noted:
    number: int
    when: datetime
    drive_id: str
    seers: frozenset[str]


class ChangeLog:
    """Notes what calls change, and answers what has changed. Numbers rise for all people together."""

    def __init__(self, store: DriveStore) -> None:
        self._store = store
        self._latest = 1000
        self._noted: dict[str, _Noted] = {}

    def note(self, file_id: str, seers: frozenset[str] = frozenset()) -> None:
        """Something happened to a file; `seers` are those who saw it before."""
        self._latest += 1
        item = self._store.items.get(file_id)
        # Told by its last change: an earlier place in the list is given up.
        known = self._noted.pop(file_id, None)
        drive_id = item.drive_id if item else known.drive_id if known else ""
        seen_by = seers | self.seers(file_id) | (known.seers if known else frozenset())
        self._noted[file_id] = _Noted(self._latest, self._store.clock.now(), drive_id, seen_by)

    def seers(self, file_id: str) -> frozenset[str]:
        """Who may see the file now."""
        item = self._store.items.get(file_id)
        return frozenset(email for email in self._store.people if item and self._store.role(email, item) is not None)

    def noting(self, handler: Handler) -> Handler:
        """The handler, whose changes are noted: of the file it names, or of the one that it makes."""

        def handle(call: Call) -> JSON | Reply:
            changed = "" if call.method_id == "drive.files.copy" else str(call.params.get("fileId") or "")
            before = self.seers(changed)
            answer = handler(call)
            made = str(answer.get("id", "")) if isinstance(answer, dict) else ""
            self.note(changed or made, before)
            return answer

        return handle

    def start(self, _call: Call) -> JSON:
        """`drive.changes.getStartPageToken`."""
        return {"kind": "drive#startPageToken", "startPageToken": str(self._latest + 1)}

    def list(self, call: Call) -> JSON:
        """`drive.changes.list`."""
        token, size = str(call.params["pageToken"]), int(call.params.get("pageSize") or 100)
        if not token.isdecimal() or int(token) > self._latest + 1:
            raise invalid_value("pageToken")
        if size not in _PAGE_SIZES:
            raise invalid_value("pageSize")
        waiting = [(key, noted) for key, noted in self._noted.items() if self._wanted(call, key, noted, int(token))]
        shown = waiting[:size]
        answer: JSON = {
            "kind": "drive#changeList",
            "changes": [self._change(file_id, noted, call.person.email) for file_id, noted in shown],
        }
        if len(waiting) > size:
            return answer | {"nextPageToken": str(shown[-1][1].number + 1)}
        return answer | {"newStartPageToken": str(self._latest + 1)}

    def _wanted(self, call: Call, file_id: str, noted: _Noted, first: int) -> bool:
        everywhere = bool(call.params.get("supportsAllDrives")) and bool(call.params.get("includeItemsFromAllDrives"))
        told = call.params.get("includeRemoved") is not False or call.person.email in self.seers(file_id)
        return (
            noted.number >= first and call.person.email in noted.seers and (everywhere or not noted.drive_id) and told
        )

    def _change(self, file_id: str, noted: _Noted, viewer: str) -> JSON:
        removed = viewer not in self.seers(file_id)
        change: JSON = {"kind": "drive#change", "time": resources.moment(noted.when), "removed": removed}
        if shared := self._store.drives.get(file_id):
            # What happens to the outermost folder of a shared drive happens to the drive.
            change |= {"changeType": "drive", "driveId": file_id}
            return change if removed else change | {"drive": resources.drive(shared, viewer)}
        change |= {"changeType": "file", "fileId": file_id}
        return change if removed else change | {"file": resources.file(self._store, self._store.items[file_id], viewer)}
