"""Printed labels of figures: "Figure 3-2", "Fig. 2b", "图 3", "Abbildung 4", "FIGURE IV".

In: text. Out: label and caption apart, whether a line opens a caption, a key to meet its mentions.
"""

from __future__ import annotations

import re

FIGURE_WORDS = (
    r"supplementary\s+fig(?:ure|\.)|extended\s+data\s+fig(?:ure|\.)|figure|figur[ae]?|fig\.?|abbildung|abb\.?|"
    r"bild|schema|scheme|diagramm?|illustration|ilustraci[oó]n|ill\.|"
    r"imagen|afbeelding|kuva|rys\.?|"
    r"рис(?:унок|\.)?|obr(?:ázek|\.)?|εικόνα|hình|gambar|şekil"
)
TABLE_WORDS = (
    r"table|tab\.|tabelle|tableau|tabla|tabella|listing|example|algorithm|exhibit|box|таблица|表|表格"
)
CJK_WORDS = r"图表|图|圖|図|그림|도"
# clause numbers of any depth, capitals in them, as 3GPP and ETSI count: "4.2.2.2.2-1", "5.3A.1-1bis"
_LEVEL = r"(?:\d+(?-i:[A-Z](?![A-Za-z]))?|(?-i:[A-Z](?=[.\-–]\d)))"
_LAST = r"(?:\s?\([a-z]\)|(?:bis|ter|quater)(?![a-z])|[a-z](?![a-z]))"
NUMBER = (
    rf"(?:(?:[A-Z]{{1,2}}[.\-–]?)?\d+(?-i:[A-Z](?=[.\-–]\d))?(?:\s?[.\-–]\s?{_LEVEL}){{0,11}}{_LAST}?|"
    r"[IVXLC]{1,6}(?![A-Za-z])|[A-Z]\.?\d+)"
)
# a square or a bullet that some styles set before a caption; symbol fonts map theirs to the private area
_GLYPH = r"(?:[\u2022\u2023\u25a0-\u27bf\u2b00-\u2bff\uf000-\uf8ff]\s*){0,2}"
_LATIN = re.compile(rf"^\s*{_GLYPH}(?P<label>(?:{FIGURE_WORDS})\s*[.:]?\s*(?:{NUMBER}))", re.IGNORECASE)
_CJK = re.compile(rf"^\s*{_GLYPH}(?P<label>(?:{CJK_WORDS})\s*\d+(?:\s?[.\-–]\s?\d+){{0,11}})")
_TABLE = re.compile(rf"^\s*{_GLYPH}(?P<label>(?:{TABLE_WORDS})\s*[.:]?\s*(?:{NUMBER}))", re.IGNORECASE)
_AFTER = re.compile(r"^\s*(?:[.:|–—\-﹕：．]+\s*|$)")
_WORDS_EN = re.compile(r"^(?:supplementary|extended data)?\s*(?:fig(?:ure|\.)?)$", re.IGNORECASE)

CONTINUED = re.compile(
    r"\s*[,–—-]?\s*[(\[]?\s*(?:continued(?: from .{1,30})?|cont['’]?d|cont\.|Fortsetzung|Forts\.|suite|"
    r"continuación|continuação|continua|续|續|続き)(?![a-z])\s*[)\]]?\.?",
    re.IGNORECASE,
)


def is_continued(caption: str) -> bool:
    """Whether a caption says that its figure began on an earlier page: "(continued)", "(cont'd)"."""
    return CONTINUED.match(caption) is not None


def split_label(text: str) -> tuple[str, str]:
    """Label and the rest of a caption: ("Figure 3", "The parser."); ("", text) where none opens it."""
    match = _match(text)
    if match is None:
        return "", text.strip()
    label = re.sub(r"\s+", " ", match["label"]).strip()
    rest = text[match.end() :]
    return label, _AFTER.sub("", rest, count=1).strip()


def opens_caption(text: str, strict: bool = False) -> bool:
    """Whether a line begins a figure's caption, not a sentence that happens to begin with one's name.

    `strict` asks for a stop after the label: "Figure 3: The parser", not "Figure 3 The parser".
    """
    match = _match(text)
    if match is None:
        return False
    if strict:
        return bool(re.match(r"^\s*[.:|–—﹕：．]", text[match.end() :]))
    return _caption_like(text, text[match.end() :])


def opens_table_caption(text: str) -> bool:
    """Whether a line begins the caption of a table, a listing or an example."""
    match = _TABLE.match(text)
    return match is not None and _caption_like(text, text[match.end() :])


def _match(text: str) -> re.Match[str] | None:
    match = _LATIN.match(text) or _CJK.match(text)
    if match is None:
        return None
    after = text[match.end() : match.end() + 1]
    return None if after.isalnum() and after.isascii() else match


def _caption_like(text: str, rest: str) -> bool:
    """A caption goes on with a stop, or with a capital; a sentence goes on with a verb ("Figure 3 shows")."""
    if re.match(r"^\s*$", rest) or re.match(r"^\s*[.:|–—\-﹕：．]", rest):
        # "Fig. 3. However" is a caption, "Figure 3." at the end of a sentence is a line of text
        return True
    if CONTINUED.fullmatch(rest) or (is_continued(rest) and rest.lstrip()[:1] in ("(", "[")):
        return True
    word = re.match(r"^\s+(\S+)", rest)
    if word is None:
        return bool(re.match(r"^\W", rest)) and not rest.startswith((",", ";", ")", "]"))
    first = word[1]
    return not first[0].islower() and not first.startswith((",", ";", ")", "]", "("))


def label_key(label: str) -> str:
    """A key equal for all spellings of one label: "Fig. 3-2", "FIGURE 3–2" and "图 3-2" give "3-2"."""
    match = re.search(rf"({NUMBER})\s*$", label.strip(), re.IGNORECASE)
    number = match[1] if match else label
    return re.sub(r"[\s()]", "", number).replace("–", "-").replace("-", ".").casefold()
