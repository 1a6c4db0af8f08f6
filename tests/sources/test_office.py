"""Office files, web pages and e-books: text in order, pictures in place, nothing fetched, nothing trusted."""

from __future__ import annotations

import contextlib
import re
import socket
import stat
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from office_samples import (
    CAPTION,
    flowchart_png,
    make_docx,
    make_epub,
    make_html,
    make_markdown,
    make_pptx,
    make_xlsx,
)

from dic_ingest.errors import (
    BrokenFileError,
    EmptyFileError,
    EncryptedFileError,
    LimitError,
    MissingExtraError,
    MissingFileError,
    SettingsError,
    UnsupportedFileError,
)
from dic_ingest.figures.recovery import recover_figures
from dic_ingest.mineru.local import parse_local
from dic_ingest.model.document import Document, Figure, Heading, List, Table, Text
from dic_ingest.sources.office import libreoffice as office_convert
from dic_ingest.sources.office.file import OfficeFile
from dic_ingest.sources.office.libreoffice import find_libreoffice
from dic_ingest.sources.office.markup.html import data_url
from dic_ingest.sources.office.settings import OfficeSettings

ALONE = OfficeSettings(libreoffice="off")
libreoffice = pytest.mark.skipif(not find_libreoffice(), reason="LibreOffice is not installed")


def laid_out(opened: OfficeFile) -> Document:
    return opened.layout("", lambda path, pdf: parse_local(path, pdf=pdf))


@pytest.fixture
def unstructured() -> None:
    pytest.importorskip("unstructured", reason="the office extra is not installed")


def read(path: Path, settings: OfficeSettings = ALONE) -> Document:
    with OfficeFile(path, settings) as opened:
        return recover_figures(laid_out(opened), opened.drawing)


def report_is_whole(document: Document) -> None:
    """The short report that every flowing format tells."""
    kinds = [b.type for b in document.blocks]
    assert kinds[:5] == ["heading", "text", "list", "figure", "table"]
    heading, text, bullets, figure, table = document.blocks[:5]
    assert isinstance(heading, Heading) and (heading.text, heading.level) == ("Parcels", 1)
    assert text.content == "Every parcel is collected first. Figure 1 shows its way."
    assert isinstance(bullets, List) and bullets.items == ("weigh it", "label it")
    assert isinstance(figure, Figure) and figure.bbox is not None
    assert (figure.label, figure.printed_caption) == ("Figure 1", "Way of a parcel.")
    assert isinstance(table, Table) and table.text.startswith("Size\tPrice\nS\t4")
    assert "<td>Size</td>" in table.html or "<th>Size</th>" in table.html
    assert [b.order for b in document.blocks] == list(range(len(document.blocks)))
    assert len({b.id for b in document.blocks}) == len(document.blocks)
    assert CAPTION not in [b.content for b in document.blocks if isinstance(b, Text)]


@pytest.mark.parametrize("make", [make_html, make_markdown, make_epub])
def test_web_pages_and_books(
    make: Callable[[Path], Path], tmp_path: Path, unstructured: None, capfd: pytest.CaptureFixture[str]
) -> None:
    path = make(tmp_path / f"report.{make.__name__.removeprefix('make_').replace('markdown', 'md')}")
    document = read(path)
    report_is_whole(document)
    returns = next(b for b in document.blocks if isinstance(b, Heading) and b.text == "Returns")
    assert returns.level == 2
    assert not document.warnings
    assert "alert" not in "".join(b.content for b in document.blocks)
    assert capfd.readouterr() == ("", "")  # no notice, no progress


def test_a_book_counts_its_chapters_as_pages(tmp_path: Path, unstructured: None) -> None:
    document = read(make_epub(tmp_path / "book.epub"))
    assert [(b.page, b.content) for b in document.blocks][-2:] == [(2, "Second"), (2, "The end of it.")]


def test_word_in_order_with_pages(tmp_path: Path) -> None:
    document = read(make_docx(tmp_path / "report.docx"))
    report_is_whole(document)
    assert [(b.page, b.content) for b in document.blocks[5:]] == [
        (2, "Returns"),
        (2, "Returned parcels wait for two weeks."),
    ]
    assert "4 &lt;" in document.blocks[4].html  # type: ignore[attr-defined]


