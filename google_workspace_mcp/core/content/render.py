"""From the tree of what is seen to text: Markdown where it helps reading, nothing where it only costs tokens."""

import re
from collections.abc import Iterable

from google_workspace_mcp.core.content.links import link_text
from google_workspace_mcp.core.content.pieces import Kind, Piece

_ALT_LIMIT = 200
_CELL_LIMIT = 300
_ROW_LIMIT = 400
_WHITE = re.compile(r"[ \t\n\r\f]+")


class _Page:
    """Lines as they come, with the white space between pieces worked out."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.pending = 0  # line ends owed before the next text
        self.spaced = True  # nothing but white space since the last line end

    def text(self, text: str) -> None:
        text = _WHITE.sub(" ", text)
        if self.spaced or self.pending:
            text = text.lstrip(" ")
        if not text:
            return
        self._pay()
        self.parts.append(text)
        self.spaced = text.endswith(" ")

    def raw(self, text: str) -> None:
        """Text with line ends of its own, as a block."""
        if text:
            self.end(1)
            self._pay()
            self.parts.append(text)
            self.spaced = False
            self.end(1)

    def end(self, lines: int) -> None:
        if self.parts:
            self.pending = max(self.pending, lines)

    def line_break(self) -> None:
        if self.parts:
            self.pending = min(2, self.pending + 1)

    def result(self) -> str:
        return "".join(self.parts).strip()

    def _pay(self) -> None:
        if self.pending:
            self.parts.append("\n" * self.pending)
            self.pending = 0
            self.spaced = True


def rendered(body: Piece, *, full_links: bool = False) -> str:
    """The tree as text. With `full_links` every link shows its whole target, otherwise long ones show their host."""
    return _Renderer(full_links).block(body.children)


class _Renderer:
    def __init__(self, full_links: bool) -> None:
        self.full_links = full_links

    def block(self, children: "Iterable[Piece | str]") -> str:
        page = _Page()
        for child in children:
            if isinstance(child, str):
                page.text(child)
            else:
                self._piece(page, child)
        return page.result()

    def line(self, children: "Iterable[Piece | str]") -> str:
        return " ".join(self.block(children).split())

    def _piece(self, page: _Page, piece: Piece) -> None:
        match piece.kind:
            case Kind.BREAK:
                page.line_break()
            case Kind.BLOCK | Kind.ROW | Kind.CELL | Kind.BODY:
                page.end(1)
                page.raw(self.block(piece.children))
            case Kind.PARAGRAPH:
                page.end(2)
            case Kind.LINK:
                self._link(page, piece)
            case Kind.IMAGE:
                page.text(f"[image: {piece.value[:_ALT_LIMIT]}] ")
            case _:
                self._block_piece(page, piece)

    def _block_piece(self, page: _Page, piece: Piece) -> None:
        match piece.kind:
            case Kind.RULE:
                page.raw("---")
            case Kind.HEADING:
                page.end(2)
                if title := self.line(piece.children):
                    page.raw(f"{'#' * int(piece.value)} {title}")
            case Kind.QUOTE:
                page.end(2)
                page.raw(_prefixed(self.block(piece.children), "> ", "> "))
                page.end(2)
            case Kind.LIST:
                page.raw(self._list(piece))
            case Kind.ITEM:
                page.raw(_prefixed(self.block(piece.children), "- ", "  "))
            case Kind.PRE:
                page.raw(self._preformatted(piece))
            case _:
                page.raw(self._table(piece))

    def _link(self, page: _Page, piece: Piece) -> None:
        if len(piece.children) == 1 and isinstance(image := piece.children[0], Piece) and image.kind is Kind.IMAGE:
            text = image.value[:_ALT_LIMIT]
        else:
            text = self.block(piece.children)
        leading = isinstance(first := piece.children[0] if piece.children else "", str) and first[:1].isspace()
        decorated = link_text(text, piece.value, full=self.full_links)
        if "\n" in decorated:
            page.raw(decorated)
        elif decorated:
            last = piece.children[-1]
            trailing = isinstance(last, str) and last[-1:].isspace()
            page.text(f"{' ' if leading else ''}{decorated}{' ' if trailing else ''}")

    def _list(self, piece: Piece) -> str:
        lines: list[str] = []
        number = int(piece.value) if piece.value else 0
        for child in piece.children:
            if isinstance(child, str) or child.kind is not Kind.ITEM:
                if loose := self.block([child]):
                    lines.append(loose)
                continue
            mark = f"{number}. " if piece.value else "- "
            number += 1
            if text := self.block(child.children):
                lines.append(_prefixed(text, mark, "  "))
        return "\n".join(lines)

    def _preformatted(self, piece: Piece) -> str:
        parts: list[str] = []
        for child in piece.children:
            if isinstance(child, str):
                parts.append(child)
            elif child.kind in {Kind.BREAK, Kind.BLOCK, Kind.PARAGRAPH}:
                parts.append("\n")
            else:
                parts.append(self.block([child]))
        return "".join(parts).strip("\n")

    def _table(self, piece: Piece) -> str:
        rows: list[list[str]] = []
        heads: list[bool] = []
        others: list[str] = []
        for row in _rows(piece):
            if isinstance(row, str):
                others.append(row)
                continue
            if loose := self.block(others):
                rows.append([loose])
                heads.append(False)
            others = []
            cells = [child for child in row.children if isinstance(child, Piece) and child.kind is Kind.CELL]
            rows.append([self.block(cell.children) for cell in cells] or [self.block(row.children)])
            heads.append(bool(cells) and all(cell.value == "head" for cell in cells))
        if loose := self.block(others):
            rows.append([loose])
            heads.append(False)
        return _grid(rows, heads) if _is_grid(piece, rows) else _layout(rows)


def _rows(table: Piece) -> "Iterable[Piece | str]":
    """Rows of a table; what stands loose between them as text."""
    for child in table.children:
        if isinstance(child, str) or child.kind is Kind.ROW:
            yield child
        elif child.kind not in {Kind.BLOCK, Kind.PARAGRAPH, Kind.BREAK}:
            yield Piece(Kind.ROW, "", [child])


def _is_grid(table: Piece, rows: list[list[str]]) -> bool:
    """Whether this is a table of facts and not of layout: several rows of as many short cells, one line each."""
    wide = [row for row in rows if any(row)]
    if table.value == "layout" or len(wide) < 2 or len({len(row) for row in wide}) != 1 or len(wide[0]) < 2:
        return False
    if any("\n" in cell or len(cell) > _CELL_LIMIT for row in wide for cell in row):
        return False
    # A spacer beside the text in every row is layout.
    return sum(1 for row in wide if sum(map(bool, row)) >= 2) * 2 > len(wide)


def _grid(rows: list[list[str]], heads: list[bool]) -> str:
    lines: list[str] = []
    for row, head in zip(rows, heads, strict=True):
        if any(row):
            lines.append(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |")
            if head and len(lines) == 1:
                lines.append("|" + " --- |" * len(row))
    return "\n" + "\n".join(lines) + "\n"


def _layout(rows: list[list[str]]) -> str:
    lines: list[str] = []
    for row in rows:
        cells = [cell for cell in row if cell]
        short = sum(map(len, cells)) <= _ROW_LIMIT and not any("\n" in cell for cell in cells)
        lines.append((" | " if short else "\n").join(cells))
    return "\n".join(line for line in lines if line)


def _prefixed(text: str, first: str, others: str) -> str:
    if not text:
        return ""
    lines = text.split("\n")
    rest = [(others + line).rstrip() for line in lines[1:]]
    return "\n".join([first + lines[0], *rest])
