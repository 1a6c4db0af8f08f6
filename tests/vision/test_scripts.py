"""Text in scripts that the packaged recogniser lacks: read by Tesseract, or said and not made up."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from dic_ingest import ingest
from dic_ingest.vision import ocr, scripts

FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
WORDS = {
    "rus": ("Cyrillic", "Проверить запрос", "База данных", "Отправить ответ"),
    "ell": ("Greek", "Έλεγχος αίτησης", "Βάση δεδομένων", "Αποστολή"),
    "heb": ("Hebrew", "בדיקת הבקשה", "מסד נתונים", "שליחת תשובה"),
}

pytestmark = pytest.mark.skipif(not FONT.exists(), reason="DejaVu Sans is not installed")


def _boxes(labels: tuple[str, ...], folder: Path) -> Path:
    """Three boxes one under another, joined by arrows."""
    image = Image.new("RGB", (420, 120 * len(labels)), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.truetype(str(FONT), 22)
    for k, label in enumerate(labels):
        top = 20 + 120 * k
        draw.rectangle((60, top, 360, top + 60), outline="black", width=2)
        draw.text((210, top + 30), label, fill="black", font=font, anchor="mm")
        if k:
            draw.line((210, top - 60, 210, top - 2), fill="black", width=2)
            draw.polygon(((204, top - 12), (216, top - 12), (210, top - 1)), fill="black")
    path = folder / "boxes.png"
    image.save(path)
    return path


@pytest.mark.parametrize("language", WORDS)
def test_tesseract_reads_what_the_recogniser_lacks(language: str, tmp_path: Path) -> None:
    script, *labels = WORDS[language]
    if shutil.which("tesseract") is None or language not in scripts.installed().get(script, ""):
        pytest.skip(f"Tesseract has no language data {language}")
    document = ingest(_boxes(tuple(labels), tmp_path))
    graph = document.figures[0].description.diagram
    assert [n.label for n in graph.nodes] == labels
    assert [(e.source, e.target) for e in graph.edges] == [("n1", "n2"), ("n2", "n3")]
    assert not [w for w in document.warnings if w.code == scripts.SCRIPT_NOT_READ]


def test_unread_script_is_said_and_boxes_have_no_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scripts, "installed", dict)
    document = ingest(_boxes(WORDS["rus"][1:], tmp_path))
    (warning,) = (w for w in document.warnings if w.code == scripts.SCRIPT_NOT_READ)
    assert "3 lines" in warning.message and "Tesseract" in warning.message
    said = document.figures[0].description
    assert said.evidence.needs_review and said.unread_lines == 3
    assert [n.label for n in said.diagram.nodes] == ["", "", ""] and len(said.diagram.edges) == 2
    assert not said.words, "no Latin letters made of Cyrillic ones"
    assert scripts.advice(3) in said.caption


def test_latin_text_asks_for_no_other_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_: object) -> list[scripts.Read]:
        raise AssertionError("Latin text was given to Tesseract")

    monkeypatch.setattr(scripts.ScriptReader, "read", asked)
    found = ocr.recognise(Image.open(_boxes(("Check α and β", "Größe, Ω = 5", "Send reply"), tmp_path)))
    assert not found.unread and "Send" in [w.text for w in found.words]


def test_picture_on_its_head_is_in_no_other_script(tmp_path: Path) -> None:
    """Tesseract reads Thai, with a fair confidence, in Latin letters that stand on their head."""
    picture = Image.open(_boxes(("Check request", "Database", "Send reply"), tmp_path))
    found = ocr.recognise(picture.transpose(Image.Transpose.ROTATE_180))
    upright = {w.text for w in found.words if abs(abs(w.angle) - 180) < 2}
    assert upright >= {"Check", "Send", "reply"} and not found.unread
    assert all(w.text.isascii() for w in found.words)


def test_time_that_is_over_counts_as_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    import numpy as np
    import pytesseract

    def slow(*_: object, **__: object) -> None:
        raise RuntimeError("Tesseract process timeout")

    monkeypatch.setattr(scripts, "installed", lambda: {"Cyrillic": "rus"})
    monkeypatch.setattr(pytesseract, "image_to_data", slow)
    line = np.full((30, 200, 3), 255, dtype=np.uint8)
    assert scripts.ScriptReader().read([line]) == [scripts.NOT_READ]
