"""Every program of examples/ that the base install can run, as a user runs it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from made_document import made, write_crops
from running import EXAMPLES, run

from dic_ingest.batch.manifest import Entry, Manifest
from dic_ingest.batch.results import write_document
from dic_ingest.nodes import NodeSettings

TESTS = Path(__file__).resolve().parent
QUESTION = "Which interfaces does the AMF have across all manuals?"


def test_every_example_has_a_test() -> None:
    tested = "".join(f.read_text("utf-8") for f in TESTS.glob("test_*.py"))
    assert [f.name for f in sorted(EXAMPLES.glob("*.py")) if f'"{f.stem}"' not in tested] == []


def test_every_example_says_how_it_is_called() -> None:
    for file in EXAMPLES.glob("*.py"):
        assert f"python examples/{file.name}" in file.read_text("utf-8"), file.name


def test_mixed_folder(samples: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "below").mkdir(parents=True)
    for name in ("flowchart.pdf", "flowchart.png", "logo.pdf"):
        (folder / name).symlink_to(samples / name)
    (folder / "below" / "plain.txt").write_text("Text of another kind.")
    (folder / "torn.pdf").write_text("not a PDF")
    lines = set(run("mixed_folder", folder, home=tmp_path).splitlines())
    assert {"flowchart.pdf: 1 figure", "flowchart.png: 1 figure", "plain.txt: 1 read by LlamaIndex"} <= lines
    assert any(line.startswith("not read: ") and "torn.pdf" in line for line in lines)


def test_router_rule(samples: Path, tmp_path: Path) -> None:
    out = run("router_rule", samples / "telecom_report.pdf", tmp_path / "out", home=tmp_path)
    assert out.count("skipped, not about a session; by the router it is: ") == 3
    assert "Figure 3: diagram" in out and '"Session request" leads to "Read subscription"' in out
    assert len(list((tmp_path / "out" / "figures").glob("*.png"))) >= 4


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """A mineru-api of MinerU's own on loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    home = tmp_path / "home"
    home.mkdir()
    process = subprocess.Popen(
        [Path(sys.executable).parent / "mineru-api", "--tier", "flash", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "HOME": str(home), "MINERU_HOME": str(home), "MINERU_MODEL_SOURCE": "local"},
        cwd=home,
        start_new_session=True,
    )
    try:
        for _ in range(480):
            try:
                if httpx.get(url + "/v1/health").status_code == 200:
                    break
            except httpx.HTTPError:
                pass
            assert process.poll() is None, "mineru-api ended at once"
            time.sleep(0.25)
        yield url
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def test_mineru_server(samples: Path, tmp_path: Path, server: str) -> None:
    lines = run("mineru_server", server, samples / "two_columns.pdf", home=tmp_path).splitlines()
    kinds = [line.split()[2] for line in lines]
    assert "figure" in kinds and kinds.count("text") >= 2
    assert any("Figure" in line for line in lines if line.split()[2] == "figure")


def test_answer_with_figures(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "orders").mkdir(parents=True)
    write_document(made(), out / "orders", NodeSettings())
    write_crops(out / "orders")
    Manifest(out).add(Entry("orders.pdf", "ok", name="orders", sha256=made().sha256))
    said = run("answer_with_figures", out, "Ship parcel", home=tmp_path)
    assert "page 1, Figure 3" in said and "crop " in said and "node 'Ship parcel' at" in said


def test_graph_across_manuals(tmp_path: Path) -> None:
    said = run("graph_across_manuals", tmp_path / "work", home=tmp_path).splitlines()
    answers = [line.partition(":")[0] for line in said[said.index(QUESTION) + 1 :]]
    assert answers == ["N11 to SMF", "N12 to AUSF", "N2 to gNB", "N8 to UDM"]
