"""Source packages of libraries, for the test documents in them: downloaded by pip, unpacked, never built.

pip asks a source package's own build backend for its metadata, which would run its code. Stand-ins for the usual
backends answer with the metadata that the package carries as text.
"""

import os
import subprocess
import sys
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path

_BACKENDS = (
    "setuptools.build_meta",
    "flit_core.buildapi",
    "hatchling.build",
    "uv_build",
    "maturin",
    "mesonpy",
    "scikit_build_core.build",
    "poetry.core.masonry.api",
)
_STAND_IN = """
import pathlib, re, sys

def get_requires_for_build_wheel(config_settings=None):
    return []

def prepare_metadata_for_build_wheel(folder, config_settings=None):
    text = pathlib.Path("PKG-INFO").read_text(encoding="utf-8")
    name, version = (re.search(rf"^{field}: *(.+)$", text, re.MULTILINE)[1] for field in ("Name", "Version"))
    place = pathlib.Path(folder, f"{re.sub(r'[-_.]+', '_', name)}-{version}.dist-info")
    place.mkdir()
    (place / "METADATA").write_text(f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n")
    (place / "WHEEL").write_text("Wheel-Version: 1.0\\n")
    return place.name

__legacy__ = sys.modules[__name__]
"""
_PATIENCE = 300


def downloaded(names: Iterable[str], folder: Path) -> list[Path]:
    """The newest source packages of these libraries, in `folder`. Raises CalledProcessError when one cannot be had."""
    backends = folder / "backends"
    for name in _BACKENDS:
        _stand_in(backends, name)
    subprocess.run(
        [
            str(_pip()),
            "download",
            "--quiet",
            "--no-deps",
            "--no-binary=:all:",
            "--no-build-isolation",
            "--dest",
            str(folder),
            *names,
        ],
        env={**os.environ, "PYTHONPATH": str(backends)},
        check=True,
        timeout=_PATIENCE,
    )
    return sorted(folder.glob("*.tar.gz"))


def documents_in(archive: Path, endings: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each file with one of these endings; nothing is written."""
    with tarfile.open(archive) as opened:
        for member in opened:
            if member.isfile() and member.name.lower().endswith(endings) and (content := opened.extractfile(member)):
                yield f"{archive.name.removesuffix('.tar.gz')}: {Path(member.name).name}", content.read()


def _stand_in(folder: Path, name: str) -> None:
    *packages, module = name.split(".")
    place = folder
    for package in packages:
        place = place / package
        place.mkdir(parents=True, exist_ok=True)
        (place / "__init__.py").touch()
    place.mkdir(parents=True, exist_ok=True)
    (place / f"{module}.py").write_text(_STAND_IN)


def _pip() -> Path:
    """The pip that lies beside the project's own uv, or the one of the interpreter that made this environment."""
    own = Path(sys.prefix).parent / ".uv" / "bin" / "pip"
    return own if own.exists() else Path(sys.base_prefix) / "bin" / "pip3"
