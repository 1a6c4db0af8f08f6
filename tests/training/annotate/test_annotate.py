"""Figures are chosen by doubt and difference, the page works in a browser, answers come back as pairs."""

from __future__ import annotations

import json
import random
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from dic_ingest.cli.training.annotate import command
from dic_ingest.errors import InputError
from dic_ingest.evaluation.figure_set import read_pairs
from dic_ingest.model.description import Description, Evidence
from dic_ingest.model.diagram import Diagram, Edge, Kind, Node
from dic_ingest.model.document import Document, Figure, Page, Parser, Route
from dic_ingest.training.annotate.answers import collect, read_answers
from dic_ingest.training.annotate.choose import choose, spread
from dic_ingest.training.annotate.export import export
from dic_ingest.training.annotate.figures import UNSEEN, doubt, find_candidates

sys.path.append(str(Path(__file__).resolve().parents[2] / "inspector"))
import chrome

# types into a field
TYPE = "(c => {{ c.value = {value}; c.dispatchEvent(new Event('input')); }})(document.getElementById('{id}'))"
EVIL = '</script><script>window.hacked = 1</script><img src=x onerror="window.hacked = 1">'


def diagram(i: int) -> Diagram:
    return Diagram(Kind.FLOWCHART, (Node("a", f"Read {i}"), Node("b", f"Write {i}")), (Edge("a", "b"),))


def run_folder(place: Path, scores: list[float], **changes: Any) -> Path:
    """A folder as `dic-ingest run` leaves it, one figure a score."""
    folder = place / "report"
    (folder / "figures").mkdir(parents=True)
    found = []
    for i, score in enumerate(scores):
        rng = np.random.default_rng(i)
        Image.fromarray(rng.integers(0, 255, (60, 80, 3), np.uint8)).save(folder / "figures" / f"{i}.png")
        said = Description(
            f'Flowchart. "Read {i}" leads to "Write {i}".', diagram(i), "dic-small",
            evidence=Evidence(score, 1.0, (EVIL,) if i == 0 else ()),
        )  # fmt: skip
        figure = Figure(
            f"f{i}", 1, (0, 0, 80, 60), i, label=f"Figure {i}", printed_caption=EVIL,
            route=Route("diagram", Kind.FLOWCHART, 0.9, ""), description=said, image=f"figures/{i}.png",
        )  # fmt: skip
        found.append(replace(figure, **changes))
    document = Document("report.pdf", "0" * 64, Parser("test"), (Page(1, 600, 800),), tuple(found))
    (folder / "document.json").write_text(json.dumps(document.to_dict()), encoding="utf-8")
    return place


def test_doubt() -> None:
    assert doubt(None) == UNSEEN and doubt(Evidence(1, 1)) == 0
    assert doubt(Evidence(0.5, 0.8)) == 0.5 and doubt(Evidence(1, 1, needs_review=True)) == 0.5
    assert doubt(Evidence(0.2, 1, conflicts=("x",))) > doubt(Evidence(0.2, 1))


def test_candidates_are_described_figures_inside_their_folder(tmp_path: Path) -> None:
    assert len(find_candidates(run_folder(tmp_path / "a", [0.5, 0.9]))) == 2
    for i, change in enumerate(
        [
            {"image": "../../a/report/figures/0.png"},
            {"image": "figures/none.png"},
            {"description": None},
            {"duplicate_of": "f9"},
            {"route": Route("decoration", Kind.DECORATION, 1, "")},
        ]
    ):
        with pytest.raises(InputError, match="no figure"):
            find_candidates(run_folder(tmp_path / f"b{i}", [0.5], **change))
    with pytest.raises(InputError, match="dic-ingest run"):
        find_candidates(tmp_path / "nowhere")
    (tmp_path / "a" / "report" / "document.json").write_text("{}")
    with pytest.raises(InputError):
        find_candidates(tmp_path / "a")


def test_the_doubtful_come_first_and_the_like_last(tmp_path: Path) -> None:
    rows = np.eye(4, dtype=np.float32)[[0, 0, 1, 2]]
    assert spread(rows, [0.9, 0.8, 0.2, 0.1], 3) == [0, 2, 3], "the second is the first again"
    assert spread(rows, [0.1, 0.2, 0.9, 0.3], 2) == [2, 3]
    found = find_candidates(run_folder(tmp_path, [0.9, 0.2, 0.8, 0.95]))
    assert choose(found, 2)[0].label == "Figure 1"
    assert [c.label for c in choose(found, 9)] == ["Figure 1", "Figure 2", "Figure 0", "Figure 3"]


@pytest.fixture
def review(tmp_path: Path) -> Path:
    found = find_candidates(run_folder(tmp_path / "run", [0.1, 0.4, 0.6, 0.8]))
    export(choose(found, 4), tmp_path / "review")
    return tmp_path / "review"


def answers(place: Path, who: str, verdicts: dict[str, tuple[str, str]]) -> Path:
    rows = [{"key": f"report/{k}", "verdict": v, "caption": c} for k, (v, c) in verdicts.items()]
    path = place / f"answers-{who}.json"
    path.write_text(json.dumps({"format": "dic_ingest.answers/1", "annotator": who, "answers": rows}))
    return path


