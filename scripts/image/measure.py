"""What an image weighs: by layer, raw and compressed as a registry keeps it, and by installed package."""

import json
import tarfile
import tempfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.image.engine import Engine

_PACKAGES = "app/.venv/lib/python3.13/site-packages/"
_CHUNK = 1 << 20
_WIDTH = 90


@dataclass(frozen=True, slots=True)
class Layer:
    """Bytes of one layer and the step that made it."""

    step: str
    raw: int
    compressed: int


@dataclass(frozen=True, slots=True)
class Weight:
    """An image's layers from the bottom up, bytes by package or module, and every path in it."""

    layers: tuple[Layer, ...]
    packages: Counter[str]
    paths: frozenset[str]

    @property
    def compressed(self) -> int:
        return sum(layer.compressed for layer in self.layers)

    @property
    def raw(self) -> int:
        return sum(layer.raw for layer in self.layers)

    def lines(self, most: int = 12) -> Iterator[str]:
        """The report, line by line."""
        yield f"{'raw MB':>8}  {'gzip MB':>8}  layer"
        for layer in self.layers:
            yield f"{_mb(layer.raw):>8}  {_mb(layer.compressed):>8}  {layer.step}"
        yield f"{_mb(self.raw):>8}  {_mb(self.compressed):>8}  in all"
        yield "largest packages, raw MB with bytecode: " + ", ".join(
            f"{name} {_mb(size)}" for name, size in self.packages.most_common(most)
        )


def weigh(engine: Engine, tag: str) -> Weight:
    """Saves the image to a passing file and looks into it."""
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "image.tar"
        engine.output("save", "--output", str(archive), tag, timeout=300)
        return _weight(archive)


def _weight(archive: Path) -> Weight:
    layers: list[Layer] = []
    packages: Counter[str] = Counter()
    paths: set[str] = set()
    with tarfile.open(archive) as image:
        manifest = _json(image, "manifest.json")[0]
        history = _json(image, manifest["Config"])["history"]
        steps = [entry.get("created_by", "") for entry in history if not entry.get("empty_layer")]
        for name, step in zip(manifest["Layers"], steps, strict=True):
            raw, compressed = _sizes(image, name)
            layers.append(Layer(_short(step), raw, compressed))
            _look_into(image, name, packages, paths)
    return Weight(tuple(layers), packages, frozenset(paths))


def _json(image: tarfile.TarFile, name: str) -> Any:
    member = image.extractfile(name)
    assert member is not None
    return json.load(member)


def _sizes(image: tarfile.TarFile, name: str) -> tuple[int, int]:
    layer, packer = image.extractfile(name), zlib.compressobj()
    assert layer is not None
    raw = compressed = 0
    while chunk := layer.read(_CHUNK):
        raw += len(chunk)
        compressed += len(packer.compress(chunk))
    return raw, compressed + len(packer.flush())


def _look_into(image: tarfile.TarFile, name: str, packages: Counter[str], paths: set[str]) -> None:
    with tarfile.open(fileobj=image.extractfile(name)) as layer:
        for member in layer:
            path = member.name.removeprefix("./").lstrip("/")
            paths.add(path)
            if member.isfile() and path.startswith(_PACKAGES):
                packages[path.removeprefix(_PACKAGES).split("/")[0]] += member.size


def _short(step: str) -> str:
    words = step.replace("/bin/sh -c #(nop) ", "").replace("/bin/sh -c ", "").strip() or "base"
    return words if len(words) <= _WIDTH else f"{words[: _WIDTH - 1]}…"


def _mb(size: int) -> str:
    return f"{size / 1e6:.1f}"
