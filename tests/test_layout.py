"""The shape of the tree: what imports what, what is called by whom, and how large a piece may get."""

import ast
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "google_workspace_mcp"
LONGEST_MODULE = 400
LONGEST_FUNCTION = 60
# Seconds that a fresh interpreter may take on a busy machine.
PATIENCE = 90

# Packages that can open a connection to Google, or build what is sent there.
GOOGLE_WAYS = (
    "aiohttp",
    "google",
    "google_auth_httplib2",
    "google_auth_oauthlib",
    "googleapiclient",
    "http.client",
    "httplib2",
    "httpx",
    "httpx2",
    "requests",
    "urllib.request",
    "urllib3",
)
# Everything else that may import one of them, and why.
OTHER_WAYS = {
    "foundation.py": "holds the one client, which core/google makes, and closes it at the end",
    "core/http/egress.py": "fetches addresses that came from outside, such as key sets, and refuses private ones",
    "auth/google_sign_in.py": "builds Google's sign-in address, offline",
    "core/aws.py": "knows how a body from AWS can break off; it speaks to AWS alone",
    "doctor/google.py": "sees whether Google can be reached, and knows this client",
    "doctor/agents.py": "passes the client on to core/http/egress.py, for the key sets of agents",
    "doctor/addresses.py": "calls the service's own addresses, and Google never",
}
SIMULATION = ("sandbox/", "demo/")


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if "__pycache__" not in path.parts)


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def imports(path: Path) -> Iterator[str]:
    """What a module imports, by full name, wherever in the module it does."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = node.module or ""
            yield from (f"{source}.{alias.name}" for alias in node.names)


def belongs(imported: str, packages: tuple[str, ...]) -> bool:
    return any(imported == package or imported.startswith(f"{package}.") for package in packages)


def python(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        cwd=ROOT,
        input=typed,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.mark.slow
def test_calendar_is_the_standard_librarys_in_the_process_that_main_py_runs_in():
    # `-i` keeps the interpreter of `main.py --help` open for one more question.
    answered = python("-i", "main.py", "--help", typed="import calendar\nprint('calendar is', calendar.__file__)\n")
    assert f"calendar is {sysconfig.get_path('stdlib')}" in answered.stdout, answered.stderr


def test_there_is_no_calendar_at_the_root_or_without_a_package_around_it():
    assert not (ROOT / "calendar").exists()
    assert not (ROOT / "calendar.py").exists()
    assert (ROOT / "tests" / "__init__.py").exists()


@pytest.mark.slow
def test_every_module_can_be_imported_in_a_fresh_interpreter_without_a_warning():
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in modules()]
    code = f"import importlib\nfor name in {names!r}: importlib.import_module(name)"
    assert python("-c", code).stderr == ""


def test_nothing_but_core_google_has_a_way_to_google():
    others = {
        name_of(path)
        for path in modules()
        if not name_of(path).startswith(("core/google/", *SIMULATION))
        and any(belongs(imported, GOOGLE_WAYS) for imported in imports(path))
    }
    assert others == OTHER_WAYS.keys()


def test_nothing_but_the_demo_imports_the_simulated_google():
    guilty = [
        name_of(path)
        for path in modules()
        if not name_of(path).startswith(SIMULATION)
        and any(belongs(imported, ("google_workspace_mcp.sandbox",)) for imported in imports(path))
    ]
    assert guilty == []


def test_no_import_is_relative():
    relative = [
        name_of(path)
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []


def test_only_the_settings_and_the_command_line_read_the_environment():
    readers = {
        name_of(path)
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    }
    assert readers <= {"core/settings.py", "cli.py"}


def test_no_module_needs_a_table_of_contents():
    sizes = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    # The settings are one table, which reads best in one piece.
    del sizes["core/settings.py"]
    assert {name: size for name, size in sizes.items() if size > LONGEST_MODULE} == {}


def test_no_function_is_longer_than_a_screen():
    long: dict[str, int] = {}
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                size = (node.end_lineno or node.lineno) - node.lineno + 1
                if size > LONGEST_FUNCTION:
                    long[f"{name_of(path)}:{node.name}"] = size
    assert long == {}
