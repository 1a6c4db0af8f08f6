"""What is seen of a figure is measured once, by routing and reading together, and its kind decided once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from dic_ingest.captioning import figure_reading
from dic_ingest.captioning.engines import small
from dic_ingest.classification import analysis, router
from dic_ingest.classification.analysis import FigureAnalyses, FigureEvidence
from dic_ingest.classification.drawing_features import Features
from dic_ingest.classification.kind_decision import decide_kind
from dic_ingest.classification.text_cues import TextCues
from dic_ingest.diagrams.kind_traits import Traits
from dic_ingest.figures import picture_tables
from dic_ingest.model.diagram import Kind
from dic_ingest.model.document import Figure
from dic_ingest.model.drawing import Drawing
from dic_ingest.pipeline import ingest

COUNTED: tuple[tuple[Any, str], ...] = (
    (analysis, "scene_from_drawing"),
    (figure_reading, "scene_from_drawing"),
    (analysis, "class_probabilities"),
    (analysis, "pixels_of"),
    (figure_reading, "scene_of_picture"),
    (figure_reading, "read_chart"),
    (small, "recognise"),
    (picture_tables, "read_words"),
    (router, "decide_kind"),
    (figure_reading, "decide_kind"),
)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    count: Counter[str] = Counter()

    def counted(module: Any, name: str) -> Callable[..., Any]:
        real, key = getattr(module, name), f"{module.__name__.rpartition('.')[2]}.{name}"

        def call(*args: Any, **kwargs: Any) -> Any:
            count[key] += 1
            return real(*args, **kwargs)

        return call

    for module, name in COUNTED:
        monkeypatch.setattr(module, name, counted(module, name))
    return count


def test_vector_figures_are_analysed_and_decided_once(calls: Counter[str], samples: Path) -> None:
    document = ingest(samples / "flowchart.pdf")
    (figure,) = document.figures
    assert figure.description is not None and figure.description.diagram is not None
    assert figure.route is not None and figure.route.kind is figure.description.diagram.kind
    once = {"analysis.scene_from_drawing": 1, "analysis.class_probabilities": 1, "router.decide_kind": 1}
    assert calls == once  # no second scene, no axes looked for, nothing recognised


def test_pixels_are_classified_and_recognised_once(calls: Counter[str], samples: Path) -> None:
    document = ingest(samples / "flowchart_raster.pdf")
    (figure,) = [f for f in document.figures if f.route and f.route.kept]
    assert figure.description is not None and figure.description.diagram is not None
    assert figure.route is not None and figure.route.kind is figure.description.diagram.kind
    assert calls["small.recognise"] == calls["figure_reading.scene_of_picture"] == 1
    assert calls["analysis.class_probabilities"] == calls["analysis.pixels_of"] == len(document.figures)
    assert calls["analysis.scene_from_drawing"] == calls["picture_tables.read_words"] == 0
    assert calls["figure_reading.decide_kind"] == 1  # with what was recognised, its evidence is whole


def test_scenes_beyond_the_bound_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    blank = Image.new("RGB", (200, 200), "white")
    figures = tuple(Figure(f"f{i}", 1, (0.0, 0.0, 200.0, 200.0), i) for i in range(3))
    made = FigureAnalyses(lambda _: _boxes(), lambda _: blank)
    kept = made.of(figures[0]).scene
    assert kept is not None and len(kept.shapes) == 4
    monkeypatch.setattr(analysis, "MOST_ELEMENTS", 2 * len(kept.shapes))
    assert [made.of(f).scene is not None for f in figures] == [True, True, False]
    made.drop_scenes(lambda name: name != "f1")
    assert made.of(figures[1]).scene is None
    assert made.take(figures[0]) is not None and made.take(figures[0]) is None


def _boxes() -> Drawing:
    from dic_ingest.model.drawing import Path as PaintedPath
    from dic_ingest.model.drawing import Subpath

    paths = []
    for k in range(4):
        x0, y0 = 10.0, 10.0 + 45 * k
        corners = ((x0, y0), (x0 + 80, y0), (x0 + 80, y0 + 30), (x0, y0 + 30))
        box = (x0, y0, x0 + 80, y0 + 30)
        paths.append(PaintedPath((Subpath(corners, True),), box, stroke=(0, 0, 0), order=k))
    return Drawing(200, 200, paths=tuple(paths))


def test_a_doubtful_sequence_needs_lifelines_and_messages() -> None:
    drawn = Features(**dict.fromkeys(Features.__dataclass_fields__, 0))  # type: ignore[arg-type]
    appearance = {"sequence": 0.6, "class": 0.2, "block": 0.1}
    seen = FigureEvidence(drawn, None, appearance, Traits(boxes=2, connectors=1, lifelines=1), False)
    found = decide_kind(seen, TextCues())
    assert Kind.SEQUENCE not in (found.kind, found.drawn_as)
    called = TextCues({Kind.SEQUENCE: (1.3, "sequence diagram")})
    real = replace(seen, traits=Traits(boxes=3, lifelines=3, messages=4, message_share=1.0, mirrored=3))
    assert decide_kind(real, called).drawn_as is Kind.SEQUENCE
