"""Settings of the nodes alone changed: a run cuts nodes anew from document.json and reads nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dic_ingest.batch.manifest import Manifest
from dic_ingest.cli import group

SMALL = "[nodes]\nfigure_tokens = 64\nmarkdown = false\n"


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
