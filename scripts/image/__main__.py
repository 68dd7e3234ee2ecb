"""`python -m scripts.image`: build, weigh, try out, and print what was seen."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from scripts.image.engine import IMAGE, CannotBuildError, find_engine
from scripts.image.measure import weigh
from scripts.image.smoke import SmokeError, try_out

MOST_COMPRESSED_MB = 120


def main() -> int:
    """0 when the image is built, light enough and works; 1 when not; 2 when this machine cannot build one."""
    options = _options()
    try:
        engine = find_engine(options.cache)
        engine.build(options.tag, [f"--build-arg={value}" for value in options.build_arg])
        weight = weigh(engine, options.tag)
        print(f"\nBuilt with {engine.name}: {options.tag}", *weight.lines(), sep="\n")
        outcome = try_out(engine, options.tag)
    except CannotBuildError as error:
        print(error, file=sys.stderr)
        return 2
    except (SmokeError, subprocess.CalledProcessError) as error:
        print(error, getattr(error, "stderr", None) or "", file=sys.stderr)
        return 1
    print("", *(f"ok  {what}" for what in outcome.passed), sep="\n")
    print(
        f"\n{outcome.start_seconds:.1f} s from start to /health, {outcome.stop_seconds:.1f} s from SIGTERM to the end"
    )
    if weight.compressed > MOST_COMPRESSED_MB * 1e6:
        print(f"too heavy: {weight.compressed / 1e6:.1f} MB of {MOST_COMPRESSED_MB}", file=sys.stderr)
        return 1
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m scripts.image", description=__doc__)
    parser.add_argument("--tag", default=IMAGE)
    parser.add_argument("--build-arg", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--cache", type=Path, default=default_cache(), help="where base image and layers are kept")
    return parser.parse_args()


def default_cache() -> Path:
    """Outside the repository, so that no build context and no clean-up meets it."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "google-workspace-mcp" / "image"


if __name__ == "__main__":
    sys.exit(main())
