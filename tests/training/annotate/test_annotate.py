"""Figures are chosen by doubt and difference, the page works in a browser, answers come back as pairs."""

from __future__ import annotations

import io
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
from pairs_made import make_set
from PIL import Image, ImageDraw

from dic_ingest.captioning.engines.settings import GroundingSettings
from dic_ingest.captioning.prompts import make_prompt
from dic_ingest.cli.training.annotate import command
from dic_ingest.errors import InputError
from dic_ingest.evaluation.engine_view import engine_views
from dic_ingest.evaluation.figure_set import Pair, read_pairs
from dic_ingest.model.description import Description, Evidence
from dic_ingest.model.diagram import Diagram, Edge, End, Group, Kind, Node
from dic_ingest.model.document import Document, Figure, Page, Parser, Route
from dic_ingest.pipeline import ingest
from dic_ingest.training.annotate.answers import read_answers
from dic_ingest.training.annotate.choose import choose, spread
from dic_ingest.training.annotate.export import export
from dic_ingest.training.annotate.figures import UNSEEN, doubt, find_candidates
from dic_ingest.training.annotate.folder import (
    picture_budget,
    read_choice,
    shown_graph,
    small_picture,
    write_choice,
)
from dic_ingest.training.annotate.settle import collect, disputes
from dic_ingest.training.preference.pairs import edited
from dic_ingest.training.sft.checks import true_pairs
from dic_ingest.training.sft.examples import asked, caption_answer, caption_examples
from dic_ingest.training.sft.settings import recipe

sys.path.append(str(Path(__file__).resolve().parents[2] / "inspector"))
import chrome

# types into a field
TYPE = "(c => {{ c.value = {value}; c.dispatchEvent(new Event('input')); }})(document.getElementById('{id}'))"
EVIL = '</script><script>window.hacked = 1</script><img src=x onerror="window.hacked = 1">'


def diagram(i: int) -> Diagram:
    return Diagram(
        Kind.FLOWCHART, (Node("a", f"Read {i}"), Node("b", f"Write {i}")), (Edge("a", "b"),),
        title="How it reads", notes=("Read twice",),
    )  # fmt: skip


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


def said(recall: float, precision: float, graph: Diagram | None = None, **more: Any) -> Description:
    return Description("x", graph, evidence=Evidence(recall, precision, **more))


def test_doubt() -> None:
    assert doubt(None)[0] == UNSEEN and doubt(said(1, 1)) == (0.0, ())
    assert doubt(said(0.5, 0.8))[0] == 0.5 and doubt(said(1, 1, needs_review=True))[0] == 0.5
    assert doubt(said(0.2, 1, conflicts=("x",)))[0] > doubt(said(0.2, 1))[0]


def test_a_caption_that_is_held_up_is_doubted_for_its_graph() -> None:
    """Evidence alone is blind: what was not read is not claimed, so nothing is unsupported."""
    loose = replace(diagram(0), unread=("12 lines whose ends were not found",))
    many, reasons = doubt(said(1, 1, loose))
    assert many == pytest.approx(12 / 13) and reasons == ("12 lines were not read",)
    unsure, reasons = doubt(said(1, 1, replace(diagram(0), score=0.3)))
    assert unsure == pytest.approx(0.7) and "chance of 30%" in reasons[0]


def test_vectors_and_pixels_that_differ_add_to_the_doubt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dic_ingest.training.annotate import figures

    found = [replace(c, diagram=replace(c.diagram, read_from="vector")) for c in find_candidates(
        run_folder(tmp_path, [1.0, 1.0, 1.0])
    )]  # fmt: skip
    turned = Diagram(Kind.FLOWCHART, diagram(0).nodes, (Edge("b", "a"),))
    monkeypatch.setattr(figures, "read_words", lambda crop: ())
    monkeypatch.setattr(figures, "read_picture", lambda crop, words, usual: turned)
    again = figures.reread(found, 2)
    assert [c.doubt for c in again] == [1.0, 1.0, 0.0]
    assert "100% of the edges are others" in again[0].reasons[-1]
    monkeypatch.setattr(figures, "read_picture", lambda crop, words, usual: diagram(0))
    assert figures.reread(found, 1) == found


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
    export(choose(found, 4), tmp_path / "review", label_studio=True)
    return tmp_path / "review"


