"""What a person would see of a message: for the snippet, and the words that search knows."""

import html
import re
import unicodedata

from selectolax.lexbor import LexborHTMLParser

from google_workspace_mcp.sandbox.gmail.headers import decode_bytes
from google_workspace_mcp.sandbox.gmail.mime import Part

SNIPPET_LENGTH = 200

# A deep tree costs the parser seconds (50,000 nested elements: 3 s); beyond this many tags they are cut out by pattern.
_LARGEST_PARSED = 2_000_000
_MOST_TAGS = 20_000
_TAG = re.compile(r"<[^<>]*>")
_SPACES = re.compile(r"\s+")
_UNSEEN = (
    'script, style, head, title, template, [hidden], [style*="display:none" i], [style*="display: none" i],'
    ' [style*="visibility:hidden" i], [style*="font-size:0;" i], [style$="font-size:0" i]'
)
# One ideograph, kana or emoji is a word of its own: such text has no spaces to split at.
_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u2600-\u27bf\U0001f000-\U0001faff\U00020000-\U0003ffff]|\w+"
)
_RUN = re.compile(r"([\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])")


def words(text: str) -> tuple[str, ...]:
    """The words that search compares: compatibility-normalised, case-folded, in order."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return tuple(_WORD.findall(_RUN.sub(r" \1 ", folded)))


def visible_text(source: str) -> str:
    """The text of an HTML document without what style or markup hides. Zero-width characters stay, as in Gmail."""
    if len(source) > _LARGEST_PARSED or source.count("<") > _MOST_TAGS:
        return _collapse(html.unescape(_TAG.sub(" ", source)))
    tree = LexborHTMLParser(source)
    for node in tree.css(_UNSEEN):
        node.decompose()
    return _collapse(tree.body.text(deep=True, separator=" ") if tree.body else "")


def body_text(root: Part) -> str:
    """All readable text of the message, the plain alternative before the HTML one, enclosed messages included."""
    return " ".join(_readable(part) for part in root.walk() if part.is_readable)


def lead_text(root: Part) -> str:
    """The text a person would be shown first."""
    readable = [part for part in root.walk() if part.is_readable]
    plain = next((part for part in readable if part.mime_type != "text/html" and part.content.strip()), None)
    chosen = plain or next(iter(readable), None)
    return _readable(chosen) if chosen else ""


def snippet(root: Part) -> str:
    """The first 200 characters or so of the visible text, cut at a word, HTML-escaped as the API gives it."""
    text = _collapse(lead_text(root))
    if len(text) > SNIPPET_LENGTH:
        text = text[:SNIPPET_LENGTH].rpartition(" ")[0] or text[:SNIPPET_LENGTH]
    return html.escape(text, quote=True).replace("&#x27;", "&#39;")


def _readable(part: Part) -> str:
    text = decode_bytes(part.content, part.charset)
    return visible_text(text) if part.mime_type == "text/html" else text


def _collapse(text: str) -> str:
    return _SPACES.sub(" ", text).strip()
