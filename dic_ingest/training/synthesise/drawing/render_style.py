"""How a drawing looks: tool, theme, colours, fonts, spacing, scale. Chosen at random, kept with the pair."""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass, field
from typing import Any

from dic_ingest.model.diagram import Diagram

FONTS = ("Liberation Sans", "DejaVu Sans", "Liberation Serif", "DejaVu Serif", "Liberation Sans Narrow")
THEMES = ("default", "default", "default", "neutral", "neutral", "forest", "base", "dark")
CURVES = ("basis", "basis", "linear", "stepAfter", "cardinal", "monotoneX")
FILLS = ("", "", "#dbe9f6", "#e8f4e1", "#fdf1d6", "#f3e3f1", "#eeeeee", "#fde2dd")
FRAMES = ("", "", "#f4f7fb", "#f7f7f0", "#faf3f3")
EDITORS = ("drawio", "visio", "powerpoint", "excalidraw")  # whose manner `editors.py` paints
SPLINES = {"drawio": ("ortho", "ortho", "polyline"), "visio": ("ortho",),
           "powerpoint": ("polyline", "polyline", "ortho"),
           "excalidraw": ("polyline", "true")}  # fmt: skip
FAULTS = ("scan", "low resolution", "jpeg", "jpeg")
FAULTY = 0.25  # share of pictures with a fault
INKS = ("black", "black", "black", "#1f3a5f", "#333333", "#5a2a2a")


@dataclass(frozen=True, slots=True)
class Look:
    """One style. `scale` is pixels per CSS pixel before a picture that is too large is made smaller."""

    tool: str
    theme: str = "default"
    hand_drawn: bool = False
    curve: str = "basis"
    font: str = "Liberation Sans"
    size: int = 13
    ink: str = "black"
    paper: str = "white"
    fill: str = ""  # of boxes, "" for none
    decision: str = ""  # of decisions, "" as other boxes
    frame: str = ""
    splines: str = "true"
    gap: float = 0.35
    pen: float = 1.0
    wrap: bool = False
    title_at: str = "t"
    scale: float = 1.0
    seed: int = 0
    variables: dict[str, str] = field(default_factory=dict)  # Mermaid's theme variables
    icons: bool = False  # pictures instead of boxes, in topologies and architectures
    lanes: bool = False  # lanes of a process as columns
    shadow: bool = False
    activation: bool = False  # bars on lifelines from a request to its answer
    fault: str = ""  # what happened to the picture: scan, low resolution, jpeg

    def fill_of(self, shape: str) -> str:
        """The colour inside a box of a shape, "" for none."""
        return self.decision or self.fill if shape == "diamond" else self.fill

    def to_dict(self) -> dict[str, Any]:
        """What is not as by default, with the tool."""
        plain = asdict(Look(self.tool))
        return {"tool": self.tool} | {k: v for k, v in asdict(self).items() if v != plain[k]}


def choose_look(rng: random.Random, tool: str) -> Look:
    """A look at random for `mermaid`, `graphviz`, `plantuml` or an editor."""
    dark = tool == "graphviz" and rng.random() < 0.06
    variables: dict[str, str] = {}
    theme = rng.choice(THEMES)
    if tool == "mermaid" and theme == "base":
        variables = {
            "primaryColor": rng.choice(FILLS[2:]),
            "primaryBorderColor": "#555555",
            "lineColor": "#333333",
        }
    font = rng.choice(FONTS)
    if tool == "mermaid" and rng.random() < 0.5:
        variables["fontFamily"] = font
    chosen = dict[str, Any](
        theme=theme,
        hand_drawn=rng.random() < 0.15,
        curve=rng.choice(CURVES),
        font=font,
        size=rng.choice([11, 12, 13, 14, 16]),
        ink="#f0f0f0" if dark else rng.choice(INKS),
        paper="#22262e" if dark else "white",
        fill="" if dark else rng.choice(FILLS),
        decision=rng.choice(["", "", "#fff2b3", "#ffd9c2"]) if not dark else "",
        frame="" if dark else rng.choice(FRAMES),
        splines=rng.choice(["true", "true", "true", "polyline", "ortho"]),
        gap=round(rng.uniform(0.25, 0.6), 2),
        pen=rng.choice([0.8, 1.0, 1.0, 1.5]),
        wrap=rng.random() < 0.4,
        title_at=rng.choice(["t", "b"]),
        scale=rng.choice([0.9, 1.0, 1.0, 1.25, 1.5]),
        seed=rng.randrange(1, 10_000),
        variables=variables,
    )
    return Look(tool, **(chosen | _habits(rng, tool)))


def _habits(rng: random.Random, tool: str) -> dict[str, Any]:
    """What people do in editors, and what happens to pictures on their way into documents."""
    editor = tool in EDITORS
    found: dict[str, Any] = {
        "icons": editor and rng.random() < 0.4,
        "lanes": editor and rng.random() < 0.7,
        "shadow": editor and rng.random() < {"visio": 0.6, "powerpoint": 0.4, "drawio": 0.2}.get(tool, 0),
        "activation": tool != "graphviz" and rng.random() < 0.4,
        "fault": rng.choice(FAULTS) if rng.random() < FAULTY else "",
    }
    if editor:
        found["splines"] = rng.choice(SPLINES[tool])
    return found


def active(diagram: Diagram) -> list[tuple[str, int, int]]:
    """Who is active from which message to which: from a request until its answer."""
    found, waiting = [], dict[tuple[str, str], int]()
    for i, e in enumerate(diagram.edges):
        if e.style != "dashed" and e.source != e.target:
            waiting[e.source, e.target] = i
        elif (first := waiting.pop((e.target, e.source), None)) is not None:
            found.append((e.source, first, i))
    return found
