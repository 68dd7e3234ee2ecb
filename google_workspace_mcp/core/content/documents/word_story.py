"""The text of a Word document, a header, notes or comments, as its events come."""

from dataclasses import dataclass, field

from google_workspace_mcp.core.content.characters import clean_line
from google_workspace_mcp.core.content.documents.blocks import Block, Tables, into_cell
from google_workspace_mcp.core.content.documents.job import Entry, Gathered
from google_workspace_mcp.core.content.documents.markup import Attributes, Enough, Events, Relation
from google_workspace_mcp.core.content.documents.problems import Remark
from google_workspace_mcp.core.content.documents.word_styles import Lists, Run, Styles, is_shade, is_white, small
from google_workspace_mcp.core.content.pieces import BREAK, Kind, Piece

_DELETED = frozenset(("w:del", "w:moveFrom"))
# Besides what was deleted: the other rendering of the same thing, codes of fields, former properties.
_UNREAD = _DELETED | {"mc:Fallback", "w:instrText", "w:delInstrText", "w:rPrChange", "w:pPrChange", "w:tblPrChange"}
_PLAIN_TABLES = frozenset(("", "TableNormal", "TableGrid"))
_NOTES = {"w:footnote": "", "w:endnote": "e", "w:comment": "c"}
# What word processors put in place of the line that separates notes.
_SEPARATORS = frozenset(("separator", "continuationSeparator", "continuationNotice"))


@dataclass(slots=True)
class _Paragraph:
    children: list[Piece | str] = field(default_factory=list[Piece | str])
    links: list[Piece] = field(default_factory=list[Piece])
    run: Run = field(default_factory=Run)
    style: str = ""
    list_id: str | None = None
    level: int = 0
    outline: int | None = None
    shaded: bool = False

    def put(self, item: Piece | str) -> None:
        (self.links[-1].children if self.links else self.children).append(item)


