"""Preference tuning with TRL's DPO: preferred captions and a checkpoint in, a checkpoint with its curves out.

Logged at each step: rewards of chosen and rejected captions, their margin, and how far captions repeat
themselves. Under `accelerate launch` it runs on several devices.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from dic_ingest.captioning.engines.local import LocalModel
from dic_ingest.captioning.engines.local_loading import Loaded
from dic_ingest.captioning.engines.settings import LocalModelSettings
from dic_ingest.captioning.engines.trained import Trained, prompt_ids
from dic_ingest.errors import EmptyFileError, MissingExtraError
from dic_ingest.training.curves import Log, fell, history
from dic_ingest.training.preference.pairs import Preferred
from dic_ingest.training.preference.repetition import repetition_rates
from dic_ingest.training.preference.settings import PreferenceSettings
from dic_ingest.training.sft.checks import check_pictures
from dic_ingest.training.sft.collate import Encoder
from dic_ingest.training.sft.examples import Example, asked
from dic_ingest.training.sft.model import (
    Start,
    enough_memory,
    find_start,
    load_start,
    pick_device,
    weights_dtype,
)
from dic_ingest.training.sft.run import identity_of, open_run, save_run, trainer_options

try:
    from accelerate import PartialState
    from datasets import Dataset
    from peft import PeftModel
    from transformers import TrainerCallback
    from trl import DPOConfig, DPOTrainer
except ImportError as error:
    raise MissingExtraError("trl, datasets or peft", "train") from error

PANELS = (("loss",), ("rewards/chosen", "rewards/rejected"), ("rewards/accuracies",), ("repetition", "loops"))


class PairCollator:
    """Rows with the column `at` to a batch of all chosen answers, then all rejected ones."""

    def __init__(self, encoder: Encoder, preferred: Sequence[Preferred]) -> None:
        self.encoder, self.preferred = encoder, preferred

    def __call__(self, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """`completion_mask` is 1 on the answers; prompts and pictures are there twice."""
        some = [self.preferred[int(r["at"])] for r in rows]
        prompts = [self.encoder.prompt(p.better) for p in some]
        made = [
            self.encoder.row(prompt, self.encoder.answer(p.better, text))
            for texts in ([p.better.answer for p in some], [p.worse for p in some])
            for p, prompt, text in zip(some, prompts, texts, strict=True)
        ]
        batch = self.encoder.batch(made)
        return batch | {"completion_mask": batch.pop("answer_mask")}


class _Trainer(DPOTrainer):  # type: ignore[misc]
    """TRL's, which would tokenise a data set of texts; ours comes as tensors from the collator."""

    def _prepare_dataset(self, dataset: Any, *_: Any, **__: Any) -> Any:
        return dataset


class Probe(TrainerCallback):  # type: ignore[misc]
    """Captions some figures every few steps and logs how far they repeat themselves."""

    def __init__(
        self, start: Start, encoder: Encoder, examples: Sequence[Example], settings: PreferenceSettings
    ) -> None:
        self.start, self.encoder, self.every = start, encoder, settings.probe_every
        self.examples = list(examples)
        self.tokens = settings.probe_tokens
        self.log: Log = []

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Before the first step: where the model comes from."""
        self.look(0)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Every few steps, and at the end."""
        if state.global_step % self.every == 0 or state.global_step == state.max_steps:
            self.look(state.global_step)

    def look(self, step: int) -> None:
        """Caption the figures as the engine would; a model spread over devices cannot be asked meanwhile."""
        if self.examples and PartialState().num_processes == 1:
            rates = repetition_rates(self.say())
            self.log.append({"step": step, **rates})

    def say(self) -> list[str]:
        """The model's captions of the probe's figures; training goes on as it was."""
        model, was = self.start.model, self.start.model.training
        model.eval()
        self.encoder.tokenizer.padding_side = "left"
        device = str(next(model.parameters()).device)
        settings = LocalModelSettings(str(self.start.base), max_tokens=self.tokens, device=device)
        talker = LocalModel(settings, Loaded(model, self.start.processor, device))
        answers = talker.answer([asked(e, self.encoder.settings) for e in self.examples])
        model.train(was)
        return [a.text for a in answers]


