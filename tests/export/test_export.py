"""Results for other projects, read by those projects' own libraries."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from made_document import made, write_crops

from dic_ingest.batch.manifest import Entry, Manifest
from dic_ingest.batch.results import write_document
from dic_ingest.cli import group
from dic_ingest.errors import BundleError, MissingFileError, NotOursError
from dic_ingest.export.elements import to_elements
from dic_ingest.export.write import export
from dic_ingest.model.document import Heading, Table
from dic_ingest.nodes import NodeSettings, to_nodes

pytestmark = pytest.mark.filterwarnings("ignore")  # third parties' own deprecations


@pytest.fixture
def results(tmp_path: Path) -> Path:
    out = tmp_path / "out"
    (out / "orders").mkdir(parents=True)
    write_document(made(), out / "orders", NodeSettings())
    write_crops(out / "orders")
    Manifest(out).add(Entry("orders.pdf", "ok", name="orders", sha256=made().sha256))
    return out


def test_docling_reads_what_we_write_and_gives_it_back(results: Path, tmp_path: Path) -> None:
    docling = pytest.importorskip("docling_core.types.doc")
    from dic_ingest.export.docling import from_docling

    assert export(results, "docling", tmp_path / "docling") == 1
    text = (tmp_path / "docling" / "orders.json").read_text("utf-8")
    read = docling.DoclingDocument.model_validate_json(text)
    document = made()
    assert len(read.pictures) == len(document.figures) and len(read.pages) == len(document.pages)
    markdown = read.export_to_markdown()
    assert "Receive order" in markdown and "Orders are handled as Figure 3 shows" in markdown
    again = from_docling(text)
    assert [b.text for b in again.blocks if isinstance(b, Heading)] == [
        b.text for b in document.blocks if isinstance(b, Heading)
    ]
    figure = next(f for f in again.figures if "Figure 3" in f.printed_caption)
    before = next(f for f in document.figures if f.label == "Figure 3")
    assert figure.bbox == pytest.approx(before.bbox) and figure.page == before.page
    assert figure.description is not None and before.description is not None
    assert figure.description.caption == before.description.caption
    assert figure.route is not None and figure.route.kind == "flowchart"
    tables = [b for b in document.blocks if isinstance(b, Table)]
    assert [t.to_rows() for t in again.blocks if isinstance(t, Table)] == [t.to_rows() for t in tables]
    assert any("Receive order" in n.text and n.type == "figure" for n in to_nodes(again))
    with pytest.raises(BundleError, match="no DoclingDocument"):
        from_docling('{"a": 1}')


def test_unstructured_reads_our_elements(results: Path, tmp_path: Path) -> None:
    base = pytest.importorskip("unstructured.staging.base")
    assert export(results, "unstructured", tmp_path / "u") == 1
    values = json.loads((tmp_path / "u" / "orders.json").read_text("utf-8"))
    elements = base.elements_from_dicts(values)
    assert len(elements) == len(values) and {e.category for e in elements} >= {"Title", "Image", "Table"}
    image = next(e for e in elements if e.category == "Image" and "Receive order" in e.text)
    assert image.metadata.page_number == 1 and image.metadata.coordinates.points[0][0] >= 0
    assert len({e.id for e in elements}) == len(elements)


def test_elements_have_their_heading_as_parent() -> None:
    elements = to_elements(made())
    titles = {e["element_id"] for e in elements if e["type"] == "Title"}
    told = [e["metadata"]["parent_id"] for e in elements if "parent_id" in e["metadata"]]
    assert told and set(told) <= titles


def test_figures_as_a_data_set(results: Path, tmp_path: Path) -> None:
    said = CliRunner().invoke(
        group, ["export", str(results), "--to", "figures", "--into", str(tmp_path / "set")]
    )
    assert said.exit_code == 0 and "figures written" in said.output
    rows = [
        json.loads(line) for line in (tmp_path / "set" / "metadata.jsonl").read_text("utf-8").splitlines()
    ]
    assert rows and all((tmp_path / "set" / r["file_name"]).is_file() for r in rows)
    flow = next(r for r in rows if r["label"] == "Figure 3")
    assert json.loads(flow["graph"])["kind"] == "flowchart" and "Receive order" in flow["mermaid"]
    datasets = pytest.importorskip("datasets")
    read = datasets.load_dataset(
        "imagefolder", data_dir=str(tmp_path / "set"), split="train", cache_dir=str(tmp_path / "cache")
    )
    assert (
        len(read) == len(rows)
        and read[0]["image"].size[0] > 0
        and set(rows[0]) - {"file_name"} <= set(read[0])
    )


def test_what_is_there_is_not_replaced(results: Path, tmp_path: Path) -> None:
    target = tmp_path / "mine"
    target.mkdir()
    (target / "notes.txt").write_text("mine")
    with pytest.raises(NotOursError):
        export(results, "unstructured", target)
    assert [p.name for p in target.iterdir()] == ["notes.txt"]
    assert not list(tmp_path.glob(".dic-export-*"))
    assert export(results, "unstructured", tmp_path / "u") == export(results, "unstructured", tmp_path / "u")
    with pytest.raises(MissingFileError):
        export(tmp_path, "unstructured", tmp_path / "x")


def test_haystack_takes_the_nodes(results: Path) -> None:
    haystack = pytest.importorskip("haystack")
    from dic_ingest.haystack import DICConverter

    pipeline = haystack.Pipeline()
    pipeline.add_component("dic", DICConverter())
    found = pipeline.run({"dic": {"sources": [str(results)]}})["dic"]["documents"]
    lines = (results / "orders" / "nodes.jsonl").read_text("utf-8").splitlines()
    assert [d.id for d in found] == [json.loads(line)["id"] for line in lines]
    pictured = [d for d in found if d.meta.get("image_path")]
    assert pictured and all(Path(d.meta["image_path"]).is_file() for d in pictured)
    again = haystack.Pipeline.loads(pipeline.dumps(), allowed_modules=["dic_ingest.haystack"])
    assert "DICConverter" in again.dumps()
