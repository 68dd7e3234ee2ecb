"""Draws `tour.svg`, the picture in the README, from what the demo printed:

python main.py demo --once | python docs/images/make_tour.py
"""

import sys
import unicodedata
from html import escape
from pathlib import Path

_COLUMNS, _ROWS_A_CALL = 118, 9
_LINE_HEIGHT, _CHAR_WIDTH, _MARGIN = 18, 7.83, 20


def tour_picture(printed: str) -> str:
    """An SVG of a terminal with the calls of `make demo`, from what it printed; long answers are cut short."""
    lines = _tour_lines(printed)
    width, height = round(_COLUMNS * _CHAR_WIDTH) + 2 * _MARGIN, (len(lines) + 1) * _LINE_HEIGHT + 2 * _MARGIN
    rows = [
        f'<text class="{"call" if line.startswith(">") else "answer"}" x="{_MARGIN}" '
        f'y="{_MARGIN + (number + 1) * _LINE_HEIGHT}">{escape(line)}</text>'
        for number, line in enumerate(lines)
    ]
    style = (
        "text{font:13px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;white-space:pre}"
        ".call{fill:#7ee787;font-weight:600}.answer{fill:#d1d9e0}"
    )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img" '
            'xml:space="preserve">',
            f"<title>What make demo prints</title><style>{style}</style>",
            f'<rect width="{width}" height="{height}" rx="8" fill="#151b23"/>',
            *rows,
            "</svg>\n",
        ]
    )


def _tour_lines(printed: str) -> list[str]:
    """The lines from the sign-in to the addresses, with at most so many of each answer."""
    shown, of_this_call = ["$ make demo"], 0
    for line in printed.partition("\nAddresses")[0].replace("\t", "  ").splitlines():
        of_this_call = 0 if line.startswith(">") else of_this_call + 1
        if line.startswith(">") and shown[-1]:
            shown.append("")
        if of_this_call < _ROWS_A_CALL:
            shown.append(_cut(line))
        elif of_this_call == _ROWS_A_CALL and line:
            shown.append("  …")
    return shown


def _cut(line: str) -> str:
    """The line as far as it fits; a Chinese or Japanese character takes two columns."""
    columns = 0
    for position, character in enumerate(line):
        columns += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if columns > _COLUMNS:
            return f"{line[: position - 1]}…"
    return line


if __name__ == "__main__":
    Path(__file__).with_name("tour.svg").write_text(tour_picture(sys.stdin.read()), encoding="utf-8")
