"""A process that reads documents, one after another, and can do nothing else. It is started by `process.py`."""

import codecs
import gc
import importlib
import sys
import time
from typing import Any

from google_workspace_mcp.core.content.documents.confine import (
    Memory,
    begin_document,
    give_up_files,
    give_up_the_machine,
)
from google_workspace_mcp.core.content.documents.wire import next_request, packed_answer

# The reader of a long document stops by itself after this, and says where: well before it would be killed.
_SECONDS = 9.0
_MOST_DOCUMENTS = 200
_MOST_MEMORY = 100_000_000
_READERS = "google_workspace_mcp.core.content.documents.reading"


def main() -> None:
    """Reads requests from the standard input and answers on the standard output until there are no more."""
    give_up_the_machine()
    reading = importlib.import_module(_READERS)
    job_type = importlib.import_module("google_workspace_mcp.core.content.documents.job").Job
    _load_encodings()
    memory = Memory()
    give_up_files()
    gc.freeze()
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    for count in range(1, _MOST_DOCUMENTS + 1):
        request = next_request(source)
        if request is None:
            return
        fields, data = request
        begin_document()
        end = time.monotonic() + _SECONDS
        job = job_type(data, **fields, time_left=lambda end=end: end - time.monotonic())
        answer: dict[str, Any] = reading.answer(job)
        del request, data, job
        gc.collect()
        # Not all memory that was once needed is given back; a process that has grown makes room for a fresh one.
        answer["last"] = memory.in_use() > _MOST_MEMORY or count == _MOST_DOCUMENTS
        sink.write(packed_answer(answer))
        sink.flush()


def _load_encodings() -> None:
    """Charsets are modules, which cannot be loaded later."""
    from charset_normalizer.constant import IANA_SUPPORTED

    for name in (*IANA_SUPPORTED, "iso2022_jp_2", "utf_8_sig", "utf_16", "utf_32"):
        codecs.lookup(name)
        importlib.import_module(f"encodings.{name}")


if __name__ == "__main__":
    main()
