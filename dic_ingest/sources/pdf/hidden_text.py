"""Text in a PDF that nobody sees: white on white, covered, of no size, on a layer that is off.

In: a loaded page and what was read of it; a parsed document. Out: the words without effect on the page's
picture, layers that are off, and the document without them. The OCR layer of a scan is no hidden text.
"""

from __future__ import annotations

import ctypes
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import pypdfium2.raw as raw
from numpy.typing import NDArray
from PIL import Image

from dic_ingest.model.box import Box, center, inside
from dic_ingest.model.document import Block, Code, Document, Equation, Figure, Heading, List, Table, Text
from dic_ingest.model.drawing import Drawing, Word
from dic_ingest.sources.pdf.page import Matrix, PageFrame, apply, multiply, object_matrix
from dic_ingest.sources.pdf.text_layer import lines, paragraphs, scan_box, words_text

MAX_DEPTH = 16  # nested forms
MAX_OBJECTS = 20_000  # text objects looked at on one page
MAX_LAYERS = 24  # layers of one page that are tried
SEEN = 6  # levels of 255 by which a pixel must change for what was drawn there to be seen
SMALLEST = 0.75  # points: smaller type is read by nobody
ALIKE = 0.4  # correlation of a word's ink with a picture over it: above it the picture shows the word
SHIFT = 0.7  # points by which the two may lie apart
LIGHT = 150  # levels of 255: darker text on nothing is seen without a test
INVISIBLE = (3, 7)  # text render modes that paint nothing (PDF 32000-1, 9.3.6)
Pixels = NDArray[np.int16]
Render = Callable[[], Image.Image]


@dataclass(frozen=True, slots=True)
class TextObject:
    """A text object of a page: its handle, its box as shown, and whether its paint may show."""

    handle: Any
    bbox: Box
    invisible: bool  # a render mode that paints nothing
    faint: bool  # light, or of no opacity
    layered: bool  # optional content


def page_objects(page: Any, frame: PageFrame) -> tuple[list[TextObject], list[Any]]:
    """Text objects of a page, those in forms included, and handles of all else that is painted."""
    texts: list[TextObject] = []
    others: list[Any] = []
    for obj, matrix, layered in _walk(page, frame.matrix):
        kind = raw.FPDFPageObj_GetType(obj)
        if kind == raw.FPDF_PAGEOBJ_TEXT:
            texts.append(_text_object(obj, matrix, layered))
        elif kind != raw.FPDF_PAGEOBJ_FORM:
            others.append(obj)
        if len(texts) + len(others) >= MAX_OBJECTS:
            break
    return texts, others


def hidden_layers(page: Any, render: Render) -> frozenset[str]:
    """Names of the optional content of a page that is off: without it the page's picture is the same."""
    by_name: dict[str, list[Any]] = {}
    for obj in _top_objects(page):
        for name in layer_names(obj):
            by_name.setdefault(name, []).append(obj)
    if not 0 < len(by_name) <= MAX_LAYERS:
        return frozenset()
    before = _pixels(render())
    off = set()
    for name, objects in by_name.items():
        _activate(objects, False)
        if np.abs(_pixels(render()) - before).max(initial=0) < SEEN:
            off.add(name)
        _activate(objects, True)
    return frozenset(off)


def layer_names(obj: Any) -> list[str]:
    """Names of the optional content groups that a page object is marked with."""
    names = []
    for i in range(max(0, raw.FPDFPageObj_CountMarks(obj))):
        mark = raw.FPDFPageObj_GetMark(obj, i)
        if _text_of(lambda *a, m=mark: raw.FPDFPageObjMark_GetName(m, *a)) == "OC":
            names.append(_text_of(lambda *a, m=mark: raw.FPDFPageObjMark_GetParamStringValue(m, b"Name", *a)))
    return names


def split_hidden(
    drawing: Drawing, texts: Sequence[TextObject], others: Sequence[Any], render: Render
) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
    """The words of a page that are seen, and those that are not. Takes the text off the page as loaded."""
    tiny = {id(w) for w in drawing.words if 0 < w.size < SMALLEST}
    unseen: list[Word] = []
    if _doubtful(drawing, texts):
        page = _pixels(render())
        handles = [t.handle for t in texts]
        _activate(handles, False)
        scale = page.shape[1] / max(drawing.width, 1.0)
        changed = np.abs(page - _pixels(render()))
        scan = scan_box(drawing)
        unseen = [w for w in drawing.words if not _differs(w.bbox, changed, scale)]
        unseen = [w for w in unseen if scan is None or not inside(w.bbox, scan)]  # a scan's OCR
        unseen = _not_outlined(unseen, texts, page, scale)
        if unseen:
            ink = _ink(texts, others, render)
            unseen = [w for w in unseen if not _is_kept(w, drawing, texts, ink, page, scale)]
    gone = tiny | {id(w) for w in unseen}
    seen = tuple(w for w in drawing.words if id(w) not in gone)
    return seen, tuple(w for w in drawing.words if id(w) in gone)


