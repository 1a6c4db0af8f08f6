"""Sources are drawn by the real tools, sets resume where they stopped, other settings are refused."""

from __future__ import annotations

import json
import random
import shutil
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from dic_ingest.cli.training.synthesise import command
from dic_ingest.errors import DICIngestError, MissingExtraError, SettingsError
from dic_ingest.evaluation.figure_set import Pair, read_pairs
from dic_ingest.model.diagram import Diagram, Edge, End, Group, Kind, Node
from dic_ingest.training.synthesise import dataset
from dic_ingest.training.synthesise.dataset import synthesise
from dic_ingest.training.synthesise.domains import DOMAINS, draw_diagram
from dic_ingest.training.synthesise.drawing import rendering as render_mermaid
from dic_ingest.training.synthesise.drawing.dot import to_dot
from dic_ingest.training.synthesise.drawing.plantuml import to_plantuml
from dic_ingest.training.synthesise.drawing.render_style import Look, choose_look
from dic_ingest.training.synthesise.drawing.rendering import (
    MermaidBrowser,
    draw_graphviz,
    draw_plantuml,
    mermaid_item,
)
from dic_ingest.training.synthesise.settings import SynthesisSettings

graphviz = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not here")
NASTY = (
    'a "b" c',
    "100 %getenv(x)",
    "<b>x</b> & y",
    "a\\nb",
    "**x** __y__ //z//",
    "!include x",
    "[*] -> {q}",
)
SMALL = SynthesisSettings(
    count=6, tools=("graphviz",), domains=("process", "network topology"), most=6, side=700
)


def nasty(kind: Kind) -> Diagram:
    nodes = tuple(Node(f"n{i}", text, members=(text,)) for i, text in enumerate(NASTY))
    ids = [n.id for n in nodes]
    edges = tuple(Edge(a, b, NASTY[i]) for i, (a, b) in enumerate(pairwise(ids)))
    group = Group("g", NASTY[0])
    return Diagram(kind, (replace(nodes[0], group="g"), *nodes[1:]), edges, (group,), title=NASTY[1])


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as picture:
        assert len(picture.convert("L").getcolors(256) or ()) > 1, "the picture is blank"
        return picture.size


@graphviz
@pytest.mark.parametrize("kind", [Kind.FLOWCHART, Kind.CLASS])
def test_graphviz_draws_any_label(kind: Kind, tmp_path: Path) -> None:
    out = tmp_path / "a.png"
    assert draw_graphviz(to_dot(nasty(kind), Look("graphviz")), out, 1.0, 3000) == ""
    assert min(size_of(out)) > 50
    large = tmp_path / "b.png"
    assert "too large" in draw_graphviz(to_dot(nasty(kind), Look("graphviz")), large, 1.0, 80)
    assert not large.exists()


@graphviz
def test_graphviz_says_what_is_wrong(tmp_path: Path) -> None:
    assert "syntax error" in draw_graphviz("digraph {", tmp_path / "a.png", 1.0, 500)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("plantuml") is None, reason="PlantUML is not here")
def test_plantuml_draws_every_domain_and_any_label(tmp_path: Path) -> None:
    rng = random.Random(3)
    sources = {}
    for kind in (Kind.SEQUENCE, Kind.STATE, Kind.CLASS, Kind.BLOCK):
        sources[tmp_path / f"{kind}.png"] = to_plantuml(nasty(kind), Look("plantuml"))
    for domain, what in DOMAINS.items():
        if "plantuml" in what.tools:
            diagram = draw_diagram(rng, domain, (3, 6))[1]
            sources[tmp_path / f"{domain}.png"] = to_plantuml(diagram, choose_look(rng, "plantuml"))
    wrong = tmp_path / "wrong.png"
    said = draw_plantuml({**sources, wrong: "@startuml\nthis is no diagram at all\n@enduml\n"}, 4000)
    assert "refused" in said.pop(wrong)
    assert set(said.values()) == {""}
    assert all(min(size_of(p)) > 50 for p in sources)


@pytest.mark.slow
def test_mermaid_draws_every_domain_in_one_browser(tmp_path: Path) -> None:
    try:
        browser = MermaidBrowser()
    except MissingExtraError as error:
        pytest.skip(str(error))
    rng = random.Random(5)
    with browser:
        for domain in DOMAINS:
            out = tmp_path / f"{domain}.png"
            diagram = draw_diagram(rng, domain, (3, 6))[1]
            assert browser.draw(mermaid_item(diagram, choose_look(rng, "mermaid"), out, 1500)) == ""
            assert 60 < max(size_of(out)) <= 1510
        item = mermaid_item(diagram, Look("mermaid"), tmp_path / "x.png", 1500)
        assert browser.draw({**item, "code": "no diagram"}) != ""
        assert browser.draw({**item, "side": 20}).startswith("too large")
        assert browser.draw(item) == "", "it goes on after a failure"


