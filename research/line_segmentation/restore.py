"""Weights to go on from, out of a shipped ONNX network, whose norms were folded into its convolutions.

    python -m research.line_segmentation.restore --network linenet.onnx --packs PACKS --out FOLDER
Each norm takes its statistics from crops of PACKS and undoes itself: the network answers as it did.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path
from typing import Any

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from research.line_segmentation.crops import Degrade, batch
from research.line_segmentation.net import LineNet
from research.line_segmentation.packs import fitted, read_pack
from research.line_segmentation.pool import Pool, prepared

_CROPS, _SIDE = 24, 320  # what the norms are measured on


def restored(network: Path, pictures: Tensor) -> LineNet:
    """The network with its folded weights, norms measured on `pictures` (n, 3, h, w) in 0..1."""
    graph = onnx.load(str(network)).graph
    arrays = {t.name: torch.from_numpy(numpy_helper.to_array(t).copy()) for t in graph.initializer}
    folded = [(arrays[n.input[1]], arrays[n.input[2]]) for n in graph.node if n.op_type == "Conv"]
    net = LineNet().eval()
    convolutions = [m for m in net.modules() if isinstance(m, nn.Conv2d)]
    norms = [m for m in net.modules() if isinstance(m, nn.BatchNorm2d)]
    with torch.no_grad():
        for conv, (weight, bias) in zip(convolutions, folded, strict=True):
            conv.weight.copy_(weight)
            if conv.bias is not None:
                conv.bias.copy_(bias)
        hooks = [
            norm.register_forward_pre_hook(_undone(bias))
            for norm, (_, bias) in zip(norms, folded, strict=False)
        ]
        net(pictures)
    for hook in hooks:
        hook.remove()
    return net


def _undone(bias: Tensor) -> Any:
    def measure(norm: nn.BatchNorm2d, given: tuple[Tensor]) -> None:
        mean, var = given[0].mean(dim=(0, 2, 3)), given[0].var(dim=(0, 2, 3))
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(var)
        norm.weight.copy_((var + norm.eps).sqrt())
        norm.bias.copy_(mean + bias)

    return measure


def main() -> None:
    """Restores and saves."""
    from research.line_segmentation.train import save

    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--network", type=Path, required=True)
    args.add_argument("--packs", type=Path, required=True)
    args.add_argument("--out", type=Path, required=True, help="folder")
    opt = args.parse_args()
    torch.manual_seed(0)
    rng = random.Random(0)
    paths = sorted(opt.packs.glob("*.npz"))
    pool = Pool(
        torch.device("cpu"),
        [prepared(fitted(read_pack(p))) for p in rng.sample(paths, min(60, len(paths)))],
    )
    pictures, _ = batch(pool, rng, _CROPS, _SIDE, 1.0, Degrade())
    net = restored(opt.network, pictures)
    opt.out.mkdir(parents=True, exist_ok=True)
    save(net, opt.out)


if __name__ == "__main__":
    main()
