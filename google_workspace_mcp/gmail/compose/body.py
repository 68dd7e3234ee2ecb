"""The text of a message: Markdown, HTML or plain text as it was written, as the two alternatives of mail."""

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final, Literal

from google_workspace_mcp.core.content.html import visible_text

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

BodyFormat = Literal["markdown", "text", "html"]

_STYLED: Final = {
    "blockquote": "margin:0 0 0 0.8ex;border-left:1px solid #ccc;padding-left:1ex",
    "table": "border-collapse:collapse",
    "th": "border:1px solid #ccc;padding:4px 8px;text-align:left",
    "td": "border:1px solid #ccc;padding:4px 8px",
    "pre": "background:#f6f6f6;padding:8px;white-space:pre-wrap",
}
# Properties that shape text and boxes, and none that place them over others or load something.
_STYLE_PROPERTIES: Final = {
    *("background", "background-color", "border", "border-bottom", "border-collapse", "border-color", "border-left"),
    *("border-radius", "border-right", "border-spacing", "border-style", "border-top", "border-width", "color"),
    *("direction", "display", "font", "font-family", "font-size", "font-style", "font-variant", "font-weight"),
    *("height", "letter-spacing", "line-height", "list-style", "list-style-type", "margin", "margin-bottom"),
    *("margin-left", "margin-right", "margin-top", "max-width", "min-width", "padding", "padding-bottom"),
    *("padding-left", "padding-right", "padding-top", "text-align", "text-decoration", "text-indent"),
    *("text-transform", "unicode-bidi", "vertical-align", "white-space", "width", "word-break", "word-spacing"),
}
_EVERYWHERE: Final = {"style", "dir", "lang", "align", "valign", "width", "height", "bgcolor", "title", "class"}
_MORE_TAGS: Final = {"font", "center", "big", "u", "s", "tt"}
_SCHEMES: Final = {"http", "https", "mailto", "tel"}
_CSS_URL: Final = re.compile(r"url\s*\(|expression|@import|\\", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Body:
    """A text in UTF-8 with line feeds, and the same in HTML; no `html` for mail that is plain text alone."""

    text: str
    html: str = ""

    def __add__(self, other: "Body") -> "Body":
        """This one, an empty line, and the other below it. With one of them in HTML, both are."""
        text = f"{self.text}\n\n{other.text}" if self.text and other.text else self.text or other.text
        if not self.html and not other.html:
            return Body(text)
        both = [part.html or _escaped(part.text) for part in (self, other) if part.html or part.text]
        return Body(text, "<br>\n".join(both))


def body_of(content: str, written_as: BodyFormat) -> Body:
    """The two alternatives of what was written. Control characters but tabs and line breaks are left out."""
    content = _tidy(content)
    match written_as:
        case "text":
            return Body(content)
        case "html":
            clean = sanitized(content)
            return Body(visible_text(clean, full_links=True).text, clean)
        case "markdown":
            return Body(content, f'<div dir="auto">{_markdown().render(content).strip()}</div>')


def sanitized(markup: str, *, inline_images: bool = True) -> str:
    """HTML that runs nothing, loads nothing but images, and closes every tag it opens.

    `inline_images` are those that come with the message (`cid:`); a quote of a message without them has none.
    """
    import nh3

    return nh3.clean(
        markup,
        tags=nh3.ALLOWED_TAGS | _MORE_TAGS,
        clean_content_tags={"script", "style", "title", "template", "noscript"},
        attributes={
            **nh3.ALLOWED_ATTRIBUTES,
            "*": _EVERYWHERE,
            "a": {"href", "name"},
            "img": {"src", "alt", "border"},
            "font": {"color", "face", "size"},
            "table": {"border", "cellpadding", "cellspacing"},
            "td": {"colspan", "rowspan", "nowrap"},
            "th": {"colspan", "rowspan", "scope"},
        },
        attribute_filter=_harmless,
        filter_style_properties=_STYLE_PROPERTIES,
        url_schemes=_SCHEMES | {"cid"} if inline_images else _SCHEMES,
        url_relative="deny",
        link_rel=None,
    )


def _harmless(_tag: str, attribute: str, value: str) -> str | None:
    if attribute == "style" and _CSS_URL.search(value):
        return None
    return value


def _escaped(text: str) -> str:
    """Plain text inside of HTML, its line breaks kept."""
    return f'<div dir="auto">{html.escape(text, quote=False).replace(chr(10), "<br>" + chr(10))}</div>' if text else ""


def _tidy(content: str) -> str:
    unified = content.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(sign for sign in unified if sign in "\n\t" or not _is_control(sign))
    return kept.strip("\n")


def _is_control(sign: str) -> bool:
    return sign < " " or "\x7f" <= sign < "\xa0" or "\ud800" <= sign <= "\udfff"


@cache
def _markdown() -> "MarkdownIt":
    """The parser: line breaks as typed, tables, no HTML of its own. Built once, in some milliseconds."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "xhtmlOut": False}).enable(
        ["table", "strikethrough"]
    )
    for tag, style in _STYLED.items():
        parser.add_render_rule(f"{tag}_open", _opening(tag, style))
    return parser


def _opening(tag: str, style: str) -> Callable[..., str]:
    def render(_self: object, tokens: "Sequence[Token]", index: int, *_rest: object) -> str:
        token = tokens[index]
        align = str(token.attrs.get("style") or "")
        return f'<{tag} style="{style}{";" + align if align else ""}">'

    return render