@graphviz
def test_a_set_resumes_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataset, "BATCH", 4)
    assert synthesise(tmp_path / "whole", SMALL) == 6

    def stop(done: int, wanted: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        synthesise(tmp_path / "cut", SMALL, stop)
    with (tmp_path / "cut" / "pairs.jsonl").open("a") as lines:
        lines.write('{"id": "half a li')
    assert synthesise(tmp_path / "cut", SMALL) == 6
    whole, cut = (read_pairs(tmp_path / name / "pairs.jsonl") for name in ("whole", "cut"))
    assert whole == cut
    for pair in whole:
        assert (tmp_path / "whole" / pair.image).read_bytes() == (tmp_path / "cut" / pair.image).read_bytes()
    assert {p.name for p in (tmp_path / "cut" / "images").iterdir()} == {Path(p.image).name for p in cut}
    card = (tmp_path / "cut" / "card.md").read_text()
    assert "6 figures" in card and "| graphviz | 6 |" in card and "Apache-2.0" in card
    with pytest.raises(SettingsError, match="other settings"):
        synthesise(tmp_path / "cut", replace(SMALL, seed=9))


def test_figures_that_say_the_same_stand_in_one_split() -> None:
    """Their graphs differ in what a drawing hardly shows, so they are no doubles, and would leak."""
    nodes = (Node("a", "Order"), Node("b", "Invoice", members=("int total",)))
    plain, other = (Diagram(kind, nodes, (Edge("a", "b", "has"),)) for kind in (Kind.CLASS, Kind.ER))
    splits: dict[str, str] = {}
    first = Pair("1", "1.png", plain, "", "test", "easy", "records", "dot")
    again = Pair("2", "2.png", other, "", "train", "easy", "records", "dot")
    alone = Pair("3", "3.png", Diagram(Kind.CLASS, nodes, ()), "", "train", "easy", "records", "dot")
    told = [dataset._beside_its_like(p, splits).split for p in (first, again, alone, first)]
    assert told == ["test", "test", "train", "test"]


@graphviz
def test_nothing_that_can_be_drawn_ends_with_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dataset, "BATCH", 3)
    monkeypatch.setattr(dataset, "HOPELESS", 6)
    with pytest.raises(DICIngestError, match="too large"):
        synthesise(tmp_path, replace(SMALL, domains=("process",), least=30, most=40, side=200))


def test_settings_are_checked() -> None:
    with pytest.raises(SettingsError, match="no domain"):
        SynthesisSettings(domains=("poetry",))
    with pytest.raises(SettingsError, match="telecom call flow is drawn by mermaid, plantuml"):
        SynthesisSettings(tools=("graphviz",))
    for wrong in ({"count": 0}, {"least": 1}, {"side": 10}, {"test": 1.0}):
        with pytest.raises(SettingsError):
            SynthesisSettings(**wrong)


def test_absent_tools_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for call in (
        lambda: draw_graphviz("digraph {}", tmp_path / "a.png", 1, 100),
        lambda: draw_plantuml({tmp_path / "a.png": "@startuml"}, 100),
        lambda: render_mermaid.MermaidBrowser(),
    ):
        with pytest.raises(MissingExtraError, match="apt-get install"):
            call()
    with pytest.raises(MissingExtraError, match="mermaid, drawio, visio, powerpoint, excalidraw need it"):
        render_mermaid.MermaidBrowser()


def test_a_tool_draws_the_domains_that_it_can(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever names tools and no domains is not asked to find out which domains they draw."""
    asked: list[SynthesisSettings] = []
    monkeypatch.setattr(dataset, "synthesise", lambda out, settings, told: asked.append(settings) or 1)
    done = CliRunner().invoke(command, [str(tmp_path / "s"), "--tools", "graphviz"])
    assert done.exit_code == 0 and "graphviz do not draw: telecom call flow" in done.output
    assert set(asked[0].domains) == {d for d, made in DOMAINS.items() if "graphviz" in made.tools}
    done = CliRunner().invoke(command, [str(tmp_path / "s"), "--tools", "pencil"])
    assert isinstance(done.exception, SettingsError) and "'pencil'" in str(done.exception)


@graphviz
def test_the_command(tmp_path: Path) -> None:
    call = [
        str(tmp_path / "s"),
        "--count",
        "2",
        "--tools",
        "graphviz",
        "--domains",
        "data model",
        "--most",
        "5",
    ]
    done = CliRunner().invoke(command, call)
    assert done.exit_code == 0, done.output
    lines = (tmp_path / "s" / "pairs.jsonl").read_text().splitlines()
    assert len(lines) == 2 and json.loads(lines[0])["diagram"]["kind"] == "er"
    crow = json.loads(lines[0])["diagram"]["edges"][0]["target_end"]
    assert crow in {End.ZERO_OR_MANY, End.ZERO_OR_ONE}
