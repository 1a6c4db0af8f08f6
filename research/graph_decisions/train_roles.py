"""Train the roles of outlines and print their cross-validation over owners beside the rules' result.

    python train_roles.py CORPUS SCENES OUT [--seed N]

In: the corpus and its stored scenes (`read_scenes.py`). Out: OUT/outline_roles.npz and
OUT/outline_roles.json. The drawings of a fifth
of the owners are left out; `--check` measures the written weights on them instead.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from boosting import SETTINGS, across_owners, export, fitted, trees_from
from cases import Case, in_held_fifth, load_cases
from outline_truth import true_roles
from own_scenes import OwnScene, own_scenes

from dic_ingest.diagrams.decisions.outline_features import outline_features
from dic_ingest.diagrams.graph.builder import bounded
from dic_ingest.diagrams.graph.containment import Part, place_texts
from dic_ingest.diagrams.graph.icon_names import name_icons
from dic_ingest.diagrams.graph.reading import BOXED_KINDS
from dic_ingest.diagrams.graph.roles import guessed_roles
from dic_ingest.diagrams.kinds import leaning
from dic_ingest.diagrams.scene import Scene
from dic_ingest.diagrams.text_blocks import text_height
from dic_ingest.model.diagram import Kind

OWN_COUNT = 200  # scenes made at random
OWN_WEIGHT = 0.2  # of one of them, beside one that a person drew
NOBODY = ""  # owner of the scenes made at random: always trained on, never tested on


@dataclass(slots=True)
class Table:
    """Rows of features with their true classes."""

    names: tuple[str, ...] = ()
    rows: list[npt.NDArray[np.float64]] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    guesses: list[str] = field(default_factory=list)
    owners: list[str] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    drawings: int = 0

    def add(self, parts: Sequence[Part], scene: Scene, boxed: bool, classes: list[str], owner: str) -> None:
        """The parts of one scene."""
        if not parts:
            return
        guesses = guessed_roles(parts, scene, text_height(scene), boxed)
        self.names, rows = outline_features(parts, scene, text_height(scene), boxed, guesses)
        self.rows.append(rows)
        self.classes += classes
        self.guesses += [str(g) for g in guesses]
        self.owners += [owner] * len(parts)
        weight = OWN_WEIGHT if owner == NOBODY else 1.0
        self.weights += [weight / len(parts) ** 0.5] * len(parts)  # a large drawing is not all there is
        self.drawings += 1


def table_of(cases: Iterable[Case], own: Iterable[OwnScene]) -> Table:
    """All outlines of the cases, and of the scenes made at random."""
    table = Table()
    for case in cases:
        scene = bounded(case.scene)
        parts = placed(scene)
        boxed = leaning(scene)[0] in BOXED_KINDS
        table.add(parts, scene, boxed, true_roles(case, parts)[0], case.owner)
    for made in own:
        table.add(placed(made.scene), made.scene, made.boxed, made.roles, NOBODY)
    return table


def placed(scene: Scene) -> list[Part]:
    """A scene's parts with their texts, as they are when roles are given."""
    em = text_height(scene)
    parts, outside = place_texts(scene, em)
    name_icons(parts, outside, em)
    return parts


def scores(found: npt.NDArray[np.str_], true: npt.NDArray[np.str_]) -> dict[str, list[float]]:
    """Precision, recall and F1 of every class."""
    out = {}
    for name in sorted(set(true.tolist()) - {"nothing"}):
        both = int(((found == name) & (true == name)).sum())
        said, there = int((found == name).sum()), int((true == name).sum())
        out[name] = [
            round(v, 3) for v in (both / max(said, 1), both / max(there, 1), 2 * both / max(said + there, 1))
        ]
    return out


def train(table: Table, out: Path, seed: int, folds: int = 5) -> dict[str, Any]:
    """Cross-validate, train on all, write the weights; the data card is returned and written beside them."""
    rows, classes = np.vstack(table.rows), np.array(table.classes)
    weights, owners = np.array(table.weights), np.array(table.owners)
    weights = weights / weights.mean()
    real = owners != NOBODY
    names, chances = across_owners(rows, classes, weights, owners, seed, folds, NOBODY)
    found = np.array(names)[chances.argmax(axis=1)]
    model = fitted(rows, classes, weights, seed)
    export(model, table.names, out / "outline_roles.npz")
    read = trees_from(out / "outline_roles.npz").probabilities(rows)
    card = {
        "decision": "role of every outline of a drawing",
        "classes": names,
        "model": f"gradient-boosted trees, {SETTINGS}",
        "seed": seed,
        "drawings": table.drawings,
        "owners": len(set(table.owners) - {NOBODY}),
        "outlines": int(real.sum()),
        "made at random": int((~real).sum()),
        "counts": dict(Counter(classes[real].tolist())),
        "validation": f"{folds} folds over owners: precision, recall, F1",
        "rules": scores(np.array(table.guesses)[real], classes[real]),
        "learnt": scores(found[real], classes[real]),
        "largest difference of the exported trees": float(np.abs(read - model.predict_proba(rows)).max()),
    }
    (out / "outline_roles.json").write_text(json.dumps(card, indent=1) + "\n", "utf-8")
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
    graphs = [c for c in load_cases(given.corpus, given.scenes) if c.kind is not Kind.SEQUENCE]
    cases = [c for c in graphs if in_held_fifth(c.owner) is given.check]
    if given.check:
        table = table_of(cases, ())
        model = trees_from(given.out / "outline_roles.npz")
        chances = model.probabilities(np.vstack(table.rows))
        found = np.array(model.classes)[chances.argmax(axis=1)]
        card = {"rules": scores(np.array(table.guesses), np.array(table.classes))}
        card["learnt"] = scores(found, np.array(table.classes))
    else:
        card = train(table_of(cases, own_scenes(OWN_COUNT, given.seed)), given.out, given.seed)
    print(json.dumps(card, indent=1))


if __name__ == "__main__":
    main()
