"""The small pieces of the MinerU doors: page ranges, tables, text layer, which MinerU is installed, tiers."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dic_ingest.errors import ParserError, SettingsError
from dic_ingest.mineru import install as mineru_install
from dic_ingest.mineru import worker as mineru_worker
from dic_ingest.mineru import worker_process as mineru_process
from dic_ingest.mineru.tiers import tiers
from dic_ingest.model.drawing import Drawing, PlacedImage, Word
from dic_ingest.sources.page_range import selected_pages
from dic_ingest.sources.pdf.text_layer import paragraphs, scan_box
from dic_ingest.text.html_tables import table_text


@pytest.mark.parametrize(
    ("text", "pages"),
    [
        ("", (1, 2, 3, 4, 5)),
        ("all", (1, 2, 3, 4, 5)),
        ("2", (2,)),
        ("2-3, 5", (2, 3, 5)),
        ("r1", (5,)),
        ("r2-r1,1", (1, 4, 5)),
        ("4-99", (4, 5)),
    ],
)
def test_page_ranges(text: str, pages: tuple[int, ...]) -> None:
    assert selected_pages(text, 5) == pages


@pytest.mark.parametrize("text", ["6", "0", "5-2", "a", "1-2-3", ",", "-1", "r0", "99999999999999"])
def test_page_ranges_that_name_nothing(text: str) -> None:
    with pytest.raises(SettingsError, match="page range"):
        selected_pages(text, 5)


@given(st.text(alphabet="0123456789r-, al", max_size=12), st.integers(1, 9))
def test_any_page_range_gives_pages_or_one_error(text: str, count: int) -> None:
    try:
        found = selected_pages(text, count)
    except SettingsError:
        return
    assert found and set(found) <= set(range(1, count + 1)) and list(found) == sorted(found)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c<br>d</td></tr></table>", "a\tb\nc d"),
        ("<table><tr><td>a &amp; b</td><td></td><td>1</td></tr></table>", "a & b\t\t1"),
        ("<tr><td>open<td>cells", "open\tcells"),
        ("| a | b |", "| a | b |"),
        ("<td>stray", "stray"),
        ("", ""),
        ("<![x<table><tr><td>", "<![x<table><tr><td>"),
    ],
)
def test_table_text(html: str, text: str) -> None:
    assert table_text(html) == text


@given(st.text(alphabet="<>/td r!-[&a;\n", max_size=60))
def test_any_markup_gives_text(html: str) -> None:
    assert isinstance(table_text(html), str)


def row(text: str, x: float, y: float, size: float = 10.0) -> list[Word]:
    words = []
    for part in text.split():
        width = len(part) * size * 0.5
        words.append(Word(part, (x, y, x + width, y + size), size))
        x += width + size * 0.3
    return words


def test_words_become_paragraphs() -> None:
    words = [
        *row("Title", 50, 40, 20),
        *row("first line of it with a bro-", 50, 80),
        *row("ken word", 50, 92),
        *row("second paragraph", 50, 130),
        *row("other column", 300, 80),
    ]
    found = paragraphs(3, Drawing(600, 800, tuple(words)))
    assert [t.text for t in found] == [
        "Title",
        "first line of it with a broken word",
        "second paragraph",
        "other column",
    ]
    assert {t.page for t in found} == {3} and found[1].bbox is not None
    assert found[1].bbox[1] == 80 and found[1].bbox[3] == 102


@pytest.mark.parametrize("angle", [90.0, 180.0, 270.0])
def test_turned_text_reads_on(angle: float) -> None:
    """The same two lines on a page turned by quarters, boxes turned with it."""

    def turn(word: Word) -> Word:
        (x0, y0, x1, y1), size = word.bbox, 500.0
        boxes = {90.0: (size - y1, x0, size - y0, x1), 180.0: (size - x1, size - y1, size - x0, size - y0)}
        boxes[270.0] = (y0, size - x1, y1, size - x0)
        return Word(word.text, boxes[angle], word.size, angle)

    words = [turn(w) for w in (*row("a line that goes", 50, 80), *row("on below", 50, 92))]
    found = paragraphs(1, Drawing(500, 500, tuple(words)))
    assert [t.text for t in found] == ["a line that goes on below"]


def test_what_counts_as_a_scan() -> None:
    page = Drawing(600, 800)
    strips = tuple(PlacedImage((0, 20.0 * i, 600, 20.0 * i + 20), (10, 10)) for i in range(40))
    corners = tuple(PlacedImage((x, y, x + 100, y + 100), (9, 9)) for x in (0.0, 500.0) for y in (0.0, 700.0))
    assert scan_box(page) is None
    assert scan_box(Drawing(600, 800, images=strips)) == (0, 0, 600, 800)
    assert scan_box(Drawing(600, 800, images=corners)) is None
    assert scan_box(Drawing(600, 800, images=(PlacedImage((-50, -50, 900, 900), (9, 9)),))) == (
        0,
        0,
        600,
        800,
    )


@pytest.fixture
def fresh_check() -> Iterator[None]:
    mineru_install.check.cache_clear()
    yield
    mineru_install.check.cache_clear()


@pytest.mark.usefixtures("fresh_check")
@pytest.mark.parametrize(
    ("owners", "magic", "version", "said"),
    [
        ({"mineru": ["mineru", "mineru_open_sdk"]}, False, "4.0.12", "mineru-open-sdk"),
        ({}, True, "", "Only magic-pdf"),
        ({}, False, "", "not installed"),
        ({"mineru": ["mineru"]}, False, "3.4.5", "MinerU 3.4.5"),
    ],
)
def test_the_wrong_mineru_is_named(
    monkeypatch: pytest.MonkeyPatch, owners: dict[str, list[str]], magic: bool, version: str, said: str
) -> None:
    monkeypatch.setattr(mineru_install.metadata, "packages_distributions", lambda: owners)
    monkeypatch.setattr(mineru_install.metadata, "version", lambda _: version)
    monkeypatch.setattr(mineru_install, "find_spec", lambda _: object() if magic else None)
    with pytest.raises(ParserError, match=said):
        mineru_install.check()


@pytest.mark.usefixtures("fresh_check")
def test_the_right_mineru_passes() -> None:
    assert mineru_install.check().startswith("4.0.")


def weights(folder: Path) -> None:
    """Empty files where MinerU's own registry expects the weights of tier basic."""
    registry = importlib.import_module("mineru.model.registry")
    for path in registry.MINERU_4_MODELS_ONNX.required_paths():
        target = folder / path.repo.local_name / path.relative_path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(b"weights")