def _ink(texts: Sequence[TextObject], others: Sequence[Any], render: Render) -> Pixels:
    """What the page's text alone would paint in black on white."""
    _activate(others, False)
    for text in texts:
        raw.FPDFPageObj_SetFillColor(text.handle, 0, 0, 0, 255)
        raw.FPDFTextObj_SetTextRenderMode(text.handle, raw.FPDF_TEXTRENDERMODE_FILL)
    _activate([t.handle for t in texts], True)
    return 255 - _pixels(render())


def _is_kept(
    word: Word, drawing: Drawing, texts: Sequence[TextObject], ink: Pixels, page: Pixels, scale: float
) -> bool:
    """Whether a word without effect on the page is text all the same.

    So it is where no typeface at hand can draw it (a CJK font that is not embedded), and where a picture
    that covers it shows the same letters.
    """
    if _part(word.bbox, ink, scale).max(initial=0) < SEEN:
        return not any(t.layered and inside(word.bbox, t.bbox, 0.3) for t in texts)
    covered = any(inside(word.bbox, i.bbox) for i in drawing.images)
    return covered and _shown_by(word.bbox, ink, page, scale)


def _top_objects(page: Any) -> Iterator[Any]:
    for i in range(min(max(0, raw.FPDFPage_CountObjects(page)), MAX_OBJECTS)):
        yield raw.FPDFPage_GetObject(page, i)


def _walk(page: Any, matrix: Matrix) -> Iterator[tuple[Any, Matrix, bool]]:
    """Objects with the matrix of the form around them, and whether they are optional content."""
    stack = [(_top_objects(page), matrix, False)]
    while stack:
        objects, around, layered = stack[-1]
        obj = next(objects, None)
        if obj is None:
            stack.pop()
            continue
        optional = layered or bool(layer_names(obj))
        yield obj, around, optional
        if raw.FPDFPageObj_GetType(obj) == raw.FPDF_PAGEOBJ_FORM and len(stack) < MAX_DEPTH:
            count = min(max(0, raw.FPDFFormObj_CountObjects(obj)), MAX_OBJECTS)
            inner = [raw.FPDFFormObj_GetObject(obj, i) for i in range(count)]
            stack.append((iter(inner), multiply(object_matrix(obj), around), optional))


def _text_object(obj: Any, matrix: Matrix, layered: bool) -> TextObject:
    edges = [ctypes.c_float() for _ in range(4)]
    raw.FPDFPageObj_GetBounds(obj, *edges)
    left, bottom, right, top = (e.value for e in edges)
    corners = [apply(matrix, x, y) for x in (left, right) for y in (bottom, top)]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    r, g, b, a = (ctypes.c_uint() for _ in range(4))
    known = raw.FPDFPageObj_GetFillColor(obj, r, g, b, a)
    faint = not known or a.value < LIGHT or min(r.value, g.value, b.value) > LIGHT
    invisible = raw.FPDFTextObj_GetTextRenderMode(obj) in INVISIBLE
    return TextObject(obj, (min(xs), min(ys), max(xs), max(ys)), invisible, faint, layered)


def _doubtful(drawing: Drawing, objects: Sequence[TextObject]) -> bool:
    """Whether any text of the page may not show; most pages need no test."""
    if any(o.faint or o.invisible or o.layered for o in objects):
        return True
    words = np.array([w.bbox for w in drawing.words], dtype=np.float64).reshape(-1, 4)
    middle = (words[:, :2] + words[:, 2:]) / 2
    paint = (p.bbox for p in drawing.paths if p.fill is not None)
    for box in itertools.chain((i.bbox for i in drawing.images), paint):
        if ((middle >= box[:2]) & (middle <= box[2:])).all(axis=1).any():
            return True
    return False


def _not_outlined(
    words: Sequence[Word], texts: Sequence[TextObject], page: Pixels, scale: float
) -> list[Word]:
    """Words but those that are not painted and stand where outlines or a picture show something."""
    unpainted = np.array([t.bbox for t in texts if t.invisible], dtype=np.float64).reshape(-1, 4)
    middle = (unpainted[:, :2] + unpainted[:, 2:]) / 2

    def shows_something(box: Box) -> bool:
        if not len(middle) or not _varies(box, page, scale):
            return False
        x, y = center(box)
        holds = (unpainted[:, :2] <= (x, y)).all(axis=1) & (unpainted[:, 2:] >= (x, y)).all(axis=1)
        held = (middle >= box[:2]).all(axis=1) & (middle <= box[2:]).all(axis=1)
        return bool((holds | held).any())

    return [w for w in words if not shows_something(w.bbox)]


