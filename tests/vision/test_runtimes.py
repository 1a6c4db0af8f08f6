"""OpenVINO and onnxruntime read the same; compiled networks are kept, and a damaged one is no fault."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dic_ingest.vision import session

openvino = pytest.importorskip("openvino", reason="openvino is not installed")

SEEN = """
import json, sys
import numpy as np
from PIL import Image, ImageDraw
from dic_ingest.vision.figure_classifier import class_probabilities
from dic_ingest.vision.layout_detector import find_regions
from dic_ingest.vision.line_segmentation import read_maps
from dic_ingest.vision.ocr import read_words
from dic_ingest.vision.session import runtime

picture = Image.open(sys.argv[1]).convert("RGB")
maps = read_maps(np.asarray(picture), 20.0)
print(json.dumps({
    "runtime": runtime(),
    "words": [w.text for w in read_words(picture)],
    "sums": {k: float(v.sum()) for k, v in maps.by_role.items()},
    "classes": class_probabilities(picture),
    "regions": [[r.label, *r.bbox] for r in find_regions(picture)],
}))
"""


def seen(picture: Path, runtime: str, cache: Path) -> dict[str, object]:
    env = {**os.environ, "DIC_INFERENCE": runtime, "XDG_CACHE_HOME": str(cache)}
    ran = subprocess.run(
        [sys.executable, "-c", SEEN, str(picture)], capture_output=True, text=True, check=True, env=env
    )
    found: dict[str, object] = json.loads(ran.stdout)
    assert found.pop("runtime") == runtime
    return found


def near(one: object, other: object) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(near(v, other[k]) for k, v in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(near, one, other))
    return one == pytest.approx(other, rel=1e-3, abs=5e-3) if isinstance(one, float) else one == other


def test_both_runtimes_see_the_same_and_a_damaged_cache_is_made_anew(samples: Path, tmp_path: Path) -> None:
    picture, cache = samples / "flowchart.png", tmp_path / "cache"
    first = seen(picture, "openvino", cache)
    assert near(first, seen(picture, "onnxruntime", cache)) and first["words"]
    kept = sorted((cache / "dic-ingest" / "networks").glob("*.blob"))
    assert len(kept) == 5  # lines, classes, layout, detector and recogniser of text
    for blob in kept:
        blob.write_bytes(blob.read_bytes()[:100])
    assert near(first, seen(picture, "openvino", cache))


def test_a_runtime_that_does_not_exist_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    session.runtime.cache_clear()
    monkeypatch.setenv("DIC_INFERENCE", "magic")
    with pytest.raises(session.SettingsError, match="openvino, onnxruntime"):
        session.runtime()
    session.runtime.cache_clear()


def test_a_full_cache_is_not_added_to(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(session, "CACHE_BYTES", 10)
    session.compiled(Path(session.__file__).parent / "weights" / "looks.onnx", 1)
    assert not list(tmp_path.rglob("*.blob"))
