"""The way in: bytes of a document to text."""

from google_workspace_mcp.core.content.documents.model import DocumentText
from google_workspace_mcp.core.content.documents.pool import Pool
from google_workspace_mcp.core.content.documents.problems import Trouble
from google_workspace_mcp.core.content.documents.wording import failure
from google_workspace_mcp.core.errors import TooLargeError

MOST_BYTES = 20_000_000
_MOST_CHARS = 80_000
_LONGEST_WORD = 300


class Documents:
    """Reads documents, in processes of its own. One for the whole service; `aclose` ends its processes."""

    def __init__(self, pool: Pool | None = None) -> None:
        self._pool = pool or Pool()

    async def read(
        self,
        data: bytes,
        *,
        media_type: str = "",
        name: str = "",
        part: str = "",
        max_chars: int = 20_000,
        offset: int = 0,
        remarks: bool = False,
    ) -> DocumentText:
        """The document's text from character `offset` of `part` on, at most `max_chars`, ended at a row or sentence.

        The kind is told by the bytes; `media_type` (with its charset) and `name` only decide among kinds of plain
        text. `part` takes pages or slides ("3-7", "5-", "2,4"), or a sheet and range ("Budget", "Budget!A1:F40",
        "A:C"); empty means all that a person sees. The tools call it `range`. `remarks` adds speaker notes and
        comments.

        Raises:
            UserInputError: a part that is not there; a kind without text, damaged, or locked by a password.
            TooLargeError: more than 20 MB, or 100 MB unpacked, or too slow to read.
            RateLimitedError, UnavailableError: too much is being read; try again.
        """
        if len(data) > MOST_BYTES:
            raise TooLargeError(
                f"The file has more than the {MOST_BYTES // 1_000_000} MB that are read here",
                next_step="Give the person a link to it",
                reason="document_too_large",
            )
        most = min(max(1, max_chars), _MOST_CHARS)
        fields = {
            "media_type": media_type[:_LONGEST_WORD],
            "name": name[-_LONGEST_WORD:],
            "part": part[:_LONGEST_WORD],
            "max_chars": most,
            "offset": max(0, offset),
            "remarks": remarks,
        }
        answer = await self._pool.ask(fields, data)
        try:
            return answer.document(most)
        except ValueError:
            raise failure(Trouble.HOSTILE) from None

    async def aclose(self) -> None:
        """Ends the processes."""
        await self._pool.aclose()
