"""Text as the terms that a word search compares: whole and stemmed, compounds in parts, CJK as bigrams."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator

import snowballstemmer

# characters of scripts that are written without spaces between words
_SPACELESS = "\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
_COMPOUND = re.compile(r"[^\W_]+(?:[-_./:+#][^\W_]+)*")
_RUN = re.compile(rf"[{_SPACELESS}]+|[^\W_{_SPACELESS}]+")
_PART = re.compile("A+(?!a)|Aa+|a+")  # of `SessionManager`, on its letters' classes
MAX_PARTS = 6  # of a compound that is also searched as a whole: more is a path or a URL
LONGEST = 64  # letters of a word that is stemmed
_STEMMER = snowballstemmer.stemmer("english")


def search_terms(text: str, query: bool = False) -> list[str]:
    """The terms of a text in order, repeated as they come; fewer for a query than for what is indexed.

    `leads` gives leads and lead, `5GMM-REGISTERED` also 5gmmregistered. What is indexed gives more, so that a
    question in other words finds it: `SessionManager` also session and manager, a run of CJK its single
    characters beside its bigrams.
    """
    found: list[str] = []
    for match in _COMPOUND.finditer(unicodedata.normalize("NFKC", text)):
        runs = _RUN.findall(match[0])
        for run in runs:
            found += _spaceless(run, query) if re.match(f"[{_SPACELESS}]", run) else _spaced(run, query)
        if 1 < len(runs) <= MAX_PARTS:
            found.append("".join(runs).casefold())
    return found


def _spaceless(run: str, query: bool) -> Iterator[str]:
    if not query or len(run) == 1:
        yield from run
    yield from (run[k : k + 2] for k in range(len(run) - 1))


def _spaced(run: str, query: bool) -> Iterator[str]:
    yield from _whole_and_stem(run.casefold())
    if query:
        return
    classes = "".join("A" if c.isupper() else "a" for c in run)
    parts = [run[m.start() : m.end()].casefold() for m in _PART.finditer(classes)]
    if len(parts) > 1:
        yield from (t for p in parts if len(p) > 1 for t in _whole_and_stem(p))


@functools.lru_cache(maxsize=50_000)
def _whole_and_stem(word: str) -> tuple[str, ...]:
    stem = _STEMMER.stemWord(word) if len(word) <= LONGEST else word
    return (word,) if stem == word else (word, stem)
