"""The pages as files: what is written where, what is inside, what is said when something is missing."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_document import made
from PIL import Image
from reportlab.pdfgen.canvas import Canvas
from results_made import weighed, write

from dic_ingest.errors import BrokenFileError, InputError, MissingFileError, UnsupportedFileError
from dic_ingest.figures.settings import CropSettings
from dic_ingest.inspector.payload import GraphNames, pieces
from dic_ingest.inspector.pictures import PictureSettings
from dic_ingest.inspector.results import FailedDocument, find_results
from dic_ingest.inspector.site import SiteSettings, asset, json_text, page, write_site
from dic_ingest.model.description import Statement
from dic_ingest.model.document import Page
from dic_ingest.sources.pdf.document import PdfFile


def data_of(path: Path) -> dict[str, Any]:
    """The values inside a page."""
    text = path.read_text("utf-8")
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)
    assert found
    values: dict[str, Any] = json.loads(found[1])
    return values


def site(out: Path, **how: Any) -> tuple[Path, dict[str, Any]]:
    """Write the pages of a results folder; the first page and its values."""
    folder = out / "inspect"
    first = folder / write_site(find_results(out), folder, **how)
    return first, data_of(first)


def test_one_document_is_one_page_with_all_it_names(results: Path) -> None:
    first, values = site(results)
    assert first == results / "inspect" / "documents" / "orders.html"
    assert not (results / "inspect" / "index.html").exists()
    named = re.findall(r'(?:src|href)="([^"]+)"', first.read_text("utf-8"))
    assert "../assets/mermaid.min.js" in named
    pictures = [f["crop"]["src"] for f in values["figures"] if f["crop"]]
    assert len(pictures) == 2
    for name in (*named, *pictures):
        assert (first.parent / unquote(name)).is_file(), name
    assert "MIT" in (results / "inspect" / "assets" / "mermaid.LICENSE.txt").read_text("utf-8")


def test_nodes_and_figures_are_all_there(results: Path) -> None:
    _, values = site(results)
    lines = (results / "orders" / "nodes.jsonl").read_text("utf-8").splitlines()
    written = [json.loads(line) for line in lines]
    assert [n["text"] for n in values["nodes"]] == [n["text"] for n in written]
    assert [n["id"] for n in values["nodes"]] == [n["id"] for n in written]
    figures = values["figures"]
    assert [f["route"] for f in figures] == ["decoration", "diagram", "table", "duplicate"]
    flow = figures[1]
    assert flow["label"] == "Figure 3" and flow["review"] and flow["mentions"][0]["page"] == 1
    assert flow["mermaid"].startswith("flowchart TD")
    assert [s["support"] for s in flow["statements"]] == ["printed", "graph", "graph", "graph", ""]
    assert flow["statements"][3]["boxes"] == [[12.0, 48.0, 60.0, 60.0]]
    assert flow["statements"][3]["nodes"] == [1]
    assert flow["crop"]["size"] == [100.0, 100.0] and flow["graph"]["placed"]
    about = [n["figure"] for n in values["nodes"] if n["figure"] is not None]
    assert 1 in about


def test_a_folder_has_a_list_with_what_failed(results: Path) -> None:
    write(made("cd" * 32), results / "more & <others>")
    first, values = site(results, failures=[FailedDocument("torn.pdf", "torn.pdf is damaged.")])
    assert first == results / "inspect" / "index.html"
    assert [d["name"] for d in values["documents"]] == ["more & <others>", "orders"]
    assert values["failures"] == [{"name": "torn.pdf", "reason": "torn.pdf is damaged."}]
    for row in values["documents"]:
        assert data_of(first.parent / unquote(row["href"]))["index"] == "../index.html"
    orders = values["documents"][1]
    assert (orders["figures"], orders["left_out"], orders["review"]) == (1, 3, 1)
    assert orders["precision"] == pytest.approx(0.8)
    assert len(list(results.rglob("mermaid.min.js"))) == 1


def test_single_file_needs_no_other(results: Path) -> None:
    first, values = site(results, settings=SiteSettings(single_file=True))
    text = first.read_text("utf-8")
    assert sorted(p.name for p in (results / "inspect").rglob("*.*")) == ["orders.html"]
    assert not re.search(r"^<(?:script|link|img)[^>]+(?:src|href)=", text, re.M)
    assert values["figures"][1]["crop"]["src"].startswith("data:image/png;base64,")
    assert len(text) > 3_000_000 and text.count("</script>") == 3


def pdf(path: Path) -> Path:
    canvas = Canvas(str(path), pagesize=(595, 842), invariant=True)
    for _ in range(2):
        canvas.rect(100, 342, 200, 200)
        canvas.drawString(120, 400, "Receive order")
        canvas.showPage()
    canvas.save()
    return path


def test_pages_come_from_the_source_while_it_is_the_same(tmp_path: Path) -> None:
    source = pdf(tmp_path / "orders.pdf")
    with PdfFile(source) as opened:
        document = weighed(made(opened.sha256, source=str(source)))
    out = tmp_path / "out"
    write(document, out / "orders")
    heard: list[int] = []
    first, values = site(out, told=lambda name, number: heard.append(number))
    assert heard == [1, 2] and values["notes"] == []
    for leaf in values["pages"]:
        with Image.open(first.parent / unquote(leaf["src"])) as picture:
            assert picture.size == (round(595 / 72 * 120), round(842 / 72 * 120))
    assert all(f["crop"] for f in values["figures"])  # those left out too, cut from the page

    (out / "orders" / "figures" / "flow.png").unlink()
    _, values = site(out)
    assert values["notes"] == ["2 missing crops were cut again from the source."]
    size = (200 + 2 * CropSettings().margin,) * 2
    assert values["figures"][1]["crop"]["size"] == pytest.approx(size, abs=1)

    _, values = site(out, settings=SiteSettings(pictures=PictureSettings(max_pages=1)))
    assert [bool(p["src"]) for p in values["pages"]] == [True, False]
    assert "first 1" in values["notes"][0]

    source.write_bytes(source.read_bytes() + b"\n")
    _, values = site(out)
    assert "changed" in values["notes"][0] and not values["pages"][0]["src"]


def test_without_source_and_crops_the_page_says_so(results: Path) -> None:
    (results / "orders" / "figures" / "flow.png").unlink()
    (results / "orders" / "nodes.jsonl").unlink()
    _, values = site(results)
    assert [n.split(":")[0].split(" (")[0] for n in values["notes"]] == [
        "nodes.jsonl is missing",
        "The source file",
        "2 crops are missing and cannot be cut again.",
    ]
    assert len(values["nodes"]) > 5 and len(values["pages"]) == 2


@pytest.mark.parametrize("content", ["{", '{"id": 3}', '["x"]', '{"id": "a", "text": "b", "metadata": 4}'])
def test_damaged_nodes_are_cut_again(results: Path, content: str) -> None:
    (results / "orders" / "nodes.jsonl").write_text(content + "\n")
    _, values = site(results)
    assert values["notes"][0].startswith("nodes.jsonl is damaged") and len(values["nodes"]) > 5


def test_line_separators_inside_a_node_do_not_cut_its_line(results: Path) -> None:
    path = results / "orders" / "nodes.jsonl"
    path.write_text(
        path.read_text("utf-8").replace("Nothing waits long.", "Nothing\u2028waits\x85long."), "utf-8"
    )
    _, values = site(results)
    assert "nodes.jsonl" not in values["notes"][0]
    assert any("Nothing\u2028waits\x85long." in n["text"] for n in values["nodes"])


def test_a_crop_outside_the_folder_or_of_another_kind_is_not_taken(results: Path, tmp_path: Path) -> None:
    Image.new("RGB", (9, 9)).save(tmp_path / "secret.png")
    (results / "orders" / "figures" / "page.png").write_text("<svg onload=alert(1)>")
    path = results / "orders" / "document.json"
    plain = path.read_text("utf-8")
    for image in ("../../secret.png", str(tmp_path / "secret.png"), "figures/page.png", "figures", "a\0b"):
        path.write_text(plain.replace('"figures/flow.png"', json.dumps(image)), "utf-8")
        _, values = site(results)
        assert all(f["crop"] is None for f in values["figures"]), image


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "not readable JSON"),
        ("[1]", "is not a document"),
        ('{"schema": "dic_ingest.document/0"}', "expected schema"),
        ('{"schema": "dic_ingest.document/1"}', "not a document"),
        ("[" * 100_000, "not readable JSON"),
        ('{"x": NaN}', "not readable JSON"),
    ],
    ids=["empty", "list", "older", "bare", "deep", "nan"],
)
def test_bad_documents_are_one_line(results: Path, content: str, said: str) -> None:
    (results / "orders" / "document.json").write_text(content)
    with pytest.raises(BrokenFileError, match=said) as caught:
        site(results)
    assert "\n" not in str(caught.value) and "ngest the file again" in str(caught.value)
    write(made("cd" * 32), results / "fine")
    _, values = site(results)
    assert [f["name"] for f in values["failures"]] == ["orders"]
    assert [d["name"] for d in values["documents"]] == ["fine"]


@pytest.mark.parametrize(
    ("key", "value"),
    [("pages", [{"number": 1, "width": 1e999, "height": 3}]), ("source", 7), ("parser", {"name": 4})],
)
def test_values_of_wrong_types_are_one_line(results: Path, key: str, value: Any) -> None:
    path = results / "orders" / "document.json"
    text = json.dumps(json.loads(path.read_text("utf-8")) | {key: value})
    path.write_text(text.replace("Infinity", "1e999"), "utf-8")
    with pytest.raises(BrokenFileError, match="cannot be shown"):
        site(results)


def test_folders_without_results(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="does not exist"):
        find_results(tmp_path / "absent")
    with pytest.raises(UnsupportedFileError, match="holds no results"):
        find_results(tmp_path)
    with pytest.raises(InputError):
        find_results(tmp_path)


def test_one_documents_own_folder_will_do(results: Path) -> None:
    assert find_results(results / "orders") == [results / "orders"]


NASTY = "</script><script>alert(1)</script><!-- \u2028\u2029 & ' \" \ud800 %%{init: {}}%%"


def test_json_holds_no_markup_and_says_the_same() -> None:
    text = json_text({"a": NASTY, NASTY: [1.5, None]})
    assert not set(text) & set("<>&\u2028\u2029")
    assert json.loads(text)["a"] == NASTY.replace("\ud800", "?")


def test_titles_are_escaped_and_the_policy_is_strict(results: Path) -> None:
    text = page("index", NASTY, {"documents": [], "failures": []}, links=replace_links())
    assert "<script>alert" not in text and "&lt;/script&gt;" in text
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy
    rules = dict(rule.strip().split(" ", 1) for rule in policy[1].split(";"))
    assert rules["default-src"] == rules["connect-src"] == "'none'"
    assert re.fullmatch(r"'nonce-[0-9a-f]{32}'", rules["script-src"])
    assert "http" not in policy[1]


def replace_links() -> Any:
    from dic_ingest.inspector.site import Links

    return replace(Links(), assets="assets")


@given(st.lists(st.text(min_size=1, max_size=12)), st.lists(st.sampled_from([" ", "\n- ", "", "; "])))
def test_pieces_of_a_caption_are_the_caption(said: list[str], joints: list[str]) -> None:
    caption = "".join(text + (joints[k % len(joints)] if joints else " ") for k, text in enumerate(said))
    cut = pieces(caption, [Statement(s) for s in said])
    assert "".join(p["text"] for p in cut) == caption
    assert [p["statement"] for p in cut if p["statement"] is not None] == list(range(len(said)))


def test_a_statement_that_is_not_in_the_caption_follows() -> None:
    cut = pieces("One thing.", [Statement("Another."), Statement("One thing.")])
    assert [p["statement"] for p in cut] == [1, 0]


def test_statements_name_nodes_and_the_lines_between_them_in_their_direction() -> None:
    from results_made import PLACED

    named = GraphNames(PLACED)
    assert named.nodes('"Check stock" leads to "Ship parcel"') == [1, 2]
    assert named.edges('"Check stock" leads to "Ship parcel"', [1, 2]) == [1]
    assert named.edges('"Ship parcel" leads to "Check stock"', [1, 2]) == []
    assert named.nodes("Reship parcels") == []
    own, other, free = (12.0, 12.0, 60.0, 24.0), (12.0, 48.0, 60.0, 60.0), (60.0, 68.0, 80.0, 76.0)
    assert named.words([own, other, free], [0]) == [own, free]
    assert named.words([own, other, free], []) == [own, other, free]


def test_odd_pages_do_not_break(results: Path) -> None:
    document = replace(weighed(made()), pages=(Page(1, 0.0, 0.0),))
    write(document, results / "odd")
    _, values = site(results / "odd")
    assert len(values["pages"]) == 1 and len(values["figures"]) == 4


def test_the_bundled_mermaid_is_the_one_that_checks_our_sources() -> None:
    tool = Path(__file__).resolve().parents[2] / "tools" / "mermaid" / "package.json"
    version = json.loads(tool.read_text("utf-8"))["dependencies"]["mermaid"]
    assert f'version:"{version}"' in asset("mermaid.min.js")
