"""The pages in a real Chromium, opened from disk: they draw, filter, search, answer keys, stay harmless."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from chrome import Chrome
from made_document import figure, made, words
from results_made import EVIDENCE, PLACED, weighed, write

from dic_ingest.inspector.results import FailedDocument, find_results
from dic_ingest.inspector.site import SiteSettings, write_site
from dic_ingest.model.description import Change, Description
from dic_ingest.model.diagram import Diagram, Edge, Group, Kind, Node
from dic_ingest.model.document import Block, Document, Figure, Reference, Route, Text, Warning

pytestmark = pytest.mark.slow
SHOWN = "[...document.querySelectorAll('.node')].filter(n => n.offsetParent).map(n => n.dataset.name)"
SHOWN_FIGURES = f"({SHOWN}).filter(n => n[0] === 'f')"


def shown(chrome: Chrome, out: Path, fragment: str = "", **how: object) -> Path:
    """The first page of a results folder, opened."""
    folder = out / "inspect"
    first = folder / write_site(find_results(out), folder, **how)  # type: ignore[arg-type]
    chrome.open(first, fragment)
    return first


def quiet(chrome: Chrome) -> None:
    """No message on the console, nothing asked of a network."""
    chrome.run("new Promise(done => setTimeout(done, 50))")
    assert chrome.errors == []
    assert [r for r in chrome.requests if not r.startswith(("file:", "data:", "about:", "blob:"))] == []


@pytest.mark.parametrize("single", [False, True])
def test_a_page_draws_itself(chrome: Chrome, results: Path, single: bool) -> None:
    shown(chrome, results, settings=SiteSettings(single_file=single))
    nodes = (results / "orders" / "nodes.jsonl").read_text("utf-8").splitlines()
    chrome.until("document.querySelector('.redraw svg')")
    assert "Handbook of orders" in chrome.run("document.querySelector('h1').textContent")
    assert chrome.run("document.querySelectorAll('.node.text').length") == len(nodes) - 3
    drawn = chrome.run("document.querySelector('.redraw svg').textContent")
    assert "Receive order" in drawn and "in stock" in drawn
    assert chrome.run("document.querySelector('.picture img').naturalWidth") == 200
    said = "".join(chrome.run("[...document.querySelectorAll('.says')].map(s => s.textContent)")[0])
    assert said.startswith("Figure 3: Order handling. A flowchart with three steps.")
    told = chrome.run("document.querySelector('.retrieved').textContent")
    assert told == next(json.loads(x)["text"] for x in nodes if "Receive order" in x)
    quiet(chrome)


def test_statements_are_marked_and_tied_to_the_picture(chrome: Chrome, results: Path) -> None:
    shown(chrome, results)
    marks = chrome.run("[...document.querySelectorAll('.says .st')].map(s => s.className)")
    assert marks == ["st printed", "st graph", "st graph", "st graph", "st none"]
    chrome.point('[data-statement="3"]')
    boxes = "[...document.querySelectorAll('.over .support .word')].map(r => r.getAttribute('x'))"
    chrome.until(f"{boxes}.length === 1")
    assert chrome.run(boxes) == ["12"]
    assert chrome.run("document.querySelectorAll('.over .support .part').length") == 1
    chrome.point("#search")
    chrome.until(f"{boxes}.length === 0")
    chrome.run("document.querySelector('[data-statement=\"2\"]').click()")
    assert len(chrome.run(boxes)) == 1  # stays
    chrome.press("o")
    assert chrome.run("document.querySelectorAll('.over .read .part').length") == 3
    assert chrome.run("document.querySelectorAll('.over .read .tail').length") == 2
    quiet(chrome)


def test_filters_and_search(chrome: Chrome, results: Path) -> None:
    shown(chrome, results)
    everything = chrome.run(SHOWN)
    assert chrome.run(SHOWN_FIGURES) == ["f1", "f0", "f2", "f3"]

    def choose(name: str, value: str) -> list[str]:
        chrome.run(
            f"(() => {{ const s = document.getElementById('by-{name}'); s.value = '{value}';"
            "s.dispatchEvent(new Event('change')); })()"
        )
        found: list[str] = chrome.run(SHOWN)
        return found

    assert choose("route", "duplicate") == ["f3"]
    assert chrome.run("document.getElementById('count').textContent") == "1 of 4 figures"
    assert chrome.run("document.querySelectorAll('.spot.dim').length") == 3
    assert choose("route", "") == everything
    assert choose("kind", "flowchart") == ["f1", "f3"]
    assert choose("kind", "") == everything
    chrome.run("document.getElementById('review').click()")
    assert chrome.run(SHOWN) == ["f1"]
    chrome.run("document.getElementById('review').click()")
    chrome.press("/")
    chrome.call("Input.insertText", text="QUEUE-7")
    assert chrome.run(SHOWN) == ["f1"]
    chrome.press("Escape")
    assert chrome.run(SHOWN) == everything
    chrome.call("Input.insertText", text="nowhere at all")
    assert chrome.run(SHOWN) == [] and chrome.run("document.querySelector('.empty').offsetParent !== null")
    quiet(chrome)


def test_keys(chrome: Chrome, results: Path) -> None:
    shown(chrome, results)
    active = "document.querySelector('.node.on')?.dataset.name"
    for key, wanted in (("j", "f1"), ("j", "f0"), ("j", "f2"), ("k", "f0"), ("k", "f1")):
        chrome.press(key)
        assert chrome.run(active) == wanted
    assert chrome.run("document.querySelector('.spot.on').dataset.spot") == "f1"
    chrome.press("z")
    assert chrome.run("document.getElementById('viewer').open")
    chrome.press("Escape")
    chrome.until("!document.getElementById('viewer').open")
    chrome.press("f")
    assert chrome.run(SHOWN) == ["f1"]
    theme = "document.documentElement.dataset.theme"
    assert chrome.run(theme) == "light"
    chrome.press("d")
    assert chrome.run(theme) == "dark"
    chrome.until("document.querySelector('.redraw').dataset.drawn === 'true'")
    chrome.press("d")
    chrome.press("?")
    assert chrome.run("document.getElementById('help').open")
    quiet(chrome)


def test_dark_as_the_system_says(chrome: Chrome, results: Path) -> None:
    chrome.prefer("dark")
    shown(chrome, results)
    chrome.run("localStorage.clear()")
    chrome.call("Page.reload")
    chrome.until("document.readyState === 'complete' && document.querySelector('.stream') !== null")
    assert chrome.run("document.documentElement.dataset.theme") == "dark"
    back = chrome.run("getComputedStyle(document.body).backgroundColor")
    assert sum(map(int, back[4:-1].split(","))) < 150
    quiet(chrome)


def test_boxes_tell_the_route_and_its_reason(chrome: Chrome, results: Path) -> None:
    shown(chrome, results)
    chrome.point('[data-spot="f1"]')
    chrome.until("!document.querySelector('.tip').hidden")
    tip = chrome.run("document.querySelector('.tip').textContent")
    assert (
        "Figure 3" in tip and "flowchart 0.90" in tip and "boxes and arrows" in tip and "needs review" in tip
    )
    chrome.run("document.querySelector('[data-spot=\"f3\"]').click()")
    assert chrome.run("document.querySelector('.node.on').dataset.name") == "f3"
    colors = chrome.run(
        "['f0', 'f1', 'f3'].map(n => document.querySelector(`[data-spot=${n}]`))"
        ".map(e => getComputedStyle(e).borderColor)"
    )
    assert len(set(colors)) == 3


def test_an_unsure_kind_and_a_reading_of_another_kind_are_told(chrome: Chrome, tmp_path: Path) -> None:
    def doubt(f: Figure) -> Figure:
        return replace(f, route=Route("diagram", Kind.BLOCK, 0.3, "boxes")) if f.label == "Figure 3" else f

    write(weighed(made()).replace_figures(doubt), tmp_path / "orders")
    shown(chrome, tmp_path)
    heads = chrome.run("[...document.querySelectorAll('.card')].map(c => c.textContent).join()")
    assert "block · diagram · unsure" in heads and "as read: flowchart, 3 nodes, 2 lines" in heads
    quiet(chrome)


def test_the_list_of_documents(chrome: Chrome, results: Path) -> None:
    write(made("cd" * 32), results / "more <b>& others")
    first = shown(chrome, results, failures=[FailedDocument("torn.pdf", "torn.pdf is <i>damaged</i>.")])
    assert first.name == "index.html"
    rows = "[...document.querySelectorAll('a.doc')].filter(d => d.offsetParent).length"
    assert chrome.run(rows) == 2
    assert "torn.pdf is <i>damaged</i>." in chrome.run("document.querySelector('.failed').textContent")
    chrome.run("document.getElementById('review').click()")
    assert chrome.run(rows) == 1
    # after the answer: a click that leaves the page at once may leave it without one
    chrome.run("void setTimeout(() => document.querySelector('a.doc:not([hidden])').click(), 50)")
    chrome.until("document.body?.dataset.kind === 'document' && document.querySelector('.back') !== null")
    chrome.run("void setTimeout(() => document.querySelector('.back').click(), 50)")
    chrome.until("document.body?.dataset.kind === 'index' && document.querySelector('a.doc') !== null")
    quiet(chrome)


EVIL = (
    '<img src=x onerror="window.pwned=1">',
    "</script><script>window.pwned=2</script>",
    '"><svg onload=window.pwned=3>',
    "javascript:window.pwned=4",
    "%%{init: {'securityLevel': 'loose', 'htmlLabels': true, 'themeCSS': 'body{display:none}'}}%%",
    'click n1 call pwn() "x"',
    'click n1 href "javascript:window.pwned=5"',
    "<style>body{display:none}</style>",
    '<iframe srcdoc="<script>top.pwned=6</script>">',
    "&lt;script&gt;window.pwned=7&lt;/script&gt;",
    "#lt;img src=x onerror=window.pwned=8#gt;",
    "${alert(1)} {{constructor.constructor('window.pwned=9')()}}",
    "`<a href='javascript:window.pwned=10'>x</a>`",
    "\u2028\u2029--><!--<script>",
)


def evil_document(kind: Kind) -> Document:
    """Every string that a file may bring is an attack."""
    nodes = tuple(
        Node(f"{evil}{k}", evil, bbox=(10, 10.0 + 6 * k, 90, 14.0 + 6 * k), members=EVIL[:2])
        for k, evil in enumerate(EVIL)
    )
    pairs = pairwise(nodes)
    edges = tuple(Edge(a.id, b.id, EVIL[k % len(EVIL)]) for k, (a, b) in enumerate(pairs))
    nodes = (replace(nodes[0], group=EVIL[1]), *nodes[1:])
    graph = Diagram(kind, nodes, edges, (Group(EVIL[1], EVIL[0]),), EVIL[1], EVIL, unread=EVIL)
    weighed_so = replace(EVIDENCE, changes=(Change(EVIL[0], EVIL[1], EVIL[2]),), conflicts=EVIL)
    said = Description(" ".join(EVIL), graph, EVIL[0], EVIL[1], "", weighed_so, suspicious=EVIL)
    box = (100.0, 300.0, 300.0, 500.0)
    route = Route("diagram", kind, 0.9, EVIL[1])
    evil = figure(1, box, 3, label=EVIL[0], printed_caption=EVIL[1], section=EVIL[2], route=route)
    evil = replace(
        evil,
        description=said,
        embedded_words=words(" ".join(EVIL)),
        references=(Reference("x", 1, EVIL[1]),),
        footnotes=EVIL,
        image="figures/flow.png",
        dpi=144.0,
    )
    document = made()
    blocks: tuple[Block, ...] = (Text("t", 1, (50, 90, 300, 120), 0, "\n\n".join(EVIL)), evil)
    warned = tuple(Warning(e, e, 1) for e in EVIL)
    return replace(document, source=EVIL[1], blocks=(*document.blocks[1:3], *blocks), warnings=warned)


@pytest.mark.parametrize(
    "kind", [Kind.FLOWCHART, Kind.SEQUENCE, Kind.STATE, Kind.CLASS, Kind.ER, Kind.TOPOLOGY], ids=str
)
def test_hostile_strings_stay_text(chrome: Chrome, tmp_path: Path, kind: Kind) -> None:
    write(evil_document(kind), tmp_path / "out" / "evil")
    shown(chrome, tmp_path / "out", "#f0")
    chrome.until("document.querySelector('.redraw.done, .redraw.failed')")
    assert chrome.run("document.querySelector('.redraw.done') !== null"), chrome.run(
        "document.querySelector('.redraw').textContent"
    )
    drawn = chrome.run(
        "[...document.querySelectorAll('.redraw text')].map(t => t.textContent).join('').replace(/\\s+/g, '')"
    )
    for evil in EVIL:  # all of it is there, as text
        assert "".join(evil.partition("--><!--")[0].split()) in drawn
    assert chrome.run("window.pwned === undefined")
    assert chrome.run("document.querySelectorAll('script').length") == 3
    assert chrome.run("document.querySelectorAll('iframe, object, embed, foreignObject').length") == 0
    assert chrome.run("document.querySelectorAll('img').length") <= 3
    handlers = (
        "[...document.querySelectorAll('*')].flatMap(e => [...e.attributes]).filter(a => /^on/.test(a.name))"
    )
    assert chrome.run(f"{handlers}.length") == 0
    links = "[...document.querySelectorAll('[href], [*|href]')].map(e => e.getAttribute('href') || '')"
    assert not [h for h in chrome.run(links) if "javascript" in h]
    assert chrome.run("getComputedStyle(document.body).display") == "grid"
    assert chrome.run("document.querySelector('.head h2').textContent").startswith(EVIL[0])
    quiet(chrome)


def test_five_hundred_figures(chrome: Chrome, tmp_path: Path) -> None:
    document = made()
    said = Description(" ".join(s.text for s in EVIDENCE.statements), PLACED, "dic-small", "", "", EVIDENCE)
    many = tuple(
        figure(1, (20.0, 20.0 + k, 80.0, 60.0 + k), k, label=f"Figure {k}", description=said,
               image="figures/flow.png", dpi=144.0)
        for k in range(500)
    )  # fmt: skip
    write(replace(document, blocks=many), tmp_path / "out" / "many")
    start = time.monotonic()
    shown(chrome, tmp_path / "out")
    chrome.until("document.querySelector('.redraw svg')")
    assert time.monotonic() - start < 20
    assert chrome.run("document.querySelectorAll('.card').length") == 500
    chrome.run("new Promise(done => setTimeout(done, 500))")
    assert chrome.run("document.querySelectorAll('.redraw svg').length") < 12
    chrome.press("/")
    chrome.call("Input.insertText", text="figure 499")
    chrome.press("Enter")
    assert chrome.run("document.querySelector('.node.on').dataset.name") == "f499"
    chrome.until("document.querySelector('[data-name=f499] .redraw svg')")
    quiet(chrome)


def test_narrow_windows_and_missing_pictures(chrome: Chrome, results: Path) -> None:
    (results / "orders" / "figures" / "flow.png").unlink()
    chrome.resize(420, 800)
    shown(chrome, results)
    assert "crops are missing" in chrome.run("document.querySelector('.notes').textContent")
    assert "The crop is not there" in chrome.run("document.querySelector('.plate').textContent")
    assert chrome.run("document.documentElement.scrollWidth") <= 420
    assert chrome.run("document.querySelector('.pages').offsetParent === null")
    chrome.press("p")
    assert chrome.run("document.querySelector('.pages').offsetParent !== null")
    quiet(chrome)


def test_a_weighed_document_is_the_fixture() -> None:
    kept = [f for f in weighed(made()).figures if f.description]
    assert len(kept) == 1 and kept[0].description and kept[0].description.evidence is EVIDENCE


def test_a_citation_opens_at_its_line(chrome: Chrome, results: Path) -> None:
    cited = "document.querySelector('.over .cited')"
    first = shown(chrome, results, "#figure-2:edge-2")
    chrome.until(cited)
    points = chrome.run(f"{cited}.querySelector('polyline').getAttribute('points')")
    assert points == "50,65 50,80" and chrome.run("document.querySelectorAll('.cited').length") == 1
    assert chrome.run("document.querySelector('.node.on').dataset.name") == "f1"
    lines = (results / "orders" / "nodes.jsonl").read_text("utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    node = next(r for r in records if r["metadata"].get("figure_label") == "Figure 3")
    chrome.run(f"location.hash = {node['id'] + ':node-3'!r}")
    chrome.until(f"{cited}.querySelector('rect')")
    assert chrome.run(f"{cited}.querySelector('rect').getAttribute('y')") == "80"
    text = next(r for r in records if r["type"] == "text")
    chrome.run(f"location.hash = {text['id']!r}")
    chrome.until("document.querySelector('.node.text.on')")
    chrome.run("location.hash = 'figure-99:edge-1'")
    chrome.run("location.hash = '%'")
    assert first.is_file()
    quiet(chrome)
