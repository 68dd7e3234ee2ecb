"""The words that the pages put into the service's mouth are words that it says."""

import ast
import re
from pathlib import Path

import pytest

from google_workspace_mcp.core import errors
from google_workspace_mcp.core.google import endings

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "google_workspace_mcp"
TROUBLESHOOTING = ROOT / "docs" / "troubleshooting.md"
QUOTED = re.compile(r'"([^"]+)"')


def said_by_the_service() -> str:
    """Every text in code and pages, one after the other; the parts of an f-string apart, and docstrings left out."""
    texts: list[str] = []
    for path in PACKAGE.rglob("*.py"):
        if "sandbox" not in path.parts:
            texts += _texts(ast.parse(path.read_text(encoding="utf-8")))
    texts += [path.read_text(encoding="utf-8") for path in PACKAGE.rglob("templates/*.html")]
    return "\n".join(" ".join(text.split()) for text in texts)


def _texts(tree: ast.Module) -> list[str]:
    nodes = list(ast.walk(tree))
    docstrings = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    constants = [node for node in nodes if isinstance(node, ast.Constant) and id(node) not in docstrings]
    return [node.value for node in constants if isinstance(node.value, str)]


def points(page: str) -> list[str]:
    """The list items and rows of a page, each on one line."""
    joined = re.sub(r"\n  +", " ", page)
    return [line for line in joined.splitlines() if line.startswith(("- ", "| "))]


def parts(sentence: str) -> list[str]:
    """A quotation as it can be looked for: what changes from case to case is written as an ellipsis."""
    return [part for part in re.split(r"https://…\S*|…", sentence) if part.strip()]


def unsaid(lines: list[str]) -> list[str]:
    said = said_by_the_service()
    quoted = [sentence for line in lines for sentence in QUOTED.findall(line)]
    assert quoted
    return [sentence for sentence in quoted if not all(" ".join(part.split()) in said for part in parts(sentence))]


def ours() -> list[str]:
    page = TROUBLESHOOTING.read_text(encoding="utf-8")
    by_google = ("- **Google shows**",)
    start = page.index("## It does not start")
    told = [line for line in points(page[:start]) if "**The service says**" in line or "`doctor`" in line]
    rows = [line for line in points(page[start:]) if '"' in line]
    return [_without_names(line) for line in (*told, *rows) if not line.startswith(by_google)]


def _without_names(line: str) -> str:
    """Without what is quoted as a name of something else, such as a type of client in Google's console."""
    return line.replace('"Desktop app"', "")


def test_every_sentence_of_the_service_in_troubleshooting_is_one_that_it_says():
    assert unsaid(ours()) == []


def test_a_sentence_that_it_does_not_say_is_found():
    assert unsaid(['- **The service says**: "Something is amiss somewhere."']) == ["Something is amiss somewhere."]


def test_what_a_failed_sign_in_shows_is_what_the_service_says():
    page = (ROOT / "docs" / "connect.md").read_text(encoding="utf-8")
    rows = points(page[page.index("## When a sign-in fails") :])
    assert unsaid([row.split("|")[1] for row in rows if '"' in row.split("|")[1]]) == []


def test_every_code_and_cause_is_one_that_exists():
    page = TROUBLESHOOTING.read_text(encoding="utf-8")
    codes = set(re.findall(r"code\s+`(\w+)`", page))
    causes = set(re.findall(r"cause\s+`(\w+)`", page))
    known = {one.code for one in vars(errors).values() if isinstance(one, type) and hasattr(one, "code")}
    assert {"reauth_required", "misconfigured", "scope_missing"} <= codes
    assert codes - known <= {"invalid_client"}
    assert causes == {endings.TESTING_WEEK, endings.SESSION_POLICY, endings.INVALID_GRANT}


@pytest.mark.parametrize(
    "page", ["README.md", "docs/errors.md", "docs/connect.md", "docs/operations.md", "docs/google-setup.md"]
)
def test_the_pages_that_people_open_first_lead_to_it(page: str):
    assert "troubleshooting.md" in (ROOT / page).read_text(encoding="utf-8")
