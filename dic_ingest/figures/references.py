"""Sentences that speak of a figure ("see Figure 3", "as in Figs. 2b and 4") tied to it, also across pages.

In: a document whose figures have their labels. Out: the same with `Figure.references`. Captions are none.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from dic_ingest.figures.labels import CJK_WORDS, FIGURE_WORDS, NUMBER, label_key
from dic_ingest.model.document import Block, Code, Document, Figure, Reference, Table

MAX_SENTENCE = 600  # characters kept of one sentence
_NAMES = rf"(?:{FIGURE_WORDS}|figures|figs\.?|abbildungen|figuras|figure)"
_MANY = rf"{NUMBER}(?:\s*(?:,|;|&|and|und|et|y|or|to|through|bis|–|-|,\s*and)\s*(?:{_NAMES}\s*)?{NUMBER})*"
MENTION = re.compile(
    rf"(?:(?<![\w])(?P<name>{_NAMES})\s*(?P<numbers>{_MANY}))|(?:(?:{CJK_WORDS})\s*(?P<cjk>\d+(?:[.\-–]\d+)*))",
    re.IGNORECASE,
)
PLAIN_RANGE = re.compile(r"(\d+)\s?[–-]\s?(\d+)")
TO = re.compile(r"\s*(?:–|-|to|through|bis)\s*", re.IGNORECASE)
LONGEST_RANGE = 30  # figures that "Figures 3 to 9" may name; more is no range
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
    panels = {f.id for f in document.figures if f.parent}
    found: dict[str, list[Reference]] = {}
    for block in document.blocks:
        if isinstance(block, Figure | Code):
            continue
        for sentence in sentences(_text(block)):
            for key in mentioned(sentence, keys):
                for target in _targets(key, keys, panels):
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


def _targets(key: str, keys: Mapping[str, str], panels: Collection[str]) -> tuple[str, ...]:
    """Ids of the figures that a mention speaks of: a panel's sentence speaks of the whole figure too."""
    named, whole = keys.get(key), keys.get(re.sub(r"(?<=\d)[a-z]$", "", key))
    if named is not None and named not in panels:
        return (named,)  # "Figure A.3-2a" beside a "Figure A.3-2" is a figure of its own
    return tuple(dict.fromkeys(target for target in (named, whole) if target))


def mentioned(sentence: str, known: Collection[str] = ()) -> Iterator[str]:
    """Keys of the figures that a sentence names, each once.

    `known`: keys of the document's figures; "Figures 3-2" is a range only where no figure has that label.
    """
    seen: set[str] = set()
    for match in MENTION.finditer(sentence):
        for key in _keys(match["numbers"] or match["cjk"] or "", known):
            if key not in seen:
                seen.add(key)
                yield key


def _keys(numbers: str, known: Collection[str]) -> Iterator[str]:
    parts = list(re.finditer(NUMBER, numbers, re.IGNORECASE))
    for before, part in zip((None, *parts), parts, strict=False):
        key = label_key(part[0])
        yield key
        span = PLAIN_RANGE.fullmatch(part[0])
        if span and key not in known:
            yield from _between("", int(span[1]), int(span[2]) + 1)
        elif before is not None and TO.fullmatch(numbers[before.end() : part.start()]):
            yield from _range(label_key(before[0]), key)


def _range(first: str, last: str) -> Iterator[str]:
    """Keys between two that differ in their last number alone: "4.2.1" and "4.2.4" give "4.2.2", "4.2.3"."""
    a, b = re.fullmatch(r"(.*?)(\d+)", first), re.fullmatch(r"(.*?)(\d+)", last)
    if a and b and a[1] == b[1]:
        yield from _between(a[1], int(a[2]) + 1, int(b[2]))


def _between(head: str, first: int, end: int) -> Iterator[str]:
    if end - first <= LONGEST_RANGE + 1:
        yield from (f"{head}{n}" for n in range(first, end))


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
