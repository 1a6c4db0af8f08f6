"""A run's own folder, label-free, its questions, and the gate between two runs."""

from __future__ import annotations

import json
import runpy
from dataclasses import replace
from pathlib import Path

import pytest
from evaluation_made import bag_of_words, graph, picture

from dic_ingest.batch.results import write_document
from dic_ingest.errors import InputError, MissingFileError
from dic_ingest.evaluation.evaluate import evaluate_runs
from dic_ingest.evaluation.figure_questions import (
    FigureQuestion,
    ask_all,
    gate,
    question_measures,
    read_figure_questions,
)
from dic_ingest.evaluation.retrieval import bm25
from dic_ingest.evaluation.run_folder import (
    RunNode,
    expected_precision,
    is_run,
    own_words,
    read_run,
    run_measures,
)
from dic_ingest.model.description import Description, Evidence, Statement
from dic_ingest.model.diagram import Kind
from dic_ingest.model.document import Document, Figure, Page, Parser, Route, Text
from dic_ingest.nodes import NodeSettings

SHA = "ab" * 32


def figure(number: int, caption: str) -> Figure:
    drawn = graph(number)
    evidence = Evidence(0.5 + 0.1 * number, 1.0, (), number == 0)
    return Figure(
        f"{SHA[:12]}-f{number}", number + 1, (10.0, 10.0, 300.0, 200.0), number,
        label=f"Figure {number}", printed_caption=f"How {drawn.nodes[0].label} works",
        route=Route("diagram", Kind.FLOWCHART, 0.9, "arrows"),
        description=Description(caption, drawn, "dic-small", evidence=evidence),
        image=f"figures/f{number}.png", dpi=72.0,
    )  # fmt: skip


def make_run(folder: Path, captions: dict[int, str]) -> Path:
    """Results of one document with a figure a page, each with its caption."""
    place = folder / "report"
    (place / "figures").mkdir(parents=True)
    for number in captions:
        picture(number).save(place / "figures" / f"f{number}.png")
    blocks = [figure(n, c) for n, c in captions.items()]
    pages = tuple(Page(n + 1, 400.0, 300.0) for n in captions)
    text = Text(f"{SHA[:12]}-t", 1, (10.0, 220.0, 300.0, 260.0), 99, text="Nothing of it stands here.")
    document = Document("report.pdf", SHA, Parser("made"), pages, (*blocks, text))
    write_document(document, place, NodeSettings())
    return folder


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return make_run(tmp_path / "run", {n: graph(n).to_text() for n in range(4)})


def questions(run: Path, count: int = 4) -> Path:
    lines = []
    for n in range(count):
        first, second, _ = (node.label for node in graph(n).nodes)
        asked = f"What does {first} lead to by step {n}?"
        lines.append(
            {"id": f"q{n}", "file": "report.pdf", "page": n + 1, "question": asked, "answers": [second]}
        )
    path = run.parent / "questions.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_what_was_not_read_counts_without_labels() -> None:
    """A reader that claims only what it read would be perfect otherwise."""
    drawn = replace(graph(1), score=0.4, unread=("6 lines whose ends were not found",))
    said = (Statement("a", "graph"), Statement("b", "words"), Statement("c", "graph"), Statement("d"))
    evidence = Evidence(1.0, 0.75, statements=said)
    found = Description("x", drawn, "dic-small", evidence=evidence, graph_from="drawing")
    assert expected_precision(found) == pytest.approx((0.4 + 1 + 0.4 + 0) / 4)
    assert expected_precision(replace(found, graph_from="file")) == 0.75
    assert expected_precision(replace(found, evidence=Evidence(1.0, 1.0))) == 0.4


def test_a_run_is_measured_without_labels(run: Path) -> None:
    assert is_run(run) and is_run(run / "report") and not is_run(run.parent)
    read = read_run(run)
    assert len(read.figures) == 4 and {n.kind for n in read.nodes} == {"figure", "text"}
    measures = {m.name: m.value for m in run_measures(read, bag_of_words)}
    assert measures["evidence recall"] == pytest.approx(0.65)
    assert measures["marked for review"] == pytest.approx(0.25)
    assert measures["evidence precision"] == measures["lines read"] == 1.0
    assert 0 < measures["GRC"] <= 1 and measures["QIR"] > 1  # each finds itself first


def test_unread_lines_show_without_labels(run: Path) -> None:
    read = read_run(run)
    loose = ("6 lines whose ends were not found", "a frame")
    figures = []
    for place, one in read.figures:
        assert one.description is not None and one.description.diagram is not None
        drawn = replace(one.description.diagram, unread=loose, score=0.5)
        figures.append((place, replace(one, description=replace(one.description, diagram=drawn))))
    measures = {m.name: m.value for m in run_measures(replace(read, figures=tuple(figures)), bag_of_words)}
    edges = sum(len(graph(n).edges) for n in range(4))
    assert measures["lines read"] == pytest.approx(edges / (edges + 4 * 7))
    assert measures["evidence precision"] == pytest.approx(0.5)


