"""Train the decision of a figure's kind, cross-validated over owners, beside the rules it replaces.

    python -m research.kind_weights.train_kinds ROWS.jsonl... --out dic_ingest/diagrams/decisions [--held]

In: evidence of figures (`collect.py`) and their kinds. Out: figure_kind.npz, figure_kind.json (data card).
A fifth of the owners (first byte of the name's SHA-1, modulo 5) is not trained on; --held scores it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter

from dic_ingest.classification.analysis import FigureEvidence
from dic_ingest.classification.classifier import Scales, weigh
from dic_ingest.classification.kind_decision import kind_features, with_words
from dic_ingest.classification.text_cues import PRIORS, TextCues, hints_of
from dic_ingest.model.diagram import Kind
from research.graph_decisions.boosting import across_owners, export, fitted

Floats = npt.NDArray[np.float64]
EVIDENCE = TypeAdapter(FigureEvidence)
SAME = {"topology": "block", "code": "other", "table": "other", "formula": ""}  # "": not decided
SETTINGS: dict[str, Any] = {
    "max_iter": 120, "learning_rate": 0.08, "max_leaf_nodes": 6, "min_samples_leaf": 8, "max_features": 0.3,
}  # fmt: skip
FOLDS = 6
STEPS = (0.0, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.97, 1.001)  # of the reliability table


@dataclass(slots=True)
class Case:
    """A figure whose kind is known."""

    owner: str
    kind: str
    scales: Scales
    row: dict[str, float]
    cues: TextCues


def cases_of(paths: Sequence[Path], labels: Path) -> Iterator[Case]:
    """Labelled figures; what shows the same picture counts once, and once more where its pixels were read."""
    kinds = dict(line.split("\t")[1:3] for line in labels.read_text("utf-8").splitlines() if line)
    seen: set[tuple[str, bool]] = set()
    for path in paths:
        for line in path.read_text("utf-8").splitlines():
            item = json.loads(line)
            kind = kinds.get(item["hash"]) or kinds.get(Path(item["file"]).name)
            kind = SAME.get(kind or "", kind)
            known = (item["hash"], item["evidence"]["is_picture"] and item["evidence"]["traits"] is not None)
            if kind and known not in seen:
                seen.add(known)
                yield _case(item, kind)


def _case(item: dict[str, Any], kind: str) -> Case:
    evidence, said = EVIDENCE.validate_python(item["evidence"]), item["texts"]
    hints = hints_of(said["caption"], said["mentions"], said["section"], said["around"])
    scales = weigh(evidence)
    cues = TextCues(hints, PRIORS.get(item["hint"]), bool(said["label"]))
    row = kind_features(evidence, scales)
    return Case(item["owner"], kind, scales, row, cues)


def is_held(owner: str) -> bool:
    """Whether an owner is among the fifth that is not trained on."""
    return hashlib.sha1(owner.encode()).digest()[0] % 5 == 0


def weights_of_cases(cases: Sequence[Case]) -> Floats:
    """Owners and kinds with many figures weigh less each: by the root and fourth root of their number."""
    owners, kinds = Counter(c.owner for c in cases), Counter(c.kind for c in cases)
    found = np.array([owners[c.owner] ** -0.5 * kinds[c.kind] ** -0.25 for c in cases])
    return found / found.mean()


def matrix(cases: Sequence[Case]) -> Floats:
    """Rows of features, in the order of their names."""
    return np.array([list(c.row.values()) for c in cases], dtype=np.float64)


def ruled(case: Case) -> str:
    """The kind by the rules alone, words among them."""
    scales = Scales(dict(case.scales.weights))
    for cued, (weight, _) in case.cues.hints.items():
        scales.add(Kind.BLOCK if cued is Kind.TOPOLOGY else cued, weight, "")
    kind = str(scales.verdict().kind)
    return SAME.get(kind, kind)


def decided(shares: Floats, cases: Sequence[Case], classes: Sequence[str]) -> Floats:
    """Shares as the package decides by: words and the layout parser's kind added."""
    pairs = zip(shares, cases, strict=True)
    return np.array([with_words(p, c.scales, classes, c.cues) for p, c in pairs])


