"""Trains the network on packs and on drawings made meanwhile, and writes it as ONNX with its curves.

    python -m dic_ingest.training.raster.train --packs PACKS --out WEIGHTS --minutes 60 --seed 0
Takes a GPU where there is one. Writes WEIGHTS/linenet.onnx, linenet.safetensors (for --resume), curves.json.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import queue
import random
import time
from copy import deepcopy
from pathlib import Path
from typing import Any

import cv2
import torch
from safetensors.torch import load_file, save_file

from dic_ingest.structure.raster_maps import CHANNELS
from dic_ingest.training.raster.crops import Degrade, Pool, batch
from dic_ingest.training.raster.net import LineNet, loss_of
from dic_ingest.training.raster.packs import Drawing, read_packs


def _make(first: int, step: int, out: Any) -> None:
    """A process that paints synthetic drawings without end."""
    from dic_ingest.training.raster.data import synthesise
    from dic_ingest.training.raster.packs import to_bits

    cv2.setNumThreads(1)
    seed = first
    while True:
        picture, maps, font = synthesise(seed)
        out.put((picture, to_bits(maps), font))
        seed += step


def makers(count: int, seed: int) -> Any:
    """A queue that `count` processes fill with fresh drawings; None for no processes."""
    if not count:
        return None
    spawn = multiprocessing.get_context("spawn")
    ready = spawn.Queue(64)
    for k in range(count):
        spawn.Process(target=_make, args=(seed * 10_000_000 + k, count, ready), daemon=True).start()
    return ready


def _take(ready: Any, pool: Pool, most: int) -> int:
    """Moves up to `most` fresh drawings into the pool; returns how many there were."""
    for k in range(most):
        try:
            item: Drawing = ready.get_nowait()
        except queue.Empty:
            return k
        pool.add(*item)
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


@torch.no_grad()  # type: ignore[untyped-decorator]
def _follow(mean: LineNet, net: LineNet, step: int) -> None:
    """The exported weights are a running mean of those of the last thousand steps or so."""
    keep = min(0.999, (1 + step) / (10 + step))
    for a, b in zip(mean.state_dict().values(), net.state_dict().values(), strict=True):
        if a.dtype.is_floating_point:
            a.lerp_(b, 1 - keep)
        else:
            a.copy_(b)


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
    args.add_argument("--room", type=int, default=6000, help="fresh drawings kept at a time")
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
    ready = makers(opt.makers, opt.seed)
    pool = Pool(device, opt.room)
    for item in read_packs(opt.packs):
        pool.keep(*item)
    while ready is not None and len(pool.fresh) < 40 * opt.makers:
        pool.add(*ready.get(timeout=120))
    print(json.dumps({"device": str(device), "packs": len(pool.fixed), "fresh": len(pool.fresh),
                      "seconds": round(time.monotonic() - began, 1)}), flush=True)  # fmt: skip
    net = LineNet().to(device, memory_format=torch.channels_last)
    if opt.resume:
        net.load_state_dict(load_file(opt.resume))
    mean = _trained(net, pool, ready, opt, began, device)
    save(mean, opt.out)
    export(mean, opt.out / "linenet.onnx")


def _named(values: torch.Tensor) -> dict[str, float]:
    return {name: round(v, 3) for name, v in zip(CHANNELS, values.tolist(), strict=True)}


def _trained(
    net: LineNet, pool: Pool, ready: Any, opt: argparse.Namespace, began: float, device: torch.device
) -> LineNet:
    mean = deepcopy(net)
    tune = torch.optim.AdamW(net.parameters(), lr=opt.rate, weight_decay=1e-2)
    rng, step, made = random.Random(opt.seed), 0, len(pool.fresh)
    losses, dices, curves = [], [], []
    while (done := (time.monotonic() - began) / 60 / opt.minutes) < 1:
        # warm up, then a cosine down to nearly nothing, measured in time and not in steps
        for group in tune.param_groups:
            group["lr"] = (
                opt.rate * min(1.0, (step + 1) / 200) * (0.01 + 0.99 * (1 + math.cos(math.pi * done)) / 2)
            )
        if ready is not None:
            made += _take(ready, pool, 8)
        x, truth = batch(pool, rng, opt.batch, opt.side, opt.fixed, Degrade())
        with torch.autocast(device.type, dtype=torch.bfloat16):
            logits = net(x.contiguous(memory_format=torch.channels_last))
        loss, dice = loss_of(logits.float(), truth)
        tune.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        tune.step()
        _follow(mean, net, step)
        step += 1
        losses.append(loss.detach())
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
                save(mean, opt.out)
    (opt.out / "curves.json").write_text("\n".join(map(json.dumps, curves)) + "\n")
    return mean


if __name__ == "__main__":
    main()
