"""What a caller may name: bytes, open files, URLs, other file systems; and what is refused."""

from __future__ import annotations

import asyncio
import io
import json
import threading
import time
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import fsspec
import pytest
from click.testing import CliRunner

from dic_ingest import DICReader, Settings, ingest
from dic_ingest.batch.manifest import Manifest
from dic_ingest.cli import group
from dic_ingest.errors import EmptyFileError, LimitError, MissingFileError, UnsupportedFileError, UrlError
from dic_ingest.sources import download as download_module
from dic_ingest.sources.content_type import suffix_of
from dic_ingest.sources.inputs import Input, local_file
from dic_ingest.sources.settings import InputSettings

QUIET = Settings(engine="none")
PNG = b"\x89PNG\r\n\x1a\n and more"


class Handler(BaseHTTPRequestHandler):
    """Answers by the path that is asked for."""

    files: ClassVar[dict[str, bytes]] = {}
    asked: ClassVar[list[str]] = []

    def log_message(self, *_: Any) -> None:
        """Quiet."""

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, body: bool) -> None:
        path = self.path.partition("?")[0]
        self.asked.append(path)
        if path.startswith("/to/"):
            self.send_response(302)
            self.send_header("location", self.path.partition("?")[2])
            self.end_headers()
            return
        data = self.files.get(path)
        self.send_response(200 if data is not None else int(path[1:]) if path[1:].isdigit() else 404)
        self.send_header("etag", '"1"')
        self.send_header("content-type", "text/markdown" if path == "/notes" else "application/octet-stream")
        self.end_headers()
        if body and path == "/drip":
            for _ in range(40):
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.05)
        elif body and data is not None:
            self.wfile.write(data)


