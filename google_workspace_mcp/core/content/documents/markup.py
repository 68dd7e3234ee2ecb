"""XML of Office files as a stream of events, from a parser that takes no entities, no document types and no depths."""

from collections.abc import Iterable
from xml.parsers import expat

from google_workspace_mcp.core.content.documents.package import Package, beside
from google_workspace_mcp.core.content.documents.problems import DocumentProblem, Trouble

MOST_DEPTH = 500
_SEPARATOR = " "
_MOST_NAMES = 10_000
# Vocabularies by the prefix that their own standard gives them, transitional and strict (ISO/IEC 29500) alike.
_OPEN = "http://schemas.openxmlformats.org/"
_STRICT = "http://purl.oclc.org/ooxml/"
_PREFIXES = {
    "": "",
    _OPEN + "wordprocessingml/2006/main": "w:",
    _STRICT + "wordprocessingml/main": "w:",
    _OPEN + "drawingml/2006/main": "a:",
    _STRICT + "drawingml/main": "a:",
    _OPEN + "presentationml/2006/main": "p:",
    _STRICT + "presentationml/main": "p:",
    _OPEN + "spreadsheetml/2006/main": "",
    _STRICT + "spreadsheetml/main": "",
    _OPEN + "officeDocument/2006/relationships": "r:",
    _STRICT + "officeDocument/relationships": "r:",
    _OPEN + "package/2006/relationships": "",
    _OPEN + "officeDocument/2006/math": "m:",
    _STRICT + "officeDocument/math": "m:",
    _OPEN + "drawingml/2006/wordprocessingDrawing": "wp:",
    _STRICT + "drawingml/wordprocessingDrawing": "wp:",
    _OPEN + "markup-compatibility/2006": "mc:",
    _OPEN + "package/2006/metadata/core-properties": "cp:",
    "http://purl.org/dc/elements/1.1/": "dc:",
}

type Attributes = dict[str, str]


class Events:
    """Takes events, and does nothing about those that a subclass does not care for.

    Names carry the usual prefix of their vocabulary; of one that is not known here, `?:`.
    """

    def start(self, tag: str, attributes: Attributes, /) -> None:
        """An element begins."""

    def end(self, tag: str, /) -> None:
        """An element ends."""

    def text(self, text: str, /) -> None:
        """Text inside of the element that was begun last; a long one may come in pieces."""


class Enough(Exception):  # noqa: N818 - not an error: whoever takes the events needs no more of them
    """Raised by who takes the events to end the reading."""


class _Names(dict[str, str]):
    """Names as the parser gives them (`address local`) to prefixed ones."""

    def __missing__(self, name: str) -> str:
        address, _, local = name.rpartition(_SEPARATOR)
        short = _PREFIXES.get(address, "?:") + local
        if len(self) < _MOST_NAMES:
            self[name] = short
        return short


def read_events(chunks: Iterable[bytes], events: Events) -> bool:
    """Feeds the events of a document. False when `Enough` ended it early.

    Raises DocumentProblem: HOSTILE for a document type, an entity or too much depth, DAMAGED for what is no XML.
    """
    parser, names = expat.ParserCreate(namespace_separator=_SEPARATOR), _Names()
    # Names without a vocabulary stay as they are: for a million cells it matters not to make their attributes anew.
    plain: set[str] = set()
    depth = 0

    def start(tag: str, attributes: Attributes) -> None:
        nonlocal depth
        depth += 1
        if depth > MOST_DEPTH:
            raise DocumentProblem(Trouble.HOSTILE)
        if not plain.issuperset(attributes):
            plain.update(key for key in attributes if names[key] == key and len(plain) < _MOST_NAMES)
            attributes = {names[key]: value for key, value in attributes.items()}
        events.start(names[tag], attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        events.end(names[tag])

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = events.text
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.buffer_text = True
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except Enough:
        return False
    except (expat.ExpatError, ValueError, UnicodeError):
        raise DocumentProblem(Trouble.DAMAGED) from None
    return True


def _refuse(*_: object) -> None:
    raise DocumentProblem(Trouble.HOSTILE)


class Relation:
    """Where a relationship leads. `kind` is the last word of its type; `target` a full name, or an address outside."""

    __slots__ = ("kind", "outside", "target")

    def __init__(self, kind: str, target: str, *, outside: bool) -> None:
        self.kind = kind
        self.target = target
        self.outside = outside


class _Relations(Events):
    def __init__(self, name: str) -> None:
        self.found: dict[str, Relation] = {}
        self._name = name

    def start(self, tag: str, attributes: Attributes) -> None:
        if tag == "Relationship":
            outside = attributes.get("TargetMode") == "External"
            target = attributes.get("Target", "")
            kind = attributes.get("Type", "").rpartition("/")[2]
            place = target if outside else beside(self._name, target)
            self.found[attributes.get("Id", "")] = Relation(kind, place, outside=outside)


def relations(package: Package, name: str) -> dict[str, Relation]:
    """The relationships of a part, by id; of the package itself for an empty name."""
    folder, _, own = name.rpartition("/")
    collected, place = _Relations(name), f"{folder}/_rels/{own}.rels".lstrip("/")
    if place in package:
        read_events(package.chunks(place), collected)
    return collected.found


class _Title(Events):
    def __init__(self) -> None:
        self.title = ""
        self._inside = False

    def start(self, tag: str, _attributes: Attributes) -> None:
        self._inside = tag == "dc:title"

    def end(self, _tag: str) -> None:
        self._inside = False

    def text(self, text: str) -> None:
        if self._inside and len(self.title) < 1000:
            self.title += text


def title_of(package: Package) -> str:
    """The title among the document's properties, or nothing."""
    for relation in relations(package, "").values():
        if relation.kind == "core-properties" and relation.target in package:
            found = _Title()
            try:
                read_events(package.chunks(relation.target), found)
            except DocumentProblem:
                return ""
            return found.title
    return ""
