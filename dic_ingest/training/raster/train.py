"""Trains the network on packs and writes it as ONNX, with its curves.

    python -m dic_ingest.training.raster.train --packs PACKS --out WEIGHTS --minutes 50 --seed 0
Writes WEIGHTS/linenet.onnx, linenet.pt (to go on from: --resume), curves.json. One thread by default.
"""

from __future__ import annotations

import argparse
import json
import queue
import random
import threading
import time
from pathlib import Path

import cv2
import numpy as np
import torch

from dic_ingest.training.raster.data import Packs
from dic_ingest.training.raster.net import LineNet, loss_of


def batches(
    packs: Packs, seed: int, size: int, side: int, ahead: int = 3
) -> queue.Queue[tuple[torch.Tensor, torch.Tensor]]:
    """Crops made ahead by a thread (OpenCV lets go of the interpreter lock)."""
    ready: queue.Queue[tuple[torch.Tensor, torch.Tensor]] = queue.Queue(ahead)

    def work() -> None:
        rng = random.Random(seed)
        while True:
            crops = [packs.crop(rng, side) for _ in range(size)]
            x = torch.from_numpy(np.stack([c[0] for c in crops])).permute(0, 3, 1, 2).float() / 255
            ready.put((x, torch.from_numpy(np.stack([c[1] for c in crops]))))

    threading.Thread(target=work, daemon=True).start()
    return ready


def export(net: LineNet, path: Path) -> None:
    """Writes the network with free picture size; output: probabilities."""
    whole = torch.nn.Sequential(net, torch.nn.Sigmoid()).eval()
    torch.onnx.export(
        whole, (torch.zeros(1, 3, 256, 320),), str(path), input_names=["picture"], output_names=["maps"],
        dynamic_axes={"picture": {2: "height", 3: "width"}, "maps": {2: "height", 3: "width"}},
        opset_version=17, dynamo=False,
    )  # fmt: skip


def main() -> None:
    """Trains."""
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("--packs", type=Path, required=True)
    args.add_argument("--out", type=Path, required=True)
    args.add_argument("--minutes", type=float, default=50)
    args.add_argument("--batch", type=int, default=6)
    args.add_argument("--side", type=int, default=320)
    args.add_argument("--rate", type=float, default=2e-3)
    args.add_argument("--threads", type=int, default=1)
    args.add_argument("--resume", type=Path)
    args.add_argument("--seed", type=int, default=0)
    opt = args.parse_args()
    torch.manual_seed(opt.seed)
    torch.set_num_threads(opt.threads)
    cv2.setNumThreads(1)
    opt.out.mkdir(parents=True, exist_ok=True)
    net = LineNet().to(memory_format=torch.channels_last)
    if opt.resume:
        net.load_state_dict(torch.load(opt.resume))
    tune = torch.optim.AdamW(net.parameters(), lr=opt.rate, weight_decay=1e-4)
    ready = batches(Packs(opt.packs), opt.seed, opt.batch, opt.side)
    began, step, curves, recent = time.monotonic(), 0, [], []
    while (done := (time.monotonic() - began) / 60 / opt.minutes) < 1:
        # warm up, then a cosine down to nearly nothing, measured in time and not in steps
        for group in tune.param_groups:
            group["lr"] = (
                opt.rate * min(1.0, (step + 1) / 50) * (0.02 + 0.98 * (1 + np.cos(np.pi * done)) / 2)
            )
        x, truth = ready.get()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = net(x.to(memory_format=torch.channels_last))
        loss, dice = loss_of(logits.float(), truth)
        tune.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        tune.step()
        step += 1
        recent.append((float(loss.detach()), dice))
        if len(recent) == 50:
            mean = {n: round(float(np.mean([d[n] for _, d in recent])), 3) for n in dice}
            row = {"step": step, "minutes": round((time.monotonic() - began) / 60, 1),
                   "loss": round(float(np.mean([v for v, _ in recent])), 4), "dice": mean}  # fmt: skip
            curves.append(row)
            recent = []
            print(json.dumps(row), flush=True)
            (opt.out / "curves.json").write_text("\n".join(map(json.dumps, curves)) + "\n")
            if step % 200 == 0:
                torch.save(net.state_dict(), opt.out / "linenet.pt")
    torch.save(net.state_dict(), opt.out / "linenet.pt")
    export(net.float(), opt.out / "linenet.onnx")


if __name__ == "__main__":
    main()