def prefer(
    preferred: Sequence[Preferred],
    model: Path,
    out: Path,
    settings: PreferenceSettings,
    probes: Sequence[Example] = (),
    resume: bool = False,
) -> Trained:
    """Tune the model or adapter in `model` on preferred captions; the result lies in `out`.

    `probes`: figures to be captioned meanwhile; the first of the preferred ones if none are given.

    Raises: what `fine_tune` raises.
    """
    run = settings.run
    check_pictures([p.better.image for p in preferred])
    place = find_start(model)
    device = pick_device()
    enough_memory(place, run, device)
    identity = identity_of(
        [p.better for p in preferred], place.record, settings, [p.worse for p in preferred]
    )
    checkpoint = open_run(out, identity, resume)
    start = load_start(place, run, device, checkpoint)
    encoder = Encoder(start.processor, run.grounding)
    kept = _short_enough(preferred, encoder, run.longest)
    began = time.monotonic()
    probe = Probe(start, encoder, _first(probes or [p.better for p in kept], settings.probes), settings)
    reference = None  # an adapter is its own: TRL keeps a copy of it
    if not isinstance(start.model, PeftModel):
        reference = load_start(place, run, device).model if checkpoint else copy.deepcopy(start.model)
    trainer = _trainer(start, reference, encoder, kept, out, settings, device)
    trainer.add_callback(probe)
    trainer.train(resume_from_checkpoint=checkpoint)
    log = history(trainer.state.log_history) + probe.log
    record = _record(place.record, settings, log, len(kept), len(preferred), device, began)
    save_run(trainer, start, out, record, sorted(log, key=lambda e: e["step"]), PANELS)
    return record


def _short_enough(preferred: Sequence[Preferred], encoder: Encoder, longest: int) -> list[Preferred]:
    """Those of which neither caption is longer than `longest` text tokens."""
    kept = [
        p
        for p in preferred
        if max(encoder.length(p.better), encoder.length(replace(p.better, answer=p.worse))) <= longest
    ]
    if not kept:
        raise EmptyFileError(
            f"none of {len(preferred)} preferred captions is left: there is none, or each is longer than "
            f"longest = {longest} text tokens"
        )
    return kept


def _trainer(
    start: Start,
    reference: Any,
    encoder: Encoder,
    kept: list[Preferred],
    out: Path,
    settings: PreferenceSettings,
    device: str,
) -> Any:
    config = DPOConfig(
        output_dir=str(out),
        loss_type=list(settings.losses),
        loss_weights=list(settings.weights),
        beta=settings.beta,
        **trainer_options(settings.run, device),
    )
    return _Trainer(
        model=start.model,
        ref_model=reference,
        args=config,
        data_collator=PairCollator(encoder, kept),
        train_dataset=Dataset.from_dict({"at": list(range(len(kept)))}),
        processing_class=encoder.tokenizer,
    )


def _record(
    before: Trained,
    settings: PreferenceSettings,
    log: Log,
    kept: int,
    given: int,
    device: str,
    began: float,
) -> Trained:
    first, last = fell(log)
    told = {k: v for k, v in asdict(settings.run).items() if k != "grounding"}
    ends = {
        f"{name}_{when}": value
        for name in ("rewards/chosen", "rewards/rejected", "repetition")
        if any(name in e for e in log)
        for when, value in zip(("first", "last"), fell(log, name), strict=True)
    }
    facts = {
        "losses": list(settings.losses), "weights": list(settings.weights), "beta": settings.beta,
        "examples": kept, "left_out": given - kept, "steps": max(int(e["step"]) for e in log),
        "loss_first": first, "loss_last": last, "seconds": round(time.monotonic() - began, 1),
        "device": device, "weights_type": weights_dtype(settings.run, device), **ends,
    }  # fmt: skip
    grounding = settings.run.grounding
    return replace(
        before,
        grounding=grounding,
        prompts=prompt_ids(grounding.prompt, grounding.steps),
        stages=(*before.stages, told | facts),
        scores={},
    )


def _first(examples: Sequence[Example], count: int) -> list[Example]:
    return list({e.id: e for e in examples}.values())[:count]
