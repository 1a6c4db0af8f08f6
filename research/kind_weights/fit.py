"""Weights of the reasons by which a kind is told: set by hand, moved by drawings as far as these bear it.

In: features.jsonl; hand.json. Out: kinds.json and a table of cross-validated shares. A multinomial logistic
regression whose penalty pulls towards the weights set by hand, not towards zero; folds go by repository, so
that one project's style never stands on both sides. Rows marked `held` are looked at only with --held.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

STEEP = 2.0  # weights to odds, as in `dic_ingest.diagrams.kinds`
ALIKE = {"topology": "block"}  # told apart by their pictures alone
PULLS = (
    10.0,
    30.0,
    100.0,
    300.0,
)  # strengths of the pull towards the weights set by hand; "inf" are these alone
LEAST = 0.04  # a smaller change of a weight is left out
BIAS = "as a rule"
Array = NDArray[np.float64]


def matrix(rows: list[dict[str, Any]], names: list[str]) -> Array:
    """Rows of reasons, a last column of ones."""
    return np.array([[*(r["reasons"][n] for n in names), 1.0] for r in rows])


def fitted(x: Array, y: NDArray[np.int64], prior: Array, pull: float) -> Array:
    """Weights (kinds x reasons): least log loss, classes weighing alike by the root of their size."""
    sizes = np.bincount(y, minlength=len(prior)).astype(float)
    each = (1.0 / np.sqrt(np.maximum(sizes, 1.0)))[y]
    each *= len(y) / each.sum()
    goal = np.eye(len(prior))[y]
    weights, speed = prior.copy(), np.zeros_like(prior)
    for _ in range(500):
        odds = STEEP * x @ weights.T
        odds -= odds.max(axis=1, keepdims=True)
        share = np.exp(odds)
        share /= share.sum(axis=1, keepdims=True)
        slope = STEEP * ((share - goal) * each[:, None]).T @ x / len(y) + pull / len(y) * (weights - prior)
        speed = 0.9 * speed - 0.05 * slope
        weights = weights + speed
    return weights


def right(x: Array, y: NDArray[np.int64], weights: Array) -> NDArray[np.bool_]:
    """Which rows the weights tell right."""
    return np.asarray((x @ weights.T).argmax(axis=1) == y)


def fold_of(repo: str, folds: int = 5) -> int:
    """A repository's fold."""
    return int(hashlib.sha256(f"fold {repo}".encode()).hexdigest(), 16) % folds


def crossed(x: Array, y: NDArray[np.int64], folds: NDArray[np.int64], prior: Array, pull: float) -> Array:
    """For each row whether weights fitted without its fold tell it right."""
    out = np.zeros(len(y))
    for fold in np.unique(folds):
        rest, own = folds != fold, folds == fold
        out[own] = right(x[own], y[own], fitted(x[rest], y[rest], prior, pull))
    return out


def shares(good: Array, y: NDArray[np.int64], kinds: list[str]) -> str:
    """Share of all, and of each kind, as text."""
    each = (
        f"{k} {good[y == i].mean():.2f} ({(y == i).sum()})" for i, k in enumerate(kinds) if (y == i).any()
    )
    return f"{good.mean():.3f}: " + ", ".join(each)


def main() -> None:
    """Choose the pull by cross-validation, fit on all, write."""
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("--features", type=Path, required=True)
    args.add_argument("--hand", type=Path, default=Path(__file__).with_name("hand.json"))
    args.add_argument("--out", type=Path, required=True)
    args.add_argument("--held", action="store_true", help="also score the held fifth; once, at the end")
    opt = args.parse_args()
    rows = [json.loads(line) for line in opt.features.read_text("utf-8").splitlines()]
    hand: dict[str, dict[str, float]] = json.loads(opt.hand.read_text("utf-8"))
    kinds, names = list(hand), list(rows[0]["reasons"])
    prior = np.array([[hand[k].get(n, 0.0) for n in [*names, BIAS]] for k in kinds])
    rows = [r for r in rows if ALIKE.get(r["kind"], r["kind"]) in kinds]
    held = np.array([r["held"] for r in rows])
    x = matrix(rows, names)
    y = np.array([kinds.index(ALIKE.get(r["kind"], r["kind"])) for r in rows])
    folds = np.array([fold_of(r["repo"]) for r in rows])
    print(dict(Counter(kinds[i] for i in y[~held])), f"held {held.sum()}")
    tx, ty, tf = x[~held], y[~held], folds[~held]
    tried = {pull: crossed(tx, ty, tf, prior, pull) for pull in PULLS}
    tried[float("inf")] = right(tx, ty, prior).astype(float)
    for pull, good in tried.items():
        print(f"pull {pull:g}", shares(good, ty, kinds))
    best = max(tried, key=lambda p: (round(tried[p].mean(), 3), p))
    weights = fitted(tx, ty, prior, best) if np.isfinite(best) else prior
    moved = np.where(np.abs(weights - prior) < LEAST, prior, weights)
    if opt.held:
        print("held", shares(right(x[held], y[held], moved).astype(float), y[held], kinds))
        print("held, by hand", shares(right(x[held], y[held], prior).astype(float), y[held], kinds))
    told = {
        k: {n: round(float(w), 2) for n, w in zip([*names, BIAS], moved[i], strict=True) if round(w, 2)}
        for i, k in enumerate(kinds)
    }
    opt.out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(f"pull {best:g}, written to {opt.out}")


if __name__ == "__main__":
    main()
