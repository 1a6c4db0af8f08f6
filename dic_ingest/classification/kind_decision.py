"""The decision of a figure's kind: the only place where one is set that no file holds as data.

In: everything seen of a figure, the words around it. Out: a `Verdict` whose score is calibrated: of figures
with 0.8, four of five are right. Boosted trees, learnt on figures of many owners, judge what is seen; the
rules' weights are among their features. What rules and words say is added to their log odds. Training:
`research/kind_weights`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from dic_ingest.classification.classifier import Scales, Verdict, weigh
from dic_ingest.classification.evidence import FigureEvidence
from dic_ingest.classification.kind_features import kind_features
from dic_ingest.classification.text_cues import CAPTION
from dic_ingest.diagrams.decisions.trees import card_of, load_trees
from dic_ingest.model.diagram import Kind

Floats = npt.NDArray[np.float64]
Hints = Mapping[Kind, tuple[float, str]]  # weight per kind, and the word that gave most of it
MODEL = "figure_kind"
TREES = 0.5  # how much the trees' log odds count: alone they are too sure
WORDS = 3.0  # log odds that a cue of weight 1 adds; by owner the log loss still falls there
PARSER = 1.5  # weight of the layout parser's kind, as a cue
RULES = 0.75  # log odds that a rule's weight of 1 adds; chosen by cross-validation over owners
ORNAMENT = 0.4  # least share of decoration
MOST = 0.99  # no score is higher: nothing seen is certain
NETWORKS = (Kind.BLOCK, Kind.TOPOLOGY)  # drawn alike
LEAST_SHARE = 0.01  # of a kind that the trees rule out: they have seen few figures of some kinds


def decide_kind(
    seen: FigureEvidence, hints: Hints, parser: Kind | None = None, captioned: bool = False
) -> Verdict:
    """The kind of a figure that has something to say.

    `hints`: what the words around it say; `parser`: the layout parser's kind. A figure that is `captioned`
    is no decoration.
    """
    scales = weigh(seen)
    row = kind_features(seen, scales)
    model = load_trees(MODEL)
    shares = model.probabilities(np.array([[row[name] for name in model.features]]))[0]
    shares = with_words(shares, scales, model.classes, hints, parser, captioned)
    best = int(shares.argmax())
    kind = Kind(model.classes[best])
    score = round(calibrated(float(shares[best])), 2)
    if kind is Kind.BLOCK and _is_network(scales, hints):
        kind = Kind.TOPOLOGY
    return Verdict(kind, score, _reason(scales, kind, hints, parser, seen))


def with_words(
    shares: Floats, scales: Scales, classes: Sequence[str], hints: Hints, parser: Kind | None, captioned: bool
) -> Floats:
    """Shares of the kinds by the trees, shape (classes,), with what rules, words and the layout parser say.

    They sum to 1. Decoration goes unsaid and undescribed, so it has to be beyond doubt.
    """
    raw = TREES * np.log(shares + LEAST_SHARE)
    boxes = max(scales.weights.get(k, 0.0) for k in NETWORKS)
    cues: list[tuple[Kind, float]] = [(Kind.BLOCK, RULES * boxes)]
    cues += [(kind, RULES * weight) for kind, weight in scales.weights.items() if kind not in NETWORKS]
    cues += [(kind, WORDS * weight) for kind, (weight, _) in hints.items()]
    cues += [(parser, WORDS * PARSER)] if parser is not None else []
    for kind, odds in cues:
        name = str(Kind.BLOCK if kind is Kind.TOPOLOGY else kind)
        if name in classes:
            raw[classes.index(name)] += odds
    raw = np.exp(raw - raw.max())
    found: Floats = raw / raw.sum()
    ornament = classes.index(str(Kind.DECORATION))
    named = captioned or parser not in (None, Kind.DECORATION)
    if named or found[ornament] < ORNAMENT:
        found[ornament] = 0.0
        found = found / max(found.sum(), LEAST_SHARE)
    return found


def calibrated(share: float) -> float:
    """How often the decision is right where it gives its answer this share."""
    shares, right = _calibration()
    return min(MOST, float(np.interp(share, shares, right)))


@cache
def _calibration() -> tuple[tuple[float, ...], tuple[float, ...]]:
    points = card_of(MODEL)["calibration"]
    return tuple(p[0] for p in points), tuple(p[1] for p in points)


def _is_network(scales: Scales, hints: Hints) -> bool:
    """Whether boxes and lines show what runs where: by icons and names that come again, or by its author."""
    weight, word = hints.get(Kind.TOPOLOGY, (0.0, ""))
    return Kind.TOPOLOGY in scales.weights or (weight >= CAPTION and word.casefold() == "topology")


def _reason(scales: Scales, kind: Kind, hints: Hints, parser: Kind | None, seen: FigureEvidence) -> str:
    """What of it a person can check on the picture and the page."""
    said = [scales.reason(kind)]
    if kind in hints:
        word = hints[kind][1]
        said.append(word if word.startswith("as most") else f'called "{word}"')
    if parser is kind:
        said.append(f"{parser} for the parser")
    name = max(seen.looks, key=lambda n: seen.looks[n], default="nothing known")
    return ", ".join(filter(None, said)) or f"no single sign decides; it resembles {name}"