def test_captions_of_other_figures_lower_qir(run: Path, tmp_path: Path) -> None:
    turned = make_run(tmp_path / "turned", {n: graph((n + 1) % 4).to_text() for n in range(4)})
    good, bad = (
        {m.name: m.value for m in run_measures(read_run(r), bag_of_words, count=1)} for r in (run, turned)
    )
    assert good["QIR"] == pytest.approx(1, abs=1e-5) and bad["QIR"] < 0.95


def test_the_printed_caption_at_the_head_is_no_description() -> None:
    told = figure(1, "")
    said = Description(f"Figure 1: {told.printed_caption}. A flowchart.")
    assert own_words(told, said) == "A flowchart."


def test_questions_are_answered_by_the_right_node(run: Path) -> None:
    outcomes = ask_all(read_figure_questions(questions(run)), read_run(run).nodes, {"BM25": bm25})
    assert [o.ranks["BM25"] for o in outcomes] == [1, 1, 1, 1]
    measures = {m.name: m.value for m in question_measures(outcomes, 1)}
    assert measures == {"in the index": 1.0, "found@1 BM25": 1.0}


def test_an_answer_counts_only_in_its_place() -> None:
    asked = FigureQuestion("q", "a.pdf", 2, "?", ("Gx",), ("alpha one", "beta"))
    node = RunNode("a.pdf", 2, "over Gx to it", "figure")
    assert asked.answered_by(node) and asked.answered_by(replace(node, text="Beta and Alpha-One"))
    for wrong in (
        replace(node, page=3),
        replace(node, file="b.pdf"),
        replace(node, text="over the GxP"),
        replace(node, text="only beta"),
    ):
        assert not asked.answered_by(wrong)


def test_the_gate_refuses_what_finds_less(run: Path, tmp_path: Path) -> None:
    mute = make_run(tmp_path / "mute", dict.fromkeys(range(4), "A drawing of boxes."))
    asked = read_figure_questions(questions(run))
    _, measures = evaluate_runs(read_run(run), read_run(mute), asked, bag_of_words)
    new, old = measures["this run"], measures["baseline run"]
    assert gate(new, old) == []
    (first, *_) = gate(old, new)
    assert first.startswith("found@5 BM25 fell from 1.000 to 0.0")
    assert gate(new, new) == []
    with pytest.raises(InputError, match="--questions"):
        gate({"GRC": new["GRC"]}, {"GRC": old["GRC"]})


def test_the_results_name_the_misses(run: Path, tmp_path: Path) -> None:
    mute = make_run(tmp_path / "mute", dict.fromkeys(range(4), "A drawing of boxes."))
    asked = read_figure_questions(questions(run))
    results, _ = evaluate_runs(read_run(mute), read_run(run), asked, bag_of_words)
    assert results["comparison"]["in the index"]["value"] == pytest.approx(-1)
    assert [m["in the index"] for m in results["misses"]] == [False] * 4
    assert results["facts"]["figures described"] == 4


def test_bad_folders_and_questions_are_told(run: Path, tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="holds no results"):
        read_run(tmp_path / "nowhere")
    for text, words in (
        ("", "no questions"),
        ("{}", "no question:"),
        ('{"id": 1}', "needs question, file, page, answers"),
        ("[", "line 1"),
    ):
        (tmp_path / "q.jsonl").write_text(text)
        with pytest.raises(InputError, match=words):
            read_figure_questions(tmp_path / "q.jsonl")
    (tmp_path / "q.jsonl").write_text('\n{"question": "Who?", "file": "a.pdf", "page": 1, "answers": ["A"]}')
    assert read_figure_questions(tmp_path / "q.jsonl")[0].id == "2"
    (run / "report" / "figures" / "f1.png").write_bytes(b"no picture")
    with pytest.raises(InputError, match="cannot be read as a picture"):
        run_measures(read_run(run), bag_of_words)
    (run / "report" / "document.json").write_text("{}")
    with pytest.raises(InputError, match="no readable results"):
        read_run(run)


@pytest.mark.corpus
def test_it_finds_what_the_scorer_of_the_corpus_finds(
    corpus: Path, run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = questions(run)
    scorer = runpy.run_path(str(corpus.parent / "bench" / "score_questions.py"))
    scorer["main"]([str(path), str(run), "-k", "1", "--json"])
    theirs = json.loads(capsys.readouterr().out)["all"]
    outcomes = ask_all(read_figure_questions(path), read_run(run).nodes, {"BM25": bm25})
    ours = {m.name: m.value for m in question_measures(outcomes, 1)}
    assert (ours["in the index"], ours["found@1 BM25"]) == (theirs["ingest"], theirs["found@1"])
