"""Saved MinerU output of every contract gives the same kind of document."""

from __future__ import annotations

import base64
import io
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from dic_ingest.errors import BundleError
from dic_ingest.mineru.output.read import read_bundle
from dic_ingest.model.document import Code, Document, Equation, Heading, List, Page, Table, Text

SYNTH = Path(__file__).parent.parent / "fixtures" / "mineru4_flash_synth"
GRID = "<table><tr><th>a</th><th>b</th></tr><tr><td>1 &lt;</td><td></td></tr></table>"
PAGES = (Page(1, 500.0, 1000.0), Page(2, 500.0, 1000.0))


def zipped(folder: Path, target: Path, prefix: str = "") -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for file in folder.rglob("*"):
            if file.is_file():
                archive.write(file, prefix + str(file.relative_to(folder)))
    return target


def png() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(buffer, "PNG")
    return buffer.getvalue()


def middle(*blocks: dict[str, Any], tier: str = "advanced", **more: Any) -> dict[str, Any]:
    return {
        "schema": "docvortex.middle",
        "schema_version": "2.0",
        "metadata": {"producer": {"name": "mineru", "version": "4.0.12"}},
        "extensions": {
            "mineru": {"tier": tier},
            "docvortex_layout": {"pages": [{"page_idx": 0, "width_pt": 500.0, "height_pt": 1000.0}]},
        },
        "pages": [{"page_idx": 0, "blocks": list(blocks)}],
        **more,
    }


def only_figure(document: Document) -> Any:
    (figure,) = document.figures
    return figure


def test_a_folder_of_flash_output_gives_blocks_in_points() -> None:
    document = read_bundle(SYNTH)
    assert document.parser.tier == "flash" and document.parser.version == "4.0.12"
    assert [(p.number, p.width, p.height) for p in document.pages] == [(1, 612.0, 792.0), (2, 612.0, 792.0)]
    assert [b.type for b in document.blocks] == ["text", "text", "figure", "text", "figure", "text"]
    assert [b.order for b in document.blocks] == list(range(6))
    figure = document.figures[0]
    assert (
        figure.printed_caption == "Figure 1: Vector flowchart of the ingestion pipeline."
        and figure.label == ""
    )
    assert figure.bbox == pytest.approx((109.5, 167.1, 430.2, 382.5), abs=0.1)
    assert figure.caption_boxes == (pytest.approx((72.2, 406.3, 318.9, 419.8), abs=0.1),)
    assert figure.hint is not None and figure.hint.source == "embedded_text"
    assert "Figure router" in figure.hint.content
    assert Path(figure.image) == (SYNTH / "images/page_0_image_2.jpg").resolve()
    assert not any("Figure 1" in b.content for b in document.blocks if b is not figure)


def test_folder_zip_json_and_dict_agree(tmp_path: Path) -> None:
    plain = [(b.type, b.bbox, b.content) for b in read_bundle(SYNTH).blocks]
    values = json.loads((SYNTH / "middle_json.json").read_text())
    archive = zipped(SYNTH, tmp_path / "bundle.zip", "name/")
    for source in (archive, str(SYNTH / "middle_json.json"), values):
        assert [(b.type, b.bbox, b.content) for b in read_bundle(source).blocks] == plain


def test_pictures_of_a_zip_go_to_the_folder_given(tmp_path: Path) -> None:
    archive = zipped(SYNTH, tmp_path / "bundle.zip", "name/")
    assert all(f.image == "" for f in read_bundle(archive).figures)
    document = read_bundle(archive, images=tmp_path / "pictures")
    for figure, original in zip(document.figures, ("page_0_image_2.jpg", "page_0_image_5.jpg"), strict=True):
        assert Path(figure.image).parent == tmp_path / "pictures"
        assert Path(figure.image).read_bytes() == (SYNTH / "images" / original).read_bytes()
    assert document.warnings == ()


def test_page_sizes_given_win_and_ids_hang_on_the_digest() -> None:
    first = read_bundle(SYNTH, pages=PAGES, sha256="a" * 64)
    assert first.pages == PAGES and first.sha256 == "a" * 64
    assert first.figures[0].bbox == pytest.approx((89.5, 211.0, 351.5, 483.0))
    assert [b.id for b in read_bundle(SYNTH, pages=PAGES, sha256="a" * 64).blocks] == [
        b.id for b in first.blocks
    ]
    assert len({b.id for b in first.blocks}) == len(first.blocks)
    assert read_bundle(SYNTH, pages=PAGES, sha256="b" * 64).blocks[0].id != first.blocks[0].id


def test_a_page_beyond_the_pdf_is_told() -> None:
    document = read_bundle(SYNTH, pages=PAGES[:1])
    assert [w.code for w in document.warnings] == ["page_count"]
    assert [p.number for p in document.pages] == [1, 2]


