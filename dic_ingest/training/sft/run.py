"""One stage of fine-tuning with TRL: examples and a model in, a checkpoint with record, curves, card out.

A run that was stopped goes on from its last checkpoint. Under `accelerate launch` it runs on several devices.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from dic_ingest.captioning.engines.trained import Trained, prompt_ids, write_trained
from dic_ingest.errors import EmptyFileError, MissingExtraError, SettingsError
from dic_ingest.training.card import write_card
from dic_ingest.training.curves import Log, fell, history, write_curves
from dic_ingest.training.sft.checks import check_pictures
from dic_ingest.training.sft.collate import AnswerCollator, Encoder
from dic_ingest.training.sft.examples import Example
from dic_ingest.training.sft.model import (
    Start,
    enough_memory,
    find_start,
    half,
    load_start,
    pick_device,
    weights_dtype,
)
from dic_ingest.training.sft.settings import SftSettings

try:
    from accelerate import PartialState
    from datasets import Dataset
    from transformers.trainer_utils import get_last_checkpoint
    from trl import SFTConfig, SFTTrainer
except ImportError as error:
    raise MissingExtraError("trl or datasets", "train") from error

RUN = "run.json"
PANELS = (("loss", "eval_loss"), ("mean_token_accuracy",), ("learning_rate",))


def fine_tune(
    examples: Sequence[Example],
    model: Path,
    out: Path,
    settings: SftSettings,
    resume: bool = False,
    data: dict[str, Any] | None = None,
    held_out: Sequence[Example] = (),
) -> Trained:
    """Train on `examples` from the model or adapter in `model`; the result lies in `out`.

    `data` is the data card of the set. On `held_out` the loss is measured before the first step and after
    each epoch. With `resume` a stopped run of the same settings goes on.

    Raises:
        InputError: no example, a picture that is missing or broken, too little memory (LimitError).
        SettingsError: `model` holds no model or another one, `out` holds another run.
    """
    check_pictures([e.image for e in (*examples, *held_out)])
    place = find_start(model)
    device = pick_device()
    enough_memory(place, settings, device)
    checkpoint = open_run(out, identity_of(examples, place.record, settings), resume)
    start = load_start(place, settings, device, checkpoint)
    encoder = Encoder(start.processor, settings.grounding)
    kept = _short_enough(examples, encoder, settings.longest)
    watched = [e for e in held_out if encoder.length(e) <= settings.longest]
    began = time.monotonic()
    trainer = _trainer(start, encoder, (kept, watched), out, settings, device)
    trainer.train(resume_from_checkpoint=checkpoint)
    log = history(trainer.state.log_history)
    first, last = fell(log)
    facts = {
        "examples": len(kept), "left_out": len(examples) - len(kept), "steps": trainer.state.global_step,
        "loss_first": first, "loss_last": last, "seconds": round(time.monotonic() - began, 1),
        "device": device, "weights_type": weights_dtype(settings, device), **_validation(log),
    }  # fmt: skip
    record = _record(start.record, settings, facts, data)
    save_run(trainer, start, out, record, log, PANELS)
    return record


def _short_enough(examples: Sequence[Example], encoder: Encoder, longest: int) -> list[Example]:
    kept = [e for e in examples if encoder.length(e) <= longest]
    if not kept:
        raise EmptyFileError(
            f"none of {len(examples)} examples is left to learn from: each is longer than "
            f"longest = {longest} text tokens, or there is none"
        )
    return kept


def save_run(
    trainer: Any, start: Start, out: Path, record: Trained, log: Log, panels: Sequence[Sequence[str]]
) -> None:
    """Write a stage's weights or adapter, and by one process of several what belongs to them."""
    trainer.save_model(str(out))
    if trainer.is_world_process_zero():
        start.processor.save_pretrained(out)
        write_trained(out, record)
        write_curves(out, log, panels)
        write_card(out, record)


def _validation(log: Log) -> dict[str, float]:
    """The loss on held-out examples before the first step, its least, and after the last."""
    seen = [float(e["eval_loss"]) for e in log if "eval_loss" in e]
    if not seen:
        return {}
    return {"validation_first": seen[0], "validation_least": min(seen), "validation_last": seen[-1]}


