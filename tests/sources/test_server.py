"""The HTTP door: a real mineru-api (4.0, tier flash) on loopback, and a small server that speaks 3.x."""

from __future__ import annotations

import base64
import io
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from dic_ingest.errors import ModelsMissingError, ServerError, SettingsError
from dic_ingest.mineru import worker_process as mineru_process
from dic_ingest.mineru.local import parse_local
from dic_ingest.mineru.server.client import parse_remote
from dic_ingest.mineru.server.http import ServerSettings

MakePdf = Callable[..., Path]
SENTENCE = "The valve opens when the pump has run for ten seconds and the tank is full of water."


def article(canvas: Canvas) -> None:
    for i in range(12):
        canvas.drawString(60, 700 - 14 * i, SENTENCE)


def scan(canvas: Canvas) -> None:
    canvas.drawInlineImage(Image.effect_noise((300, 400), 60), 0, 0, 612, 792)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a mineru-api that runs as long as this file's tests."""
    home, port = tmp_path_factory.mktemp("home"), free_port()
    url = f"http://127.0.0.1:{port}"
    program = Path(sys.executable).parent / "mineru-api"
    env = {**os.environ, "HOME": str(home), "MINERU_HOME": str(home), "MINERU_MODEL_SOURCE": "local"}
    process = subprocess.Popen(
        [program, "--tier", "flash", "--host", "127.0.0.1", "--port", str(port), "--api-key", "secret"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=env,
        cwd=home,
        start_new_session=True,
    )
    try:
        for _ in range(240):
            try:
                if (
                    httpx.get(url + "/v1/health", headers={"Authorization": "Bearer secret"}).status_code
                    == 200
                ):
                    break
            except httpx.HTTPError:
                pass
            assert process.poll() is None, "mineru-api ended at once"
            time.sleep(0.25)
        yield url
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


@pytest.fixture(scope="module", autouse=True)
def no_worker_left() -> Iterator[None]:
    yield
    mineru_process.stop()


def test_server_and_worker_give_the_same_document(
    real: str, make_pdf: MakePdf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINERU_API_KEY", "secret")
    path = make_pdf(article, article, size=(612, 792))
    document = parse_remote(path, ServerSettings(url=real))
    assert document == parse_local(path) and document.parser.tier == "flash"
    assert {b.page for b in parse_remote(path, ServerSettings(url=real), page_range="2").blocks} == {2}


def test_a_scan_that_the_server_refuses(
    real: str, make_pdf: MakePdf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINERU_API_KEY", "secret")
    document = parse_remote(make_pdf(scan, size=(612, 792)), ServerSettings(url=real))
    assert [f.page for f in document.figures] == [1] and "scanned" in {w.code for w in document.warnings}


def test_refusals_of_the_real_server_are_typed(
    real: str, make_pdf: MakePdf, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_pdf(article, size=(612, 792))
    monkeypatch.delenv("MINERU_API_KEY", raising=False)
    with pytest.raises(ServerError, match="MINERU_API_KEY"):
        parse_remote(path, ServerSettings(url=real))
    monkeypatch.setenv("MINERU_API_KEY", "secret")
    with pytest.raises(ServerError, match="'basic' not available"):
        parse_remote(path, ServerSettings(url=real, tier="basic"))


class Small(BaseHTTPRequestHandler):
    """Answers from `replies`: (status, body) by method and path, the last one again and again."""

    replies: dict[str, list[tuple[int, bytes]]]
    bodies: list[bytes]

    def log_message(self, format: str, *args: object) -> None:
        return

    def do_GET(self) -> None:
        self.reply("GET")

    def do_POST(self) -> None:
        self.bodies.append(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
        self.reply("POST")

    def reply(self, method: str) -> None:
        listed = self.replies.get(f"{method} {self.path.partition('?')[0]}", [(404, b"{}")])
        status, body = listed.pop(0) if len(listed) > 1 else listed[0]
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def small() -> Iterator[Callable[..., tuple[str, list[bytes]]]]:
    servers: list[ThreadingHTTPServer] = []

    def start(replies: dict[str, Any]) -> tuple[str, list[bytes]]:
        def plain(value: Any) -> bytes:
            return value if isinstance(value, bytes) else json.dumps(value).encode()

        listed = {
            k: [(s, plain(b)) for s, b in (v if isinstance(v, list) else [v])] for k, v in replies.items()
        }
        bodies: list[bytes] = []
        handler = type("Handler", (Small,), {"replies": listed, "bodies": bodies})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}", bodies

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def png() -> str:
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


ITEMS = [
    {"type": "text", "text": SENTENCE, "bbox": [100, 100, 900, 300], "page_idx": 0},
    {"type": "image", "img_path": "images/a.png", "image_caption": ["Figure 1: A"], "image_footnote": [],
     "content": "graph TD", "sub_type": "flowchart", "bbox": [100, 400, 900, 600], "page_idx": 0},
]  # fmt: skip


def test_the_3x_dialect(small: Callable[..., Any], make_pdf: MakePdf, tmp_path: Path) -> None:
    result = {
        "md_content": None,
        "content_list": json.dumps(ITEMS),
        "images": {"a.png": png(), "../b.png": png()},
    }
    url, bodies = small(
        {
            "GET /health": (200, {"status": "healthy"}),
            "POST /file_parse": (200, {"backend": "vlm-engine", "results": {"document": result}}),
        }
    )
    path = make_pdf(article, size=(612, 792), name="private name.pdf")
    document = parse_remote(path, ServerSettings(url=url), images=tmp_path / "pictures")
    assert document.parser.tier == "vlm-engine" and SENTENCE in document.blocks[0].content
    (figure,) = document.figures
    assert figure.hint is not None and figure.hint.source == "mineru_vlm" and Path(figure.image).is_file()
    assert figure.bbox == pytest.approx((61.2, 316.8, 550.8, 475.2))
    assert b"private name" not in bodies[0] and b"return_content_list" in bodies[0]
    assert [p.name for p in tmp_path.rglob("b.png")] == []
    assert parse_remote(path, ServerSettings(url=url)).figures[0].image == ""


def test_middle_json_of_a_3x_server_is_preferred(small: Callable[..., Any], make_pdf: MakePdf) -> None:
    line = {"spans": [{"type": "text", "content": SENTENCE + " From middle."}]}
    page = {"page_idx": 0, "page_size": [306, 396], "para_blocks": [{"type": "text", "lines": [line]}]}
    middle = {"pdf_info": [page], "_backend": "hybrid", "_version_name": "3.4.5"}
    result = {"middle_json": json.dumps(middle), "content_list": json.dumps(ITEMS)}
    url, _ = small({"GET /health": (200, {}), "POST /file_parse": (200, {"results": {"document": result}})})
    document = parse_remote(make_pdf(article, size=(612, 792)), ServerSettings(url=url))
    assert "From middle." in document.blocks[0].content
    assert (document.parser.version, document.parser.tier) == ("3.4.5", "hybrid")


@pytest.mark.parametrize(
    ("replies", "said"),
    [
        ({"GET /v1/health": (200, {"version": "4.2.3"})}, "MinerU 4.2.3"),
        ({"GET /v1/health": (200, {})}, "unknown version"),
        ({}, "no mineru-api answers"),
        ({"GET /v1/health": (200, b"<html>")}, "no mineru-api answers"),
        ({"GET /health": (200, {}), "POST /file_parse": (409, {"message": "failed"})}, "HTTP 409.: failed"),
        ({"GET /health": (200, {}), "POST /file_parse": (200, b"[]")}, "without `results`"),
        (
            {"GET /health": (200, {}), "POST /file_parse": (200, {"results": {"d": {}}})},
            "neither middle_json",
        ),
        (
            {
                "GET /health": (200, {}),
                "POST /file_parse": (200, {"results": {"d": {"content_list": "[5]"}}}),
            },
            "something else",
        ),
        (
            {"GET /v1/health": (200, {"version": "4.0.9"}), "POST /v1/file_parse": (200, b"no zip")},
            "something else",
        ),
        (
            {"GET /v1/health": (200, {"version": "4.0.9"}), "POST /v1/file_parse": (202, {})},
            "without naming a task",
        ),
        ({"GET /v1/health": (401, {})}, "MINERU_API_KEY"),
    ],
)
def test_wrong_answers_are_one_clear_error(
    small: Callable[..., Any], make_pdf: MakePdf, replies: dict[str, Any], said: str
) -> None:
    url, _ = small(replies)
    with pytest.raises(ServerError, match=said):
        parse_remote(make_pdf(article, size=(612, 792)), ServerSettings(url=url))


def test_missing_weights_on_the_server(small: Callable[..., Any], make_pdf: MakePdf) -> None:
    error = {"status": "failed", "files": [{"error": {"message": "Model repo X is not ready under Y"}}]}
    url, _ = small({"GET /v1/health": (200, {"version": "4.0.12"}), "POST /v1/file_parse": (409, error)})
    path = make_pdf(article, size=(612, 792))
    with pytest.raises(ModelsMissingError, match="tier standard"):
        parse_remote(path, ServerSettings(url=url, tier="standard"))
    document = parse_remote(path, ServerSettings(url=url, tier="flash"))
    assert SENTENCE in document.blocks[0].content and document.parser.tier == "text"


def test_a_long_parse_is_polled_and_a_busy_server_tried_again(
    small: Callable[..., Any], make_pdf: MakePdf
) -> None:
    bundle = io.BytesIO()
    with zipfile.ZipFile(bundle, "w") as out:
        out.writestr("content_list.json", json.dumps(ITEMS))
    task = {"task_id": "job_1"}
    url, _ = small(
        {
            "GET /v1/health": (200, {"version": "4.0.12"}),
            "GET /v1/tiers": (200, {"data": [{"id": "flash"}]}),
            "POST /v1/file_parse": [(503, {}), (202, task)],
            "GET /v1/tasks/job_1/result": [(202, task), (200, bundle.getvalue())],
        }
    )
    document = parse_remote(make_pdf(article, size=(612, 792)), ServerSettings(url=url))
    assert document.figures[0].printed_caption == "Figure 1: A"


def test_an_answer_too_large_a_server_too_slow_or_absent(
    small: Callable[..., Any], make_pdf: MakePdf
) -> None:
    path = make_pdf(article, size=(612, 792))
    big = {"results": {"d": {"content_list": "x" * 100_000}}}
    url, _ = small({"GET /health": (200, {}), "POST /file_parse": (200, big)})
    with pytest.raises(ServerError, match="max_bytes"):
        parse_remote(path, ServerSettings(url=url, max_bytes=10_000))
    silent = socket.socket()
    silent.bind(("127.0.0.1", 0))
    silent.listen()
    try:
        with pytest.raises(ServerError, match="timeout"):
            parse_remote(path, ServerSettings(url=f"http://127.0.0.1:{silent.getsockname()[1]}", timeout=0.3))
    finally:
        silent.close()
    with pytest.raises(ServerError, match="cannot be reached"):
        parse_remote(path, ServerSettings(url=f"http://127.0.0.1:{free_port()}", retries=1))


@pytest.mark.parametrize(
    "wrong",
    [{"url": "mineru.net/api"}, {"url": "ftp://x"}, {"url": "http://me:pw@host"}, {"tier": "x"}, {"ocr": "x"},
     {"timeout": 0.0}, {"retries": -1}],
)  # fmt: skip
def test_settings_are_checked(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        ServerSettings(**wrong)


def test_there_is_no_default_server(make_pdf: MakePdf) -> None:
    with pytest.raises(SettingsError, match="no server url"):
        parse_remote(make_pdf(article), ServerSettings())