class Story(Events):
    """Takes the events and gathers paragraphs and tables. `only` restricts it to the notes with these ids."""

    def __init__(
        self,
        gathered: Gathered,
        styles: Styles,
        lists: Lists,
        links: dict[str, Relation],
        *,
        only: set[str] | None = None,
    ) -> None:
        self.comments: set[str] = set()
        self.notes: set[str] = set()
        self._gathered, self._styles, self._lists, self._links = gathered, styles, lists, links
        self._only = only
        self._open: list[str] = []
        self._paragraphs: list[_Paragraph] = []
        self._tables = Tables()
        self._painted_tables: list[bool] = []
        self._boxes = 0
        self._page_painted = False
        self._unread = self._deleting = 0
        self._note = ""
        self._after_tight = False

    def start(self, tag: str, attributes: Attributes) -> None:
        parent = self._open[-1] if self._open else ""
        self._open.append(tag)
        if self._unread or tag in _UNREAD:
            self._unread += 1
            self._deleting += bool(self._deleting) or tag in _DELETED
            return
        if tag == "w:p":
            self._paragraphs.append(_Paragraph())
        elif parent == "w:rPr":
            self._run_property(tag, attributes)
        elif self._paragraphs and parent in {"w:r", "m:r"}:
            self._in_run(self._paragraphs[-1], tag, attributes)
        elif self._paragraphs and parent in {"w:pPr", "w:numPr"}:
            self._paragraph_property(self._paragraphs[-1], tag, attributes)
        else:
            self._structure(tag, attributes)

    def end(self, tag: str) -> None:
        self._open.pop()
        if self._unread:
            self._unread -= 1
            self._deleting = max(0, self._deleting - 1)
            return
        match tag:
            case "w:p" if self._paragraphs:
                self._show(self._block(self._paragraphs.pop()))
            case "w:hyperlink" if self._paragraphs and self._paragraphs[-1].links:
                link = self._paragraphs[-1].links.pop()
                self._paragraphs[-1].put(link)
            case "w:tc":
                self._tables.end_cell()
            case "w:tr":
                self._show_table(self._tables.end_row())
            case "w:tbl":
                if self._painted_tables:
                    self._painted_tables.pop()
                self._show_table(self._tables.end())
            case "w:txbxContent":
                self._boxes -= 1
            case _:
                pass

    def text(self, text: str) -> None:
        tag = self._open[-1] if self._open else ""
        if self._unread:
            if self._deleting and tag in {"w:t", "w:delText"}:
                self._gathered.say(Remark.DELETED_CHARS, len(text))
            return
        if tag not in {"w:t", "m:t"} or not self._paragraphs:
            return
        if self._is_seen(self._paragraphs[-1]):
            self._paragraphs[-1].put(text)
        else:
            self._gathered.hide(text)

    def _run_property(self, tag: str, attributes: Attributes) -> None:
        # Inside of a paragraph's own properties it is the look of its mark.
        if self._paragraphs and len(self._open) > 2 and self._open[-3] == "w:r":
            self._paragraphs[-1].run.take(tag, attributes)

    def _in_run(self, paragraph: _Paragraph, tag: str, attributes: Attributes) -> None:
        match tag:
            case "w:rPr":
                paragraph.run = Run()
            case "w:br" | "w:cr":
                paragraph.put(BREAK)
            case "w:tab" | "w:ptab":
                paragraph.put(" ")
            case "w:noBreakHyphen":
                paragraph.put("-")
            case "w:footnoteReference" | "w:endnoteReference":
                kind = "e" if tag == "w:endnoteReference" else ""
                self.notes.add(kind + attributes.get("w:id", ""))
                paragraph.put(f"[^{kind}{small(attributes.get('w:id', ''))}]")
            case "w:commentReference":
                self.comments.add("c" + attributes.get("w:id", ""))
            case _:
                pass

    def _paragraph_property(self, paragraph: _Paragraph, tag: str, attributes: Attributes) -> None:
        value = attributes.get("w:val", "")
        match tag:
            case "w:pStyle":
                paragraph.style = value
            case "w:numId":
                paragraph.list_id = value
            case "w:ilvl":
                paragraph.level = small(value)
            case "w:outlineLvl":
                paragraph.outline = small(value)
            case "w:shd":
                paragraph.shaded = is_shade(attributes)
            case _:
                pass

    def _structure(self, tag: str, attributes: Attributes) -> None:
        value = attributes.get("w:val", "")
        match tag:
            case "w:r" | "m:r" if self._paragraphs:
                self._paragraphs[-1].run = Run()
                self._stop_if_late()
            case "w:hyperlink" if self._paragraphs:
                link = self._links.get(attributes.get("r:id", ""))
                self._paragraphs[-1].links.append(Piece(Kind.LINK, link.target if link and link.outside else ""))
            case "wp:docPr" if self._paragraphs:
                if description := clean_line(attributes.get("descr", ""), 200):
                    self._paragraphs[-1].put(Piece(Kind.IMAGE, description))
            case "w:txbxContent":
                self._boxes += 1
            case "w:background":
                self._page_painted = not is_white(attributes.get("w:color", "FFFFFF"))
            case "w:footnote" | "w:endnote" | "w:comment":
                self._start_note(tag, attributes)
            case _:
                self._table(tag, value, attributes)

    def _table(self, tag: str, value: str, attributes: Attributes) -> None:
        match tag:
            case "w:tbl":
                self._tables.start()
                self._painted_tables.append(False)
            case "w:tr":
                self._tables.start_row()
            case "w:tc":
                self._tables.start_cell()
            case "w:gridSpan":
                self._tables.span(small(value))
            case "w:tblHeader":
                self._tables.head_row()
            case "w:tblStyle" | "w:shd" if self._painted_tables:
                self._painted_tables[-1] |= is_shade(attributes) if tag == "w:shd" else value not in _PLAIN_TABLES
            case _:
                pass

    def _start_note(self, tag: str, attributes: Attributes) -> None:
        kind, number = _NOTES[tag], attributes.get("w:id", "")
        wanted = attributes.get("w:type", "") not in _SEPARATORS and (self._only is None or kind + number in self._only)
        author = clean_line(attributes.get("w:author", ""), 80)
        self._note = f"[^{kind}{small(number)}]: " + (f"({author}) " if author else "")
        if not wanted:
            self._open[-1] = "mc:Fallback"
            self._unread = 1

    def _is_seen(self, paragraph: _Paragraph) -> bool:
        look = paragraph.run
        look = look.over(self._styles.run(look.style)) if look.style else look
        look = look.over(self._styles.run(paragraph.style or self._styles.default))
        if look.gone or look.tiny:
            return False
        painted = look.shaded or paragraph.shaded or self._page_painted or self._boxes or any(self._painted_tables)
        return not look.white or bool(painted)

    def _block(self, paragraph: _Paragraph) -> Block:
        paragraph.children.extend(paragraph.links)
        style = paragraph.style or self._styles.default
        heading = paragraph.outline + 1 if paragraph.outline is not None else self._styles.heading(style)
        note, self._note = self._note, ""
        if 1 <= heading <= 9:
            if not self._painted_tables:
                self._head(paragraph)
            return Block(paragraph.children, note or "#" * min(heading, 6) + " ")
        list_id, level = self._styles.list_of(style)
        if paragraph.list_id is not None:
            list_id, level = paragraph.list_id, paragraph.level
        has_text = any(not isinstance(child, str) or child.strip() for child in paragraph.children)
        mark = self._lists.mark(list_id, level) if has_text else ""
        return Block(paragraph.children, note or mark, tight=bool(mark))

    def _head(self, paragraph: _Paragraph) -> None:
        if title := clean_line(Block(paragraph.children).text(), 100):
            self._gathered.head(Entry("", title))

    def _show(self, block: Block) -> None:
        if cell := self._tables.cell:
            into_cell(cell, block)
        else:
            # Items of a list follow each other closely.
            self._gathered.add(block.text(), tight=block.tight and self._after_tight)
            self._after_tight = block.tight
            self._stop_if_enough()

    def _show_table(self, block: Block | None) -> None:
        if block:
            # A long table comes in pieces.
            self._gathered.add(block.text(), tight=block.tight)
            self._after_tight = False
            self._stop_if_enough()

    def _stop_if_late(self) -> None:
        if self._gathered.late:
            self._gathered.say(Remark.CUT_SHORT)
            raise Enough

    def _stop_if_enough(self) -> None:
        if self._gathered.enough and not self._paragraphs:
            raise Enough
