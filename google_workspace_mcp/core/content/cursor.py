"""Cursors: where a list continues, sealed so that nobody can read, change or move them.

The state is Google's page token and what goes with it. A cursor is bound to the tool, its arguments and the caller: for
another request it does not open.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from google_workspace_mcp.core.capsules import BrokenCapsuleError, Capsules, ExpiredCapsuleError
from google_workspace_mcp.core.clock import Clock, epoch
from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.core.keys import Ring

LIFE_SECONDS = 24 * 3600
EXPIRED = "cursor_expired"


class Cursors:
    """Seals and opens cursors. Any process with the same keys opens what another sealed."""

    def __init__(self, keys: Ring, clock: Clock, randomness: Callable[[int], bytes]) -> None:
        self._capsules = Capsules(keys, "cursor", clock, randomness)
        self._clock = clock

    def seal(self, state: Mapping[str, Any], bound: str, *, life: int = LIFE_SECONDS) -> str:
        """A URL-safe cursor holding `state` (JSON values), good for `life` seconds and for `bound` only."""
        expires = int(epoch(self._clock)) + life
        return self._capsules.seal(json.dumps(state, separators=(",", ":")).encode(), expires, bound)

    def open(self, cursor: str, bound: str) -> dict[str, Any]:
        """The state that was sealed for `bound`.

        Raises UserInputError for a cursor that is damaged, expired, or made for another request or caller.
        """
        try:
            return json.loads(self._capsules.open(cursor, bound))
        except BrokenCapsuleError:
            raise UserInputError(
                "The cursor is not valid for this request",
                next_step="Pass the cursor with exactly the arguments it was given for, or start again without it",
                reason="cursor_invalid",
            ) from None
        except ExpiredCapsuleError:
            raise UserInputError(
                "The cursor has expired",
                next_step="Make the same call without cursor to start again",
                reason=EXPIRED,
            ) from None

    def of(self, caller: str) -> "CallersCursors":
        """The same, for one caller: what is sealed for one does not open for another."""
        return CallersCursors(self, caller)


@dataclass(frozen=True, slots=True)
class CallersCursors:
    """Cursors bound to a caller besides the request."""

    cursors: Cursors
    caller: str

    def seal(self, state: Mapping[str, Any], bound: str, *, life: int = LIFE_SECONDS) -> str:
        return self.cursors.seal(state, self._bound(bound), life=life)

    def open(self, cursor: str, bound: str) -> dict[str, Any]:
        return self.cursors.open(cursor, self._bound(bound))

    def _bound(self, bound: str) -> str:
        # The length in front keeps ("a", "bc") and ("ab", "c") apart.
        return f"{len(self.caller)}:{self.caller}:{bound}"
