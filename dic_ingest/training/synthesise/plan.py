"""One item of a synthesised set by its number: domain, tool, look, diagram and caption, from the seed alone.

In: settings and a number. Out: a `Draft`, or None where its caption did not hold. Draws nothing.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from dic_ingest.model.diagram import Diagram
from dic_ingest.training.synthesise.captions.expert import Known, known_of
from dic_ingest.training.synthesise.captions.rewrite import Caption, caption
from dic_ingest.training.synthesise.domains import DOMAINS, draw_diagram
from dic_ingest.training.synthesise.drawing.render_style import Look, choose_look
from dic_ingest.training.synthesise.hashes import graph_hash
from dic_ingest.training.synthesise.settings import SynthesisSettings
from dic_ingest.training.synthesise.splits import draw_split, plots_of_splits


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be drawn. `written`: grammar or llm."""

    number: int
    domain: str
    plot: str
    diagram: Diagram
    look: Look
    caption: Caption
    graph: str
    written: str = "grammar"
    split: str = "train"


def draft(settings: SynthesisSettings, number: int) -> Draft | None:
    """The item of a number; the same for the same seed, whatever was made before."""
    rng = random.Random(f"{settings.seed}/{number}")
    split = draw_split(rng, settings.validation, settings.test)
    plots = plots_of_splits(settings.facts, settings.validation, settings.test)[split]
    weights = [DOMAINS[d].weight for d in settings.domains]
    domain = rng.choices(settings.domains, weights)[0]
    usable = {t: w for t, w in DOMAINS[domain].tools.items() if t in settings.tools}
    tool = rng.choices(list(usable), list(usable.values()))[0]
    plot, diagram = draw_diagram(rng, domain, (settings.least, settings.most), plots)
    look = choose_look(rng, tool)
    known = known_of(plots, plot, diagram)
    if split == "test":  # what figures are scored by says only what they show
        known = Known(roles={})
    told = caption(diagram, rng, known if rng.random() < settings.expert else None)
    if told is None:
        return None
    return Draft(number, domain, plot, diagram, look, told, graph_hash(diagram), split=split)