def answers(place: Path, who: str, verdicts: dict[str, tuple[Any, ...]], **more: Any) -> Path:
    rows = [
        {"key": f"report/{k}", "verdict": v, "caption": c, "graph": g[0].to_dict() if g else None}
        for k, (v, c, *g) in verdicts.items()
    ]
    path = place / f"answers-{who}.json"
    told = {"format": "dic_ingest.answers/2", "annotator": who, "answers": rows}
    path.write_text(json.dumps(told | more))
    return path


DRAFT = 'Flowchart. "Read {0}" leads to "Write {0}".'


def test_two_annotators_give_pairs_disputes_and_kappa(review: Path, tmp_path: Path) -> None:
    better = 'A flowchart: "Read 1" leads to "Write 1".'
    one = {
        "f0": ("accept", DRAFT.format(0)),
        "f1": ("edit", better),
        "f2": ("reject", ""),
        "f3": ("accept", DRAFT.format(3)),
    }
    # other spaces, quotes and dashes are the same answer
    two = {**one, "f1": ("edit", " A flowchart:  “Read 1” leads to “Write 1” "), "f3": ("reject", "")}
    two["f9"] = ("accept", "y")
    files = [answers(tmp_path, "Ada", one), answers(tmp_path, "Bob", two)]
    outcome = collect(review, files, tmp_path / "pairs")
    assert [p.caption for p in read_pairs(tmp_path / "pairs" / "pairs.jsonl")] == [DRAFT.format(0), better]
    assert outcome.rejected == 1 and list(outcome.disputed) == ["report/f3"] and outcome.unknown == 1
    # three of four judged alike; by chance 2/4*1/4 + 1/4*1/4 + 1/4*2/4
    found = outcome.agreement["Ada", "Bob"]
    assert found.kappa == pytest.approx((0.75 - 0.3125) / (1 - 0.3125))
    assert (found.figures, found.same, found.edge_f1) == (4, 0.75, 1.0)
    pair = outcome.pairs[1]
    assert pair.source == "annotator:Ada+Bob" and pair.extra["edited"] and not pair.extra["against_reading"]
    assert pair.diagram == diagram(1)


def test_kappa_is_of_the_judgement_and_not_of_the_button(review: Path, tmp_path: Path) -> None:
    """An edit of a space is the draft accepted; two edits that differ are both edits, and disputed."""
    one = answers(tmp_path, "Ada", {"f0": ("accept", DRAFT.format(0)), "f1": ("edit", "Mine.")})
    two = answers(tmp_path, "Bob", {"f0": ("edit", f" {DRAFT.format(0)} "), "f1": ("edit", "Yours.")})
    outcome = collect(review, [one, two], tmp_path / "pairs")
    found = outcome.agreement["Ada", "Bob"]
    assert (found.kappa, found.same) == (1.0, 0.5)
    assert outcome.disputed == {"report/f1": "the annotators wrote different captions"}
    assert not outcome.pairs[0].extra["edited"]


def test_the_experts_word_stands_against_the_machines_graph(review: Path, tmp_path: Path) -> None:
    turned = '"Write {0}" leads to "Read {0}".'
    drawn = replace(diagram(1), edges=(Edge("b", "a"),))
    own = {"f0": ("edit", turned.format(0)), "f1": ("edit", turned.format(1), drawn)}
    both = {**own, "f2": ("edit", turned.format(2), diagram(2))}
    outcome = collect(review, [answers(tmp_path, "Eve", both)], tmp_path / "pairs")
    first, second, third = outcome.pairs
    # only the text was corrected: the machine's wrong graph is not taught with it
    assert not first.diagram.nodes and first.extra["against_reading"] and "```" not in caption_answer(
        first.caption, first.diagram
    )  # fmt: skip
    assert second.diagram.edges == drawn.edges and not second.extra["contradictions"]
    # text and graph of her own differ: kept, and told
    assert third.diagram == diagram(2) and list(outcome.contradicting) == ["report/f2"]
    kept = true_pairs(outcome.pairs, recipe("stage2").contradictions)
    assert kept == true_pairs(outcome.pairs, "refuse") == outcome.pairs


def test_an_accepted_draft_keeps_the_graph_that_was_shown_with_it(review: Path, tmp_path: Path) -> None:
    """Whoever accepts has seen both; that a checker denies the draft is told and takes no graph away."""
    first, *others = read_choice(review).values()
    write_choice(review, [replace(first, draft='"Write 0" leads to "Read 0".'), *others])
    outcome = collect(review, [answers(tmp_path, "Ada", {"f0": ("accept", "")})], tmp_path / "pairs")
    pair = outcome.pairs[0]
    assert pair.diagram == first.diagram and not pair.extra["against_reading"]
    assert list(outcome.contradicting) == ["report/f0"]


