"""Text as the terms that a word search compares: case folded, compounds whole and in parts, CJK as bigrams.

No stemming: SQLite's FTS5 stems what comes out of here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

# characters of scripts that are written without spaces between words
_SPACELESS = "\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
_COMPOUND = re.compile(r"[^\W_]+(?:[-_./:+#][^\W_]+)*")
_RUN = re.compile(rf"[{_SPACELESS}]+|[^\W_{_SPACELESS}]+")
# the parts of `SessionManager2`: acronyms, capitalised words, words, numbers
_PART = re.compile("A+(?!a)|Aa+|0+|a+")  # on the letters' classes
MAX_PARTS = 6  # of a compound that is also searched as a whole: more is a path or a URL


def search_terms(text: str, query: bool = False) -> list[str]:
    """The terms of a text in order, repeated as they come.

    `N2` gives n2, n and 2; `5GMM-REGISTERED` also gives 5gmmregistered. A run of CJK gives its bigrams, and
    its single characters too where it is indexed (`query=False`): a query of one character finds it.
    """
    found: list[str] = []
    for match in _COMPOUND.finditer(unicodedata.normalize("NFKC", text)):
        runs = _RUN.findall(match[0])
        for run in runs:
            found += _terms_of(run, query)
        if 1 < len(runs) <= MAX_PARTS:
            found.append("".join(runs).casefold())
    return found


def _terms_of(run: str, query: bool) -> Iterator[str]:
    if re.match(f"[{_SPACELESS}]", run):
        if not query or len(run) == 1:
            yield from run
        yield from (run[k : k + 2] for k in range(len(run) - 1))
        return
    yield run.casefold()
    classes = "".join("A" if c.isupper() else "0" if c.isdigit() else "a" for c in run)
    parts = [run[m.start() : m.end()].casefold() for m in _PART.finditer(classes)]
    if len(parts) > 1:
        yield from parts
