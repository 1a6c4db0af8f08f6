"""Which domains there are, how often each is drawn, and which tools can draw it.

In: a random source. Out: a domain and its diagram. The sizes follow what small real figures have.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from dic_ingest.model.diagram import Diagram
from dic_ingest.training.synthesise.grammars.callflow import callflow
from dic_ingest.training.synthesise.grammars.cloud import cloud
from dic_ingest.training.synthesise.grammars.machine import machine
from dic_ingest.training.synthesise.grammars.network import network
from dic_ingest.training.synthesise.grammars.process import process
from dic_ingest.training.synthesise.grammars.records import class_model, er_model
from dic_ingest.training.synthesise.words import Plots

Grammar = Callable[[random.Random, int, Plots], tuple[str, Diagram]]


@dataclass(frozen=True, slots=True)
class Domain:
    """A grammar, its weight, and the weight of each tool that draws it faithfully."""

    grammar: Grammar
    weight: float
    tools: dict[str, float]


_BOXES = {"drawio": 0.16, "visio": 0.1, "powerpoint": 0.12, "excalidraw": 0.1}  # what editors draw of all
_SEQUENCES = {"drawio": 0.1, "visio": 0.08, "powerpoint": 0.06, "excalidraw": 0.06}
_TABLES = {"drawio": 0.15, "visio": 0.1, "excalidraw": 0.05}
DOMAINS: dict[str, Domain] = {
    "telecom call flow": Domain(callflow, 0.24, {"mermaid": 0.45, "plantuml": 0.25, **_SEQUENCES}),
    "process": Domain(process, 0.22, {"mermaid": 0.3, "graphviz": 0.22, **_BOXES}),
    "network topology": Domain(network, 0.16, {"mermaid": 0.2, "graphviz": 0.2, "plantuml": 0.12, **_BOXES}),
    "cloud architecture": Domain(cloud, 0.16, {"mermaid": 0.2, "graphviz": 0.2, "plantuml": 0.12, **_BOXES}),
    "protocol state machine": Domain(
        machine, 0.12, {"mermaid": 0.3, "graphviz": 0.2, "plantuml": 0.12, **_BOXES}
    ),
    "class model": Domain(class_model, 0.05, {"mermaid": 0.35, "graphviz": 0.15, "plantuml": 0.2, **_TABLES}),
    "data model": Domain(er_model, 0.05, {"mermaid": 0.4, "graphviz": 0.15, "plantuml": 0.15, **_TABLES}),
}


def draw_diagram(
    rng: random.Random, domain: str, sizes: tuple[int, int], plots: Plots | None = None
) -> tuple[str, Diagram]:
    """The plot's name and a diagram of a domain; `sizes` least and most nodes, small ones more often.

    `plots`: what to draw from, all shipped ones by default. A quarter of the drawings bear the plot's name as
    their title.
    """
    least, most = sizes
    size = round(rng.triangular(least, most, least + (most - least) * 0.3))
    plot, diagram = DOMAINS[domain].grammar(rng, size, plots or Plots())
    return plot, replace(diagram, title=plot) if rng.random() < 0.25 else diagram


def difficulty(diagram: Diagram) -> str:
    """easy up to 12 nodes, lines and groups, medium up to 24, hard beyond."""
    parts = len(diagram.nodes) + len(diagram.edges) + len(diagram.groups)
    return "easy" if parts <= 12 else "medium" if parts <= 24 else "hard"
