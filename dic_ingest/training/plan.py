"""What a stage will need on one card: memory by its parts, steps, hours, disk. Computed, nothing is measured.

In: a model's shape (its config.json), a set, a stage's settings, a card. Out: `Plan`. No weight is read.
Memory counts what a step holds at once with recomputation; hours follow from floating-point operations and a
share of the card's peak that such trainings reach.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dic_ingest.errors import MALFORMED, EmptyFileError, SettingsError
from dic_ingest.evaluation.figure_set import Pair, PairQuestion
from dic_ingest.training.sft.settings import SftSettings

HALF, FULL = 2, 4  # bytes of a number in 16 and 32 bits
LEARNT = 16  # bytes of a weight that learns: itself, its gradient, Adam's two moments, in 32 bits
NF4 = 0.52  # bytes of a weight in 4 bits, its share of the scale factors included
LOGIT = 10  # bytes of a logit: in 16 bits, in 32 for the loss, and its gradient
WORKING = 34  # numbers of a token that one layer holds while it is computed again, in units of its width
# (Korthikanti et al. 2022, section 4.1: 34 s b h bytes of a transformer layer without its attention scores)
CONTEXT = 1.5 * 2**30  # bytes of the CUDA context, its libraries and what the allocator cannot use
USED = 0.35  # of a card's peak, with recomputation and pictures of many sizes
UNPACKING = 1.3  # times as long with weights in 4 bits
CELL = 28  # pixels of a side of a picture that become one token (patches of 14, merged two by two)
LETTERS = 3.5  # of a token, in captions and Mermaid
RULES = 700  # tokens of the rules and the task of a prompt
WORD = 14  # tokens of a word of the figure with its box
READ = 2.0  # seconds in which one core reads a figure (0.3 to 3)
VIEW = 12_000  # bytes of a figure as the engine sees it, as kept beside a run
PEAKS = {24: 125.0, 40: 312.0, 48: 362.0, 80: 312.0, 94: 835.0, 141: 989.0}
# 16-bit TFLOPS without sparsity of A10, A100, L40S, A100, H100 NVL, H200, by their memory in GB


@dataclass(frozen=True, slots=True)
class ModelShape:
    """A vision-language model of the Qwen-VL kind."""

    width: int
    layers: int
    inner: int  # of the feed-forward layers
    narrow: int  # width of keys and values
    vocabulary: int
    tied: bool
    vision_width: int
    vision_layers: int
    vision_inner: int

    @property
    def language(self) -> int:
        """Weights of the language model's linear layers."""
        one = 2 * self.width**2 + 2 * self.width * self.narrow + 3 * self.width * self.inner
        return one * self.layers

    @property
    def embeddings(self) -> int:
        """Weights of words, at both ends."""
        return self.vocabulary * self.width * (1 if self.tied else 2)

    @property
    def vision(self) -> int:
        """Weights of the vision tower with what leads to the language model."""
        one = 4 * self.vision_width**2 + 3 * self.vision_width * self.vision_inner
        four = 4 * self.vision_width
        return one * self.vision_layers + four * (four + self.width)

    @property
    def weights(self) -> int:
        """All of them."""
        return self.language + self.embeddings + self.vision

    def adapter(self, rank: int) -> int:
        """Weights of an adapter on the language model's linear layers."""
        ends = 4 * self.width + 2 * (self.width + self.narrow) + 3 * (self.width + self.inner)
        return rank * ends * self.layers


SHAPES = {  # published configurations
    "qwen2.5-vl-3b": ModelShape(2048, 36, 11008, 256, 151936, True, 1280, 32, 3420),
    "qwen2.5-vl-7b": ModelShape(3584, 28, 18944, 512, 152064, False, 1280, 32, 3420),
}


@dataclass(frozen=True, slots=True)
class Load:
    """A set as a model is taught it: examples, and tokens of one."""

    examples: int
    figures: int
    text: int  # tokens of prompt and answer
    picture: int  # tokens of the picture
    longest: int  # text tokens of the longest example


@dataclass(frozen=True, slots=True)
class Plan:
    """Bytes while training, by part; hours; bytes on disk."""

    method: str
    weights: float
    learning: float
    activations: float
    logits: float
    context: float
    hours: float
    reading_hours: float  # of one core, before the first step
    steps: int
    disk: float  # checkpoints, adapter or weights, views, exported model

    @property
    def memory(self) -> float:
        """Bytes in all."""
        return self.weights + self.learning + self.activations + self.logits + self.context

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self) | {"memory": self.memory}


