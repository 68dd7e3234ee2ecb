"""A stand-in for `python:3.13-slim` where no registry can be reached: Debian 13, whose Python is 3.13, by debootstrap.

It has what the Dockerfile expects of the real one: `python` and `pip` under /usr/local/bin, and no bytecode.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

MIRROR = "http://deb.debian.org/debian"
SUITE = "trixie"
_DROPPED = ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info", "var/lib/apt/lists", "var/cache")


def make_base(archive: Path) -> None:
    """Writes the root file system as a tar to `archive`, once: one that is there already is kept. Needs root."""
    if archive.exists():
        return
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=archive.parent) as folder:
        root = Path(folder) / "root"
        _bootstrap(root)
        _like_the_real_one(root)
        half = archive.with_suffix(".half")
        subprocess.run(["tar", "--create", f"--file={half}", f"--directory={root}", "--numeric-owner", "."], check=True)
        half.rename(archive)


def _bootstrap(root: Path) -> None:
    command = ["debootstrap", "--variant=minbase", "--include=python3,ca-certificates", SUITE, str(root), MIRROR]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"debootstrap failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def _like_the_real_one(root: Path) -> None:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    local = root / "usr/local"
    for name in ("python", "python3", version):
        (local / "bin" / name).symlink_to(f"/usr/bin/{version}")
    (root / "usr/lib" / version / "EXTERNALLY-MANAGED").unlink()
    packages = local / "lib" / version / "dist-packages"
    _unpack_pip(packages)
    (local / "bin/pip").write_text(
        "#!/usr/local/bin/python3\nimport sys\nfrom pip._internal.cli.main import main\nsys.exit(main())\n"
    )
    (local / "bin/pip").chmod(0o755)
    for name in _DROPPED:
        shutil.rmtree(root / name, ignore_errors=True)
        (root / name).mkdir(parents=True)
    for cache in list(root.rglob("__pycache__")):
        shutil.rmtree(cache)


def _unpack_pip(packages: Path) -> None:
    import ensurepip

    (wheel,) = (Path(ensurepip.__file__).parent / "_bundled").glob("pip-*.whl")
    packages.mkdir(parents=True, exist_ok=True)
    shutil.unpack_archive(wheel, packages, "zip")
