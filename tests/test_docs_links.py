"""Links in the project's own pages lead somewhere."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOREIGN = {"node_modules", ".venv", ".uv", ".git", ".pytest_cache"}
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*$", re.MULTILINE)
CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)


def own_pages() -> Iterator[Path]:
    for path in sorted(ROOT.rglob("*.md")):
        if not FOREIGN & {*path.relative_to(ROOT).parts}:
            yield path


def anchors(page: Path) -> set[str]:
    """The anchors that a forge makes of headings: lower case, punctuation dropped, spaces to dashes."""
    headings: list[str] = HEADING.findall(page.read_text(encoding="utf-8"))
    plain = (re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


def broken(page: Path, root: Path = ROOT) -> list[str]:
    """The links of a page into the project at `root` that lead nowhere."""
    # The text of a link may be code, so only whole blocks and spans without a link are taken out.
    text = CODE.sub(lambda match: "code" if "](" in match[0] or "\n" in match[0] else match[0], page.read_text("utf-8"))
    found: list[str] = []
    for link in LINK.findall(text):
        if re.match(r"[a-z][a-z+.-]*:", link):
            continue
        place, _, anchor = unquote(link).partition("#")
        target = (page.parent / place).resolve() if place else page
        missing = not target.exists() or root not in target.parents
        if missing or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            found.append(link)
    return found


def test_every_link_into_the_project_leads_to_a_file_and_a_heading():
    assert {page.relative_to(ROOT).as_posix(): links for page in own_pages() if (links := broken(page))} == {}


@pytest.mark.parametrize("link", ["missing.md", "other.md#no-such-heading", "#nor-here", "../outside.md"])
def test_a_link_that_leads_nowhere_is_found(link: str, tmp_path: Path):
    (tmp_path / "other.md").write_text("# Another page\n", encoding="utf-8")
    page = tmp_path / "page.md"
    page.write_text(f"# Here\n[good](other.md#another-page) [good](#here) [bad]({link})\n", encoding="utf-8")
    assert broken(page, tmp_path) == [link]
