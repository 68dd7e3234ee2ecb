"""What the image and the container are made from, read without building anything."""

import json
import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.markers import Marker
from packaging.tags import compatible_tags, cpython_tags
from packaging.utils import parse_wheel_filename

from google_workspace_mcp.core.google.resources import VERSIONS
from google_workspace_mcp.core.http.server import DRAIN_SECONDS, GRACEFUL_SECONDS
from scripts.image.assemble import DOCUMENTS

ROOT = Path(__file__).resolve().parents[2]
ARM = {"sys_platform": "linux", "platform_machine": "aarch64", "platform_system": "Linux", "os_name": "posix"}
# Debian 13, under the official image, has glibc 2.41.
ARM_PLATFORMS = [f"manylinux_2_{minor}_aarch64" for minor in range(41, 16, -1)] + ["manylinux2014_aarch64"]


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile as pairs of instruction and arguments, comments and continuations resolved."""
    text = (ROOT / "Dockerfile").read_text()
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#")).replace("\\\n", " ")
    pairs = (line.strip().partition(" ") for line in lines.splitlines() if line.strip())
    return [(name, arguments.strip()) for name, _, arguments in pairs]


def last(instruction: str) -> str:
    return [arguments for name, arguments in instructions() if name == instruction][-1]


def test_it_starts_without_a_shell():
    assert json.loads(last("ENTRYPOINT")) == ["/app/.venv/bin/python", "/app/main.py"]
    assert json.loads(last("CMD")) == ["serve"]
    assert json.loads(last("HEALTHCHECK").partition("CMD ")[2])[-1] == "/app/healthcheck.py"


def test_it_runs_as_a_number_that_is_not_root():
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", last("USER"))


def test_old_builders_understand_it():
    assert not [line for line in instructions() if re.search(r"<<|--link|--mount", line[1])]


def test_nothing_is_run_in_the_stage_that_becomes_the_image():
    names = [name for name, _ in instructions()]
    final = names[len(names) - names[::-1].index("FROM") :]
    assert "RUN" not in final
    assert "ADD" not in final


def test_it_names_no_index_certificate_or_mirror():
    assert not re.search(r"(?i)index|cert|mirror|proxy|https?://|trusted", (ROOT / "Dockerfile").read_text())


def test_it_keeps_the_documents_of_exactly_the_apis_that_are_called():
    assert set(DOCUMENTS) == {f"{service}.{version}" for service, version in VERSIONS.items()}


def test_the_builder_is_sent_nothing_that_is_not_named():
    patterns = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert patterns[0] == "*"
    copied = [
        shlex.split(arguments) for name, arguments in instructions() if name == "COPY" and "--from" not in arguments
    ]
    sources = {source for words in copied for source in words[:-1]}
    assert sources == {pattern[1:] for pattern in patterns if pattern.startswith("!")}
    assert {"google_workspace_mcp/sandbox", "google_workspace_mcp/demo"} < set(patterns)


# -- compose.yaml


@pytest.fixture(scope="module")
def container() -> dict[str, Any]:
    document = yaml.safe_load((ROOT / "compose.yaml").read_text())
    assert set(document) == {"services", "volumes"}
    (only,) = document["services"].values()
    return only


def test_compose_confines_the_container(container: dict[str, Any]):
    assert container["read_only"] is True
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in container
    assert "cap_add" not in container


def test_compose_publishes_on_loopback_only_and_no_metrics(container: dict[str, Any]):
    (published,) = container["ports"]
    assert published.startswith("127.0.0.1:")
    assert published.endswith(":8000")


def test_compose_keeps_the_store_in_its_volume_whatever_the_settings_file_says(container: dict[str, Any]):
    (mounted,) = container["volumes"]
    volume, _, place = mounted.partition(":")
    assert container["environment"]["GWMCP_STORE"].startswith(f"file://{place}/")
    assert ("COPY", "--from=build --chown=10001:10001 /volumes/ /") in instructions()
    assert f"/volumes{place}" in " ".join(arguments for name, arguments in instructions() if name == "RUN")
    assert volume in yaml.safe_load((ROOT / "compose.yaml").read_text())["volumes"]
    assert container["environment"]["GWMCP_HOST"] == "0.0.0.0"
    assert container["env_file"] == ".env"


def test_compose_waits_longer_than_a_stop_may_take(container: dict[str, Any]):
    assert int(container["stop_grace_period"].removesuffix("s")) >= DRAIN_SECONDS + GRACEFUL_SECONDS + 5


def test_compose_checks_health_as_the_image_does(container: dict[str, Any]):
    kind, *command = container["healthcheck"]["test"]
    assert kind == "CMD"
    assert command == json.loads(last("HEALTHCHECK").partition("CMD ")[2])


# -- the other architecture


def locked() -> dict[str, dict[str, Any]]:
    packages = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    return {package["name"]: package for package in packages}


def runtime(packages: dict[str, dict[str, Any]]) -> set[str]:
    """Names of what the image installs on ARM: the project's dependencies and theirs, without groups."""
    found: set[str] = set()
    todo = [("google-workspace-mcp", frozenset[str]())]
    seen: set[tuple[str, frozenset[str]]] = set()
    while todo:
        name, extras = todo.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        found.add(name)
        package = packages[name]
        optional = package.get("optional-dependencies", {})
        for needed in package.get("dependencies", []) + [one for extra in extras for one in optional.get(extra, [])]:
            if "marker" not in needed or Marker(needed["marker"]).evaluate(dict(ARM)):
                todo.append((needed["name"], frozenset(needed.get("extra", ()))))
    return found - {"google-workspace-mcp"}


def test_every_package_has_a_wheel_for_arm_so_that_nothing_is_compiled():
    packages = locked()
    good = {*cpython_tags((3, 13), platforms=ARM_PLATFORMS), *compatible_tags((3, 13), platforms=ARM_PLATFORMS)}
    names = runtime(packages)
    assert {"uvloop", "cryptography", "pydantic-core", "selectolax"} < names
    assert not {"moto", "pytest", "fpdf2"} & names
    without = {
        name
        for name in names
        if not any(
            parse_wheel_filename(wheel["url"].rpartition("/")[2])[3] & good
            for wheel in packages[name].get("wheels", [])
        )
    }
    assert without == set()
