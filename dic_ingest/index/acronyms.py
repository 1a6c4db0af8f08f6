"""Acronyms that a text explains: "Access and Mobility Management Function (AMF)", and the other way round.

The letters of the short form are looked for from the end of the words before it, the first of them at the
beginning of a word (Schwartz and Hearst, A simple algorithm for identifying abbreviation definitions, 2003).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_SHORT = r"[A-Z][A-Za-z0-9&/\-]{1,9}"
_WORD = r"[^\W_][\w'/&\-]{0,40}"
_GAP = r"[ \t]{0,4}[ \t\n]"
_LONG = rf"{_WORD}(?:{_GAP}{_WORD}){{1,11}}"
_AFTER = re.compile(rf"(?<!\w)({_LONG}){_GAP}\(({_SHORT})\)")  # long form (SHORT)
_BEFORE = re.compile(rf"\b({_SHORT})[ \t]\(({_LONG})\)")  # SHORT (long form)
# SHORT: long form, a line of a list of abbreviations
_LISTED = re.compile(
    rf"^[ \t]{{0,8}}({_SHORT})[ \t]{{0,8}}(?:[:=\u2013\u2014]|[ \t]-[ \t]|\t)"
    rf"[ \t]{{0,8}}({_LONG})[ \t]{{0,8}}$",
    re.MULTILINE,
)
_SMALL = frozenset(
    ("a", "an", "and", "as", "at", "by", "for", "in", "of", "on", "or", "the", "to", "with")
)  # no long form begins with one


def acronyms(texts: Iterable[str]) -> dict[str, list[str]]:
    """Short forms with the long forms that the texts give them, in order of appearance, as printed."""
    found: dict[str, dict[str, str]] = {}
    for text in texts:
        for short, words in _candidates(text):
            long = long_form(short, " ".join(words.split()))
            if long:
                found.setdefault(short, {}).setdefault(long.casefold(), long)
    return {short: list(longs.values()) for short, longs in found.items()}


def _candidates(text: str) -> list[tuple[str, str]]:
    pairs = [(m[2], m[1]) for m in _AFTER.finditer(text)]
    pairs += [(m[1], m[2]) for m in _BEFORE.finditer(text)]
    pairs += [(m[1], m[2]) for m in _LISTED.finditer(text)]
    return [(short, words) for short, words in pairs if sum(c.isupper() for c in short) > 1]


def long_form(short: str, words: str) -> str:
    """The end of `words` that the short form stands for; "" where its letters are not found there."""
    at = len(words) - 1
    letters = [c.lower() for c in short if c.isalnum()]
    for k in range(len(letters) - 1, -1, -1):
        while at >= 0 and not _fits(words, at, letters[k], k == 0):
            at -= 1
        if at < 0:
            return ""
        at -= 1
    long = words[at + 1 :]
    count = len(long.split())
    return long if 1 < count <= min(len(letters) + 5, 2 * len(letters)) and len(long) > len(short) else ""


def _fits(words: str, at: int, letter: str, is_first: bool) -> bool:
    if words[at].lower() != letter:
        return False
    return not is_first or (
        not (at > 0 and words[at - 1].isalnum()) and words[at:].split()[0].casefold() not in _SMALL
    )
