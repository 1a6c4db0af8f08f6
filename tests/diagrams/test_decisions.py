"""Learnt decisions: trees by hand, the shipped weights on drawings of our own, training on tiny made data."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dic_ingest.captioning.grounding.evidence import weigh
from dic_ingest.diagrams.decisions.outline_features import outline_features
from dic_ingest.diagrams.decisions.trees import Trees, load_trees
from dic_ingest.diagrams.graph.containment import Role, place_texts
from dic_ingest.diagrams.graph.roles import give_roles, guessed_roles
from dic_ingest.diagrams.reader import graph_of
from dic_ingest.diagrams.scene import Line, Scene, Shape, TextLine
from dic_ingest.diagrams.text_blocks import text_height
from dic_ingest.model.box import Box, corners
from dic_ingest.model.diagram import End, Kind
from dic_ingest.model.drawing import Word

RESEARCH = Path(__file__).parents[2] / "research" / "graph_decisions"


def _shape(box: Box, kind: str = "rect", **paint: object) -> Shape:
    style = {"fill": (255, 255, 255), "stroke": (0, 0, 0)} | paint
    return Shape(box, corners(box), kind, **style)  # type: ignore[arg-type]


def _text(said: str, x: float, y: float) -> TextLine:
    return TextLine(said, (x - 3 * len(said), y - 6, x + 3 * len(said), y + 6), 12.0)


def _roles(scene: Scene, boxed: bool = False) -> list[Role]:
    em = text_height(scene)
    parts, _ = place_texts(scene, em)
    give_roles(parts, scene, em, boxed)
    return [p.role for p in parts]


def test_trees_by_hand() -> None:
    """One tree asks whether a > 1; its leaves speak for the second of two classes."""
    trees = Trees(
        ("a", "b"), ("no", "yes"),
        np.array([0, -1, -1], np.int16), np.array([1.0, 0, 0]),
        np.array([1, 0, 0], np.int32), np.array([2, 0, 0], np.int32),
        np.array([0, -1.0, 1.0], np.float32),
        np.array([0], np.int32), np.array([0], np.int16), np.array([0.5]),
    )  # fmt: skip
    found = trees.probabilities(np.array([[1.0, 9.0], [1.5, 9.0]]))
    assert found[:, 1] == pytest.approx([1 / (1 + np.exp(0.5)), 1 / (1 + np.exp(-1.5))])
    assert trees.probabilities(np.zeros((0, 2))).shape == (0, 2)


def test_shipped_roles_ask_for_features_that_there_are() -> None:
    scene = Scene(200, 100, (_shape((10, 10, 90, 40)),), (), (_text("one", 50, 25),))
    parts, _ = place_texts(scene, 12)
    guesses = guessed_roles(parts, scene, 12, False)
    names, rows = outline_features(parts, scene, 12, False, guesses)
    assert set(load_trees("outline_roles").features) <= set(names)
    assert rows.shape == (1, len(names)) and np.isfinite(rows).all()


def test_roles_of_boxes_a_frame_and_a_label() -> None:
    frame = (5.0, 5.0, 215.0, 260.0)
    boxes = [(40.0, 50.0, 180.0, 90.0), (40.0, 190.0, 180.0, 230.0)]
    label = (90.0, 132.0, 130.0, 148.0)
    shapes = (_shape(frame, fill=None), *(_shape(b) for b in boxes), _shape(label, stroke=None))
    lines = (Line(((110, 90), (110, 190)), End.NONE, End.ARROW),)
    texts = (
        _text("Frame", 40, 20),
        _text("first", 110, 70),
        _text("second", 110, 210),
        _text("asks", 110, 140),
    )
    found = _roles(Scene(220, 265, shapes, lines, texts))
    assert found == [Role.GROUP, Role.NODE, Role.NODE, Role.LABEL]


def test_rows_of_a_table_are_its_parts() -> None:
    tables, shapes, texts = [(20.0, 20.0), (260.0, 20.0)], [], []
    for x, y in tables:
        shapes.append(_shape((x, y, x + 160, y + 96)))
        texts.append(_text("NAME", x + 80, y + 12))
        for k in range(1, 4):
            shapes.append(_shape((x, y + 24 * k, x + 160, y + 24 * (k + 1))))
            texts.append(_text(f"int field{k}", x + 60, y + 24 * k + 12))
    lines = (Line(((180, 60), (260, 60)), End.ONE, End.MANY),)
    found = _roles(Scene(440, 140, tuple(shapes), lines, tuple(texts)), boxed=True)
    assert found == [Role.NODE, *[Role.PART] * 3] * 2


def test_training_on_tiny_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The script trains on scenes made at random and writes trees that say what the model says."""
    pytest.importorskip("sklearn", reason="only training needs it")
    monkeypatch.syspath_prepend(str(RESEARCH))
    known = set(sys.modules)
    try:
        import own_scenes
        import train_roles

        table = train_roles.Table()
        for k, made in enumerate(own_scenes.own_scenes(24, seed=3)):
            table.add(train_roles.placed(made.scene), made.scene, made.boxed, made.roles, f"owner{k % 6}")
        card = train_roles.train(table, tmp_path, seed=1, folds=3)
    finally:
        for name in set(sys.modules) - known:
            if name in {p.stem for p in RESEARCH.glob("*.py")}:
                del sys.modules[name]
    assert card["learnt"]["node"][2] > 0.85
    assert card["largest difference of the exported trees"] < 1e-6
    assert (tmp_path / "outline_roles.npz").stat().st_size < 1_000_000
    assert (tmp_path / "outline_roles.json").is_file()


