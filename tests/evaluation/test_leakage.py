"""Leakage: each way in which a figure can stand in both sets is found, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from evaluation_made import bag_of_words, graph, make_pair, make_set, picture
from PIL import Image

from dic_ingest.errors import BrokenFileError, SettingsError
from dic_ingest.evaluation.embedding.image import gradients_of
from dic_ingest.evaluation.figure_set import Pair
from dic_ingest.evaluation.leakage import Leakage, LeakageSettings, find_leakage
from dic_ingest.model.diagram import Node


@pytest.fixture
def test_set(tmp_path: Path) -> list[tuple[Path, Pair]]:
    folder = tmp_path / "test"
    return [(folder, p) for p in make_set(folder, range(6))]


def found(test: list[tuple[Path, Pair]], train: list[tuple[Path, Pair]]) -> Leakage:
    return find_leakage(test, train, bag_of_words)


def other(tmp_path: Path, image: Image.Image, pair: Pair) -> list[tuple[Path, Pair]]:
    folder = tmp_path / "train"
    (folder / "images").mkdir(parents=True, exist_ok=True)
    image.save(folder / "images" / "x.png")
    return [(folder, replace(pair, id="x", image="images/x.png"))]


def test_other_figures_are_no_leak(test_set: list[tuple[Path, Pair]], tmp_path: Path) -> None:
    train = [(tmp_path / "train", p) for p in make_set(tmp_path / "train", range(10, 20), "train")]
    result = found(test_set, train)
    assert result.leaks == () and result.summary().startswith("No leakage: none of 6")
    assert len(result.nearest_picture) == 6 and max(result.nearest_picture) < 0.97


def test_the_same_pixels(test_set: list[tuple[Path, Pair]], tmp_path: Path) -> None:
    train = other(tmp_path, picture(2), make_pair(tmp_path / "t", 11))
    (leak,) = found(test_set, train).leaks
    assert (leak.test, leak.train) == ("p2", "x") and leak.shares == ("pixels", "fingerprint")
    assert leak.picture == pytest.approx(1, abs=1e-4)


def test_the_same_picture_at_another_size(test_set: list[tuple[Path, Pair]], tmp_path: Path) -> None:
    train = other(tmp_path, picture(2, scale=1.7), make_pair(tmp_path / "t", 11))
    (leak,) = found(test_set, train).leaks
    assert leak.test == "p2" and leak.shares == ("fingerprint",)


def test_the_same_graph_drawn_anew(test_set: list[tuple[Path, Pair]], tmp_path: Path) -> None:
    renamed = graph(2)
    nodes = tuple(Node(f"other{i}", n.label.upper()) for i, n in enumerate(renamed.nodes))
    edges = tuple(
        replace(e, source=f"other{e.source[1:]}", target=f"other{e.target[1:]}") for e in renamed.edges
    )
    again = replace(renamed, nodes=nodes[::-1], edges=edges[::-1])
    pair = replace(make_pair(tmp_path / "t", 12), diagram=again, caption="Said in other words.")
    (leak,) = found(test_set, other(tmp_path, picture(33), pair)).leaks
    assert (leak.test, leak.shares) == ("p2", ("graph",))


def test_the_same_caption(test_set: list[tuple[Path, Pair]], tmp_path: Path) -> None:
    pair = replace(make_pair(tmp_path / "t", 12), caption=test_set[4][1].caption.upper() + " !")
    (leak,) = found(test_set, other(tmp_path, picture(33), pair)).leaks
    assert (leak.test, leak.shares) == ("p4", ("caption",))


def test_a_likeness_of_both_picture_and_caption(test_set: list[tuple[Path, Pair]], tmp_path: Path) -> None:
    blurred = picture(3).rotate(1, fillcolor="white")
    pair = replace(make_pair(tmp_path / "t", 12), caption=test_set[3][1].caption + " Indeed.")
    train = other(tmp_path, blurred, pair)
    strict = LeakageSettings(picture=0.5, text=0.9)
    (leak,) = find_leakage(test_set, train, bag_of_words, settings=strict).leaks
    assert (leak.test, leak.shares) == ("p3", ("likeness",))
    far = replace(pair, caption="Something else is told here, of cows.")
    assert find_leakage(test_set, other(tmp_path, blurred, far), bag_of_words, settings=strict).leaks == ()


def test_it_says_so(test_set: list[tuple[Path, Pair]]) -> None:
    told = found(test_set, test_set).summary()
    assert told.startswith("LEAKAGE: 6 of 6") and "by pixels" in told
    assert "not checked" in found(test_set, []).summary()


def test_bad_pictures_and_settings(test_set: list[tuple[Path, Pair]], tmp_path: Path) -> None:
    train = other(tmp_path, picture(1), make_pair(tmp_path / "t", 12))
    (train[0][0] / "images" / "x.png").write_bytes(b"no picture")
    with pytest.raises(BrokenFileError, match="cannot be read as a picture"):
        found(test_set, train)
    for bad in ({"bits": 2.0}, {"picture": 0.0}):
        with pytest.raises(SettingsError):
            LeakageSettings(**bad)


def test_a_look_is_a_unit_row_that_does_not_see_size() -> None:
    rows = gradients_of([picture(1), picture(1, 2.0), picture(2), Image.new("RGB", (9, 5), "white")])
    assert rows.shape == (4, 1764)
    assert np.linalg.norm(rows[:3], axis=1) == pytest.approx([1, 1, 1], abs=1e-5)
    assert rows[0] @ rows[1] > 0.97 > rows[0] @ rows[2]
    assert not rows[3].any() and gradients_of([]).shape == (0, 1764)
    clear = Image.new("RGBA", (50, 50), (0, 0, 0, 0))  # transparent is white, as it is shown
    assert not gradients_of([clear]).any()
