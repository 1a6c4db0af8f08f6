"""Texts of a chart as labels, each with the number or date that it shows.

In: words of a drawing. Out: `Label`s; words are joined only over the width of a blank, since tick labels
stand close to one another. Exponents in raised type become "10^3".
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dic_ingest.diagrams.text_blocks import word_size
from dic_ingest.model.box import Box, union
from dic_ingest.model.drawing import Color, Word
from dic_ingest.model.word_lines import Placed, lines_along

BLANK = 0.5  # of the text size: a wider gap parts two labels
BAND = 6.0  # drawing units, of the bands in which a label is searched that a word may continue
OVERLAP = 0.4  # times the text size that words of one label may overlap
OFF_LINE = 0.6  # times the text size between their middles, at most
ONE_NUMBER = 0.12  # times the text size between two words of digits: more parts two numbers
THOUSANDS = 0.35  # times the text size between groups of thousands, at most
UNLIKE = (0.6, 0.2)  # relative difference of their sizes, of an exponent and of other words
TOUCHING = 0.1  # times the text size: words nearer than this touch
LEVEL = 12  # degrees off level
UPRIGHT = (75, 105)  # degrees of a label that runs up or down
MOST_POWER = 200  # of ten
LONGEST_NUMBER = 24  # characters
RAISED = 0.85  # of the size of the word before: smaller and higher is an exponent
_SIGNS = str.maketrans(
    {"\u2212": "-", "\u2013": "-", "\u2009": " ", "\u00a0": " ", "\u202f": " ", "\u22c5": "\u00d7"}
)
_RAISED = str.maketrans("\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079\u207b", "0123456789-")
_NUMBER = re.compile(
    r"(?P<before>[$\u20ac\u00a3\u00a5<>\u2265\u2264~\u2248]?)\s*(?P<sign>[-+]?)\s*"
    r"(?P<digits>\d{1,3}(?:[ ,']\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?|\.\d+)"
    r"(?:e(?P<exp>[-+]?\d+))?(?P<power>\s*[\u00d7x*]\s*10\^?(?P<p>[-+]?\d+))?"
    r"\s*(?P<after>[^\W\d_]{0,4}|%|\u00b0[CF]?|\u2030)",
    re.IGNORECASE,
)
_TENS = re.compile(r"(?P<sign>[-+]?)10\^(?P<p>[-+]?\d+)")
_STEPS = {"k": 1e3, "K": 1e3, "M": 1e6, "m": 1e-3, "G": 1e9, "B": 1e9, "bn": 1e9, "T": 1e12, "Mio": 1e6}
_DATES = (
    "%Y-%m-%d", "%Y-%m", "%Y/%m/%d", "%Y/%m", "%d.%m.%Y", "%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%m/%Y", "%b %Y",
    "%B %Y", "%b-%y", "%b '%y", "%b %y", "%b %d, %Y", "%d %b %Y", "%B %d, %Y", "%d-%b-%Y", "%d %b", "%b %d",
    "%b-%d", "%m-%d", "%Y-%m-%d %H:%M", "%m-%d %H", "%H:%M", "%H:%M:%S", "%I %p", "%b", "%B", "%a %d",
)  # fmt: skip
_SHORT = re.compile(r"\d|[^\W\d_]{3,9}$")


@dataclass(frozen=True, slots=True, eq=False)
class Label:
    """One text of a chart. `angle` is in degrees clockwise; compared by identity."""

    text: str
    bbox: Box
    size: float
    angle: float = 0.0
    color: Color | None = None
    bold: bool = False
    words: tuple[Word, ...] = ()

    @property
    def level(self) -> bool:
        """Whether it is written from left to right."""
        return min(self.angle % 360, 360 - self.angle % 360) < LEVEL

    @property
    def upright(self) -> bool:
        """Whether it is turned by a quarter."""
        return UPRIGHT[0] < self.angle % 180 < UPRIGHT[1]

    def middle(self, along: int) -> float:
        """Its centre in x (0) or y (1)."""
        return (self.bbox[along] + self.bbox[along + 2]) / 2


def labels_of(words: Sequence[Word]) -> list[Label]:
    """Labels in reading order."""
    by_turn: dict[int, list[Word]] = {}
    for word in words:
        if word.text.strip():
            by_turn.setdefault(round(word.angle / 5) * 5 % 360, []).append(word)
    found = [label for turn, group in by_turn.items() for label in _rows(group, float(turn))]
    return sorted(found, key=lambda t: (t.bbox[1], t.bbox[0]))


def _rows(words: list[Word], turn: float) -> list[Label]:
    """Words of one turn, taken along the text; each joins the label that it continues."""
    c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))

    def frame(w: Word) -> Box:
        """From the start to the end of a word, on its middle, in the frame of the text."""
        x0, y0, x1, y1 = w.bbox
        cx, cy = (x0 + x1) / 2, (y0 + y1) / 2
        size = word_size(w)
        if turn % 90 == 0:
            long = (x1 - x0) if turn % 180 == 0 else (y1 - y0)
        else:  # the box of slanted text is that of a rectangle of the text's height, turned
            long = max(0.5 * size, (x1 - x0 - size * abs(s)) / max(abs(c), 0.1))
        u, v = cx * c + cy * s, cy * c - cx * s
        return u - long / 2, v, u + long / 2, v

    placed = sorted(((frame(w), w) for w in words), key=lambda p: p[0][0])
    return [_label(row, turn) for row in lines_along(placed, _misfit, band=BAND)]


def _misfit(last: Placed, new: Placed) -> float | None:
    """The gap between two words of one label, None where they are of two."""
    (a, before), (b, word) = last, new
    large = max(word_size(before), word_size(word))
    gap = b[0] - a[2]
    if not -OVERLAP * large < gap < BLANK * large or abs(a[1] - b[1]) > OFF_LINE * large:
        return None
    both = before.text[-1:].isdigit() and word.text[:1].isdigit()
    if both and gap > ONE_NUMBER * large:  # two numbers are two ticks, but for groups of thousands
        groups = re.fullmatch(r"\d{3}", word.text) and re.fullmatch(r"[-\u2212]?\d{1,3}", before.text)
        return gap if groups and gap < THOUSANDS * large else None
    raised = re.fullmatch(r"[-+\u2212]?\d*", word.text) is not None
    alike = abs(word_size(before) - word_size(word)) < UNLIKE[0 if raised else 1] * large
    return gap if alike else None


def _label(words: list[Word], turn: float) -> Label:
    text = words[0].text
    for before, word in itertools.pairwise(words):
        small = word_size(word) < RAISED * word_size(before) and re.fullmatch(r"[-+\u2212]?\d*", word.text)
        if small and before.text[-1:].isdigit():
            text += "^" + word.text.replace("\u2212", "-")
        elif text.endswith("^-") or _touch(before, word):
            text += word.text
        else:
            text += " " + word.text
    first = max(words, key=word_size)
    return Label(
        " ".join(text.split()), union(w.bbox for w in words), word_size(first), turn, first.color,
        all(w.bold for w in words), tuple(words),
    )  # fmt: skip


def regrouped(labels: Sequence[Label], places: Sequence[float]) -> list[Label]:
    """Level labels of one row with their words given to the nearest of `places` along x.

    The same labels where a place would have none.
    """
    groups: dict[int, list[Word]] = {}
    for word in sorted((w for t in labels for w in t.words), key=lambda w: (round(w.bbox[1]), w.bbox[0])):
        middle = (word.bbox[0] + word.bbox[2]) / 2
        groups.setdefault(min(range(len(places)), key=lambda i: abs(places[i] - middle)), []).append(word)
    if len(groups) != len(places):
        return list(labels)
    return [_label(groups[i], labels[0].angle) for i in range(len(places))]


def _touch(a: Word, b: Word) -> bool:
    """Whether two words are pieces of one: no blank between them."""
    if round(a.angle / 5) * 5 % 180 != 0:
        return False
    return b.bbox[0] - a.bbox[2] < TOUCHING * max(word_size(a), word_size(b))


def number_of(text: str) -> tuple[float, str] | None:
    """The number a label shows and its unit ("%", "k", "$", "ms" ...); None for words and dates."""
    plain = text.strip().translate(_SIGNS)
    if any(c in plain for c in "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079\u207b"):
        plain = re.sub(r"10(?=[\u2070\u00b9\u00b2\u00b3\u2074-\u2079\u207b])", "10^", plain).translate(
            _RAISED
        )
    if tens := _TENS.fullmatch(plain):
        return _power(int(tens["p"]), -1.0 if tens["sign"] == "-" else 1.0)
    match = _NUMBER.fullmatch(plain)
    if match is None or len(plain) > LONGEST_NUMBER:
        return None
    digits = match["digits"]
    if re.fullmatch(r"\d{1,3}(?:[ ,']\d{3})+(?:\.\d+)?", digits):
        digits = re.sub(r"[ ,']", "", digits)
    power = int(match["exp"] or 0) + int(match["p"] or 0)
    if abs(power) > MOST_POWER:
        return None
    value = float(digits.replace(",", ".")) * 10.0**power * (-1.0 if match["sign"] == "-" else 1.0)
    after = match["after"] or ""
    return value * _STEPS.get(after, 1.0), after or match["before"]


def _power(exponent: int, sign: float) -> tuple[float, str] | None:
    return (sign * 10.0**exponent, "") if abs(exponent) <= MOST_POWER else None


def date_format(texts: Sequence[str]) -> str:
    """The first date format that all texts follow; "" where none does. Bare years are numbers."""
    if not texts or not all(_SHORT.search(t) for t in texts):
        return ""
    for form in _DATES:
        if all(read_date(t, form) is not None for t in texts):
            return form
    return ""


def read_date(text: str, form: str) -> float | None:
    """Days since 1970 by one format; None where the text does not follow it."""
    try:
        # a leap year, so that 29 February without a year is a date; the year itself is never given out
        year = "" if "%Y" in form or "%y" in form else " 2000"
        found = datetime.strptime(text.strip() + year, form + (" %Y" if year else ""))
    except ValueError:
        return None
    return (found - datetime(1970, 1, 1)).total_seconds() / 86400.0


def date_text(days: float, form: str) -> str:
    """ISO 8601 for days since 1970; in the format's own words where it tells no year."""
    from datetime import timedelta

    try:
        step = 1440 if "%H" in form or "%I" in form else 1  # minutes or days
        at = datetime(1970, 1, 1) + timedelta(days=round(days * step) / step)
    except OverflowError:
        return ""
    if "%Y" not in form and "%y" not in form:
        return at.strftime(form)
    if "%H" in form:
        return at.isoformat(timespec="minutes")
    return at.date().isoformat()