@pytest.fixture
def server(samples: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a server with a few files."""
    flowchart = (samples / "flowchart.png").read_bytes()
    files = {"/flowchart.png": flowchart, "/get": flowchart, "/notes": b"# Title\n\nText.", "/drip": b""}
    monkeypatch.setattr(Handler, "files", files)
    monkeypatch.setattr(Handler, "asked", [])
    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.daemon_threads = True
    thread = threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.server_address[1]}"
    running.shutdown()
    running.server_close()


def copied(source: Input, settings: InputSettings | None = None, name: str = "") -> tuple[str, bytes, str]:
    """File name, content and title of what is read; the copy must be gone afterwards."""
    with local_file(source, settings or InputSettings(), name) as file:
        found = file.path.name, file.path.read_bytes(), file.source
    assert not file.path.exists()
    return found


def test_bytes_and_open_files_are_documents(samples: Path) -> None:
    data = (samples / "flowchart.png").read_bytes()
    document = ingest(data, QUIET)
    assert document.source == document.sha256 and len(document.figures) == 1
    with (samples / "flowchart.png").open("rb") as file:
        assert ingest(file, QUIET).source == str(samples / "flowchart.png")
        assert not file.closed
    assert copied(io.BytesIO(data)) == ("document.png", data, "")
    assert copied(bytearray(data), name="a/b/drawn.png") == ("drawn.png", data, "a/b/drawn.png")


def test_a_url_that_the_caller_names_is_read(server: str) -> None:
    document = ingest(f"{server}/flowchart.png", QUIET)
    assert document.source == f"{server}/flowchart.png" and len(document.figures) == 1
    name, _, title = copied(f"{server}/get?id=5")
    assert (name, title) == ("get.png", f"{server}/get?id=5")
    assert copied(f"{server}/notes")[0] == "notes.md"  # by the media type
    assert copied(f"{server}/to/x?/flowchart.png")[0] == "x.png"


def test_credentials_in_a_url_do_not_reach_the_document(server: str) -> None:
    assert copied(server.replace("//", "//user:secret@") + "/get")[2] == f"{server}/get"


@pytest.mark.parametrize(
    ("path", "settings", "error", "words"),
    [
        ("/none.pdf", {}, MissingFileError, "404"),
        ("/410", {}, MissingFileError, "410"),
        ("/500", {}, UrlError, "answers 500"),
        ("/403", {}, UrlError, "answers 403"),
        ("/get", {"max_bytes": 1000}, LimitError, "max_bytes"),
        ("/drip", {"timeout": 0.2}, UrlError, "no whole file"),
        ("/get", {"urls": False}, UrlError, "input.urls is false"),
        ("/to/x?/to/x", {"redirects": 2}, UrlError, "more than 2 times"),
        ("/to/x?file:///etc/passwd", {}, UrlError, "not followed"),
        ("/to/x?ftp://127.0.0.1/x", {}, UrlError, "not followed"),
    ],
)
def test_what_a_server_does_wrong_is_a_typed_error(
    server: str, path: str, settings: dict[str, Any], error: type[Exception], words: str
) -> None:
    began = time.monotonic()
    with pytest.raises(error, match=words):
        copied(server + path, InputSettings(**settings))
    assert time.monotonic() - began < 1.5


def test_a_public_server_does_not_lead_to_a_private_one(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = download_module._is_public
    assert not real("127.0.0.1") and not real("10.1.2.3") and not real("169.254.169.254") and real("8.8.8.8")
    monkeypatch.setattr(download_module, "_is_public", lambda host: host == "127.0.0.1")
    with pytest.raises(UrlError, match="private address"):
        copied(f"{server}/to/x?http://localhost:1/secret")


@pytest.mark.parametrize(
    ("source", "error", "words"),
    [
        ("http://127.0.0.1:1/x.pdf", UrlError, "does not answer"),
        ("https://", UrlError, "https"),
        ("http://[broken/x", UrlError, "no address"),
        ("nonsense://a/b", UrlError, "cannot be"),
        (Path("https://host/x.pdf"), MissingFileError, "Give the URL as text"),
        ("memory://absent/x.pdf", MissingFileError, "not on its file system"),
        (b"hello", UnsupportedFileError, "name="),
        (b"", EmptyFileError, "0 bytes"),
        (io.StringIO("text"), UnsupportedFileError, "binary mode"),
    ],
)
def test_what_cannot_be_read_says_why(source: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        ingest(source, QUIET)


def test_an_open_file_at_its_end_says_so() -> None:
    stream = io.BytesIO(PNG)
    stream.read()
    with pytest.raises(EmptyFileError, match=r"seek\(0\)"):
        copied(stream)


def test_an_asynchronous_upload_is_refused_without_a_warning() -> None:
    class Upload:
        async def read(self, size: int = -1) -> bytes:
            return b""

    with pytest.raises(UnsupportedFileError, match="coroutine"):
        copied(Upload())  # type: ignore[arg-type]


def test_other_file_systems(samples: Path) -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe("/shelf/drawn.png", (samples / "flowchart.png").read_bytes())
    assert copied("memory://shelf/drawn.png")[0] == "drawn.png"
    assert copied((samples / "flowchart.png").resolve().as_uri())[0] == "flowchart.png"
    with local_file("/shelf/drawn.png", InputSettings(), fs=memory) as file:
        assert file.path.name == "drawn.png"
    (document,) = DICReader(engine="none").load_data("memory://shelf/drawn.png")
    assert document.metadata["file_path"] == "memory://shelf/drawn.png"


def test_a_broken_copy_is_named_as_the_caller_named_it(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(Handler.files, "/broken.pdf", b"no PDF at all")
    with pytest.raises(UnsupportedFileError) as raised:
        ingest(f"{server}/broken.pdf", QUIET)
    assert "broken.pdf" in str(raised.value) and "/tmp" not in str(raised.value)


def zipped(*names: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name in names:
            archive.writestr(name, name if name != "mimetype" else "application/epub+zip")
    return held.getvalue()


@pytest.mark.parametrize(
    ("content", "suffix"),
    [
        (b"junk\n%PDF-1.7", ".pdf"),
        (PNG, ".png"),
        (b"\xff\xd8\xff\xe0", ".jpg"),
        (b"RIFF1234WEBP", ".webp"),
        (zipped("word/document.xml"), ".docx"),
        (zipped("ppt/presentation.xml"), ".pptx"),
        (zipped("visio/document.xml"), ".vsdx"),
        (zipped("mimetype", "a"), ".epub"),
        (zipped("paper_middle.json"), ".zip"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><!-- made --><svg xmlns=''>", ".svg"),
        (b"<!DOCTYPE svg PUBLIC 'x'><svg>", ".svg"),
        (b" <!DOCTYPE html><p>", ".html"),
        (b"<mxfile host='x'>", ".drawio"),
        (b"<?xml version='1.0'?><bpmn:definitions xmlns:bpmn='http://www.omg.org/spec/BPMN/'>", ".bpmn"),
        (b"<?xml version='1.0'?><other>", ".xml"),
        (b'{"type": "excalidraw"}', ".excalidraw"),
        (b'{"pages": []}', ".json"),
        (b"@startuml\nA -> B", ".puml"),
        (b"strict digraph G {a -> b}", ".dot"),
    ],
)
def test_the_content_tells_the_format(content: bytes, suffix: str, tmp_path: Path) -> None:
    (tmp_path / "content").write_bytes(content)
    assert suffix_of(tmp_path / "content") == suffix


def test_the_commands_read_urls(server: str, tmp_path: Path) -> None:
    address = f"{server}/flowchart.png"
    run = CliRunner().invoke(group, ["describe", address, f"{server}/none.png", "--engine", "none"])
    line = json.loads(run.stdout.splitlines()[0])
    assert (line["id"], line["file"], run.return_value) == ("flowchart", address, None) or line[
        "file"
    ] == address
    assert "404" in run.stderr
    command = ["run", address, "--engine", "none", "--out", str(tmp_path / "out")]
    CliRunner().invoke(group, command)
    entry = Manifest(tmp_path / "out").entries[address]
    assert (entry.name, entry.status) == ("flowchart", "ok") and entry.stamp
    before = Handler.asked.count("/flowchart.png")
    CliRunner().invoke(group, command)
    assert Manifest(tmp_path / "out").entries[address].status == "skipped"
    assert Handler.asked.count("/flowchart.png") == before + 1  # only asked whether it changed
    toml = tmp_path / "s.toml"
    toml.write_text("[ingest.input]\nurls = false\n")
    refused = CliRunner().invoke(group, [*command, "--settings", str(toml)], standalone_mode=False)
    assert "input.urls is false" in refused.stderr


def test_a_reader_takes_several_kinds_at_once(server: str, samples: Path) -> None:
    reader = DICReader(engine="none")
    files: list[Input] = [f"{server}/flowchart.png", samples / "flowchart.png", f"{server}/none.png"]
    documents = asyncio.run(reader.aload_data(files))
    assert len(documents) == 2 and [f.file for f in reader.failures] == [f"{server}/none.png"]
    assert len({d.id_ for d in documents}) == 1  # the same content
