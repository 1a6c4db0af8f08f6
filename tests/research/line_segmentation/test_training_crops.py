"""Training crops: labels stay where the picture shows them, JPEG does what JPEG does, packs round-trip."""

from __future__ import annotations

import random
from pathlib import Path

import cv2
import numpy as np
import pytest

from dic_ingest.errors import InputError
from dic_ingest.vision.line_segmentation import CHANNELS

torch = pytest.importorskip("torch", reason="training wants the extra `train`")

from research.line_segmentation import train  # noqa: E402
from research.line_segmentation.crops import Degrade, batch  # noqa: E402
from research.line_segmentation.jpeg import jpeg  # noqa: E402
from research.line_segmentation.learner import Learner  # noqa: E402
from research.line_segmentation.net import LineNet  # noqa: E402
from research.line_segmentation.packs import fitted, read_pack, save_pack, to_bits  # noqa: E402
from research.line_segmentation.pool import Pool, prepared  # noqa: E402

CLEAN = Degrade(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


def drawing() -> tuple[np.ndarray, np.ndarray]:
    """A white page with one black level line, and its maps."""
    picture = np.full((300, 400, 3), 255, np.uint8)
    picture[150:153, 50:350] = 0
    maps = np.zeros((len(CHANNELS), 300, 400), np.uint8)
    maps[CHANNELS.index("line"), 150:153, 50:350] = 255
    return picture, maps


def test_packs_round_trip(tmp_path: Path) -> None:
    picture, maps = drawing()
    save_pack(tmp_path / "one.npz", picture, to_bits(maps), 13.0)
    again, bits, font = read_pack(tmp_path / "one.npz")
    assert np.array_equal(again, picture)
    assert np.array_equal(bits, to_bits(maps))
    assert font == 13.0


def test_labels_lie_on_the_ink() -> None:
    picture, maps = drawing()
    pool = Pool(torch.device("cpu"), [prepared((picture, to_bits(maps), 13.0))])
    x, y = batch(pool, random.Random(3), 4, 160, 1.0, CLEAN)
    assert x.shape == (4, 3, 160, 160)
    assert y.shape == (4, len(CHANNELS), 160, 160)
    line = y[:, CHANNELS.index("line")] > 0.6
    assert line.any()
    assert float(x.mean(1)[line].max()) < 0.6  # dark wherever the label says line
    assert float(x.mean(1)[y[:, CHANNELS.index("line")] == 0].min()) > 0.6


def test_degrading_keeps_pictures_in_range() -> None:
    picture, maps = drawing()
    pool = Pool(torch.device("cpu"), [], 300 * 400)
    pool.add(prepared((picture, to_bits(maps), 11.0)))
    x, _ = batch(pool, random.Random(0), 6, 128, 0.0, Degrade(1, 1, 1, 1, 1, 1, 1, 1, 1, 1))
    assert float(x.min()) >= -1e-4
    assert float(x.max()) <= 1 + 1e-4


@pytest.mark.parametrize("quality", [30, 60, 90])
def test_jpeg_agrees_with_libjpeg(quality: int) -> None:
    smooth = cv2.resize(np.random.default_rng(0).integers(0, 255, (8, 8, 3), np.uint8), (64, 64))
    code = cv2.imencode(".jpg", smooth[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    want = cv2.imdecode(code, cv2.IMREAD_COLOR)[:, :, ::-1].astype(float)
    x = torch.from_numpy(smooth.copy()).permute(2, 0, 1)[None].float() / 255
    got = jpeg(x, quality)[0].permute(1, 2, 0).numpy() * 255
    assert np.abs(got - want).mean() < 2.5


def test_the_network_learns_a_line() -> None:
    torch.manual_seed(0)
    picture, maps = drawing()
    pool = Pool(torch.device("cpu"), [prepared((picture, to_bits(maps), 13.0))])
    x, y = batch(pool, random.Random(3), 2, 96, 1.0, CLEAN)
    learner = Learner(LineNet(), 3e-3)
    before = [v.clone() for v in learner.mean.parameters()]
    losses = [float(learner.step(x, y, 3e-3)[0]) for _ in range(30)]
    assert losses[-1] < 0.7 * losses[0]
    assert any(not torch.equal(a, b) for a, b in zip(before, learner.mean.parameters(), strict=True))


def test_a_full_pool_forgets_the_oldest() -> None:
    picture, maps = drawing()
    one = prepared((picture, to_bits(maps), 13.0))
    pool = Pool(torch.device("cpu"), [one], 2 * len(one.bits) + 5)
    for _ in range(5):
        pool.add(one)
    held = [(i.first, i.first + i.height * i.width) for i in (*pool.fixed, *pool.fresh)]
    assert len(pool.fixed) == 1
    assert len(pool.fresh) == 2
    assert all(a[1] <= b[0] or b[1] <= a[0] for k, a in enumerate(held) for b in held[:k])
    with pytest.raises(ValueError, match="pixels in a pool"):
        Pool(torch.device("cpu"), [], 10).add(one)


def test_large_drawings_are_made_smaller_with_their_lines() -> None:
    picture, maps = drawing()
    large = cv2.resize(picture, (1600, 1200), interpolation=cv2.INTER_NEAREST)
    bits = cv2.resize(to_bits(maps), (1600, 1200), interpolation=cv2.INTER_NEAREST)
    small, labels, font = fitted((large, bits, 52.0))
    assert font == pytest.approx(18.2)
    assert labels.shape == small.shape[:2] == (420, 560)
    line = labels & 1 << CHANNELS.index("line") > 0
    assert line.any(axis=1).sum() in (4, 5, 6)  # 12 pixels at 0.35 of their size
    assert small[line].mean() < 80


def test_painters_that_stop_end_the_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stopped:
        def __init__(self, count: int, seed: int) -> None: ...

        def fill(self, pool: Pool, most: int, wait: float = 0.0) -> int:
            return 3

    picture, maps = drawing()
    save_pack(tmp_path / "one.npz", picture, to_bits(maps), 13.0)
    monkeypatch.setattr(train, "Makers", Stopped)
    told = ["train", "--packs", str(tmp_path), "--out", str(tmp_path / "out"), "--makers", "2", "--room", "1"]
    monkeypatch.setattr("sys.argv", told)
    with pytest.raises(InputError, match="after 3 drawings"):
        train.main()
