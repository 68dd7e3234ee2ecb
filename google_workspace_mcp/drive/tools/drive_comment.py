"""drive_comment: a comment, an answer to one, or its end."""

from typing import Annotated, Literal

from pydantic import Field

from google_workspace_mcp.core.tools.kinds import Kind, Result, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.drive.commenting import LONGEST, Action, Wanted, say
from google_workspace_mcp.drive.tools.outcome import DryRun, FileId

type _State = Literal["commented", "answered", "resolved", "reopened", "dry run"]
_STATES: dict[Action, _State] = {"": "answered", "resolve": "resolved", "reopen": "reopened"}


class CommentResult(Result):
    """What was said, or would be."""

    state: _State
    file_id: str
    comment_id: str = ""
    reply_id: str = ""
    words: str = ""

    def text(self) -> str:
        verb = "dry run, nothing was done" if self.state == "dry run" else self.state
        ids = (("file", self.file_id), ("comment", self.comment_id), ("reply", self.reply_id))
        head = " · ".join([verb, *(f"{name} {value}" for name, value in ids if value), self.account])
        return f"{head}\n{self.words}" if self.words else head


def definition() -> ToolDefinition:
    """The tool."""

    async def run(
        work: Workspace,
        *,
        file_id: FileId,
        text: Annotated[str, Field(max_length=LONGEST)] = "",
        comment_id: Annotated[str, Field(description="answer this one", max_length=256)] = "",
        action: Action = "",
        dry_run: DryRun = False,
    ) -> CommentResult:
        done = await say(work, Wanted(file_id, text, comment_id, action), dry_run=dry_run)
        state: _State = _STATES[action] if comment_id else "commented"
        return CommentResult(
            account=work.address,
            state="dry run" if dry_run else state,
            file_id=file_id.strip(),
            comment_id=done.comment_id,
            reply_id=done.reply_id,
            words=done.text,
        )

    return ToolDefinition(
        name="drive_comment",
        title="Comment on a Drive file",
        description="Comment on a file, answer a comment, resolve or reopen it.",
        kind=Kind.WRITE,
        service="drive",
        capability="drive.write",
        tier=Tier.EXTENDED,
        run=run,
        result=CommentResult,
        once=True,
    )
