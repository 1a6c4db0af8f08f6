"""The sample documents: drawn again they come out the same, and their truth says what they show."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageStat

from dic_ingest.model.box import Box, grow, inside
from dic_ingest.sources.pdf.document import PdfFile

ROOT = Path(__file__).resolve().parent.parent
TRUTH = [json.loads(line) for line in (ROOT / "samples/truth.jsonl").read_text("utf-8").splitlines()]
VECTOR = {"flowchart.pdf", "two_columns.pdf", "logo.pdf", "chart.pdf", "telecom_report.pdf"}
PAGES = {
    "flowchart.pdf": 1,
    "flowchart_raster.pdf": 1,
    "two_columns.pdf": 1,
    "logo.pdf": 3,
    "scan.pdf": 1,
    "chart.pdf": 1,
    "telecom_report.pdf": 4,
}


@pytest.fixture(scope="module")
def redrawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("samples")
    subprocess.run([sys.executable, ROOT / "samples/make_samples.py", out], check=True)
    return out


@pytest.mark.parametrize("name", PAGES)
def test_drawn_again_a_sample_looks_the_same(name: str, samples: Path, redrawn: Path) -> None:
    # pixels and words, not bytes: another zlib or Pillow packs the same drawing in other bytes
    with PdfFile(samples / name) as kept, PdfFile(redrawn / name) as new:
        assert len(kept.pages) == len(new.pages) == PAGES[name]
        for page in kept.pages:
            words = [w.text for w in kept.drawing(page.number).words]
            assert words == [w.text for w in new.drawing(page.number).words]
            a, b = kept.render(page.number, dpi=50), new.render(page.number, dpi=50)
            assert a.size == b.size
            assert ImageStat.Stat(ImageChops.difference(a, b).convert("L")).mean[0] < 0.5


def test_the_truth_is_the_one_that_drawing_gives(samples: Path, redrawn: Path) -> None:
    for name in ("truth.jsonl", "flowchart.png"):
        assert (redrawn / name).is_file()
    new = [json.loads(line) for line in (redrawn / "truth.jsonl").read_text("utf-8").splitlines()]
    for a, b in zip(TRUTH, new, strict=True):
        assert {**a, "bbox": None} == {**b, "bbox": None}
        assert a["bbox"] == pytest.approx(b["bbox"], abs=2)


def test_truth_is_whole() -> None:
    assert len({t["id"] for t in TRUTH}) == len(TRUTH) == 12
    assert {t["kind"] for t in TRUTH} == {"flowchart", "sequence", "topology", "block", "state", "chart"}
    for figure in TRUTH:
        names = {n["id"] for n in figure["nodes"]}
        assert len(names) == len(figure["nodes"])
        assert all({e["source"], e["target"]} <= names for e in figure["edges"])
        assert bool(names) is (figure["kind"] != "chart")
    flow = next(t for t in TRUTH if t["id"] == "flowchart")
    assert len(flow["nodes"]) == 12 and {e["label"] for e in flow["edges"]} == {"", "yes", "no"}


def words_in(pdf: PdfFile, page: int, box: Box) -> list[str]:
    return [w.text for w in pdf.drawing(page).words if inside(w.bbox, grow(box, 2))]


@pytest.mark.parametrize("figure", [t for t in TRUTH if t["file"] in VECTOR], ids=lambda t: t["id"])
def test_labels_of_the_truth_stand_in_the_figure(figure: dict[str, Any], samples: Path) -> None:
    with PdfFile(samples / figure["file"]) as pdf:
        there = words_in(pdf, figure["page"], tuple(figure["bbox"]))
        everything = [w.text for w in pdf.drawing(figure["page"]).words]
    said = [*(n["label"] for n in figure["nodes"]), *(e["label"] for e in figure["edges"])]
    for word in " ".join(said).split():
        there.remove(word)  # each as often as the truth has it
    for word in (figure["label"] + ": " + figure["caption"]).split():
        assert word in everything


def test_pictures_have_no_text_layer_where_they_should_not(samples: Path) -> None:
    with PdfFile(samples / "scan.pdf") as pdf:
        page = pdf.drawing(1)
        assert not page.words and len(page.images) == 1
        assert inside((0, 0, page.width, page.height), page.images[0].bbox, 0.99)
    with PdfFile(samples / "flowchart_raster.pdf") as pdf:
        page = pdf.drawing(1)
        assert [w.text for w in page.words][:2] == ["Figure", "1:"] and len(page.images) == 1
    with Image.open(samples / "flowchart.png") as picture:
        assert [0, 0, *picture.size] == next(t["bbox"] for t in TRUTH if t["file"] == "flowchart.png")


def test_the_logo_is_on_every_page(samples: Path) -> None:
    for name in ("logo.pdf", "telecom_report.pdf"):
        with PdfFile(samples / name) as pdf:
            heads = [[p.bbox for p in pdf.drawing(page.number).paths if p.bbox[3] < 80] for page in pdf.pages]
        assert len(heads) >= 3 and heads[0] and all(h == heads[0] for h in heads)
