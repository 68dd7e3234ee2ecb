"""The way in: bytes of a document to text."""

from typing import Protocol

from google_workspace_mcp.core.content.documents.model import DocumentText

MOST_BYTES = 20_000_000


class DocumentReader(Protocol):
    """What reads documents."""

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

        The kind is told by the bytes; `media_type` and `name` only decide among kinds of plain text. `part` takes
        pages or slides ("3-7", "5-", "2,4"), or a sheet and range ("Budget", "Budget!A1:F40", "A:C"). `remarks` adds
        speaker notes and comments.

        Raises:
            UserInputError: a part that is not there; a kind without text, damaged, or locked by a password.
            TooLargeError: more than 20 MB, or more than the limits of T-17 unpacked, or too slow to read.
            RateLimitedError: too many documents are being read; try again.
        """
        ...
