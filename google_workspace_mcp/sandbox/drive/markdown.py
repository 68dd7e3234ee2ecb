"""Docs as the Markdown that Google exports, and Markdown as a Doc."""

import re
from base64 import b64encode

from google_workspace_mcp.sandbox.drive.documents import (
    Block,
    Document,
    Heading,
    ListItem,
    Paragraph,
    Picture,
    Span,
    Table,
    Text,
    list_markers,
    spans,
)

# Google's exporter puts a backslash before these wherever they stand in running text, and before the dot or bracket of
# a number that begins a line.
_SPECIAL = re.compile(r"([\\`*_\[\]<>#+\-!|~=])")
_NUMBER = re.compile(r"^(\d+)([.)])")
_ESCAPE = re.compile(r"\\([\\`*_\[\]<>#+\-!|~=.)])")
_HEADING = re.compile(r"(#{1,6})\s+(.*?)(?:\s+#+)?\s*$")
_BOLD_MARK = re.compile(r"(?<!\\)\*\*")
_ITEM = re.compile(r"(\s*)(?:[*+-]|(\d+)[.)])\s+(.*)$")
_RULE = re.compile(r"\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?$")
_INLINE = re.compile(
    r"(?<!\\)(?:\[(?P<label>(?:\\.|[^\]\\])*)\]\((?P<link>[^)\s]*)\)|\*\*(?P<bold>(?:\\.|[^*\\])+)\*\*"
    r"|\*(?P<italic>(?:\\.|[^*\\])+)\*|\b_(?P<under>(?:\\.|[^_\\])+)_\b)"
)


def document_to_markdown(document: Document) -> str:
    """The text of `files.export` with `text/markdown`."""
    parts: list[str] = []
    previous: Block | None = None
    pictures_so_far = 0
    for block, marker in zip(document.blocks, list_markers(document.blocks), strict=True):
        between = "\n" if isinstance(block, ListItem) and isinstance(previous, ListItem) else "\n\n"
        pictures_so_far += isinstance(block, Picture)
        shown = _picture(block, pictures_so_far) if isinstance(block, Picture) else _block(block, marker)
        parts.append((between if previous else "") + shown)
        previous = block
    pictures = [block for block in document.blocks if isinstance(block, Picture)]
    # Google numbers pictures and puts their data at the end.
    data = [f"[image{n}]: <data:image/png;base64,{b64encode(p.data).decode()}>\n" for n, p in enumerate(pictures, 1)]
    return "".join(parts) + "\n" + "".join(f"\n{line}" for line in data)


def markdown_to_document(text: str) -> Document:
    """A Doc made of Markdown, as an upload that converts makes it: headings, lists, tables, paragraphs."""
    blocks: list[Block] = []
    lines = text.lstrip("\ufeff").splitlines()
    at = 0
    while at < len(lines):
        at = _take(lines, at, blocks)
    return Document(tuple(blocks))


def _take(lines: list[str], at: int, blocks: list[Block]) -> int:
    """Reads one block that starts at a line; returns the line after it."""
    line = lines[at]
    if not line.strip():
        return at + 1
    if heading := _HEADING.match(line):
        blocks.append(Heading(_unescaped(_BOLD_MARK.sub("", heading[2])), len(heading[1])))
        return at + 1
    if item := _ITEM.match(line):
        blocks.append(ListItem(_runs(item[3]), len(item[1].expandtabs(4)) // 2, item[2] is not None))
        return at + 1
    if at + 1 < len(lines) and "|" in line and _RULE.match(lines[at + 1].strip()):
        return _take_table(lines, at, blocks)
    end = at
    while end < len(lines) and lines[end].strip() and not _HEADING.match(lines[end]) and not _ITEM.match(lines[end]):
        end += 1
    blocks.append(Paragraph(_runs(" ".join(part.strip() for part in lines[at:end]))))
    return end


def _take_table(lines: list[str], at: int, blocks: list[Block]) -> int:
    end = at
    rows: list[tuple[str, ...]] = []
    while end < len(lines) and "|" in lines[end]:
        if end != at + 1:
            cells = re.split(r"(?<!\\)\|", lines[end].strip().removeprefix("|").removesuffix("|"))
            rows.append(tuple(_unescaped(cell.strip()) for cell in cells))
        end += 1
    blocks.append(Table(tuple(rows)))
    return end


def _runs(text: str) -> Text:
    found: list[Span] = []
    at = 0
    for match in _INLINE.finditer(text):
        if match.start() > at:
            found.append(Span(_unescaped(text[at : match.start()])))
        found.append(_run(match))
        at = match.end()
    if not found:
        return _unescaped(text)
    if at < len(text):
        found.append(Span(_unescaped(text[at:])))
    return tuple(found)


def _run(match: re.Match[str]) -> Span:
    if match["label"] is not None:
        return Span(_unescaped(match["label"]), link=match["link"])
    if match["bold"] is not None:
        return Span(_unescaped(match["bold"]), bold=True)
    return Span(_unescaped(match["italic"] or match["under"]), italic=True)


def _picture(picture: Picture, number: int) -> str:
    return f"![{_escaped(picture.description)}][image{number}]"


def _block(block: Heading | Paragraph | ListItem | Table, marker: str) -> str:
    match block:
        case Heading(text, level):
            return f"{'#' * level} {_escaped(text)}"
        case Paragraph(text):
            return _inline(text)
        case ListItem(text, level, _):
            return f"{'  ' * level}{marker} {_inline(text)}"
        case Table(rows):
            width = max(map(len, rows), default=0)
            lines = [_row(row, width) for row in rows]
            return "\n".join([*lines[:1], "|" + " :---- |" * width, *lines[1:]])


def _row(row: tuple[str, ...], width: int) -> str:
    cells = [_escaped(cell).replace("\n", " ") for cell in row]
    return "| " + " | ".join(cells + [""] * (width - len(row))) + " |"


def _inline(text: Text) -> str:
    return "".join(_span(span) for span in spans(text))


def _span(span: Span) -> str:
    shown = _escaped(span.text)
    if span.italic:
        shown = f"*{shown}*"
    if span.bold:
        shown = f"**{shown}**"
    return f"[{shown}]({span.link})" if span.link else shown


def _escaped(text: str) -> str:
    return _NUMBER.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", text))


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(r"\1", text)
