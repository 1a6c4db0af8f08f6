"""GRPO with the retrieval reward (CIM, arXiv 2603.01696, sections 3.3 and 4.1), by TRL.

In: a captioner with its processor, figures, a reward. Out: the captioner trained, rows.json and the best
checkpoint: best by edge F1 on held-out figures, of which it learns nothing. The guard stops a run that games
its reward.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from transformers import TrainerCallback
from trl import GRPOConfig, GRPOTrainer

from dic_ingest.captioning.grounding.reply import loops
from dic_ingest.errors import InputError, SettingsError
from dic_ingest.evaluation.graph_scores import compare_graphs, graph_measures
from dic_ingest.evaluation.reading import graph_of_caption
from dic_ingest.training.cim.captioners import Figure, RewardedCaptioner
from dic_ingest.training.cim.hacking import best, signs
from dic_ingest.training.cim.reward import RetrievalReward, said


@dataclass(frozen=True, slots=True)
class CIMSettings:
    """Section 4.1: G = 5 captions a picture, rate 1e-6, 2 epochs, batch 256 in mini-batches of 64."""

    group: int = 5
    rate: float = 1e-6
    epochs: float = 2.0
    batch: int = 256  # captions that a step learns from; rounded to whole groups
    mini_batch: int = 64
    steps: int = 0  # 0: the epochs count
    longest: int = 512  # tokens of a caption
    temperature: float = 1.0
    kl: float = 0.0  # the paper has no such term
    watch: int = 10  # steps between looks at the held-out figures
    guard: bool = True  # stop when the reward is gamed
    checkpointing: bool = False  # recompute activations: less memory, a third more time
    seed: int = 0

    def __post_init__(self) -> None:
        if self.group < 2 or min(self.batch, self.mini_batch) < self.group or self.rate <= 0:
            raise SettingsError(
                "CIMSettings: group from 2, batch and mini_batch at least a group, rate above 0."
            )
        if self.epochs <= 0 or self.steps < 0 or self.watch < 1 or self.longest < 1 or self.temperature <= 0:
            raise SettingsError(
                "CIMSettings: epochs, longest, temperature above 0, steps from 0, watch from 1."
            )


def train_cim(
    captioner: RewardedCaptioner,
    train: Sequence[Figure],
    held_out: Sequence[Figure],
    reward: RetrievalReward,
    out: Path,
    settings: CIMSettings | None = None,
) -> list[dict[str, Any]]:
    """Trains in place; returns the rows of the held-out figures, the first from before.

    Raises InputError for empty sets.
    """
    chosen = settings or CIMSettings()
    if not train or not held_out:
        raise InputError("CIM needs figures to learn from and others to watch; both sets must hold some.")
    out.mkdir(parents=True, exist_ok=True)
    watch = _Watch(captioner, held_out, reward, out, chosen)
    data = Dataset.from_list([_row(captioner, figure) for figure in train])
    trainer = GRPOTrainer(captioner.model, _Rewarding(reward, captioner), args=_config(out, chosen),
                          train_dataset=data, processing_class=captioner.processor,
                          callbacks=[watch])  # fmt: skip
    trainer.train()
    rows = watch.rows
    logged = [r for r in trainer.state.log_history if "reward" in r]
    (out / "steps.json").write_text(json.dumps(logged, indent=0) + "\n", "utf-8")
    (out / "rows.json").write_text(json.dumps(rows, indent=0) + "\n", "utf-8")
    captioner.finish(out / "best", {"steps": trainer.state.global_step, **asdict(chosen)})
    return rows


def _row(captioner: RewardedCaptioner, figure: Figure) -> dict[str, Any]:
    """A figure as TRL takes it: chat messages, their pictures, the column that the reward asks for."""
    prompt, images = captioner.ask(*figure)
    return {"prompt": prompt, "images": images, "figure": figure[0].id}


class _Rewarding:
    """The reward of what is heard in a completion."""

    def __init__(self, reward: RetrievalReward, captioner: RewardedCaptioner) -> None:
        self.reward, self.heard = reward, captioner.heard
        self.__name__ = reward.__name__

    def __call__(self, completions: Sequence[Any], figure: Sequence[str], **kwargs: Any) -> list[float]:
        return self.reward([self.heard(said(c)) for c in completions], figure)


def look(
    captioner: RewardedCaptioner, held_out: Sequence[Figure], reward: RetrievalReward
) -> dict[str, float]:
    """What is said of the held-out figures: reward and its parts, and what the reward does not see."""
    captions = captioner.say(held_out)
    ids = [p.id for p, _ in held_out]
    earned = reward.score(captions, ids)
    pairs = zip(captions, [p.diagram for p, _ in held_out], strict=True)
    graphs = graph_measures(ids, [compare_graphs(true, graph_of_caption(text, true)) for text, true in pairs])
    size = len(captions)
    return {
        "reward": sum(e.total for e in earned) / size,
        "grc": sum(e.grc for e in earned) / size,
        "qir": sum(e.qir for e in earned) / size,
        "agreement": sum(e.agreement for e in earned) / size,
        "edge_f1": next(m.value for m in graphs if m.name == "edge F1"),
        "distinct": len(set(captions)) / size,
        "loops": sum(map(loops, captions)) / size,
        "words": sum(len(t.split()) for t in captions) / size,
    }


class _Watch(TrainerCallback):  # type: ignore[misc]
    """Looks at the held-out figures, keeps the best weights, stops what is gamed."""

    def __init__(
        self,
        captioner: RewardedCaptioner,
        held_out: Sequence[Figure],
        reward: RetrievalReward,
        out: Path,
        settings: CIMSettings,
    ) -> None:
        self.captioner, self.held_out, self.reward = captioner, held_out, reward
        self.out, self.settings = out, settings
        self.rows: list[dict[str, Any]] = []

    def on_train_begin(self, args: Any, state: Any, control: Any, model: Any = None, **kwargs: Any) -> None:
        self._look(model, 0)

    def on_step_end(self, args: Any, state: Any, control: Any, model: Any = None, **kwargs: Any) -> None:
        if state.global_step % self.settings.watch and state.global_step < state.max_steps:
            return
        self._look(model, state.global_step)
        if self.settings.guard and self.rows[-1]["signs"]:
            control.should_training_stop = True

    def _look(self, model: Any, step: int) -> None:
        learning = model.training
        model.eval()
        with torch.random.fork_rng(devices=[]):
            row: dict[str, Any] = {"step": step, **look(self.captioner, self.held_out, self.reward)}
        model.train(learning)
        row["signs"] = signs([*self.rows, row])
        self.rows.append(row)
        if best(self.rows) == len(self.rows) - 1:
            model.save_pretrained(self.out / "best")
            self.captioner.processor.save_pretrained(self.out / "best")


def _config(out: Path, s: CIMSettings) -> Any:
    """TRL's settings. A mini-batch holds whole groups; so many as make the batch are joined to one step."""
    per = max(1, s.mini_batch // s.group) * s.group
    return GRPOConfig(
        output_dir=str(out / "steps"), num_generations=s.group, per_device_train_batch_size=per,
        gradient_accumulation_steps=max(1, s.batch // per), learning_rate=s.rate, num_train_epochs=s.epochs,
        max_steps=s.steps or -1, max_completion_length=s.longest, temperature=s.temperature, beta=s.kl,
        loss_type="grpo", scale_rewards="group", lr_scheduler_type="constant", optim="adamw_torch",
        weight_decay=0.0, gradient_checkpointing=s.checkpointing, bf16=torch.cuda.is_available(), seed=s.seed,
        use_cpu=not torch.cuda.is_available(), logging_steps=1, save_strategy="no", report_to=[],
        disable_tqdm=True,
    )  # fmt: skip
