"""Folder runs with real worker processes: results, resume, failures kept apart, timeouts, locks."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from dic_ingest.batch.run import RunSettings, run
from dic_ingest.batch.scratch import locked
from dic_ingest.batch.settings import WorkSettings
from dic_ingest.errors import DICIngestError, SettingsError
from dic_ingest.model.document import Document
from dic_ingest.settings import Settings

PLAIN = WorkSettings(Settings(engine="none"))


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_mixed_folder(samples: Path, tmp_path: Path) -> None:
    inbox, out = tmp_path / "in", tmp_path / "out"
    inbox.mkdir()
    (inbox / "good.pdf").write_bytes((samples / "flowchart.pdf").read_bytes())
    (inbox / "picture.png").write_bytes((samples / "flowchart.png").read_bytes())
    (inbox / "text.pdf").write_text("not a PDF at all")
    (inbox / "empty.pdf").touch()

    entries = {Path(e.file).name: e for e in run([inbox], out, PLAIN)}
    assert {n: e.status for n, e in entries.items()} == {
        "good.pdf": "ok",
        "picture.png": "ok",
        "text.pdf": "failed",
        "empty.pdf": "failed",
    }
    assert "not a PDF" in entries["text.pdf"].error
    document = Document.from_dict(json.loads((out / "good" / "document.json").read_text()))
    nodes = lines(out / "good" / "nodes.jsonl")
    figures = [n for n in nodes if n["metadata"]["dic_type"] == "figure"]  # type: ignore[index]
    assert len(figures) == 1 and entries["good.pdf"].figures == 1
    crop = next(f.image for f in document.figures if f.image)
    assert (out / "good" / crop).is_file()
    assert not list(out.glob(".*.tmp")) and not (out / "text").exists()
    assert len(lines(out / "manifest.jsonl")) == 4

    before = (out / "good" / "document.json").stat().st_mtime_ns
    again = {Path(e.file).name: e.status for e in run([inbox], out, PLAIN)}
    assert again == {
        "good.pdf": "skipped",
        "picture.png": "skipped",
        "text.pdf": "failed",
        "empty.pdf": "failed",
    }
    assert (out / "good" / "document.json").stat().st_mtime_ns == before
    changed = run([inbox / "good.pdf"], out, WorkSettings(Settings(engine="fake")))
    assert [e.status for e in changed] == ["ok"]


def test_a_stuck_document_is_killed_and_the_others_go_on(samples: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    entries = run([samples / "flowchart.pdf"], out, PLAIN, RunSettings(timeout=0.05))
    assert [e.status for e in entries] == ["failed"] and "--timeout" in entries[0].error
    assert 0.05 <= entries[0].seconds < 60
    assert [e.status for e in run([samples / "flowchart.pdf"], out, PLAIN)] == ["ok"]


def test_two_runs_on_one_folder(samples: Path, tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(DICIngestError, match="in use"):
        run([samples / "flowchart.pdf"], tmp_path, PLAIN)


def test_an_output_that_cannot_be_written(samples: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DICIngestError, match="cannot be written"):
        run([samples / "flowchart.pdf"], tmp_path / "file" / "out", PLAIN)


def test_settings_are_checked() -> None:
    with pytest.raises(SettingsError):
        RunSettings(workers=0)
    with pytest.raises(SettingsError):
        RunSettings(timeout=0)


def test_a_run_works_off_the_main_thread(samples: Path, tmp_path: Path) -> None:
    found: list[str] = []
    thread = threading.Thread(
        target=lambda: found.extend(e.status for e in run([samples / "flowchart.pdf"], tmp_path / "o", PLAIN))
    )
    thread.start()
    thread.join()
    assert found == ["ok"]
