"""TRL trains the small captioner by what its captions retrieve, watched on figures that it does not learn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("trl", reason="the extra train is not installed")
pytest.importorskip("lancedb", reason="the extra stores is not installed")

from dic_ingest.errors import InputError, SettingsError
from dic_ingest.training.cim.captioners import small_of
from dic_ingest.training.cim.embedders import TowerPictures
from dic_ingest.training.cim.plot import plot
from dic_ingest.training.cim.run import RunPlan, figures, make_reward
from dic_ingest.training.cim.train import CIMSettings, train_cim


def counted(texts: Any) -> Any:
    """Letters counted: an encoder without weights."""
    return np.array([[t.casefold().count(c) + 0.1 for c in "abcdefgnmpru124"] for t in texts], np.float32)


# TRL names a setting as transformers used to
@pytest.mark.filterwarnings("ignore:.*gradient_checkpointing. is deprecated:FutureWarning")
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_two_steps_learn_and_are_watched(drawings: Path, untrained: tuple[Any, Any], tmp_path: Path) -> None:
    model, processor = untrained
    train, watched = figures(drawings, "train"), figures(drawings, "test", 2)
    look = TowerPictures(model, processor)
    reward = make_reward(train, watched, tmp_path / "gallery", counted, look, RunPlan(k=3))
    before = model.lm_head.weight.detach().clone()
    settings = CIMSettings(
        steps=2, batch=4, mini_batch=4, group=2, longest=8, watch=1, rate=1e-3, guard=False
    )
    rows = train_cim(small_of(model, processor), train, watched, reward, tmp_path, settings)
    assert [r["step"] for r in rows] == [0, 1, 2]
    assert all(0 <= r["edge_f1"] <= 1 and r["reward"] > 0 for r in rows)
    assert not before.equal(model.lm_head.weight.cpu())
    steps = json.loads((tmp_path / "steps.json").read_text("utf-8"))
    assert len(steps) == 2 and all("reward" in s for s in steps)
    assert (tmp_path / "best" / "model.safetensors").is_file()
    plot({"run": rows}, tmp_path / "curves.png")
    assert (tmp_path / "curves.png").stat().st_size > 5000


def test_the_tower_tells_pictures_apart(drawings: Path, untrained: tuple[Any, Any]) -> None:
    images = [image for _, image in figures(drawings, "train", 4)]
    rows = TowerPictures(*untrained)(images)
    assert rows.shape[0] == 4 and np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert (rows @ rows.T)[0, 1] < 0.99999


def test_empty_sets_and_settings_are_refused(
    drawings: Path, untrained: tuple[Any, Any], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="both sets must hold some"):
        train_cim(small_of(*untrained), [], [], None, tmp_path)  # type: ignore[arg-type]
    for wrong in ({"group": 1}, {"batch": 2}, {"rate": 0.0}, {"watch": 0}):
        with pytest.raises(SettingsError):
            CIMSettings(**wrong)  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="pictures must be one of"):
        RunPlan(pictures="eyes")
