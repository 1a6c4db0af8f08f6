"""A folder of figures with truth (`pairs.jsonl`, `questions.jsonl`) as a test set."""

from __future__ import annotations

import json
import random
import statistics
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, TypeAlias

from dic_ingest.errors import MALFORMED, InputError
from dic_ingest.model.diagram import Diagram, Kind
from dic_ingest.text.tokens import tokens

# The records that training writes and evaluation reads: a figure with its truth, and questions about it.


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
class PairQuestion:
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
    def from_dict(cls, data: dict[str, Any]) -> PairQuestion:
        """Rebuild from `to_dict`; raises KeyError, TypeError or ValueError on other input."""
        known = {k: data[k] for k in cls.__slots__ if k in data}
        asked = cls(**{**known, "options": tuple(data.get("options", ()))})
        _one_of("level", asked.level, LEVELS)
        _one_of("split", asked.split, SPLITS)
        if asked.options and asked.answer not in asked.options:
            raise ValueError("the answer is none of the options")
        _inside(asked.image)
        return asked


def write_lines(path: Path, records: Iterable[Pair | PairQuestion]) -> int:
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


def read_questions(path: Path, pictures: bool = True) -> list[PairQuestion]:
    """All questions of a file; with `pictures` every image must be there. Raises InputError."""
    return [PairQuestion.from_dict(d) for d in _checked(path, PairQuestion, pictures)]


def _checked(path: Path, record: type[Pair] | type[PairQuestion], pictures: bool) -> Iterator[dict[str, Any]]:
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


# A folder of figures with truth (`pairs.jsonl`, `questions.jsonl`) as a test set, and what it is made of.


PAIRS, QUESTIONS = "pairs.jsonl", "questions.jsonl"
CARDS = ("data_card.md", "card.md", "README.md")
Row: TypeAlias = dict[str, str | int | float]


@dataclass(frozen=True, slots=True)
class FigureSet:
    """The figures that are scored. `others` are the folder's figures of other splits."""

    folder: Path
    split: str
    pairs: tuple[Pair, ...]
    questions: tuple[PairQuestion, ...]
    others: tuple[Pair, ...] = ()


def read_figure_set(folder: Path, split: str = "test", limit: int = 0, seed: int = 0) -> FigureSet:
    """The figures of one split; `limit` takes so many by chance (0: all), the same ones for a seed.

    Raises:
        InputError: no readable pairs.jsonl, or no figure of that split.
    """
    every = read_pairs(folder / PAIRS)
    if len({p.id for p in every}) < len(every):
        twice, _ = Counter(p.id for p in every).most_common(1)[0]
        raise InputError(f"{folder / PAIRS}: the id {twice!r} stands twice; ids must be unique in a file")
    chosen = [p for p in every if p.split == split]
    if not chosen:
        there = Counter(p.split for p in every)
        held = ", ".join(f"{n} {s}" for s, n in there.items()) or "none at all"
        raise InputError(
            f"{folder / PAIRS} has no figure of the split {split!r} (it has {held}): give another --split"
        )
    if 0 < limit < len(chosen):
        kept = set(random.Random(seed).sample(range(len(chosen)), limit))
        chosen = [p for i, p in enumerate(chosen) if i in kept]
    ids = {p.id for p in chosen}
    path = folder / QUESTIONS
    questions = [q for q in read_questions(path) if q.pair in ids] if path.is_file() else []
    others = [p for p in every if p.split != split]
    return FigureSet(folder, split, tuple(chosen), tuple(questions), tuple(others))


def training_figures(test: FigureSet, folders: Iterable[Path]) -> list[tuple[Path, Pair]]:
    """What was, or may have been, trained on: the folder's other splits, other folders but their tests.

    A folder may hold pairs, questions or both; a picture that only questions are about is a figure without
    graph and caption.

    Raises:
        InputError: a folder with neither file.
    """
    found = [(test.folder, p) for p in test.others]
    for folder in folders:
        if folder.resolve() == test.folder.resolve():  # named as learnt from: its split train was, if scored
            found += [(folder, p) for p in test.pairs if p.split == "train"]
            continue
        asked = read_questions(folder / QUESTIONS) if (folder / QUESTIONS).is_file() else []
        pairs = read_pairs(folder / PAIRS) if (folder / PAIRS).is_file() or not asked else []
        own = [*pairs, *_asked_about(asked, {p.image for p in pairs})]
        found += [(folder, p) for p in own if p.split != "test"]
    return found


def _asked_about(questions: Iterable[PairQuestion], known: Collection[str]) -> list[Pair]:
    """A figure for each picture that questions are about and pairs are not."""
    some = {q.image: q for q in questions if q.image not in known}
    return [Pair(q.pair or image, image, Diagram(Kind.OTHER), "", q.split) for image, q in some.items()]


def split_table(pairs: Sequence[Pair]) -> list[Row]:
    """A row per split: figures, by difficulty and kind, sizes of graphs and captions."""
    rows: list[Row] = []
    for split in SPLITS:
        own = [p for p in pairs if p.split == split]
        if not own:
            continue
        kinds = Counter(str(p.diagram.kind) for p in own)
        levels = Counter(p.difficulty for p in own)
        rows.append({
            "split": split,
            "figures": len(own),
            "kinds": ", ".join(f"{k} {n}" for k, n in kinds.most_common()),
            "difficulty": ", ".join(f"{k} {levels[k]}" for k in ("easy", "medium", "hard") if levels[k]),
            "nodes": _middle(len(p.diagram.nodes) for p in own),
            "edges": _middle(len(p.diagram.edges) for p in own),
            "caption words": _middle(len(tokens(p.caption)) for p in own),
        })  # fmt: skip
    return rows


def references_table(test: FigureSet) -> list[Row]:
    """Who made the test set's references, by their source and domain."""
    counts = Counter((p.source or "not told", p.domain or "not told") for p in test.pairs)
    return [{"source": s, "domain": d, "figures": n} for (s, d), n in counts.most_common()]


def questions_table(test: FigureSet) -> list[Row]:
    """The test set's questions by level, format, topic and difficulty."""
    counts = Counter(
        (q.level, f"{len(q.options)} options" if q.options else "open", q.topic or "not told", q.difficulty)
        for q in test.questions
    )
    names = ("level", "format", "topic", "difficulty")
    return [{**dict(zip(names, key, strict=True)), "questions": n} for key, n in sorted(counts.items())]


def data_card(folder: Path) -> str:
    """The text that lies beside the data and says how it was made; "" for none."""
    for name in CARDS:
        if (folder / name).is_file():
            return (folder / name).read_text("utf-8", errors="replace")[:20_000]
    return ""


def _middle(values: Iterable[int]) -> str:
    found = sorted(values)
    return f"{statistics.median(found):g} ({found[0]} to {found[-1]})"
