"""What a reading process answered, checked like anything from outside: it has read a hostile document."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from google_workspace_mcp.core.content.characters import clean_line, strip_invisible
from google_workspace_mcp.core.content.documents.model import DocumentPart, DocumentText
from google_workspace_mcp.core.content.documents.problems import Remark, Trouble
from google_workspace_mcp.core.content.documents.wording import failure, sentences

type Count = Annotated[int, Field(ge=0, le=10**12)]
_KINDS = frozenset(("PDF", "Word", "Excel", "PowerPoint", "CSV", "HTML", "Markdown", "calendar file", "text"))


class Answer(BaseModel):
    """A text and what is told beside it, or a trouble. `last`: the process ends after it."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    last: bool
    trouble: str = ""
    number: Count = 0
    text: str = ""
    before: str = ""
    after: str = ""
    hidden: str = ""
    kind: str = ""
    title: str = ""
    places: list[tuple[str, Count, Count]] = []
    by_rows: bool = False
    parts: Count = 0
    outline: list[tuple[str, str, bool]] = []
    offset: Count = 0
    next_offset: Count = 0
    total_chars: Count = 0
    remarks: dict[str, Count] = {}

    @classmethod
    def of(cls, raw: bytes) -> Self:
        """From JSON. Raises ValueError (pydantic's) for anything that is not an answer."""
        # Tuples come as lists in JSON, which this takes also when it is strict.
        return cls.model_validate_json(raw)

    def document(self, max_chars: int) -> DocumentText:
        """The text, or the failure as an error. Raises WorkspaceError, ValueError for a code that there is not."""
        if self.trouble:
            raise failure(Trouble(self.trouble), self.number)
        if self.kind not in _KINDS or len(self.text) > max_chars:
            raise ValueError("not an answer to this request")
        remarks = {Remark(name): number for name, number in self.remarks.items()}
        return DocumentText(
            text=strip_invisible(self.text),
            kind=self.kind,
            title=clean_line(self.title, 200),
            part=_part(self.places, by_rows=self.by_rows),
            parts=self.parts,
            outline=tuple(
                DocumentPart(clean_line(name, 100), clean_line(about, 100), hidden)
                for name, about, hidden in self.outline
            ),
            offset=self.offset,
            next_offset=self.next_offset,
            total_chars=self.total_chars,
            hidden_chars=remarks.get(Remark.HIDDEN_CHARS, 0),
            notes=sentences(remarks, by_rows=self.by_rows),
            hidden=self.hidden,
            before=self.before,
            after=self.after,
        )


def _part(places: list[tuple[str, int, int]], *, by_rows: bool) -> str:
    """Where a text comes from, in the form of the argument: pages ("3-7"), rows of sheets ("Budget!3:7, Other!1:9")."""
    runs: list[str] = []
    for place, first, last in places[:20]:
        if by_rows:
            sheet = clean_line(place, 100)
            runs.append(f"{sheet}!{first}:{last}" if sheet else f"{first}:{last}")
        else:
            runs.append(f"{first}-{last}" if last > first else str(first))
    return ", ".join(runs)