def reliability(shares: Floats, right: npt.NDArray[np.bool_]) -> list[list[float]]:
    """Mean share, share right and number of figures between each two steps."""
    best = shares.max(axis=1)
    found = []
    for low, high in pairwise(STEPS):
        inside = (best >= low) & (best < high)
        if inside.any():
            found.append(
                [
                    round(float(best[inside].mean()), 3),
                    round(float(right[inside].mean()), 3),
                    int(inside.sum()),
                ]
            )
    return found


def isotonic(points: list[list[float]]) -> list[list[float]]:
    """Calibration that never falls: neighbours that do are joined."""
    joined: list[list[float]] = []
    for share, right, count in points:
        joined.append([share, right, count])
        while len(joined) > 1 and joined[-2][1] > joined[-1][1]:
            (a, b, n), (c, d, m) = joined[-2:]
            joined[-2:] = [[(a * n + c * m) / (n + m), (b * n + d * m) / (n + m), n + m]]
    return [[round(s, 3), round(r, 3)] for s, r, _ in joined]


def table(cases: Sequence[Case], chosen: Sequence[str]) -> dict[str, list[float]]:
    """For each kind: figures, share right by the rules, share right as chosen."""
    found = {}
    for kind in ("all", *sorted({c.kind for c in cases})):
        own = [(c, k) for c, k in zip(cases, chosen, strict=True) if kind in ("all", c.kind)]
        by_rules = sum(ruled(c) == c.kind for c, _ in own) / len(own)
        found[kind] = [len(own), round(by_rules, 3), round(sum(c.kind == k for c, k in own) / len(own), 3)]
    return found


def main() -> None:
    """Cross-validate, train on all but the fifth, write."""
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("rows", type=Path, nargs="+")
    args.add_argument("--labels", type=Path, default=Path(__file__).with_name("labels.tsv"))
    args.add_argument("--out", type=Path)
    args.add_argument("--seed", type=int, default=0)
    args.add_argument("--held", action="store_true", help="score the fifth of owners left out; once")
    opt = args.parse_args()
    known = list(cases_of(opt.rows, opt.labels))
    cases, fifth = [c for c in known if not is_held(c.owner)], [c for c in known if is_held(c.owner)]
    rows, kinds, weights = matrix(cases), [c.kind for c in cases], weights_of_cases(cases)
    owners = [c.owner for c in cases]
    classes, shares = across_owners(rows, kinds, weights, owners, opt.seed, FOLDS, **SETTINGS)
    shares = decided(shares, cases, classes)
    chosen = [classes[i] for i in shares.argmax(axis=1)]
    right = np.array([a == b for a, b in zip(chosen, kinds, strict=True)])
    points = reliability(shares, right)
    card = {
        "decision": "kind of a figure; networks count as block diagrams",
        "classes": classes,
        "model": f"gradient-boosted trees, {SETTINGS}; rules and words are added to their log odds",
        "seed": opt.seed,
        "figures": len(cases),
        "owners": len(set(owners)),
        "validation": f"{FOLDS} folds over owners: figures, share right by the rules, by the trees",
        "right": table(cases, chosen),
        "reliability": points,
        "calibration": isotonic(points),
    }
    print(json.dumps(card, indent=1))
    model = fitted(rows, kinds, weights, opt.seed, **SETTINGS)
    if opt.held and fifth:
        answers = decided(model.predict_proba(matrix(fifth)), fifth, [str(k) for k in model.classes_])
        chosen = [str(model.classes_[i]) for i in answers.argmax(axis=1)]
        right = np.array([a == c.kind for a, c in zip(chosen, fifth, strict=True)])
        print("fifth", json.dumps(table(fifth, chosen)), json.dumps(reliability(answers, right)))
    if opt.out:
        export(model, list(cases[0].row), opt.out / "figure_kind.npz")
        (opt.out / "figure_kind.json").write_text(json.dumps(card, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
