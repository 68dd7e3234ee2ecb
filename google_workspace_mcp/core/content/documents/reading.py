"""From bytes to what is answered: tells the kind by the bytes and lets its reader gather the text."""

import csv
from typing import Any

from google_workspace_mcp.core.content.characters import clean_line
from google_workspace_mcp.core.content.documents.job import MARGIN, Gathered, Job
from google_workspace_mcp.core.content.documents.markup import relations
from google_workspace_mcp.core.content.documents.package import Package
from google_workspace_mcp.core.content.documents.pdf import read_pdf
from google_workspace_mcp.core.content.documents.plain import read_plain
from google_workspace_mcp.core.content.documents.problems import DocumentProblem, Trouble
from google_workspace_mcp.core.content.documents.slides import read_slides
from google_workspace_mcp.core.content.documents.word import read_word
from google_workspace_mcp.core.content.documents.workbook import read_workbook

_PDF = b"%PDF-"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
# Readers look this far for the header of a PDF.
_HEADER_WITHIN = 1024
_LOCKED = "EncryptedPackage".encode("utf-16-le")
# By the first folder of the main part: what it is called inside of it differs between programs.
_READERS = {"word": read_word, "xl": read_workbook, "ppt": read_slides}


def answer(job: Job) -> dict[str, Any]:
    """The answer as JSON values: a text and what is told beside it, or the code of what is wrong."""
    try:
        return _read(job)
    except DocumentProblem as problem:
        return {"trouble": problem.trouble.value, "number": problem.number}
    except MemoryError:
        return {"trouble": Trouble.TOO_MUCH.value, "number": 0}
    except (csv.Error, ValueError, ArithmeticError, LookupError, RecursionError, OSError):
        # A document that no reader foresaw is a damaged one.
        return {"trouble": Trouble.DAMAGED.value, "number": 0}


def _read(job: Job) -> dict[str, Any]:
    gathered = Gathered(job)
    if job.data.find(_PDF, 0, _HEADER_WITHIN) >= 0:
        try:
            read_pdf(job, gathered)
        except DocumentProblem as problem:
            # A text about PDF begins like one.
            if problem.trouble is not Trouble.DAMAGED or not job.media_type.startswith("text/"):
                raise
            read_plain(job, gathered)
    elif job.data.startswith(_OLE):
        raise DocumentProblem(Trouble.PASSWORD if _LOCKED in job.data else Trouble.OLD_OFFICE)
    elif job.data.startswith(_ZIP):
        _read_package(job, gathered)
    else:
        read_plain(job, gathered)
    piece, whole = gathered.piece(), gathered.text()
    return {
        "text": piece.text,
        "before": whole[max(0, piece.start - MARGIN) : piece.start],
        "after": whole[piece.end : piece.end + MARGIN],
        "hidden": gathered.hidden,
        "kind": gathered.kind,
        "title": clean_line(gathered.title, 200),
        "places": [list(place) for place in gathered.places(piece)],
        "by_rows": gathered.by_rows,
        "parts": gathered.parts,
        "outline": [[entry.name, entry.about, entry.hidden] for entry in gathered.outline],
        "offset": piece.start,
        "next_offset": piece.next_offset,
        "total_chars": piece.total if gathered.whole else 0,
        "remarks": {remark.value: number for remark, number in gathered.remarks.items() if number},
    }


def _read_package(job: Job, gathered: Gathered) -> None:
    package = Package(job.data)
    for relation in relations(package, "").values():
        if relation.kind == "officeDocument" and relation.target in package:
            reader = _READERS.get(relation.target.partition("/")[0])
            if reader and relation.target.endswith(".xml"):
                return reader(package, relation.target, job, gathered)
    raise DocumentProblem(Trouble.OTHER_OFFICE)