def test_a_picture_comes_back_pixel_by_pixel(tmp_path: Path) -> None:
    with OfficeFile(make_docx(tmp_path / "report.docx"), ALONE) as opened:
        figure = laid_out(opened).figures[0]
        crop = opened.render(figure.page, figure.bbox, 96.0)
        drawing = opened.drawing(1)
        page = opened.render(1, None, 96.0)
    assert crop.size == (480, 200)
    assert crop.getpixel((20, 100)) == (0, 0, 0) and crop.getpixel((60, 75)) == (255, 255, 255)
    assert [i.bbox for i in drawing.images] == [figure.bbox]
    assert page.size == (793, 1123)
    x, y = (round(v * 96 / 72) for v in figure.bbox[:2])  # type: ignore[index]
    assert page.getpixel((x + 20, y + 100)) == (0, 0, 0)


def test_drawn_shapes_without_libreoffice_leave_their_words_and_a_warning(tmp_path: Path) -> None:
    document = read(make_docx(tmp_path / "report.docx", shapes=True))
    assert [w.code for w in document.warnings] == ["not_rendered"]
    assert "Install LibreOffice" in document.warnings[0].message
    assert "the way back Returned Refunded" in [b.content for b in document.blocks]


@libreoffice
def test_drawn_shapes_by_libreoffice_are_exact(tmp_path: Path) -> None:
    with OfficeFile(make_docx(tmp_path / "report.docx", shapes=True)) as opened:
        document = recover_figures(laid_out(opened), opened.drawing)
        first, second = document.figures
        drawing = opened.drawing(second.page).within(second.bbox)  # type: ignore[arg-type]
    assert (first.label, second.label, second.page) == ("Figure 1", "Figure 2", 2)
    assert second.printed_caption == "Way back."
    assert [w.text for w in drawing.words] == ["Returned", "Refunded"]
    boxes = [p.bbox for p in drawing.paths if p.stroke]
    assert len(boxes) == 2
    assert boxes[1][0] - boxes[0][0] == pytest.approx(2_800_000 / 12_700, abs=1.0)
    assert not document.warnings


def test_workbook_a_page_per_sheet(tmp_path: Path) -> None:
    document = read(make_xlsx(tmp_path / "book.xlsx"))
    assert [(b.page, b.type, b.content) for b in document.blocks] == [
        (1, "heading", "Prices"),
        (1, "table", "Size\tPrice\nS\t4\nM\t5.5"),
        (1, "figure", ""),
        (2, "heading", "Places"),
        (2, "table", "Town\nUlm"),
        (2, "table", "Zone\tDays\nA\t1"),
    ]


def test_cells_are_bounded(tmp_path: Path) -> None:
    document = read(make_xlsx(tmp_path / "book.xlsx"), OfficeSettings(libreoffice="off", max_cells=5))
    assert document.blocks[1].content == "Size\tPrice\nS\t4"
    assert [w.code for w in document.warnings] == ["sheet_cut"]


@libreoffice
def test_charts_of_a_workbook_become_figures(tmp_path: Path) -> None:
    with OfficeFile(make_xlsx(tmp_path / "book.xlsx", chart=True)) as opened:
        chart = laid_out(opened).figures[-1]
        drawing = opened.drawing(1).within(chart.bbox)  # type: ignore[arg-type]
    assert chart.page == 1
    assert {"Prices", "by", "size"} <= {w.text for w in drawing.words}


def test_slides_without_libreoffice(tmp_path: Path) -> None:
    with OfficeFile(make_pptx(tmp_path / "talk.pptx"), ALONE) as opened:
        document = laid_out(opened)
        figure = document.figures[1]
        crop = opened.render(figure.page, figure.bbox, 96.0)
    assert [p.number for p in document.pages] == [1, 2, 3]
    assert [b.content for b in document.blocks if isinstance(b, Heading)] == [
        "Parcels",
        "The way",
        "A picture",
    ]
    assert "Notes: Mention the new scales." in [b.content for b in document.blocks if b.page == 1]
    assert not document.warnings  # the drawing is read as data and drawn from it
    flow, figure = document.figures
    assert flow.reading is not None and flow.page == 2
    assert [n.label for n in flow.reading.nodes] == ["Collect", "Sort", "Deliver"]
    assert figure.page == 3 and crop.getpixel((20, 100)) == (0, 0, 0)


