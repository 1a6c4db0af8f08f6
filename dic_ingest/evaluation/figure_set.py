"""A folder of figures with truth (`pairs.jsonl`, `questions.jsonl`) as a test set, and what it is made of.

In: the folder, a split, the most figures to take. Out: figures with their questions; split statistics and
how references were made, as plain tables.
"""

from __future__ import annotations

import random
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from dic_ingest.captioning.evidence_text import tokens
from dic_ingest.errors import InputError
from dic_ingest.evaluation.pairs import SPLITS, Pair, Question, read_pairs, read_questions

PAIRS, QUESTIONS = "pairs.jsonl", "questions.jsonl"
CARDS = ("data_card.md", "card.md", "README.md")
Row: TypeAlias = dict[str, str | int | float]


@dataclass(frozen=True, slots=True)
class FigureSet:
    """The figures that are scored. `others` are the folder's figures of other splits."""

    folder: Path
    split: str
    pairs: tuple[Pair, ...]
    questions: tuple[Question, ...]
    others: tuple[Pair, ...] = ()


def read_figure_set(folder: Path, split: str = "test", limit: int = 0, seed: int = 0) -> FigureSet:
    """The figures of one split; `limit` takes so many by chance (0: all), the same ones for a seed.

    Raises:
        InputError: no readable pairs.jsonl, or no figure of that split.
    """
    every = read_pairs(folder / PAIRS)
    if len({p.id for p in every}) < len(every):
        twice, _ = Counter(p.id for p in every).most_common(1)[0]
        raise InputError(f"{folder / PAIRS}: the id {twice!r} stands twice; ids must be unique in a file")
    chosen = [p for p in every if p.split == split]
    if not chosen:
        there = Counter(p.split for p in every)
        held = ", ".join(f"{n} {s}" for s, n in there.items()) or "none at all"
        raise InputError(
            f"{folder / PAIRS} has no figure of the split {split!r} (it has {held}): give another --split"
        )
    if 0 < limit < len(chosen):
        kept = set(random.Random(seed).sample(range(len(chosen)), limit))
        chosen = [p for i, p in enumerate(chosen) if i in kept]
    ids = {p.id for p in chosen}
    path = folder / QUESTIONS
    questions = [q for q in read_questions(path) if q.pair in ids] if path.is_file() else []
    others = [p for p in every if p.split != split]
    return FigureSet(folder, split, tuple(chosen), tuple(questions), tuple(others))


def training_figures(test: FigureSet, folders: Iterable[Path]) -> list[tuple[Path, Pair]]:
    """What was, or may have been, trained on: the folder's other splits, other folders but their tests."""
    found = [(test.folder, p) for p in test.others]
    for folder in folders:
        if folder.resolve() != test.folder.resolve():
            found += [(folder, p) for p in read_pairs(folder / PAIRS) if p.split != "test"]
    return found


def split_table(pairs: Sequence[Pair]) -> list[Row]:
    """A row per split: figures, by difficulty and kind, sizes of graphs and captions."""
    rows: list[Row] = []
    for split in SPLITS:
        own = [p for p in pairs if p.split == split]
        if not own:
            continue
        kinds = Counter(str(p.diagram.kind) for p in own)
        levels = Counter(p.difficulty for p in own)
        rows.append({
            "split": split,
            "figures": len(own),
            "kinds": ", ".join(f"{k} {n}" for k, n in kinds.most_common()),
            "difficulty": ", ".join(f"{k} {levels[k]}" for k in ("easy", "medium", "hard") if levels[k]),
            "nodes": _middle(len(p.diagram.nodes) for p in own),
            "edges": _middle(len(p.diagram.edges) for p in own),
            "caption words": _middle(len(tokens(p.caption)) for p in own),
        })  # fmt: skip
    return rows


def references_table(test: FigureSet) -> list[Row]:
    """Who made the test set's references, by their source and domain."""
    counts = Counter((p.source or "not told", p.domain or "not told") for p in test.pairs)
    return [{"source": s, "domain": d, "figures": n} for (s, d), n in counts.most_common()]


def questions_table(test: FigureSet) -> list[Row]:
    """The test set's questions by level, format, topic and difficulty."""
    counts = Counter(
        (q.level, f"{len(q.options)} options" if q.options else "open", q.topic or "not told", q.difficulty)
        for q in test.questions
    )
    names = ("level", "format", "topic", "difficulty")
    return [{**dict(zip(names, key, strict=True)), "questions": n} for key, n in sorted(counts.items())]


def data_card(folder: Path) -> str:
    """The text that lies beside the data and says how it was made; "" for none."""
    for name in CARDS:
        if (folder / name).is_file():
            return (folder / name).read_text("utf-8", errors="replace")[:20_000]
    return ""


def _middle(values: Iterable[int]) -> str:
    found = sorted(values)
    return f"{statistics.median(found):g} ({found[0]} to {found[-1]})"
