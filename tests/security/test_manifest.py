"""Every row that is done has a test, and every test that names a row names one that exists."""

import ast
from collections import defaultdict
from pathlib import Path

from tests.security.requirements import ROWS

TESTS = Path(__file__).parent.parent


def named_rows() -> dict[str, list[str]]:
    """Rows by the tests that claim them: arguments of `pytest.mark.security(...)` decorators."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for decorator in node.decorator_list:
                    if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.security":
                        for argument in decorator.args:
                            found[str(ast.literal_eval(argument))].append(f"{path.name}::{node.name}")
    return found


def test_every_row_that_is_done_has_a_test() -> None:
    done = {row for row, requirement in ROWS.items() if not requirement.due}
    assert done - set(named_rows()) == set()


def test_every_test_that_names_a_row_names_one_that_exists() -> None:
    assert set(named_rows()) - set(ROWS) == set()
