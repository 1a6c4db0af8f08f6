"""Memory, vanished files, odd names, globs, a closed network, quick re-runs, and what is logged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from dic_ingest.batch.manifest import Entry, Manifest
from dic_ingest.batch.plan import plan
from dic_ingest.batch.run import RunSettings, run
from dic_ingest.batch.scratch import scratch
from dic_ingest.batch.settings import WorkSettings
from dic_ingest.batch.workers.supervisor import Limits, Worker, WorkerConfig
from dic_ingest.errors import MissingFileError, UnsupportedFileError
from dic_ingest.owned_files import MARKER
from dic_ingest.settings import Settings

PLAIN = WorkSettings(Settings(engine="none"))


def cli(*arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dic_ingest", *map(str, arguments)],
        capture_output=True, text=True, timeout=240, check=False, env={**os.environ, **more},
    )  # fmt: skip


def test_a_document_over_the_memory_limit_is_killed_and_the_others_go_on(
    samples: Path, tmp_path: Path
) -> None:
    entries = run([samples / "flowchart.pdf"], tmp_path, PLAIN, RunSettings(memory=30))
    assert [e.status for e in entries] == ["failed"] and "--memory" in entries[0].error
    entries = run([samples / "flowchart.pdf"], tmp_path, PLAIN)
    assert entries[0].status == "ok" and 50 < entries[0].memory < 4000


def test_everything_that_a_worker_started_is_killed_with_it(samples: Path, tmp_path: Path) -> None:
    worker = Worker(WorkerConfig({}, str(tmp_path)))
    job = {"file": str(samples / "telecom_report.pdf"), "name": "one", "out": str(tmp_path)}
    answers = []
    thread = threading.Thread(target=lambda: answers.append(worker.do(job, Limits(60, 4000))))
    thread.start()
    me, children, end = psutil.Process(worker.process.pid), [], time.monotonic() + 60
    while not children and time.monotonic() < end:
        children = me.children(recursive=True)  # MinerU in a session of its own
    worker.kill()
    thread.join()
    worker.close()
    assert children and answers[0]["status"] == "failed"
    _, alive = psutil.wait_procs([me, *children], timeout=10)
    assert not alive


def test_a_file_that_vanishes_and_a_name_that_is_no_text(samples: Path, tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    inbox.mkdir()
    (inbox / "goes.pdf").write_bytes(b"%PDF")
    odd = Path(os.fsdecode(os.fsencode(inbox) + b"/caf\xe9 \x1b[31m.png"))
    odd.write_bytes((samples / "flowchart.png").read_bytes())
    entries = run([inbox], tmp_path / "out", PLAIN, started=lambda total: (inbox / "goes.pdf").unlink())
    found = {Path(e.file).suffix: e for e in entries}
    assert found[".pdf"].status == "failed" and "does not exist" in found[".pdf"].error
    assert found[".png"].status == "ok", found[".png"].error
    again = run([odd], tmp_path / "out", PLAIN)
    assert [e.status for e in again] == ["skipped"]
    json.loads((tmp_path / "out" / again[0].name / "document.json").read_text("utf-8"))


def test_globs_devices_and_names_from_earlier_runs(samples: Path, tmp_path: Path) -> None:
    for name in ("one/a.pdf", "two/a.pdf", "two/b[1].pdf", "two/MANIFEST.jsonl.pdf", "three/A.pdf"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    out = tmp_path / "out"
    assert [j.file.name for j in plan([tmp_path / "**" / "a*.pdf"], out)] == ["a.pdf", "a.pdf"]
    assert [j.name for j in plan([tmp_path / "two" / "b[1].pdf"], out)] == ["b[1]"]
    with pytest.raises(MissingFileError, match="matches nothing"):
        plan([tmp_path / "*.docx"], out)
    os.mkfifo(tmp_path / "pipe.pdf")
    with pytest.raises(UnsupportedFileError):
        plan([tmp_path / "pipe.pdf"], out)
    names = [j.name.casefold() for j in plan([tmp_path], out)]
    assert len(set(names)) == 5 and "manifest.jsonl" not in names  # A.pdf is not a.pdf
    first = str(tmp_path / "one" / "a.pdf")
    out.mkdir(exist_ok=True)
    manifest = Manifest(out)
    manifest.add(Entry(first, "ok", name="a"))
    later = plan([tmp_path / "one", tmp_path / "two"], out, manifest)
    assert [j.name for j in later if str(j.file) == first] == ["a"]
    other = plan([tmp_path / "two" / "a.pdf"], out, manifest)
    assert other[0].name.startswith("a-")  # the earlier document's results stay


def test_nothing_is_fetched(samples: Path, tmp_path: Path, closed_network: dict[str, str]) -> None:
    touched = Path(closed_network["TOUCHED"])
    inputs = (samples / "flowchart.pdf", samples / "flowchart.png")
    done = cli("run", *inputs, "--out", tmp_path / "out", **closed_network)
    assert done.returncode == 0, done.stderr
    assert not touched.exists(), touched.read_text()
    check = "import socket; socket.create_connection(('192.0.2.1', 9), 1)"
    ran = subprocess.run(
        [sys.executable, "-c", check], env={**os.environ, **closed_network}, capture_output=True, check=False
    )
    assert ran.returncode and touched.exists()  # the block does block


def test_log_lines_and_quick_re_runs(samples: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = cli("run", samples / "flowchart.png", "--out", out, "--engine", "none", "--log-json")
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert done.returncode == 0 and done.stdout == ""
    assert [e["event"] for e in events if e["event"] != "worker"] == ["start", "document", "end"]
    code = (
        "import sys; sys.argv[0] = 'dic-ingest'\nfrom dic_ingest.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(*sys.modules)"
    )
    arguments = ["run", str(samples / "flowchart.png"), "--out", str(out), "--engine", "none", "--json"]
    again = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    entry, modules = again.stdout.splitlines()
    assert json.loads(entry)["status"] == "skipped"
    heavy = {"cv2", "numpy", "pypdfium2", "mineru", "onnxruntime", "rapidocr", "llama_index", "torch"}
    assert not heavy & set(modules.split())
    assert len((out / "manifest.jsonl").read_text().splitlines()) == 1


def test_the_scratch_folder_of_a_killed_run_goes(tmp_path: Path) -> None:
    with scratch(tmp_path) as place:
        (place / "left").touch()
        with scratch(tmp_path) as again:
            assert again == place and [p.name for p in again.iterdir()] == [MARKER]
    assert not place.exists()