def test_drafts_travel_so_that_preferences_are_found(review: Path, tmp_path: Path) -> None:
    drawn = replace(diagram(1), edges=(Edge("b", "a"),))
    own = {"f0": ("accept", DRAFT.format(0)), "f1": ("edit", DRAFT.format(1), drawn), "f2": ("edit", "Mine.")}
    collect(review, [answers(tmp_path, "Eve", own)], tmp_path / "pairs")
    pairs = read_pairs(tmp_path / "pairs" / "pairs.jsonl")
    found = edited(pairs, tmp_path / "pairs", GroundingSettings())
    assert [p.worse.splitlines()[0] for p in found] == [DRAFT.format(1), DRAFT.format(2)]
    assert "n1 --> n2" in found[0].worse and "n2 --> n1" in found[0].better.answer


def test_what_stands_around_a_figure_travels_and_is_no_target(tmp_path: Path) -> None:
    place = run_folder(tmp_path / "run", [0.5])
    path = place / "report" / "document.json"
    document = json.loads(path.read_text())
    block = document["blocks"][0]
    block |= {"section": "4 Calls", "printed_caption": "How it works"}
    block["references"] = [{"block_id": "b", "page": 1, "sentence": "As Figure 0 shows."}]
    block["description"]["caption"] = "Figure 0: How it works. " + DRAFT.format(0)
    path.write_text(json.dumps(document))
    found = find_candidates(place)
    assert found[0].draft == DRAFT.format(0)
    export(found, tmp_path / "review")
    outcome = collect(tmp_path / "review", [answers(tmp_path, "A", {"f0": ("accept", "")})], tmp_path / "p")
    pair = read_pairs(tmp_path / "p" / "pairs.jsonl")[0]
    assert pair.caption == DRAFT.format(0) and pair.extra["printed_caption"] == "How it works"
    example = caption_examples([pair], tmp_path / "p", GroundingSettings())[0]
    for text in ('"4 Calls"', '"How it works"', "As Figure 0 shows.", '"label": "Figure 0"'):
        assert text in example.prompt.user
    assert "How it works" not in example.answer
    # the picture is the run's own crop, not what the annotator was shown
    assert (tmp_path / "p" / pair.image).read_bytes() == (place / "report/figures/0.png").read_bytes()
    assert [p.id for p in outcome.pairs] == [pair.id]


def test_a_pair_of_a_run_is_asked_as_the_run_asked(tmp_path: Path) -> None:
    picture = make_set(tmp_path / "set", 1, 0) / "images" / "p0.png"
    asks = GroundingSettings(max_side=400, looks=0)
    folder = tmp_path / "run" / "doc"
    document = ingest(picture, folder=folder)
    (folder / "document.json").write_text(json.dumps(document.to_dict()))
    export(find_candidates(tmp_path / "run"), tmp_path / "review")
    rows = {document.figures[0].id: ("accept", "")}
    rows = [{"key": f"doc/{k}", "verdict": v, "caption": c} for k, (v, c) in rows.items()]
    told = {"format": "dic_ingest.answers/1", "annotator": "A", "answers": rows}
    (tmp_path / "a.json").write_text(json.dumps(told))
    collect(tmp_path / "review", [tmp_path / "a.json"], tmp_path / "p")
    example = caption_examples(read_pairs(tmp_path / "p/pairs.jsonl"), tmp_path / "p", asks)[0]
    pair = Pair("p", "p0.png", Diagram(Kind.OTHER), "")
    view = engine_views([pair], picture.parent, asks)["p0.png"]
    # a run tells the kind after reading; all else is as it was asked
    request = replace(view.request, kind=example.view.request.kind)
    wanted = make_prompt(request, view.reading, asks.prompt)
    taught = asked(example, asks)
    assert (taught.system, taught.user) == (wanted.system, wanted.user)
    assert [i.size for i in taught.images] == [i.size for i in view.ask(wanted, asks).images]


