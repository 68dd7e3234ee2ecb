"""`docs/performance.md`: each measurement writes its own section and leaves the others as they are."""

import re
from pathlib import Path
from typing import Final

PAGE: Final = Path(__file__).parents[2] / "docs" / "performance.md"


def with_section(page: str, name: str, text: str) -> str:
    """The page with the section `name` replaced. Raises ValueError when the page has no place for it."""
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    pattern = re.compile(re.escape(begin) + r".*?" + re.escape(end), re.DOTALL)
    replaced, count = pattern.subn(lambda _: f"{begin}\n\n{text.strip()}\n\n{end}", page)
    if count != 1:
        raise ValueError(f"docs/performance.md needs one place for the section {name}, and has {count}")
    return replaced


def write_section(name: str, text: str) -> None:
    """Put `text` (Markdown) into the section `name` of the page."""
    PAGE.write_text(with_section(PAGE.read_text(encoding="utf-8"), name, text), encoding="utf-8")
