"""Runs the Node.js programs of `tests/clients`, which bring a Node.js of their own."""

import fcntl
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
_BIN = FOLDER / "node_modules" / ".bin"
_LOCK = FOLDER / "package-lock.json"
# npm writes it last, so a broken installation has none.
_INSTALLED = FOLDER / "node_modules" / ".package-lock.json"
INSTALL_SECONDS = 300


class NodeMissingError(Exception):
    """The machine has no npm; the text says what to install."""


class InstallError(Exception):
    """`npm ci` did not work; the text is what it printed."""


@dataclass(frozen=True)
class Finished:
    """A program that ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Node:
    """Programs run with `home` as home directory and nothing of this process's environment."""

    home: Path

    def run(self, program: str, *arguments: str, seconds: float = 60) -> Finished:
        """Run `node` or another program of the packages. Raises subprocess.TimeoutExpired after `seconds`."""
        # The packages' Node.js first: the Inspector refuses the older one that a distribution has.
        environment = {"PATH": f"{_BIN}:{os.defpath}", "HOME": str(self.home), "NO_COLOR": "1"}
        done = subprocess.run(
            [_BIN / program, *arguments],
            cwd=FOLDER,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        return Finished(done.returncode, done.stdout, done.stderr)

    def start(self, program: str, *arguments: str) -> "subprocess.Popen[str]":
        """The program, running; whoever starts it ends it. Its output is to be read line by line."""
        environment = {"PATH": f"{_BIN}:{os.defpath}", "HOME": str(self.home), "NO_COLOR": "1"}
        return subprocess.Popen(
            [_BIN / program, *arguments],
            cwd=FOLDER,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


def install_packages() -> None:
    """Returns once the packages of the lock file are there. Raises NodeMissingError, InstallError."""
    npm = shutil.which("npm")
    if npm is None:
        raise NodeMissingError("npm is not on this machine: install Node.js 20 or newer with npm to run these tests")
    # Several test processes may come here at once: one installs, the others wait.
    with (FOLDER / "package.json").open() as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not _is_current():
            _install(npm)


def _is_current() -> bool:
    return _INSTALLED.exists() and _INSTALLED.stat().st_mtime >= _LOCK.stat().st_mtime


def _install(npm: str) -> None:
    command = [npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    try:
        done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise InstallError(f"npm ci took longer than {INSTALL_SECONDS} seconds") from None
    if done.returncode:
        raise InstallError(f"npm ci ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    # npm keeps the time of an installation that changed nothing.
    _INSTALLED.touch()
