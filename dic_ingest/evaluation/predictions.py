"""What systems say of the figures of a test set: read from a file, asked of an engine, or a named baseline.

In and out: JSON lines with `id` (of the figure, the file name of its picture, or a question), `caption` (the
reply as written, Mermaid in it or apart in `mermaid`), `answer` for questions. `dic-ingest describe` writes
such lines.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dic_ingest.captioning.grounding.grounded import Grounded
from dic_ingest.captioning.prompts import ask
from dic_ingest.captioning.request import Captioner
from dic_ingest.errors import MALFORMED, DICIngestError, InputError
from dic_ingest.evaluation.engine_view import engine_views
from dic_ingest.evaluation.figure_set import FigureSet, Pair, PairQuestion
from dic_ingest.pipeline import ingest
from dic_ingest.settings import Settings

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PredictionReply:
    """A reply to one figure; `mermaid` is its source where that is given apart."""

    text: str = ""
    mermaid: str = ""


@dataclass(frozen=True, slots=True)
class System:
    """A named system's replies by figure id, and answers by question id."""

    name: str
    replies: Mapping[str, PredictionReply]
    answers: Mapping[str, str] = field(default_factory=dict)

    def missing(self, pairs: Sequence[Pair]) -> int:
        """Figures without any reply; they count as empty replies."""
        return sum(p.id not in self.replies for p in pairs)


def read_predictions(path: Path, test: FigureSet, name: str = "") -> System:
    """A system from its file; lines about other figures are passed over.

    Raises:
        InputError: unreadable, a line that is none, an id twice, or nothing about this test set.
    """
    try:
        lines = [line for line in path.read_text("utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read as JSON lines: {error}") from error
    return as_system(name or path.stem, test, (_line(path, n, text) for n, text in enumerate(lines, 1)), path)


def as_system(name: str, test: FigureSet, lines: Iterable[Line], path: Path | None = None) -> System:
    """A system from its lines."""
    figures = {Path(p.image).stem: p.id for p in test.pairs} | {p.id: p.id for p in test.pairs}
    asked = {q.id for q in test.questions}
    replies: dict[str, PredictionReply] = {}
    answers: dict[str, str] = {}
    for line in lines:
        own = figures.get(line["id"])
        if (own in replies and "caption" in line) or line["id"] in answers:
            raise InputError(f"{path or name}: two lines for {line['id']!r}; keep one")
        if own is not None and "caption" in line:
            replies[own] = PredictionReply(line["caption"], line.get("mermaid", ""))
        if line["id"] in asked and "answer" in line:
            answers[line["id"]] = line["answer"]
    if not replies and not answers:
        raise InputError(
            f"{path or name} holds nothing about the {len(test.pairs)} figures of this test set: ids must be "
            f"those of pairs.jsonl, e.g. {test.pairs[0].id!r}"
        )
    return System(name, replies, answers)


def _line(path: Path, number: int, text: str) -> Line:
    try:
        line = json.loads(text)
        told = {k: line[k] for k in ("caption", "mermaid", "answer") if line.get(k) is not None}
        line = {"id": str(line["id"]), **told}
        if not all(isinstance(v, str) for v in told.values()):
            raise TypeError("caption, mermaid and answer are strings")
    except MALFORMED as error:
        raise InputError(f"{path}, line {number}: no prediction: {error}") from error
    return line


def describe_pairs(
    captioner: Captioner, test: FigureSet, kept: Path, told: Callable[[int], None] | None = None
) -> list[Line]:
    """What a captioner says of every picture, through the same pipeline as `dic-ingest describe`.

    An engine with a model behind it also answers the objective questions, asked as in training. `kept` is a
    file to which each line is written at once; what stands there is not asked again, so that a run that was
    stopped goes on. `told` hears how many are done.
    """
    lines = _kept(kept)
    with kept.open("a", encoding="utf-8") as out:
        for number, line in enumerate(_fresh(captioner, test, {line["id"] for line in lines}), 1):
            if line:
                lines.append(line)
                out.write(json.dumps(line) + "\n")
                out.flush()
            if told:
                told(number)
    return lines


def _fresh(captioner: Captioner, test: FigureSet, done: set[str]) -> Iterator[Line]:
    """A line for every figure and question, an empty one for what is done."""
    for pair in test.pairs:
        yield {} if pair.id in done else _described(captioner, test, pair)
    if isinstance(captioner, Grounded):
        for question in test.questions:
            if question.options:
                yield {} if question.id in done else _answered(captioner, test, question)


def _kept(path: Path) -> list[Line]:
    """Whole lines of an earlier call; one that was cut off by a kill is taken out of the file."""
    if not path.is_file():
        return []
    whole = [x for x in path.read_text("utf-8").splitlines() if x.endswith("}")]
    path.write_text("".join(x + "\n" for x in whole), "utf-8")
    return [_line(path, number, text) | _extras(text) for number, text in enumerate(whole, 1)]


def _extras(text: str) -> Line:
    return {"words": str(json.loads(text).get("words", ""))}


def _answered(captioner: Grounded, test: FigureSet, question: PairQuestion) -> Line:
    """The reply to one objective question; an error is an empty one that says why."""
    settings, prompt = captioner.settings, ask(question.question, question.options)
    view = engine_views([question], test.folder, settings)[question.image]
    answer = captioner.talker.answer([view.ask(prompt, settings)])[0]
    return {"id": question.id, "answer": answer.text, **({"error": answer.error} if answer.error else {})}


def _described(captioner: Captioner, test: FigureSet, pair: Pair) -> Line:
    """One line; a figure that fails is an empty one that says why."""
    try:
        figures = ingest(test.folder / pair.image, Settings(engine="none"), None, captioner).figures
    except DICIngestError as error:
        return {"id": pair.id, "caption": "", "error": str(error)}
    said = figures[0].description if figures else None
    if said is None:
        return {"id": pair.id, "caption": "", "error": "no description"}
    mermaid = said.diagram.to_mermaid() if said.diagram else ""
    words = " ".join(w.text for w in said.words)
    return {"id": pair.id, "caption": said.caption, "mermaid": mermaid, "words": words, "engine": said.engine}


def baselines(test: FigureSet, small: Sequence[Line]) -> list[System]:
    """The absolute baselines, from what dic-small said: itself, printed caption, words alone, nothing."""
    words = {line["id"]: PredictionReply(str(line.get("words", ""))) for line in small}
    printed = {
        p.id: PredictionReply(str(p.extra.get("printed_caption") or p.diagram.title)) for p in test.pairs
    }
    return [
        as_system("dic-small", test, small),
        System("printed caption", printed),
        System("words only", words),
        System("empty", {p.id: PredictionReply() for p in test.pairs}),
    ]
