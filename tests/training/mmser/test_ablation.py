"""Every variant of the ablation is a different captioner, and the second looks start from the same first."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="the extra train is not installed")
pytest.importorskip("transformers", reason="the extra train is not installed")

from dic_ingest.training.mmser.ablation import VARIANTS, ablate, begun, config_of  # noqa: E402


def test_variants_differ_and_second_looks_keep_the_base(untrained: tuple[Any, Any]) -> None:
    plain, base = untrained[0].config, untrained[0]
    told = {json.dumps(config_of(v, plain).to_dict(), default=str, sort_keys=True) for v in VARIANTS}
    assert len(told) == len(VARIANTS) - 1  # the first look and the whole second look are one captioner
    for variant in (v for v in VARIANTS if v.second):
        made = begun(variant, plain, base)
        same = {
            k: torch.equal(v, base.state_dict()[k]) for k, v in made.state_dict().items() if "ser_" not in k
        }
        assert all(same.values())


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_stopped_ablation_goes_on(drawings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dic_ingest.training.mmser.ablation.VARIANTS", VARIANTS[:2])
    opt = Namespace(side=128, width=64, depth=4, batch=4, steps=2, second_steps=1, samples=2, longest=60,
                    vocabulary=300, seed=0, device="cpu")  # fmt: skip
    rows = ablate(drawings / "pack", tmp_path, opt)
    assert [r["variant"] for r in rows] == [v.name for v in VARIANTS[:2]]
    assert all(len(r["said"]) == 2 for r in rows) and (tmp_path / "base" / "config.json").is_file()
    assert ablate(drawings / "pack", tmp_path, opt) == rows  # nothing is trained again
