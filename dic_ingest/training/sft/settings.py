"""How one stage of fine-tuning is run, and the recipes that ship. Imports nothing heavy.

In: a recipe's name or a TOML file. Out: `SftSettings`. The defaults are UltraCaption's (table 4), the
numbers of examples DICModel's.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields, replace
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar, cast

from dic_ingest.captioning.engines.settings import GroundingSettings
from dic_ingest.errors import SettingsError
from dic_ingest.settings_file import from_dict, from_toml

S = TypeVar("S")
TASKS = ("captions", "questions", "checks")
METHODS = ("full", "lora", "qlora")
PARTS = ("language", "all")
CONTRADICTIONS = ("refuse", "drop", "keep")
SCHEDULES = ("cosine", "linear", "constant")


@dataclass(frozen=True, slots=True)
class SftSettings:
    """One stage. `batch` is the effective one, `device_batch` what one device holds at once."""

    stage: str = "stage1"
    task: str = "captions"  # what is taught: captions of pairs, answers to questions, verdicts on statements
    method: str = "full"  # full: all weights of `parts`; lora: an adapter; qlora: one on 4-bit NF4 weights
    parts: str = "language"  # what full training changes: the language model, or the vision tower too
    rank: int = 16  # of the adapter; its alpha is twice that
    learning_rate: float = 1e-5
    batch: int = 128
    device_batch: int = 1
    epochs: float = 1.0
    warmup: float = 0.03  # share of the steps
    schedule: str = "cosine"
    longest: int = 6144  # text tokens of an example; longer ones are left out and counted, never cut
    dtype: str = "auto"  # of the arithmetic: bfloat16 on a GPU, float32 on a CPU
    checkpointing: bool = True  # recompute activations: less memory, a third more time
    contradictions: str = "refuse"  # captions that their own graph denies: refuse, drop or keep them
    text_only_limit: float = (
        0.6  # checks: a set of which a bag of words without the picture judges more is refused
    )
    save_every: int = 50  # steps between checkpoints from which a run is resumed
    log_every: int = 1
    seed: int = 0
    grounding: GroundingSettings = field(default_factory=lambda: GroundingSettings(max_side=1024, tiles=0))

    def __post_init__(self) -> None:
        for name, allowed in (
            ("task", TASKS), ("method", METHODS), ("parts", PARTS), ("contradictions", CONTRADICTIONS),
            ("schedule", SCHEDULES), ("dtype", ("auto", "bfloat16", "float32")),
        ):  # fmt: skip
            if getattr(self, name) not in allowed:
                raise SettingsError(
                    f"{name} must be one of {', '.join(allowed)}, got {getattr(self, name)!r}"
                )
        least = {"rank": 1, "batch": 1, "device_batch": 1, "longest": 64, "save_every": 1, "log_every": 1}
        for name, value in least.items():
            if getattr(self, name) < value:
                raise SettingsError(f"{name} must be at least {value}, got {getattr(self, name)}")
        if self.batch % self.device_batch:
            raise SettingsError(
                f"batch ({self.batch}) must be a multiple of device_batch ({self.device_batch})"
            )
        if not 0.5 <= self.text_only_limit <= 1:
            raise SettingsError(f"text_only_limit must lie in 0.5..1, got {self.text_only_limit}")
        if not (0 < self.learning_rate < 1 and self.epochs > 0 and 0 <= self.warmup < 1):
            raise SettingsError("learning_rate must lie in 0..1, epochs above 0, warmup in 0..1")


def recipe(name: str) -> SftSettings:
    """The settings that ship as `recipes/<name>.toml`. Raises SettingsError for a name that does not."""
    return from_dict(SftSettings, _shipped(name))


def for_one_gpu(settings: SftSettings, method: str) -> SftSettings:
    """A stage's settings with those of `recipes/one_gpu/<method>.toml`: "lora" or "qlora"."""
    return changed(settings, _shipped(method, "one_gpu"))


def read_settings(path: Path) -> SftSettings:
    """Settings from a TOML file of one's own."""
    return from_toml(SftSettings, path)


def changed(settings: S, options: dict[str, Any]) -> S:
    """Settings with fields replaced by name, `grounding.x` and `grounding.prompt.x` for those inside."""
    return cast(S, _changed(settings, options))


def _changed(settings: Any, options: dict[str, Any]) -> Any:
    values: dict[str, Any] = {}
    inner: dict[str, dict[str, Any]] = {}
    for name, value in options.items():
        first, _, rest = name.partition(".")
        if first not in {f.name for f in fields(settings)}:
            known = ", ".join(f.name for f in fields(settings))
            raise SettingsError(f"no setting {name!r}. Known here: {known}.")
        if rest:
            inner.setdefault(first, {})[rest] = value
        else:
            current = getattr(settings, first)
            values[first] = float(value) if isinstance(current, float) and type(value) is int else value
            if type(values[first]) is not type(current):
                raise SettingsError(f"{name} must be of type {type(current).__name__}, got {value!r}.")
    values |= {name: _changed(getattr(settings, name), own) for name, own in inner.items()}
    return replace(settings, **values)


def _shipped(name: str, under: str = "") -> dict[str, Any]:
    folder = resources.files("dic_ingest.training").joinpath("recipes", *filter(None, (under,)))
    names = sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml"))
    if name not in names:
        raise SettingsError(f"no recipe {name!r}. There are: {', '.join(names)}; or give a TOML file.")
    return tomllib.loads(folder.joinpath(f"{name}.toml").read_text("utf-8"))
