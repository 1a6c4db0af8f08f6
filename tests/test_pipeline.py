"""One file in, one document out, on our own samples: order, crops, failures that stay small."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest
from PIL import Image

from dic_ingest import errors
from dic_ingest.captioning.engines.registry import FakeCaptioner
from dic_ingest.captioning.request import FigureRequest, crop_request
from dic_ingest.model.description import Description
from dic_ingest.model.diagram import Diagram, Kind
from dic_ingest.model.document import Document, Heading, Route
from dic_ingest.pipeline import describe_figures, ingest, is_partial
from dic_ingest.settings import Settings
from dic_ingest.settings_file import from_dict


@pytest.fixture(scope="module")
def report(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Document, Path]:
    folder = tmp_path_factory.mktemp("report")
    return ingest(samples / "telecom_report.pdf", folder=folder), folder


def test_the_report_comes_out_whole(report: tuple[Document, Path]) -> None:
    document, folder = report
    kept = [f for f in document.figures if f.route and f.route.kept]
    assert [f.label for f in kept] == ["Figure 1", "Figure 2", "Figure 3", "Figure 4"]
    assert all((folder / f.image).is_file() for f in kept)
    assert all(f.references for f in kept)
    assert [b.order for b in document.blocks] == sorted(b.order for b in document.blocks)
    assert any(isinstance(b, Heading) for b in document.blocks) and not is_partial(document)
    assert document.parser.name == "mineru" and document.parser.tier == "flash"


def test_its_diagrams_are_read(report: tuple[Document, Path]) -> None:
    kinds = {}
    for figure in report[0].figures:
        if figure.route and figure.route.kept and figure.description and figure.description.diagram:
            kinds[figure.label] = (figure.route.kind, len(figure.description.diagram.edges))
    assert kinds["Figure 2"][0] == Kind.SEQUENCE and kinds["Figure 2"][1] >= 8
    assert kinds["Figure 3"][0] == Kind.FLOWCHART and kinds["Figure 3"][1] >= 6
    assert kinds["Figure 4"][0] == Kind.STATE


def test_reading_again_gives_the_same(report: tuple[Document, Path], samples: Path, tmp_path: Path) -> None:
    again = ingest(samples / "telecom_report.pdf", folder=tmp_path)
    assert again == report[0]


def test_a_file_in_memory_and_a_range_of_pages(samples: Path) -> None:
    data = (samples / "telecom_report.pdf").read_bytes()
    document = ingest(data, Settings(engine="none"), pages="2")
    assert {b.page for b in document.blocks} == {2} and [p.number for p in document.pages] == [2]
    assert document.source == document.sha256


def test_a_logo_is_routed_away_with_a_reason(samples: Path) -> None:
    document = ingest(samples / "logo.pdf", Settings(engine="none"))
    away = [f for f in document.figures if f.route and not f.route.kept]
    assert all(f.route and f.route.reason for f in document.figures)
    assert [f.label for f in document.figures if f.route and f.route.kept] == ["Figure 1"]
    assert all(f.route and f.route.route == "decoration" for f in away)


def test_a_scan_is_never_nothing(samples: Path) -> None:
    document = ingest(samples / "scan.pdf", Settings(engine="none"))
    assert document.pages and document.figures and not is_partial(document)


def test_one_bad_figure_never_loses_a_document(report: tuple[Document, Path]) -> None:
    document = report[0]
    bad = next(f for f in document.figures if f.label == "Figure 2")

    def request(figure: object) -> FigureRequest:
        if figure == bad:
            raise errors.BrokenFileError("its picture is damaged.")
        return FigureRequest(Image.new("RGB", (4, 4)))

    done = describe_figures(document, FakeCaptioner(), request)
    assert [w.code for w in done.warnings][-1] == "figure_failed" and is_partial(done)
    assert sum(f.description.engine == "fake" for f in done.figures if f.description) >= 3


def test_duplicates_are_described_once(report: tuple[Document, Path]) -> None:
    document = report[0]
    first = next(f for f in document.figures if f.label == "Figure 1")
    twin = document.replace_figures(
        lambda f: replace(f, duplicate_of=first.id) if f.label == "Figure 4" else f
    )
    captioner = FakeCaptioner()
    done = describe_figures(twin, captioner, lambda f: FigureRequest(Image.new("RGB", (4, 4)), label=f.label))
    assert captioner.seen == 3
    said = {f.label: f.description.caption for f in done.figures if f.description}
    one, four = (next(f for f in document.figures if f.label == f"Figure {k}") for k in (1, 4))
    heads = [": ".join(filter(None, (f.label, f.printed_caption))) for f in (one, four)]
    assert said["Figure 4"] == said["Figure 1"].replace(heads[0], heads[1])


def test_a_duplicate_is_told_under_its_own_caption(report: tuple[Document, Path]) -> None:
    class Reader:
        name = "reader"

        def caption(self, requests: Sequence[FigureRequest]) -> list[Description]:
            return [Description(f"{r.label}: {r.printed_caption}\nA flowchart.") for r in requests]

    first = next(f for f in report[0].figures if f.label == "Figure 1")
    twin = report[0].replace_figures(
        lambda f: replace(f, duplicate_of=first.id) if f.label == "Figure 4" else f
    )
    done = describe_figures(twin, Reader(), lambda f: crop_request(f, Image.new("RGB", (4, 4))))
    told = next(f for f in done.figures if f.label == "Figure 4")
    assert told.description is not None
    assert told.description.caption == f"Figure 4: {told.printed_caption}\nA flowchart."


def test_the_routers_kind_stands_where_it_had_one(report: tuple[Document, Path]) -> None:
    class Reader:
        name = "reader"

        def caption(self, requests: Sequence[FigureRequest]) -> list[Description]:
            return [Description("x", Diagram(Kind.ER)) for _ in requests]

    unsure = report[0].replace_figures(
        lambda f: replace(f, route=Route("other", Kind.OTHER, 0.2, "?")) if f.label == "Figure 4" else f
    )
    done = describe_figures(unsure, Reader(), lambda f: FigureRequest(Image.new("RGB", (4, 4))))
    kinds = {f.label: f.route for f in done.figures if f.route}
    assert (kinds["Figure 4"].route, kinds["Figure 4"].kind) == ("diagram", Kind.ER)
    before = next(f for f in unsure.figures if f.label == "Figure 2")
    assert before.route and kinds["Figure 2"].kind == before.route.kind != Kind.ER


def test_a_picture_file_is_one_kept_figure_read_by_its_pixels(samples: Path) -> None:
    (figure,) = ingest(samples / "flowchart.png").figures
    assert figure.route is not None and figure.route.kept and figure.route.kind == Kind.FLOWCHART
    assert figure.description and figure.description.diagram and len(figure.description.diagram.nodes) >= 8


def test_password_and_unreadable_files(samples: Path, tmp_path: Path) -> None:
    locked = tmp_path / "locked.pdf"
    writer = pypdf.PdfWriter(clone_from=samples / "flowchart.pdf")
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(locked)
    with pytest.raises(errors.EncryptedFileError):
        ingest(locked)
    assert ingest(locked, Settings(engine="none"), password="secret").figures
    with pytest.raises(errors.MissingFileError):
        ingest(tmp_path / "absent.pdf")
    with pytest.raises(errors.UnsupportedFileError):
        ingest(tmp_path)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"engin": "x"}, "no setting 'engin'"),
        ({"pdf": {"max_pages": "many"}}, "pdf.max_pages must be of type int"),
        ({"pdf": 3}, "pdf must be a table"),
        ({"pdf": {"max_pages": 0}}, "at least 1"),
        ({"parse": {"tier": "best"}}, "tier must be one of"),
    ],
)
def test_wrong_settings_are_told(data: dict[str, object], said: str) -> None:
    with pytest.raises(errors.SettingsError, match=said):
        from_dict(Settings, data)


def test_hitting_a_limit_keeps_the_rest(make_pdf: Callable[..., Path]) -> None:
    def busy(canvas: object) -> None:
        for i in range(200):
            canvas.rect(10 + i, 10, 5, 5)  # type: ignore[attr-defined]
        canvas.drawString(50, 250, "The text of the page stays where it is.")  # type: ignore[attr-defined]

    settings = from_dict(Settings, {"engine": "none", "pdf": {"max_objects": 50}})
    document = ingest(make_pdf(busy), settings)
    assert any(w.code == "page_cut" for w in document.warnings) and is_partial(document)
    assert any("text of the page" in b.content for b in document.blocks)


def test_the_old_name_of_pages_still_works_with_a_warning(samples: Path) -> None:
    with pytest.warns(DeprecationWarning, match="page_range is called pages"):
        document = ingest(samples / "telecom_report.pdf", Settings(engine="none"), page_range="2")
    assert {b.page for b in document.blocks} == {2}


def test_bounds_of_the_reading_and_of_a_review_are_settings(samples: Path) -> None:
    flow = samples / "flowchart.pdf"
    whole = ingest(flow).figures[0].description
    strict = ingest(flow, from_dict(Settings, {"engine_options": {"evidence": {"min_graph": 1.0}}}))
    bounded = ingest(flow, from_dict(Settings, {"vector": {"max_paths": 5}})).figures[0].description
    assert whole is not None and whole.diagram is not None and whole.evidence is not None
    marked = strict.figures[0].description
    assert marked is not None and marked.diagram == whole.diagram and marked.evidence is not None
    assert marked.evidence.needs_review and not whole.evidence.needs_review
    assert bounded is not None and bounded.diagram is None


def test_the_bound_on_pixels_is_a_setting(samples: Path) -> None:
    picture = samples / "flowchart.png"
    read = ingest(picture, Settings(raster={"max_pixels": 1e5})).figures[0].description  # type: ignore[arg-type]
    assert read is not None and read.words and not (read.diagram and read.diagram.edges)