@libreoffice
def test_slides_are_shown_by_libreoffice(tmp_path: Path) -> None:
    path = make_pptx(tmp_path / "talk.pptx")
    with OfficeFile(path) as opened:
        document = recover_figures(laid_out(opened), opened.drawing)
        words = [w.text for w in opened.drawing(2).words]
    assert document.source == str(path) and document.parser.name == "office"
    assert all(b.id.startswith(document.sha256[:12]) for b in document.blocks)
    assert [b.content for b in document.blocks if isinstance(b, Heading)] == [
        "Parcels",
        "The way",
        "A picture",
    ]
    assert "Notes: Mention the new scales." in [b.content for b in document.blocks if b.page == 1]
    assert [w for w in words if w in ("Collect", "Sort", "Deliver")] == ["Collect", "Sort", "Deliver"]
    flow = [f for f in document.figures if f.page == 2]
    assert len(flow) == 1 and {w.text for w in flow[0].embedded_words} >= {"Collect", "Sort", "Deliver"}
    assert [f.label for f in document.figures if f.page == 3] == ["Figure 1"]


def test_old_formats_ask_for_libreoffice(tmp_path: Path) -> None:
    path = tmp_path / "old.doc"
    path.write_bytes(b"PK")
    with pytest.raises(UnsupportedFileError, match="LibreOffice"):
        OfficeFile(path, ALONE)


@libreoffice
def test_a_hanging_converter_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "soffice"
    program.write_text("#!/bin/sh\nsleep 60 &\nsleep 60\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(office_convert, "find_libreoffice", lambda: str(program))
    document = read(make_docx(tmp_path / "a.docx", shapes=True), OfficeSettings(timeout=0.5))
    assert (
        "more than 0 seconds" in document.warnings[-1].message or "took more" in document.warnings[-1].message
    )


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", None)
    read(make_docx(tmp_path / "report.docx"))
    assert list((tmp_path / "temporary").iterdir()) == []


# --- files that mean harm, or are not what they say


def repacked(source: Path, target: Path, **parts: bytes) -> Path:
    """A copy of an archive with some parts replaced; "word__document.xml" stands for word/document.xml."""
    changed = {name.replace("__", "/"): data for name, data in parts.items()}
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, changed.pop(name, None) or old.read(name))
        for name, data in changed.items():
            new.writestr(name, data)
    return target


def test_entities_are_not_resolved(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    body = f"""<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "{secret.as_uri()}">
    <!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
    <w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>
    <w:p><w:r><w:t>before &x; &b; after</w:t></w:r></w:p></w:body></w:document>"""
    path = repacked(
        make_docx(tmp_path / "a.docx"), tmp_path / "b.docx", **{"word__document.xml": body.encode()}
    )
    said = " ".join(b.content for b in read(path).blocks)
    assert "before" in said and "secret" not in said and "aaaa" not in said


def test_archives_are_bounded(tmp_path: Path) -> None:
    path = tmp_path / "bomb.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * 5_000_000)
    with pytest.raises(LimitError, match="max_unpacked"):
        OfficeFile(path, OfficeSettings(max_unpacked=1_000_000))
    with pytest.raises(LimitError, match="max_bytes"):
        OfficeFile(path, OfficeSettings(max_bytes=100))


def test_pictures_from_elsewhere_are_not_read(tmp_path: Path, unstructured: None) -> None:
    (tmp_path / "secret.png").write_bytes(flowchart_png())
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "link.png").symlink_to(tmp_path / "secret.png")
    addresses = ("../secret.png", "/etc/passwd", "file:///etc/passwd", "http://127.0.0.1:9/x.png", "link.png")
    page = inner / "page.html"
    page.write_text("<p>words</p>" + "".join(f'<img src="{a}" alt="gone">' for a in addresses))
    document = read(page)
    assert not document.figures
    assert [w.code for w in document.warnings] == ["picture_missing"] * len(addresses)


def test_links_out_of_a_presentation_are_cut_before_conversion(tmp_path: Path) -> None:
    from dic_ingest.sources.office.package import Package

    relations = b"""<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
    <Relationship Id="r1" Type="http://x/image" Target="http://127.0.0.1:9/a.png" TargetMode="External"/>
    <Relationship Id="r2" Type="http://x/hyperlink" Target="http://127.0.0.1:9/" TargetMode="External"/>
    <Relationship Id="r3" Type="http://x/image" Target="../media/a.png"/></Relationships>"""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ppt/slides/_rels/slide1.xml.rels", relations)
    package = Package(path, OfficeSettings())
    assert package.related("ppt/slides/slide1.xml") == {"r3": "ppt/media/a.png"}
    package.copy_closed(tmp_path / "b.zip")
    package.close()
    with zipfile.ZipFile(tmp_path / "b.zip") as copy:
        left = copy.read("ppt/slides/_rels/slide1.xml.rels")
    assert b'"r1"' not in left and b'"r2"' in left and b'"r3"' in left


