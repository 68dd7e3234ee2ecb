"""Text from outside, freed of what a person cannot see.

Everything that people outside this service wrote (bodies, subjects, names, titles, file names) passes `clean` or
`clean_line` before it stands in a result: invisible characters carry hidden instructions and cost tokens.
"""

import re

from google_workspace_mcp.core.content.fence import without_markers
from google_workspace_mcp.core.content.hosts import with_true_hosts

_INVISIBLE_RANGES = (
    (0x0000, 0x0008),  # C0 controls, without tab and line feed
    (0x000E, 0x001F),
    (0x007F, 0x0084),  # DEL and C1 controls, without next line (0085)
    (0x0086, 0x009F),
    (0x00AD, 0x00AD),  # soft hyphen
    (0x034F, 0x034F),  # combining grapheme joiner
    (0x061C, 0x061C),  # Arabic letter mark
    (0x115F, 0x1160),  # Hangul fillers
    (0x17B4, 0x17B5),  # Khmer inherent vowels
    (0x180B, 0x180F),  # Mongolian selectors and vowel separator
    (0x200B, 0x200F),  # zero-width characters and direction marks
    (0x202A, 0x202E),  # bidi embeddings and overrides
    (0x2060, 0x206F),  # word joiner, invisible operators, bidi isolates
    (0x3164, 0x3164),  # Hangul filler
    (0xD800, 0xDFFF),  # lone surrogates cannot be encoded
    (0xFE00, 0xFE0F),  # variation selectors: sixteen of them spell hidden bytes
    (0xFEFF, 0xFEFF),  # byte-order mark
    (0xFFA0, 0xFFA0),  # halfwidth Hangul filler
    (0xFFF0, 0xFFFB),  # interlinear annotation
    (0xFFFE, 0xFFFF),
    (0x1BCA0, 0x1BCA3),  # shorthand format controls
    (0x1D173, 0x1D17A),  # musical format controls
    (0xE0000, 0xE0FFF),  # tag characters and more variation selectors
)
_INVISIBLE = re.compile("[" + "".join(f"{chr(low)}-{chr(high)}" for low, high in _INVISIBLE_RANGES) + "]+")
_LINE_END = re.compile("\r\n?|[\v\f\u0085\u2028\u2029]")
# Every other space, the Braille blank among them, looks like a space and is one here.
_SPACE = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000]")
_INNER_RUN = re.compile(r"[ \t]{3,}")
_BLANK_LINES = re.compile(r"\n{3,}")
_MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
# More than four marks on one letter only smear over the lines around; Vietnamese, the longest real case, has two.
_STACKED_MARKS = re.compile(f"({_MARK}{{4}}){_MARK}+")
_INDENT_LIMIT = 16


def strip_invisible(text: str) -> str:
    """The text without characters that show nothing; spaces and line ends keep their number."""
    if text.isascii() and text.isprintable():
        return text  # nothing below could match: 0.1 µs instead of 1.9 for most titles and names
    text = _LINE_END.sub("\n", text)
    text = _INVISIBLE.sub("", text)
    return _STACKED_MARKS.sub(r"\1", _SPACE.sub(" ", text))


def clean(text: str) -> str:
    """Many lines of text as a person sees them: nothing invisible, `\\n` ends lines, padding collapsed.

    Runs of three and more spaces inside a line become two, indentation is kept up to 16, more than one blank line
    becomes one. Hosts show as DNS knows them. Time is linear in the length.
    """
    lines = [_collapsed(line) for line in with_true_hosts(strip_invisible(text)).split("\n")]
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n")


def clean_line(text: str, limit: int = 0) -> str:
    """One line of text as a person sees it; every run of white space is one space. `limit` cuts, with an ellipsis.

    Such lines stand outside of the markers around longer text, so nothing in them may imitate one.
    """
    line = without_markers(" ".join(with_true_hosts(strip_invisible(text)).split()))
    if limit and len(line) > limit:
        return line[: max(0, limit - 1)].rstrip() + "…"
    return line


def _collapsed(line: str) -> str:
    body = line.strip(" \t")
    if not body:
        return ""
    indent = line[: len(line) - len(line.lstrip(" \t"))][:_INDENT_LIMIT]
    return indent + _INNER_RUN.sub("  ", body)
