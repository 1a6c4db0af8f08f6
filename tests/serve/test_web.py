"""The web page's routes: what they show, what they refuse, what they keep."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette", reason="pip install 'dic-ingest[serve]'")
pytest.importorskip("jinja2", reason="pip install 'dic-ingest[serve]'")
pytest.importorskip("python_multipart", reason="pip install 'dic-ingest[serve]'")

from made_document import made
from results_made import weighed, write
from starlette.testclient import TestClient

from dic_ingest.batch.manifest import Entry, Manifest
from dic_ingest.errors import MissingExtraError
from dic_ingest.serve.access import Guard, Rules, host_name
from dic_ingest.serve.ingestion import Ingestion
from dic_ingest.serve.library import Library
from dic_ingest.serve.searching import Searcher
from dic_ingest.serve.settings import ServeLimits
from dic_ingest.serve.web import make_app
from dic_ingest.training.annotate.settle import collect

BASE = "http://127.0.0.1:8765"
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of Starlette's test client


class Unindexed(Searcher):
    """Without the extra `stores`."""

    def update(self) -> int:
        raise MissingExtraError("lancedb", "stores")


def client_of(
    results: Path, token: str = "", answers: tuple[str, str] = ("", ""), writes: bool = True, **limits: int
) -> TestClient:
    searcher = Unindexed(Library(results, ServeLimits(**limits)))
    app = make_app(searcher, Ingestion(searcher) if writes else None, answers)
    bounds = searcher.library.limits
    rules = Rules(
        frozenset({"127.0.0.1", "localhost"}), token, True, bounds.body, (("/upload", bounds.upload),)
    )
    return TestClient(Guard(app, rules), base_url=BASE, follow_redirects=False)


@pytest.fixture
def listed(results: Path) -> Path:
    Manifest(results).add(Entry("orders.pdf", "ok", pages=2, figures=1, name="orders", sha256="ab" * 32))
    return results


@pytest.fixture
def client(listed: Path) -> TestClient:
    return client_of(listed)


def csrf(client: TestClient) -> str:
    return client.get("/").text.split('name="csrf" content="')[1].split('"')[0]


def figure_path(client: TestClient) -> str:
    return client.get("/review").text.split('class="tile" href="')[1].split('"')[0]


def test_pages_show_documents_hits_figures_and_reviews(client: TestClient) -> None:
    assert "orders.pdf" in client.get("/").text
    found = client.get("/search", params={"q": "ship parcel"}).text
    assert "Figure 3" in found and 'class="place"' in found and "/documents/orders/figures/" in found
    at = figure_path(client)
    assert "Order handling" in client.get(at).text
    assert client.get(at + "/crop.png").content.startswith(b"\x89PNG")
    assert "Handbook of orders" in client.get("/documents/orders").text
    for name in ("base.css", "serve.css", "serve.js", "card.js", "document.js", "mermaid.min.js"):
        assert client.get(f"/assets/{name}").status_code == 200, name


def test_every_answer_forbids_what_the_page_does_not_need(client: TestClient) -> None:
    for path in ("/", "/search?q=order", "/documents/orders", "/assets/serve.js", "/nothing"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff" and headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize(
    "path",
    [
        "/documents/..%2f..%2fetc",
        "/documents/%2e%2e",
        "/documents/.index",
        "/documents/orders/figures/..%2f..%2fdocument.json/crop.png",
        "/documents/orders/pages/999.png",
        "/documents/no%00thing",
        "/assets/..%2fweb.py",
        "/assets/base.html",
        "/assets/../web.py",
        "/jobs/7/events",
    ],
)
def test_paths_lead_nowhere_else(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in (400, 404) and "root:" not in answer.text


def test_other_names_origins_and_sites_are_refused(client: TestClient) -> None:
    assert client.get("/", headers={"host": "evil.example"}).status_code == 421
    assert client.get("/", headers={"host": "127.0.0.1.evil.example:8765"}).status_code == 421
    assert client.get("/", headers={"host": "127.0.0.1@evil.example"}).status_code == 421
    token = csrf(client)
    own = {"x-csrf-token": token}
    assert (
        client.post("/upload?name=a.pdf", headers={**own, "origin": "http://evil.example"}).status_code == 403
    )
    assert (
        client.post("/upload?name=a.pdf", headers={**own, "sec-fetch-site": "cross-site"}).status_code == 403
    )
    assert client.post("/upload?name=a.pdf", headers={**own, "origin": "null"}).status_code == 403


@pytest.mark.parametrize(
    ("host", "name"),
    [("LOCALHOST:80", "localhost"), ("[::1]:80", "::1"), ("a:b", ""), ("a/b", ""), ("", ""), ("u@a", "")],
)
def test_host_names(host: str, name: str) -> None:
    assert host_name(host) == name


def test_without_the_csrf_token_nothing_changes(client: TestClient, listed: Path) -> None:
    at = figure_path(client) + "/review"
    for token in ("", "wrong"):
        data = {"csrf": token, "who": "Ada", "verdict": "accept"}
        assert client.post(at, data=data).status_code == 403
        assert client.post("/upload?name=a.pdf", headers={"x-csrf-token": token}).status_code == 403
        assert client.post("/answer", json={"q": "x"}, headers={"x-csrf-token": token}).status_code == 403
    assert not (listed / ".review").exists() and not (listed / ".uploads").exists()


def test_beyond_this_machine_a_token_is_needed(listed: Path) -> None:
    client = client_of(listed, token="sesame")
    assert client.get("/").status_code == 401 and client.get("/?token=wrong").status_code == 401
    entered = client.get("/?token=sesame")
    assert entered.status_code == 303 and entered.headers["location"] == "/"
    assert "httponly" in entered.headers["set-cookie"].lower()
    assert client.get("/").status_code == 200
    other = client_of(listed, token="sesame")
    assert other.get("/", headers={"authorization": "Bearer sesame"}).status_code == 200
    assert other.get("/%2fevil.example/?token=sesame").headers["location"] == "/evil.example/"


def test_names_and_texts_of_documents_are_shown_as_text(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(weighed(made(flow_text=f"{EVIL} ship", source=f"/x/{EVIL.replace('/', '_')}.pdf")), out / "orders")
    Manifest(out).add(Entry(f"{EVIL.replace('/', '_')}.pdf", "failed", error=EVIL))
    Manifest(out).add(Entry("orders.pdf", "ok", name="orders", sha256="ab" * 32))
    client = client_of(out)
    pages = ["/", "/review", f"/search?q=ship {EVIL}", "/documents/orders", figure_path(client), "/" + EVIL]
    for path in pages:
        text = client.get(path).text
        assert "<script>alert" not in text and "<img src=x" not in text, path


def test_reviews_become_training_pairs(client: TestClient, listed: Path, tmp_path: Path) -> None:
    at = figure_path(client)
    data = {"csrf": csrf(client), "who": "Ada", "verdict": "edit", "caption": "An order is shipped.",
            "mermaid": "flowchart TD\n  A[Receive order] --> B[Ship parcel]"}  # fmt: skip
    assert client.post(at + "/review", data=data).status_code == 303
    assert "Ada: corrected" in client.get(at).text
    (answers,) = (listed / ".review").glob("answers-*.json")
    outcome = collect(listed / ".review", [answers], tmp_path / "pairs")
    (pair,) = outcome.pairs
    assert pair.caption == "An order is shipped." and pair.source == "annotator:Ada"
    assert [n.label for n in pair.diagram.nodes] == ["Receive order", "Ship parcel"]
    assert client.post(at + "/review", data={**data, "verdict": "reject"}).status_code == 303
    assert collect(listed / ".review", [answers], tmp_path / "again").rejected == 1


def test_a_review_that_cannot_be_kept_says_why_and_loses_nothing(client: TestClient, listed: Path) -> None:
    at = figure_path(client) + "/review"
    data = {"csrf": csrf(client), "who": "Ada", "verdict": "edit", "caption": "Mine.", "mermaid": "no graph"}
    answer = client.post(at, data=data)
    assert answer.status_code == 422 and "no Mermaid" in answer.text and "Mine." in answer.text
    assert client.post(at, data={**data, "who": ""}).status_code == 422
    assert client.post(at, data={**data, "verdict": "burn"}).status_code == 422
    assert client.post(at, data={**data, "caption": ""}).status_code == 422
    assert not list((listed / ".review").glob("answers-*")) if (listed / ".review").exists() else True
    (listed / ".review").mkdir()
    (listed / ".review" / "mine.txt").write_text("mine")
    assert "Move it away" in client.post(at, data={**data, "verdict": "accept"}).text


def test_an_upload_is_read_and_told_step_by_step(client: TestClient, listed: Path) -> None:
    source = b"flowchart TD\n  A[Receive order] --> B[Ship parcel]\n"
    own = {"x-csrf-token": csrf(client)}
    answer = client.post("/upload", params={"name": "../../a flow.mmd"}, content=source, headers=own)
    assert answer.status_code == 200, answer.text
    told = client.get(f"/jobs/{answer.json()['job']}/events").text
    states = [json.loads(line[6:]) for line in told.split("\n") if line.startswith("data: ")]
    assert states[-1]["stage"] == "done" and states[-1]["figures"] == 1, states[-1]
    assert client.get(f"/documents/{states[-1]['document']}").status_code == 200
    (kept,) = [p.name for p in (listed / ".uploads").iterdir() if p.suffix == ".mmd"]
    assert kept == "a flow.mmd" and {p.name for p in listed.parent.iterdir()} == {"out"}


def test_uploads_over_the_limit_or_of_other_formats_are_refused(listed: Path) -> None:
    client = client_of(listed, upload=1000)
    own = {"x-csrf-token": csrf(client)}
    assert client.post("/upload?name=a.mmd", content=b"x" * 2000, headers=own).status_code == 413

    def pieces() -> Iterator[bytes]:
        for _ in range(3):
            yield b"x" * 900

    assert client.post("/upload?name=a.mmd", content=pieces(), headers=own).status_code == 413
    said = client.post("/upload?name=run.exe", content=b"MZ", headers=own)
    assert said.status_code == 400 and "not read here" in said.json()["error"]
    assert client_of(listed, writes=False).get("/").text.count("Add documents") == 0
    assert not list(listed.glob(".uploads/*.mmd"))


class Model(BaseHTTPRequestHandler):
    """An OpenAI-compatible server that answers."""

    def do_POST(self) -> None:
        asked: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["content-length"])))
        said = "As drawn in [1]." if "Ship parcel" in asked["messages"][1]["content"] else "I do not know."
        body = json.dumps({"choices": [{"message": {"content": said}}]}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *values: object) -> None:
        pass


def test_an_answer_in_words_comes_from_the_server_that_was_named(listed: Path) -> None:
    server = HTTPServer(("127.0.0.1", 0), Model)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        client = client_of(listed, answers=(f"http://127.0.0.1:{server.server_port}/v1", "m"))
        assert 'id="answer"' in client.get("/search?q=ship parcel").text
        own = {"x-csrf-token": csrf(client)}
        answer = client.post("/answer", json={"q": "who ships a parcel?"}, headers=own)
        assert answer.json() == {"answer": "As drawn in [1]."}
    finally:
        server.shutdown()
        server.server_close()
    gone = client.post("/answer", json={"q": "who ships a parcel?"}, headers=own)
    assert gone.status_code == 400 and "cannot be asked" in gone.json()["error"]
    assert client.post("/answer", content=b"[" * 5000, headers=own).status_code == 400


def test_too_long_and_empty_questions(client: TestClient) -> None:
    assert client.get("/search?q=").status_code == 303
    assert client.get("/search", params={"q": "x" * 5000}).status_code == 400


def test_files_wait_their_turn_up_to_a_number(listed: Path, tmp_path: Path) -> None:
    ingestion = Ingestion(Unindexed(Library(listed, ServeLimits(waiting=1))))
    ingestion._one = lambda job, path: time.sleep(0.5)  # type: ignore[method-assign]
    with pytest.raises(Exception, match="too many"):
        for _ in range(4):
            ingestion.start(tmp_path / "a.pdf")
