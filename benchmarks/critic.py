"""The critic's score: faults it catches, true statements it takes away, by kind of fault, with intervals.

    python benchmarks/critic.py [--corpus DIR] [--reading exact|drawn] [--worst N] [--out FILE]

In: drawings with a known graph. For each, true captions in several hands get one known fault; the critic
sees the caption and a reading: the graph itself (exact), or what dic-small reads off its PDF (drawn).
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from math import sqrt
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from critic_styles import STYLES
from machine import machine

from dic_ingest.captioning.grounding.critic import criticise
from dic_ingest.captioning.grounding.faults import FAULTS, INSTRUCTIONS
from dic_ingest.captioning.grounding.graph_index import Exact
from dic_ingest.captioning.grounding.statements import atoms
from dic_ingest.model.diagram import Diagram
from dic_ingest.model.drawing import Word
from dic_ingest.sources.diagram_files.languages.mermaid.read import read_mermaid

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"


Words = tuple[Word, ...]


def wilson(good: int, of: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson)."""
    if not of:
        return 0.0, 1.0
    z, p = 1.96, good / of
    middle = p + z * z / (2 * of)
    spread = z * sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    low, high = (middle - spread) / (1 + z * z / of), (middle + spread) / (1 + z * z / of)
    return max(low, 0.0), min(high, 1.0)


def drawings(corpus: Path) -> Iterator[tuple[str, Diagram]]:
    """Drawings of the corpus whose labels are all drawn, with their graphs."""
    for line in (corpus / "diagrams_truth.jsonl").read_text("utf-8").splitlines():
        name = json.loads(line)["id"]
        source = json.loads((corpus / "diagrams" / f"{name}.json").read_text("utf-8"))["source"]
        diagram = read_mermaid(source)
        if diagram is not None and diagram.edges:
            yield name, diagram


def drawn(corpus: Path, name: str) -> tuple[Diagram | None, tuple[Word, ...]]:
    """What dic-small reads off a drawing's PDF."""
    from dic_ingest.captioning.figure_reading import read_drawing
    from dic_ingest.sources.pdf.document import PdfFile

    with PdfFile(corpus / "diagrams" / f"{name}.pdf") as pdf:
        drawing = pdf.drawing(1)
    return read_drawing(drawing), drawing.words


def trial(true: str, false: str, reading: Diagram, words: Words) -> tuple[list[str], list[str]]:
    """(faulty statements that stand unchanged, true ones that were changed)."""
    names = Exact(reading).names
    known = Counter((a.head, a.text) for a in atoms(true, names))
    checked = criticise(false, reading, words)
    touched = Counter(c.before for c in checked.changes if c.before)
    missed, lost = [], []
    for a in atoms(false, names):
        is_true = known[a.head, a.text] > 0
        known[a.head, a.text] -= is_true
        hit = touched[a.text] > 0
        touched[a.text] -= hit
        if is_true and hit:
            lost.append(a.text)
        elif not is_true and not hit:
            missed.append(f"{a.head}: {a.text}" if a.head else a.text)
    return missed, lost


def faulty(name: str, diagram: Diagram, fault: str, style: str, seed: int) -> tuple[str, str] | None:
    """(true caption, the same with one fault); None where the drawing has no room for it."""
    source = random.Random(f"{name}{fault}{seed}")
    say = STYLES[style]
    if fault == "injected instruction":
        true = say(diagram, seed)
        lines = true.splitlines()
        at = source.randrange(1, len(lines) + 1)
        glue = "\n" if len(lines) > 1 else " "
        return true, glue.join([*lines[:at], source.choice(INSTRUCTIONS), *lines[at:]])
    made = FAULTS[fault](diagram, source)
    return (say(diagram, seed), say(made, seed)) if made is not None else None


def restored(false: str, reading: Diagram, words: Words) -> bool:
    """Whether a line that was left out is told again after the critic."""
    before = criticise(false, reading, words, complete=False)
    after = criticise(false, reading, words)
    return len(after.told) > len(before.told) or len(before.told) == len(reading.edges)


