"""Training of the kinds' weights: sources, fit, folds by repository."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from dic_ingest.diagrams.kind_traits import Traits
from dic_ingest.diagrams.kinds import reasons_of
from research.kind_weights import fit, sources


def rows(path: Path, count: int) -> None:
    """Blocks show pictures and flowcharts decisions; by hand both mean nothing."""
    rng = np.random.default_rng(0)
    none = dict.fromkeys(reasons_of(Traits()), 0.0)
    with path.open("w") as file:
        for i in range(count):
            kind = ("block", "flowchart")[i % 2]
            seen = {"pictures": float(rng.random() + 1 - i % 2), "decisions": float(rng.random() + i % 2)}
            row = {"kind": kind, "repo": f"r{i % 10}", "held": i % 10 == 9, "reasons": {**none, **seen}}
            file.write(json.dumps({"name": str(i), **row}) + "\n")


def test_weights_move_towards_what_separates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows(tmp_path / "features.jsonl", 200)
    hand = {"block": {"pictures": 0.1}, "flowchart": {"decisions": 0.1}, "chart": {}}
    (tmp_path / "hand.json").write_text(json.dumps(hand))
    out = tmp_path / "kinds.json"
    args = ["fit", "--features", str(tmp_path / "features.jsonl"), "--hand", str(tmp_path / "hand.json")]
    monkeypatch.setattr(sys, "argv", [*args, "--out", str(out), "--held"])
    fit.main()
    told = json.loads(out.read_text())
    assert told["block"]["pictures"] > told["block"].get("decisions", 0.0)
    assert told["flowchart"]["decisions"] > told["flowchart"].get("pictures", 0.0)
    share = re.search(r"(?m)^held (\d\.\d+):", capsys.readouterr().out)
    assert share and float(share[1]) > 0.85


def test_a_strong_pull_keeps_what_was_set_by_hand() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.random((60, 4)), rng.integers(0, 2, 60)
    prior = rng.random((2, 4))
    near, far = fit.fitted(x, y, prior, 1e3), fit.fitted(x, y, prior, 0.1)
    assert np.abs(near - prior).max() < np.abs(far - prior).max()


def test_sources_get_their_kind() -> None:
    row = {"id": "1", "kind": "plantuml-component", "lang": "plantuml", "code": "[a] --> [b]", "repo": "x/y"}
    assert sources.kind_of(row, {}) == "block"
    assert sources.kind_of({**row, "code": "participant a\na -> b: go"}, {}) == "sequence"
    toy = {**row, "kind": "flowchart", "code": "A --> B", "repo": "mermaid-js/mermaid"}
    assert sources.kind_of(toy, {}) is None
    drawn = {**row, "kind": "drawio"}
    assert (sources.kind_of(drawn, {}), sources.kind_of(drawn, {"1": "topology"})) == (None, "topology")
