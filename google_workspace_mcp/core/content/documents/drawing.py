"""SVG drawings: their words, shown by the reader of web pages, which takes drawings inside of a page for pictures."""

import re

from google_workspace_mcp.core.content.html import VisibleText, visible_text

_TAG = re.compile(r"<(/?)(?:svg:)?([a-zA-Z][a-zA-Z0-9]{0,40})([^<>]{0,100000})>")
# What is defined, described or drawn elsewhere is not seen where it stands.
_ELSEWHERE = ("defs", "symbol", "title", "desc", "metadata", "clippath", "mask", "pattern")
_AS_HTML = {
    "svg": "div",
    "g": "div",
    "text": "div",
    "a": "span",
    "tspan": "span",
    "textpath": "span",
    "style": "script",
    "script": "script",
    **dict.fromkeys(_ELSEWHERE, "template"),
}
# These say as attributes what they would say as a style.
_UNSEEN = re.compile(
    r"\b(?:display\s*=\s*[\"']none|visibility\s*=\s*[\"'](?:hidden|collapse)"
    r"|(?:fill-)?opacity\s*=\s*[\"']0*\.?0*[\"']|font-size\s*=\s*[\"'][01](?:px)?[\"'])",
    re.IGNORECASE,
)


def seen_drawing(svg: str) -> VisibleText:
    """The words of a drawing that are seen, one text a line.

    What is painted behind white words is not known, so they are read.
    """
    return visible_text(_TAG.sub(_as_html, svg))


def _as_html(tag: re.Match[str]) -> str:
    close, name, attributes = tag.groups()
    html = _AS_HTML.get(name.lower())
    if html is None:
        return ""
    hidden = " hidden" if not close and _UNSEEN.search(attributes) else ""
    # An element that closes itself is nothing in HTML but an open one.
    end = f"</{html}>" if not close and attributes.endswith("/") else ""
    return f"<{close}{html}{hidden} {attributes.rstrip('/')}>{end}" if not close else f"</{html}>"
