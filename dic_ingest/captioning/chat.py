"""What a vision-language model is asked and what it answers, whatever runs it: `local.py`, `endpoint.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from PIL import Image


@dataclass(frozen=True, slots=True)
class Shown:
    """What a figure shows, whatever stands around it, and the texts that do stand there.

    `content` is a digest of what was read, `asked` of what is wanted to know; `picture` holds grey cells row
    by row, `aspect` is width by height.
    """

    content: str
    asked: str
    picture: bytes
    aspect: float
    around: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """Pictures (RGB), the rules (`system`), the task (`user`). `structured`: JSON where it can be had.

    `shown`: what figure this is about, so that one answer may serve others that show the same.
    """

    images: tuple[Image.Image, ...]
    system: str
    user: str
    structured: bool = False
    shown: Shown | None = None


@dataclass(frozen=True, slots=True)
class ChatAnswer:
    """The model's text, or why there is none.

    `read`, `written` count tokens, `cost` is their price; `cut`: the limit ended it; `reused`: it was not
    asked for this time.
    """

    text: str = ""
    error: str = ""
    read: int = 0
    written: int = 0
    cut: bool = False
    cost: float = 0.0
    reused: bool = field(default=False, compare=False)


class ChatModel(Protocol):
    """A model that answers.

    `model` names it with its revision, `limits` what else its answers depend on (token limit, precision), so
    that answers can be kept by both.
    """

    name: str
    model: str
    limits: str

    def answer(self, questions: Sequence[Question]) -> list[ChatAnswer]:
        """One answer per question, in order; a failure is an answer with `error`, no exception."""
        ...


def messages(question: Question, answer: str | None = None) -> list[dict[str, Any]]:
    """A question as chat messages, pictures before the text; with `answer` also the model's turn.

    Engines ask and training teaches with the same messages.
    """
    pictures: list[dict[str, Any]] = [{"type": "image"} for _ in question.images]
    chat = [
        {"role": "system", "content": [{"type": "text", "text": question.system}]},
        {"role": "user", "content": [*pictures, {"type": "text", "text": question.user}]},
    ]
    if answer is not None:
        chat.append({"role": "assistant", "content": [{"type": "text", "text": answer}]})
    return chat