@libreoffice
def test_nothing_is_fetched_while_converting(tmp_path: Path) -> None:
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        port = listener.getsockname()[1]
        made = make_pptx(tmp_path / "a.pptx")
        with zipfile.ZipFile(made) as archive:
            relations = archive.read("ppt/slides/_rels/slide3.xml.rels")
            slide = archive.read("ppt/slides/slide3.xml").replace(b"r:embed", b"r:link")
        address = f'Target="http://127.0.0.1:{port}/a.png" TargetMode="External"'.encode()
        linked = re.sub(rb'Target="../media/[^"]*"', address, relations)
        assert linked != relations
        path = repacked(
            made,
            tmp_path / "b.pptx",
            **{"ppt__slides___rels__slide3.xml.rels": linked, "ppt__slides__slide3.xml": slide},
        )
        document = read(path, OfficeSettings())
        with contextlib.suppress(TimeoutError):
            listener.accept()
            asked.append(b"connected")
    assert not asked
    assert "Notes: Mention the new scales." in [b.content for b in document.blocks]


def test_deep_nesting_is_refused(tmp_path: Path, unstructured: None) -> None:
    path = tmp_path / "deep.html"
    path.write_text("<div>" * 3000 + "x" + "</div>" * 3000)
    with pytest.raises(BrokenFileError, match="max_nesting"):
        OfficeFile(path)


@pytest.mark.parametrize("suffix", ["docx", "pptx", "xlsx", "epub"])
@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", EmptyFileError),
        (b"not a zip at all", BrokenFileError),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, EncryptedFileError),
    ],
)
def test_what_is_no_office_file_is_a_typed_error(
    tmp_path: Path, suffix: str, data: bytes, error: type[Exception]
) -> None:
    path = tmp_path / f"bad.{suffix}"
    path.write_bytes(data)
    with pytest.raises(error):
        OfficeFile(path, ALONE)


@pytest.mark.parametrize("suffix", ["docx", "pptx", "xlsx", "epub"])
def test_an_archive_of_something_else_is_broken(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"bad.{suffix}"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(BrokenFileError):
        OfficeFile(path, ALONE)


def test_wrong_names(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError):
        OfficeFile(tmp_path / "none.docx")
    with pytest.raises(UnsupportedFileError):
        OfficeFile(tmp_path / "none.xyz")


def test_a_missing_extra_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [m for m in sys.modules if m.split(".")[0] in ("unstructured", "spacy")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "unstructured", None)
    with pytest.raises(MissingExtraError, match=r"\.\[office\]"):
        OfficeFile(make_html(tmp_path / "page.html"))


def test_damaged_pictures_are_warnings(tmp_path: Path) -> None:
    made = make_docx(tmp_path / "a.docx")
    path = repacked(made, tmp_path / "b.docx", **{"word__media__image1.png": b"no picture"})
    document = read(path)
    assert not document.figures and [w.code for w in document.warnings] == ["picture_left_out"]
    assert "Every parcel" in document.blocks[1].content


def test_data_addresses() -> None:
    assert data_url("data:image/png;base64,aGk=") == b"hi"
    assert data_url("data:,hi%21") == b"hi!"
    assert data_url("data:image/png;base64,%%%") is None
    assert data_url("http://x") is None


@pytest.mark.parametrize(
    "wrong", [{"libreoffice": "maybe"}, {"timeout": 0.0}, {"max_cells": 0}, {"max_nesting": 0}]
)
def test_settings_are_checked(wrong: dict[str, object]) -> None:
    with pytest.raises(SettingsError):
        OfficeSettings(**wrong)  # type: ignore[arg-type]


def test_the_whole_way_gives_figures_with_their_captions_and_mentions(tmp_path: Path) -> None:
    from dic_ingest.pipeline import ingest, is_partial
    from dic_ingest.settings import Settings

    settings = Settings(engine="none", office=ALONE)
    document = ingest(make_docx(tmp_path / "report.docx"), settings, tmp_path / "out")
    figure = document.figures[0]
    assert figure.route is not None and figure.route.kept
    assert [r.sentence for r in figure.references] == ["Figure 1 shows its way."]
    assert figure.section == "Parcels" and (tmp_path / "out" / figure.image).is_file()
    assert not is_partial(document)
    later = ingest(make_docx(tmp_path / "report.docx", shapes=True), settings, pages="2")
    assert {b.page for b in later.blocks} == {2} and is_partial(later)