def _chain(count: int) -> Scene:
    """Boxes one under another, joined by arrows."""
    boxes = [(40.0, 20.0 + 80 * k, 180.0, 60.0 + 80 * k) for k in range(count)]
    lines = [Line(((110, b[3]), (110, b[3] + 40)), End.NONE, End.ARROW) for b in boxes[:-1]]
    names = ("Collect", "Check", "Store", "Report", "Close")
    texts = [_text(names[k], 110, b[1] + 20) for k, b in enumerate(boxes)]
    return Scene(220, 80 * count + 20, tuple(_shape(b) for b in boxes), tuple(lines), tuple(texts))


def test_plain_drawing_is_believed_and_listing_is_not() -> None:
    """Lines of code on a shaded background, with strokes between them, are no graph that is believed."""
    drawn = graph_of(_chain(5), Kind.FLOWCHART)
    assert drawn is not None and drawn.score > 0.8
    code = ("if (x == 0) {", "  return f(a[i], &b);", "}", "while (n < max) {", "  n += step(n);", "}")
    rows = [(20.0, 20.0 + 24 * k, 320.0, 44.0 + 24 * k) for k in range(len(code))]
    texts = [
        TextLine(t, (24, r[1] + 6, 24 + 6.0 * len(t), r[1] + 18), 12.0)
        for t, r in zip(code, rows, strict=True)
    ]
    grounds = [_shape(r, fill=(238, 238, 238), stroke=None) for r in rows]
    strokes = [Line(((30, r[3] - 4), (30, r[3] + 4))) for r in rows[:-1]]
    listing = graph_of(Scene(340, 180, tuple(grounds), tuple(strokes), tuple(texts)), Kind.BLOCK, least=1e-9)
    assert listing is None or listing.score < 0.2


def test_doubtful_graph_is_marked_for_review() -> None:
    graph = graph_of(_chain(3), Kind.FLOWCHART)
    assert graph is not None
    words = tuple(Word(n.label, (0, 0, 40, 10)) for n in graph.nodes)
    said = "Collect leads to Check. Check leads to Store."
    assert not weigh(said, replace(graph, score=0.9), words, "", ()).needs_review
    assert weigh(said, replace(graph, score=0.5), words, "", ()).needs_review
