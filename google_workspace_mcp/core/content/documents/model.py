"""What a document becomes: its text, where that stands in it, and what it leaves out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DocumentPart:
    """One entry of what a document has: a sheet with its used range, a slide with its title, a bookmark of a PDF.

    `name` is what `part` takes for it (a sheet's name, a slide's or page's number), or empty for a heading.
    """

    name: str
    about: str = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class DocumentText:
    """A piece of a document's text as a reader would see it, free of invisible characters but not fenced.

    `kind` is the kind in words ("PDF", "Excel"). `part` says what the piece comes from, in the form that the argument
    takes: pages or slides ("3-7"), sheets and ranges ("Budget!A1:F40"); empty for kinds without parts. `parts` is
    how many pages, slides or sheets there are, `outline` names them or the headings, shortened where there are many.
    The piece begins at character `offset` of the part that was asked for; `next_offset` continues exactly where it
    ends, with the same `part`, and is 0 at the end. `total_chars` is 0 where the end was not reached.
    `hidden_chars` counts what a person would not see, which is left out. `notes` are sentences without full stops,
    in our own words.

    `hidden` is the beginning of what was hidden, `before` and `after` are a little of what stands around the piece: to
    be looked at, never shown.
    """

    text: str
    kind: str
    title: str = ""
    part: str = ""
    parts: int = 0
    outline: tuple[DocumentPart, ...] = ()
    offset: int = 0
    next_offset: int = 0
    total_chars: int = 0
    hidden_chars: int = 0
    notes: tuple[str, ...] = ()
    hidden: str = ""
    before: str = ""
    after: str = ""

    @property
    def truncated(self) -> bool:
        """Whether more of the same part follows."""
        return self.next_offset > 0
