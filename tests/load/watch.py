"""What the tasks use, and on what kind of machine."""

import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.lifecycle.task import Task

_MIB = 2**20
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Usage:
    """Of all tasks together: CPU in seconds since their start, resident memory in MiB of each."""

    cpu: float
    memory: tuple[float, ...]

    @classmethod
    def of(cls, tasks: Iterable[Task]) -> Self:
        """As it is now."""
        ids = [task.handle.pid for task in tasks]
        return cls(sum(_cpu(pid) for pid in ids), tuple(_memory(pid) for pid in ids))


def machine() -> str:
    """Cores, memory, processor and Python, in a line."""
    memory = os.sysconf("SC_PHYS_PAGES") * _PAGE / 2**30
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine()
    )
    return f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB, Python {platform.python_version()}"


def _cpu(pid: int) -> float:
    # proc(5): user and system time are fields 14 and 15; the name in field 2 may hold spaces.
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _memory(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * _PAGE / _MIB
