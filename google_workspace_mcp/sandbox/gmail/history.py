"""What changed in a mailbox, in the shape of `users.history.list`."""

from collections.abc import Iterable

from google_workspace_mcp.sandbox.service import JSON

KINDS = {
    "messageAdded": "messagesAdded",
    "messageDeleted": "messagesDeleted",
    "labelAdded": "labelsAdded",
    "labelRemoved": "labelsRemoved",
}


class History:
    """Change records with rising ids. Google keeps about a week of them; `forget` plays that."""

    def __init__(self, first: int = 100_000) -> None:
        self.latest = first
        self.oldest = first
        self._records: list[tuple[int, JSON]] = []

    def added(self, message: JSON, labels: Iterable[str]) -> int:
        return self._record("messagesAdded", message, {"message": message | {"labelIds": sorted(labels)}})

    def deleted(self, message: JSON) -> int:
        return self._record("messagesDeleted", message, {"message": message})

    def labels_added(self, message: JSON, labels: Iterable[str], added: Iterable[str]) -> int:
        return self._record("labelsAdded", message, _label_change(message, labels, added))

    def labels_removed(self, message: JSON, labels: Iterable[str], removed: Iterable[str]) -> int:
        return self._record("labelsRemoved", message, _label_change(message, labels, removed))

    def since(self, history_id: int) -> list[tuple[int, JSON]]:
        """Records after that id, oldest first."""
        return [(number, record) for number, record in self._records if number > history_id]

    def forget(self) -> None:
        """From now on every earlier id is too old and answers 404."""
        self.latest += 1
        self.oldest = self.latest
        self._records.clear()

    def _record(self, kind: str, message: JSON, change: JSON) -> int:
        self.latest += 1
        self._records.append((self.latest, {"id": str(self.latest), "messages": [message], kind: [change]}))
        return self.latest


def _label_change(message: JSON, labels: Iterable[str], changed: Iterable[str]) -> JSON:
    return {"message": message | {"labelIds": sorted(labels)}, "labelIds": sorted(changed)}
