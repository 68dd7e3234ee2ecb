"""What a person sees of an HTML mail or page, as text.

Mail is written to look different to machines than to people: hidden paragraphs, white on white, padding of invisible
characters, a stub for those who read no HTML. Here only what is seen remains, and how much was not is counted.
"""

import html as entities
import re
from dataclasses import dataclass

from google_workspace_mcp.core.content.characters import clean
from google_workspace_mcp.core.content.guard import affordable
from google_workspace_mcp.core.content.page import seen_page
from google_workspace_mcp.core.content.render import rendered

MAX_CHARS = 10_000_000
_ANY_TAG = re.compile(r"<[^<>]{0,100000}>")
_RAW = re.compile(r"<(script|style|template)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class VisibleText:
    """The text; how many characters of text were hidden; whether the whole page was read as a person sees it.

    `hidden` is the beginning of the hidden text, to be looked at and never shown.
    """

    text: str
    hidden_chars: int
    complete: bool
    hidden: str = ""


def visible_text(html: str, *, full_links: bool = False) -> VisibleText:
    """The seen text of `html`, in Markdown as far as structure matters.

    At most 10 million characters are read. A page that is too deep or has too many elements is reduced to its text by
    dropping the tags, and so may contain what a person would not see: then `complete` is False.
    """
    complete = len(html) <= MAX_CHARS
    html = html[:MAX_CHARS]
    tags = html.count("<")
    if not affordable(html, tags):
        return VisibleText(clean(_without_tags(html)), 0, complete=False)
    page = seen_page(html, tags)
    if not page.whole:
        return VisibleText(clean(_without_tags(html)), 0, complete=False)
    text = clean(rendered(page.body, full_links=full_links))
    return VisibleText(text, page.hidden_chars, complete and page.complete, page.hidden)


def _without_tags(html: str) -> str:
    kept: list[str] = []
    position = 0
    lower = html.lower()
    while match := _RAW.search(html, position):
        kept.append(html[position : match.start()])
        end = lower.find(f"</{match[1].lower()}", match.end())
        position = end if end >= 0 else len(html)
    kept.append(html[position:])
    return entities.unescape(_ANY_TAG.sub(" ", "".join(kept)))
