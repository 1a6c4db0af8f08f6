"""Saved MinerU output by every way in: one document, with the PDF beside it; hostile ones too."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from dic_ingest import DICReader, ingest
from dic_ingest.batch.plan import plan
from dic_ingest.errors import BundleError, ChangedFileError, UnsupportedFileError
from dic_ingest.mineru.output.find import document_name, is_output, original_pdf
from dic_ingest.mineru.output.source import SavedOutput
from dic_ingest.settings import Settings

FIXTURE = Path(__file__).resolve().parent.parent / "fixtures" / "mineru4_flash_synth"
QUIET = Settings(engine="none")
PARAGRAPH = "This paragraph explains the ingestion pipeline in some detail"


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """MinerU 4's folder for report.pdf, with the PDF."""
    folder = tmp_path / "in" / "report"
    shutil.copytree(FIXTURE, folder)
    return folder


def zipped(folder: Path, target: Path, **names: str) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                name = file.relative_to(folder).as_posix()
                archive.write(file, names.get(file.stem, f"report/{name}"))
    return target


def command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dic_ingest", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_folder_a_zip_and_each_json_are_the_same_document(saved: Path, tmp_path: Path) -> None:
    ways = [
        saved,
        zipped(saved, tmp_path / "report.zip"),
        saved / "middle_json.json",
        saved / "content_list.json",
        saved / "content_list_v2.json",
    ]
    told = []
    for way in ways:
        document = ingest(way, QUIET, tmp_path / "crops")
        assert document.source == str(way) and document.parser.name == "mineru"
        assert [w.code for w in document.warnings] == []
        assert [f.page for f in document.figures] == [1, 1]
        assert all(f.image and (tmp_path / "crops" / f.image).stat().st_size > 1000 for f in document.figures)
        told.append([f.bbox for f in document.figures])
        assert any(PARAGRAPH in b.content for b in document.blocks)
    assert all(
        a == pytest.approx(b, abs=2) for way in told for a, b in zip(way, told[0], strict=True) if a and b
    )


def test_describe_reads_a_folder_and_a_zip(saved: Path, tmp_path: Path) -> None:
    done = command("describe", saved, zipped(saved, tmp_path / "report.zip"), "--engine", "none")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stderr
    assert [line["page"] for line in lines] == [1, 1, 1, 1]
    assert any(line["words"] for line in lines[:2]) and any(line["words"] for line in lines[2:])


def test_a_run_takes_an_output_folder_as_one_document(saved: Path, tmp_path: Path) -> None:
    shutil.copy(FIXTURE / "source.pdf", saved.parent / "other.pdf")
    done = command("run", saved.parent, "--out", tmp_path / "out", "--engine", "none")
    assert done.returncode == 0, done.stderr
    entries = [json.loads(line) for line in (tmp_path / "out" / "manifest.jsonl").read_text().splitlines()]
    assert sorted(Path(e["file"]).name for e in entries) == ["middle_json.json", "other.pdf"]
    assert {e["status"] for e in entries} == {"ok"} and {e["tier"] for e in entries} == {"flash"}
    assert (tmp_path / "out" / "report" / "nodes.jsonl").stat().st_size > 1000
    again = command("run", saved.parent, "--out", tmp_path / "out", "--engine", "none")
    assert "skipped 2" in " ".join(again.stderr.replace("│", " ").split()), again.stderr


def test_the_reader_reads_a_folder_and_a_json(saved: Path, tmp_path: Path) -> None:
    reader = DICReader(engine="none", image_dir=str(tmp_path / "crops"))
    for way in (saved, saved / "middle_json.json"):
        assert any(PARAGRAPH in d.text for d in reader.load_data(way))


def test_without_the_pdf_figures_are_the_saved_pictures(saved: Path, tmp_path: Path) -> None:
    (saved / "source.pdf").unlink()
    document = ingest(saved, QUIET, tmp_path / "crops")
    assert [w.code for w in document.warnings] == ["no_original"]
    kept = [f for f in document.figures if f.image]
    assert kept and all(f.bbox for f in document.figures)
    for figure in kept:
        with Image.open(tmp_path / "crops" / figure.image) as crop:
            colors = crop.convert("L").getcolors(1 << 20)
        assert colors is not None and len(colors) > 2  # not the blank page


def test_where_the_pdf_lies(saved: Path, tmp_path: Path) -> None:
    root = tmp_path / "older"
    place = root / "thesis" / "auto"
    place.mkdir(parents=True)
    shutil.copy(saved / "content_list.json", place / "thesis_content_list.json")
    assert original_pdf(place / "thesis_content_list.json") is None
    assert document_name(place / "thesis_content_list.json") == "thesis"
    shutil.copy(FIXTURE / "source.pdf", root / "thesis.pdf")
    assert original_pdf(place / "thesis_content_list.json") == root / "thesis.pdf"
    shutil.copy(FIXTURE / "source.pdf", place / "thesis_layout.pdf")
    shutil.copy(FIXTURE / "source.pdf", place / "thesis_origin.pdf")
    assert original_pdf(place / "thesis_content_list.json") == place / "thesis_origin.pdf"
    jobs = {Path(j.file).name: j.name for j in plan([root], tmp_path / "out")}
    assert jobs == {"thesis_content_list.json": "thesis"}


