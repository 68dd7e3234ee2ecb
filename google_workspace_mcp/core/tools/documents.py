"""Reading a document inside of a tool call: within what time the call has."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from google_workspace_mcp.core.content.documents.problems import Trouble
from google_workspace_mcp.core.content.documents.wording import failure
from google_workspace_mcp.core.errors import WorkspaceError
from google_workspace_mcp.core.tools.workspace import Workspace


@asynccontextmanager
async def reading_time(work: Workspace) -> AsyncGenerator[None]:
    """Inside, `Documents.read` ends with the call's deadline, also when it moves up because this process ends.

    Raises TooLargeError when the time was not enough, GoogleUnavailableError (try again) when the process ends.
    """
    deadline = work.google.deadline

    def too_late() -> WorkspaceError:
        return deadline.passed() if deadline.cut_short else failure(Trouble.SLOW)

    async with deadline.limit(too_late):
        yield