def test_an_adjudicator_decides(review: Path, tmp_path: Path) -> None:
    drawn = replace(diagram(1), edges=(Edge("b", "a"),))
    one = answers(
        tmp_path, "Ada", {"f0": ("accept", ""), "f1": ("edit", "One.", drawn), "f2": ("accept", "")}
    )
    two = answers(tmp_path, "Bob", {"f0": ("accept", ""), "f1": ("edit", "Two."), "f2": ("reject", "")})
    arguments = ["adjudicate", str(review), str(one), str(two), "--out", str(tmp_path / "decide")]
    done = CliRunner().invoke(command, arguments)
    assert done.exit_code == 0 and "2 figures to decide" in done.output, done.output
    shown = (tmp_path / "decide" / "pages" / "0.js").read_text()
    assert "One." in shown and "Two." in shown and "one accepts it, another rejects it" in shown
    final = answers(tmp_path, "Cy", {"f1": ("edit", "Two."), "f2": ("reject", "")}, adjudicates=True)
    outcome = collect(review, [one, two, final], tmp_path / "pairs")
    assert not outcome.disputed and outcome.rejected == 1
    assert {p.caption for p in outcome.pairs} == {DRAFT.format(0), "Two."}
    assert list(outcome.agreement) == [("Ada", "Bob")]
    with pytest.raises(InputError, match="nothing to decide"):
        disputes(read_choice(review), [one])


def test_a_graph_that_hangs_in_the_air_is_refused(tmp_path: Path) -> None:
    broken = replace(diagram(0), edges=(Edge("a", "z"),))
    with pytest.raises(InputError, match="not there"):
        read_answers(answers(tmp_path, "Ada", {"f0": ("edit", "x", broken)}))