class Score:
    """Counts of good and all, by fault and by hand; examples of what went wrong."""

    def __init__(self) -> None:
        self.caught: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        self.removed: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        self.examples: dict[str, list[str]] = defaultdict(list)

    def true_caption(self, name: str, diagram: Diagram, style: str, read: Diagram, words: Words) -> None:
        """True statements that the critic takes away."""
        true = STYLES[style](diagram, 1)
        _, lost = trial(true, true, read, words)
        for key in ("true statements removed", f"true statements removed, {style}"):
            self.removed[key][0] += len(lost)
            self.removed[key][1] += len(atoms(true, Exact(read).names))
        self.examples["lost"] += [f"{name} [{style}] {t}" for t in lost]

    def fault(self, name: str, diagram: Diagram, style: str, kind: str, read: Diagram, words: Words) -> None:
        """Whether one fault in one caption is caught."""
        pair = faulty(name, diagram, kind, style, 1)
        if pair is None or pair[0] == pair[1]:
            return
        missed: list[str] = []
        if kind == "missing branch":
            good = restored(pair[1], read, words)
        elif kind == "wrong order":
            good = any(c.reason == "order" for c in criticise(pair[1], read, words).changes)
        else:
            missed, _ = trial(*pair, read, words)
            good = len(missed) < _count(pair, read)
        self.caught[kind][0] += good
        self.caught[kind][1] += 1
        if not good:
            self.examples[kind] += [f"{name} [{style}] {m}" for m in missed[:2] or ["not noticed"]]


def measure(corpus: Path, reading: str, worst: int) -> dict[str, Any]:
    """Counts over all drawings, hands and faults."""
    score, unread = Score(), 0
    for name, diagram in drawings(corpus):
        read, words = (diagram, ()) if reading == "exact" else drawn(corpus, name)
        if read is None or not read.edges:
            unread += 1
            continue
        for style in STYLES:
            score.true_caption(name, diagram, style, read, words)
            for kind in (*FAULTS, "injected instruction"):
                score.fault(name, diagram, style, kind, read, words)
    for kind, lines in score.examples.items():
        for line in lines[:worst]:
            print(f"{kind}: {line[:260]}", file=sys.stderr)
    return {"caught": _table(score.caught), "removed": _table(score.removed), "drawings not read": unread}


def _count(pair: tuple[str, str], reading: Diagram) -> int:
    """How many statements are faulty."""
    names = Exact(reading).names
    true = Counter((a.head, a.text) for a in atoms(pair[0], names))
    return sum((Counter((a.head, a.text) for a in atoms(pair[1], names)) - true).values())


def _table(counts: dict[str, list[int]]) -> dict[str, dict[str, Any]]:
    found = {}
    total = [sum(v[0] for v in counts.values()), sum(v[1] for v in counts.values())]
    rows = {**counts, "all": total} if "true statements removed" not in counts else counts
    for key, (good, of) in rows.items():
        low, high = wilson(good, of)
        share = round(good / of, 4) if of else None
        found[key] = {"n": of, "share": share, "low": round(low, 4), "high": round(high, 4)}
    return found


def main() -> None:
    """Measure and print; write JSON where asked."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--corpus", type=Path, default=CORPUS)
    options.add_argument("--reading", choices=["exact", "drawn"], default="exact")
    options.add_argument("--worst", type=int, default=0)
    options.add_argument("--out", type=Path)
    chosen = options.parse_args()
    found = measure(chosen.corpus, chosen.reading, chosen.worst)
    for key, row in [*found["caught"].items(), *found["removed"].items()]:
        low, high = 100 * row["low"], 100 * row["high"]
        print(f"{key:40} {100 * (row['share'] or 0):6.2f} %  [{low:.1f}, {high:.1f}]  n={row['n']}")
    print(f"{'drawings not read':40} {found['drawings not read']}")
    if chosen.out:
        report = {"reading": chosen.reading, **found, "machine": machine()}
        chosen.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
