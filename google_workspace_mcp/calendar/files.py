"""Files of Drive that hang on an event: named by id or link and found in Drive first; no other address is taken."""

import re
from collections.abc import Sequence
from typing import Any, Final

from google_workspace_mcp.core.content.characters import clean_line
from google_workspace_mcp.core.errors import UserInputError, WorkspaceError
from google_workspace_mcp.core.google.ids import checked_id
from google_workspace_mcp.core.tools.workspace import Workspace

MOST_FILES = 25
_LINK: Final = re.compile(
    r"https://(?:docs|drive)\.google\.com/(?:[\w./-]*/d/|open\?id=)(?P<id>[\w-]{10,})(?:[/?#].*)?"
)
_FIELDS: Final = "id,name,mimeType,webViewLink"


class Files:
    """Looks files up in Drive, as the caller."""

    async def attached(self, work: Workspace, wanted: Sequence[str]) -> list[dict[str, Any]]:
        """Google's attachments. Raises UserInputError when one cannot be had, ScopeMissingError without Drive."""
        if refused := work.barred("drive.read"):
            raise refused
        ids = list(dict.fromkeys(_id(each) for each in wanted))
        if len(ids) > MOST_FILES:
            raise UserInputError(f"An event has at most {MOST_FILES} files", next_step="Leave some out")
        requests = [work.google.drive.files.get(fileId=each, fields=_FIELDS, supportsAllDrives=True) for each in ids]
        answers = await work.google.execute_many(requests)
        missing = [number for number, answer in enumerate(answers, 1) if isinstance(answer, WorkspaceError)]
        if missing:
            raise UserInputError(
                f"Attachment {missing[0]} cannot be found in Drive, so nothing was done",
                next_step="Take the file's id from drive_search",
                reason="attachment",
            )
        return [_attachment(answer) for answer in answers if not isinstance(answer, WorkspaceError)]


def _attachment(file: dict[str, Any]) -> dict[str, Any]:
    link = str(file.get("webViewLink") or f"https://drive.google.com/open?id={file['id']}")
    return {
        "fileUrl": link,
        "fileId": str(file["id"]),
        "title": clean_line(str(file.get("name", "")), 200),
        "mimeType": str(file.get("mimeType", "")),
    }


def _id(text: str) -> str:
    match = _LINK.fullmatch(text.strip())
    return checked_id(match["id"] if match else text.strip(), "file")
