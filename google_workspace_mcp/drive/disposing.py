"""Files that go: into the trash and back, and for good."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from google_workspace_mcp.core.errors import WorkspaceError
from google_workspace_mcp.core.google.calls import CallKind
from google_workspace_mcp.core.google.many import Outcome
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.drive.given import checked_file_id
from google_workspace_mcp.drive.kinds import FOLDER
from google_workspace_mcp.drive.models import FILE_FIELDS, DriveFile
from google_workspace_mcp.drive.placing import Placing

MOST = 100


@dataclass(frozen=True, slots=True)
class Gone:
    """What became of one file: `file` where it is known, `error` in our words when nothing was done to it."""

    id: str
    file: DriveFile | None = None
    error: str = ""

    @property
    def is_folder(self) -> bool:
        return self.file is not None and self.file.mime_type == FOLDER


class Disposing:
    """Puts files away. One object per process."""

    def __init__(self, placing: Placing) -> None:
        self._placing = placing

    async def trash(
        self, work: Workspace, file_ids: Sequence[str], *, restore: bool, dry_run: bool
    ) -> tuple[Gone, ...]:
        """Each file in the trash, or back from it. One round trip; a folder takes along what is in it."""
        ids = _checked(file_ids)
        if dry_run:
            return await _looked_at(work, ids)
        files = work.google.drive.files

        def request(file_id: str) -> Any:
            return files.update(
                fileId=file_id, body={"trashed": not restore}, fields=FILE_FIELDS, supportsAllDrives=True
            )

        done = await _all(work, ids, request)
        for each in done:
            if each.is_folder:
                self._placing.forget(work, each.id)
        return done

    async def delete(self, work: Workspace, file_ids: Sequence[str], *, dry_run: bool) -> tuple[Gone, ...]:
        """Each file gone for good, a folder with all that is in it. One round trip."""
        ids = _checked(file_ids)
        if dry_run:
            return await _looked_at(work, ids)
        files = work.google.drive.files
        done = await _all(work, ids, lambda file_id: files.delete(fileId=file_id, supportsAllDrives=True))
        for each in done:
            self._placing.forget(work, each.id)
        return done


def _checked(file_ids: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(map(checked_file_id, file_ids)))


async def _looked_at(work: Workspace, ids: Sequence[str]) -> tuple[Gone, ...]:
    files = work.google.drive.files
    requests = [files.get(fileId=file_id, supportsAllDrives=True, fields=FILE_FIELDS) for file_id in ids]
    return _gone(ids, await work.google.execute_many(requests))


async def _all(work: Workspace, ids: Sequence[str], request: Callable[[str], Any]) -> tuple[Gone, ...]:
    answers = await work.google.execute_many([request(each) for each in ids], kind=CallKind.REPEATABLE_WRITE)
    return _gone(ids, answers)


def _gone(ids: Sequence[str], answers: Sequence[Outcome]) -> tuple[Gone, ...]:
    if len(answers) == 1 and isinstance(answers[0], WorkspaceError):
        # Of one file alone the failure is the answer.
        raise answers[0]
    return tuple(
        Gone(file_id, error=answer.sentence())
        if isinstance(answer, WorkspaceError)
        else Gone(file_id, DriveFile.of(answer) if answer else None)
        for file_id, answer in zip(ids, answers, strict=True)
    )
