"""The stages of MM-SeR, three on trained parts, five from nothing: epochs, or shares of the time there is.

In: a captioner and captions as tokens. Out: the captioner trained in place, and its curves.
"""

from __future__ import annotations

import contextlib
import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from dic_ingest.errors import SettingsError
from dic_ingest.training.mmser.data import (
    Captions,
    batches,
    first_batch,
    language_batch,
    presence_batch,
    second_batch,
)

PARTS = ("vision", "connector", "ser", "language")
_PREFIX = {
    "vision": ("model.stem.", "model.vision_tower."),
    "connector": ("model.connector.",),
    "ser": ("model.ser_connector.",),
    "language": ("model.language_model.", "lm_head."),
}
LOOKS: dict[str, Callable[..., dict[str, Any]]] = {
    "words": language_batch,
    "presence": presence_batch,
    "first": first_batch,
    "second": second_batch,
}


@dataclass(frozen=True, slots=True)
class TrainingStage:
    """One stage. `share` is its part of the time where time is what is given, otherwise `epochs` count."""

    name: str
    look: str
    parts: tuple[str, ...]
    rate: float
    epochs: float
    share: float = 0.0
    first_every: int = 0  # every so many-th batch is a first look, so that it is not forgotten; 0: none is

    def __post_init__(self) -> None:
        if self.look not in LOOKS or not set(self.parts) <= set(PARTS) or not self.parts:
            raise SettingsError(f"Stage {self.name}: unknown look {self.look!r} or parts {self.parts}.")
        if self.rate <= 0 or self.epochs <= 0 or self.share < 0:
            raise SettingsError(f"Stage {self.name}: rate and epochs must be above 0.")


# Table 16 and section 5.1: for towers that were trained before
PAPER = (
    TrainingStage("0 connector", "first", ("connector",), 1e-4, 1, 0.08),
    TrainingStage("1 captions", "first", ("connector", "language"), 2e-5, 10, 0.77),
    TrainingStage("2 refinement", "second", ("ser", "language"), 2e-5, 2, 0.15),
)
# From nothing: the decoder first learns to speak, the tower to see words, the decoder to read what the tower
# sees. Only then do they learn together: earlier the tower forgets its words before anything is made of them
SCRATCH = (
    TrainingStage("words", "words", ("language",), 1e-3, 2, 0.02),
    TrainingStage("sight", "presence", ("vision", "connector"), 6e-4, 12, 0.19),
    TrainingStage("reading", "first", ("language",), 6e-4, 14, 0.24),
    TrainingStage("1 captions", "first", ("vision", "connector", "language"), 2.5e-4, 16, 0.27),
    TrainingStage("2 refinement", "second", ("ser", "language"), 3e-4, 12, 0.28, 4),
)


@dataclass(frozen=True, slots=True)
class CaptionerSettings:
    """What all stages share; section 5.1 has a batch of 256, weight decay 0, warm-up 0.03, cosine decay."""

    batch: int = 256
    decay: float = 0.0
    warm: float = 0.03
    clip: float = 1.0
    seconds: float = 0.0  # 0: epochs count
    seed: int = 0

    def __post_init__(self) -> None:
        if self.batch < 1 or self.seconds < 0 or not 0 <= self.warm < 1 or self.clip <= 0 or self.decay < 0:
            raise SettingsError(
                "RunSettings: batch from 1, seconds and decay from 0, warm in 0..1, clip above 0."
            )


def train(
    model: Any,
    stages: Sequence[TrainingStage],
    data: Captions,
    settings: CaptionerSettings,
    told: Callable[[dict[str, Any]], None] = lambda row: None,
    held_out: Captions | None = None,
) -> list[dict[str, Any]]:
    """Runs the stages; returns the curves' rows, each also given to `told`. Seeded."""
    torch.manual_seed(settings.seed)
    curves: list[dict[str, Any]] = []
    whole = sum(s.share for s in stages) or 1.0
    for stage in stages:
        seconds = settings.seconds * stage.share / whole
        for row in _stage(model, stage, data, settings, seconds):
            curves.append(row)
            told(row)
        if held_out is not None and len(held_out):
            row = {
                "stage": stage.name,
                "held-out loss": held_out_loss(model, stage.look, held_out, settings.batch),
            }
            curves.append(row)
            told(row)
    return curves


