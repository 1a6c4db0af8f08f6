"""Sentences tied to the figures that they name."""

from __future__ import annotations

import pytest

from dic_ingest.figures.references import link_references, mentioned, sentences
from dic_ingest.model.document import Block, Document, Figure, Page, Parser, Table, Text


def document(*texts: str, labels: tuple[str, ...] = ("Figure 1", "Fig. 2", "Figure 3-2")) -> Document:
    blocks: list[Block] = [Text(f"t{i}", 1 + i, None, i, t) for i, t in enumerate(texts)]
    blocks += [Figure(f"f{i}", 9, None, 90 + i, label=label) for i, label in enumerate(labels)]
    return Document("x", "0" * 64, Parser("made"), (Page(1, 1, 1),), tuple(blocks))


def test_sentence_and_page_are_kept() -> None:
    linked = link_references(document("It begins. As shown in Fig. 1, the queue is long. It ends."))
    (reference,) = linked.figures[0].references
    assert (reference.block_id, reference.page) == ("t0", 1)
    assert reference.sentence == "As shown in Fig. 1, the queue is long."


def test_parts_lists_and_ranges_reach_their_figures() -> None:
    linked = link_references(
        document("See Figs. 1 and 2b.", "Compare Figures 1–2.", "In Figure 3-2 it is so.")
    )
    assert [len(f.references) for f in linked.figures] == [2, 2, 1]


def test_other_scripts() -> None:
    linked = link_references(document("如图 1 所示，系统分为三层。", "Siehe Abbildung 2."))
    assert [len(f.references) for f in linked.figures] == [1, 1, 0]


def test_captions_and_tables_bodies_are_no_references() -> None:
    base = document()
    table = Table("t", 1, None, 0, text="Figure 1")
    linked = link_references(Document("x", base.sha256, base.parser, base.pages, (table, *base.blocks)))
    assert all(not f.references for f in linked.figures)


def test_same_sentence_counts_once() -> None:
    linked = link_references(document("Figure 1 and again Figure 1."))
    assert len(linked.figures[0].references) == 1


def test_abbreviations_do_not_end_a_sentence() -> None:
    assert sentences("See Fig. 3 for it. Then go on, e.g. Here.") == [
        "See Fig. 3 for it.",
        "Then go on, e.g. Here.",
    ]


def test_numbers_alone_are_not_mentions() -> None:
    assert list(mentioned("In 3 of 4 cases we figure it is 5.")) == []


@pytest.mark.parametrize(
    ("sentence", "keys"),
    [
        ("see figures 4.2.2-1 to 4.2.2-3.", ["4.2.2.1", "4.2.2.3", "4.2.2.2"]),
        ("Figure 4.2.2.2.2-1 refines Figure 4.2.2.2-1.", ["4.2.2.2.2.1", "4.2.2.2.1"]),
        ("Figures 1-2 and 1-3 differ.", ["1.2", "1.3"]),
        ("as in Figure 5.3.1-1bis", ["5.3.1.1bis"]),
        ("as in Figure A.3-2a", ["a.3.2a"]),
    ],
)
def test_labels_with_clause_numbers(sentence: str, keys: list[str]) -> None:
    assert list(mentioned(sentence, {"1.2", "1.3"})) == keys
