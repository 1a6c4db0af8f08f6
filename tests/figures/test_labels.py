"""Labels of figures in the ways that documents print them."""

from __future__ import annotations

import pytest

from dic_ingest.figures.labels import label_key, opens_caption, opens_table_caption, split_label


@pytest.mark.parametrize(
    ("text", "label", "caption"),
    [
        ("Figure 3: The parser.", "Figure 3", "The parser."),
        ("Figure 3-2 Existing controls", "Figure 3-2", "Existing controls"),
        ("Figure 1 – Specifications expansion", "Figure 1", "Specifications expansion"),
        ("Fig. 2b. Net flow", "Fig. 2b", "Net flow"),
        ("Fig. 2 (b) Net flow", "Fig. 2 (b)", "Net flow"),
        ("FIGURE IV. A plan", "FIGURE IV", "A plan"),
        ("Abbildung 4: Aufbau", "Abbildung 4", "Aufbau"),
        ("Abb. 3-58 Aufbau", "Abb. 3-58", "Aufbau"),
        ("图 3 系统结构", "图 3", "系统结构"),
        ("图3-1：系统结构", "图3-1", "系统结构"),
        ("Figura 2. Esquema", "Figura 2", "Esquema"),
        ("Рис. 5. Схема", "Рис. 5", "Схема"),
        ("Figure A.1: Setup", "Figure A.1", "Setup"),
        ("Figure 4.2.2.2.2-1: Discovery", "Figure 4.2.2.2.2-1", "Discovery"),
        ("Figure 6.1.3.2.2.1.1-1a Discovery", "Figure 6.1.3.2.2.1.1-1a", "Discovery"),
        ("Figure A.3-2a: Setup", "Figure A.3-2a", "Setup"),
        ("Fig. B-12 (cont.)", "Fig. B-12", "(cont.)"),
        ("Figure 5.3.1-1bis: Flow", "Figure 5.3.1-1bis", "Flow"),
        ("Figure 5.3A.1-1: Flow", "Figure 5.3A.1-1", "Flow"),
        ("Figure D.2.B-1: Flow", "Figure D.2.B-1", "Flow"),
        ("Figure 3-A plan", "Figure 3", "A plan"),
        ("\u25a0 Figure 3: The parser.", "Figure 3", "The parser."),
        ("\u2022 Fig. 2b. Net flow", "Fig. 2b", "Net flow"),
        ("The parser.", "", "The parser."),
        ("Figures matter", "", "Figures matter"),
    ],
)
def test_label_and_caption_come_apart(text: str, label: str, caption: str) -> None:
    assert split_label(text) == (label, caption)


@pytest.mark.parametrize("text", ["Figure 3: The parser.", "Fig. 4 Results", "图 3 系统结构", "Figure 12"])
def test_captions_open(text: str) -> None:
    assert opens_caption(text)


@pytest.mark.parametrize(
    "text",
    [
        "Figure 3 shows the parser",
        "Figure 3, however,",
        "Table 3: Sizes",
        "figure out 3 ways",
        "Figure 3a and 4",
    ],
)
def test_sentences_do_not(text: str) -> None:
    assert not opens_caption(text)


def test_strict_asks_for_a_stop() -> None:
    assert opens_caption("Figure 3. The parser", strict=True)
    assert not opens_caption("Figure 3 The parser", strict=True)


def test_tables_and_listings_have_captions_of_their_own() -> None:
    assert opens_table_caption("Table 2-1 Sizes")
    assert opens_table_caption("Listing 4: A loop")
    assert not opens_table_caption("Tables are long")


@pytest.mark.parametrize("spelling", ["Fig. 3-2", "FIGURE 3–2", "图 3-2", "Figure 3.2", "Abb. 3-2"])
def test_all_spellings_meet_under_one_key(spelling: str) -> None:
    assert label_key(spelling) == "3.2"
