"""The mail that is answered or passed on, in the form that mail programs fold and people know."""

import html
from dataclasses import dataclass

from google_workspace_mcp.gmail.compose.body import Body, sanitized


@dataclass(frozen=True, slots=True)
class Original:
    """What is told of the message: its fields as clean lines, its date in words, and its text."""

    sender: str
    date: str
    subject: str
    to: str
    cc: str
    text: str
    html: str = ""


def quoted(original: Original) -> Body:
    """The original below an answer: `> ` before each line, and Gmail's own block in HTML."""
    said = f"On {original.date}, {original.sender} wrote:"
    lines = "\n".join(f"> {line}" if line else ">" for line in original.text.split("\n"))
    markup = (
        '<div class="gmail_quote"><div dir="ltr" class="gmail_attr">'
        f"{html.escape(said)}<br></div>"
        '<blockquote class="gmail_quote" style="margin:0 0 0 0.8ex;border-left:1px solid #ccc;padding-left:1ex">'
        f"{_markup(original, inline_images=False)}</blockquote></div>"
    )
    return Body(f"{said}\n\n{lines}", markup)


def forwarded(original: Original) -> Body:
    """The original as it is passed on, with its fields above."""
    fields = [
        ("From", original.sender),
        ("Date", original.date),
        ("Subject", original.subject),
        ("To", original.to),
        ("Cc", original.cc),
    ]
    told = [(name, value) for name, value in fields if value]
    said = "---------- Forwarded message ---------"
    text = "\n".join([said, *(f"{name}: {value}" for name, value in told), "", original.text])
    lines = "<br>".join(f"{name}: {html.escape(value)}" for name, value in told)
    markup = (
        f'<div class="gmail_quote"><div dir="ltr" class="gmail_attr">{said}<br>{lines}<br></div><br>'
        f"{_markup(original, inline_images=True)}</div>"
    )
    return Body(text, markup)


def _markup(original: Original, *, inline_images: bool) -> str:
    if original.html:
        return sanitized(original.html, inline_images=inline_images)
    return html.escape(original.text, quote=False).replace("\n", "<br>\n")
