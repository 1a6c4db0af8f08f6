"""`dic-ingest evaluate` from files to report: scores, leakage, gate, and one clear error for each misuse."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dic_ingest.captioning.chat import ChatAnswer
from dic_ingest.captioning.chat import Question as Asked
from dic_ingest.captioning.engines.registry import FakeCaptioner
from dic_ingest.captioning.grounding.grounded import Grounded
from dic_ingest.errors import DICIngestError, InputError, NotOursError, SettingsError
from dic_ingest.evaluation import evaluate
from dic_ingest.evaluation.figure_set import read_figure_set
from dic_ingest.evaluation.predictions import as_system, describe_pairs
from dic_ingest.evaluation.scoring import answer_measures
from dic_ingest.owned_files import FolderKind, claim

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "evaluation"))
from evaluation_made import bag_of_words, graph, make_set

pytest.importorskip("sacrebleu", reason="pip install '.[evaluate]'")


@pytest.fixture(autouse=True)
def words_as_embedding(monkeypatch: pytest.MonkeyPatch) -> None:
    """No weights are needed to test the way through; the scores of MiniLM are no subject here."""
    monkeypatch.setattr(evaluate, "load_encoder", lambda: bag_of_words)
    import dic_ingest.cli.evaluate as view

    monkeypatch.setattr(view, "load_encoder", lambda: bag_of_words)


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    """Eight test figures, and what dic-small said of them, so that no test waits for a reading."""
    folder = tmp_path / "pairs"
    made = make_set(folder, range(8))
    claim(tmp_path / "report", FolderKind.OUTPUT)  # as an earlier call left it
    small = [
        {"id": p.id, "caption": f"A drawing. Words in it: {p.diagram.nodes[0].label}", "words": "a b"}
        for p in made
    ]
    put(tmp_path / "report" / "predictions-dic-small.jsonl", small)
    return folder


def put(path: Path, lines: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def call(*arguments: object) -> Result:
    from dic_ingest.cli.evaluate import command

    done = CliRunner().invoke(command, [str(a) for a in arguments], standalone_mode=False)
    if done.exception:
        raise done.exception
    return done


def good(pairs: Path) -> Path:
    """Predictions of a system that sees everything and answers everything right."""
    lines: list[dict[str, Any]] = []
    for number in range(8):
        drawn = graph(number)
        lines.append(
            {"id": f"p{number}", "caption": f"{drawn.to_text()}\n```mermaid\n{drawn.to_mermaid()}\n```"}
        )
        lines.append({"id": f"q-p{number}", "answer": f"B) {drawn.nodes[1].label}"})
    return put(pairs.parent / "good.jsonl", lines)


def test_a_perfect_system_is_perfect_and_better_than_the_baselines(pairs: Path, tmp_path: Path) -> None:
    out = tmp_path / "report"
    done = call(pairs, "--predictions", good(pairs), "--out", out)
    assert done.return_value == 0
    scores = json.loads((out / "scores.json").read_text("utf-8"))
    own = scores["systems"]["good"]
    for name in ("node F1", "edge F1", "labelled-edge F1", "answers right", "evidence precision", "ROUGE-L"):
        assert own[name]["value"] == pytest.approx(1), name
    assert own["BLEU-4"]["value"] == pytest.approx(100)
    assert set(scores["systems"]) == {"good", "dic-small", "printed caption", "words only", "empty"}
    assert scores["systems"]["empty"]["BLEU-1"]["value"] == 0
    assert scores["systems"]["empty"]["evidence precision"]["value"] is None
    assert scores["systems"]["empty"]["recall@5 MiniLM"]["value"] == 0
    assert own["recall@5 BM25"]["value"] == 1
    assert "answers right" not in scores["systems"]["empty"]
    edge = scores["comparison"]["edge F1"]
    assert (
        edge["value"] == 1
        and edge["low"] == 1
        and edge["p"] < 0.05
        and scores["facts"]["baseline"] == "dic-small"
    )
    assert set(scores["groups"]["difficulty"]) == {"easy", "medium", "hard"}
    assert scores["readings"]["good"] == {"read from": {"mermaid": 8}, "missing": 0}
    assert scores["references"] == [{"source": "drawn", "domain": "made", "figures": 8}]
    assert "edge F1" in done.output and "not checked" in done.output


def test_the_report_replaces_only_an_earlier_report(pairs: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "scores.json").write_text("mine")
    with pytest.raises(NotOursError):
        call(pairs, "--predictions", put(tmp_path / "p.jsonl", []), "--out", mine)
    assert [p.read_text() for p in mine.iterdir()] == ["mine"]


def test_the_report_is_one_page_that_loads_nothing(pairs: Path, tmp_path: Path) -> None:
    out = tmp_path / "report"
    call(pairs, "--predictions", good(pairs), "--out", out)
    page = (out / "report.html").read_text("utf-8")
    assert page.count("<svg") == 2 and "default-src 'none'" in page
    assert "<script" not in page and 'src="http' not in page and "url(http" not in page
    assert page.count("data:image/png;base64") == 8


def test_strings_of_a_reply_are_text_on_the_page(pairs: Path, tmp_path: Path) -> None:
    evil = put(tmp_path / "evil.jsonl", [{"id": "p1", "caption": "<script>alert(1)</script> & \ud800"}])
    call(pairs, "--predictions", evil, "--out", tmp_path / "report")
    page = (tmp_path / "report" / "report.html").read_text("utf-8")
    assert "<script" not in page and "&lt;script&gt;" in page


def test_the_same_seed_gives_the_same_file(pairs: Path, tmp_path: Path) -> None:
    out, file = tmp_path / "report", tmp_path / "report" / "scores.json"
    call(pairs, "--predictions", good(pairs), "--out", out)
    first = file.read_bytes(), (out / "report.html").read_bytes()
    call(pairs, "--predictions", good(pairs), "--out", out)
    assert (file.read_bytes(), (out / "report.html").read_bytes()) == first


def test_a_leaking_test_set_fails_and_is_not_scored(pairs: Path, tmp_path: Path) -> None:
    out, train = tmp_path / "report", tmp_path / "train"
    make_set(train, [3, 21, 22], "train")
    done = call(pairs, "--predictions", good(pairs), "--train", train, "--out", out)
    assert done.return_value == 1
    assert "LEAKAGE: 1 of 8 test figures" in done.output
    leaks = json.loads((out / "leakage.json").read_text("utf-8"))["leaks"]
    assert [(x["test"], x["train"]) for x in leaks] == [("p3", "p3")]
    assert "systems" not in json.loads((out / "scores.json").read_text("utf-8"))
    make_set(train, [21, 22, 23], "train")
    done = call(pairs, "--predictions", good(pairs), "--train", train, "--out", out)
    assert done.return_value == 0 and "No leakage: none of 8" in done.output


def test_a_baseline_of_ones_own(pairs: Path, tmp_path: Path) -> None:
    worse = put(tmp_path / "worse.jsonl", [{"id": "p0", "caption": graph(0).to_text()}])
    call(pairs, "--predictions", good(pairs), "--baseline", worse, "--out", tmp_path / "report")
    scores = json.loads((tmp_path / "report" / "scores.json").read_text("utf-8"))
    assert scores["facts"]["baseline"] == "worse" and scores["readings"]["worse"]["missing"] == 7
    assert scores["comparison"]["edge F1"]["figures"] == 8


def test_the_gate_over_predictions(pairs: Path, tmp_path: Path) -> None:
    nothing = put(tmp_path / "nothing.jsonl", [{"id": f"p{i}", "caption": "A drawing."} for i in range(8)])
    arguments = ("--out", tmp_path / "report", "--gate", "-k", 1)
    done = call(pairs, "--predictions", good(pairs), "--baseline", nothing, *arguments)
    assert done.return_value == 0 and "The gate: accepted" in done.output
    done = call(pairs, "--predictions", nothing, "--baseline", good(pairs), *arguments)
    assert done.return_value == 1
    assert "The gate: refused, figure recall@1 BM25 fell from 1.000 to 0.000" in " ".join(done.output.split())


@pytest.mark.slow
def test_the_default_engine_reads_the_pictures(tmp_path: Path) -> None:
    make_set(tmp_path / "pairs", range(2))
    out = tmp_path / "report"
    assert call(tmp_path / "pairs", "--out", out).return_value == 0
    scores = json.loads((out / "scores.json").read_text("utf-8"))
    assert scores["facts"]["system"] == "dic-small" and scores["facts"]["baseline"] == "words only"
    assert scores["systems"]["dic-small"]["evidence recall"]["value"] > 0.5
    kept = out / "predictions-dic-small.jsonl"
    before = kept.read_bytes()
    call(tmp_path / "pairs", "--out", out)
    assert kept.read_bytes() == before


class Knows:
    """A model that gives one caption and answers every question with its second option."""

    name, model = "local", "knows/1"

    def __init__(self) -> None:
        self.asked = 0

    def answer(self, questions: Sequence[Asked]) -> list[ChatAnswer]:
        self.asked += len(questions)
        return [ChatAnswer("B. it is" if '"options"' in q.user else "A drawing of boxes.") for q in questions]


def test_an_engine_with_a_model_answers_the_objective_questions(pairs: Path, tmp_path: Path) -> None:
    test, kept, model = read_figure_set(pairs, limit=2), tmp_path / "kept.jsonl", Knows()
    engine = Grounded(model, reader=FakeCaptioner())
    lines = describe_pairs(engine, test, kept)
    system = as_system("local", test, lines)
    assert len(system.replies) == 2 and set(system.answers.values()) == {"B. it is"}
    (right,) = answer_measures(test.questions, system.answers)
    assert right.value == 1
    before = model.asked
    kept.write_text(kept.read_text("utf-8")[:-9], "utf-8")  # as if killed while it wrote
    assert as_system("local", test, describe_pairs(engine, test, kept)).answers == system.answers
    assert model.asked == before + 1


def test_misuse_is_told(pairs: Path, tmp_path: Path) -> None:
    file, out = good(pairs), tmp_path / "report"
    with pytest.raises(SettingsError, match="not both"):
        call(pairs, "--predictions", file, "--engine", "dic-small", "--out", out)
    with pytest.raises(SettingsError, match="--baseline"):
        call(pairs, "--predictions", file, "--gate", "--out", out)
    with pytest.raises(InputError, match="no figure of the split 'train'"):
        call(pairs, "--predictions", file, "--split", "train", "--out", out)
    with pytest.raises(InputError, match="holds nothing about the 8 figures"):
        call(pairs, "--predictions", put(tmp_path / "x.jsonl", [{"id": "zz", "caption": ""}]), "--out", out)
    for line, words in (({"caption": "x"}, "no prediction"), ({"id": "p1", "caption": 3}, "strings")):
        with pytest.raises(InputError, match=words):
            call(pairs, "--predictions", put(tmp_path / "x.jsonl", [line]), "--out", out)
    twice = put(tmp_path / "x.jsonl", [{"id": "p1", "caption": "a"}] * 2)
    with pytest.raises(InputError, match="two lines for 'p1'"):
        call(pairs, "--predictions", twice, "--out", out)
    with pytest.raises(DICIngestError, match=r"pairs\.jsonl cannot be read"):
        call(tmp_path / "report", "--out", out)
