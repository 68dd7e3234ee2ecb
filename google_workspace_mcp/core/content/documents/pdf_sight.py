"""What of a PDF page a person sees: which of its texts are invisible, off the page, covered, white on nothing, tiny.

Decided from the list of what is drawn, without drawing it: the decoders of pictures are not let loose on foreign bytes.
Only what is certain hides.
"""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, field

import pypdfium2 as pdfium
import pypdfium2.raw as raw

type Box = tuple[float, float, float, float]

_MOST_OBJECTS = 100_000
_DEEPEST_FORM = 6
# White text is looked for on at most so many painted areas, other text under so many black ones.
_MOST_PAINTED, _MOST_BLACKENED = 3_000, 300
_WHITE, _BLACK, _FAINT = 245, 12, 8
_SMALLEST = 1.0  # points
# A picture of this share of the page is a scan, and the text over or under it what was recognised on it.
_SCAN_SHARE = 0.75
_NEVER_DRAWN = frozenset((raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP))
_FILLED_ONLY = frozenset((raw.FPDF_TEXTRENDERMODE_FILL, raw.FPDF_TEXTRENDERMODE_FILL_CLIP))


@dataclass(slots=True)
class Sight:
    """The text objects that are not seen, by their addresses. `layer`: the page is a scan with invisible text on it;
    `complete`: everything on it was looked at.
    """

    unseen: set[int] = field(default_factory=set[int])
    layer: bool = False
    complete: bool = True


@dataclass(slots=True)
class _Texts:
    """Objects whose fate is known at the end of the page only."""

    never_drawn: list[int] = field(default_factory=list[int])
    drawn: list[tuple[int, Box, int]] = field(default_factory=list[tuple[int, Box, int]])
    painted: list[Box] = field(default_factory=list[Box])
    blackened: list[tuple[int, Box]] = field(default_factory=list[tuple[int, Box]])
    scan: bool = False


class _Probe:
    """Asks PDFium about objects, with one set of places for its answers."""

    def __init__(self) -> None:
        self._numbers = [ctypes.c_float() for _ in range(4)]
        self._channels = [ctypes.c_uint() for _ in range(4)]
        self._size = ctypes.c_float()
        self._matrix = raw.FS_MATRIX()
        self._bounds = [ctypes.byref(number) for number in self._numbers]
        self._colours = [ctypes.byref(channel) for channel in self._channels]

    def box(self, thing: object) -> Box | None:
        """Left, bottom, right, top."""
        if not raw.FPDFPageObj_GetBounds(thing, *self._bounds):
            return None
        left, bottom, right, top = (number.value for number in self._numbers)
        return left, bottom, right, top

    def fill(self, thing: object) -> tuple[int, int, int, int] | None:
        """Red, green, blue, alpha."""
        if not raw.FPDFPageObj_GetFillColor(thing, *self._colours):
            return None
        red, green, blue, alpha = (channel.value for channel in self._channels)
        return red, green, blue, alpha

    def font_size(self, thing: object) -> float:
        """As it stands on the page, in points; a large number where it is not known."""
        if not raw.FPDFTextObj_GetFontSize(thing, ctypes.byref(self._size)):
            return 100.0
        if not raw.FPDFPageObj_GetMatrix(thing, ctypes.byref(self._matrix)):
            return 100.0
        scale = max(abs(self._matrix.c), abs(self._matrix.d))
        return abs(self._size.value) * scale


def look_at(page: pdfium.PdfPage) -> Sight:
    """Which texts of the page are not seen."""
    probe, texts, sight = _Probe(), _Texts(), Sight()
    area = page.get_cropbox()
    order = 0
    for order, (thing, kind, depth) in enumerate(_objects(page)):
        if kind == raw.FPDF_PAGEOBJ_TEXT:
            _look_at_text(probe, thing, order, depth, area, texts, sight)
        elif depth == 0:
            _look_at_other(probe, thing, kind, order, area, texts)
    sight.complete = order < _MOST_OBJECTS - 1
    if texts.never_drawn and texts.scan:
        sight.layer = True
    else:
        sight.unseen.update(texts.never_drawn)
    for address, box, at in texts.drawn if texts.blackened else ():
        if any(at < later and _contains(cover, box) for later, cover in texts.blackened):
            sight.unseen.add(address)
    return sight


