"""Engines side by side: a column per results folder, before and after the critic, hostile words as text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from made_document import made
from results_made import weighed, write

from dic_ingest.cli import group
from dic_ingest.errors import UnsupportedFileError
from dic_ingest.inspector.compare import compare_page
from dic_ingest.model.description import Change
from dic_ingest.model.document import Document, Figure

EVIL = '<script>alert(1)</script><img src="http://x/y.png">'


def by_a_model(document: Document) -> Document:
    def change(figure: Figure) -> Figure:
        said = figure.description
        if said is None or said.evidence is None:
            return figure
        changes = (Change(EVIL, "", "invented"), Change("", "Check stock leads to Ship parcel.", "left out"))
        evidence = replace(said.evidence, changes=changes, conflicts=("the model leaves out 1 of 2 lines",))
        said = replace(said, engine="endpoint", model="m@2", evidence=evidence, draft=f"Sure! {EVIL}")
        return replace(figure, description=replace(said, tokens=(900, 80), cost=0.0125))

    return document.replace_figures(change)


@pytest.fixture
def sides(tmp_path: Path) -> dict[str, Path]:
    write(weighed(made()), tmp_path / "small" / "made")
    write(by_a_model(weighed(made())), tmp_path / "model" / "made")
    return {"small": tmp_path / "small", "model": tmp_path / "model"}


def test_a_column_for_each_engine(sides: dict[str, Path]) -> None:
    page = compare_page(sides)
    (figure,) = [f for f in weighed(made()).figures if f.description and f.route and f.route.kept]
    assert page.count("<section>") == 1
    assert page.count(figure.printed_caption) >= 1
    assert page.count("<h3>") == 2 and page.count("Before the critic") == 1
    assert "<svg" in page and "flowchart" in page  # the exact reading, drawn and as Mermaid
    assert 'class="none" title="held up by nothing"' in page
    for told in (
        "Check stock leads to Ship parcel.",
        "leaves out 1 of 2 lines",
        "900 tokens read",
        "cost 0.0125",
    ):
        assert page.count(told) == 1


def test_what_a_model_writes_is_text(sides: dict[str, Path]) -> None:
    page = compare_page(sides)
    assert "<script" not in page and "http://x/y.png&quot;" in page and 'src="http' not in page
    assert "default-src 'none'" in page


def test_a_figure_that_only_one_has(sides: dict[str, Path], tmp_path: Path) -> None:
    lost = replace(made(), blocks=tuple(b for b in made().blocks if not isinstance(b, Figure)))
    write(lost, tmp_path / "lost" / "made")
    assert "not in these results" in compare_page({**sides, "lost": tmp_path / "lost"})
    with pytest.raises(UnsupportedFileError, match="no figure"):
        compare_page({"lost": tmp_path / "lost"})


def test_the_command_writes_the_page(sides: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "pages" / "engines.html"
    code = group.main(["compare", *map(str, sides.values()), "--out", str(out)], standalone_mode=False)
    assert code == 0
    assert out.read_text("utf-8") == compare_page(sides)
