"""Workers on a real local Ray cluster, one of them killed; inputs and results at a real local S3 server."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

import dic_ingest.batch.run as runs
from dic_ingest.batch.manifest import SAME, Entry
from dic_ingest.batch.run import RunSettings, run
from dic_ingest.batch.settings import WorkSettings
from dic_ingest.errors import DICIngestError, MissingFileError
from dic_ingest.owned_files import MARKER
from dic_ingest.settings import Settings

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800), pytest.mark.filterwarnings("ignore")]
Made = Callable[[Path], dict[str, bytes]]
FAKE = WorkSettings(Settings(engine="fake"))
PATIENT = {
    "RAY_worker_niceness": "0",
    "RAY_raylet_start_wait_time_s": "300",
    "RAY_worker_register_timeout_seconds": "300",
}


@pytest.fixture
def pictures(samples: Path, tmp_path: Path) -> Path:
    """Documents that are quick to read, one that is none, one in a folder below."""
    folder = tmp_path / "in"
    (folder / "deeper").mkdir(parents=True)
    for number in range(3):
        (folder / f"picture{number}.png").write_bytes((samples / "flowchart.png").read_bytes())
    (folder / "deeper" / "drawing.pdf").write_bytes((samples / "flowchart.pdf").read_bytes())
    (folder / "text.pdf").write_text("not a PDF at all")
    return folder


def plain(entries: list[Entry]) -> list[Entry]:
    return [replace(e, seconds=0.0, memory=0) for e in entries]


def placeless(results: dict[str, bytes]) -> dict[str, bytes]:
    """Results without what hashes them: the files name the places that they were read from."""
    kept = {name: data for name, data in results.items() if not name.endswith(MARKER)}
    return {
        name: re.sub(rb'"results": "[0-9a-f]+"', b"", data) if name.endswith(SAME) else data
        for name, data in kept.items()
    }


@pytest.mark.parametrize("captioner", [frozenset(), frozenset({"fake"})], ids=["one stage", "two stages"])
def test_a_cluster_gives_the_same_though_a_worker_is_killed(
    pictures: Path, tmp_path: Path, made: Made, monkeypatch: pytest.MonkeyPatch, captioner: frozenset[str]
) -> None:
    pytest.importorskip("ray", reason="the extra ray is not installed")
    for name, value in PATIENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(runs, "ONE_CAPTIONER", captioner)
    here = run([pictures], tmp_path / "here", FAKE)
    killed: list[int] = []

    def kill_one(entry: Entry) -> None:
        for process in [] if killed else psutil.Process().children(recursive=True):
            if any(part.startswith("ray::Remote") for part in process.cmdline()):
                process.kill()
                killed.append(process.pid)
                return

    how = RunSettings(workers=2, ray="local")
    there = run([pictures], tmp_path / "there", FAKE, how, progress=kill_one)
    assert killed
    assert plain(there) == plain(here)
    assert made(tmp_path / "there") == made(tmp_path / "here")
    assert not (tmp_path / "there" / ".dic-ingest-work").exists()
    again = run([pictures], tmp_path / "there", FAKE)  # either goes on where the other stopped
    assert sorted(e.status for e in again) == ["failed"] + ["skipped"] * 4


def test_no_cluster_there(pictures: Path, tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="the extra ray is not installed")
    with pytest.raises(DICIngestError, match="no Ray cluster"):
        run([pictures], tmp_path / "out", FAKE, RunSettings(ray="nonsense"))


@pytest.fixture
def bucket(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket on an S3 server of our own."""
    pytest.importorskip("moto.server", reason="pip install 'moto[server]' for an S3 server to test with")
    s3fs = pytest.importorskip("s3fs", reason="the extra ray is not installed")
    cache = tmp_path_factory.mktemp("cache")
    names = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
    code = (
        "import socket, sys; from moto.server import main\n"
        "s = socket.socket(); s.bind(('127.0.0.1', 0)); port = s.getsockname()[1]; s.close()\n"
        "print(port, flush=True); main(['-H', '127.0.0.1', '-p', str(port)])"
    )
    server = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert server.stdout is not None
    try:
        url = f"http://127.0.0.1:{int(server.stdout.readline())}"
        for name, value in {**names, "AWS_ENDPOINT_URL": url, "XDG_CACHE_HOME": str(cache)}.items():
            monkeypatch.setenv(name, value)
        end = time.monotonic() + 120
        while True:
            try:
                urllib.request.urlopen(url, timeout=5).close()
                break
            except OSError:
                assert time.monotonic() < end and server.poll() is None, "no S3 server"
                time.sleep(0.2)
        s3fs.S3FileSystem.clear_instance_cache()
        s3fs.S3FileSystem().mkdir("manuals")
        yield "s3://manuals"
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


def fetched(url: str, folder: Path) -> None:
    import s3fs

    s3fs.S3FileSystem(use_listings_cache=False).get(url, str(folder), recursive=True)


@pytest.mark.parametrize("captioner", [frozenset(), frozenset({"fake"})], ids=["one stage", "two stages"])
def test_inputs_and_results_in_a_bucket(
    pictures: Path,
    tmp_path: Path,
    made: Made,
    bucket: str,
    monkeypatch: pytest.MonkeyPatch,
    captioner: frozenset[str],
) -> None:
    import s3fs

    monkeypatch.setattr(runs, "ONE_CAPTIONER", captioner)
    files, out = s3fs.S3FileSystem(use_listings_cache=False), f"{bucket}/results"
    files.put(f"{pictures}/", f"{bucket}/docs/", recursive=True)
    entries = run([f"{bucket}/docs"], out, FAKE)
    assert sorted(e.status for e in entries) == ["failed"] + ["ok"] * 4
    assert entries[0].file == f"{bucket}/docs/deeper/drawing.pdf" and entries[0].stamp
    here = run([pictures], tmp_path / "here", FAKE)
    fetched(out, tmp_path / "copy")
    there = {
        name.replace(f"{bucket}/docs", str(pictures)): data.replace(
            f"{bucket}/docs".encode(), bytes(pictures)
        )
        for name, data in made(tmp_path / "copy").items()
    }
    assert placeless(there) == placeless(made(tmp_path / "here"))
    assert [e.pages for e in here] == [e.pages for e in entries]
    assert not files.exists(f"{out}/.dic-ingest-work")

    files.pipe(f"{bucket}/docs/picture1.png", (pictures / "picture2.png").read_bytes() + b"\0")
    files.rm(f"{out}/picture2/document.json")
    again = {Path(e.file).name: e.status for e in run([f"{bucket}/docs/**/*.p*"], out, FAKE)}
    assert again == {
        **dict.fromkeys(("picture0.png", "drawing.pdf"), "skipped"),
        **dict.fromkeys(("picture1.png", "picture2.png"), "ok"),
        "text.pdf": "failed",
    }
    lines = files.cat(f"{out}/manifest.jsonl").decode().splitlines()
    assert len(lines) == 5 == len({json.loads(line)["file"] for line in lines})
    with pytest.raises(MissingFileError, match="does not exist"):
        run([f"{bucket}/absent"], out, FAKE)
    with pytest.raises(DICIngestError, match="cannot be used"):
        run([pictures], "nonsense://x", FAKE)
