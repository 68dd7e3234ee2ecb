"""What the image installs is enough: the lock's runtime set in an environment of its own, trimmed as the image is."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path

import httpx2
import pytest

from google_workspace_mcp.core.http.server import listen
from scripts.image import assemble

ROOT = Path(__file__).resolve().parents[2]
CALLS = Path(__file__).with_name("calls.py")
# Seconds for an installation from the cache, or a start, on a busy machine.
PATIENCE = 100

pytestmark = pytest.mark.timeout(3 * PATIENCE)


def uv() -> str:
    """The project's own uv, which lies beside the environment that runs the tests."""
    own = Path(sys.prefix).parent / ".uv" / "bin" / "uv"
    found = str(own) if own.exists() else shutil.which("uv")
    assert found is not None
    return found


@pytest.fixture(scope="module")
def trimmed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with the runtime set, trimmed but not compiled."""
    place = tmp_path_factory.mktemp("runtime") / "venv"
    subprocess.run(
        [uv(), "sync", "--quiet", "--locked", "--no-default-groups", f"--python={sys.executable}"],
        cwd=ROOT,
        env={**os.environ, "UV_PROJECT_ENVIRONMENT": str(place), "UV_LINK_MODE": "copy"},
        check=True,
        timeout=PATIENCE,
    )
    (packages,) = place.glob("lib/python3.*/site-packages")
    assemble.trim(packages)
    return place / "bin" / "python"


@pytest.fixture(scope="module")
def aws() -> Generator[str]:
    """The address of an emulator of AWS, a process of its own."""
    with listen() as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as handle:
        try:
            _until_answered(f"http://127.0.0.1:{port}", handle)
            yield f"http://127.0.0.1:{port}"
        finally:
            handle.kill()


def _until_answered(url: str, handle: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while handle.poll() is None and time.monotonic() < end:
        try:
            httpx2.get(f"{url}/moto-api/", timeout=10, trust_env=False)
        except httpx2.TransportError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the emulator did not start")


def test_every_module_of_the_service_and_every_api_it_calls_is_there(trimmed: Path, aws: str):
    answered = subprocess.run(
        [str(trimmed), "-B", "-I", str(CALLS), str(ROOT), aws],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert answered.stdout.strip().endswith("all is there"), answered.stderr


def test_the_discovery_documents_that_are_left_are_three(trimmed: Path):
    (folder,) = trimmed.parents[1].glob("lib/python3.*/site-packages/googleapiclient/discovery_cache/documents")
    assert sorted(path.name for path in folder.iterdir()) == ["calendar.v3.json", "drive.v3.json", "gmail.v1.json"]


def test_trimming_says_so_when_a_document_is_not_where_it_was(tmp_path: Path):
    documents = tmp_path / "googleapiclient" / "discovery_cache" / "documents"
    documents.mkdir(parents=True)
    for name in ("gmail.v1", "drive.v3", "drive.v2"):
        (documents / f"{name}.json").write_text("{}")
    with pytest.raises(SystemExit, match=r"has no calendar\.v3\.json"):
        assemble.keep_documents(tmp_path)
