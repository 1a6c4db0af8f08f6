"""`dic-ingest backfill`: a run without an engine, then captions: same ids, from the file or from crops."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from reportlab.pdfgen.canvas import Canvas

from dic_ingest.batch.results import staged, write_document
from dic_ingest.cli.backfill import command
from dic_ingest.model.diagram import Kind
from dic_ingest.model.document import Document, Figure, Page, Parser, Route, Text
from dic_ingest.nodes import NodeSettings
from dic_ingest.owned_files import FolderKind, is_whole
from dic_ingest.pipeline import open_source
from dic_ingest.settings import Settings

BOX = (40.0, 40.0, 360.0, 260.0)


def draw(canvas: Canvas) -> None:
    for y, text in ((220, "Receive order"), (120, "Ship parcel")):
        canvas.rect(140, y, 120, 30)
        canvas.drawString(150, y + 10, text)
    canvas.line(200, 220, 200, 152)
    path = canvas.beginPath()
    path.moveTo(196, 158)
    path.lineTo(204, 158)
    path.lineTo(200, 150)
    path.close()
    canvas.drawPath(path, fill=1)


@pytest.fixture
def results(tmp_path: Path, make_pdf) -> tuple[Path, Path]:  # type: ignore[no-untyped-def]
    """(results folder of a run with engine none, its source)."""
    pdf = make_pdf(draw)
    out = tmp_path / "out"
    out.mkdir()
    route = Route("diagram", Kind.FLOWCHART, 0.9, "drawn")
    with open_source(pdf, Settings()) as opened, staged(out, "made") as folder:
        crop = opened.render(1, BOX, 144.0)
        (folder / "figures").mkdir()
        crop.save(folder / "figures" / "one.png")
        figure = Figure("f-1", 1, BOX, 1, label="Figure 1", printed_caption="Orders", route=route,
                        image="figures/one.png", dpi=144.0)  # fmt: skip
        twin = Figure("f-2", 1, BOX, 2, route=route, duplicate_of="f-1", image="figures/one.png")
        text = Text("t-1", 1, (0, 0, 10, 10), 0, text="Before.")
        document = Document(
            str(pdf), opened.sha256, Parser("test"), (Page(1, 400.0, 300.0),), (text, figure, twin)
        )
        write_document(document, folder, NodeSettings())
    return out, pdf


def nodes(out: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (out / "made" / "nodes.jsonl").read_text("utf-8").splitlines()]


def call(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(command, list(arguments), standalone_mode=False)
    if result.exception:
        raise result.exception
    return int(result.return_value), result.output


@pytest.mark.parametrize("source_there", [True, False])
def test_figures_get_captions_and_keep_their_ids(results: tuple[Path, Path], source_there: bool) -> None:
    out, pdf = results
    before = nodes(out)
    if not source_there:
        pdf.unlink()
    code, said = call(str(out))
    assert (code, said) == (0, "made: 1 described, 0 left as they are\n")
    after = nodes(out)
    assert [n["id"] for n in before] == [n["id"] for n in after]
    told = next(n for n in after if n["id"] == "f-1")
    assert "Receive order" in str(told["text"]) and told["metadata"]["caption_engine"] == "dic-small"  # type: ignore[index]
    there = sorted(p.name for p in (out / "made").iterdir())
    assert there == [".dic-ingest.json", "document.json", "document.md", "figures", "nodes.jsonl"]
    assert is_whole(out / "made", FolderKind.DOCUMENT)
    assert call(str(out)) == (0, "made: 0 described, 1 left as they are\n")  # done is done


def test_a_dry_run_counts_and_writes_nothing(results: tuple[Path, Path]) -> None:
    out, _ = results
    before = nodes(out)
    code, said = call(str(out), "--dry-run", "--json")
    assert code == 0
    assert json.loads(said) == {"name": "made", "described": 1, "left": 0, "failed": 0}
    assert nodes(out) == before


def test_a_lost_crop_fails_alone(results: tuple[Path, Path]) -> None:
    out, pdf = results
    pdf.unlink()
    (out / "made" / "figures" / "one.png").unlink()
    code, said = call(str(out))
    assert (code, said) == (1, "made: 0 described, 0 left as they are, 1 failed\n")
    warnings = json.loads((out / "made" / "document.json").read_text("utf-8"))["warnings"]
    assert [w["code"] for w in warnings] == ["figure_failed"]


def test_wrong_calls_say_what_to_do(results: tuple[Path, Path], tmp_path: Path) -> None:
    out, _ = results
    with pytest.raises(FileNotFoundError, match="holds no results"):
        call(str(tmp_path / "nothing"))
    with pytest.raises(ValueError, match="describes nothing"):
        call(str(out), "--engine", "none")
    with pytest.raises(ValueError, match="needs the server's URL"):
        call(str(out), "--engine", "endpoint")
    with pytest.raises(ValueError, match="KEY=VALUE"):
        call(str(out), "--engine-option", "url")
