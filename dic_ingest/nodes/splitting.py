"""Sizes of texts in tokens, by default estimated, and texts cut to size at paragraphs, sentences, words."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from itertools import pairwise

UNITS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+|[^\sA-Za-z\d]")
# where a text is cut: coarser places first
LINES = re.compile(r"\n+")
SENTENCES = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])\s*")
CLAUSES = re.compile(r"(?<=[,:;])\s+|(?<=[，；：])\s*")
SPACES = re.compile(r"\s+")
LONGEST_WORD = 8  # letters; common words up to here are one token in the vocabularies in use


def tokens(text: str) -> int:
    """Tokens that `text` will take, estimated from its letters; rather too many than too few."""
    return sum(_cost(m.group()) for m in UNITS.finditer(text))


def _cost(unit: str) -> int:
    if not unit[0].isascii():
        return 1
    if unit.isdigit() or unit.isupper():
        return math.ceil(len(unit) / 3)
    return 1 if len(unit) <= LONGEST_WORD else math.ceil(len(unit) / 5)


def split_text(text: str, limit: int, count: Callable[[str], int] = tokens) -> list[str]:
    """`text` in pieces of at most `limit` tokens and about equal size, nothing lost but outer blanks.

    `count` gives a text's number of tokens.
    """
    if count(text) <= limit:
        return [text.strip()] if text.strip() else []
    pieces = [text]
    for ends in (LINES, SENTENCES, CLAUSES, SPACES):
        pieces = [q for p in pieces for q in (_cut(p, ends) if count(p) > limit else [p])]
    pieces = [q for p in pieces for q in (_slices(p, limit, count) if count(p) > limit else [p])]
    return ["".join(group).strip() for group in pack(pieces, limit, count)]


def shorten(text: str, limit: int, count: Callable[[str], int] = tokens) -> str:
    """The first sentences of `text` that fit in `limit` tokens; where none fits, its first words and "…"."""
    flat = " ".join(text.split())
    kept, room = "", limit
    for sentence in _cut(flat, SENTENCES):
        room -= count(sentence)
        if room < 0:
            break
        kept += sentence
    if kept or not flat:
        return kept.strip()
    return split_text(flat, max(1, limit - 1), count)[0] + " …"


def pack(pieces: Sequence[str], limit: int, count: Callable[[str], int] = tokens) -> list[list[str]]:
    """Consecutive pieces in groups of at most `limit` tokens, evenly filled; a larger piece stands alone."""
    sizes = [count(p) for p in pieces]
    total = sum(sizes)
    goal = total / max(1, math.ceil(total / max(limit, 1)))
    groups: list[list[str]] = []
    filled = math.inf
    for piece, size in zip(pieces, sizes, strict=True):
        if filled >= goal or filled + size > limit:
            groups.append([])
            filled = 0
        groups[-1].append(piece)
        filled += size
    return groups


def _cut(text: str, ends: re.Pattern[str]) -> list[str]:
    starts = [0, *(m.end() for m in ends.finditer(text) if 0 < m.end() < len(text)), len(text)]
    return [text[a:b] for a, b in pairwise(starts)]


def _slices(text: str, limit: int, count: Callable[[str], int]) -> list[str]:
    # a "word" longer than a node; a letter is mostly one token at most: where it is more, halves are taken
    if len(text) > limit:
        return [q for i in range(0, len(text), limit) for q in _slices(text[i : i + limit], limit, count)]
    if len(text) < 2 or count(text) <= limit:
        return [text]
    half = len(text) // 2
    return _slices(text[:half], limit, count) + _slices(text[half:], limit, count)
