"""Pairs and questions as what a model is taught: the very prompt that inference uses, and the answer.

In: records of `evaluation/pairs.py` and the folder they lie in. Out: `Example`s; no pixel is touched yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PIL import Image

from dic_ingest.captioning.chat import Question as Asked
from dic_ingest.captioning.engines.settings import GroundingSettings
from dic_ingest.captioning.pictures import pictures_of
from dic_ingest.captioning.prompts import Prompt, ask, make_prompt
from dic_ingest.captioning.request import FigureRequest
from dic_ingest.errors import BrokenFileError, InputError
from dic_ingest.evaluation.figure_set import Pair, Question
from dic_ingest.image_files import open_picture
from dic_ingest.model.description import Description
from dic_ingest.model.diagram import Diagram, Kind

BLANK = Image.new("RGB", (1, 1))


@dataclass(frozen=True, slots=True)
class Example:
    """One thing to learn: the picture's file, what is asked of it, what is to be answered."""

    id: str
    image: Path
    prompt: Prompt
    answer: str


def caption_examples(
    pairs: Iterable[Pair],
    folder: Path,
    settings: GroundingSettings,
    readings: Mapping[str, Description] | None = None,
) -> list[Example]:
    """Captions with their graphs as Mermaid, asked for as `Grounded` does.

    `readings`: what dic-small reads in each picture, by the pair's id; used if `settings.prompt.reading`.
    """
    prompt = partial(make_prompt, settings=settings.prompt, structured=settings.structured)
    return [
        Example(
            p.id,
            folder / p.image,
            prompt(FigureRequest(BLANK, kind=p.diagram.kind), (readings or {}).get(p.id)),
            caption_answer(p.caption, p.diagram),
        )
        for p in pairs
    ]


def caption_answer(caption: str, diagram: Diagram | None) -> str:
    """What the caption prompt asks for: the transcription, then the graph where there is one."""
    source = diagram.to_mermaid() if diagram is not None and diagram.kind is not Kind.OTHER else ""
    return f"{caption.strip()}\n\n```mermaid\n{source.strip()}\n```" if source else caption.strip()


def question_examples(questions: Iterable[Question], folder: Path) -> list[Example]:
    """Questions with their answers; objective ones are answered by letter and text."""
    return [
        Example(q.id, folder / q.image, ask(q.question, q.options), question_answer(q.answer, q.options))
        for q in questions
    ]


def question_answer(answer: str, options: tuple[str, ...]) -> str:
    """The answer as the prompt asks for it: `B. Ship parcel`, or the bare text of an open question."""
    return f"{'ABCDEFGH'[options.index(answer)]}. {answer}" if options else answer


def asked(example: Example, settings: GroundingSettings) -> Asked:
    """The question with its pictures, as an engine would put it. Raises BrokenFileError."""
    try:
        with open_picture(example.image) as picture:
            crop = picture.convert("RGB")
    except (OSError, ValueError, InputError) as error:
        raise BrokenFileError(f"{example.image} is no picture that can be read: {error}") from error
    images = pictures_of(FigureRequest(crop), settings.max_side, settings.tiles)
    return Asked(images, example.prompt.system, example.prompt.user, settings.structured)
