"""A BERT encoder with mean pooling as an OpenVINO graph, built from its tensors: no ONNX file is needed.

In: tensors by the names of the model's repository. Out: an `openvino.Model` with the inputs ids (int64) and
mask (float32), both (texts, length), and one output of unit vectors, (texts, width).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

BLOCKED = -1e9  # added to the attention paid to padding


class BertGraph:
    """Builds the graph. `heads` attention heads; `epsilon` of the layer norms."""

    def __init__(self, weights: Mapping[str, Any], heads: int, epsilon: float) -> None:
        from openvino import opset13

        self._op, self._weights, self._heads, self._epsilon = opset13, weights, heads, epsilon
        self._width = int(weights["embeddings.word_embeddings.weight"].shape[1])

    def model(self, layers: int) -> Any:
        """The graph with the first `layers` layers of the encoder, for any number and length of texts."""
        import openvino

        op = self._op
        ids = op.parameter([-1, -1], np.int64, name="ids")
        mask = op.parameter([-1, -1], np.float32, name="mask")
        hidden = op.subtract(_float(op, 1.0), op.unsqueeze(mask, self._whole(1, 2)))
        blocked = op.multiply(hidden, _float(op, BLOCKED))
        x = self._embedded(ids)
        for layer in range(layers):
            x = self._layer(x, blocked, f"encoder.layer.{layer}")
        shown = op.unsqueeze(mask, self._whole(2))
        total = op.reduce_sum(op.multiply(x, shown), self._whole(1))
        pooled = op.divide(total, op.reduce_sum(shown, self._whole(1)))
        return openvino.Model([op.normalize_l2(pooled, self._whole(1), 1e-12, "max")], [ids, mask], "bert")

    def _embedded(self, ids: Any) -> Any:
        op, first = self._op, self._op.constant(np.int64(0))
        length = op.gather(op.shape_of(ids), self._whole(1), first)
        places = self._tensor("embeddings.position_embeddings.weight")
        places = op.slice(places, self._whole(0), length, self._whole(1), self._whole(0))
        words = op.gather(self._tensor("embeddings.word_embeddings.weight"), ids, first)
        kind = op.constant(self._weights["embeddings.token_type_embeddings.weight"][0])
        return self._norm(op.add(op.add(words, places), kind), "embeddings.LayerNorm")

    def _layer(self, x: Any, blocked: Any, name: str) -> Any:
        op = self._op
        split = self._whole(0, 0, self._heads, self._width // self._heads)
        turn = self._whole(0, 2, 1, 3)
        query, key, value = (
            op.transpose(op.reshape(self._linear(x, f"{name}.attention.self.{part}"), split, True), turn)
            for part in ("query", "key", "value")
        )
        mixed = op.transpose(op.scaled_dot_product_attention(query, key, value, blocked), turn)
        mixed = op.reshape(mixed, self._whole(0, 0, self._width), True)
        mixed = self._linear(mixed, f"{name}.attention.output.dense")
        x = self._norm(op.add(x, mixed), f"{name}.attention.output.LayerNorm")
        inner = op.gelu(self._linear(x, f"{name}.intermediate.dense"), "erf")
        return self._norm(op.add(x, self._linear(inner, f"{name}.output.dense")), f"{name}.output.LayerNorm")

    def _linear(self, x: Any, name: str) -> Any:
        product = self._op.matmul(x, self._tensor(f"{name}.weight"), False, True)
        return self._op.add(product, self._tensor(f"{name}.bias"))

    def _norm(self, x: Any, name: str) -> Any:
        scaled = self._op.mvn(x, self._whole(-1), True, self._epsilon, "inside_sqrt")
        return self._op.add(
            self._op.multiply(scaled, self._tensor(f"{name}.weight")), self._tensor(f"{name}.bias")
        )

    def _tensor(self, name: str) -> Any:
        return self._op.constant(self._weights[name])

    def _whole(self, *numbers: int) -> Any:
        return self._op.constant(np.array(numbers, np.int64))


def _float(op: Any, number: float) -> Any:
    return op.constant(np.float32(number))
