"""The decision of a figure's kind: the only place where one is set that no file holds as data.

In: everything seen of a figure, the words around it. Out: a `Verdict` whose score is calibrated: of figures
with 0.8, four of five are right. Boosted trees, learnt on figures of many owners, judge what is seen; the
rules' weights are among their features. What rules and words say is added to their log odds. Training:
`research/kind_weights`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import fields
from functools import cache

import numpy as np
import numpy.typing as npt

from dic_ingest.classification.analysis import FigureEvidence, KindVerdict
from dic_ingest.classification.classifier import Scales, weigh
from dic_ingest.classification.drawing_features import Features
from dic_ingest.classification.pixel_features import Pixels
from dic_ingest.classification.text_cues import CAPTION, Hints, TextCues
from dic_ingest.diagrams.decisions.trees import card_of, load_trees
from dic_ingest.diagrams.kind_traits import Traits
from dic_ingest.diagrams.kinds import reasons_of
from dic_ingest.model.diagram import Kind
from dic_ingest.vision.figure_classifier import LOOKS

Floats = npt.NDArray[np.float64]
Row = dict[str, float]
MODEL = "figure_kind"
TREES = 0.5  # how much the trees' log odds count: alone they are too sure
WORDS = 3.0  # log odds that a cue of weight 1 adds; by owner the log loss still falls there
PARSER = 1.5  # weight of the layout parser's kind, as a cue
RULES = 0.75  # log odds that a rule's weight of 1 adds; chosen by cross-validation over owners
ORNAMENT = 0.4  # least share of decoration
MOST = 0.99  # no score is higher: nothing seen is certain
NETWORKS = (Kind.BLOCK, Kind.TOPOLOGY)  # drawn alike
BARE_SEQUENCE = 0.5  # least share of a sequence in which no messages between lifelines were found
LEAST_SHARE = 0.01  # of a kind that the trees rule out: they have seen few figures of some kinds


def decide_kind(seen: FigureEvidence, cues: TextCues) -> KindVerdict:
    """The kind of a figure that has something to say, by what is seen of it and the words around it."""
    scales = weigh(seen)
    row = kind_features(seen, scales)
    model = load_trees(MODEL)
    shares = model.probabilities(np.array([[row[name] for name in model.features]]))[0]
    kinds = [Kind(name) for name in model.classes]
    shares = with_words(shares, scales, model.classes, cues)
    sequence = kinds.index(Kind.SEQUENCE)
    if seen.traits is not None and not _has_messages(seen.traits) and shares[sequence] < BARE_SEQUENCE:
        shares[sequence] = 0.0
        shares = shares / max(shares.sum(), LEAST_SHARE)
    best = int(shares.argmax())
    drawn = max((i for i, kind in enumerate(kinds) if kind.is_diagram), key=lambda i: shares[i])

    def named(at: int) -> Kind:
        network = kinds[at] is Kind.BLOCK and _is_network(scales, cues.hints)
        return Kind.TOPOLOGY if network else kinds[at]

    score, drawn_score = (round(calibrated(float(shares[i])), 2) for i in (best, drawn))
    reason = _reason(scales, named(best), cues, seen)
    chart = float(shares[kinds.index(Kind.CHART)])
    return KindVerdict(named(best), score, reason, named(drawn), drawn_score, chart)


def with_words(shares: Floats, scales: Scales, classes: Sequence[str], cues: TextCues) -> Floats:
    """Shares of the kinds by the trees, shape (classes,), with what rules, words and the layout parser say.

    They sum to 1. Decoration goes unsaid and undescribed, so it has to be beyond doubt.
    """
    raw = TREES * np.log(shares + LEAST_SHARE)
    boxes = max(scales.weights.get(k, 0.0) for k in NETWORKS)
    odds_of: list[tuple[Kind, float]] = [(Kind.BLOCK, RULES * boxes)]
    odds_of += [(kind, RULES * weight) for kind, weight in scales.weights.items() if kind not in NETWORKS]
    odds_of += [(kind, WORDS * weight) for kind, (weight, _) in cues.hints.items()]
    odds_of += [(cues.parser, WORDS * PARSER)] if cues.parser is not None else []
    for kind, odds in odds_of:
        name = str(Kind.BLOCK if kind is Kind.TOPOLOGY else kind)
        if name in classes:
            raw[classes.index(name)] += odds
    raw = np.exp(raw - raw.max())
    found: Floats = raw / raw.sum()
    ornament = classes.index(str(Kind.DECORATION))
    named = cues.captioned or cues.parser not in (None, Kind.DECORATION)
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


def _has_messages(traits: Traits) -> bool:
    """Whether what makes a sequence is there: two lifelines and a message across them."""
    return traits.lifelines >= 2 and traits.messages >= 1


def _is_network(scales: Scales, hints: Hints) -> bool:
    """Whether boxes and lines show what runs where: by icons and names that come again, or by its author."""
    weight, word = hints.get(Kind.TOPOLOGY, (0.0, ""))
    return Kind.TOPOLOGY in scales.weights or (weight >= CAPTION and word.casefold() == "topology")


def _reason(scales: Scales, kind: Kind, cues: TextCues, seen: FigureEvidence) -> str:
    """What of it a person can check on the picture and the page."""
    said = [scales.reason(kind)]
    if kind in cues.hints:
        word = cues.hints[kind][1]
        said.append(word if word.startswith("as most") else f'called "{word}"')
    if cues.parser is kind:
        said.append(f"{kind} for the parser")
    name = max(seen.looks, key=lambda n: seen.looks[n], default="nothing known")
    return ", ".join(filter(None, said)) or f"no single sign decides; it resembles {name}"


# One row of named numbers of a figure; what is not known is `MISSING`. Where a figure stands, and how large
# its page is, is left out: pictures that are files have neither.


MISSING = -1.0
LEFT_OUT = frozenset({"width", "height", "page_share", "edges", "cover", "flat_images"})
WEIGHED = (
    Kind.CHART, Kind.PHOTO, Kind.SCREENSHOT, Kind.FLOWCHART, Kind.SEQUENCE, Kind.STATE, Kind.CLASS, Kind.ER,
    Kind.BLOCK, Kind.TIMING, Kind.OTHER, Kind.DECORATION,
)  # fmt: skip


def kind_features(seen: FigureEvidence, scales: Scales) -> Row:
    """Named numbers of one figure. `scales`: the rules' weights."""
    drawn = seen.features
    row: Row = {"is picture": float(seen.is_picture), "aspect": math.log(_ratio(drawn.width, drawn.height))}
    for f in fields(Features):
        if f.name not in LEFT_OUT:
            row[f"drawn {f.name}"] = _damped(float(getattr(drawn, f.name)))
    for f in fields(Pixels):
        value = MISSING if seen.pixels is None else float(getattr(seen.pixels, f.name))
        row[f"pixels {f.name}"] = _damped(value)
    row |= {f"appears {name}": seen.looks.get(name, 0.0) for name in LOOKS}
    row |= scene_features(seen.traits)
    sums = dict(scales.weights)
    sums[Kind.BLOCK] = max(sums.get(Kind.BLOCK, 0.0), sums.pop(Kind.TOPOLOGY, 0.0))
    heaviest = max(sums.values(), default=0.0)
    row |= {f"weight {kind}": sums.get(kind, 0.0) - heaviest for kind in WEIGHED}
    return row


def scene_features(traits: Traits | None) -> Row:
    """The part of a row that the lines, outlines and texts of a scene give."""
    known = traits or Traits()
    row: Row = {"scene known": float(traits is not None)}
    for f in fields(Traits):
        value = getattr(known, f.name)
        if isinstance(value, int | float):
            row[f"scene {f.name}"] = MISSING if traits is None else _damped(float(value))
    seen = reasons_of(known)
    row |= {f"seen {name}": MISSING if traits is None else value for name, value in seen.items()}
    return row


def _ratio(width: float, height: float) -> float:
    return max(width, 1.0) / max(height, 1.0)


def _damped(value: float) -> float:
    """Counts by their logarithm, shares hardly changed."""
    return math.log1p(value) if value > 0 else value