def test_tier_auto_is_the_best_whose_weights_are_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = importlib.import_module("mineru.config").config
    monkeypatch.setattr(config.model, "base_dir", str(tmp_path))
    assert mineru_worker.present() == ["flash"]
    weights(tmp_path)
    assert mineru_worker.present() == ["flash", "basic"]
    next(tmp_path.rglob("*.onnx")).unlink()
    assert mineru_worker.present() == ["flash"]


def test_tiers_tell_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {t.name: t for t in tiers()}
    mineru_process.stop()
    assert list(found) == ["flash", "basic", "standard", "advanced"]
    assert found["flash"].ready and not found["flash"].missing
    for name in ("basic", "standard", "advanced"):
        if not found[name].ready:
            assert found[name].missing and "models download --tier" in found[name].fetch
    monkeypatch.setattr(
        mineru_process, "ask", lambda *_: {"error": "ImportError", "message": "no onnxruntime"}
    )
    assert not any(t.ready for t in tiers()) and "no onnxruntime" in tiers()[0].missing[0]


def test_best_leaves_figure_reading_to_who_asks_for_it() -> None:
    every = ["flash", "basic", "standard", "advanced"]
    assert mineru_worker.best(every, False) == "standard" and mineru_worker.best(every, True) == "advanced"
    assert mineru_worker.best(["flash"], True) == "flash"


def test_the_doors_load_no_mineru() -> None:
    code = (
        "import sys, dic_ingest.mineru.output.read, dic_ingest.mineru.local\n"
        "import dic_ingest.mineru.server.client\n"
        "assert not {m.split('.')[0] for m in sys.modules} & {'mineru', 'docvortex', 'torch'}"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