def test_chart_and_flowchart_keep_what_mineru_saw() -> None:
    """Composed by hand after the published schema; MinerU's own model was not run."""
    body = {"type": "chart_body", "image_path": "", "content": "|a|b|\n|-|-|\n|1|2|"}
    caption = {
        "type": "chart_caption",
        "bbox": [0.1, 0.5, 0.4, 0.6],
        "content": [{"type": "text", "content": "Abb. 3"}],
    }
    chart = {"type": "chart", "bbox": [0.1, 0.1, 0.5, 0.5], "sub_type": "bar", "content": [body, caption]}
    flow = {
        "type": "image",
        "bbox": [0.5, 0.1, 0.9, 0.5],
        "sub_type": "flowchart",
        "content": [{"type": "image_body", "content": "```mermaid\ngraph TD\nA-->B\n```"}],
    }
    document = read_bundle(middle(chart, flow))
    bars, graph = document.figures
    assert bars.hint is not None and (bars.hint.source, bars.hint.sub_type) == ("mineru_vlm", "chart/bar")
    assert bars.printed_caption == "Abb. 3" and bars.caption_boxes == ((50.0, 500.0, 200.0, 600.0),)
    assert graph.hint is not None and graph.hint.source == "mineru_vlm" and "A-->B" in graph.hint.content
    plain = read_bundle(middle({**chart, "sub_type": None}, tier="basic")).figures[0].hint
    assert plain is not None and (plain.source, plain.sub_type) == ("layout", "chart")


def test_every_block_type_of_middle_json() -> None:
    def span(text: str) -> list[dict[str, str]]:
        return [{"type": "text", "content": text}]

    blocks = [
        {"type": "doc_title", "level": 1, "content": span("Title")},
        {"type": "paragraph_title", "level": 2, "content": span("Part")},
        {
            "type": "text",
            "content": [
                {"type": "text", "content": "see "},
                {"type": "hyperlink", "url": "https://example.org", "content": span("there")},
                {"type": "text", "content": " where "},
                {"type": "equation_inline", "content": "a^2"},
            ],
        },
        {"type": "header", "content": span("running head")},
        {"type": "page_footnote", "content": span("1 note")},
        {"type": "equation", "content": "$$x = y$$"},
        {
            "type": "list",
            "content": [
                {"type": "text", "content": span("one")},
                {"type": "list", "content": [{"type": "text", "content": span("deep")}]},
            ],
        },
        {
            "type": "table",
            "content": [
                {"type": "table_caption", "content": span("Table 1")},
                {"type": "table_body", "content": GRID},
                {"type": "table_footnote", "content": span("* est.")},
            ],
        },
        {"type": "code", "guess_lang": "python", "content": [{"type": "code_body", "content": "x = 1\n  y"}]},
    ]
    document = read_bundle(middle(*blocks))
    title, part, text, head, note, equation, items, table, code = document.blocks
    assert isinstance(title, Heading) and title.level == 1 and isinstance(part, Heading) and part.level == 2
    assert isinstance(text, Text) and text.text == "see there where $a^2$"
    assert (
        isinstance(head, Text)
        and head.role == "header"
        and isinstance(note, Text)
        and note.role == "footnote"
    )
    assert isinstance(equation, Equation) and equation.latex == "x = y"
    assert isinstance(items, List) and items.items == ("one", "    deep")
    assert isinstance(table, Table) and table.text == "a\tb\n1 <\t" and table.caption == "Table 1"
    assert table.footnotes == ("* est.",) and table.html.startswith("<table>")
    assert isinstance(code, Code) and code.text == "x = 1\n  y" and code.language == "python"
    assert document.warnings == ()


def test_unknown_blocks_stay_as_text_with_one_warning() -> None:
    odd = [{"type": "hologram", "content": [{"type": "text", "content": f"words {i}"}]} for i in range(3)]
    document = read_bundle(middle(*odd))
    assert [b.content for b in document.blocks] == ["words 0", "words 1", "words 2"]
    (warning,) = document.warnings
    assert warning.code == "unknown_block" and "hologram (3)" in warning.message


def test_the_richest_contract_in_a_folder_is_taken(tmp_path: Path) -> None:
    place = tmp_path / "out" / "paper" / "vlm"
    place.mkdir(parents=True)
    (place / "paper_content_list.json").write_text('[{"type": "text", "text": "from v1"}]')
    assert read_bundle(tmp_path / "out").blocks[0].content == "from v1"
    (place / "paper_content_list_v2.json").write_text(
        '[[{"type": "paragraph", "content": {"paragraph_content": [{"content": "from v2"}]}}]]'
    )
    assert read_bundle(tmp_path / "out").blocks[0].content == "from v2"
    shutil.copy(SYNTH / "middle_json.json", place / "middle_json.json")
    assert read_bundle(tmp_path).blocks[0].content == "Pipeline overview"


def test_two_documents_in_a_folder_are_not_guessed_between(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}_content_list.json").write_text("[]")
    with pytest.raises(BundleError, match="2 documents"):
        read_bundle(tmp_path)


def test_unknown_page_size_is_told() -> None:
    document = read_bundle([{"type": "text", "text": "a", "bbox": [0, 0, 1000, 1000], "page_idx": 0}])
    assert document.blocks[0].bbox == (0, 0, 612, 792)
    assert [w.code for w in document.warnings] == ["page_size"]


def test_a_data_uri_becomes_a_file_where_a_folder_is_given(tmp_path: Path) -> None:
    uri = "data:image/png;base64," + base64.b64encode(png()).decode()
    items = [{"type": "image", "img_path": uri, "image_caption": [], "bbox": [0, 0, 9, 9], "page_idx": 0}]
    assert only_figure(read_bundle(items, pages=PAGES)).image == ""
    figure = only_figure(read_bundle(items, pages=PAGES, images=tmp_path))
    assert Path(figure.image).read_bytes() == png() and Path(figure.image).suffix == ".png"
