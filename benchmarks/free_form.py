"""The critic on prose that it did not write: 700 sentences about 70 drawings, half of them false.

    python benchmarks/free_form.py [--half development|held-out|both|fresh] [--list missed|removed|unchecked]

In: `free_form/figures_*.txt`: drawings as Mermaid, five true and five false sentences about each, in many
styles. Figures with odd numbers are for development; of the others' sentences, written before the reader of
clauses was, only shares were looked at while it was developed. Out: shares, by half and by kind of drawing. A
false sentence is caught where the graph contradicts it, a true one is removed where it does; a sentence is
unchecked where the critic says so. `fresh`: by another hand, about drawings of other people, from `--folder`.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dic_ingest.captioning.grounding.graph_index import Exact
from dic_ingest.captioning.grounding.statements import atoms
from dic_ingest.captioning.grounding.verifier import StatementVerdict, judge_readings
from dic_ingest.model.diagram import Diagram, Kind
from dic_ingest.sources.diagram_files.languages.mermaid.read import read_mermaid

FOLDER = Path(__file__).resolve().parent / "free_form"
OTHERS = Path(__file__).resolve().parents[2] / "shared" / "free_form"
HALVES = ("development", "held-out")
FRESH = "fresh"
OUTCOMES = ("supported", "contradicted", "unchecked")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence about a drawing, and whether it is true."""

    figure: str
    diagram: Diagram
    text: str
    true: bool

    @property
    def half(self) -> str:
        """Odd figures are for development; those of other people are named by a letter and a number."""
        return HALVES[int(self.figure) % 2 == 0] if self.figure.isdigit() else FRESH


def read_sentences(folder: Path = FOLDER) -> Iterator[Sentence]:
    """All sentences in the order of their files."""
    for file in sorted(folder.glob("figures_*.txt")):
        for block in file.read_text("utf-8").split("== ")[1:]:
            head, _, rest = block.partition("\n")
            figure, kind = head.split()
            code, _, said = rest.partition("\n--\n")
            diagram = replace(read_mermaid(code), kind=Kind(kind))
            for line in said.splitlines():
                if line.strip():
                    yield Sentence(figure, diagram, line[2:], line.startswith("+"))


def verdict_of(sentence: Sentence) -> tuple[str, list[StatementVerdict]]:
    """What the critic says of a sentence: the worst of its statements."""
    exact = Exact(sentence.diagram)
    found = [judge_readings(a.readings, exact) for a in atoms(sentence.text, exact.names)]
    if any(not v.support and v.reason != "not checked" for v in found):
        return "contradicted", found
    return ("supported" if found and all(v.support for v in found) else "unchecked"), found


def scores(judged: Sequence[tuple[Sentence, str]]) -> dict[str, Any]:
    """Shares of false sentences caught and let pass, of true ones removed, of all unchecked."""
    count = Counter((s.true, outcome) for s, outcome in judged)
    true, false = (sum(count[t, o] for o in OUTCOMES) for t in (True, False))
    return {
        "sentences": true + false,
        "caught": round(count[False, "contradicted"] / max(false, 1), 3),
        "let_pass": round(count[False, "supported"] / max(false, 1), 3),
        "true_removed": round(count[True, "contradicted"] / max(true, 1), 3),
        "unchecked": round((count[True, "unchecked"] + count[False, "unchecked"]) / max(true + false, 1), 3),
        "false_unchecked": round(count[False, "unchecked"] / max(false, 1), 3),
    }


def main() -> None:
    """Prints the shares, and with `--list` the sentences that a share is about."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--half", choices=(*HALVES, "both", FRESH), default="both")
    parser.add_argument("--folder", type=Path, default=OTHERS, help="where the figures of other people lie")
    parser.add_argument("--list", choices=("missed", "removed", "unchecked"))
    asked = parser.parse_args()
    folder = asked.folder if asked.half == FRESH else FOLDER
    chosen = [s for s in read_sentences(folder) if asked.half in (s.half, "both")]
    if not chosen:
        parser.error(f"no sentences in {folder}")
    judged = [(s, *verdict_of(s)) for s in chosen]
    for s, outcome, found in judged:
        listed = {
            "missed": not s.true and outcome != "contradicted",
            "removed": s.true and outcome == "contradicted",
            "unchecked": outcome == "unchecked",
        }
        if asked.list and listed[asked.list]:
            print(s.figure, "+" if s.true else "-", outcome, s.text, [v.reason for v in found])
    rows = {half: [(s, o) for s, o, _ in judged if s.half == half] for half in (*HALVES, FRESH)}
    for kind in dict.fromkeys(s.diagram.kind for s in chosen):
        rows[kind] = [(s, o) for s, o, _ in judged if s.diagram.kind is kind]
    print(json.dumps({name: scores(some) for name, some in rows.items() if some}, indent=1))


if __name__ == "__main__":
    main()
