"""What a reading process gives up before it sees a document.

Memory, processor time, files, other processes, new privileges: by limits of its own that it cannot raise again
unless it runs as root. Without a descriptor to be had it can open neither a file nor a socket, so it needs no network
rules; what it has are three pipes.
"""

import contextlib
import ctypes
import os
import resource
import signal
from pathlib import Path

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
# Address space, of which 46 MB are taken before the first document. Two processes and the service fit into 1 GB.
MOST_MEMORY = 320 << 20
# In its whole life; each document has its own limit.
_MOST_SECONDS = 3_600
_SECONDS_FOR_ONE = 25


def give_up_the_machine() -> None:
    """Before anything is imported that reads documents."""
    # Where memory runs out after all, the kernel ends this process and not the service.
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NPROC, 0)
    _limit(resource.RLIMIT_AS, MOST_MEMORY)
    _limit(resource.RLIMIT_CPU, _MOST_SECONDS)
    # Linux only; elsewhere the limits above have to do.
    with contextlib.suppress(OSError, AttributeError):
        prctl = ctypes.CDLL(None).prctl
        prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def give_up_files() -> None:
    """After the last import: no file, socket or pipe can be opened any more; those that are open stay so."""
    _limit(resource.RLIMIT_NOFILE, 0)


def begin_document() -> None:
    """A fresh allowance of processor time."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + _SECONDS_FOR_ONE
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    with contextlib.suppress(ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


class Memory:
    """How much memory the process uses, from a file of the kernel's that stays open.

    `getrusage` would tell the most that was ever in use, with what the service used when it started this process.
    """

    def __init__(self) -> None:
        try:
            self._statm = os.open("/proc/self/statm", os.O_RDONLY)
        except OSError:
            self._statm = -1

    def in_use(self) -> int:
        """Bytes; 0 where the system does not tell."""
        if self._statm < 0:
            return 0
        return int(os.pread(self._statm, 200, 0).split()[1]) * resource.getpagesize()


def _limit(kind: int, most: int) -> None:
    # A system that does not know a limit, or has a lower one already, keeps its own.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (most, most))