def shape_of(folder: Path) -> ModelShape:
    """A model's shape from its config.json. Raises SettingsError where it is not of this kind."""
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text("utf-8"))
        text, vision = config.get("text_config") or config, config["vision_config"]
        heads = int(text["num_attention_heads"])
        narrow = int(text["hidden_size"]) // heads * int(text.get("num_key_value_heads") or heads)
        width = int(vision.get("hidden_size") or vision["embed_dim"])
        return ModelShape(
            int(text["hidden_size"]), int(text["num_hidden_layers"]), int(text["intermediate_size"]), narrow,
            int(text["vocab_size"]), bool(config.get("tie_word_embeddings", text.get("tie_word_embeddings"))),
            width, int(vision.get("depth") or vision["num_hidden_layers"]),
            int(vision.get("intermediate_size") or 4 * width),
        )  # fmt: skip
    except (OSError, *MALFORMED) as error:
        raise SettingsError(
            f"{path} tells no shape of a vision-language model: {error!r}. Give --shape "
            f"{' or '.join(SHAPES)} instead."
        ) from error


def load_of(pairs: Iterable[Pair], questions: Iterable[PairQuestion], settings: SftSettings) -> Load:
    """What the records come to. Tokens are estimated from letters and words, pictures as wide as allowed.

    Raises EmptyFileError where there is no record.
    """
    pairs, questions = list(pairs), list(questions)
    texts = [_pair_tokens(p, settings) for p in pairs]
    texts += [RULES + round(len(q.question + q.answer + "".join(q.options)) / LETTERS) for q in questions]
    if not texts:
        raise EmptyFileError("there is nothing to learn from in these sets")
    figures = len({p.image for p in pairs} | {q.image for q in questions})
    picture = (settings.grounding.max_side // CELL) ** 2 * 3 // 4  # most figures are wider than high
    return Load(len(texts), figures, round(sum(texts) / len(texts)), picture, max(texts))


def _pair_tokens(pair: Pair, settings: SftSettings) -> int:
    graph = pair.diagram
    labels = [n.label for n in graph.nodes] + [e.label for e in graph.edges]
    source = (sum(map(len, labels)) + 24 * len(graph.edges) + 12 * len(graph.nodes)) / LETTERS
    words = sum(len(t.split()) for t in labels)
    known = source + WORD * min(words, settings.grounding.prompt.limits.words)
    told = known if settings.grounding.prompt.reading else 0.0
    return RULES + round(told + source + len(pair.caption) / LETTERS)


def plan(shape: ModelShape, load: Load, settings: SftSettings, tflops: float) -> Plan:
    """What a stage with these settings needs on one card of `tflops` (16 bits, dense)."""
    method, batch = settings.method, settings.device_batch
    longest = min(load.longest, settings.longest) + load.picture
    trained = _trained(shape, settings)
    still = shape.weights - trained if method == "full" else shape.weights
    in_four = shape.language if method == "qlora" else 0
    weights = in_four * NF4 + (still - in_four) * HALF
    kept = shape.layers * shape.width * HALF * (1 if settings.checkpointing else WORKING / 2)
    working = shape.width * WORKING + 3 * shape.inner * HALF * 2
    seen = 4 * load.picture * (shape.vision_width * WORKING + 3 * shape.vision_inner * HALF)
    if settings.method == "full" and settings.parts == "all":
        seen += 4 * load.picture * shape.vision_layers * shape.vision_width * HALF
    hours = _operations(shape, load, settings) * settings.epochs / (USED * tflops * 1e12) / 3600
    steps = math.ceil(load.examples / settings.batch) * math.ceil(settings.epochs)
    result = trained * FULL if method != "full" else shape.weights * FULL
    return Plan(
        method,
        weights,
        trained * LEARNT,
        batch * (longest * (kept + working) + seen),
        batch * longest * shape.vocabulary * LOGIT,
        CONTEXT,
        hours * (UNPACKING if method == "qlora" else 1.0),
        load.figures * READ / 3600,
        steps,
        # the result, two checkpoints with both moments, views, the model as exported
        result + 2 * (result + 2 * FULL * trained) + load.figures * VIEW + shape.weights * HALF,
    )


def _trained(shape: ModelShape, settings: SftSettings) -> int:
    if settings.method != "full":
        return shape.adapter(settings.rank)
    return shape.weights if settings.parts == "all" else shape.weights - shape.vision


def _operations(shape: ModelShape, load: Load, settings: SftSettings) -> float:
    """Of one epoch: two a weight and token for each pass; forward, again, back, and to the weights."""
    tokens = load.examples * (min(load.text, settings.longest) + load.picture)
    passes = 2 + settings.checkpointing + (settings.method == "full")
    language = 2 * passes * (shape.language + shape.vocabulary * shape.width) * tokens
    patches = 4 * load.picture * load.examples
    return float(language + 2 * (passes if settings.parts == "all" else 1) * shape.vision * patches)


def peak_of(card: float) -> float:
    """16-bit TFLOPS of the card whose memory comes nearest to `card` (GB)."""
    return PEAKS[min(PEAKS, key=lambda size: abs(size - card))]
