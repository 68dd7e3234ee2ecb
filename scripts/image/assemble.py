"""Lays out what the image adds to its base. Runs inside the build, with the standard library alone.

`python assemble.py SITE_PACKAGES OUT` trims and compiles what `uv sync` installed, and puts the bytecode of the
standard library below OUT: the official Python image comes without, a read-only root cannot keep any, and each start
would make it anew.
"""

import compileall
import py_compile
import re
import shutil
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

# The rest of google-api-python-client's documents is 109 MB.
DOCUMENTS = ("gmail.v1", "drive.v3", "calendar.v3")
# The AWS services that are called, and what botocore reads beside them. Others are 29 MB.
AWS_SERVICES = ("kms", "s3", "secretsmanager", "sso", "sso-oidc", "sts")
# Parts of the standard library that a server does not import.
_NOT_SERVED = re.compile(r"/(test|tests|idlelib|tkinter|turtledemo|ensurepip|lib2to3|site-packages|dist-packages)/")
_NEVER_IMPORTED = ("*.pyi", "*.pyx", "*.pxd", "*.c", "*.h", "*.a")


def keep_documents(site_packages: Path) -> None:
    """Leaves the discovery documents of the three APIs."""
    wanted = {f"{name}.json" for name in DOCUMENTS}
    folder = site_packages / "googleapiclient" / "discovery_cache" / "documents"
    _keep(folder, wanted)
    missing = wanted - {entry.name for entry in folder.iterdir()}
    if missing:
        raise SystemExit(f"google-api-python-client has no {', '.join(sorted(missing))}")


def keep_aws_services(site_packages: Path) -> None:
    """Leaves botocore's models of the services that are called, and its common files."""
    data = site_packages / "botocore" / "data"
    services = {entry.name for entry in data.iterdir() if entry.is_dir()}
    _keep(data, {entry.name for entry in data.iterdir()} - services | set(AWS_SERVICES))
    # boto3's resource models serve `boto3.resource`, which nothing uses.
    shutil.rmtree(site_packages / "boto3" / "data", ignore_errors=True)


def drop_what_is_never_imported(site_packages: Path) -> None:
    """Removes stubs, C sources and the tests that some packages install."""
    for pattern in _NEVER_IMPORTED:
        for path in site_packages.rglob(pattern):
            path.unlink()
    for path in sorted(site_packages.rglob("tests")):
        if path.is_dir() and (path / "__init__.py").exists():
            shutil.rmtree(path)


def compile_all(folder: Path, skip: re.Pattern[str] | None = None) -> None:
    """Bytecode beside every module, believed without a look at the source, whose timestamp a layer may change."""
    done = compileall.compile_dir(
        folder,
        quiet=1,
        rx=skip,
        force=True,
        workers=0,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    if not done:
        raise SystemExit(f"not everything in {folder} could be compiled")


def copy_bytecode(folder: Path, out: Path) -> None:
    """The bytecode of `folder` at the same place below `out`."""
    for path in folder.rglob("__pycache__/*.pyc"):
        if not _NOT_SERVED.search(path.as_posix()):
            target = out / path.relative_to("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)


def _keep(folder: Path, names: Iterable[str]) -> None:
    wanted = set(names)
    for entry in list(folder.iterdir()):
        if entry.name not in wanted:
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


def trim(site_packages: Path) -> None:
    """Leaves what the service needs of its packages."""
    keep_documents(site_packages)
    keep_aws_services(site_packages)
    drop_what_is_never_imported(site_packages)


def main(site_packages: Path, out: Path) -> None:
    trim(site_packages)
    compile_all(site_packages)
    stdlib = Path(sysconfig.get_path("stdlib"))
    compile_all(stdlib, _NOT_SERVED)
    copy_bytecode(stdlib, out)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
