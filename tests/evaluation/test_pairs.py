"""Records of figures and questions: exact round trip, and one clear error for each bad line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dic_ingest.errors import InputError
from dic_ingest.evaluation.figure_set import Pair, PairQuestion, read_pairs, read_questions, write_lines
from dic_ingest.model.diagram import Diagram, Edge, Kind, Node

GRAPH = Diagram(Kind.FLOWCHART, (Node("a", "Start"), Node("b", "Stop")), (Edge("a", "b", "go"),))


def pair() -> Pair:
    return Pair(
        "p1", "images/p1.png", GRAPH, 'From "Start", "go" leads to "Stop".', "test", "hard", "process"
    )


def test_round_trip(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "p1.png").write_bytes(b"x")
    asked = PairQuestion(
        "q1", "p1", "images/p1.png", "global", "What follows?", "Stop", ("Stop", "Start", "go", "none")
    )
    assert write_lines(tmp_path / "pairs.jsonl", [pair()]) == 1
    assert write_lines(tmp_path / "questions.jsonl", [asked]) == 1
    assert read_pairs(tmp_path / "pairs.jsonl") == [pair()]
    assert read_questions(tmp_path / "questions.jsonl") == [asked]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"split": "exam"}, "split"),
        ({"image": "../secret.png"}, "out of the folder"),
        ({"image": "images/none.png"}, "missing"),
        ({"diagram": {}}, "no pair"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, change: dict[str, object], said: str) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_text("\n" + json.dumps(pair().to_dict() | change) + "\n")
    with pytest.raises(InputError, match=said) as caught:
        read_pairs(path)
    assert "line 2" in str(caught.value)


def test_a_missing_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_pairs(tmp_path / "none.jsonl")
