"""Train how believable a reading is, print its cross-validation over owners, write weights and data card.

    python train_believability.py CORPUS SCENES OUT [--seed N] [--check]

In: the corpus and its stored scenes. Out: OUT/believability.npz and OUT/believability.json. Every drawing is
read with roles that no drawing of its owner was trained on, as new drawings are. A fifth of the owners is
left out; `--check` measures the written weights on them instead.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import train_roles
from boosting import Floats, across_owners, export, fitted, trees_from
from cases import in_held_fifth, load_cases
from readings import Reading, readings_of
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.model_selection import GroupKFold

from dic_ingest.diagrams.decisions.trees import Trees
from dic_ingest.model.diagram import Kind

RIGHT, WRONG = "right", "wrong"
HALF = 0.5  # from this share of right edges on a reading counts as right
BAD = 0.3  # under this it should not be shown without a mark
SETTINGS = {"max_iter": 150, "max_leaf_nodes": 4, "learning_rate": 0.06, "min_samples_leaf": 15}
STEPS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9)


def role_models(corpus: Path, scenes: Path, out: Path, seed: int, folds: int = 5) -> dict[str, Trees]:
    """For every owner the roles' trees by a training without the owner's drawings."""
    cases = [c for c in load_cases(corpus, scenes) if c.kind is not Kind.SEQUENCE]
    cases = [c for c in cases if not in_held_fifth(c.owner)]
    table = train_roles.table_of(cases, train_roles.own_scenes(train_roles.OWN_COUNT, seed))
    rows, classes, owners = np.vstack(table.rows), np.array(table.classes), np.array(table.owners)
    weights = np.array(table.weights) / np.mean(table.weights)
    people = np.array(sorted(set(table.owners) - {train_roles.NOBODY}))
    found: dict[str, Trees] = {}
    for _, tested in GroupKFold(folds).split(people, groups=people):
        used = ~np.isin(owners, people[tested])
        model = fitted(rows[used], classes[used], weights[used], seed)
        path = out / "fold.npz"
        export(model, table.names, path)
        found |= dict.fromkeys(people[tested].tolist(), trees_from(path))
        path.unlink()
    return found


def curve(chances: Floats, right: Floats) -> list[dict[str, float]]:
    """What is kept without a mark, and how right that is, for every least chance."""
    found = []
    for step in STEPS:
        kept = chances >= step
        found.append({
            "least chance": step,
            "unmarked": round(float(kept.mean()), 3),
            "mean edge F1 of the unmarked": round(float(right[kept].mean()), 3) if kept.any() else 0.0,
            "bad and unmarked": round(float((kept & (right < BAD)).mean()), 4),
            "good and marked": round(float((~kept & (right >= 0.7)).mean()), 4),
        })  # fmt: skip
    return found


def measured(chances: Floats, right: Floats) -> dict[str, Any]:
    """Discrimination, calibration and the curve."""
    good = right >= HALF
    bins = np.minimum((chances * 5).astype(int), 4)
    return {
        "readings": len(right),
        "bad": int((right < BAD).sum()),
        "area under ROC": round(float(roc_auc_score(good, chances)), 3),
        "Brier score": round(float(brier_score_loss(good, chances)), 3),
        "calibration": [
            [
                round(float(chances[bins == k].mean()), 2),
                round(float(good[bins == k].mean()), 2),
                int((bins == k).sum()),
            ]
            for k in range(5)
            if (bins == k).any()
        ],
        "curve": curve(chances, right),
    }


def table_of(readings: Sequence[Reading]) -> tuple[tuple[str, ...], Floats, Floats]:
    """Names of features, rows, and how right every reading is."""
    names = tuple(readings[0].features)
    rows = np.array([[r.features[n] for n in names] for r in readings])
    return names, rows, np.array([r.right for r in readings])


def train(readings: Sequence[Reading], out: Path, seed: int, folds: int = 8) -> dict[str, Any]:
    """Cross-validate, train on all, write the weights and the data card."""
    names, rows, right = table_of(readings)
    owners = [r.owner for r in readings]
    classes = np.where(right >= HALF, RIGHT, WRONG)
    weights = np.ones(len(rows))
    known, chances = across_owners(rows, classes, weights, owners, seed, folds, **SETTINGS)
    export(fitted(rows, classes, weights, seed, **SETTINGS), names, out / "believability.npz")
    card = {
        "decision": "how believable a reading is: chance that its edges have an F1 of one half at least",
        "model": f"gradient-boosted trees, {SETTINGS}",
        "seed": seed,
        "owners": len(set(owners)),
        "validation": f"{folds} folds over owners; calibration: mean chance, share right, readings",
        **measured(chances[:, known.index(RIGHT)], right),
    }
    (out / "believability.json").write_text(json.dumps(card, indent=1) + "\n", "utf-8")
    return card


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("scenes", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--check", action="store_true", help="measure OUT's weights on the fifth left out")
    given = parser.parse_args()
    models = {} if given.check else role_models(given.corpus, given.scenes, given.out, given.seed)
    readings = [
        r for r in readings_of(given.corpus, given.scenes, models) if in_held_fifth(r.owner) is given.check
    ]
    if given.check:
        names, rows, right = table_of(readings)
        model = trees_from(given.out / "believability.npz")
        chances = model.probabilities(rows[:, [names.index(n) for n in model.features]])[:, 0]
        card = measured(chances, right)
    else:
        card = train(readings, given.out, given.seed)
    print(json.dumps(card, indent=1))


if __name__ == "__main__":
    main()
