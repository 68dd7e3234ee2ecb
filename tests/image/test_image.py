"""The image itself: built, weighed, and used as a task would use it. Needs Docker, or root with Buildah and Podman."""

import fcntl
import re
import subprocess
from collections.abc import Generator
from secrets import token_hex

import pytest

from scripts.image.__main__ import MOST_COMPRESSED_MB, default_cache
from scripts.image.assemble import DOCUMENTS
from scripts.image.engine import CannotBuildError, Engine, find_engine
from scripts.image.measure import Weight, weigh
from scripts.image.smoke import Outcome, try_out

# Of its own, for another process of this run may build one too and removes it at its end.
TAG = f"localhost/google-workspace-mcp:test-{token_hex(4)}"
pytestmark = [pytest.mark.image, pytest.mark.proof, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def engine() -> Generator[Engine]:
    cache = default_cache()
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            engine = find_engine(cache)
        except CannotBuildError as error:
            pytest.skip(str(error))
        engine.build(TAG)
    yield engine
    engine.output("rmi", "--force", TAG)


@pytest.fixture(scope="module")
def weight(engine: Engine) -> Weight:
    return weigh(engine, TAG)


@pytest.fixture(scope="module")
def outcome(engine: Engine) -> Outcome:
    return try_out(engine, TAG)


def test_it_is_light_enough(weight: Weight):
    assert weight.compressed < MOST_COMPRESSED_MB * 1e6


def test_it_carries_three_discovery_documents(weight: Weight):
    found = [
        path.rpartition("/")[2] for path in weight.paths if re.search(r"discovery_cache/documents/.+\.json$", path)
    ]
    assert sorted(found) == sorted(f"{name}.json" for name in DOCUMENTS)


def test_it_carries_neither_tests_nor_pages_nor_the_simulated_google(weight: Weight):
    ours = {path.split("/")[1] for path in weight.paths if path.startswith("app/")}
    assert ours == {".venv", "google_workspace_mcp", "healthcheck.py", "main.py"}
    unwanted = re.compile(r"^app/google_workspace_mcp/(sandbox|demo|docgen)|site-packages/(pytest|moto|fpdf)(/|$)")
    assert [path for path in weight.paths if unwanted.search(path)] == []


def test_it_trusts_nobody_but_whom_its_base_trusts(weight: Weight):
    assert not [path for path in weight.paths if path.startswith(("etc/uv", "etc/pip"))]


@pytest.mark.parametrize("place", ["app/google_workspace_mcp/", "app/.venv/lib/"])
def test_every_module_is_compiled(weight: Weight, place: str):
    paths = {path for path in weight.paths if path.startswith(place)}
    sources = {path for path in paths if path.endswith(".py")}
    bytecode = {path for path in paths if path.endswith(".pyc")}
    compiled = {re.sub(r"__pycache__/(.+)\.cpython-313\.pyc$", r"\1.py", path) for path in bytecode}
    assert sources
    assert sources - compiled == set()


@pytest.mark.parametrize(
    ("command", "words"),
    [("demo", "The image has no demo"), ("serve", "GWMCP_STORE: [Errno 30] Read-only file system")],
)
def test_what_it_cannot_do_is_said_in_a_line(engine: Engine, command: str, words: str):
    client = ("--env=GWMCP_GOOGLE_CLIENT_ID=id", "--env=GWMCP_GOOGLE_CLIENT_SECRET=secret")
    arguments = engine.run_arguments("--rm", *client, TAG, command)
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.security("L-1", "L-7")
def test_a_confined_container_signs_in_answers_and_stops_without_losing_a_call(outcome: Outcome):
    assert "it ended with 0" in outcome.passed
    assert "nothing but the volume can be written to" in outcome.passed
    assert outcome.start_seconds < 30
