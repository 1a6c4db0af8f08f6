"""A caption in atomic statements, and its words as they compare: case folded, letters and digits.

Quoted labels are kept whole, whatever stands inside them. No judgement here: that is `evidence.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rapidfuzz import fuzz, process

_TOKEN = re.compile(r"[^\W_]+")
_BULLET = re.compile(r"^\s*(?:[-*\u2022]|\d{1,4}[.)])\s+")
_LABEL = re.compile(r"\b(?:fig(?:ure)?|table|plate|scheme|chart)s?\b[.\s]*[\dA-Z][\d.\-]*", re.IGNORECASE)
_CUT = re.compile(r"(?<=[.!?])\s+(?=[\x00\"'(\[A-Z0-9\u00C0-\u024F\u2E80-\uFFFF])|;\s+")
# words that say how things hang together, words of every text; they claim nothing that a figure prints
_PLAIN = frozenset(
    re.findall(
        r"\w+",
        """
        a an the and or of to in on at by with from into onto for as is are was were be been
        being it its itself this that these those there then than which who whose when while
        where after before between both each all any no not if else otherwise also so such via
        per up out over under through their they them has have having had do does one two three
        four five first second third next last finally step steps figure fig diagram flowchart
        flow chart sequence state class entity relationship block topology layout drawing
        depicts depicted illustrates shows shown showing describes contains contain containing
        holds consists includes participants participant message messages sends send sent
        sending returns return returned receives received exchange exchanges calls call calling
        leads lead leading goes go going back loop alternative optional parallel connects
        connect connected connecting connection links linked directions direction points arrow
        associated refers inherits implements aggregates composed depends related exactly zero many
        number unmarked group package unnamed unlabelled decision branch starts start begins
        ends end stands stand alone note readable relation drawn box line lost outside someone
        case yes transitions transition moves passes feeds uses using flows follows followed
        """,
    )
)


def tokens(text: str) -> list[str]:
    """Runs of letters and digits, case folded."""
    return [t.casefold() for t in _TOKEN.findall(text)]


def plain(text: str) -> str:
    """Letters and digits alone, case folded, one blank between."""
    return " ".join(tokens(text.casefold()))


def content(text: str) -> list[str]:
    """The tokens that claim something; "Figure 3" does not."""
    said = tokens(_LABEL.sub(" ", text))
    return [t for t in said if t not in _PLAIN and (len(t) > 1 or t.isdigit() or not t.isascii())]


def statements(text: str) -> list[str]:
    """The caption's claims, one by one: lines, sentences and parts between semicolons, outside quotes."""
    found = []
    for line in text.splitlines():
        masked, labels = _mask(_BULLET.sub("", line))
        for part in _CUT.split(masked):
            part = _unmask(part, labels).strip()
            if tokens(part):
                found.append(part)
    return found


def _mask(line: str) -> tuple[str, list[str]]:
    labels: list[str] = []

    def keep(match: re.Match[str]) -> str:
        labels.append(match[0])
        return f"\x00{len(labels) - 1}\x00"

    return re.sub(r'"[^"]{1,400}"|\u201c[^\u201d]{1,400}\u201d', keep, line.replace("\x00", "")), labels


def _unmask(text: str, labels: list[str]) -> str:
    return re.sub(r"\x00(\d+)\x00", lambda m: labels[int(m[1])], text)


class Vocabulary:
    """A set of tokens asked with the tolerance of a recogniser's slips."""

    def __init__(self, texts: Iterable[str], same: float) -> None:
        self._known = {t for text in texts for t in tokens(text)}
        self._long = sorted(t for t in self._known if len(t) > 3)
        self._same = same
        self._asked: dict[str, str] = {}

    def find(self, token: str) -> str:
        """The known token that this one is, or ""."""
        if token in self._known:
            return token
        if len(token) < 4:
            return ""
        if token not in self._asked:
            best = process.extractOne(token, self._long, scorer=fuzz.ratio, score_cutoff=self._same)
            self._asked[token] = best[0] if best else ""
        return self._asked[token]

    def share(self, asked: list[str]) -> float:
        """Share of the tokens that are known; 1 for none."""
        return sum(bool(self.find(t)) for t in asked) / len(asked) if asked else 1.0
