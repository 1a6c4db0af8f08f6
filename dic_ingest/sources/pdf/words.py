"""The text layer of a PDF page as words with boxes, sizes, angles and colours.

A word ends at a space, at a gap, or where the text jumps to another place (labels of a drawing often follow
one another without a space). Letters spaced out as titles have them are one word; a soft hyphen ends none,
and is a hyphen where the line ends. Invisible text counts: scans carry their OCR that way. Text off the page
does not.
A word whose letters the font does not map to characters has the confidence 0.
"""

from __future__ import annotations

import ctypes
import io
import math
import unicodedata
from pathlib import Path
from typing import Any

import pypdf
import pypdfium2.raw as raw

from dic_ingest.model.box import Box, height_of, iou, union, width_of
from dic_ingest.model.drawing import Color, Word
from dic_ingest.sources.pdf.page import PageFrame, object_matrix
from dic_ingest.text.spacing import joined_letters

GAP = 0.35  # of the font size: a wider gap between two glyphs ends a word
SOFT_HYPHEN = 0xAD
LINE_HYPHEN = 2  # what PDFium gives for the hyphen of a word that goes on in the next line
UNKNOWN = 0xFFFD  # the character that stands for one without meaning
# Adobe's private characters for parts of large brackets and signs (Symbol encoding)
BRACKETS = frozenset(map(chr, range(0xF8E5, 0xF8FF)))
Glyph = tuple[str, Box, int]  # character, box as shown, index on the text page


def read_words(page: Any, frame: PageFrame, max_chars: int) -> tuple[tuple[Word, ...], str]:
    """Words in content order, and a note ("" where nothing was cut)."""
    text_page = raw.FPDFText_LoadPage(page)
    if not text_page:
        return (), "the text layer is damaged"
    try:
        count = max(0, raw.FPDFText_CountChars(text_page))
        note = f"only the first {max_chars} of {count} characters were read" if count > max_chars else ""
        words: list[Word] = []
        run: list[Glyph] = []
        soft = False  # a soft hyphen stands last
        for index in range(min(count, max_chars)):
            if run and raw.FPDFText_GetUnicode(text_page, index) == SOFT_HYPHEN:
                soft = True
                continue
            glyph = _glyph(text_page, index, frame)
            if glyph is None or (run and _apart(run[-1], glyph)):
                _finish(text_page, run, words, frame, "-" if soft else "")
                run = []
            if glyph is not None:
                run.append(glyph)
            soft = False
        _finish(text_page, run, words, frame)
        return joined_letters(words), note
    finally:
        raw.FPDFText_ClosePage(text_page)


_RECT = raw.FS_RECTF()
_D = [ctypes.c_double() for _ in range(4)]


def _glyph(text_page: Any, index: int, frame: PageFrame) -> Glyph | None:
    """The character with its box; None for white space, controls and anything off the page."""
    code = raw.FPDFText_GetUnicode(text_page, index)
    if code < 32 and raw.FPDFText_HasUnicodeMapError(text_page, index) == 1:
        code = UNKNOWN  # drawn, but the font does not say what it is
    if code == LINE_HYPHEN and raw.FPDFText_IsHyphen(text_page, index) == 1:
        code = ord("-")
    if code <= 32 or code in (0xA0, SOFT_HYPHEN, 0xFFFE, 0xFFFF) or 0x7F <= code < 0xA0:
        return None
    if not raw.FPDFText_GetLooseCharBox(text_page, index, _RECT):
        return None
    box = frame.box(_RECT.left, _RECT.bottom, _RECT.right, _RECT.top)
    if box[2] < 0 or box[3] < 0 or box[0] > frame.width or box[1] > frame.height:
        return None
    if 0xD800 <= code < 0xE000:  # half of a surrogate pair
        return None
    return chr(code), box, index


def _apart(last: Glyph, new: Glyph) -> bool:
    """Whether two successive glyphs belong to different words by their places."""
    (_, a, _), (_, b, _) = last, new
    size = max(min(height_of(a), width_of(a)) * 1.2, min(max(height_of(a), width_of(a)), 200.0) * 0.5, 1.0)
    dx = max(b[0] - a[2], a[0] - b[2], 0.0)
    dy = max(b[1] - a[3], a[1] - b[3], 0.0)
    return math.hypot(dx, dy) > GAP * 2 * size


def _finish(text_page: Any, run: list[Glyph], words: list[Word], frame: PageFrame, end: str = "") -> None:
    if not run:
        return
    first = run[0][2]
    size, shown = _size_and_angle(text_page, first, frame)
    box = union(g[1] for g in run)
    if size and shown % 180 < 1 and height_of(box) > 2.5 * size:
        box = _tight(text_page, run, frame) or box  # a font whose ascent is nonsense
    sure = 1.0 if _has_meaning(text_page, run) else 0.0
    text = "".join(g[0] for g in run if not sure or g[0] != chr(UNKNOWN)) + end
    if not text:
        return
    # outlined or shadowed text is printed twice at nearly one place
    if any(w.text == text and iou(w.bbox, box) > 0.7 for w in words[-8:]):
        return
    weight = raw.FPDFText_GetFontWeight(text_page, first)
    words.append(Word(text, box, size, shown, _color(text_page, first), weight >= 600, sure))


def _has_meaning(text_page: Any, run: list[Glyph]) -> bool:
    """Whether a word's letters are known: its font maps them to Unicode, and to characters of a language.

    A single sign may be a bullet or an icon, which has none.
    """
    if len(run) < 2:
        return True
    unknown = sum(
        _is_unknown(letter) or raw.FPDFText_HasUnicodeMapError(text_page, index) == 1
        for letter, _, index in run
    )
    return bool(2 * unknown <= len(run))


