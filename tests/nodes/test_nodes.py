"""Documents as nodes: what is joined and what is not, figures with all their words, ids, references."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from made_document import FLOW_TEXT, SHA, described, figure, made, words

from dic_ingest.errors import SettingsError
from dic_ingest.model.diagram import Kind
from dic_ingest.model.document import (
    NOT_ASKED_FOR,
    Document,
    Figure,
    Heading,
    Hint,
    Page,
    Parser,
    Reference,
    Route,
    Table,
    Text,
)
from dic_ingest.nodes import NodeRecord, NodeSettings, to_nodes
from dic_ingest.nodes.splitting import tokens


def one_figure(**known: object) -> Document:
    box = (10.0, 10.0, 200.0, 200.0)
    return Document("a.pdf", SHA, Parser("made"), (Page(1, 500, 800),), (figure(1, box, 0, **known),))


def paragraphs(*texts: str, page: int = 1) -> Document:
    blocks = tuple(Text(f"b{i}", page, (0, i * 20.0, 100, i * 20 + 15.0), i, t) for i, t in enumerate(texts))
    return Document("a.pdf", SHA, Parser("made"), (Page(1, 500, 800),), blocks)


def test_nodes_stand_in_reading_order() -> None:
    nodes = to_nodes(made())
    assert [n.type for n in nodes] == [
        "text",
        "figure",
        "text",
        "text",
        "table",
        "table",
        "figure",
        "code",
        "text",
    ]
    assert [n.metadata["page"] for n in nodes] == [1, 1, 1, 2, 2, 2, 2, 2, 2]
    assert [n.metadata["dic_order"] for n in nodes] == list(range(len(nodes)))
    for before, after in pairwise(nodes):
        assert before.next == after.id == before.metadata["dic_next_id"]
        assert after.prev == before.id == after.metadata["dic_prev_id"]
    assert nodes[0].prev == nodes[-1].next == ""


def test_every_node_says_how_its_document_was_laid_out() -> None:
    document = replace(made(), parser=Parser("mineru", "4.0.12", "standard"))
    assert {n.metadata["tier"] for n in to_nodes(document)} == {"standard"}


def test_headings_go_with_the_text_below_them_and_furniture_goes() -> None:
    nodes = to_nodes(made())
    assert nodes[0].text.startswith("Handbook of orders\n2 Orders\n\nOrders are handled")
    assert "- letters" in nodes[0].text
    assert nodes[2].text.startswith("2 Orders\n\nAfter the flow")
    assert nodes[0].metadata["section"] == nodes[2].metadata["section"] == "2 Orders"
    assert nodes[-1].text == "3 Outlook"
    assert not any("confidential" in n.text for n in nodes)
    kept = to_nodes(made(), NodeSettings(furniture=True))
    assert any("confidential" in n.text for n in kept)


def test_metadata_is_flat_and_says_where_things_are() -> None:
    for node in to_nodes(made()):
        assert all(isinstance(v, str | int | float | bool) for v in node.metadata.values())
        assert {"file_name", "page", "page_label", "dic_type", "dic_node_id", "bbox"} <= set(node.metadata)
        assert node.metadata["file_name"] == "orders.pdf"
        assert node.metadata["dic_node_id"] == node.id
    assert to_nodes(made())[1].metadata["bbox"] == "100.0,300.0,300.0,500.0"


def test_a_line_of_nodes_jsonl_reads_back() -> None:
    for node in to_nodes(made()):
        line = json.loads(json.dumps(node.to_dict()))
        assert {"id", "text", "metadata"} <= set(line)
        assert NodeRecord.from_dict(line) == node


def test_figure_text_names_label_place_logic_and_every_word() -> None:
    flow = next(n for n in to_nodes(made()) if n.type == "figure")
    assert flow.text.startswith("Figure 3: Order handling\nSection: 2 Orders. Document: Handbook of orders\n")
    assert "goes on to 'Ship parcel'" in flow.text
    assert "The text says: Orders are handled as Figure 3 shows." in flow.text
    assert flow.text.count("Order handling") == 1
    assert flow.text.endswith("Words in the figure: queue-7")
    assert flow.metadata["figure_label"] == "Figure 3"
    assert flow.metadata["caption_source"] == "dic"
    assert flow.metadata["evidence_recall"] == 0.9
    assert str(flow.metadata["mermaid"]).startswith("flowchart")


def test_image_paths_are_relative_without_a_folder_and_absolute_with_one(tmp_path: Path) -> None:
    assert to_nodes(made())[1].image == "figures/flow.png"
    inside = to_nodes(made(), folder=tmp_path)[1]
    assert inside.image == inside.metadata["image_path"] == str(tmp_path / "figures" / "flow.png")


def test_references_tie_text_and_figure_both_ways() -> None:
    text, flow = to_nodes(made())[:2]
    assert flow.metadata["referenced_by"] == text.id
    assert text.metadata["refers_to"] == flow.id


def test_a_reference_points_at_the_part_of_a_long_paragraph_that_holds_it() -> None:
    sentence = "This is said in Figure 3 alone."
    long = "Some words stand here before it. " * 60 + sentence
    document = made()
    document = document.replace_blocks(
        lambda b: replace(b, text=long) if isinstance(b, Text) and b.text.startswith("Orders are") else b
    )
    document = document.replace_figures(
        lambda f: replace(f, references=tuple(replace(r, sentence=sentence) for r in f.references))
    )
    nodes = {n.id: n for n in to_nodes(document)}
    flow = next(n for n in nodes.values() if n.metadata.get("figure_label") == "Figure 3")
    assert sentence in nodes[str(flow.metadata["referenced_by"])].text


def test_a_figure_routed_away_as_a_table_keeps_its_words_and_a_logo_goes() -> None:
    nodes = to_nodes(made())
    assert any(n.type == "table" and "Zone Fee North 4" in n.text for n in nodes)
    assert not any("Logo" in n.text for n in nodes)


@pytest.mark.parametrize(
    ("route", "kind"), [("table", "table"), ("formula", "equation"), ("skipped", "text")]
)
def test_words_of_what_is_not_described_land_in_the_index(route: str, kind: str) -> None:
    away = Route(route, Kind.OTHER, 1.0, "")
    (node,) = to_nodes(one_figure(route=away, embedded_words=words("alpha beta"), label="Figure 2"))
    assert node.type == kind
    assert "alpha beta" in node.text
    assert node.metadata["figure_label"] == "Figure 2"


def test_a_denied_kind_leaves_its_printed_caption_alone() -> None:
    away = Route("skipped", Kind.PHOTO, 1.0, f"kind photo {NOT_ASKED_FOR}")
    figure = {"route": away, "embedded_words": words("alpha beta"), "label": "Figure 2"}
    (node,) = to_nodes(one_figure(**figure))
    assert node.type == "text" and "Figure 2" in node.text and "alpha" not in node.text
    assert not to_nodes(one_figure(**{**figure, "label": ""}))
    assert one_figure(**figure).to_markdown().strip() == "Figure 2"


def test_a_decoration_with_a_printed_caption_leaves_the_caption() -> None:
    away = Route("decoration", Kind.DECORATION, 1.0, "")
    (node,) = to_nodes(one_figure(route=away, label="Figure 2", printed_caption="Our seal"))
    assert "Figure 2: Our seal" in node.text


def test_a_duplicate_says_the_same_under_its_own_label() -> None:
    flow, again = (n for n in to_nodes(made()) if n.type == "figure")
    assert again.metadata["duplicate_of"] == flow.id
    assert again.text.startswith("Figure 7: Order handling, repeated\n")
    assert "Figure 3" not in again.text
    assert "'Check stock'" in again.text


def test_a_copied_description_is_told_under_the_duplicates_label_too() -> None:
    document = made().replace_figures(lambda f: replace(f, description=described()) if f.duplicate_of else f)
    again = [n for n in to_nodes(document) if n.type == "figure"][1]
    assert "Figure 3" not in again.text


def test_a_figure_without_description_still_has_its_words_and_printed_caption() -> None:
    (node,) = to_nodes(
        one_figure(label="Fig. 1", printed_caption="Mast", embedded_words=words("antenna feeder"))
    )
    assert node.text == "Fig. 1: Mast\nWords in the figure: antenna feeder"
    assert node.metadata["caption_source"] == "printed"
    assert node.metadata["caption"] == "Fig. 1: Mast."
    (bare,) = to_nodes(one_figure(embedded_words=words("antenna")))
    assert bare.metadata["caption_source"] == "none"


def test_ocr_words_count_where_there_is_no_text_layer() -> None:
    said = replace(described("A photograph.", None), words=words("CAUTION 400V"))
    (node,) = to_nodes(one_figure(description=said))
    assert node.text.endswith("Words in the figure: CAUTION 400V")
    assert node.metadata["ocr_text"] == "CAUTION 400V"


def test_what_mineru_said_counts_where_no_engine_spoke() -> None:
    hint = Hint("mineru_vlm", "flowchart", "graph TD; Start-->Stop")
    (node,) = to_nodes(one_figure(hint=hint, embedded_words=words("Start Stop")))
    assert "graph TD; Start-->Stop" in node.text
    assert node.metadata["caption_source"] == "mineru"


def test_the_title_stands_on_the_first_page_or_nowhere() -> None:
    first, later = Heading("h1", 1, None, 0, "A Manual", 2), Heading("h2", 2, None, 1, "Contents", 1)
    drawing = replace(figure(2, (0.0, 0.0, 9.0, 9.0), 2), section="Contents")
    pages = (Page(1, 500, 800), Page(2, 500, 800))
    for blocks, title in (((first, later, drawing), "A Manual"), ((later, drawing), "")):
        nodes = to_nodes(Document("a.pdf", SHA, Parser("made"), pages, blocks))
        assert [n.metadata["document_title"] for n in nodes if n.type == "figure"] == [title]


def test_a_word_inside_another_is_not_taken_for_told() -> None:
    said = described("The gateway answers.", None)
    (node,) = to_nodes(one_figure(description=said, embedded_words=words("gate way gateway answers.")))
    assert node.text.endswith("Words in the figure: gate way")


def test_a_long_figure_goes_on_in_siblings_and_loses_no_word() -> None:
    labels = [f"Step-{i} handles message M{i} from unit U{i % 7}" for i in range(200)]
    said = described(" ".join(f"Then '{label}' follows." for label in labels), None)
    document = one_figure(label="Figure 9", description=said, embedded_words=words(" ".join(labels)))
    first, *rest = to_nodes(document)
    assert len(rest) >= 2
    assert first.metadata["parts"] == len(rest) + 1
    for n, node in enumerate(rest, 2):
        assert node.parent == first.id == node.metadata["dic_parent_id"]
        assert (node.type, node.image, node.metadata["part"]) == ("figure", "", n)
        assert node.metadata["figure_label"] == "Figure 9"
        assert node.text.startswith("Figure 9 (continued)\n")
        assert not node.metadata["mermaid"] and set(first.metadata) == set(node.metadata) - {"part"}
        assert node.metadata["figure_class_score"] == first.metadata["figure_class_score"]
        assert node.metadata["needs_review"] is first.metadata["needs_review"]
    told = {t.strip(".'") for node in (first, *rest) for t in node.text.split()}
    assert {w for label in labels for w in label.split()} <= told
    assert len({n.id for n in (first, *rest)}) == len(rest) + 1


def test_short_captions_end_at_a_sentence() -> None:
    (node,) = to_nodes(one_figure(description=described(FLOW_TEXT + " More is said here." * 40)))
    caption = str(node.metadata["caption"])
    assert 30 < tokens(caption) <= 64
    assert caption.endswith(".")


def test_what_a_hostile_file_calls_a_label_stays_small() -> None:
    many = tuple(Reference("none", 1, f"Sentence {i} " * 300) for i in range(100))
    (node, *_) = to_nodes(one_figure(label="Figure 1 " * 5000, references=many))
    assert len(str(node.metadata["figure_label"])) < 200
    assert len(str(node.metadata["caption"])) < 400
    assert len(str(node.metadata["referring_text"])) < 20_000


def test_a_panel_names_its_parent() -> None:
    box, inner = (0.0, 0.0, 200.0, 200.0), (0.0, 0.0, 90.0, 200.0)
    whole = figure(1, box, 0, label="Figure 4", printed_caption="Both ways")
    panel = figure(1, inner, 1, label="(a)", parent=whole.id)
    document = Document("a.pdf", SHA, Parser("made"), (Page(1, 500, 800),), (whole, panel))
    parent, child = to_nodes(document)
    assert child.parent == parent.id
    assert "Part of Figure 4: Both ways" in child.text


def test_paragraphs_are_joined_up_to_the_target_and_never_across_a_page() -> None:
    text = "A sentence of about eight words goes here. " * 6
    nodes = to_nodes(paragraphs(*[text] * 12))
    assert 1 < len(nodes) < 12
    assert all(len(n.text) < 2000 for n in nodes)
    first = Text("x", 1, None, 0, "End of page one")
    second = Text("y", 2, None, 1, "start of page two")
    pages = (Page(1, 500, 800), Page(2, 500, 800))
    nodes = to_nodes(Document("a.pdf", SHA, Parser("made"), pages, (first, second)))
    assert [(n.metadata["page"], n.text) for n in nodes] == [(1, "End of page one"), (2, "start of page two")]
    assert nodes[0].metadata["bbox"] == ""


def test_a_footnote_stands_apart() -> None:
    body, note = Text("x", 1, None, 0, "Body."), Text("y", 1, None, 1, "1 See the annex.", "footnote")
    nodes = to_nodes(Document("a.pdf", SHA, Parser("made"), (Page(1, 500, 800),), (body, note, body)))
    assert [n.text for n in nodes] == ["Body.", "1 See the annex.", "Body."]
    assert nodes[1].metadata["role"] == "footnote"
    assert len({n.id for n in nodes}) == 3


def test_a_long_table_repeats_caption_and_header() -> None:
    rows = "\n".join(f"part {i}\t{i * 3} EUR" for i in range(300))
    table = Table("t", 1, None, 0, "", f"name\tprice\n{rows}", "Table 2: Parts", ("All prices net.",))
    nodes = to_nodes(Document("a.pdf", SHA, Parser("made"), (Page(1, 500, 800),), (table,)))
    assert len(nodes) > 2
    assert all(n.text.startswith("Table 2: Parts\nname\tprice\n") for n in nodes)
    assert nodes[-1].text.endswith("All prices net.")
    assert [line for n in nodes for line in n.text.splitlines() if "EUR" in line] == rows.splitlines()
    assert {n.parent for n in nodes[1:]} == {nodes[0].id}


def test_a_heading_above_a_figure_alone_is_told_by_the_figure() -> None:
    heads = (Heading("h1", 1, None, 0, "4 Calls", 1), Heading("h2", 1, None, 1, "4.1 Setup", 2))
    drawing = figure(1, (0.0, 0.0, 9.0, 9.0), 2, section="4.1 Setup", label="Figure 1")
    after = Heading("h3", 1, None, 3, "4.2 Release", 2), Text("t", 1, None, 4, "It ends.")
    nodes = to_nodes(Document("a.pdf", SHA, Parser("made"), (Page(1, 500, 800),), (*heads, drawing, *after)))
    assert "Section: 4 Calls > 4.1 Setup" in nodes[0].text
    assert nodes[0].metadata["section"] == "4.1 Setup"
    assert nodes[1].text == "4.2 Release\n\nIt ends."


def test_a_paragraph_taken_for_a_heading_is_a_paragraph() -> None:
    bold = Heading("h2", 1, None, 1, "It is the duty of the operator to keep the key. " * 6, 1)
    blocks = (Heading("h1", 1, None, 0, "1 Duties", 1), bold, Text("t", 1, None, 2, "So it is."))
    (node,) = to_nodes(Document("a.pdf", SHA, Parser("made"), (Page(1, 500, 800),), blocks))
    assert node.metadata["section"] == "1 Duties"
    assert node.text.startswith("1 Duties\n\nIt is the duty")
    assert node.text.endswith("So it is.")


def test_ids_follow_from_the_content_alone() -> None:
    first, moved = to_nodes(made()), to_nodes(made(source="/elsewhere/orders.pdf"))
    assert [n.id for n in first] == [n.id for n in moved]
    assert len({n.id for n in first}) == len(first)
    other = to_nodes(made(sha="cd" * 32))
    assert not {n.id for n in first if n.type == "figure"} & {n.id for n in other}


def test_with_a_scope_an_unchanged_figure_keeps_its_id_in_a_changed_file() -> None:
    ids = [
        [n.id for n in to_nodes(made(sha=s), scope="mine") if n.type == "figure"] for s in (SHA, "cd" * 32)
    ]
    assert ids[0] == ids[1]
    assert all(i.startswith("mine-") for i in ids[0])
    flow, again = (n for n in to_nodes(made(), scope="mine") if n.type == "figure")
    assert again.metadata["duplicate_of"] == flow.id


def test_settings_are_checked() -> None:
    with pytest.raises(SettingsError, match="text_tokens"):
        NodeSettings(text_tokens=1)


def test_an_empty_document_has_no_nodes() -> None:
    assert to_nodes(Document("a.pdf", SHA, Parser("made"), (), ())) == []


def test_no_figure_of_a_kept_route_is_lost() -> None:
    document = made()
    kept = {f.id for f in document.figures if f.route and (f.route.kept or f.duplicate_of)}
    assert {n.id for n in to_nodes(document) if n.type == "figure"} == kept
    assert all(isinstance(f, Figure) for f in document.figures)
