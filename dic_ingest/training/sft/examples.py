"""Pairs and questions as what a model is taught: the very prompt that inference uses, and the answer.

In: records of `evaluation/figure_set.py` and the folder they lie in. Out: `Example`s, each with the engine's
view of its figure; crops are rendered when they are needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dic_ingest.captioning.chat import Question as Asked
from dic_ingest.captioning.engines.settings import GroundingSettings
from dic_ingest.captioning.prompts import Prompt, ask, make_prompt
from dic_ingest.evaluation.engine_view import EngineView, Views, engine_views
from dic_ingest.evaluation.figure_set import Pair, PairQuestion
from dic_ingest.model.diagram import Diagram, Kind


@dataclass(frozen=True, slots=True)
class Example:
    """One thing to learn: a figure as the engine sees it, what is asked of it, what is to be answered."""

    id: str
    view: EngineView
    prompt: Prompt
    answer: str

    @property
    def image(self) -> Path:
        """The picture's file."""
        return self.view.image


def caption_examples(
    pairs: Sequence[Pair], folder: Path, settings: GroundingSettings, views: Views | None = None
) -> list[Example]:
    """Captions with their graphs as Mermaid, asked for as `Grounded` does.

    `views`: of the pairs' pictures, where they were made before. Raises what `engine_views` raises.
    """
    views = engine_views(pairs, folder, settings) if views is None else views

    def prompt(view: EngineView) -> Prompt:
        return make_prompt(view.request, view.reading, settings.prompt, settings.structured)

    return [
        Example(p.id, views[p.image], prompt(views[p.image]), caption_answer(p.caption, p.diagram))
        for p in pairs
    ]


def caption_answer(caption: str, diagram: Diagram | None) -> str:
    """What the caption prompt asks for: the transcription, then the graph where there is one."""
    source = diagram.to_mermaid() if diagram is not None and diagram.kind is not Kind.OTHER else ""
    return f"{caption.strip()}\n\n```mermaid\n{source.strip()}\n```" if source else caption.strip()


def question_examples(
    questions: Sequence[PairQuestion], folder: Path, settings: GroundingSettings, views: Views | None = None
) -> list[Example]:
    """Questions with their answers; objective ones are answered by letter and text."""
    views = engine_views(questions, folder, settings) if views is None else views
    return [
        Example(q.id, views[q.image], ask(q.question, q.options), question_answer(q.answer, q.options))
        for q in questions
    ]


def question_answer(answer: str, options: tuple[str, ...]) -> str:
    """The answer as the prompt asks for it: `B. Ship parcel`, or the bare text of an open question."""
    return f"{'ABCDEFGH'[options.index(answer)]}. {answer}" if options else answer


def asked(example: Example, settings: GroundingSettings) -> Asked:
    """The question with its pictures, as an engine would put it. Raises BrokenFileError."""
    return example.view.ask(example.prompt, settings, settings.structured)
