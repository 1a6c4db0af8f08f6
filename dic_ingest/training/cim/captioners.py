"""The captioners that CIM trains: the small one that looks twice, and models of the Qwen-VL class.

In: a folder. Out: a `RewardedCaptioner`: weights, and how it is asked, heard and saved. Large ones are
asked with the prompt of inference, and continue the chain of stages that led to their folder.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image
from transformers import ProcessorMixin

from dic_ingest.captioning.chat import messages
from dic_ingest.captioning.engines.local import LocalModel
from dic_ingest.captioning.engines.local_loading import GridProcessor, Loaded
from dic_ingest.captioning.engines.settings import LocalModelSettings
from dic_ingest.captioning.engines.trained import Trained, prompt_ids, write_trained
from dic_ingest.captioning.grounding.reply import read_reply
from dic_ingest.errors import SettingsError
from dic_ingest.evaluation.figure_set import Pair
from dic_ingest.training.mmser.generate import caption
from dic_ingest.training.mmser.train import load
from dic_ingest.training.sft.collate import PER_TOKEN, Encoder
from dic_ingest.training.sft.examples import Example, asked, caption_examples
from dic_ingest.training.sft.model import enough_memory, find_start, load_start, pick_device
from dic_ingest.training.sft.settings import SftSettings

PROMPT = "Describe the figure: its nodes and what leads where, every label as printed."
SMALL = "mmser"  # the model type of the small captioner
BATCH = 32  # pictures that the small captioner looks at together
Figure = tuple[Pair, Image.Image]
Asking = tuple[list[dict[str, Any]], list[Image.Image]]  # chat messages, and the pictures in them


@dataclass(frozen=True, slots=True)
class RewardedCaptioner:
    """ask: a figure's messages and pictures. say: greedy captions. heard: the caption in a raw answer.

    finish: writes beside saved weights what the next stage and the engine need, given what the run did.
    """

    model: Any
    processor: Any
    ask: Callable[[Pair, Image.Image], Asking]
    say: Callable[[Sequence[Figure]], list[str]]
    heard: Callable[[str], str] = str
    finish: Callable[[Path, dict[str, Any]], None] = lambda folder, facts: None


def is_small(folder: Path) -> bool:
    """Whether the folder holds the small captioner. Raises SettingsError where it holds no model."""
    if (folder / "adapter_config.json").is_file():
        return False
    try:
        return bool(json.loads((folder / "config.json").read_text("utf-8"))["model_type"] == SMALL)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(f"{folder} holds no model. Give the folder that a training wrote.") from error


def small_captioner(folder: Path, device: str = "auto") -> RewardedCaptioner:
    """The captioner that `train captioner` wrote."""
    return small_of(*load(folder, device))


def small_of(model: Any, processor: Any) -> RewardedCaptioner:
    """The small captioner from a model in memory."""

    def ask(pair: Pair, image: Image.Image) -> Asking:
        return [{"role": "user", "content": PROMPT}], [image]

    def say(figures: Sequence[Figure]) -> list[str]:
        starts = range(0, len(figures), BATCH)
        parts = ([image for _, image in figures[k : k + BATCH]] for k in starts)
        return [c[0] for part in parts for c in caption(model, processor, part, 1)]

    return RewardedCaptioner(model, processor, ask, say)


def large_captioner(
    folder: Path, pairs: Path, figures: Sequence[Pair], settings: SftSettings, longest: int
) -> RewardedCaptioner:
    """A model or adapter of the Qwen-VL class that learns as `settings` say; `longest`: tokens of an answer.

    Raises: what `load_start` and `engine_views` raise.
    """
    place, device = find_start(folder), pick_device()
    if place.record.stages:  # it goes on being asked as it was taught
        settings = replace(settings, grounding=place.record.grounding)
    enough_memory(place, settings, device)
    start = load_start(place, settings, device)
    encoder = Encoder(start.processor, settings.grounding)
    examples = {e.id: e for e in caption_examples(figures, pairs, settings.grounding)}

    def question(example: Example) -> Any:
        return asked(example, encoder.settings)

    def ask(pair: Pair, image: Image.Image) -> Asking:
        put = question(examples[pair.id])
        return messages(put), list(put.images)

    def say(shown: Sequence[Figure]) -> list[str]:
        encoder.tokenizer.padding_side = "left"
        where = str(next(start.model.parameters()).device)
        chosen = LocalModelSettings(str(start.base), max_tokens=longest, device=where)
        engine = LocalModel(chosen, Loaded(start.model, start.processor, where))
        return [heard(a.text) for a in engine.answer([question(examples[p.id]) for p, _ in shown])]

    def finish(best: Path, facts: dict[str, Any]) -> None:
        write_trained(best, _record(start.record, settings, facts))

    return RewardedCaptioner(start.model, _for_trl(start.processor), ask, say, heard, finish)


class _TrlProcessor(ProcessorMixin):  # type: ignore[misc]
    """A `GridProcessor` in the form that TRL asks for."""

    def __init__(self, image_processor: Any = None, tokenizer: Any = None, **kwargs: Any) -> None:
        self.grid = GridProcessor(image_processor, tokenizer)
        super().__init__(image_processor, tokenizer, chat_template=tokenizer.chat_template)

    def __call__(self, images: Any = None, text: Any = None, **kwargs: Any) -> Any:
        """Tensors of texts with the pictures of each; of texts alone those of the tokenizer."""
        texts = [text] if isinstance(text, str) else list(text)
        options = {k: v for k, v in kwargs.items() if k in ("padding", "padding_side", "return_tensors")}
        if not images:
            return self.tokenizer(texts, **options)
        several = [one if isinstance(one, list) else [one] for one in images]
        made = self.grid(texts, several, **options)
        if "return_tensors" not in options:
            made.update({name: made[name].tolist() for name in PER_TOKEN if name in made})
        return made

    def save_pretrained(self, folder: Any, **kwargs: Any) -> None:
        """As the processor that it stands for."""
        self.grid.save_pretrained(Path(folder))


def _for_trl(processor: Any) -> Any:
    """The processor itself where TRL takes it."""
    if isinstance(processor, ProcessorMixin):
        return processor
    return _TrlProcessor(processor.image_processor, processor.tokenizer)


def heard(answer: str) -> str:
    """The caption of an answer, without the graph that stands below it; "" where nothing can be used."""
    return read_reply(answer).caption


def _record(before: Trained, settings: SftSettings, facts: dict[str, Any]) -> Trained:
    stage = {"stage": "cim", "method": settings.method, "rank": settings.rank, **facts}
    asked_by = settings.grounding
    prompts = prompt_ids(asked_by.prompt, asked_by.steps)
    stages = (*before.stages, stage)
    return replace(before, grounding=asked_by, prompts=prompts, stages=stages, scores={})