def test_two_thousand_figures_stay_small(tmp_path: Path) -> None:
    """Measured on the share that one figure gets, with a crop as large and as busy as they come."""
    picture = Image.new("RGB", (2400, 1800), "white")
    pen = ImageDraw.Draw(picture)
    for i in range(220):
        x, y = 20 + 150 * (i % 15), 20 + 120 * (i // 15)
        pen.rectangle((x, y, x + 120, y + 60), outline=(i, 80, 160), width=3)
        pen.text((x + 8, y + 20), f"Component {i}", fill="black")
        pen.line((x + 60, y + 60, x + 200, y + 170), fill="black", width=2)
    picture.save(tmp_path / "busy.png")
    small = small_picture(tmp_path / "busy.png", picture_budget(2000))
    assert len(small) <= picture_budget(2000) == 18_000
    assert max(Image.open(io.BytesIO(small)).size) >= 480
    large = small_picture(tmp_path / "busy.png", picture_budget(20))
    assert max(Image.open(io.BytesIO(large)).size) == 1600


def test_label_studio_and_back(review: Path, tmp_path: Path) -> None:
    tasks = json.loads((review / "label_studio.json").read_text())
    assert len(tasks) == 4 and tasks[0]["data"]["image"].startswith("data:image/webp;base64,")
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
    assert len(outcome.pairs) == 2 and outcome.rejected == 1 and not outcome.agreement


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
    one = next(iter(read_choice(review).values()))
    write_choice(review, [replace(one, image="../x.png")])
    with pytest.raises(InputError, match="no choice"):
        collect(review, [], tmp_path / "pairs")
    (review / "chosen.json.gz").write_bytes(b"no gzip")
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
        correct_the_graph(page)
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
    assert given[1].caption.startswith("Mine. ") and given[0].graph is None
    drawn = given[1].graph
    assert drawn is not None
    labels = {n.id: n.label for n in drawn.nodes}
    assert [(labels[e.source], labels[e.target], e.label) for e in drawn.edges] == [
        ("Write 1", "Read 1", ""),
        ("Read 1", "Check", "if full"),
    ]
    outcome = collect(review, found, tmp_path / "pairs")
    assert outcome.pairs[1].diagram.edges[0].source == "b"


def correct_the_graph(page: chrome.Chrome) -> None:
    """Turns a line round in the table, adds another and its node in the Mermaid text."""
    text, told = "document.getElementById('mermaid').value", "document.getElementById('contradictions')"
    assert page.run(text) == 'flowchart TD\n  a["Read 1"]\n  b["Write 1"]\n  a --> b'
    assert page.run("document.querySelectorAll('#drawing rect').length") == 2
    typed = 'c.value + \' The note "Read twice" stands in "How it reads".\''
    page.run(TYPE.format(id="caption", value=typed))
    assert page.run(f"{told}.children.length") == 0, "titles and notes stand in the figure, too"
    page.run("document.getElementById('undo').click()")
    head = "document.querySelector('#drawing .line').getAttribute('marker-end').slice(4, -1)"
    assert page.run(f"document.querySelector({head}).tagName") == "marker"
    page.run("document.querySelector('#edges button').click()")
    assert "b --> a" in page.run(text)
    assert "the graph has it the other way round" in page.run(f"{told}.textContent")
    more = "c.value + '\\n  a -->|if full| c{\"Check\"}'"
    page.run(TYPE.format(id="mermaid", value=more))
    assert page.run("document.querySelectorAll('#nodes tr').length") == 3
    assert page.run("document.querySelector('#drawing').textContent.includes('if full')") is True
    page.run(TYPE.format(id="mermaid", value="c.value + '\\n  a --> '"))
    assert "no node" in page.run("document.getElementById('wrong').textContent")
    assert page.run("document.getElementById('edit').disabled") is True
    page.run(TYPE.format(id="mermaid", value="c.value.split('\\n').slice(0, -1).join('\\n')"))
    assert page.run("document.getElementById('wrong').textContent") == ""


GRAPHS = """(() => {
  const ends = g => g.edges.map(e => [e.source, e.target, e.label, e.directed, e.style, e.source_end]);
  return Object.values(%s).map(g => {
    const again = Graph.read(Graph.write(g), g);
    const [a, b] = [again, g].map(x => JSON.stringify(x));
    return [a === b, Graph.write(g), a, b];
  });
})()"""


def test_the_page_writes_and_reads_graphs_of_every_kind(review: Path) -> None:
    program = chrome.find()
    if program is None:
        pytest.skip("no Chromium here")
    made = {}
    for kind, figure in everything():
        made[kind] = shown_graph(figure)
    with chrome.Chrome(program) as page:
        page.open(review / "review.html")
        page.until("document.getElementById('image').naturalWidth > 0")
        for good, text, again, before in page.run(GRAPHS % json.dumps(made)):
            assert good, f"{text}\n{before}\n{again}"
        for kind in made:
            page.run(f"Editor.show({json.dumps(made[kind])})")
            assert page.run("document.querySelectorAll('#drawing .box').length") >= len(made[kind]["nodes"])
        assert not page.errors


def everything() -> list[tuple[str, Diagram]]:
    """Graphs with frames, odd labels, every line, a loop, and a sequence with a frame in a frame."""
    nodes = (
        Node("a", 'Say "hi" [x]'),
        Node("b-1", "Two\nlines", "diamond", group="g"),
        Node("end", "", "start"),
    )
    edges = (
        Edge("a", "b-1", "1 | 2"), Edge("b-1", "a", style="dashed"), Edge("end", "a", directed=False,
        target_end=End.NONE), Edge("a", "a", "again"), Edge("g", "a", source_end=End.ARROW, style="thick"),
    )  # fmt: skip
    whole = Diagram(Kind.STATE, nodes, edges, (Group("g", "Outer", "h"), Group("h", "Outermost")))
    people = (Node("u", "User one"), Node("s", "Server"))
    said = (Edge("u", "s", "ask: now"), Edge("s", "u", "reply", style="dashed"), Edge("u", "u", "think"))
    frames = (Group("f", "every day", kind="loop", edges=(0, 1, 2)), Group("k", "ok", kind="alt", edges=(1,)))
    return [("state", whole), ("sequence", Diagram(Kind.SEQUENCE, people, said, frames))]


def test_the_commands(tmp_path: Path) -> None:
    run_folder(tmp_path / "run", [random.Random(i).random() for i in range(5)])
    out = tmp_path / "review"
    done = CliRunner().invoke(command, ["choose", str(tmp_path / "run"), str(out), "--count", "3"])
    assert done.exit_code == 0 and "3 of 5 figures" in done.output
    keys = list(read_choice(out))
    rows = {k.split("/")[1]: ("accept", "A caption.") for k in keys}
    files = [str(answers(tmp_path, who, rows)) for who in ("Ada", "Bob")]
    done = CliRunner().invoke(command, ["read", str(out), *files, "--out", str(tmp_path / "pairs")])
    assert done.exit_code == 0, done.output
    assert (
        "Ada and Bob over 3 figures: Cohen's kappa 1.000, the same answer to 100%" in done.output
        and "3 pairs" in done.output
    )
