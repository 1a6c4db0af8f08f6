"""How preference tuning is run: the losses and their weights, and what is logged to see it go wrong.

The defaults are UltraCaption's (section 4.1, equation 4 and table 5).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

from dic_ingest.errors import SettingsError
from dic_ingest.settings_file import from_dict, from_toml
from dic_ingest.training.sft.settings import SftSettings

LOSSES = ("sigmoid", "sft", "bco_pair", "ipo", "hinge")


def _table_5() -> SftSettings:
    return SftSettings(stage="preference", learning_rate=5e-6, batch=64, warmup=0.1)


@dataclass(frozen=True, slots=True)
class PreferenceSettings:
    """`losses` with `weights`, as TRL names them; `run` is all that fine-tuning has too."""

    losses: tuple[str, ...] = ("sigmoid", "sft", "bco_pair")
    weights: tuple[float, ...] = (0.8, 1.0, 0.2)
    beta: float = 0.1
    probes: int = 16  # figures captioned while training, to see whether captions start to go round in circles
    probe_every: int = 10  # steps
    probe_tokens: int = 512
    run: SftSettings = field(default_factory=_table_5)

    def __post_init__(self) -> None:
        if not self.losses or set(self.losses) - set(LOSSES):
            raise SettingsError(f"losses must be some of {', '.join(LOSSES)}, got {', '.join(self.losses)}")
        if len(self.losses) != len(self.weights) or min(self.weights) < 0 or not any(self.weights):
            raise SettingsError("weights must be as many as losses, none negative, one above 0")
        if self.beta <= 0 or self.probes < 0 or self.probe_every < 1 or self.probe_tokens < 1:
            raise SettingsError("beta must be above 0, probes not negative, the other two at least 1")


def preference_recipe() -> PreferenceSettings:
    """The settings that ship as `recipes/preference.toml`."""
    shipped = resources.files("dic_ingest.training").joinpath("recipes", "preference.toml")
    return from_dict(PreferenceSettings, tomllib.loads(shipped.read_text("utf-8")))


def read_preference_settings(path: Path) -> PreferenceSettings:
    """Settings from a TOML file of one's own."""
    return from_toml(PreferenceSettings, path)