def held_out_loss(model: Any, look: str, data: Captions, size: int) -> float:
    """Mean loss on figures that were not learnt from; pictures are varied the same way every time."""
    source, total, count = random.Random(0), 0.0, 0
    model.eval()
    with torch.no_grad(), torch.random.fork_rng(devices=_devices(model)):
        torch.manual_seed(0)
        for start in range(0, len(data), size):
            at = list(range(start, min(start + size, len(data))))
            batch = LOOKS[look](data, at, model.config, source)
            with _mixed(model):
                total += float(_loss(model, look, batch)) * len(at)
            count += len(at)
    return round(total / count, 4)


def _stage(
    model: Any, stage: TrainingStage, data: Captions, settings: CaptionerSettings, seconds: float
) -> Any:
    """Trains one stage and yields a row about every thirtieth of it."""
    learnt = _free(model, stage.parts)
    fused = model.device.type == "cuda"
    tune = torch.optim.AdamW(learnt, stage.rate, weight_decay=settings.decay, fused=fused)
    source = random.Random(f"{settings.seed} {stage.name}")
    total = max(1, round(stage.epochs * math.ceil(len(data) / settings.batch)))
    began, losses, due = time.monotonic(), list[Any](), 0.0
    model.train()
    for step, at in enumerate(batches(data, settings.batch, source)):
        done = (time.monotonic() - began) / seconds if seconds else step / total
        if done >= 1:
            break
        for group in tune.param_groups:
            group["lr"] = stage.rate * _slope(done, max(settings.warm, 1 / total if not seconds else 0))
        look = "first" if stage.first_every and step % stage.first_every == 0 else stage.look
        batch = LOOKS[look](data, at, model.config, source)  # in full precision: places of pixels are numbers
        with _mixed(model):
            loss = _loss(model, look, batch)
        tune.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learnt, settings.clip)
        tune.step()
        if look == stage.look:
            losses.append(loss.detach())
        if done >= due and losses:
            due += 1 / 30
            mean = round(float(torch.stack(losses).mean()), 4)
            if not math.isfinite(mean):
                raise SettingsError(f"stage {stage.name}: the loss is no number any more; lower its rate.")
            yield {
                "stage": stage.name,
                "step": step + 1,
                "seconds": round(time.monotonic() - began, 1),
                "loss": mean,
            }
            losses = []


def _loss(model: Any, look: str, batch: dict[str, Any]) -> Any:
    return model.presence_loss(**batch) if look == "presence" else model(**batch).loss


def _free(model: Any, parts: Sequence[str]) -> list[Any]:
    """Only these parts learn; their parameters."""
    wanted = tuple(p for part in parts for p in _PREFIX[part])
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name.startswith(wanted))
    return [p for p in model.parameters() if p.requires_grad]


def _slope(done: float, warm: float) -> float:
    """Share of the rate: up in a line, then down a cosine to a fiftieth."""
    if done < warm:
        return max(done / warm, 0.02)
    return 0.02 + 0.98 * (1 + math.cos(math.pi * (done - warm) / (1 - warm))) / 2


def _mixed(model: Any) -> Any:
    """bfloat16 where the device is a GPU; there is nothing to gain on small CPUs."""
    if model.device.type != "cuda":
        return contextlib.nullcontext()
    return torch.autocast("cuda", dtype=torch.bfloat16)


def _devices(model: Any) -> list[Any]:
    return [model.device] if model.device.type == "cuda" else []
