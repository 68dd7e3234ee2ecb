"""The text of one slide, or of its notes, as its events come."""

from dataclasses import dataclass, field

from google_workspace_mcp.core.content.characters import clean_line
from google_workspace_mcp.core.content.documents.blocks import Block, Tables, into_cell
from google_workspace_mcp.core.content.documents.markup import Attributes, Events, Relation
from google_workspace_mcp.core.content.documents.word_styles import small
from google_workspace_mcp.core.content.pieces import BREAK, Kind, Piece

_OFF = frozenset(("0", "false"))
# Hundredths of a point; smaller text is not read by anybody.
_TINY = 200
# Placeholders that repeat on each slide what is no part of it.
_FURNITURE = frozenset(("sldNum", "dt", "ftr", "hdr", "sldImg"))
_SHAPES = frozenset(("p:sp", "p:pic", "p:graphicFrame", "p:cxnSp", "p:grpSp"))
_DRAWN = ("/chart", "/diagram", "/chartex")
_FARTHEST = 10**12


@dataclass(slots=True)
class _Shape:
    hidden: bool
    kind: str = ""
    corner: tuple[int, int] = (0, 0)
    image: str = ""
    blocks: list[Block] = field(default_factory=list[Block])


class SlideReader(Events):
    """Takes the events. Afterwards it has the title, the blocks, and how much was not to be seen.

    `size` is the slide's, in the same unit as positions; (0, 0) where positions do not matter.
    """

    def __init__(self, size: tuple[int, int], links: dict[str, Relation]) -> None:
        self.title = ""
        self.blocks: list[Block] = []
        self.hidden = False
        self.hidden_texts: list[str] = []
        self.charts = 0
        self._size, self._links = size, links
        self._open: list[str] = []
        self._shapes: list[_Shape] = []
        self._tables = Tables()
        self._head_row = False
        self._paragraph: list[Piece | str] | None = None
        self._level = 0
        self._unseen = self._outlined = False
        self._link = ""
        self._fallback = 0

    def start(self, tag: str, attributes: Attributes) -> None:
        parent = self._open[-1] if self._open else ""
        self._open.append(tag)
        if self._fallback or tag == "mc:Fallback":
            self._fallback += 1
        elif tag in _SHAPES:
            self._shapes.append(_Shape(bool(self._shapes) and self._shapes[-1].hidden))
        elif tag == "p:sld":
            self.hidden = attributes.get("show", "1") in _OFF
        elif self._paragraph is not None:
            self._in_paragraph(self._paragraph, parent, tag, attributes)
        elif tag == "a:p":
            self._paragraph, self._level = [], 0
        elif self._shapes:
            self._in_shape(self._shapes[-1], parent, tag, attributes)

    def end(self, tag: str) -> None:
        self._open.pop()
        if self._fallback:
            self._fallback -= 1
            return
        match tag:
            case "a:p" if self._paragraph is not None:
                self._put(Block(self._paragraph, "  " * min(self._level, 8), tight=True))
                self._paragraph = None
            case "a:tc":
                self._tables.end_cell()
            case "a:tr":
                self._put_table(self._tables.end_row())
            case "a:tbl":
                self._put_table(self._tables.end())
            case _ if tag in _SHAPES and self._shapes:
                self._end_shape(self._shapes.pop())
            case _:
                pass

    def text(self, text: str) -> None:
        if self._fallback or self._paragraph is None or self._open[-1] not in {"a:t", "m:t"}:
            return
        shape = self._shapes[-1] if self._shapes else None
        if self._unseen or (shape and shape.hidden):
            self.hidden_texts.append(text)
        elif shape and shape.kind in _FURNITURE:
            return
        elif self._link:
            self._paragraph.append(Piece(Kind.LINK, self._link, [text]))
        else:
            self._paragraph.append(text)

    def _in_paragraph(self, paragraph: list[Piece | str], parent: str, tag: str, attributes: Attributes) -> None:
        match tag:
            case "a:r" | "a:fld" | "m:r":
                self._unseen, self._outlined, self._link = False, False, ""
            case "a:br":
                paragraph.append(BREAK)
            case "a:pPr":
                self._level = small(attributes.get("lvl", ""))
            case "a:rPr" if parent in {"a:r", "a:fld"}:
                self._unseen = 0 < small(attributes.get("sz", "")) <= _TINY
            case "a:ln" if parent == "a:rPr":
                self._outlined = True
            case "a:noFill" if parent == "a:rPr":
                self._unseen = not self._outlined
            case "a:alpha" if self._open[-4:-2] == ["a:rPr", "a:solidFill"] and attributes.get("val") in {"0", "0%"}:
                self._unseen = True
            case "a:hlinkClick":
                link = self._links.get(attributes.get("r:id", ""))
                self._link = link.target if link and link.outside else ""
            case _:
                pass

    def _in_shape(self, shape: _Shape, parent: str, tag: str, attributes: Attributes) -> None:
        match tag:
            case "a:tbl":
                self._tables.start()
            case "a:tblPr":
                self._head_row = attributes.get("firstRow", "0") not in _OFF
            case "a:tr":
                self._tables.start_row()
                if self._head_row:
                    self._tables.head_row()
                self._head_row = False
            case "a:tc":
                self._tables.start_cell()
            case "p:cNvPr":
                shape.hidden = shape.hidden or attributes.get("hidden", "0") not in _OFF
                if parent == "p:nvPicPr":
                    shape.image = clean_line(attributes.get("descr", ""), 200)
            case "p:ph":
                shape.kind = attributes.get("type", "body")
            case "a:off" if parent in {"a:xfrm", "p:xfrm"}:
                shape.corner = (length(attributes.get("x", "")) or 0, length(attributes.get("y", "")) or 0)
            case "a:ext" if parent in {"a:xfrm", "p:xfrm"} and len(self._shapes) == 1:
                shape.hidden = shape.hidden or self._is_outside(shape.corner, attributes)
            case "a:graphicData" if attributes.get("uri", "").endswith(_DRAWN) and not shape.hidden:
                self.charts += 1
            case _:
                pass

    def _is_outside(self, corner: tuple[int, int], attributes: Attributes) -> bool:
        far = (length(attributes.get("cx", "")), length(attributes.get("cy", "")))
        if not all(self._size) or None in far:
            return False
        # In groups positions are the group's own, so only whole groups are looked at.
        return any(
            at + (extent or 0) <= 0 or at >= whole for at, extent, whole in zip(corner, far, self._size, strict=True)
        )

    def _end_shape(self, shape: _Shape) -> None:
        if shape.image and not shape.hidden:
            shape.blocks.append(Block([Piece(Kind.IMAGE, shape.image)]))
        if shape.kind in {"title", "ctrTitle"}:
            text = clean_line(" ".join(block.text() for block in shape.blocks))
            self.title = self.title or text
            shape.blocks = [Block([text], "# ")] if text else []
        if self._shapes:
            self._shapes[-1].blocks.extend(shape.blocks)
            return
        # A blank line between shapes, none between the lines of one.
        if shape.blocks:
            shape.blocks[0].tight = False
        self.blocks.extend(shape.blocks)

    def _put(self, block: Block) -> None:
        if cell := self._tables.cell:
            into_cell(cell, block)
        elif self._shapes and block.children:
            self._shapes[-1].blocks.append(block)

    def _put_table(self, block: Block | None) -> None:
        if block and self._shapes:
            self._shapes[-1].blocks.append(block)


def length(text: str) -> int | None:
    """A coordinate, None for what is none or is beyond any slide."""
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 13):
        return None
    return min(max(int(text), -_FARTHEST), _FARTHEST)