def _objects(page: pdfium.PdfPage) -> Iterator[tuple[object, int, int]]:
    """What is drawn, in order, with its kind and how deep in forms it lies."""
    told = 0
    stack: list[tuple[Iterator[object], int]] = [(_children_of_page(page), 0)]
    while stack and told < _MOST_OBJECTS:
        things, depth = stack[-1]
        thing = next(things, None)
        if thing is None:
            stack.pop()
            continue
        told += 1
        kind = raw.FPDFPageObj_GetType(thing)
        yield thing, kind, depth
        if kind == raw.FPDF_PAGEOBJ_FORM and depth < _DEEPEST_FORM:
            stack.append((_children_of_form(thing), depth + 1))


def _children_of_page(page: pdfium.PdfPage) -> Iterator[object]:
    return (raw.FPDFPage_GetObject(page, index) for index in range(raw.FPDFPage_CountObjects(page)))


def _children_of_form(form: object) -> Iterator[object]:
    return (raw.FPDFFormObj_GetObject(form, index) for index in range(raw.FPDFFormObj_CountObjects(form)))


def _look_at_text(
    probe: _Probe, thing: object, order: int, depth: int, area: Box, texts: _Texts, sight: Sight
) -> None:
    address = ctypes.cast(thing, ctypes.c_void_p).value or 0  # pyright: ignore[reportArgumentType]
    mode = raw.FPDFTextObj_GetTextRenderMode(thing)
    if mode in _NEVER_DRAWN:
        texts.never_drawn.append(address)
        return
    fill, box = probe.fill(thing), probe.box(thing)
    if fill and mode in _FILLED_ONLY and fill[3] <= _FAINT:
        sight.unseen.add(address)
        return
    # Inside of a form positions are the form's own.
    if depth or box is None:
        return
    if _is_outside(box, area) or (box[3] - box[1] < 2 and probe.font_size(thing) < _SMALLEST):
        sight.unseen.add(address)
    elif fill and mode in _FILLED_ONLY and min(fill[:3]) >= _WHITE and not _is_on_paint(box, texts.painted):
        sight.unseen.add(address)
    else:
        texts.drawn.append((address, box, order))


def _look_at_other(probe: _Probe, thing: object, kind: int, order: int, area: Box, texts: _Texts) -> None:
    box = probe.box(thing)
    if box is None:
        return
    if kind != raw.FPDF_PAGEOBJ_PATH:
        texts.painted.append(box)
        texts.scan = texts.scan or (kind == raw.FPDF_PAGEOBJ_IMAGE and _covers_most(box, area))
        return
    fill = probe.fill(thing)
    mode, stroke = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(thing, ctypes.byref(mode), ctypes.byref(stroke))
    if fill is None or mode.value == raw.FPDF_FILLMODE_NONE or fill[3] <= _FAINT:
        return
    if min(fill[:3]) < _WHITE:
        texts.painted.append(box)
    # Under a highlighter's yellow text is read, under black it is not; a shape with holes has more corners.
    if max(fill[:3]) <= _BLACK and fill[3] >= 255 - _FAINT and raw.FPDFPath_CountSegments(thing) <= 6 and len(texts.blackened) < _MOST_BLACKENED:
        texts.blackened.append((order, box))


def _is_outside(box: Box, area: Box) -> bool:
    return box[2] <= area[0] or box[0] >= area[2] or box[3] <= area[1] or box[1] >= area[3]


def _is_on_paint(box: Box, painted: list[Box]) -> bool:
    return len(painted) > _MOST_PAINTED or any(not _is_outside(box, paint) for paint in painted)


def _contains(outer: Box, inner: Box) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and outer[2] >= inner[2] and outer[3] >= inner[3]


def _covers_most(box: Box, area: Box) -> bool:
    width = min(box[2], area[2]) - max(box[0], area[0])
    height = min(box[3], area[3]) - max(box[1], area[1])
    whole = (area[2] - area[0]) * (area[3] - area[1])
    return width > 0 and height > 0 and width * height >= _SCAN_SHARE * whole
