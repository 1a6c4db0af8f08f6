"""Trains the network on packs and on drawings made meanwhile, and writes it as ONNX with its curves.

    python -m research.line_segmentation.train --packs PACKS --out WEIGHTS --minutes 60 --seed 0
Takes a GPU where there is one. Writes WEIGHTS/linenet.onnx, linenet.safetensors (for --resume), curves.json.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import queue
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import torch
from safetensors.torch import load_file, save_file

from dic_ingest.errors import InputError
from dic_ingest.vision.line_segmentation import CHANNELS
from research.line_segmentation.crops import Degrade, batch
from research.line_segmentation.learner import Learner
from research.line_segmentation.net import LineNet
from research.line_segmentation.packs import fitted, read_pack
from research.line_segmentation.pool import Pool, Prepared, prepared


def _make(first: int, step: int, out: Any) -> None:
    """A process that paints synthetic drawings without end."""
    from research.line_segmentation.data import synthesise
    from research.line_segmentation.packs import to_bits

    cv2.setNumThreads(1)
    seed = first
    while True:
        picture, maps, font = synthesise(seed)
        out.put(prepared(fitted((picture, to_bits(maps), font))))
        seed += step


class Makers:
    """Processes that paint fresh drawings, and a thread that takes them in while the device works."""

    def __init__(self, count: int, seed: int) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._ready, self._taken = spawn.Queue(4 * count + 1), queue.Queue[Prepared](64)
        for k in range(count):
            spawn.Process(target=_make, args=(seed * 10_000_000 + k, count, self._ready), daemon=True).start()
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self) -> None:
        while True:
            self._taken.put(self._ready.get())

    def fill(self, pool: Pool, most: int, wait: float = 0.0) -> int:
        """Moves up to `most` drawings into the pool, waiting `wait` seconds for each; how many there were."""
        for k in range(most):
            try:
                pool.add(self._taken.get(timeout=wait) if wait else self._taken.get_nowait())
            except queue.Empty:
                return k
        return most


def save(net: LineNet, folder: Path) -> None:
    """Writes the weights to go on from."""
    save_file({k: v.contiguous() for k, v in net.state_dict().items()}, folder / "linenet.safetensors")


def export(net: LineNet, path: Path) -> None:
    """Writes the network with free picture size; output: probabilities."""
    whole = torch.nn.Sequential(net, torch.nn.Sigmoid()).eval().cpu().float()
    torch.onnx.export(
        whole, (torch.zeros(1, 3, 256, 320),), str(path), input_names=["picture"], output_names=["maps"],
        dynamic_axes={"picture": {2: "height", 3: "width"}, "maps": {2: "height", 3: "width"}},
        opset_version=17, dynamo=False,
    )  # fmt: skip


def _options() -> argparse.Namespace:
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--packs", type=Path, required=True)
    args.add_argument("--out", type=Path, required=True)
    args.add_argument("--minutes", type=float, default=50)
    args.add_argument("--batch", type=int, default=6)
    args.add_argument("--side", type=int, default=320)
    args.add_argument("--rate", type=float, default=2e-3)
    args.add_argument("--fixed", type=float, default=0.5, help="share of crops from the packs, rest fresh")
    args.add_argument("--makers", type=int, default=0, help="processes that paint fresh drawings meanwhile")
    args.add_argument("--room", type=int, default=3000, help="millions of pixels of fresh drawings kept")
    args.add_argument("--threads", type=int, default=1)
    args.add_argument("--resume", type=Path, help="safetensors of an earlier run")
    args.add_argument("--seed", type=int, default=0)
    return args.parse_args()


def main() -> None:
    """Trains until the time is over."""
    opt = _options()
    began = time.monotonic()
    torch.manual_seed(opt.seed)
    torch.set_num_threads(opt.threads)
    torch.backends.cudnn.benchmark = True
    torch.set_float32_matmul_precision("high")
    cv2.setNumThreads(1)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    opt.out.mkdir(parents=True, exist_ok=True)
    makers = Makers(opt.makers, opt.seed) if opt.makers else None
    with ThreadPoolExecutor() as threads:
        stay = list(
            threads.map(lambda path: prepared(fitted(read_pack(path))), sorted(opt.packs.glob("*.npz")))
        )
    pool = Pool(device, stay, opt.room * 1_000_000 if makers else 0)
    made = makers.fill(pool, 40 * opt.makers, 120) if makers else 0
    if made < 40 * opt.makers:
        raise InputError(f"the painters stopped after {made} drawings: what they said stands above.")
    print(json.dumps({"device": str(device), "packs": len(pool.fixed), "fresh": made,
                      "seconds": round(time.monotonic() - began, 1)}), flush=True)  # fmt: skip
    net = LineNet().to(device, memory_format=torch.channels_last)
    if opt.resume:
        net.load_state_dict(load_file(opt.resume))
    learner = Learner(net, opt.rate)
    _trained(learner, pool, makers, opt, began, made)
    save(learner.mean, opt.out)
    export(learner.mean, opt.out / "linenet.onnx")


def _named(values: torch.Tensor) -> dict[str, float]:
    return {name: round(v, 3) for name, v in zip(CHANNELS, values.tolist(), strict=True)}


def _trained(
    learner: Learner, pool: Pool, makers: Makers | None, opt: argparse.Namespace, began: float, made: int
) -> None:
    rng, step = random.Random(opt.seed), 0
    losses, dices, curves = [], [], []
    while (done := (time.monotonic() - began) / 60 / opt.minutes) < 1:
        # warm up, then a cosine down to nearly nothing, measured in time and not in steps
        slow = 0.01 + 0.99 * (1 + math.cos(math.pi * done)) / 2
        if makers is not None:
            made += makers.fill(pool, 4)
        x, truth = batch(pool, rng, opt.batch, opt.side, opt.fixed, Degrade())
        loss, dice = learner.step(x, truth, opt.rate * min(1.0, (step + 1) / 200) * slow)
        step += 1
        losses.append(loss)
        dices.append(dice)
        if len(losses) == 50:
            row = {"step": step, "minutes": round((time.monotonic() - began) / 60, 2),
                   "loss": round(float(torch.stack(losses).mean()), 4), "made": made,
                   "dice": _named(torch.stack(dices).mean(0))}  # fmt: skip
            curves.append(row)
            losses, dices = [], []
            if step % 500 == 0 or step == 50:
                print(json.dumps(row), flush=True)
                (opt.out / "curves.json").write_text("\n".join(map(json.dumps, curves)) + "\n")
            if step % 2000 == 0:
                save(learner.mean, opt.out)
    (opt.out / "curves.json").write_text("\n".join(map(json.dumps, curves)) + "\n")


if __name__ == "__main__":
    main()
