"""Leakage: each way in which a figure can stand in both sets is found, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from evaluation_made import bag_of_words, graph, make_pair, make_question, make_set, picture
from PIL import Image, ImageDraw, ImageOps

from dic_ingest.errors import BrokenFileError, InputError, SettingsError
from dic_ingest.evaluation.embedding.image import gradients_of
from dic_ingest.evaluation.figure_set import Pair, read_figure_set, training_figures, write_lines
from dic_ingest.evaluation.leakage.check import Leakage, LeakageSettings, find_leakage
from dic_ingest.model.diagram import Diagram, Edge, Kind, Node


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
    unlike = picture(33)
    pair = replace(make_pair(tmp_path / "t", 12), caption=test_set[3][1].caption + " Indeed.")
    train = other(tmp_path, unlike, pair)
    strict = LeakageSettings(picture=0.05, text=0.9)
    (leak,) = find_leakage(test_set, train, bag_of_words, settings=strict).leaks
    assert (leak.test, leak.shares) == ("p3", ("likeness",))
    far = replace(pair, caption="Something else is told here, of cows.")
    assert find_leakage(test_set, other(tmp_path, unlike, far), bag_of_words, settings=strict).leaks == ()


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


@pytest.mark.parametrize("change", ["cropped", "recoloured", "dark", "half"])
def test_a_picture_that_was_changed_a_little(
    test_set: list[tuple[Path, Pair]], tmp_path: Path, change: str
) -> None:
    own = drawn()
    own.save(test_set[2][0] / test_set[2][1].image)
    cut = own.crop((4, 3, own.width - 4, own.height - 3))
    changed = {
        "cropped": cut,
        "recoloured": ImageOps.colorize(own.convert("L"), black=(20, 40, 140), white=(250, 240, 215)),
        "dark": ImageOps.invert(own),
        "half": cut.resize((own.width // 2, own.height // 2)),
    }[change]
    bare = replace(make_pair(tmp_path / "t", 11), diagram=Diagram(Kind.OTHER), caption="")
    (leak,) = found(test_set, other(tmp_path, changed, bare)).leaks
    assert leak.test == "p2" and set(leak.shares) & {"lines", "fingerprint"}


def test_a_graph_with_one_node_renamed(test_set: list[tuple[Path, Pair]], tmp_path: Path) -> None:
    names = [f"Step {n}" for n in ("one", "two", "three", "four", "five")]
    nodes = tuple(Node(str(i), name) for i, name in enumerate(names))
    edges = tuple(Edge(str(i), str(i + 1)) for i in range(4))
    first = replace(test_set[1][1], diagram=Diagram(Kind.FLOWCHART, nodes, edges))
    again = replace(first.diagram, nodes=(*nodes[:2], Node("2", "Elsewhere"), *nodes[3:]))
    pair = replace(make_pair(tmp_path / "t", 12), diagram=again, caption="")
    test_set[1] = (test_set[1][0], first)
    (leak,) = found(test_set, other(tmp_path, picture(33), pair)).leaks
    assert (leak.test, leak.shares) == ("p1", ("part of the graph",))


@pytest.mark.parametrize(
    ("small", "again", "leaks"),
    [
        (("Public API", "Kernel"), ("Public API", "Elsewhere"), True),  # a half of all names
        (("Public API", "Kernel"), ("Elsewhere", "Anywhere"), False),
        (("A", "B"), ("A", "C"), False),  # textbook names are no texts in common
        (("Public API", "Kernel"), ("Kernel", "Public API", "Elsewhere"), False),  # another form
    ],
)
def test_a_graph_of_one_line_with_one_node_renamed(
    test_set: list[tuple[Path, Pair]], tmp_path: Path,
    small: tuple[str, ...], again: tuple[str, ...], leaks: bool,
) -> None:  # fmt: skip
    """Too few lines to compare by: all that is written in the graph is compared, in graphs of one form."""

    def chain(names: tuple[str, ...]) -> Diagram:
        nodes = tuple(Node(str(i), name) for i, name in enumerate(names))
        return Diagram(Kind.FLOWCHART, nodes, tuple(Edge(str(i), str(i + 1)) for i in range(len(names) - 1)))

    test_set[1] = (test_set[1][0], replace(test_set[1][1], diagram=chain(small)))
    pair = replace(make_pair(tmp_path / "t", 12), diagram=chain(again), caption="")
    leak = [(k.test, k.shares) for k in found(test_set, other(tmp_path, picture(33), pair)).leaks]
    assert leak == ([("p1", ("part of the graph",))] if leaks else [])


def test_members_tell_a_class_whose_name_was_changed(
    test_set: list[tuple[Path, Pair]], tmp_path: Path
) -> None:
    box = Node("a", "Square", members=("side: float", "area()"))
    test_set[1] = (test_set[1][0], replace(test_set[1][1], diagram=Diagram(Kind.CLASS, (box,), ())))
    named = Diagram(Kind.CLASS, (replace(box, label="Tile"),), ())
    pair = replace(make_pair(tmp_path / "t", 12), diagram=named, caption="")
    (leak,) = found(test_set, other(tmp_path, picture(33), pair)).leaks
    assert (leak.test, leak.shares) == ("p1", ("part of the graph",))


def test_a_set_scored_on_what_it_taught_is_said_to_leak(tmp_path: Path) -> None:
    folder = tmp_path / "both"
    figures = [replace(p, split="train") for p in make_set(folder, range(3))]
    write_lines(folder / "pairs.jsonl", figures)
    scored = read_figure_set(folder, "train")
    learnt = training_figures(scored, [folder])
    leaks = find_leakage([(folder, p) for p in scored.pairs], learnt, bag_of_words).leaks
    assert {leak.test for leak in leaks} == {p.id for p in figures}
    assert training_figures(scored, []) == []


def test_a_training_set_of_questions_alone(test_set: list[tuple[Path, Pair]], tmp_path: Path) -> None:
    folder = test_set[0][0]
    figures = read_figure_set(folder)
    train = tmp_path / "asked"
    (train / "images").mkdir(parents=True)
    picture(2).save(train / "images" / "q.png")
    asked = replace(make_question(test_set[2][1]), image="images/q.png", split="train")
    write_lines(train / "questions.jsonl", [asked])
    (leak,) = found(test_set, training_figures(figures, [train])).leaks
    assert leak.test == "p2" and leak.shares[0] == "pixels"
    with pytest.raises(InputError):
        training_figures(figures, [tmp_path])


def drawn() -> Image.Image:
    """A flow of boxes with words in them."""
    image = Image.new("RGB", (420, 320), "white")
    pen = ImageDraw.Draw(image)
    for k, word in enumerate(("Receive", "Check stock", "Ship it", "Archive")):
        x, y = 30 + 190 * (k % 2), 30 + 150 * (k // 2)
        pen.rectangle((x, y, x + 130, y + 70), outline="black", width=2)
        pen.text((x + 20 + 7 * k, y + 28), word, fill="black")
    pen.line((160, 65, 220, 65), fill="black", width=2)
    pen.line((95, 100, 95, 180), fill="black", width=2)
    return image
