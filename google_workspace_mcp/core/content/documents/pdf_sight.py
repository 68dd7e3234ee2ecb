"""What of a PDF page a person sees: which of its texts are invisible, off the page, covered, white on nothing, tiny.

Decided from the list of what is drawn, without drawing it: the decoders of pictures are not let loose on foreign bytes.
Only what is certain hides.
"""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, field

import pypdfium2 as pdfium
from pypdfium2 import raw

type Box = tuple[float, float, float, float]
type Colour = tuple[int, int, int, int]

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

    def fill(self, thing: object) -> Colour | None:
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
    return _Looking(page).sight()


class _Looking:
    """One look at a page. What becomes of some texts is known at its end only."""

    def __init__(self, page: pdfium.PdfPage) -> None:
        self._page, self._probe, self._sight = page, _Probe(), Sight()
        # The boxes themselves are not told when the page inherits them; this is what is shown.
        self._area: Box = page.get_bbox()
        self._never_drawn: list[int] = []
        self._drawn: list[tuple[int, Box, int]] = []
        self._painted: list[Box] = []
        self._blackened: list[tuple[int, Box]] = []
        self._scan = False

    def sight(self) -> Sight:
        order = 0
        for order, (thing, kind, depth) in enumerate(_objects(self._page)):
            if kind == raw.FPDF_PAGEOBJ_TEXT:
                self._look_at_text(thing, order, depth)
            elif depth == 0 and (box := self._probe.box(thing)):
                self._look_at_other(thing, kind, order, box)
        sight = self._sight
        sight.complete = order < _MOST_OBJECTS - 1
        sight.layer = self._scan and bool(self._never_drawn)
        if not sight.layer:
            sight.unseen.update(self._never_drawn)
        for address, box, at in self._drawn if self._blackened else ():
            if any(at < later and _contains(cover, box) for later, cover in self._blackened):
                sight.unseen.add(address)
        return sight

    def _look_at_text(self, thing: object, order: int, depth: int) -> None:
        address = ctypes.cast(thing, ctypes.c_void_p).value or 0  # pyright: ignore[reportArgumentType]
        mode = raw.FPDFTextObj_GetTextRenderMode(thing)
        if mode in _NEVER_DRAWN:
            self._never_drawn.append(address)
            return
        fill = self._probe.fill(thing) if mode in _FILLED_ONLY else None
        # Inside of a form positions are the form's own.
        box = None if depth else self._probe.box(thing)
        if (fill and fill[3] <= _FAINT) or (box and self._is_unseen(thing, box, fill)):
            self._sight.unseen.add(address)
        elif box:
            self._drawn.append((address, box, order))

    def _is_unseen(self, thing: object, box: Box, fill: Colour | None) -> bool:
        if _is_outside(box, self._area):
            return True
        if box[3] - box[1] < 2 and self._probe.font_size(thing) < _SMALLEST:
            return True
        return fill is not None and min(fill[:3]) >= _WHITE and not self._is_on_paint(box)

    def _look_at_other(self, thing: object, kind: int, order: int, box: Box) -> None:
        if kind != raw.FPDF_PAGEOBJ_PATH:
            self._painted.append(box)
            self._scan = self._scan or (kind == raw.FPDF_PAGEOBJ_IMAGE and _covers_most(box, self._area))
            return
        fill = self._probe.fill(thing)
        if fill is None or fill[3] <= _FAINT or not _is_filled(thing):
            return
        if min(fill[:3]) < _WHITE:
            self._painted.append(box)
        # Under a highlighter's yellow text is read, under black it is not; a shape with holes has more corners.
        opaque_black = max(fill[:3]) <= _BLACK and fill[3] >= 255 - _FAINT
        if opaque_black and raw.FPDFPath_CountSegments(thing) <= 6 and len(self._blackened) < _MOST_BLACKENED:
            self._blackened.append((order, box))

    def _is_on_paint(self, box: Box) -> bool:
        painted = self._painted
        return len(painted) > _MOST_PAINTED or any(not _is_outside(box, paint) for paint in painted)


def _is_filled(path: object) -> bool:
    mode, stroke = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(path, ctypes.byref(mode), ctypes.byref(stroke))
    return mode.value != raw.FPDF_FILLMODE_NONE


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


def _is_outside(box: Box, area: Box) -> bool:
    return box[2] <= area[0] or box[0] >= area[2] or box[3] <= area[1] or box[1] >= area[3]


def _contains(outer: Box, inner: Box) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and outer[2] >= inner[2] and outer[3] >= inner[3]


def _covers_most(box: Box, area: Box) -> bool:
    width = min(box[2], area[2]) - max(box[0], area[0])
    height = min(box[3], area[3]) - max(box[1], area[1])
    whole = (area[2] - area[0]) * (area[3] - area[1])
    return width > 0 and height > 0 and width * height >= _SCAN_SHARE * whole
