"""The picture of a run: where the processor time of each tool goes, and calls a second by callers."""

from html import escape

from tests.bench.results import Results

_WIDTH, _LABEL, _BAR, _ROW = 860, 250, 470, 26
_TOP, _GAP = 74, 64
_STYLE = """
text{font:13px system-ui,-apple-system,'Segoe UI',sans-serif;fill:#1f2328}
.title{font-weight:600;font-size:15px}.small{font-size:12px;fill:#59636e}
.bare{fill:#8c959f}.google{fill:#0969da}.ours{fill:#bf5700}.axis{stroke:#d1d9e0}
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.small{fill:#9198a1}
.bare{fill:#6e7681}.google{fill:#4493f8}.ours{fill:#db8b3b}.axis{stroke:#3d444d}}
"""
_PARTS = (
    ("bare", "bare FastMCP tool"),
    ("google", "the same requests to Google by hand"),
    ("ours", "what this service adds"),
)


def picture(results: Results) -> str:
    """An SVG that reads in light and dark."""
    body, height = _cpu(results)
    rates, height = _rates(results, height + _GAP)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" role="img">',
            f"<title>Processor time by tool, and calls a second by callers</title><style>{_STYLE}</style>",
            *body,
            *rates,
            "</svg>\n",
        ]
    )


def _cpu(results: Results) -> tuple[list[str], int]:
    scale = _BAR / max(each.service.cpu_ms for each in results.tools)
    drawn = [_text(0, 20, "Processor time of one call, milliseconds", "title"), *_legend(_PARTS, 46)]
    y = _TOP
    for each in results.tools:
        drawn.append(_text(_LABEL - 10, y + 15, f"{each.tool}, {each.what}", anchor="end"))
        total = each.service.cpu_ms
        bare = min(total, results.bare.cpu_ms)
        google = min(total - bare, each.raw.cpu_ms if each.raw else 0.0)
        x = float(_LABEL)
        for kind, part in (("bare", bare), ("google", google), ("ours", total - bare - google)):
            drawn.append(_bar(x, y, part * scale, kind))
            x += part * scale
        drawn.append(_text(x + 8, y + 15, f"{total:.1f}", "small"))
        y += _ROW
    return drawn, y


def _rates(results: Results, top: int) -> tuple[list[str], int]:
    """25 events and the bare tool, by the number of callers; a modern client."""
    rows = [
        (callers, kind, name, results.at(server, "modern", callers).rate)
        for callers in sorted({each.callers for each in results.throughput})
        for kind, name, server in (("bare", "bare FastMCP tool", "bare tool"), ("ours", "25 events", "service"))
    ]
    scale = _BAR / max(rate for *_, rate in rows)
    drawn = [_text(0, top - 20, "Calls a second on one core, Google answering at once", "title")]
    y = top
    for callers, kind, name, rate in rows:
        drawn.append(_text(_LABEL - 10, y + 15, f"{callers} caller{'' if callers == 1 else 's'}, {name}", anchor="end"))
        drawn.append(_bar(_LABEL, y, rate * scale, kind))
        drawn.append(_text(_LABEL + rate * scale + 8, y + 15, f"{rate:.0f}", "small"))
        y += _ROW
    return drawn, y + 10


def _legend(parts: tuple[tuple[str, str], ...], y: int) -> list[str]:
    drawn, x = list[str](), _LABEL
    for kind, words in parts:
        drawn += [f'<rect class="{kind}" x="{x}" y="{y - 10}" width="12" height="12" rx="2"/>', _text(x + 18, y, words)]
        x += 44 + round(len(words) * 6.3)
    return drawn


def _bar(x: float, y: int, width: float, kind: str) -> str:
    return f'<rect class="{kind}" x="{x:.1f}" y="{y}" width="{max(0.0, width):.1f}" height="20"/>'


def _text(x: float, y: int, words: str, kind: str = "", *, anchor: str = "start") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:.1f}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'
