"""Mail that is written: sent at once, or kept as a draft; either way looked at by the operator's rules first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.core.policy.reach import Reach
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.gmail.attaching import Fetch
from google_workspace_mcp.gmail.compose.letter import Draft
from google_workspace_mcp.gmail.composing import Composer
from google_workspace_mcp.gmail.drafts import Kept
from google_workspace_mcp.gmail.outbox import Filed, Sent, file_draft, replace_draft, send_draft, send_new

_MARK_BYTES = 16


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a message: sent, kept as a draft, or neither when it was only to be looked at."""

    draft: Draft
    sent: Sent | None = None
    filed: Filed | None = None


class Mailing:
    """Composes mail and hands it to Gmail. One object per process."""

    def __init__(self, clock: Clock, sources: Mapping[str, Fetch], randomness: Callable[[int], bytes]) -> None:
        """`sources` fetch attachments from elsewhere; `randomness` makes the words that drafts are found again by."""
        self.composer = Composer(clock, sources)
        self._randomness = randomness

    async def send(self, work: Workspace, draft: Draft, *, dry_run: bool) -> Outcome:
        """The message sent, exactly once. Raises PolicyRefusedError, and what `send_new` raises."""
        allowed(work, draft)
        mark = self._mark()
        if dry_run:
            draft.written(mark)
            return Outcome(draft)
        return Outcome(draft, sent=await send_new(work, draft, mark))

    async def keep(self, work: Workspace, draft: Draft, *, dry_run: bool, draft_id: str = "") -> Outcome:
        """The message kept as a draft, in the place of `draft_id` if that is given. It reaches nobody yet."""
        mark = self._mark()
        if dry_run:
            draft.written(mark)
            return Outcome(draft)
        if draft_id:
            return Outcome(draft, filed=await replace_draft(work, draft_id, draft, mark))
        return Outcome(draft, filed=await file_draft(work, draft, mark))

    async def send_kept(self, work: Workspace, kept: Kept, *, dry_run: bool) -> Outcome:
        """A draft sent as it is, exactly once. Raises PolicyRefusedError, and what `send_draft` raises."""
        allowed(work, kept.draft)
        if dry_run:
            return Outcome(kept.draft)
        return Outcome(kept.draft, sent=await send_draft(work, Filed(kept.id, thread_id=kept.draft.thread_id)))

    def _mark(self) -> str:
        return self._randomness(_MARK_BYTES).hex()


def allowed(work: Workspace, draft: Draft) -> None:
    """Raises UserInputError for a message to nobody, PolicyRefusedError for one that the operator does not allow."""
    if not draft.recipients:
        raise UserInputError(
            "nobody would get this message", next_step="Give at least one recipient", reason="no_recipient"
        )
    work.permit(Reach(recipients=draft.recipients))
