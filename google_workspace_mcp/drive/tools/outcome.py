"""What the tools that write files have in common: their arguments, and how they tell what became of it."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from google_workspace_mcp.core.content.sizes import human_size
from google_workspace_mcp.core.policy.reach import Share
from google_workspace_mcp.core.tools.kinds import Result
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.drive.kinds import in_words
from google_workspace_mcp.drive.material import MOST_TEXT
from google_workspace_mcp.drive.writing import Written

DryRun = Annotated[bool, Field(description="show only")]
FileId = Annotated[str, Field(min_length=1, max_length=500)]
Name = Annotated[str, Field(max_length=500)]
Folder = Annotated[str, Field(description="id, name or path", max_length=1000)]
Text = Annotated[str, Field(max_length=MOST_TEXT)]
UploadId = Annotated[str, Field(max_length=200)]

type State = Literal["created", "changed", "copied", "restored", "dry run"]
_MOST_NAMED = 5


class FileResult(Result):
    """A file after it was written, or what would be written."""

    state: State
    id: str = ""
    name: str
    type: str
    folder: str = Field(default="", description="id of the folder it is in")
    link: str = ""
    size: int = Field(default=0, description="bytes")
    version: str = Field(default="", description="for drive_update_file")
    seen_by: list[str] = Field(default=[], description="who sees it through its folder")
    note: str = ""

    def text(self) -> str:
        verb = "dry run, nothing was done" if self.state == "dry run" else self.state
        facts = [f"{verb}: {self.name}", self.type, human_size(self.size), self.account]
        lines = [" · ".join(fact for fact in facts if fact)]
        ids = (("id", self.id), ("folder", self.folder), ("version", self.version))
        if told := " · ".join(f"{name} {value}" for name, value in ids if value):
            lines.append(told)
        if self.seen_by:
            lines.append(f"seen through its folder by: {', '.join(self.seen_by)}")
        return "\n".join([*lines, *(line for line in (self.note, self.link) if line)])


def told(work: Workspace, written: Written, state: State, note: str = "") -> FileResult:
    """The result of a write."""
    file = written.file
    found = "Google's answer was lost, but the file is there: it was made once." if written.found else ""
    return FileResult(
        account=work.address,
        state=state if file else "dry run",
        id=file.id if file else "",
        name=written.name,
        type=in_words(written.mime_type),
        folder=file.parent if file else "",
        link=file.link if file else "",
        size=written.size,
        version=written.version,
        seen_by=seen_by(written.seen_by),
        note=" ".join(part for part in (note, found) if part),
    )


def seen_by(shares: Sequence[Share]) -> list[str]:
    """Whom those are, in words; the widest first, the first few of them."""
    named = [_words(share) for share in sorted(shares, key=lambda share: share.kind not in ("anyone", "domain"))]
    more = len(named) - _MOST_NAMED
    return [*named[:_MOST_NAMED], *([f"{more} more"] if more > 0 else [])]


def _words(share: Share) -> str:
    if share.kind == "anyone":
        return "anyone with the link"
    return f"everyone at {share.value}" if share.kind == "domain" else share.value
