"""PDF pages as pixels and data: places, turns, clips, colours, limits, bad files."""

from __future__ import annotations

import io
import os
import signal
import threading
from pathlib import Path

import pypdf
import pytest

from dic_ingest import errors
from dic_ingest.model.box import iou
from dic_ingest.sources.pdf.decrypted import readable_copy
from dic_ingest.sources.pdf.document import PdfFile
from dic_ingest.sources.pdf.packed_drawing import weight
from dic_ingest.sources.settings import PdfLimits


def build_pdf(
    content: str, page: str = "", extra: dict[int, str] | None = None, media: str = "0 0 200 100"
) -> bytes:
    """A one-page PDF with Helvetica as /F1; `page` adds page entries, `extra` objects by number (from 6)."""
    objects = {
        1: "<< /Type /Catalog /Pages 2 0 R >>",
        2: "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: f"<< /Type /Page /Parent 2 0 R /MediaBox [{media}] {page} "
        f"/Resources << /Font << /F1 5 0 R >> /XObject << /X0 6 0 R >> >> /Contents 4 0 R >>",
        4: f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        5: "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        **(extra or {}),
    }
    out, offsets = "%PDF-1.7\n", {}
    for number, body in objects.items():
        offsets[number] = len(out)
        out += f"{number} 0 obj\n{body}\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n"
    out += "".join(f"{offsets[n]:010d} 00000 n \n" for n in objects)
    out += f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    return out.encode("latin-1")


TEXT = "BT /F1 10 Tf 20 30 Td (Start here) Tj ET"
RED_BOX = "1 0 0 rg 40 60 50 20 re f"


def red_box_seen(data: bytes) -> tuple[float, float, float, float]:
    """Where the renderer painted red, in points."""
    with PdfFile(data) as pdf:
        image = pdf.render(1, dpi=144)
    pixels = image.load()
    assert pixels is not None
    hits = [
        (x, y)
        for x in range(image.width)
        for y in range(image.height)
        if pixels[x, y][0] > 200 and pixels[x, y][1] < 60  # type: ignore[index]
    ]
    xs, ys = [h[0] for h in hits], [h[1] for h in hits]
    return min(xs) / 2, min(ys) / 2, (max(xs) + 1) / 2, (max(ys) + 1) / 2


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("crop", ["", "/CropBox [10 20 190 95]"])
@pytest.mark.parametrize("unit", ["", "/UserUnit 2"])
def test_paths_and_words_stand_where_the_renderer_paints_them(rotate: int, crop: str, unit: str) -> None:
    data = build_pdf(f"{RED_BOX} 0 g {TEXT}", f"/Rotate {rotate} {crop} {unit}")
    with PdfFile(data) as pdf:
        size, drawing = pdf.pages[0], pdf.drawing(1)
    assert (drawing.width, drawing.height) == (size.width, size.height)
    (path,) = drawing.paths
    assert path.fill == (255, 0, 0) and path.stroke is None
    assert iou(path.bbox, red_box_seen(data)) > 0.93
    assert [w.text for w in drawing.words] == ["Start", "here"]
    assert all(w.angle == rotate % 360 for w in drawing.words)


def test_user_unit_scales_the_page() -> None:
    with PdfFile(build_pdf(TEXT, "/UserUnit 2")) as doubled, PdfFile(build_pdf(TEXT)) as plain:
        factor = doubled.pages[0].width / plain.pages[0].width
        assert factor == pytest.approx(2)
        assert doubled.drawing(1).words[0].size == pytest.approx(factor * plain.drawing(1).words[0].size)


def test_nested_form_matrices_and_clips() -> None:
    inner = "1 0 0 rg 0 0 10 10 re f"
    form = (
        "<< /Type /XObject /Subtype /Form /BBox [0 0 10 5] /Matrix [2 0 0 2 0 0] /Resources << >> "
        f"/Length {len(inner)} >>\nstream\n{inner}\nendstream"
    )
    data = build_pdf("q 1 0 0 1 30 40 cm /X0 Do Q", extra={6: form})
    with PdfFile(data) as pdf:
        (path,) = pdf.drawing(1).paths
    assert path.bbox == pytest.approx((30, 50, 50, 60), abs=0.6)  # 20 wide, cut to 10 high by the form's box
    assert path.clip is not None
    assert iou(path.bbox, red_box_seen(data)) > 0.9


def test_clipped_away_and_transparent_paint_is_left_out() -> None:
    with PdfFile(build_pdf("q 0 0 10 10 re W n 50 50 20 20 re f Q 100 50 20 20 re n")) as pdf:
        assert pdf.drawing(1).paths == ()


def test_strokes_dashes_curves() -> None:
    with PdfFile(
        build_pdf("3 w [4 2] 0 d 0 0 1 RG 10 10 m 40 10 l S [] 0 d 50 50 m 60 90 90 90 100 50 c S")
    ) as pdf:
        dashed, curve = pdf.drawing(1).paths
    assert dashed.dashed and dashed.stroke == (0, 0, 255) and dashed.width == pytest.approx(3)
    assert dashed.subpaths[0].points == ((10, 90), (40, 90))
    assert not curve.dashed and curve.subpaths[0].curved and len(curve.subpaths[0].points) > 5


def test_crop_of_a_box_at_a_dpi() -> None:
    with PdfFile(build_pdf(RED_BOX)) as pdf:
        crop = pdf.render(1, (40, 20, 90, 40), dpi=72)
        assert crop.size == (50, 20)
        assert crop.getpixel((25, 10)) == (255, 0, 0)
        beyond = pdf.render(1, (180, 80, 220, 120), dpi=72)
        assert beyond.getpixel((35, 35)) == (255, 255, 255)


