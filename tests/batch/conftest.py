"""A small mixed folder, and what a run made of it as bytes."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen.canvas import Canvas

from dic_ingest.owned_files import MARKER

NO_NETWORK = """
import os, socket
def blocked(self, address):
    if self.family not in (socket.AF_INET, socket.AF_INET6): return real(self, address)
    with open(os.environ["TOUCHED"], "a") as file: file.write(repr(address))
    raise OSError("the network is blocked")
real, socket.socket.connect = socket.socket.connect, blocked
def lookup(host, *rest, **more):
    with open(os.environ["TOUCHED"], "a") as file: file.write(repr(host))
    raise OSError("the network is blocked")
socket.getaddrinfo = lookup
"""


@pytest.fixture
def inbox(samples: Path, tmp_path: Path) -> Path:
    """Good, broken, encrypted, empty and long documents, a picture, odd names."""
    folder = tmp_path / "in"
    (folder / "deeper").mkdir(parents=True)
    drawing = (samples / "flowchart.pdf").read_bytes()
    (folder / "good.pdf").write_bytes(drawing)
    (folder / "deeper" / "good.pdf").write_bytes((samples / "flowchart.png").read_bytes())  # no PDF
    (folder / "=cmd|' !A0.png").write_bytes((samples / "flowchart.png").read_bytes())
    (folder / "cut.pdf").write_bytes(drawing[: len(drawing) // 2])
    (folder / "text.pdf").write_text("not a PDF at all")
    (folder / "empty.pdf").touch()
    (folder / "manifest.jsonl.pdf").write_bytes(drawing)
    writer = PdfWriter(clone_from=PdfReader(samples / "flowchart.pdf"))
    writer.encrypt("secret")
    writer.write(folder / "locked.pdf")
    long = Canvas(str(folder / "long.pdf"), invariant=True)
    for page in range(12):
        for row in range(40):
            long.drawString(60, 780 - 15 * row, f"Line {row} of page {page}: the relay reports its state.")
        long.showPage()
    long.save()
    return folder


@pytest.fixture
def made() -> Callable[[Path], dict[str, bytes]]:
    """`made(out)`: every result file's bytes by its path, and each document's last status."""

    def read(out: Path) -> dict[str, bytes]:
        files = {
            p.relative_to(out).as_posix(): p.read_bytes()
            for p in sorted(out.rglob("*"))
            if p.is_file() and p.name not in ("manifest.jsonl", ".lock")
        }
        for name in [n for n in files if n.endswith("/document.json")]:
            # of figures that show the same, the one that was described first carries what it cost
            files[name] = re.sub(rb'"tokens": \[\d+, \d+\]', b'"tokens": []', files[name])
            marker = name.replace("document.json", MARKER)
            if marker in files:
                files[marker] = re.sub(rb'"document.json": \[[^]]*\]', b'"document.json": []', files[marker])
        lines = (out / "manifest.jsonl").read_text("utf-8").splitlines()
        for entry in map(json.loads, lines):
            status = "failed" if entry["status"] == "failed" else "done"
            files[f"status of {entry['file']}"] = f"{status} {entry['pages']} {entry['name']}".encode()
        return files

    return read


@pytest.fixture
def closed_network(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Environment in which every Python process refuses the network; attempts stand in the file TOUCHED."""
    folder = tmp_path_factory.mktemp("closed")
    (folder / "sitecustomize.py").write_text(NO_NETWORK)
    path = os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))
    return {"PYTHONPATH": path, "TOUCHED": str(folder / "touched")}
