"""The tree between HTML and text: only what is seen, only the structure that a reader of text needs."""

from dataclasses import dataclass, field
from enum import Enum


class Kind(Enum):
    """What a piece is. Everything else of HTML is text or a break."""

    BODY = "body"
    BREAK = "break"  # a new line
    BLOCK = "block"  # the edge of a block: what follows starts a line
    PARAGRAPH = "paragraph"  # the edge of a paragraph: a blank line
    RULE = "rule"
    HEADING = "heading"  # value: its level
    LINK = "link"  # value: its target
    IMAGE = "image"  # value: what stands for it
    QUOTE = "quote"
    LIST = "list"  # value: "" for bullets, the first number otherwise
    ITEM = "item"
    PRE = "pre"
    TABLE = "table"  # value: "layout" when its author says so
    ROW = "row"
    CELL = "cell"  # value: "head" for a heading cell


@dataclass(slots=True)
class Piece:
    """A node of the tree; text stands as plain strings among the children."""

    kind: Kind
    value: str = ""
    children: "list[Piece | str]" = field(default_factory=list["Piece | str"])


BREAK = Piece(Kind.BREAK)
BLOCK = Piece(Kind.BLOCK)
PARAGRAPH = Piece(Kind.PARAGRAPH)
RULE = Piece(Kind.RULE)