def test_limits_cut_and_tell() -> None:
    many = "".join(f"{i} 10 5 5 re f " for i in range(50))
    with PdfFile(build_pdf(f"{many} {TEXT}"), limits=PdfLimits(max_objects=10, max_chars=5)) as pdf:
        drawing = pdf.drawing(1)
        assert len(drawing.paths) == 10 and [w.text for w in drawing.words] == ["Start"]
        assert len(drawing.notes) == 2
    with PdfFile(build_pdf(TEXT), limits=PdfLimits(max_pixels=5_000)) as pdf:
        image = pdf.render(1, dpi=600)
        assert image.width * image.height <= 5_200
    with pytest.raises(errors.SettingsError):
        PdfLimits(max_pages=0)


@pytest.mark.parametrize("media", ["0 0 2147483648 2147483648", "0 0 0 0", "5 5 -9 1e30", "0 0 0.001 0.001"])
def test_absurd_page_boxes_do_not_hurt(media: str) -> None:
    with PdfFile(build_pdf(TEXT, media=media), limits=PdfLimits(max_pixels=1_000_000)) as pdf:
        assert 1 <= pdf.pages[0].width <= 1_000_000
        pdf.drawing(1)
        image = pdf.render(1)
        assert image.width * image.height <= 1_100_000


def test_bad_files_are_typed(tmp_path: Path) -> None:
    good = build_pdf(TEXT)
    cases: list[tuple[bytes, type[Exception]]] = [
        (b"", errors.EmptyFileError),
        (b"plain text, not a PDF", errors.UnsupportedFileError),
        (b"%PDF-1.7\ngarbage", errors.BrokenFileError),
        (good.replace(b"/Kids [3 0 R] /Count 1", b"/Kids [2 0 R] /Count 1"), errors.InputError),
        (good.replace(b"/Kids [3 0 R] /Count 1", b"/Kids [] /Count 0      "), errors.InputError),
    ]
    for number, (data, expected) in enumerate(cases):
        path = tmp_path / f"{number}.pdf"
        path.write_bytes(data)
        with pytest.raises(expected) as caught:
            PdfFile(path)
        assert str(caught.value).count("\n") == 0 and str(caught.value).endswith(".")
    with pytest.raises(errors.MissingFileError):
        PdfFile(tmp_path / "absent.pdf")
    with pytest.raises(errors.UnsupportedFileError, match="folder"):
        PdfFile(tmp_path)
    with pytest.raises(errors.LimitError):
        PdfFile(good, limits=PdfLimits(max_bytes=10))


@pytest.mark.corpus
def test_every_broken_pdf_opens_or_is_typed(corpus: Path) -> None:
    outcomes = {}
    for path in sorted((corpus / "broken_pdf").glob("*.pdf")):
        try:
            with PdfFile(path) as pdf:
                for page in pdf.pages:
                    pdf.drawing(page.number)
                outcomes[path.name] = "read"
        except errors.InputError as error:
            outcomes[path.name] = type(error).__name__
    assert sum(v == "EncryptedFileError" for v in outcomes.values()) >= 4
    assert sum(v == "BrokenFileError" for v in outcomes.values()) >= 4


def test_threads_share_one_file() -> None:
    data = build_pdf(f"{RED_BOX} {TEXT}")
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(20):
                with PdfFile(data) as own:
                    assert len(own.drawing(1).words) == 2
                shared.render(1, dpi=50)
        except BaseException as error:  # handed to the asserting thread
            failures.append(error)

    with PdfFile(data) as shared:
        threads = [threading.Thread(target=work) for _ in range(4)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
    assert failures == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this platform")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_opens_its_own_handle() -> None:
    with PdfFile(build_pdf(TEXT)) as pdf:
        child = os.fork()
        if child == 0:
            signal.alarm(60)  # a hang ends as a signal
            os._exit(0 if len(pdf.drawing(1).words) == 2 and pdf.render(1).width > 0 else 3)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_password_for_other_files_does_not_refuse_one_that_only_its_owner_locked(tmp_path: Path) -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(build_pdf(TEXT)))
    writer.encrypt(user_password="", owner_password="the owner's")
    locked = tmp_path / "locked.pdf"
    writer.write(locked)
    for password in (None, "of another file", "the owner's"):
        with PdfFile(locked, password=password) as pdf:
            assert [w.text for w in pdf.drawing(1).words] == ["Start", "here"]
        with readable_copy(locked, password) as copy:
            assert not pypdf.PdfReader(copy).is_encrypted or password is None


def test_password() -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(build_pdf(TEXT)))
    writer.encrypt("open sesame", algorithm="RC4-128")
    locked = io.BytesIO()
    writer.write(locked)
    with pytest.raises(errors.EncryptedFileError, match="needs a password"):
        PdfFile(locked.getvalue())
    with pytest.raises(errors.EncryptedFileError, match="does not open"):
        PdfFile(locked.getvalue(), password="wrong")
    with PdfFile(locked.getvalue(), password="open sesame") as pdf:
        assert pdf.drawing(1).words[0].text == "Start"


def test_drawings_kept_small_come_back_value_for_value(samples: Path) -> None:
    with PdfFile(samples / "telecom_report.pdf") as file:
        first = {n: file.drawing(n) for n in range(1, file.page_count + 1)}
        again = {n: file.drawing(n) for n in range(1, file.page_count + 1)}
        kept = sum(weight(d) for d in first.values())
    assert first == again and all(d.paths for d in first.values())
    points = sum(len(s.points) for d in first.values() for p in d.paths for s in p.subpaths)
    assert kept < points
