"""Readings of drawings whose graphs are known, and how right they are.

In: cases with truth, or scenes known to hold no graph. Out: features of every graph that was read, and the
share of its edges that is right.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import partial
from pathlib import Path
from typing import Any

from cases import SCENE, lines_of, load_cases, plain

from dic_ingest.diagrams.decisions.believability import reading_features
from dic_ingest.diagrams.decisions.trees import Trees
from dic_ingest.diagrams.graph import roles
from dic_ingest.diagrams.kinds import leaning
from dic_ingest.diagrams.reader import graph_of
from dic_ingest.diagrams.scene import Scene
from dic_ingest.model.diagram import Diagram, Kind

Truth = dict[str, Any] | None  # a graph in the form of the score; None where there is none
SAME = 0.8  # least similarity of two labels that are the same


@dataclass(slots=True)
class Reading:
    """One graph that was read: its features, and how right its edges are (F1, 0..1)."""

    id: str
    owner: str
    features: dict[str, float]
    right: float


def readings_of(corpus: Path, scenes: Path, models: Mapping[str, Trees]) -> Iterator[Reading]:
    """All graphs that are read from the corpus's stored scenes.

    `models`: the roles' trees for owners whose drawings the shipped ones were trained on.
    """
    shipped = roles.load_trees
    try:
        for name, owner, scene, looks, truth in _known(corpus, scenes):
            own = models.get(owner)
            roles.load_trees = partial(_chosen, own) if own else shipped
            yield from _read(name, owner, scene, looks, truth)
    finally:
        roles.load_trees = shipped


def _chosen(trees: Trees, _name: str) -> Trees:
    return trees


def _known(corpus: Path, scenes: Path) -> Iterator[tuple[str, str, Scene, dict[str, float], Truth]]:
    """Name, owner, scene, looks and graph of everything that there is a stored scene of."""
    for case in load_cases(corpus, scenes):
        yield case.id, case.owner, case.scene, case.looks, case.truth
    manifest = {
        m["file"].rsplit(".", 1)[0]: m["repo"] for m in lines_of(corpus / "real_images/manifest.jsonl")
    }
    for truth in lines_of(corpus / "real_images/graphs.jsonl"):
        stored = _stored(scenes / f"images-pixels-{truth['id']}.json")
        if stored:
            owner = manifest[truth["id"]].split("/")[0]
            yield truth["id"], owner, stored["scene"], stored["looks"], truth
    for path in sorted(scenes.glob("documents-vector-*.json")):
        if stored := _stored(path):
            yield path.stem, stored["owner"], stored["scene"], {}, stored["graph"]


def _stored(path: Path) -> dict[str, Any] | None:
    if not path.exists():
        return None
    stored = json.loads(path.read_text("utf-8"))
    stored["scene"] = SCENE.validate_python(stored["scene"])
    return stored


def _read(name: str, owner: str, scene: Scene, looks: dict[str, float], truth: Truth) -> Iterator[Reading]:
    shown = (lambda: looks) if looks else None
    kind, clarity = leaning(scene, shown)
    kind = Kind.BLOCK if kind is Kind.OTHER and truth else kind
    diagram = graph_of(scene, kind, looks, least=0.0)
    if diagram is not None:
        features = reading_features(diagram, scene, clarity)
        yield Reading(name, owner, features, edge_f1(diagram, truth) if truth else 0.0)


def edge_f1(diagram: Diagram, truth: dict[str, Any]) -> float:
    """F1 of the edges between named nodes; of the nodes where the truth has no edges."""
    named = {n["id"]: plain(n["label"]) or f"?{n['id']}" for n in truth["nodes"]}
    read = {n.id: plain(n.label) for n in (*diagram.nodes, *diagram.groups)}
    pairs = dict(_paired(list(named.values()), list(read.values())))
    called = {k: pairs.get(v, f"!{k}") for k, v in read.items()}
    if not truth["edges"]:
        return _f1(Counter(named.values()), Counter(called[n.id] for n in diagram.nodes))
    loose = {frozenset((named[e["source"]], named[e["target"]])) for e in truth["edges"] if not e["directed"]}
    true = Counter(_ends(named[e["source"]], named[e["target"]], loose) for e in truth["edges"])
    arrows = [(e.source, e.target) for e in diagram.edges]
    return _f1(true, Counter(_ends(called.get(a, a), called.get(b, b), loose) for a, b in arrows))


def _ends(a: str, b: str, loose: set[frozenset[str]]) -> tuple[str, str]:
    return (min(a, b), max(a, b)) if frozenset((a, b)) in loose else (a, b)


def _f1(true: Counter[Any], found: Counter[Any]) -> float:
    both = sum((true & found).values())
    return 2 * both / max(1, sum(true.values()) + sum(found.values()))


def _paired(true: Iterable[str], found: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Every label found with the true one that it is most like."""
    known = sorted(set(true))
    for label in sorted(set(found)):
        if label in known:
            yield label, label
            continue
        ratios = [(SequenceMatcher(None, label, t, autojunk=False).ratio(), t) for t in known if label]
        best = max(ratios, default=(0.0, ""))
        if best[0] >= SAME:
            yield label, best[1]
