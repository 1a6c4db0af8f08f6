"""How large the demo is. The defaults take minutes on an idle machine of two cores."""

from __future__ import annotations

from dataclasses import dataclass

from dic_ingest.captioning.engines.settings import GroundingSettings
from dic_ingest.captioning.prompts import PromptSettings
from dic_ingest.errors import SettingsError
from dic_ingest.training.preference.settings import PreferenceSettings
from dic_ingest.training.sft.settings import SftSettings


@dataclass(frozen=True, slots=True)
class DemoSettings:
    """`figures` are synthesised, a fifth of them held out; `epochs` are of the first stage."""

    figures: int = 200
    questions: int = 80
    epochs: float = 15.0
    width: int = 128  # of the tiny model
    pixels: int = 224  # side of a picture as the model sees it
    tokens: int = 220  # that the model may answer with
    scored: int = 32  # held-out figures that are captioned, at most
    tiny: int = 160  # drawings for the small captioner that looks twice
    refine_epochs: float = 84.0  # of all stages of the small captioner together
    cim_steps: int = 4
    tools: tuple[str, ...] = ("graphviz",)
    domains: tuple[str, ...] = ("process", "network topology", "cloud architecture", "protocol state machine")
    seed: int = 0

    def __post_init__(self) -> None:
        sizes = (self.figures - 19, self.questions, self.scored - 7, self.tokens, self.tiny - 29)
        if min(*sizes, self.cim_steps) < 1 or self.epochs <= 0 or self.refine_epochs <= 0:
            raise SettingsError(
                "DemoSettings: figures from 20, scored from 8, tiny from 30; questions, tokens, cim_steps "
                "from 1; epochs above 0"
            )

    @property
    def asks(self) -> GroundingSettings:
        """How the tiny model is asked: by the picture alone, so that it must look."""
        prompt = PromptSettings(reading=False, questions=0)
        return GroundingSettings(prompt=prompt, max_side=self.pixels, tiles=0, looks=0, critic=False)

    def sft(self, stage: str, task: str, epochs: float, rate: float) -> SftSettings:
        """A stage on a model with random weights: all of it learns, in larger steps than a trained one."""
        return SftSettings(
            stage=stage, task=task, method="full", parts="all", learning_rate=rate, batch=8, device_batch=8,
            epochs=epochs, warmup=0.05, checkpointing=False, dtype="float32", save_every=100_000,
            contradictions="refuse", seed=self.seed, grounding=self.asks,
        )  # fmt: skip

    def preference(self) -> PreferenceSettings:
        """The paper's losses and weights."""
        run = self.sft("preference", "captions", 3.0, 2e-4)
        return PreferenceSettings(probes=4, probe_every=8, probe_tokens=self.tokens, run=run)
