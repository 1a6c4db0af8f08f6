"""The records that training writes and evaluation reads: a figure with its truth, and questions about it.

In and out: JSON lines beside a folder of pictures (`pairs.jsonl`, `questions.jsonl`). Each line is checked;
a picture that is missing or a line that is no record is an InputError that names file and line.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from dic_ingest.diagram import Diagram
from dic_ingest.errors import MALFORMED, InputError

SPLITS = ("train", "validation", "test")
LEVELS = ("global", "partial", "detailed")
DIFFICULTIES = ("easy", "medium", "hard")


@dataclass(frozen=True, slots=True)
class Pair:
    """A figure, its graph and a reference caption. `image` is relative to the folder of the file."""

    id: str  # content-derived, unique in its file
    image: str
    diagram: Diagram
    caption: str
    split: str = "train"
    difficulty: str = "easy"
    domain: str = ""  # "telecom call flow", "network topology", ...
    source: str = ""  # what drew or annotated it: "mermaid", "graphviz", "plantuml", "annotator:NAME", ...
    extra: dict[str, Any] = field(default_factory=dict)  # provenance: seed, theme, parent figure, scores

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; exact inverse of `from_dict`."""
        return {k: getattr(self, k) for k in self.__slots__} | {"diagram": self.diagram.to_dict()}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Pair:
        """Rebuild from `to_dict`; raises KeyError, TypeError or ValueError on other input."""
        known = {k: data[k] for k in cls.__slots__ if k in data}
        pair = cls(**{**known, "diagram": Diagram.from_dict(data["diagram"])})
        _one_of("split", pair.split, SPLITS)
        _one_of("difficulty", pair.difficulty, DIFFICULTIES)
        _inside(pair.image)
        return pair


@dataclass(frozen=True, slots=True)
class Question:
    """A question about one figure. With `options` it is objective and `answer` is one of them."""

    id: str
    pair: str  # id of the figure it is about
    image: str
    level: str
    question: str
    answer: str
    options: tuple[str, ...] = ()  # four for objective questions, none for open ones
    topic: str = ""  # "next step", "sender", "branch", "count", "path", "what-if", ...
    difficulty: str = "easy"
    split: str = "train"
    proof: str = ""  # the edges or nodes that the answer follows from, in words

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; exact inverse of `from_dict`."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Question:
        """Rebuild from `to_dict`; raises KeyError, TypeError or ValueError on other input."""
        known = {k: data[k] for k in cls.__slots__ if k in data}
        asked = cls(**{**known, "options": tuple(data.get("options", ()))})
        _one_of("level", asked.level, LEVELS)
        _one_of("split", asked.split, SPLITS)
        if asked.options and asked.answer not in asked.options:
            raise ValueError("the answer is none of the options")
        _inside(asked.image)
        return asked


def write_lines(path: Path, records: Iterable[Pair | Question]) -> int:
    """Writes records as JSON lines; returns how many."""
    count = 0
    with path.open("w", encoding="utf-8") as out:
        for record in records:
            out.write(json.dumps(record.to_dict(), ensure_ascii=False) + "\n")
            count += 1
    return count


def read_pairs(path: Path, pictures: bool = True) -> list[Pair]:
    """All pairs of a file; with `pictures` every image must be there. Raises InputError."""
    return [Pair.from_dict(d) for d in _checked(path, Pair, pictures)]


def read_questions(path: Path, pictures: bool = True) -> list[Question]:
    """All questions of a file; with `pictures` every image must be there. Raises InputError."""
    return [Question.from_dict(d) for d in _checked(path, Question, pictures)]


def _checked(path: Path, record: type[Pair] | type[Question], pictures: bool) -> Iterator[dict[str, Any]]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read as JSON lines: {error}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
            image = record.from_dict(data).image
        except MALFORMED as error:
            raise InputError(f"{path}, line {number}: no {record.__name__.lower()}: {error}") from error
        if pictures and not (path.parent / image).is_file():
            raise InputError(f"{path}, line {number}: its picture {image} is missing")
        yield data


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ValueError(f"{name} is {value!r}, not one of {', '.join(allowed)}")


def _inside(image: str) -> None:
    place = PurePosixPath(image)
    if place.is_absolute() or ".." in place.parts or "\\" in image:
        raise ValueError(f"the picture's path {image!r} leads out of the folder")
