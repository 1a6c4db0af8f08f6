"""Lines of text in scripts that the packaged recogniser lacks, read by Tesseract where it is installed.

In: pictures of single lines. Out: their texts with confidences. The packaged recogniser knows Latin letters,
Chinese and Japanese; of every other script that Tesseract has language data for, the one that reads the
lines most surely is taken for all lines of a picture. Nothing is fetched.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Read = tuple[str, float]  # a text and its confidence, 0..1
NOT_READ: Read = ("", 0.0)
SCRIPT_NOT_READ = "script_not_read"  # code of the document's warning

SCRIPTS: dict[str, tuple[str, ...]] = {  # script: Tesseract's languages that are written in it
    "Cyrillic": ("rus", "ukr", "bul", "srp", "bel", "mkd", "kaz", "kir", "mon", "tgk"),
    "Greek": ("ell", "grc"),
    "Hangul": ("kor",),
    "Arabic": ("ara", "fas", "urd", "pus"),
    "Hebrew": ("heb", "yid"),
    "Devanagari": ("hin", "mar", "nep", "san"),
    "Thai": ("tha",),
    "Bengali": ("ben", "asm"),
    "Tamil": ("tam",),
    "Telugu": ("tel",),
    "Gujarati": ("guj",),
    "Kannada": ("kan",),
    "Malayalam": ("mal",),
    "Gurmukhi": ("pan",),
    "Georgian": ("kat",),
    "Armenian": ("hye",),
    "Ethiopic": ("amh", "tir"),
    "Khmer": ("khm",),
    "Lao": ("lao",),
    "Myanmar": ("mya",),
    "Sinhala": ("sin",),
}
UNSPACED = frozenset({"Thai", "Lao", "Khmer", "Myanmar"})  # no spaces between words
RIGHT_TO_LEFT = frozenset({"Arabic", "Hebrew"})
HEIGHT = 40  # pixels that a line's picture is scaled to; Tesseract reads letters of 20 to 40 pixels best
GAP = 40  # pixels of paper between and around the lines
WIDEST = 3000  # pixels of one line
SAMPLE = 6  # lines by which the script is chosen
SURE = 0.9  # mean confidence with which the last picture's script is taken without trying the others
STROKES = " '\"`‘’“”|_~"  # what a piece of an outline beside a line is read as
# Mean confidence under which the lines are in none of the scripts. On drawings in ten scripts, upright and
# upside down, the right one had at least 0.82 and a wrong one at most 0.79.
LEAST = 0.8
LEAST_OF_LINE = 0.3  # of a single line, once the script is known
SECONDS = 30  # of one call of Tesseract


def advice(count: int) -> str:
    """What is wrong with `count` lines that nothing here can read, and what to do about it."""
    lines = "a line" if count == 1 else f"{count} lines"
    return (
        f"{lines} of text in a script that is not read here. Install Tesseract with that language, "
        "for example tesseract-ocr and tesseract-ocr-rus of Debian (dic-ingest doctor lists what is there)"
    )


@lru_cache(maxsize=1)
def installed() -> dict[str, str]:
    """Script and the Tesseract languages for it, as "rus+ukr"; empty without Tesseract."""
    import pytesseract

    try:
        found = set(pytesseract.get_languages(config=""))
    except (pytesseract.TesseractError, OSError):
        return {}
    usable = {
        script: [x for x in languages if x in found][:2]
        or [f"script/{script}"] * (f"script/{script}" in found)
        for script, languages in SCRIPTS.items()
    }
    return {script: "+".join(languages) for script, languages in usable.items() if languages}


class ScriptReader:
    """Reads lines by Tesseract; remembers which script the last picture was in."""

    def __init__(self) -> None:
        self._last = ""

    def read(self, lines: Sequence[Pixels]) -> list[Read]:
        """A text for each line (BGR or grey), `NOT_READ` where it is in none of the installed scripts."""
        if not lines or not installed():
            return [NOT_READ] * len(lines)
        longest = sorted(range(len(lines)), key=lambda k: -lines[k].shape[1])[:SAMPLE]
        script = self._script_of([lines[k] for k in longest])
        if not script:
            return [NOT_READ] * len(lines)
        self._last = script
        # Tesseract's confidences are lower than the packaged recogniser's for lines as well read
        return [(t, 0.5 + c / 2) if c >= LEAST_OF_LINE else NOT_READ for t, c in _read(lines, script)]

    def _script_of(self, sample: Sequence[Pixels]) -> str:
        best, most = "", LEAST
        for script in sorted(installed(), key=lambda s: s != self._last):
            read = _read(sample, script)
            letters = sum(max(len(t), 1) for t, _ in read)
            mean = sum(c * max(len(t), 1) for t, c in read) / letters
            if mean > most:
                best, most = script, mean
            if most >= SURE and best == self._last:
                break
        return best


def _read(lines: Sequence[Pixels], script: str) -> list[Read]:
    """The lines' texts in one script, by one call: they are put one under another on a page."""
    import pytesseract

    pages = [_prepared(line) for line in lines]
    width = max(p.shape[1] for p in pages) + 2 * GAP
    step = HEIGHT + GAP
    sheet = np.full((GAP + step * len(pages), width), 255, dtype=np.uint8)
    for k, page in enumerate(pages):
        left = width - GAP - page.shape[1] if script in RIGHT_TO_LEFT else GAP
        sheet[GAP + k * step : GAP + k * step + HEIGHT, left : left + page.shape[1]] = page
    try:
        table = pytesseract.image_to_data(
            sheet, lang=installed()[script], config="--psm 6", output_type=pytesseract.Output.DICT,
            timeout=SECONDS,
        )  # fmt: skip
    except (pytesseract.TesseractError, OSError, RuntimeError):  # RuntimeError: the time was over
        return [NOT_READ] * len(lines)
    words: list[list[tuple[str, float]]] = [[] for _ in lines]
    for text, confidence, top, height in zip(
        table["text"], table["conf"], table["top"], table["height"], strict=True
    ):
        row = int((top + height / 2 - GAP / 2) // step)
        if text.strip() and 0 <= row < len(words):
            words[row].append((text.strip(), max(float(confidence), 0.0) / 100))
    space = "" if script in UNSPACED else " "
    return [_line(found, space) for found in words]


def _line(words: Sequence[tuple[str, float]], space: str) -> Read:
    text = unicodedata.normalize("NFKC", space.join(t for t, _ in words)).strip(STROKES)
    if not text:
        return NOT_READ
    return text, sum(c * len(t) for t, c in words) / sum(len(t) for t, _ in words)


def _prepared(line: Pixels) -> Pixels:
    """Dark letters on white, `HEIGHT` pixels high."""
    grey = cv2.cvtColor(line, cv2.COLOR_BGR2GRAY) if line.ndim == 3 else line
    width = min(WIDEST, max(1, round(grey.shape[1] * HEIGHT / grey.shape[0])))
    method = cv2.INTER_CUBIC if grey.shape[0] < HEIGHT else cv2.INTER_AREA
    scaled = np.asarray(cv2.resize(grey, (width, HEIGHT), interpolation=method), dtype=np.int16)
    ground = np.median(np.concatenate([scaled[0], scaled[-1]]))  # what the letters stand on
    if ground < 128:
        scaled, ground = 255 - scaled, 255 - ground
    return np.asarray(np.clip(scaled + (255 - ground), 0, 255), dtype=np.uint8)


def holds(text: str, script: str) -> bool:
    """Whether a text of two letters or more is mostly in a script, by their names in Unicode."""
    letters = [c for c in text if c.isalpha()]
    own = sum(unicodedata.name(c, "").startswith(script.upper()) for c in letters)
    return own >= 2 and own > 0.5 * len(letters)
