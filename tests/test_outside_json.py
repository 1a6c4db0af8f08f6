"""Readers of JSON that others wrote, given anything: what they make of it, or an error of ours."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dic_ingest.batch.cross_document_duplicates import known_pictures, shown_once
from dic_ingest.batch.manifest import NAME, SAME, Entry, Manifest
from dic_ingest.batch.results import read_json
from dic_ingest.captioning.engines.trained import FILE, read_trained
from dic_ingest.captioning.grounding.reply import read_reply
from dic_ingest.errors import DICIngestError
from dic_ingest.evaluation.figure_questions import read_figure_questions
from dic_ingest.evaluation.figure_set import Pair, PairQuestion, read_pairs, read_questions
from dic_ingest.evaluation.run_folder import read_run
from dic_ingest.inspector.results import read_result
from dic_ingest.mineru.server.client import asked
from dic_ingest.mineru.server.http import HttpResponse, Request, ServerSettings
from dic_ingest.model.diagram import Diagram, Edge, Kind, Node
from dic_ingest.model.document import Document, Page, Parser, Text
from dic_ingest.nodes import to_nodes
from dic_ingest.settings import Settings
from dic_ingest.settings_file import from_dict
from dic_ingest.training.annotate.answers import FORMATS, read_answers
from dic_ingest.training.sft.checks import model_digest
from dic_ingest.training.synthesise.captions.written import read_graph

GRAPH = Diagram(Kind.FLOWCHART, (Node("a", "Start"), Node("b", "Stop")), (Edge("a", "b", "go"),))
DOCUMENT = Document(
    "a.pdf",
    "0" * 64,
    Parser("mineru", "3", "flash"),
    (Page(1, 100.0, 100.0),),
    (Text("t", 1, (0, 0, 9, 9), 0, "x"),),
)
leaves = (
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=6)
    | st.sampled_from(["../x", "/etc/passwd", "ok", "flowchart", "train", "\ud800", "1e999"])
)  # fmt: skip
values = st.recursive(
    leaves,
    lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(max_size=4), v, max_size=3),
    max_leaves=6,
)


@st.composite
def spoilt(draw: st.DrawFn, sound: Any) -> Any:
    """The sound value with one to three of its parts replaced or taken away, or something else altogether."""
    if draw(st.integers(0, 9)) == 0:
        return draw(values)
    data = copy.deepcopy(sound)
    for _ in range(draw(st.integers(1, 3))):
        place = data
        while isinstance(place, dict | list) and place:
            key = draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
            if isinstance(place[key], dict | list) and place[key] and draw(st.booleans()):
                place = place[key]
                continue
            if isinstance(place, dict) and draw(st.integers(0, 3)) == 0:
                del place[key]
            else:
                place[key] = draw(values)
            break
    return data


def _lines(read: Callable[[Path], object]) -> Callable[[Path, str], object]:
    def reader(folder: Path, text: str) -> object:
        (folder / "lines.jsonl").write_text(text + "\n", "utf-8", "surrogatepass")
        return read(folder / "lines.jsonl")

    return reader


def _file(name: str, read: Callable[[Path], object]) -> Callable[[Path, str], object]:
    def reader(folder: Path, text: str) -> object:
        (folder / name).write_text(text, "utf-8", "surrogatepass")
        return read(folder)

    return reader


def _run(read: Callable[[Path], object]) -> Callable[[Path, str], object]:
    """A result folder whose document is sound and whose nodes are the text."""

    def reader(folder: Path, text: str) -> object:
        (folder / "document.json").write_text(json.dumps(DOCUMENT.to_dict()), "utf-8")
        (folder / "nodes.jsonl").write_text(text + "\n", "utf-8", "surrogatepass")
        return read(folder)

    return reader


def _asked(folder: Path) -> object:
    return known_pictures(folder), shown_once(["n1", "n2"], folder)


class Said:
    """A server that answers everything with one text."""

    left = 0.01

    def __init__(self, folder: Path, version: str, status: int, text: str) -> None:
        self.version, self.status, self.body = version, status, folder / "body"
        self.body.write_text(text, "utf-8", "surrogatepass")

    def get_json(self, path: str) -> dict[str, Any] | None:
        if path.endswith("/health"):  # version 3 has no /v1
            return None if path == "/v1/health" and self.version < "4" else {"version": self.version}
        found = HttpResponse(200, self.body).json()
        return found if isinstance(found, dict) else None

    def send(self, method: str, path: str, file: Path | None = None, **options: Any) -> HttpResponse:
        return HttpResponse(self.status, self.body)


def _server(version: str, status: int) -> Callable[[Path, str], object]:
    def reader(folder: Path, text: str) -> object:
        said: Any = Said(folder, version, status, text)
        return asked(said, Request(folder / "a.pdf", (1,), "", ServerSettings("http://h"), True))

    return reader


NODE = to_nodes(DOCUMENT)[0].to_dict()
PAIR = Pair("p", "a.png", GRAPH, "A caption.").to_dict()
QUESTION = PairQuestion("q", "p", "a.png", "global", "What?", "Start").to_dict()
READERS: dict[str, tuple[Any, Callable[[Path, str], object]]] = {
    "pairs": (PAIR, _lines(lambda p: read_pairs(p, pictures=False))),
    "questions": (QUESTION, _lines(lambda p: read_questions(p, pictures=False))),
    "figure questions": (
        {"id": "1", "file": "a.pdf", "page": 1, "question": "What?", "answers": ["Start"], "all_of": []},
        _lines(read_figure_questions),
    ),
    "answers of the review page": (
        {
            "format": FORMATS[-1],
            "annotator": "A",
            "answers": [{"key": "k", "verdict": "accept", "caption": "c"}],
        },
        _file("answers.json", lambda f: read_answers(f / "answers.json")),
    ),
    "Label Studio": (
        [{"data": {"key": "k"}, "annotations": [{"completed_by": {"email": "a@b"}, "result": [
            {"from_name": "verdict", "value": {"choices": ["accept"]}},
            {"from_name": "caption", "value": {"text": ["c"]}}]}]}],
        _file("answers.json", lambda f: read_answers(f / "answers.json")),
    ),
    "a document": (DOCUMENT.to_dict(), _file("document.json", read_json)),
    "a result to show": (DOCUMENT.to_dict(), _file("document.json", read_result)),
    "nodes to show": (NODE, _run(read_result)),
    "nodes to measure": (NODE, _run(read_run)),
    "what shows the same": (
        {"fingerprints": {"d": "1.0 8 AAAA"}, "groups": [{"nodes": ["n1", "n2"], "logo": False}]},
        _file(SAME, _asked),
    ),
    "the manifest": (asdict(Entry("a.pdf", "ok", name="a")), _file(NAME, lambda f: Manifest(f).entries)),
    "a trained model's record": ({"base": "b", "base_digest": "d", "grounding": {}, "stages": [],
                                  "quantize": "", "prompts": {}, "data": {}, "scores": {}},
                                 _file(FILE, read_trained)),
    "a model's config": ({"model_type": "m", "text_config": {"a": 1}}, _file("config.json", model_digest)),
    "a graph that a model wrote": (
        {"nodes": [{"id": "a", "label": "A"}, {"id": "b", "label": "B"}],
         "edges": [{"from": "a", "to": "b"}]},
        lambda folder, text: read_graph(text, GRAPH),
    ),
    "a model's reply": ({"caption": "c", "mermaid": "flowchart LR\n a-->b"},
                        lambda folder, text: read_reply(text)),
    "a server of version 3": (
        {"backend": "b", "results": {"a": {"middle_json": "{}", "images": {"a.jpg": "data:,AAAA"}}}},
        _server("3.4.0", 200),
    ),
    "a server's tiers": ({"data": [{"id": "flash"}]}, _server("4.0.12", 200)),
    "a server's refusal": (
        {"files": [{"error": {"message": "Model repo is not ready under"}}]}, _server("4.0.12", 500)),
    "settings": ({"engine": "none", "pdf": {"max_pages": 5}},
                 lambda folder, text: from_dict(Settings, data) if isinstance(data := json.loads(text), dict)
                 else None),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", READERS)
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(draw=st.data())
def test_anything_is_read_or_refused(name: str, draw: st.DataObject, tmp_path: Path) -> None:
    sound, read = READERS[name]
    text = json.dumps(draw.draw(spoilt(sound)))
    try:
        read(tmp_path, text)
    except DICIngestError as error:
        assert str(error).strip()


@pytest.mark.parametrize("name", READERS)
def test_what_is_sound_is_read(name: str, tmp_path: Path) -> None:
    sound, read = READERS[name]
    assert read(tmp_path, json.dumps(sound)) is not None
