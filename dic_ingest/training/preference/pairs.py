"""A better and a worse caption of one figure: from faults, from the critic's corrections, from annotators.

In: pairs with their graphs. Out: `Preferred`. Better and worse come from one hand, so that what is learned is
the fact and not the style.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dic_ingest.captioning.engines.settings import GroundingSettings
from dic_ingest.captioning.grounding.critic import criticise
from dic_ingest.captioning.grounding.faults import FAULTS, NAMING
from dic_ingest.captioning.grounding.reply import read_reply
from dic_ingest.evaluation.engine_view import Views, engine_views
from dic_ingest.evaluation.figure_set import Pair
from dic_ingest.model.diagram import Diagram
from dic_ingest.training.sft.examples import Example, caption_answer, caption_examples


@dataclass(frozen=True, slots=True)
class Preferred:
    """`better.answer` is preferred to `worse` for the same prompt and picture; `why`: what is wrong."""

    better: Example
    worse: str
    why: str


def faulted(
    pairs: Sequence[Pair],
    folder: Path,
    settings: GroundingSettings,
    seed: int,
    each: int = 1,
    views: Views | None = None,
) -> list[Preferred]:
    """The true graph told, against the same with one fault; up to `each` kinds of fault for a figure.

    Names that are not drawn are those of other figures: a few fixed ones would be learnt by heart.
    """
    source = random.Random(seed)
    views = engine_views(pairs, folder, settings) if views is None else views
    every = sorted({n.label for p in pairs for n in p.diagram.nodes if n.label.strip()})
    found = []
    for pair in pairs:
        kinds = source.sample(list(FAULTS), len(FAULTS))
        foreign = _names_elsewhere(pair.diagram, every)
        made = (
            (k, FAULTS[k](pair.diagram, source, *([foreign] if k in NAMING and foreign else [])))
            for k in kinds
        )
        wrong = [(k, d) for k, d in made if d is not None and d.to_text() != pair.diagram.to_text()][:each]
        better = _as_asked(replace(pair, caption=pair.diagram.to_text()), folder, settings, views)
        found += [Preferred(better, caption_answer(d.to_text(), d), k) for k, d in wrong]
    return found


def _names_elsewhere(diagram: Diagram, names: Sequence[str]) -> list[str]:
    """Those of the names that stand nowhere in the diagram."""
    said = diagram.to_text().casefold()
    return [name for name in names if name.casefold() not in said]


def corrected(
    pairs: Sequence[Pair],
    folder: Path,
    settings: GroundingSettings,
    replies: Mapping[str, str],
    views: Views | None = None,
) -> list[Preferred]:
    """A model's own replies after the critic, against as they were; only those that the critic changed.

    `replies` are raw texts by the pair's id.
    """
    found = []
    for pair in (p for p in pairs if p.id in replies):
        reply = read_reply(replies[pair.id], pair.diagram.kind)
        checked = criticise(reply.caption, pair.diagram) if not reply.fault else None
        if checked is None or not checked.wrong or not checked.caption.strip():
            continue
        better = _as_asked(replace(pair, caption=checked.caption), folder, settings, views)
        worse = caption_answer(reply.caption, reply.diagram)
        if worse != better.answer:
            reasons = sorted({c.reason for c in checked.changes if c.before})
            found.append(Preferred(better, worse, ", ".join(reasons)))
    return found


def edited(
    pairs: Iterable[Pair], folder: Path, settings: GroundingSettings, views: Views | None = None
) -> list[Preferred]:
    """What annotators wrote and drew, against the draft and graph that they were shown.

    The draft lies in `extra["draft"]`, its graph in `extra["draft_diagram"]`, as `train annotate read` writes
    them.
    """
    found = []
    for pair in pairs:
        draft = str(pair.extra.get("draft", "")).strip()
        if draft:
            shown = (
                Diagram.from_dict(pair.extra["draft_diagram"])
                if "draft_diagram" in pair.extra
                else pair.diagram
            )
            better, worse = _as_asked(pair, folder, settings, views), caption_answer(draft, shown)
            if worse != better.answer:
                found.append(Preferred(better, worse, "edited"))
    return found


def _as_asked(pair: Pair, folder: Path, settings: GroundingSettings, views: Views | None) -> Example:
    return caption_examples([pair], folder, settings, views)[0]