def test_two_outputs_in_one_folder_are_two_documents_and_other_files_stay(tmp_path: Path) -> None:
    for name in ("one", "two"):
        shutil.copy(FIXTURE / "middle_json.json", tmp_path / f"{name}_middle.json")
        shutil.copy(FIXTURE / "content_list.json", tmp_path / f"{name}_content_list.json")
        shutil.copy(FIXTURE / "source.pdf", tmp_path / f"{name}_layout.pdf")
    shutil.copy(FIXTURE / "source.pdf", tmp_path / "unrelated.pdf")
    shutil.copy(FIXTURE / "source.pdf", tmp_path / "also.pdf")
    jobs = {Path(j.file).name: j.name for j in plan([tmp_path], tmp_path / "out")}
    assert jobs == {
        "one_middle.json": "one",
        "two_middle.json": "two",
        "unrelated.pdf": "unrelated",
        "also.pdf": "also",
    }


def test_json_of_others_is_none(tmp_path: Path) -> None:
    (tmp_path / "middle.json").write_text('{"left": 1, "right": 2}')
    (tmp_path / "package.json").write_text('{"name": "x", "schema_version": 1}')
    assert not is_output(tmp_path) and not is_output(tmp_path / "package.json")
    shutil.copy(FIXTURE / "source.pdf", tmp_path / "a.pdf")
    assert [Path(j.file).name for j in plan([tmp_path], tmp_path / "out")] == ["a.pdf"]
    with pytest.raises(BundleError, match="no MinerU contract"):
        ingest(tmp_path / "package.json", QUIET)
    with pytest.raises(UnsupportedFileError, match="is a folder"):
        ingest(tmp_path, QUIET)


def test_the_pdf_beside_it_may_not_change_meanwhile(saved: Path) -> None:
    with pytest.raises(ChangedFileError, match=r"source\.pdf"), SavedOutput(saved):
        shutil.copy(FIXTURE / "middle_json.json", saved / "source.pdf")


def members(picture: str, count: int = 1) -> list[dict[str, Any]]:
    item = {"type": "image", "img_path": picture, "image_caption": ["Figure 1: kept"], "page_idx": 0}
    return [item | {"bbox": [100, 100, 500, 300]}] * count


def test_a_zip_writes_nothing_outside(tmp_path: Path) -> None:
    bundle = tmp_path / "in" / "slip.zip"
    bundle.parent.mkdir()
    with zipfile.ZipFile(bundle, "w") as archive:
        archive.writestr("../../slip_content_list.json", json.dumps(members("../../evil.png")))
        archive.writestr("../../evil.png", (FIXTURE / "images" / "page_0_image_2.jpg").read_bytes())
        archive.writestr("/tmp/x_origin.pdf", (FIXTURE / "source.pdf").read_bytes())
    before = sorted(tmp_path.rglob("*"))
    document = ingest(bundle, QUIET)
    assert document.figures[0].label == "Figure 1"
    assert sorted(tmp_path.rglob("*")) == before
    assert not Path("/tmp/x_origin.pdf").exists()


@pytest.mark.parametrize("what", ["json", "pdf"])
def test_a_zip_bomb_is_refused(tmp_path: Path, what: str) -> None:
    bundle = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bundle, "w", zipfile.ZIP_DEFLATED) as archive:
        text = json.dumps(members("x.png"))
        archive.writestr("a_content_list.json", text + " " * (300 << 20) * (what == "json"))
        if what == "pdf":
            archive.writestr("a_origin.pdf", b"%PDF-1.7\n" + b"\0" * (300 << 20))
    if what == "json":
        with pytest.raises(BundleError, match=r"BundleLimits|times its size"):
            ingest(bundle, QUIET)
    else:
        assert "no_original" in [w.code for w in ingest(bundle, QUIET).warnings]


def test_links_are_not_followed(saved: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.pdf"
    shutil.move(saved / "source.pdf", outside)
    (saved / "source.pdf").symlink_to(outside)
    assert original_pdf(saved / "middle_json.json") is None
    for name in ("middle_json.json", "content_list.json", "content_list_v2.json"):
        shutil.move(saved / name, tmp_path / name)
        (saved / name).symlink_to(tmp_path / name)
    assert not is_output(saved)


@pytest.mark.corpus
def test_outputs_of_other_people_are_read_by_every_way(corpus: Path, tmp_path: Path) -> None:
    jobs = plan([corpus / "mineru_output"], tmp_path / "out")
    assert len(jobs) == 3 and all(Path(j.file).suffix == ".json" for j in jobs)
    assert {j.name for j in jobs} >= {"1206_SCFR_2023", "2410.21169v5"}
    for job in jobs:
        document = ingest(Path(job.file), QUIET, tmp_path / job.name)
        assert len(document.blocks) > 5 and "no_original" in {w.code for w in document.warnings}
