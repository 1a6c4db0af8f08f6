"""Captions in text that flows: bound by order, taken out of the text once."""

from __future__ import annotations

from dic_ingest.figures.captions import bind_in_flow
from dic_ingest.figures.recovery import recover_figures
from dic_ingest.model.document import Block, Document, Figure, Page, Parser, Text
from dic_ingest.model.drawing import Drawing


def text(said: str) -> Text:
    return Text(said[:4], 1, None, 0, said)


def figure(caption: str = "") -> Figure:
    return Figure(f"f{caption[:3]}", 1, None, 0, printed_caption=caption)


def told(blocks: list[Block]) -> list[str]:
    return [f"{b.label}|{b.printed_caption}" if isinstance(b, Figure) else b.content for b in blocks]


def test_below_then_above_and_each_caption_once() -> None:
    blocks: list[Block] = [
        text("Words."),
        figure(),
        text("Figure 1: The first."),
        figure(),
        text("More words."),
    ]
    assert told(bind_in_flow(blocks)) == ["Words.", "Figure 1|The first.", "|", "More words."]
    assert told(bind_in_flow([text("Fig. 2. Above."), figure(), text("Words.")])) == [
        "Fig. 2|Above.",
        "Words.",
    ]


def test_a_sentence_about_a_figure_is_no_caption() -> None:
    blocks: list[Block] = [figure(), text("Figure 1 shows the way of a parcel.")]
    assert told(bind_in_flow(blocks)) == ["|", "Figure 1 shows the way of a parcel."]
    long: list[Block] = [figure(), text("Figure 1: " + "long " * 200)]
    assert len(bind_in_flow(long)) == 2


def test_a_caption_the_parser_gave_is_split_and_the_text_stays() -> None:
    blocks: list[Block] = [figure("Figure 7: Given."), text("Figure 8: Of another.")]
    assert told(bind_in_flow(blocks)) == ["Figure 7|Given.", "Figure 8: Of another."]


def test_recovery_binds_where_blocks_have_no_boxes() -> None:
    blocks = (text("Words."), figure(), text("Figure 1: The first."))
    document = Document("a", "0" * 64, Parser("office"), (Page(1, 595, 842),), blocks)
    found = recover_figures(document, lambda n: Drawing(595, 842))
    assert told(list(found.blocks)) == ["Words.", "Figure 1|The first."]
    assert [b.order for b in found.blocks] == [0, 1]
