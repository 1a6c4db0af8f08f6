"""The samples end to end: every drawn figure is found whole, with its caption, and read as it was drawn."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from dic_ingest.mineru.local import LocalSettings
from dic_ingest.model.box import iou
from dic_ingest.model.diagram import Diagram
from dic_ingest.model.document import Document, Figure
from dic_ingest.pipeline import ingest
from dic_ingest.settings import Settings

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
TRUTH = [json.loads(line) for line in (SAMPLES / "truth.jsonl").read_text("utf-8").splitlines()]
VECTOR = {"flowchart.pdf", "two_columns.pdf", "logo.pdf", "telecom_report.pdf"}
DRAWN = [t for t in TRUTH if t["file"] in VECTOR]
ids = [t["id"] for t in DRAWN]


@cache
def read(name: str) -> Document:
    """A sample through the whole pipeline, MinerU without weights; the same for all tests."""
    return ingest(SAMPLES / name, Settings(parse=LocalSettings(tier="flash")))


def found(truth: dict[str, Any]) -> Figure:
    """The kept figure that stands where the truth's does."""
    here = [
        f
        for f in read(truth["file"]).figures
        if f.page == truth["page"] and f.bbox and (f.route is None or f.route.kept)
    ]
    best = max(here, key=lambda f: iou(f.bbox or (0, 0, 0, 0), tuple(truth["bbox"])), default=None)
    assert best is not None and best.bbox is not None, f"no figure on page {truth['page']}"
    assert iou(best.bbox, tuple(truth["bbox"])) > 0.7, f"{best.bbox} is not {truth['bbox']}"
    return best


def names(nodes: list[tuple[str, str]]) -> dict[str, str]:
    """Label by id; a dot without a label keeps its part in the graph by its id's last word."""
    return {name: label or "(dot)" for name, label in nodes}


def edges_of_truth(truth: dict[str, Any]) -> list[tuple[str, str, str]]:
    called = names([(n["id"], n["label"]) for n in truth["nodes"]])
    return [_edge(called, e["source"], e["target"], e["label"], e["directed"]) for e in truth["edges"]]


def edges_of(diagram: Diagram) -> list[tuple[str, str, str]]:
    called = names([(n.id, n.label) for n in diagram.nodes])
    return [_edge(called, e.source, e.target, e.label, e.directed) for e in diagram.edges]


def _edge(called: dict[str, str], a: str, b: str, label: str, directed: bool) -> tuple[str, str, str]:
    ends = (called.get(a, a), called.get(b, b))
    return (*(ends if directed else sorted(ends)), " ".join(label.split()))  # type: ignore[return-value]


@pytest.mark.parametrize("truth", [*DRAWN, *(t for t in TRUTH if t["id"] == "chart")], ids=[*ids, "chart"])
def test_figures_are_found_whole_with_label_and_caption(truth: dict[str, Any]) -> None:
    figure = found(truth)
    assert (figure.label, figure.printed_caption) == (truth["label"], truth["caption"])


@pytest.mark.parametrize("name", sorted({*VECTOR, "chart.pdf"}))
def test_nothing_else_is_taken_for_a_figure(name: str) -> None:
    kept = [f for f in read(name).figures if f.route is None or f.route.kept]
    assert len(kept) == sum(t["file"] == name for t in TRUTH), [(f.page, f.bbox, f.route) for f in kept]


@pytest.mark.parametrize("truth", DRAWN, ids=ids)
def test_the_kind_is_right(truth: dict[str, Any]) -> None:
    same = {"topology": "block"}  # where one ends and the other begins is a matter of taste
    if truth["id"] == "logo":
        same["flowchart"] = "block"  # nothing but boxes and arrows: either word is right
    figure = found(truth)
    assert figure.route is not None
    assert same.get(figure.route.kind, figure.route.kind) == same.get(truth["kind"], truth["kind"])


@pytest.mark.parametrize("truth", DRAWN, ids=ids)
def test_the_graph_is_the_one_that_was_drawn(truth: dict[str, Any]) -> None:
    figure = found(truth)
    assert figure.description is not None and figure.description.diagram is not None
    diagram = figure.description.diagram
    assert Counter(n.label for n in diagram.nodes) == Counter(n["label"] for n in truth["nodes"])
    there, read_off = edges_of_truth(truth), edges_of(diagram)
    if truth["kind"] == "sequence":
        assert read_off == there  # messages in their order
    else:
        assert Counter(read_off) == Counter(there)


@pytest.mark.parametrize("truth", DRAWN, ids=ids)
def test_the_prose_says_every_label(truth: dict[str, Any]) -> None:
    said = found(truth).content
    for item in (*truth["nodes"], *truth["edges"]):
        assert item["label"] in said


def test_the_letterhead_is_in_no_figure() -> None:
    for name, words in (("telecom_report.pdf", "Fjordlink"), ("logo.pdf", "Brightwell")):
        assert not [f.page for f in read(name).figures if words in f.content and f.route and f.route.kept]


def test_sentences_that_speak_of_a_figure_are_tied_to_it() -> None:
    by_label = {f.label: f for f in read("telecom_report.pdf").figures}
    pages = {label: sorted({r.page for r in by_label[label].references}) for label in by_label if label}
    assert pages["Figure 2"] == [1, 4] and pages["Figure 4"] == [2, 3] and pages["Figure 3"] == [2, 3, 4]


def test_words_of_a_figure_leave_the_running_text() -> None:
    document = read("flowchart.pdf")
    assert not [b for b in document.blocks if b.type != "figure" and "Signature" in b.content]


@pytest.mark.parametrize("name", ["flowchart.png", "flowchart_raster.pdf", "scan.pdf"])
def test_pixels_give_one_kept_figure_with_its_words(name: str) -> None:
    truth = next(t for t in TRUTH if t["file"] == name)
    (figure,) = read(name).figures
    assert figure.route is not None and figure.route.kept, figure.route
    assert (figure.label, figure.printed_caption) == (truth["label"], truth["caption"])
    wanted = Counter(" ".join(n["label"] for n in truth["nodes"]).split())
    said = Counter(figure.content.replace(",", " ").replace(".", " ").replace('"', " ").split())
    assert sum((wanted & said).values()) >= 0.9 * sum(wanted.values())


def test_a_scan_says_that_it_is_one() -> None:
    document = read("scan.pdf")
    assert len(document.pages) == 1 and document.warnings
    assert any("shelf" in b.content for b in document.blocks)
