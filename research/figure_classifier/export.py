"""A torch network of bytes as ONNX whose convolutions keep their weights in 8 bits.

In: a network of (n, side, side, 3) bytes. Out: a file. Only weights are rounded, one scale per channel; sums
stay float32, so results differ by less than noise does, and the file is a quarter.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

LEAST = 2048  # numbers; smaller arrays stay as they are


def write_onnx(net: Any, path: Path, side: int) -> None:
    """Writes `net` to `path`: input `picture`, output `looks`."""
    import onnx

    torch.onnx.export(
        net, (torch.zeros(1, side, side, 3, dtype=torch.uint8),), str(path),
        input_names=["picture"], output_names=["looks"],
        dynamic_axes={"picture": {0: "n"}, "looks": {0: "n"}}, opset_version=17, dynamo=False,
    )  # fmt: skip
    model = onnx.load(str(path))
    _round_weights(model.graph)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def _round_weights(graph: Any) -> None:
    from onnx import helper, numpy_helper

    kept, dequantised = [], []
    for tensor in graph.initializer:
        array = numpy_helper.to_array(tensor)
        if array.dtype != np.float32 or array.ndim < 2 or array.size < LEAST:
            kept.append(tensor)
            continue
        scale = np.abs(array).max(axis=tuple(range(1, array.ndim))) / 127
        scale = np.maximum(scale, 1e-12).astype(np.float32)
        shaped = scale.reshape(-1, *([1] * (array.ndim - 1)))
        name = tensor.name
        kept += [
            numpy_helper.from_array(np.rint(array / shaped).astype(np.int8), name + ".q"),
            numpy_helper.from_array(scale, name + ".s"),
            numpy_helper.from_array(np.zeros(len(scale), np.int8), name + ".z"),
        ]
        dequantised.append(
            helper.make_node("DequantizeLinear", [name + ".q", name + ".s", name + ".z"], [name], axis=0)
        )
    nodes = [*dequantised, *graph.node]
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(kept)
    graph.node.extend(nodes)