def _is_unknown(letter: str) -> bool:
    """Whether a character is of nobody's alphabet: private use, not assigned, or `UNKNOWN`."""
    if letter in BRACKETS:
        return False
    return letter == chr(UNKNOWN) or unicodedata.category(letter) in ("Co", "Cn")


def _size_and_angle(text_page: Any, index: int, frame: PageFrame) -> tuple[float, float]:
    """Font size in points and degrees clockwise, both as shown: the text matrix through the page's frame."""
    matrix = raw.FS_MATRIX()
    nominal = float(raw.FPDFText_GetFontSize(text_page, index))
    if not raw.FPDFText_GetMatrix(text_page, index, matrix):
        return round(nominal, 2), 0.0
    a, b, c, d, _, _ = frame.matrix
    unit = math.hypot(a, b)
    along = matrix.a * a + matrix.b * c, matrix.a * b + matrix.b * d
    angle = math.degrees(math.atan2(along[1], along[0])) % 360.0
    return round(nominal * math.hypot(matrix.c, matrix.d) * unit, 2), round(angle, 1) % 360.0


def _tight(text_page: Any, run: list[Glyph], frame: PageFrame) -> Box | None:
    boxes = []
    for _, _, index in run:
        if raw.FPDFText_GetCharBox(text_page, index, *_D):
            boxes.append(frame.box(_D[0].value, _D[2].value, _D[1].value, _D[3].value))
    return union(boxes) if boxes else None


def _color(text_page: Any, index: int) -> Color | None:
    r, g, b, a = (ctypes.c_uint() for _ in range(4))
    if not raw.FPDFText_GetFillColor(text_page, index, r, g, b, a):
        return None
    return r.value, g.value, b.value


# Single letters that PDFium leaves out of a text layer, because no typeface at hand gives them a width: text
# objects of one letter in a CJK font that is not embedded ("예" at the branch of a decision). Read by pypdf,
# found again by their place; other text is left to PDFium.


MOST_OBJECTS = 20_000  # looked at on one page
MOST = 500  # letters without a width on one page
NARROW = 0.01  # units: PDFium passes over text objects of less width
SAME = 0.6  # units between the places that the two readers give for one object
LONGEST = 2  # letters: longer texts have a width
ASCENT, DESCENT = 0.86, 0.14  # of a CJK letter's square, above and under its base line


def bare_glyphs(
    page: Any, number: int, frame: PageFrame, source: Path | bytes, password: str | None
) -> tuple[Word, ...]:
    """Words of the letters that have no width here; none on nearly every page, at the cost of a look."""
    places = _without_width(page)
    read = _page_by_pypdf(source, password, number) if places else None
    if read is None or not _has_composite_font(read):
        return ()
    words = []
    for text, x, y, size in _texts(read):
        if len(text) <= LONGEST and any(abs(x - a) < SAME and abs(y - b) < SAME for a, b in places):
            box = frame.box(x, y - DESCENT * size, x + size * len(text), y + ASCENT * size)
            words.append(Word(text, box, round(size * frame.unit, 2)))
    return tuple(words)


def _without_width(page: Any) -> list[tuple[float, float]]:
    """Places of text objects without a glyph, in fonts that are not embedded: letters, more often spaces."""
    found: list[tuple[float, float]] = []
    edges = [ctypes.c_float() for _ in range(4)]
    for i in range(min(max(0, raw.FPDFPage_CountObjects(page)), MOST_OBJECTS)):
        obj = raw.FPDFPage_GetObject(page, i)
        if raw.FPDFPageObj_GetType(obj) != raw.FPDF_PAGEOBJ_TEXT:
            continue
        if not raw.FPDFPageObj_GetBounds(obj, *edges) or edges[2].value - edges[0].value >= NARROW:
            continue
        if raw.FPDFFont_GetIsEmbedded(raw.FPDFTextObj_GetFont(obj)) == 1:
            continue
        *_, x, y = object_matrix(obj)
        found.append((x, y))
        if len(found) >= MOST:
            break
    return found


def _page_by_pypdf(source: Path | bytes, password: str | None, number: int) -> Any | None:
    """The page as pypdf opens it; None where it cannot."""
    try:
        opened = io.BytesIO(source) if isinstance(source, bytes) else source
        return pypdf.PdfReader(opened, password=password).pages[number - 1]
    except Exception:  # a damaged file that PDFium could repair: nothing is added
        return None


def _has_composite_font(page: Any) -> bool:
    """Whether a font of the page is made as CJK fonts are and not embedded; simple fonts have their widths.

    Without one the whole content of the page need not be read again.
    """
    try:
        return any(_is_bare_composite(f.get_object()) for f in page["/Resources"]["/Font"].values())
    except Exception:  # as above, or there are no fonts
        return False


def _is_bare_composite(font: Any) -> bool:
    if font.get("/Subtype") != "/Type0":
        return False
    inner = font["/DescendantFonts"][0].get_object()
    if "/FontDescriptor" not in inner:
        return True
    return not any(name in inner["/FontDescriptor"] for name in ("/FontFile", "/FontFile2", "/FontFile3"))


def _texts(page: Any) -> list[tuple[str, float, float, float]]:
    """Texts of a page with their places and sizes in user space; none where pypdf cannot read it."""
    found: list[tuple[str, float, float, float]] = []

    def see(text: str, cm: list[float], tm: list[float], font: Any, size: float) -> None:
        if text.strip():
            x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
            y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
            found.append((text.strip(), x, y, abs(size * tm[3] * cm[3]) or size))

    try:
        page.extract_text(visitor_text=see)
    except Exception:  # as above
        return []
    return found
