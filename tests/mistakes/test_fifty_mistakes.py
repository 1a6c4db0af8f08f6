"""What users get wrong, in Python and by commands: each ends in an error that says what to do next."""

from __future__ import annotations

import re
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pypdf
import pytest

from dic_ingest import DICIngestError, DICNodeParser, DICReader, NodeSettings, Settings, ingest, to_nodes
from dic_ingest.batch.settings import WorkSettings
from dic_ingest.captioning.engines.registry import make_captioner
from dic_ingest.cli import main
from dic_ingest.model.diagram import Diagram
from dic_ingest.model.document import Document

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
PDF = SAMPLES / "flowchart.pdf"
# a message says what to do: it names a command, an option, a value, or begins a sentence with a verb
NEXT_STEPS = re.compile(
    r"\b(check|choose|give|name|take|use|write|install|raise|make|ingest|is it|start|needs|known here|must|"
    r"try|save|fetch|move|run|convert|set|leave out)\b",
    re.IGNORECASE,
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder of files that cannot be read, each in its own way."""
    (tmp_path / "empty.pdf").write_bytes(b"")
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7\n" + b"\0garbage" * 50)
    (tmp_path / "cut.pdf").write_bytes(PDF.read_bytes()[:300])
    (tmp_path / "text.pdf").write_text("no PDF at all")
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "broken.mmd").write_text("this is no diagram")
    (tmp_path / "broken.drawio").write_text("<mxfile><diagram")
    (tmp_path / "broken.zip").write_bytes(b"PK\3\4 no more")
    (tmp_path / "broken.json").write_text('{"pages": ')
    (tmp_path / "music.mp3").write_bytes(b"ID3" + bytes(64))
    (tmp_path / "old.doc").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600))
    (tmp_path / "bad.toml").write_text("[parse\ntier = ")
    (tmp_path / "unknown.toml").write_text("[parse]\ntiers = 'flash'\n")
    (tmp_path / "type.toml").write_text("[pdf]\nmax_pages = 'many'\n")
    (tmp_path / "range.toml").write_text("[pdf]\nmax_pages = -3\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "notes.xyz").write_text("nothing to read")
    writer = pypdf.PdfWriter(clone_from=PDF)
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(tmp_path / "locked.pdf")
    return tmp_path


@pytest.fixture
def dead() -> Iterator[str]:
    """The address of a port at which nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


Mistake = Callable[[Path, str], Any]
IN_PYTHON: dict[str, Mistake] = {
    "no such file": lambda p, _: ingest(p / "nothing.pdf"),
    "a folder for a file": lambda p, _: ingest(p / "folder"),
    "nothing given": lambda p, _: ingest(""),
    "a number for a file": lambda p, _: ingest(7),  # type: ignore[arg-type]
    "None for a file": lambda p, _: ingest(None),  # type: ignore[arg-type]
    "a list of files": lambda p, _: ingest([PDF]),  # type: ignore[arg-type]
    "empty bytes": lambda p, _: ingest(b""),
    "an empty PDF": lambda p, _: ingest(p / "empty.pdf"),
    "an empty picture": lambda p, _: ingest(p / "empty.png"),
    "a damaged PDF": lambda p, _: ingest(p / "broken.pdf"),
    "a PDF that was cut off": lambda p, _: ingest(p / "cut.pdf"),
    "text called PDF": lambda p, _: ingest(p / "text.pdf"),
    "text called PNG": lambda p, _: ingest(p / "text.png"),
    "no Mermaid": lambda p, _: ingest(p / "broken.mmd"),
    "no draw.io": lambda p, _: ingest(p / "broken.drawio"),
    "no zip": lambda p, _: ingest(p / "broken.zip"),
    "half a JSON file": lambda p, _: ingest(p / "broken.json"),
    "music": lambda p, _: ingest(p / "music.mp3"),
    "an old Word file": lambda p, _: ingest(p / "old.doc"),
    "an encrypted file": lambda p, _: ingest(p / "locked.pdf"),
    "the wrong password": lambda p, _: ingest(p / "locked.pdf", password="guess"),
    "a URL of no kind": lambda p, _: ingest("htp://example.org/a.pdf"),
    "a URL that nothing answers": lambda p, dead: ingest(f"{dead}/a.pdf"),
    "pages backwards": lambda p, _: ingest(PDF, pages="3-1"),
    "pages beyond the end": lambda p, _: ingest(PDF, pages="99"),
    "pages in words": lambda p, _: ingest(PDF, pages="first"),
    "page 0": lambda p, _: ingest(PDF, pages="0"),
    "pages as a number": lambda p, _: ingest(PDF, pages=1),  # type: ignore[arg-type]
    "settings as a path": lambda p, _: ingest(PDF, p / "type.toml"),  # type: ignore[arg-type]
    "an unknown engine": lambda p, _: ingest(PDF, Settings(engine="gpt")),
    "options of another engine": lambda p, _: make_captioner("none", url="http://x/v1"),
    "an endpoint without URL": lambda p, _: make_captioner("endpoint", model="m"),
    "an endpoint without model": lambda p, _: make_captioner("endpoint", url="http://x/v1"),
    "an option with a typo": lambda p, _: make_captioner("endpoint", url="http://x/v1", modle="m"),
    "an option of the wrong type": lambda p, _: make_captioner(
        "endpoint", url="http://x/v1", model="m", retries="many"
    ),
    "a local model that is not there": lambda p, _: make_captioner("local", model=str(p / "none")),
    "an unknown tier": lambda p, _: Settings(parse={"tier": "turbo"}),  # type: ignore[arg-type]
    "a setting with a typo": lambda p, _: Settings(pdf={"max_page": 3}),  # type: ignore[arg-type]
    "a setting of the wrong type": lambda p, _: Settings(pdf={"max_pages": "3"}),  # type: ignore[arg-type]
    "a setting out of range": lambda p, _: Settings(pdf={"max_pages": -1}),  # type: ignore[arg-type]
    "a stage that does not exist": lambda p, _: Settings.from_dict({"pages": {}}),
    "a keyword of Settings with a typo": lambda p, _: DICReader(settings={"engin": "none"}).load_data(PDF),
    "a stage with a typo": lambda p, _: Settings(engin="none"),  # type: ignore[call-arg]
    "a node setting with a typo": lambda p, _: NodeSettings(text_token=99),  # type: ignore[call-arg]
    "settings file missing": lambda p, _: Settings.from_toml(p / "none.toml"),
    "settings file no TOML": lambda p, _: Settings.from_toml(p / "bad.toml"),
    "settings file, unknown key": lambda p, _: WorkSettings.from_toml(p / "unknown.toml"),
    "settings file, wrong type": lambda p, _: Settings.from_toml(p / "type.toml"),
    "settings file, wrong value": lambda p, _: Settings.from_toml(p / "range.toml"),
    "settings file is a folder": lambda p, _: Settings.from_toml(p / "folder"),
    "too small a chunk": lambda p, _: NodeSettings(text_tokens=1),
    "a chunk in words": lambda p, _: NodeSettings(text_tokens="256"),  # type: ignore[arg-type]
    "a reader's field with a typo": lambda p, _: DICReader(engin="none"),
    "a reader's field of the wrong type": lambda p, _: DICReader(max_bytes="much"),
    "a reader's emit unknown": lambda p, _: DICReader(emit="nodes"),
    "a reader on a folder": lambda p, _: DICReader().load_data(p / "folder"),
    "a parser's field with a typo": lambda p, _: DICNodeParser(text_token=3),
    "a parser's size of nothing": lambda p, _: DICNodeParser(text_tokens=0),
    "a folder that cannot be written": lambda p, _: ingest(PDF, folder=p / "empty.pdf" / "out"),
    "nodes of something else": lambda p, _: to_nodes("document"),  # type: ignore[arg-type]
    "a document of other JSON": lambda p, _: Document.from_dict({"a": 1}),
    "a diagram of other JSON": lambda p, _: Diagram.from_dict({"nodes": 3}),
}


@pytest.mark.parametrize("name", IN_PYTHON)
def test_in_python(name: str, place: Path, dead: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    with pytest.raises(DICIngestError) as caught:
        IN_PYTHON[name](place, dead)
    says_what_to_do(str(caught.value))


def says_what_to_do(message: str) -> None:
    """Fail unless a message is short and names a next step."""
    assert len(message) < 700, message
    assert NEXT_STEPS.search(message), f"no next step: {message}"


# arguments after `dic-ingest`, exit status as docs/cli.md has it; {p} is the folder, {dead} the address
ON_THE_COMMAND_LINE: dict[str, tuple[str, int]] = {
    "no such command": ("ingest {p}", 2),
    "no such option": ("run {p} --output x", 2),
    "no --out": ("run {p}", 2),
    "nothing there": ("run {p}/nothing --out {p}/o", 3),
    "a pattern without match": ("run {p}/*.epub2 --out {p}/o", 3),
    "a folder without files": ("run {p}/folder --out {p}/o", 3),
    "an unknown engine": ("run {p}/cut.pdf --out {p}/o --engine gpt", 2),
    "a dead endpoint": (
        "run {pdf} --out {p}/o --engine endpoint --engine-option url={dead}/v1 --engine-option model=m",
        3,
    ),
    "an option without =": ("run {pdf} --out {p}/o --engine-option url", 2),
    "an unknown tier": ("run {pdf} --out {p}/o --tier turbo", 2),
    "no workers": ("run {pdf} --out {p}/o --workers 0", 2),
    "workers in words": ("run {pdf} --out {p}/o --workers many", 2),
    "no time": ("run {pdf} --out {p}/o --timeout 0", 2),
    "results into a file": ("run {pdf} --out {p}/text.pdf", 3),
    "settings missing": ("run {pdf} --out {p}/o --settings {p}/none.toml", 2),
    "settings no TOML": ("run {pdf} --out {p}/o --settings {p}/bad.toml", 2),
    "settings unknown": ("run {pdf} --out {p}/o --settings {p}/unknown.toml", 2),
    "describe nothing": ("describe {p}/nothing.pdf", 1),
    "describe an encrypted file": ("describe {p}/locked.pdf", 1),
    "describe pages that are not there": ("describe {pdf} --pages 99", 1),
    "convert to nothing known": ("convert {pdf} --to docx", 2),
    "convert a file without drawing": ("convert {p}/empty.pdf --to dot", 1),
    "inspect nothing": ("inspect {p}/nothing", 1),
    "inspect a folder without results": ("inspect {p}/folder", 1),
    "index no results": ("index {p}/folder", 1),
    "index into an unknown store": ("index {p}/folder --store oracle", 2),
    "search what was not indexed": ("search words --out {p}/folder --mode vector", 1),
    "remove from no results": ("remove a.pdf --out {p}/folder", 1),
    "backfill no results": ("backfill {p}/folder --engine fake", 1),
    "compare one folder": ("compare {p}/folder --out {p}/c.html", 1),
    "evaluate nothing": ("evaluate {p}/nothing --out {p}/e", 2),
    "train nothing": ("train nothing", 2),
}


@pytest.mark.parametrize("name", ON_THE_COMMAND_LINE)
def test_on_the_command_line(
    name: str, place: Path, dead: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    line, code = ON_THE_COMMAND_LINE[name]
    arguments = [a.format(p=place, dead=dead, pdf=PDF) for a in line.split()]
    monkeypatch.setattr(sys, "argv", ["dic-ingest", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capfd.readouterr().err
    assert "Traceback" not in said
    says_what_to_do(said[-600:])
    assert ended.value.code == code, said


def test_there_are_fifty() -> None:
    assert len(IN_PYTHON) >= 50 and len(ON_THE_COMMAND_LINE) >= 30
