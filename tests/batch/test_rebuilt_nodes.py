"""Settings of the nodes alone changed: a run cuts nodes anew from document.json and reads nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dic_ingest.batch.manifest import Manifest
from dic_ingest.cli import group
from dic_ingest.errors import SettingsError
from dic_ingest.model.document import Document

SMALL = "[nodes]\nfigure_tokens = 64\nformats = []\n"


def call(*arguments: str) -> Result:
    """A command that must succeed."""
    done = CliRunner().invoke(group, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done


def manifest_of(out: Path) -> dict[str, str]:
    (entry,) = Manifest(out).entries.values()
    return {"status": entry.status, "reading": entry.settings, "nodes": entry.nodes}


def test_nodes_are_rebuilt_and_nothing_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, settings = tmp_path / "out", tmp_path / "small.toml"
    settings.write_text(SMALL)
    file = tmp_path / "flow.mmd"
    file.write_text("flowchart TD\n" + "".join(f"  n{k}[Check relay {k}] --> n{k + 1}\n" for k in range(30)))
    common = ["run", str(file), "--out", str(out), "--engine", "none", "--quiet"]
    call(*common)
    folder = out / "flow"
    read, nodes, first = (folder / "document.json"), (folder / "nodes.jsonl"), manifest_of(out)
    before, crops = read.read_bytes(), sorted(p.name for p in (folder / "figures").iterdir())
    default = nodes.read_bytes()
    assert (folder / "document.md").is_file()

    def no_work(*args: object) -> None:
        raise AssertionError("a document was read again")

    monkeypatch.setattr("dic_ingest.batch.run.work_through", no_work)
    assert "rebuilt" in call(*common, "--settings", str(settings)).output
    second = manifest_of(out)
    assert second["status"] == "rebuilt" and second["reading"] == first["reading"]
    assert second["nodes"] != first["nodes"]
    assert read.read_bytes() == before and not (folder / "document.md").exists()
    assert sorted(p.name for p in (folder / "figures").iterdir()) == crops
    assert len(nodes.read_bytes().splitlines()) > len(default.splitlines())

    told = call(*common, "--settings", str(settings), "--json").output
    assert json.loads(told.splitlines()[-1])["status"] == "skipped"
    call(*common)
    assert nodes.read_bytes() == default and (folder / "document.md").is_file()

    # what an earlier version wrote does not say by which settings: it is read again, not taken for current
    lines = (out / "manifest.jsonl").read_text().splitlines()
    entry = {**json.loads(lines[-1]), "status": "ok", "settings": "0123456789abcdef"}
    del entry["nodes"]
    (out / "manifest.jsonl").write_text(json.dumps(entry) + "\n")
    with pytest.raises(AssertionError, match="read again"):
        call(*common)


def types_of(out: Path) -> list[str]:
    return [json.loads(line)["type"] for line in (out / "flow" / "nodes.jsonl").read_text().splitlines()]


def test_types_and_formats_are_chosen_rebuilt_resumed_and_removed(tmp_path: Path) -> None:
    out, file, folder = tmp_path / "out", tmp_path / "flow.mmd", tmp_path / "out" / "flow"
    file.write_text("flowchart TD\n  a[Check relay] --> b[Close]\n")
    common = ["run", str(file), "--out", str(out), "--engine", "none", "--quiet"]
    plan = [*common, "--dry-run", "--json"]

    def would(*more: str) -> str:
        return str(json.loads(call(*plan, *more).output.splitlines()[0])["status"])

    assert would() == "new"
    call(*common)
    every = types_of(out)
    assert "figure" in every and would() == "skipped"
    chosen = ["--node-types", "text,code", "--format", "html", "--format", "json"]
    assert would(*chosen) == "rebuilt" and would("--engine", "fake") == "again"
    assert would("--no-resume") == "again"
    assert "1 documents: 1 rebuilt" in call(*common, "--dry-run", *chosen).output
    assert "rebuilt" in call(*common, *chosen).output
    assert set(types_of(out)) <= {"text", "code"} and not (folder / "document.md").exists()
    page = (folder / "document.html").read_text("utf-8")
    assert page == Document.from_dict(json.loads((folder / "document.json").read_text())).to_html()
    assert (folder / "figures").is_dir() and would(*chosen) == "skipped"

    call(*common)
    assert types_of(out) == every
    assert (folder / "document.md").is_file() and not (folder / "document.html").exists()
    call(*common, "--format", "html,markdown")
    assert {"document.md", "document.html"} <= {p.name for p in folder.iterdir()}
    call("remove", str(file), "--out", str(out))
    assert not folder.exists()


def test_the_same_choice_from_a_file_of_settings(tmp_path: Path) -> None:
    out, file, settings = tmp_path / "out", tmp_path / "flow.mmd", tmp_path / "some.toml"
    file.write_text("flowchart TD\n  a[Check relay] --> b[Close]\n")
    settings.write_text('[nodes]\ntypes = ["figure"]\nformats = ["html"]\n')
    common = ["run", str(file), "--out", str(out), "--engine", "none", "--quiet"]
    call(*common, "--settings", str(settings))
    assert set(types_of(out)) == {"figure"} and (out / "flow" / "document.html").is_file()
    again = call(*common, "--node-types", "figure", "--format", "html", "--json").output
    assert json.loads(again.splitlines()[-1])["status"] == "skipped"


def test_names_that_are_not_known_stop_before_anything_is_read(tmp_path: Path) -> None:
    file = tmp_path / "flow.mmd"
    file.write_text("flowchart TD\n  a --> b\n")
    for option, name in (("--node-types", "figures"), ("--format", "markdwn")):
        with pytest.raises(SettingsError, match=r"Is it '(figure|markdown)'"):
            call("run", str(file), "--out", str(tmp_path / "out"), option, name)
    assert not (tmp_path / "out").exists()


def test_a_dry_run_knows_results_at_a_url(tmp_path: Path) -> None:
    file, out = tmp_path / "flow.mmd", tmp_path / "there"
    file.write_text("flowchart TD\n  a --> b\n")
    common = ["run", str(file), "--out", out.as_uri(), "--engine", "none", "--quiet"]

    def would(*more: str) -> str:
        return str(json.loads(call(*common, "--dry-run", "--json", *more).output.splitlines()[0])["status"])

    assert would() == "new" and not out.exists()
    call(*common)
    assert would() == "skipped" and would("--format", "html") == "again"  # results at a URL are read again
