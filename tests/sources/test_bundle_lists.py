"""content_list v1 and v2 and the older middle.json, composed after the published schemas."""

from __future__ import annotations

from typing import Any

import pytest

from dic_ingest.mineru.output.read import read_bundle
from dic_ingest.model.document import Heading, Page, Text

PAGES = (Page(1, 500.0, 1000.0), Page(2, 500.0, 1000.0))


def test_content_list_v1_both_spellings_and_furniture() -> None:
    items: list[dict[str, Any]] = [
        {"type": "text", "text": "Intro", "text_level": 1, "bbox": [100, 50, 500, 80], "page_idx": 0},
        {
            "type": "image",
            "img_path": "",
            "img_caption": ["Figure 9: old key"],
            "img_footnote": ["note"],
            "page_idx": 0,
        },
        {
            "type": "chart",
            "img_path": "",
            "content": "",
            "chart_caption": ["Abb. 3-58"],
            "chart_footnote": [],
            "bbox": [0, 0, 1000, 500],
            "page_idx": 1,
        },
        {
            "type": "table",
            "table_body": "<table><tr><td>1</td></tr></table>",
            "table_caption": ["T"],
            "page_idx": 1,
        },
        {"type": "equation", "text": "$$\na+b\n$$", "text_format": "latex", "page_idx": 1},
        {
            "type": "code",
            "sub_type": "code",
            "code_body": "print()",
            "code_caption": ["Listing 1"],
            "page_idx": 1,
        },
        {"type": "list", "sub_type": "text", "list_items": ["- a", "- b"], "page_idx": 1},
        {"type": "page_number", "text": "7", "page_idx": 1},
    ]
    document = read_bundle(items, pages=PAGES)
    heading, old, chart, table, equation, code, listed, number = document.blocks
    assert heading.bbox == pytest.approx((50, 50, 250, 80)) and isinstance(heading, Heading)
    figure, bars = document.figures
    assert (
        figure.id == old.id
        and figure.printed_caption == "Figure 9: old key"
        and figure.footnotes == ("note",)
    )
    assert figure.bbox is None and figure.hint is None
    assert bars.id == chart.id and bars.bbox == (0, 0, 500, 500) and bars.printed_caption == "Abb. 3-58"
    assert bars.hint is not None and bars.hint.sub_type == "chart"
    assert table.content == "T\n1" and equation.content == "a+b" and code.content == "Listing 1\nprint()"
    assert listed.content == "- a\n- b" and isinstance(number, Text) and number.role == "page_number"


def test_content_list_v2() -> None:
    def spans(text: str) -> list[dict[str, str]]:
        return [{"type": "text", "content": text}]

    source = {"path": "images/none.jpg"}
    pages = [
        [],
        [
            {
                "type": "title",
                "content": {"title_content": spans("Part"), "level": 2},
                "bbox": [0, 0, 500, 100],
            },
            {
                "type": "paragraph",
                "content": {
                    "paragraph_content": [*spans("so  "), {"type": "equation_inline", "content": "x"}]
                },
            },
            {
                "type": "image",
                "sub_type": "flowchart",
                "content": {
                    "image_source": source,
                    "image_caption": spans("Figure 1: Flow"),
                    "content": "graph TD",
                },
            },
            {"type": "list", "content": {"list_items": [{"item_content": spans("one")}]}},
            {"type": "page_footer", "content": {"page_footer_content": spans("foot")}},
            {
                "type": "algorithm",
                "content": {"algorithm_content": spans("loop"), "algorithm_caption": spans("A1")},
            },
            {"type": "mystery", "content": {"mystery_content": spans("kept")}},
        ],
    ]
    document = read_bundle(pages, pages=PAGES)
    assert {b.page for b in document.blocks} == {2}
    assert [b.type for b in document.blocks] == ["heading", "text", "figure", "list", "text", "code", "text"]
    assert document.blocks[1].content == "so $x$" and document.blocks[-1].content == "kept"
    (figure,) = document.figures
    assert figure.printed_caption == "Figure 1: Flow" and figure.hint is not None
    assert figure.hint.source == "mineru_vlm"
    assert {w.code for w in document.warnings} == {"unknown_block"}


def test_pdf_info_of_mineru_1_to_3_is_scaled_and_joined() -> None:
    def line(*texts: str, box: tuple[int, ...] = (10, 10, 90, 20)) -> dict[str, Any]:
        return {"bbox": list(box), "spans": [{"type": "text", "content": t} for t in texts]}

    blocks = [
        {"type": "title", "bbox": [10, 10, 90, 20], "lines": [line("Title")], "index": 0},
        {
            "type": "text",
            "bbox": [10, 30, 90, 60],
            "lines": [line("a hyphen-"), line("ated", "word")],
            "index": 2,
        },
        {
            "type": "image",
            "bbox": [10, 70, 90, 150],
            "index": 3,
            "blocks": [
                {
                    "type": "image_body",
                    "bbox": [10, 70, 90, 140],
                    "lines": [{"spans": [{"type": "image", "image_path": "x.jpg"}]}],
                },
                {"type": "image_caption", "bbox": [10, 142, 90, 150], "lines": [line("Fig. 1 Flow")]},
            ],
        },
    ]
    head = {"type": "header", "bbox": [10, 1, 90, 5], "lines": [line("head")], "index": 1}
    page = {"page_idx": 0, "page_size": [100, 200], "para_blocks": blocks, "discarded_blocks": [head]}
    data = {"pdf_info": [page], "_backend": "vlm", "_version_name": "3.4.5"}
    document = read_bundle(data, pages=PAGES)
    assert (document.parser.version, document.parser.tier) == ("3.4.5", "vlm")
    assert [b.content for b in document.blocks] == ["Title", "head", "a hyphenated word", "Fig. 1 Flow"]
    (figure,) = document.figures
    assert figure.bbox == (50, 350, 450, 700) and figure.caption_boxes == ((50, 710, 450, 750),)
    assert read_bundle(data).pages == (Page(1, 100, 200),)