def test_two_annotators_give_pairs_disputes_and_kappa(review: Path, tmp_path: Path) -> None:
    draft = 'Flowchart. "Read {}" leads to "Write {}".'
    better = 'A flowchart: "Read 1" leads to "Write 1".'
    one = {
        "f0": ("accept", draft.format(0, 0)),
        "f1": ("edit", better),
        "f2": ("reject", ""),
        "f3": ("accept", "x"),
    }
    two = {**one, "f3": ("reject", ""), "f9": ("accept", "y")}
    files = [answers(tmp_path, "Ada", one), answers(tmp_path, "Bob", two)]
    outcome = collect(review, files, tmp_path / "pairs")
    assert [p.caption for p in read_pairs(tmp_path / "pairs" / "pairs.jsonl")] == [draft.format(0, 0), better]
    assert outcome.rejected == 1 and list(outcome.disputed) == ["report/f3"] and outcome.unknown == 1
    # three of four alike; by chance 2/4*1/4 + 1/4*1/4 + 1/4*2/4
    assert outcome.kappa == {("Ada", "Bob"): (pytest.approx((0.75 - 0.3125) / (1 - 0.3125)), 4)}
    pair = outcome.pairs[1]
    assert pair.source == "annotator:Ada+Bob" and pair.extra["edited"] and not pair.extra["against_reading"]
    assert pair.diagram == diagram(1)
    wrong = answers(tmp_path, "Eve", {"f0": ("edit", '"Write 0" leads to "Read 0".')})
    assert collect(review, [wrong], tmp_path / "more").pairs[0].extra["against_reading"]


def test_label_studio_and_back(review: Path, tmp_path: Path) -> None:
    tasks = json.loads((review / "label_studio.json").read_text())
    assert len(tasks) == 4 and tasks[0]["data"]["image"].startswith("data:image/png;base64,")
    assert 'value="$draft"' in (review / "label_studio.xml").read_text()
    for task, verdict in zip(tasks, ["accept", "edit", "reject", ""], strict=True):
        result = [
            {"from_name": "verdict", "to_name": "image", "type": "choices", "value": {"choices": [verdict]}}
        ]
        if verdict == "edit":
            text = {"text": ['"Read 1" leads to "Write 1".']}
            result.append({"from_name": "caption", "to_name": "image", "type": "textarea", "value": text})
        task["annotations"] = [{"completed_by": {"email": "ada@example.org"}, "result": result}]
        task["annotations"].append({"completed_by": 7, "was_cancelled": True, "result": []})
    path = tmp_path / "export.json"
    path.write_text(json.dumps(tasks))
    found = read_answers(path)
    assert [a.verdict for a in found] == ["accept", "edit", "reject"]
    assert {a.annotator for a in found} == {"ada@example.org"}
    outcome = collect(review, [path], tmp_path / "pairs")
    assert len(outcome.pairs) == 2 and outcome.rejected == 1 and not outcome.kappa


@pytest.mark.parametrize(
    "content", ["", "[1]", "{}", '{"format": "other"}', '{"format": "dic_ingest.answers/1"}']
)
def test_other_files_are_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(content)
    with pytest.raises(InputError, match="neither"):
        read_answers(path)


def test_a_choice_is_not_overwritten(review: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="annotators may be at work"):
        export(find_candidates(tmp_path / "run"), review)
    (review / "chosen.json").write_text('[{"key": "a", "image": "../x.png", "diagram": {"kind": "er"}}]')
    with pytest.raises(InputError, match="no choice"):
        collect(review, [], tmp_path / "pairs")


def test_the_page_in_a_browser(review: Path, tmp_path: Path) -> None:
    program = chrome.find()
    if program is None:
        pytest.skip("no Chromium here")
    saved = tmp_path / "saved"
    saved.mkdir()
    with chrome.Chrome(program) as page:
        page.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(saved))
        page.open(review / "review.html")
        page.until("document.getElementById('image').naturalWidth > 0")
        assert page.run("document.getElementById('count').textContent").startswith("1 of 4")
        assert EVIL in page.run("document.getElementById('printed').textContent")
        assert EVIL in page.run("document.getElementById('doubtful').textContent")
        assert page.run("window.hacked === undefined") is True
        assert page.run("document.getElementById('save').disabled") is True
        page.press("a")
        page.until("document.getElementById('count').textContent.startsWith('2 of 4')")
        page.run(TYPE.format(id="caption", value="'Mine. ' + c.value"))
        assert page.run("document.getElementById('accept').disabled") is True
        page.run("document.getElementById('edit').click()")
        page.press("r")
        page.until("document.getElementById('count').textContent.includes('3 answered')")
        page.run(TYPE.format(id="name", value="'Ada L.'"))
        page.run("document.getElementById('save').click()")
        end = time.monotonic() + 60
        while not (found := list(saved.glob("*.json"))) and time.monotonic() < end:
            time.sleep(0.1)
        page.shoot(tmp_path / "page.png")
        assert not page.errors and not [
            r for r in page.requests if not r.startswith(("file:", "data:", "blob:"))
        ]
    assert [p.name for p in found] == ["answers-Ada_L_.json"]
    given = read_answers(found[0])
    assert [(a.verdict, a.annotator) for a in given] == [
        ("accept", "Ada L."),
        ("edit", "Ada L."),
        ("reject", "Ada L."),
    ]
    assert given[1].caption.startswith("Mine. ")


def test_the_commands(tmp_path: Path) -> None:
    run_folder(tmp_path / "run", [random.Random(i).random() for i in range(5)])
    out = tmp_path / "review"
    done = CliRunner().invoke(command, ["choose", str(tmp_path / "run"), str(out), "--count", "3"])
    assert done.exit_code == 0 and "3 of 5 figures" in done.output
    keys = [r["key"] for r in json.loads((out / "chosen.json").read_text())]
    rows = {k.split("/")[1]: ("accept", "A caption.") for k in keys}
    files = [str(answers(tmp_path, who, rows)) for who in ("Ada", "Bob")]
    done = CliRunner().invoke(command, ["read", str(out), *files, "--out", str(tmp_path / "pairs")])
    assert done.exit_code == 0, done.output
    assert "Cohen's kappa of Ada and Bob: 1.000 over 3 figures" in done.output and "3 pairs" in done.output
