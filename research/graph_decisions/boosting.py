"""Gradient boosting: training, cross-validation over owners, export without pickle.

In: rows of features, classes, owners. Out: probabilities by models that saw none of an owner's drawings,
and an `.npz` file of plain arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import GroupKFold

from dic_ingest.diagrams.decisions.trees import Trees, read_trees

Floats = npt.NDArray[np.float64]
SETTINGS = {
    "max_iter": 80, "learning_rate": 0.08, "max_leaf_nodes": 8, "l2_regularization": 2.0,
    "min_samples_leaf": 30,
}  # fmt: skip


def fitted(
    rows: Floats, classes: Sequence[str], weights: Floats, seed: int, **settings: float
) -> HistGradientBoostingClassifier:
    """A model with the settings that all decisions share, but for those given."""
    model = HistGradientBoostingClassifier(**(SETTINGS | settings), random_state=seed, early_stopping=False)
    return model.fit(rows, np.array(classes), sample_weight=weights)


def across_owners(
    rows: Floats, classes: Sequence[str], weights: Floats, owners: Sequence[str], seed: int, folds: int = 5,
    always: str | None = None, **settings: float,
) -> tuple[list[str], Floats]:  # fmt: skip
    """Classes, and for every row their probabilities by a model that saw no drawing of its owner.

    Rows of the owner `always` are in every training set and in no test set.
    """
    names = sorted(set(classes))
    found = np.zeros((len(rows), len(names)))
    labels, whose = np.array(classes), np.array(owners)
    tested, kept = np.flatnonzero(whose != always), np.flatnonzero(whose == always)
    split = GroupKFold(min(folds, len(set(whose[tested]))))
    for train, test in split.split(rows[tested], labels[tested], whose[tested]):
        used = np.concatenate([tested[train], kept])
        model = fitted(rows[used], labels[used], weights[used], seed, **settings)
        at = [names.index(c) for c in model.classes_]
        found[np.ix_(tested[test], at)] = model.predict_proba(rows[tested[test]])
    return names, found


def export(model: HistGradientBoostingClassifier, features: Sequence[str], path: Path) -> None:
    """Write the model's trees as plain arrays."""
    columns: dict[str, list[npt.NDArray[np.generic]]] = {}
    roots, class_of, total = [], [], 0
    for stage in model._predictors:
        for k, tree in enumerate(stage):
            nodes = tree.nodes
            leaf = nodes["is_leaf"].astype(bool)
            arrays = {
                "feature": np.where(leaf, -1, nodes["feature_idx"]).astype(np.int16),
                "threshold": np.where(leaf, 0.0, nodes["num_threshold"]).astype(np.float64),
                "left": (nodes["left"] + total).astype(np.int32),
                "right": (nodes["right"] + total).astype(np.int32),
                "value": nodes["value"].astype(np.float32),
            }
            for name, array in arrays.items():
                columns.setdefault(name, []).append(array)
            roots.append(total)
            class_of.append(k)
            total += len(nodes)
    np.savez_compressed(
        path,
        features=np.array(features),
        classes=np.array([str(c) for c in model.classes_]),
        root=np.array(roots, dtype=np.int32),
        class_of=np.array(class_of, dtype=np.int16),
        start=np.ravel(model._baseline_prediction).astype(np.float64),
        **{name: np.concatenate(parts) for name, parts in columns.items()},
    )


def trees_from(path: Path) -> Trees:
    """The trees of a file that `export` wrote."""
    with path.open("rb") as file:
        return read_trees(file)
