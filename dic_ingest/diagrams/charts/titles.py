"""Titles of plots and of their axes.

In: plots with their rulers, labels. Out: the same plots; titles and units are theirs, their labels used.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dic_ingest.diagrams.charts.axes import Ruler
from dic_ingest.diagrams.charts.labels import Label, number_of
from dic_ingest.diagrams.charts.plots import BEYOND, INTO, ONE_LINE, Plot
from dic_ingest.model.box import inside, width_of

_LETTER = re.compile(r"\(?[a-h]\)\s")
TITLE_BELOW, TITLE_BESIDE, TITLE_ABOVE = 2.5, 4, 2  # text heights between ticks and the axis' title
RAISED = 0.2  # text heights that a title above an axis may reach into the plot
HALF = 0.5  # of the plot's width: a title above an axis ends before
SHORT = 4  # letters of a title of a y axis that is not turned, at most
TITLE_SIZE = 1.05  # text heights of an axis' title above it, at most
HEADING_ABOVE = 6  # text heights between the plot and its title, above it and to its left
HEADING_INTO = 0.3  # text heights that it may reach into the plot
HEADING_WIDTH = 1.3  # of the plot's width, at most
BOLD = 0.5  # drawing units that a bold label counts as larger
AS_LARGE = 0.97  # of the largest label above: the title is of these
MIDDLE = 0.2  # of the plot's width, that a centred title may be off its middle
HEADING_LINES = 3


def find_titles(
    plot: Plot, labels: Sequence[Label], plots: Sequence[Plot], names: set[int], em: float
) -> None:
    """Titles of the axes and of the plot itself; `names` are the legend's labels."""
    taken = {i for p in plots for i in p.used} | names
    free = [t for t in labels if id(t) not in taken and any(c.isalnum() for c in t.text)]
    others = [p.box for p in plots if p is not plot]
    free = [t for t in free if not any(inside(t.bbox, b, 0.6) for b in others)]
    for ruler in plot.rulers:
        found = _axis_title(plot, ruler, free, em)
        if found and ruler.along == 0 and _LETTER.match(found[0].text):  # a panel's own caption
            plot.title = " ".join(t.text for t in found)
            plot.used |= {id(t) for t in found}
        elif found:
            ruler.title = " ".join(t.text for t in found)
            ruler.title_label = found[0]
            plot.used |= {id(t) for t in found}
            free = [t for t in free if not any(t is f for f in found)]
            if (unit := re.search(r"[(\[]([^()\[\]]{1,12})[)\]]\s*$", ruler.title)) is not None:
                ruler.unit = ruler.unit or unit[1]
    heading = _heading(plot, free, em)
    plot.title = " ".join(t.text for t in heading) or plot.title
    plot.used |= {id(t) for t in heading}


def _axis_title(plot: Plot, ruler: Ruler, free: Sequence[Label], em: float) -> list[Label]:
    x0, y0, x1, y1 = plot.box
    b = ruler.box
    if ruler.along == 0:
        near = [
            t
            for t in free
            if t.level
            and number_of(t.text) is None
            and x0 - em < t.middle(0) < x1 + em
            and -INTO * em < t.bbox[1] - b[3] < TITLE_BELOW * em
            and b[1] > y1 - em
        ]
        return _one_line(near, key=lambda t: t.bbox[1])
    right = b[0] > x1 - em
    turned = [
        t
        for t in free
        if (t.upright or (len(t.text) <= SHORT and t.level))
        and y0 - 2 * em < t.middle(1) < y1 + 2 * em
        and -INTO * em < (t.bbox[0] - b[2] if right else b[0] - t.bbox[2]) < TITLE_BESIDE * em
    ]
    if turned:
        nearest = min(turned, key=lambda t: abs(t.middle(0) - b[0]))
        line = [t for t in turned if abs(t.middle(0) - nearest.middle(0)) < ONE_LINE * em]
        downwards = nearest.angle % 360 < 180
        return sorted(line, key=lambda t: t.bbox[1] if downwards else -t.bbox[1])
    above = [
        t
        for t in free
        if t.level
        and number_of(t.text) is None
        and -RAISED * em < y0 - t.bbox[3] < TITLE_ABOVE * em
        and (t.bbox[0] < x0 + BEYOND * em if not right else t.bbox[2] > x1 - BEYOND * em)
        and t.bbox[2] < x0 + HALF * (x1 - x0)
        and t.size <= TITLE_SIZE * em
    ]
    return _one_line(above, key=lambda t: -t.bbox[3]) if len(above) == 1 else []


def _one_line(near: Sequence[Label], key: object) -> list[Label]:
    if not near or not callable(key):
        return []
    first = min(near, key=key)
    return sorted(
        (t for t in near if abs(t.middle(1) - first.middle(1)) < ONE_LINE * first.size),
        key=lambda t: t.bbox[0],
    )


def _heading(plot: Plot, free: Sequence[Label], em: float) -> list[Label]:
    """Lines of text right above the plot; of two sizes, those from the largest on."""
    x0, y0, x1, _ = plot.box
    above = [
        t
        for t in free
        if t.level
        and number_of(t.text) is None
        and -HEADING_INTO * em < y0 - t.bbox[3] < HEADING_ABOVE * em
        and t.bbox[2] > x0 - HEADING_ABOVE * em
        and t.bbox[0] < x1 + em
        and width_of(t.bbox) < HEADING_WIDTH * (x1 - x0)
    ]
    if not above:
        return []
    largest = max(t.size + (BOLD if t.bold else 0.0) for t in above)
    rows = [t for t in above if t.size + (BOLD if t.bold else 0.0) > AS_LARGE * largest]
    centred = [t for t in rows if abs(t.middle(0) - (x0 + x1) / 2) < MIDDLE * (x1 - x0)]
    rows = centred or rows
    if len({round(t.middle(1) / em) for t in rows}) > HEADING_LINES:
        return []
    return sorted(rows, key=lambda t: (round(t.middle(1) / (0.5 * em)), t.bbox[0]))
