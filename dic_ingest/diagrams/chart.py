"""A chart as facts in text: its axes, series and, where vectors give them, values.

In: a Scene. Out: a Diagram of kind CHART without nodes; its notes are the facts, its title the chart's own.
"""

from __future__ import annotations

from dic_ingest.diagrams.chart_axes import Axis, Panel, find_panels
from dic_ingest.diagrams.chart_marks import bar_facts, curve_facts, find_series, series_facts, slice_facts
from dic_ingest.diagrams.scene import Scene
from dic_ingest.diagrams.sequence.lifelines import text_height
from dic_ingest.model.diagram import Diagram, Kind


def read_chart(scene: Scene) -> Diagram:
    """Everything that can be told without guessing; no notes where nothing was recognised."""
    em = text_height(scene)
    panels = find_panels(scene, em)
    series = find_series(scene, panels, em)
    facts: list[str] = []
    for p in panels:
        told = [f for a in (p.x, p.y) if a is not None and (f := _axis(a))]
        told += bar_facts(scene, p, series, em) + curve_facts(scene, p, series, em)
        if len(panels) > 1:
            told = [f"{p.title or 'Plot'}: {f}" for f in told]
        facts += told
    facts += series_facts(series)
    facts += [] if panels else slice_facts(scene, series, em)
    return Diagram(Kind.CHART, title=_title(scene, panels, em), notes=tuple(facts))


def _axis(axis: Axis) -> str:
    word = "x axis" if axis.along == 0 else "y axis"
    title = f' "{axis.title}"' if axis.title else ""
    ticks = axis.ticks if axis.along == 0 or axis.scale is None else axis.ticks[::-1]
    if axis.scale is None:
        return f"{word}{title}: " + ", ".join(f'"{t.text}"' for t in ticks[:24])
    return f"{word}{title} from {ticks[0].text} to {ticks[-1].text}" + (
        ", logarithmic" if axis.logarithmic else ""
    )


def _title(scene: Scene, panels: list[Panel], em: float) -> str:
    """The panel's own heading, or the topmost text that is larger than the others."""
    if len(panels) == 1 and panels[0].title:
        return panels[0].title
    large = [t for t in scene.texts if t.size > 1.15 * em or t.bold]
    top = min(large, key=lambda t: t.bbox[1], default=None)
    return top.text if top is not None and top.bbox[1] < 0.2 * scene.height else ""
