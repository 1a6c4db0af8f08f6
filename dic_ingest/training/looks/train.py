"""Trains the network that tells what a picture looks like, and writes it as ONNX with what it is worth.

    python -m dic_ingest.training.looks.train --data looks.npz --out dic_ingest/figures/weights --minutes 15
In: what `sources` gathered. Out: looks.onnx and looks.json, the share that it tells right of each class on
pictures of packages that it never saw. Seeded; the time decides how often it sees the data.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from dic_ingest.figures.looks import LOOKS, SIDE


class LooksNet(nn.Module):  # type: ignore[misc]
    """Separable convolutions, a fifth of a million weights; its input is bytes, its output probabilities."""

    def __init__(self, width: int = 24) -> None:
        super().__init__()
        steps: list[Any] = [_conv(3, width, 2)]
        channels = width
        for made, stride in ((2, 2), (2, 1), (3, 2), (3, 1), (5, 2), (5, 1), (8, 2)):
            steps.append(_separable(channels, made * width, stride))
            channels = made * width
        self.steps = nn.Sequential(*steps)
        self.drop = nn.Dropout(0.3)
        self.head = nn.Linear(2 * channels, len(LOOKS))

    def scores(self, picture: Any) -> Any:
        """(n, 3, SIDE, SIDE) in -1..1 to (n, classes)."""
        seen = self.steps(picture)
        return self.head(self.drop(torch.cat([seen.mean((2, 3)), seen.amax((2, 3))], 1)))

    def forward(self, picture: Any) -> Any:
        """Bytes (n, SIDE, SIDE, 3) to probabilities (n, classes)."""
        return self.scores(picture.permute(0, 3, 1, 2).float() / 127.5 - 1).softmax(1)


def _conv(channels: int, made: int, stride: int) -> Any:
    return nn.Sequential(
        nn.Conv2d(channels, made, 3, stride, 1, bias=False), nn.BatchNorm2d(made), nn.ReLU(True)
    )


def _separable(channels: int, made: int, stride: int) -> Any:
    deep = nn.Conv2d(channels, channels, 3, stride, 1, groups=channels, bias=False)
    return nn.Sequential(
        deep, nn.BatchNorm2d(channels), nn.ReLU(True),
        nn.Conv2d(channels, made, 1, bias=False), nn.BatchNorm2d(made), nn.ReLU(True),
    )  # fmt: skip


def varied(pictures: Any, source: torch.Generator) -> Any:
    """Pictures in -1..1 moved, scaled, stretched, faded, tinted, with noise; light on dark now and then."""
    count = len(pictures)

    def uniform(low: float, high: float, *shape: int) -> Any:
        return torch.empty(count, *shape).uniform_(low, high, generator=source)

    theta = torch.zeros(count, 2, 3)
    scale = uniform(0.7, 1.15)
    theta[:, 0, 0], theta[:, 1, 1] = scale, scale * uniform(0.85, 1.18)
    theta[:, :, 2] = uniform(-0.12, 0.12, 2)
    grid = functional.affine_grid(theta, list(pictures.shape), align_corners=False)
    # outside is white, which must be 0 while pictures are moved
    moved = 1 - functional.grid_sample(1 - pictures, grid, align_corners=False)
    moved = moved * uniform(0.7, 1.0, 1, 1, 1) + uniform(-0.15, 0.15, 3, 1, 1)
    inverted = uniform(0, 1, 1, 1, 1) < 0.08
    moved = torch.where(inverted, -moved, moved)
    return (moved + 0.03 * torch.randn(moved.shape, generator=source)).clamp(-1, 1)


def train(pictures: Any, looks: Any, held: Any, minutes: float, batch: int, rate: float, seed: int) -> Any:
    """The trained network and its curve."""
    torch.manual_seed(seed)
    source = torch.Generator().manual_seed(seed)
    learnt = torch.nonzero(~held).flatten()
    # each class as often as any other
    counts = torch.bincount(looks[learnt], minlength=len(LOOKS)).clamp(min=1)
    weights = (1 / counts)[looks[learnt]]
    net = LooksNet()
    tune = torch.optim.AdamW(net.parameters(), rate, weight_decay=0.02)
    began, step, curve, losses = time.monotonic(), 0, [], []
    while (done := (time.monotonic() - began) / (60 * minutes)) < 1:
        for group in tune.param_groups:
            group["lr"] = (
                rate * min(1.0, done / 0.03 + 0.02) * (0.02 + 0.98 * (1 + math.cos(math.pi * done)) / 2)
            )
        at = learnt[torch.multinomial(weights, batch, replacement=True, generator=source)]
        seen = pictures[at].permute(0, 3, 1, 2).float() / 127.5 - 1
        net.train()
        loss = functional.cross_entropy(net.scores(varied(seen, source)), looks[at], label_smoothing=0.05)
        tune.zero_grad(set_to_none=True)
        loss.backward()
        tune.step()
        losses.append(float(loss.detach()))
        step += 1
        if step % 200 == 0:
            row = {
                "step": step,
                "loss": round(sum(losses) / len(losses), 4),
                **told(net, pictures, looks, held),
            }
            curve.append(row)
            losses = []
            print(json.dumps(row), flush=True)
    return net.eval(), curve


def told(net: LooksNet, pictures: Any, looks: Any, held: Any) -> dict[str, float]:
    """The share of held-out pictures of each class that is told right."""
    net.eval()
    with torch.no_grad():
        best = torch.cat([net(part).argmax(1) for part in pictures[held].split(128)])
    right = best == looks[held]
    shares = {name: right[looks[held] == k] for k, name in enumerate(LOOKS)}
    return {name: round(float(r.float().mean()), 3) for name, r in shares.items() if len(r)}


def main() -> None:
    """Trains."""
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--data", type=Path, required=True)
    args.add_argument("--out", type=Path, required=True)
    args.add_argument("--minutes", type=float, default=15)
    args.add_argument("--batch", type=int, default=48)
    args.add_argument("--rate", type=float, default=2e-3)
    args.add_argument("--threads", type=int, default=2)
    args.add_argument("--seed", type=int, default=0)
    opt = args.parse_args()
    torch.set_num_threads(opt.threads)
    data = np.load(opt.data, allow_pickle=False)
    tensors = [torch.from_numpy(data[k]) for k in ("pictures", "looks", "held")]
    net, curve = train(*tensors, opt.minutes, opt.batch, opt.rate, opt.seed)
    opt.out.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        net, (torch.zeros(1, SIDE, SIDE, 3, dtype=torch.uint8),), str(opt.out / "looks.onnx"),
        input_names=["picture"], output_names=["looks"],
        dynamic_axes={"picture": {0: "n"}, "looks": {0: "n"}}, opset_version=17, dynamo=False,
    )  # fmt: skip
    (opt.out / "looks.json").write_text(json.dumps({"curve": curve}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
