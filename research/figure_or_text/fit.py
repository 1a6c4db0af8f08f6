"""Boosted trees that tell text on a ground from drawings, with their cross-validation beside the rules.

    python -m research.figure_or_text.fit --rows rows.jsonl [more.jsonl ...] --out TREES.json

In: rows of `regions.py`. Out: the trees as plain numbers, and a table: share of texts and of drawings judged
right by the rules and by the trees, each owner judged by trees that saw none of its documents. Wants
scikit-learn.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import GradientBoostingClassifier

SEED = 20
TREES, DEPTH, RATE, LEAST = 160, 3, 0.08, 8
LIMIT = 0.5
Array = NDArray[np.float64]


def weights(rows: list[dict[str, Any]]) -> Array:
    """Documents weigh by the root of their rows, drawn pages less than people's, both answers alike."""
    each = Counter(r["document"] for r in rows)
    made = np.array([1.0 / each[r["document"]] ** 0.5 for r in rows])
    made *= np.array([0.3 if r["owner"].startswith("drawn ") else 1.0 for r in rows])
    answer = np.array([r["text"] for r in rows])
    for value in (0, 1):
        made[answer == value] /= max(made[answer == value].sum(), 1e-9)
    return made * len(rows)


def fitted(rows: list[dict[str, Any]], names: list[str]) -> GradientBoostingClassifier:
    """Trees for some rows."""
    model = GradientBoostingClassifier(
        n_estimators=TREES,
        max_depth=DEPTH,
        learning_rate=RATE,
        min_samples_leaf=LEAST,
        subsample=0.7,
        random_state=SEED,
    )
    model.fit(matrix(rows, names), [r["text"] for r in rows], sample_weight=weights(rows))
    return model


def matrix(rows: list[dict[str, Any]], names: list[str]) -> Array:
    """Rows of features in the order of their names."""
    return np.array([[r["features"][n] for n in names] for r in rows])


def left_out(rows: list[dict[str, Any]], names: list[str]) -> Array:
    """Probability of text for every row, from trees that saw no row of its owner."""
    out = np.zeros(len(rows))
    owners = np.array([r["owner"] for r in rows])
    people = sorted({o for o in owners if not o.startswith("drawn ")})
    sizes = Counter(owners)
    folds = [[o] for o in people if sizes[o] >= 20] + [[o for o in people if sizes[o] < 20]]
    folds += [[o] for o in sorted(set(owners) - set(people))]
    for fold in folds:
        test = np.isin(owners, fold)
        if test.any():
            model = fitted([r for r, t in zip(rows, test, strict=True) if not t], names)
            out[test] = model.predict_proba(matrix([r for r, t in zip(rows, test, strict=True) if t], names))[
                :, 1
            ]
    return out


def table(rows: list[dict[str, Any]], probability: Array) -> str:
    """Shares judged right by the rules alone, and by the rules with the trees where they see a drawing."""
    lines = [
        "| owner | texts | right, rules | right, with trees | drawings | right, rules | right, with trees |",
        "|---|---|---|---|---|---|---|",
    ]
    rule = np.array([r["rule"] for r in rows]) == 1
    both = rule | (probability >= LIMIT)
    text = np.array([r["text"] for r in rows]) == 1
    owners = np.array([r["owner"] for r in rows])
    drawn = np.char.startswith(owners.astype(str), "drawn ")
    groups = [(o, owners == o) for o in sorted(set(owners)) if (owners == o).sum() >= 20]
    groups += [("**people's documents**", ~drawn), ("**pages drawn for this**", drawn)]
    for name, mine in groups:
        cells = [name]
        for answer in (True, False):
            of = mine & (text == answer)
            cells.append(str(of.sum()))
            cells += [f"{(guess[of] == answer).mean():.3f}" if of.any() else "-" for guess in (rule, both)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def curve(rows: list[dict[str, Any]], probability: Array) -> str:
    """Shares of people's texts and drawings judged right for limits of the probability."""
    rule = np.array([r["rule"] for r in rows]) == 1
    text = np.array([r["text"] for r in rows]) == 1
    people = np.array([not r["owner"].startswith("drawn ") for r in rows])
    lines = ["| limit | texts right | drawings right |", "|---|---|---|"]
    for limit in (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95):
        guess = rule | (probability >= limit)
        shares = [(guess[people & (text == answer)] == answer).mean() for answer in (True, False)]
        lines.append(f"| {limit} | {shares[0]:.3f} | {shares[1]:.3f} |")
    return "\n".join(lines)


def plain(model: GradientBoostingClassifier, names: list[str]) -> dict[str, Any]:
    """The trees as numbers; `feature` -1 marks a leaf."""
    share = float(model.init_.class_prior_[1])
    trees = []
    for (tree,) in model.estimators_:
        t = tree.tree_
        trees.append(
            {
                "feature": [int(f) if f >= 0 else -1 for f in t.feature],
                "limit": [round(float(v), 5) for v in t.threshold],
                "below": t.children_left.tolist(),
                "above": t.children_right.tolist(),
                "value": [round(RATE * float(v), 5) for v in t.value[:, 0, 0]],
            }
        )
    return {"features": names, "base": round(float(np.log(share / (1 - share))), 5), "trees": trees}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    rows = [json.loads(line) for path in options.rows for line in path.read_text().splitlines()]
    names = sorted(rows[0]["features"])
    probability = left_out(rows, names)
    print(table(rows, probability))
    print(curve(rows, probability))
    for row, p in sorted(zip(rows, probability, strict=True), key=lambda x: -abs(x[1] - x[0]["text"]))[:60]:
        if not row["owner"].startswith("drawn ") and not (row["rule"] and row["text"]):
            print(f"{p:.2f} should be {row['text']}", row["document"][:60], row["page"], row["box"])
    if options.out:
        options.out.write_text(json.dumps(plain(fitted(rows, names), names), separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
