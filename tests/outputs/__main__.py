"""Take what tools say now as what they are to say: `python -m tests.outputs`. Read the difference, then commit it."""

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.outputs.stories import KEPT, STORIES, kept, told


def main() -> int:
    KEPT.mkdir(exist_ok=True)
    for name in STORIES:
        with tempfile.TemporaryDirectory() as folder:
            kept(name).write_text(asyncio.run(told(name, Path(folder))).story())
        sys.stdout.write(f"{kept(name)}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