def _shown_by(box: Box, glyphs: Pixels, page: Pixels, scale: float) -> bool:
    """Whether a picture that covers a word shows the same letters: its own text, printed over once more."""
    ink = _part(box, glyphs, scale).max(axis=2, initial=0).astype(np.float64)
    if ink.size == 0:
        return False
    best = 0.0
    for dx, dy in itertools.product((-SHIFT, 0.0, SHIFT), repeat=2):
        moved = (box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy)
        there = _part(moved, page, scale).mean(axis=2)
        rows, columns = min(ink.shape[0], there.shape[0]), min(ink.shape[1], there.shape[1])
        a, b = ink[:rows, :columns].ravel(), there[:rows, :columns].ravel()
        if a.size and a.std() > 0 and b.std() > 0:
            best = max(best, abs(float(np.corrcoef(a, b)[0, 1])))
    return best > ALIKE


def _differs(box: Box, changed: Pixels, scale: float) -> bool:
    """Whether a pixel of a box changed when the text was taken away; a box off the picture does not count."""
    part = _part(box, changed, scale)
    return part.size == 0 or bool(part.max() >= SEEN)


def _varies(box: Box, page: Pixels, scale: float) -> bool:
    """Whether anything but one colour shows in a box."""
    part = _part(box, page, scale)
    return part.size > 0 and bool(np.ptp(part.reshape(-1, 3), axis=0).max() >= SEEN)


def _part(box: Box, pixels: Pixels, scale: float) -> Pixels:
    x0, y0 = max(int(box[0] * scale), 0), max(int(box[1] * scale), 0)
    return pixels[y0 : int(box[3] * scale) + 1, x0 : int(box[2] * scale) + 1]


def _pixels(picture: Image.Image) -> Pixels:
    """Rows, columns, channels: a colour may differ where its grey does not."""
    return np.asarray(picture.convert("RGB"), dtype=np.int16)


def _activate(objects: Sequence[Any], active: bool) -> None:
    for obj in objects:
        raw.FPDFPageObj_SetIsActive(obj, active)


def _text_of(getter: Callable[..., int]) -> str:
    buffer, length = (ctypes.c_ushort * 256)(), ctypes.c_ulong()
    if not getter(buffer, 512, length):
        return ""
    return bytes(buffer)[: max(0, min(length.value, 512) - 2)].decode("utf-16le", "ignore")


class Pages(Protocol):
    """A file that gives what is drawn on its pages."""

    def drawing(self, number: int) -> Drawing:
        """What is drawn on a page."""
        ...


def without_hidden(document: Document, pages: Pages) -> Document:
    """The document without the text that nobody sees; every page that held some has a warning."""
    hidden = {p.number: pages.drawing(p.number).hidden for p in document.pages}
    if not any(hidden.values()):
        return document

    def change(block: Block) -> Block | None:
        words = hidden.get(block.page, ())
        return _without(block, words, pages.drawing(block.page)) if words else block

    document = document.replace_blocks(change)
    for number, words in hidden.items():
        if words:
            message = (
                f"page {number} holds hidden text that nobody sees ({len(words)} words); it was left out. "
                "PdfLimits.keep_hidden_text keeps it."
            )
            document = document.warn("hidden_text", message, number)
    return document


def _without(block: Block, hidden: Sequence[Word], drawing: Drawing) -> Block | None:
    """A block without hidden words; None where nothing else stood in it."""
    if block.bbox is None:
        return block
    box = block.bbox
    mine = [w for w in hidden if inside(w.bbox, box)]
    if not mine:
        return block
    left = drawing.within(box).words
    if isinstance(block, Figure):
        hint = block.hint
        return replace(block, hint=replace(hint, content=_cut(hint.content, mine))) if hint else block
    if not left:
        return None
    match block:
        case Text() | Heading():
            text = " ".join(p.text for p in paragraphs(block.page, replace(drawing, words=left)))
            return replace(block, text=text)
        case List():
            return replace(block, items=tuple(words_text(left).splitlines()))
        case Code():
            return replace(block, text=_cut(block.text, mine))
        case Table():
            return replace(block, text=_cut(block.text, mine), html=_cut(block.html, mine))
        case Equation():
            return replace(block, text=_cut(block.text, mine), latex=_cut(block.latex, mine))
    return block


def _cut(text: str, words: Sequence[Word]) -> str:
    """The text without hidden words, line by line as they stand on the page."""
    for row in lines(tuple(words)):
        pattern = r"\s*".join(re.escape(w.text) for w in row)
        text = re.sub(pattern, "", text, count=1)
    return text