def _record(
    before: Trained, settings: SftSettings, facts: dict[str, Any], data: dict[str, Any] | None
) -> Trained:
    told = {k: v for k, v in asdict(settings).items() if k != "grounding"}
    steps = settings.grounding.steps
    return replace(
        before,
        grounding=settings.grounding,
        prompts=prompt_ids(settings.grounding.prompt, steps),
        stages=(*before.stages, told | facts),
        data={**before.data, **({settings.stage: data} if data else {})},
        scores={},  # those of the model before
    )


def trainer_options(settings: SftSettings, device: str) -> dict[str, Any]:
    """What TRL's trainers are told alike, whatever they train."""
    on_gpu = device == "cuda"
    return {
        "max_length": None,  # picture tokens are kept whole
        "remove_unused_columns": False,
        "learning_rate": settings.learning_rate,
        "per_device_train_batch_size": settings.device_batch,
        "gradient_accumulation_steps": _accumulate(settings),
        "num_train_epochs": settings.epochs,
        "warmup_steps": settings.warmup,
        "lr_scheduler_type": settings.schedule,
        "gradient_checkpointing": settings.checkpointing,
        "bf16": half(settings, device),
        "use_cpu": not on_gpu,
        "dataloader_pin_memory": on_gpu,
        "save_steps": settings.save_every,
        "save_total_limit": 2,
        "logging_steps": settings.log_every,
        "report_to": "none",
        "disable_tqdm": True,
        "seed": settings.seed,
    }


def _trainer(
    start: Start,
    encoder: Encoder,
    sets: tuple[list[Example], list[Example]],
    out: Path,
    settings: SftSettings,
    device: str,
) -> Any:
    """TRL's trainer; `sets` are what is learnt and what is only watched."""
    kept, watched = sets
    watching: dict[str, Any] = {"eval_strategy": "epoch", "eval_on_start": True} if watched else {}
    config = SFTConfig(
        output_dir=str(out),
        dataset_kwargs={"skip_prepare_dataset": True},  # the collator makes the tensors
        per_device_eval_batch_size=settings.device_batch,
        prediction_loss_only=True,
        **watching,
        **trainer_options(settings, device),
    )
    return SFTTrainer(
        model=start.model,
        args=config,
        data_collator=AnswerCollator(encoder, [*kept, *watched]),
        train_dataset=Dataset.from_dict({"at": list(range(len(kept)))}),
        eval_dataset=Dataset.from_dict({"at": list(range(len(kept), len(kept) + len(watched)))})
        if watched
        else None,
        processing_class=encoder.tokenizer,
    )


def _accumulate(settings: SftSettings) -> int:
    devices = int(PartialState().num_processes)
    return max(1, settings.batch // (settings.device_batch * devices))


def identity_of(
    examples: Sequence[Example], before: Trained, settings: Any, others: Sequence[str] = ()
) -> dict[str, Any]:
    """What must be the same for a run to be resumed: the model, what is taught, the settings."""
    taught = hashlib.sha256()
    for text in (*(f"{e.id} {e.prompt.id} {e.answer}" for e in examples), *others):
        taught.update(f"{len(text)} {text}".encode())
    told = {"base": before.base_digest, "stages_before": len(before.stages), "taught": taught.hexdigest()}
    found: dict[str, Any] = json.loads(json.dumps({**told, "settings": asdict(settings)}))
    return found


def open_run(out: Path, identity: dict[str, Any], resume: bool) -> str | None:
    """Claim a folder; the checkpoint to go on from. Raises SettingsError if it holds another run.

    Of several processes the first claims it, the others wait.
    """
    with PartialState().main_process_first():
        if PartialState().is_main_process:
            return _claimed(out, identity, resume)
    return get_last_checkpoint(str(out)) if resume else None


def _claimed(out: Path, identity: dict[str, Any], resume: bool) -> str | None:
    told = out / RUN
    last = get_last_checkpoint(str(out)) if out.is_dir() else None
    if resume and last:
        if not told.is_file() or json.loads(told.read_text("utf-8")) != identity:
            raise SettingsError(f"{out} holds a run of another model, set or settings. Name another folder.")
        return str(last)
    if out.is_dir() and any(out.iterdir()):
        raise SettingsError(f"{out} is not empty. Name another folder, or resume the run in it.")
    out.mkdir(parents=True, exist_ok=True)
    told.write_text(json.dumps(identity, indent=1), encoding="utf-8")
    return None
