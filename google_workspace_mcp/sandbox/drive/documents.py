"""The inside of native files: Docs, Sheets and Slides as small structured models.

Exports are made from these, and imports that convert end in these.
"""

from dataclasses import dataclass

FOLDER = "application/vnd.google-apps.folder"
SHORTCUT = "application/vnd.google-apps.shortcut"
DOCUMENT = "application/vnd.google-apps.document"
SPREADSHEET = "application/vnd.google-apps.spreadsheet"
PRESENTATION = "application/vnd.google-apps.presentation"

NATIVE_PREFIX = "application/vnd.google-apps."


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in one style. `link` is a URL or empty."""

    text: str
    bold: bool = False
    italic: bool = False
    link: str = ""


type Text = str | tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; `level` counts from 1 to 6."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: Text


@dataclass(frozen=True, slots=True)
class ListItem:
    """One item of a list; `level` 0 is the outermost."""

    text: Text
    level: int = 0
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; the first row is the head."""

    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in its own paragraph; `description` is its alternative text."""

    data: bytes
    description: str = ""


type Block = Heading | Paragraph | ListItem | Table | Picture

type Cell = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Document:
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class Tab:
    """One sheet of a spreadsheet."""

    name: str
    rows: tuple[tuple[Cell, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Spreadsheet:
    tabs: tuple[Tab, ...] = (Tab("Sheet1"),)


@dataclass(frozen=True, slots=True)
class Slide:
    title: str
    body: tuple[str, ...] = ()
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Presentation:
    slides: tuple[Slide, ...] = ()


type Native = Document | Spreadsheet | Presentation


def mime_type_of(native: Native) -> str:
    """The Google type that a model stands for."""
    match native:
        case Document():
            return DOCUMENT
        case Spreadsheet():
            return SPREADSHEET
        case Presentation():
            return PRESENTATION


def spans(text: Text) -> tuple[Span, ...]:
    """The styled runs of a text; a plain string is one run."""
    return (Span(text),) if isinstance(text, str) else text


def plain(text: Text) -> str:
    """The text without its styles."""
    return "".join(span.text for span in spans(text))


def list_markers(blocks: tuple[Block, ...]) -> list[str]:
    """For each block what stands before it: `*`, a running number with a dot, or nothing outside of lists."""
    markers: list[str] = []
    counts: dict[int, int] = {}
    for block in blocks:
        if not isinstance(block, ListItem):
            counts.clear()
            markers.append("")
            continue
        # A deeper list begins anew after each item above it.
        counts = {level: count for level, count in counts.items() if level <= block.level}
        counts[block.level] = counts.get(block.level, 0) + 1 if block.ordered else 0
        markers.append(f"{counts[block.level]}." if block.ordered else "*")
    return markers


def all_text(native: Native) -> str:
    """Every word of a native file, for the full-text index."""
    match native:
        case Document(blocks):
            return "\n".join(_block_text(block) for block in blocks)
        case Spreadsheet(tabs):
            cells = [str(cell) for tab in tabs for row in tab.rows for cell in row if cell is not None]
            return "\n".join([*(tab.name for tab in tabs), *cells])
        case Presentation(slides):
            return "\n".join("\n".join([slide.title, *slide.body, slide.notes]) for slide in slides)


def _block_text(block: Block) -> str:
    if isinstance(block, Picture):
        return ""
    if isinstance(block, Table):
        return "\n".join("\t".join(row) for row in block.rows)
    return plain(block.text)
