"""Sentences that speak of a figure ("see Figure 3", "as in Figs. 2b and 4") tied to it, also across pages.

In: a document whose figures have their labels. Out: the same with `Figure.references`. Captions are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from dic_ingest.document import Block, Code, Document, Figure, Reference, Table
from dic_ingest.figures.labels import CJK_WORDS, FIGURE_WORDS, NUMBER, label_key

MAX_SENTENCE = 600  # characters kept of one sentence
_NAMES = rf"(?:{FIGURE_WORDS}|figures|figs\.?|abbildungen|figuras|figure)"
_MANY = rf"{NUMBER}(?:\s*(?:,|;|&|and|und|et|y|or|to|through|bis|–|-|,\s*and)\s*(?:{_NAMES}\s*)?{NUMBER})*"
MENTION = re.compile(
    rf"(?:(?<![\w])(?P<name>{_NAMES})\s*(?P<numbers>{_MANY}))|(?:(?:{CJK_WORDS})\s*(?P<cjk>\d+(?:[.\-–]\d+)*))",
    re.IGNORECASE,
)
RANGE = re.compile(r"(\d+)\s*(?:–|-|to|through|bis)\s*(\d+)$")
SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s+(?=[\"'“(\[]?[A-ZÀ-ÞА-Я0-9\u4e00-\u9fff])|(?<=[。！？])")
ABBREVIATION = re.compile(
    r"(?:\b(?:fig|figs|abb|eq|eqs|sec|ref|refs|e\.g|i\.e|cf|vs|al|no|vol|approx|etc|dr|mr|ill|rys)\.)$",
    re.IGNORECASE,
)


def link_references(document: Document) -> Document:
    """The document with every figure knowing where it is spoken of."""
    keys = {label_key(f.label): f.id for f in reversed(document.figures) if f.label}
    if not keys:
        return document
    found: dict[str, list[Reference]] = {}
    for block in document.blocks:
        if isinstance(block, Figure | Code):
            continue
        for sentence in sentences(_text(block)):
            for key in mentioned(sentence):
                # a panel's sentence speaks of the whole figure too
                for target in dict.fromkeys(filter(None, (keys.get(key), keys.get(_whole(key))))):
                    reference = Reference(block.id, block.page, sentence[:MAX_SENTENCE])
                    if reference not in found.setdefault(target, []):
                        found[target].append(reference)
    return document.replace_figures(
        lambda f: replace(f, references=tuple(found[f.id])) if f.id in found else f
    )


def _text(block: Block) -> str:
    if isinstance(block, Table):
        return " ".join((block.caption, *block.footnotes))
    return block.content


def _whole(key: str) -> str:
    """The figure that a part belongs to: "2b" -> "2"."""
    return re.sub(r"(?<=\d)[a-z]$", "", key)


def mentioned(sentence: str) -> Iterator[str]:
    """Keys of the figures that a sentence names, each once."""
    seen: set[str] = set()
    for match in MENTION.finditer(sentence):
        for key in _keys(match["numbers"] or match["cjk"] or ""):
            if key not in seen:
                seen.add(key)
                yield key


def _keys(numbers: str) -> Iterator[str]:
    # "Figure 3-2" is one label; only "Figs. 3 to 5" and "Figures 3–5" between plain numbers are ranges
    yield label_key(numbers)
    span = RANGE.search(numbers)
    if span and int(span[1]) < int(span[2]) <= int(span[1]) + 30:
        yield from (str(n) for n in range(int(span[1]), int(span[2]) + 1))
    for part in re.finditer(NUMBER, numbers, re.IGNORECASE):
        yield label_key(part[0])


def sentences(text: str) -> list[str]:
    """Sentences of a text; abbreviations such as "Fig." do not end one."""
    out: list[str] = []
    start = 0
    for end in SENTENCE_END.finditer(text):
        if ABBREVIATION.search(text[start : end.start()]):
            continue
        out.append(text[start : end.start()].strip())
        start = end.end()
    out.append(text[start:].strip())
    return [s for s in out if s]
