"""The network of looks learns, says what it is worth, and its export in 8-bit weights says the same."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from PIL import Image, ImageDraw

from dic_ingest.vision.figure_classifier import LOOKS, SIDE, as_seen

torch = pytest.importorskip("torch", reason="training wants the extra `train`")
pytest.importorskip("efficientnet_lite_pytorch", reason="training wants the extra `train`")

from research.figure_classifier import painted, sources, train  # noqa: E402
from research.figure_classifier.export import write_onnx  # noqa: E402


def data(count: int = 12) -> dict[str, object]:
    """Black squares are blocks, grey pages are photographs."""
    made = []
    for k in range(count):
        page = Image.new("RGB", (300, 200), "white" if k % 2 else (120, 120, 120))
        if k % 2:
            ImageDraw.Draw(page).rectangle((20 + 9 * k, 30, 120 + 9 * k, 130), outline="black", width=4)
        made.append(as_seen(page))
    names = list(LOOKS)
    looks = [names.index("block" if k % 2 else "photo") for k in range(count)]
    return {
        "pictures": torch.from_numpy(np.stack(made)),
        "looks": torch.tensor(looks),
        "sources": torch.zeros(count, dtype=torch.long),
        "held": torch.tensor([k >= count - 4 for k in range(count)]),
    }


@pytest.mark.filterwarnings("ignore")  # of the exporter
def test_rounded_weights_say_what_the_network_says(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = train.LooksNet().eval()
    write_onnx(net, tmp_path / "looks.onnx", SIDE)
    assert (tmp_path / "looks.onnx").stat().st_size < 5e6
    pictures = data()["pictures"]
    session = onnxruntime.InferenceSession(str(tmp_path / "looks.onnx"), providers=["CPUExecutionProvider"])
    told = session.run(None, {"picture": pictures.numpy()})[0]  # type: ignore[attr-defined]
    with torch.no_grad():
        meant = net(pictures).numpy()
    assert np.abs(told - meant).max() < 0.05


@pytest.mark.filterwarnings("ignore")  # of the exporter
def test_a_run_leaves_weights_to_use_and_to_go_on_from(tmp_path: Path) -> None:
    given = {k: v.numpy() for k, v in data().items()}  # type: ignore[attr-defined]
    np.savez(tmp_path / "looks.npz", **given)
    run = ["--data", str(tmp_path / "looks.npz"), "--minutes", "0.02", "--batch", "2", "--threads", "1"]
    train.main([*run, "--out", str(tmp_path / "one")])
    train.main(
        [*run, "--out", str(tmp_path / "two"), "--resume", str(tmp_path / "one" / "looks.safetensors")]
    )
    assert (tmp_path / "two" / "looks.onnx").is_file()
    report = json.loads((tmp_path / "two" / "looks.json").read_text())
    assert report["learnt from"] == 8
    assert report["held out"]["block"]["pictures"] == 2


def test_two_looks_are_learnt_apart() -> None:
    given = data()
    net, _ = train.train(given, minutes=0.35, batch=4, rate=4e-4, seed=0)
    told = train.told(net, given["pictures"], given["looks"], given["held"])
    assert told["drawn or not"] == 1.0


def test_few_pictures_are_seen_less_often_and_sources_nearly_alike() -> None:
    looks = torch.tensor([0] * 400 + [1] * 30)
    from_ = torch.tensor([0] * 390 + [1] * 10 + [0] * 30)
    chances = train.chances(looks, from_)
    assert chances[:400].sum() > 5 * chances[400:].sum()
    assert 0.1 < chances[390:400].sum() / chances[:400].sum() < 0.3


def test_looks_told_by_eye_are_known_looks_each_once_a_package() -> None:
    told = sources.by_eye()
    assert {look for looks in told.values() for look in looks} <= set(LOOKS)
    assert set(told) >= sources.HELD


def test_gathering_reads_what_the_folders_hold(tmp_path: Path) -> None:
    shots = tmp_path / "debian" / "kmail" / "doc" / "HTML" / "en"
    shots.mkdir(parents=True)
    painted.listing(["import os", "print(os.name)"] * 9, random.Random(1)).save(shots / "a.png")
    (shots / "broken.png").write_bytes(b"\x89PNG no more")
    pairs = tmp_path / "pairs"
    pairs.mkdir()
    Image.new("RGB", (300, 200), "white").save(pairs / "x.png")
    row = {"image": "x.png", "diagram": {"kind": "topology"}}
    (pairs / "pairs.jsonl").write_text(json.dumps(row) + "\n")
    out = tmp_path / "looks.npz"
    sources.main(
        ["--debian", str(tmp_path / "debian"), "--written", str(pairs), "--out", str(out), "--pages", "0"]
    )
    with np.load(out) as kept:
        looks = [list(LOOKS)[k] for k in kept["looks"]]
        assert looks.count("screenshot") == 1
        assert looks.count("block") == 1
        assert kept["pictures"].shape[1:] == (SIDE, SIDE, 3)
