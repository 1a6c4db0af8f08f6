"""What must hold before a model is loaded: pictures there, captions true to their graphs, enough memory.

In: records, a model's folder, settings. Out: nothing, or an error that says what to do. No GPU is touched.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from dic_ingest.captioning.grounding.critic import criticise
from dic_ingest.errors import MALFORMED, EmptyFileError, InputError, LimitError, SettingsError
from dic_ingest.evaluation.figure_set import Pair
from dic_ingest.image_files import open_picture
from dic_ingest.model.diagram import Diagram
from dic_ingest.training.sft.settings import SftSettings
from dic_ingest.training.synthesise.captions.expert import drawn_part

DENIED = ("flipped", "no line", "label", "count", "instruction")  # a graph may be silent; these it denies
SHOWN = 5
TRAINED = 16  # bytes of a weight that learns: itself, its gradient, Adam's two moments, in float32
HELD = {"bfloat16": 2.0, "float32": 4.0}  # bytes of one that does not
NF4 = 0.65  # 4 bits, their constants, and what stays in 16 bits
SLACK = 1.25  # activations and pictures, with recomputation


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A statement of a caption that its own graph denies."""

    pair: str
    text: str
    reason: str


def contradictions(pairs: Sequence[Pair]) -> list[Contradiction]:
    """What captions say against their graphs: a line that is not there, a wrong direction, label or count.

    Pairs of annotators are not held against anything: what an expert says is the truth.
    """
    found = []
    for pair in (p for p in pairs if not by_expert(p)):
        checked = criticise(drawn_part(pair.caption), pair.diagram, complete=False)
        found += [
            Contradiction(pair.id, c.before, c.reason)
            for c in checked.changes
            if c.before and c.reason in DENIED
        ]
    return found


def by_expert(pair: Pair) -> bool:
    """Whether annotators wrote or accepted the pair."""
    return pair.source.startswith("annotator:")


def caption_contradictions(caption: str, diagram: Diagram) -> list[str]:
    """The statements of a caption that a graph denies, with the reason; none where there is no graph."""
    if not diagram.nodes:
        return []
    changes = criticise(caption, diagram, complete=False).changes
    return [f"{c.reason}: {c.before}" for c in changes if c.before and c.reason in DENIED]


def true_pairs(pairs: Sequence[Pair], policy: str) -> list[Pair]:
    """The pairs to learn from. Raises InputError under the policy "refuse", if a caption is denied."""
    if not pairs:
        raise EmptyFileError("there is no pair to learn from; look at the split and at how the set was made")
    wrong = [] if policy == "keep" else contradictions(pairs)
    if wrong and policy == "refuse":
        told = "; ".join(f'{w.pair}: "{w.text[:80]}" ({w.reason})' for w in wrong[:SHOWN])
        raise InputError(
            f"{len(wrong)} statements contradict the graph of their figure: {told}. Correct them, or set "
            'contradictions = "drop".'
        )
    bad = {w.pair for w in wrong}
    kept = [p for p in pairs if p.id not in bad]
    if not kept:
        raise EmptyFileError("every caption contradicts its graph, so there is nothing to learn from")
    return kept


def check_pictures(images: Sequence[Path]) -> None:
    """Raises InputError that names pictures which are missing or cannot be read."""
    bad = []
    for path in dict.fromkeys(images):
        try:
            with open_picture(path) as picture:
                picture.verify()
        except (OSError, ValueError, SyntaxError, InputError):
            bad.append(path)
    if bad:
        told = ", ".join(str(p) for p in bad[:SHOWN])
        raise InputError(f"{len(bad)} pictures are missing or broken: {told}. Make the set again.")


def model_digest(folder: str | Path) -> str:
    """Tells one architecture from another: sha256 of what a model's config fixes, 12 digits."""
    path = Path(folder) / "config.json"
    try:
        config = json.loads(path.read_text("utf-8"))
        names = (
            "architectures",
            "model_type",
            "text_config",
            "vision_config",
            "image_token_id",
            "vocab_size",
        )
        fixed = {n: _lasting(config.get(n)) for n in names}
    except (OSError, *MALFORMED) as error:
        raise SettingsError(f"{folder} holds no model: {path.name} cannot be read. Check --model.") from error
    return hashlib.sha256(json.dumps(fixed, sort_keys=True).encode()).hexdigest()[:12]


def _lasting(value: object) -> object:
    """Without what saving a model again may change."""
    if not isinstance(value, dict):
        return value
    passing = ("dtype", "torch_dtype", "use_cache", "_name_or_path", "transformers_version")
    return {k: v for k, v in value.items() if k not in passing and not k.startswith("_attn")}


def needed_bytes(weights: int, trained: int, settings: SftSettings, dtype: str) -> int:
    """A lower bound for one device; `dtype` is that of the weights, `trained` how many of them learn."""
    still = weights - trained if settings.method == "full" else weights
    return int(SLACK * (still * (NF4 if settings.method == "qlora" else HELD[dtype]) + trained * TRAINED))


def free_bytes(device: str) -> int:
    """Free memory of the first GPU as its driver tells, without opening it; else of this machine."""
    if device.startswith("cuda") and (tool := shutil.which("nvidia-smi")):
        asked = [tool, "--query-gpu=memory.free", "--format=csv,noheader,nounits"]
        told = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False).stdout.split()
        if told and told[0].isdigit():
            return int(told[0]) * 2**20
    return int(psutil.virtual_memory().available)


def check_memory(needed: int, free: int, method: str) -> None:
    """Raises LimitError if the lower bound is above what is free."""
    if needed > free:
        ways = {"full": 'method "lora" or "qlora"', "lora": 'method "qlora"'}
        cheaper = ways.get(method, "a smaller model")
        raise LimitError(
            f"at least {needed / 2**30:.1f} GiB are needed on each device, {free / 2**30:.1f} GiB are free. "
            f"Try {cheaper}, or more devices with the shipped accelerate files."
        )
