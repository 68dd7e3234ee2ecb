"""Docker if it answers, else Buildah and Podman with a store of their own: the same commands either way."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.image.base import make_base

ROOT = Path(__file__).resolve().parents[2]
IMAGE = "localhost/google-workspace-mcp:dev"
_BASE = "docker.io/library/python:3.13-slim"
_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
# What the task definition and compose.yaml give the container, or less. Some machines forbid raising a limit.
CONFINED = (
    "--read-only",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--ulimit=nofile=1024:1024",
    "--ulimit=nproc=1024:1024",
)


class CannotBuildError(Exception):
    """This machine has nothing to build an image with; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Engine:
    """`command` starts every command of the engine, `build_command` a build; `extras` go to every `run`."""

    name: str
    command: tuple[str, ...]
    build_command: tuple[str, ...]
    extras: tuple[str, ...] = ()

    def build(self, tag: str = IMAGE, arguments: Sequence[str] = ()) -> None:
        """Builds the Dockerfile of this repository. Raises CalledProcessError; the build's words go to the terminal."""
        subprocess.run([*self.build_command, "--tag", tag, *arguments, str(ROOT)], check=True)

    def output(self, *arguments: str, timeout: float = 120) -> str:
        """What a command of the engine printed. Raises CalledProcessError."""
        done = subprocess.run(
            [*self.command, *arguments],
            check=True,
            capture_output=True,
            text=True,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
        )
        return done.stdout.strip()

    def run_arguments(self, *arguments: str) -> list[str]:
        """The command line that runs a confined container on this machine's network."""
        return [*self.command, "run", "--network=host", *CONFINED, *self.extras, *arguments]


def find_engine(cache: Path) -> Engine:
    """The engine of this machine; what it must download is kept in `cache`. Raises CannotBuildError."""
    docker = shutil.which("docker")
    if docker and not subprocess.run([docker, "info"], capture_output=True, check=False).returncode:
        return Engine("docker", (docker,), (docker, "build"))
    return _podman(cache)


def _podman(cache: Path) -> Engine:
    missing = [name for name in ("podman", "buildah", "runc", "debootstrap") if not shutil.which(name)]
    if missing:
        raise CannotBuildError(
            f"no Docker engine answers, and {', '.join(missing)} is not installed: "
            "apt-get install --no-install-recommends podman buildah runc debootstrap"
        )
    if os.geteuid():
        raise CannotBuildError("no Docker engine answers, and Buildah without one needs root here")
    place = (f"--root={cache / 'storage'}", f"--runroot={cache / 'run'}", "--storage-driver=overlay")
    podman = ("podman", *place, "--runtime=runc", "--cgroup-manager=cgroupfs", "--events-backend=file")
    build = ("buildah", *place, "bud", "--isolation=chroot", "--pull-never", "--format=docker", "--layers")
    # Without systemd nothing would run the health check; and /tmp must be as read-only as with Docker.
    engine = Engine(
        "podman", podman, (*build, *_trusted(cache)), extras=("--no-healthcheck", "--read-only-tmpfs=false")
    )
    _import_base(engine, cache)
    return engine


def _import_base(engine: Engine, cache: Path) -> None:
    if engine.output("images", "--quiet", _BASE):
        return
    archive = cache / "base.tar"
    make_base(archive)
    engine.output("import", str(archive), _BASE)


def _trusted(cache: Path) -> tuple[str, ...]:
    """Lends the build, and not the image, the certificates that this machine trusts package indexes by."""
    bundle = os.environ.get("SSL_CERT_FILE")
    if not bundle:
        return ()
    cache.mkdir(parents=True, exist_ok=True)
    settings = cache / "uv.toml"
    settings.write_text("system-certs = true\n")
    return f"--volume={bundle}:{_BUNDLE}:ro", f"--volume={settings}:/etc/uv/uv.toml:ro"
