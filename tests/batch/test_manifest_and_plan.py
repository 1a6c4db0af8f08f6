"""The manifest's last word per file, torn lines, names of result folders."""

from __future__ import annotations

import json
import tempfile
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dic_ingest.batch.manifest import NAME, Entry, Manifest
from dic_ingest.batch.names import safe_name
from dic_ingest.batch.plan import plan
from dic_ingest.batch.results import write_document
from dic_ingest.errors import MissingFileError
from dic_ingest.model.document import Document, Page, Parser, Text
from dic_ingest.nodes import NodeSettings
from dic_ingest.owned_files import FolderKind, mark


def test_last_line_counts_and_torn_lines_are_ignored(tmp_path: Path) -> None:
    manifest = Manifest(tmp_path)
    manifest.add(Entry("a.pdf", "failed", error="x"))
    manifest.add(Entry("a.pdf", "ok", pages=3, name="a", sha256="s", settings="d"))
    with (tmp_path / NAME).open("a") as file:
        file.write('{"file": "b.pdf", "stat')  # a kill in the middle of a line
    again = Manifest(tmp_path)
    assert again.entries["a.pdf"].status == "ok" and "b.pdf" not in again.entries
    again.add(Entry("c.pdf", "ok"))
    assert set(Manifest(tmp_path).entries) == {"a.pdf", "c.pdf"}


def test_done_needs_same_content_settings_and_results(tmp_path: Path) -> None:
    manifest = Manifest(tmp_path)
    manifest.add(Entry("a.pdf", "ok", name="a", sha256="s", settings="d"))
    assert manifest.done("a.pdf", "s", "d") is None  # results are gone
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "document.json").write_text("{}")
    (tmp_path / "a" / "nodes.jsonl").write_text("{}\n")
    assert manifest.done("a.pdf", "s", "d") is None  # not by this package
    mark(tmp_path / "a", FolderKind.DOCUMENT)
    assert manifest.done("a.pdf", "s", "d") is not None
    assert manifest.done("a.pdf", "other", "d") is None
    assert manifest.done("a.pdf", "s", "other") is None
    (tmp_path / "a" / "document.json").write_text("[]")  # as long, but not what was written
    assert manifest.done("a.pdf", "s", "d") is None


def test_plan_takes_known_formats_and_tells_equal_stems_apart(tmp_path: Path) -> None:
    for name in (
        "one/a.pdf",
        "two/a.pdf",
        "two/b.PNG",
        "two/.hidden.pdf",
        "two/c.exe",
        "two/d.docx",
        "out/a/old.pdf",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    jobs = plan([tmp_path], tmp_path / "out")
    office = ["d.docx"] if find_spec("unstructured") else []
    assert [j.file.name for j in jobs] == ["a.pdf", "a.pdf", "b.PNG", *office]
    assert len({j.name for j in jobs}) == 3 + len(office)
    assert [j.name for j in plan([tmp_path / "two" / "a.pdf"], tmp_path / "new")] == ["a"]
    # somebody else's folder is there
    assert [j.name for j in plan([tmp_path / "two" / "a.pdf"], tmp_path / "out")] == ["a-1"]
    with pytest.raises(MissingFileError):
        plan([tmp_path / "absent"], tmp_path / "out")


@given(st.text(max_size=300))
def test_names_stay_inside_their_folder(stem: str) -> None:
    name = safe_name(stem)
    assert name not in ("", ".", "..") and "/" not in name and "\\" not in name
    assert (Path("out") / name).parent == Path("out")
    assert len(name.encode()) <= 180


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=60))
def test_any_text_survives_the_manifest_and_results(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        Manifest(out).add(Entry(text, "ok", error=text))
        assert Manifest(out).entries[text].error == text
        document = Document(text, "ab" * 32, Parser("made"), (Page(1, 9, 9),), (Text("t", 1, None, 0, text),))
        write_document(document, out, NodeSettings())
        lines = (out / "nodes.jsonl").read_text("utf-8").splitlines()
        assert all(json.loads(line)["metadata"]["file_path"] == text for line in lines)
        assert json.loads((out / "document.json").read_text("utf-8"))["source"] == text


@given(st.binary(max_size=300))
def test_any_bytes_are_read_as_a_manifest(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / NAME).write_bytes(data)
        manifest = Manifest(Path(folder))
        manifest.add(Entry("a", "ok"))
        assert "a" in Manifest(Path(folder)).entries
