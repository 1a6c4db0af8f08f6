"""A folder of pairs or questions as examples of one stage, checked, with its data card.

In: `pairs.jsonl` or `questions.jsonl` (files or folders that hold them), a stage's settings. Out: examples.
How the engine sees each picture is kept in a folder of the caller's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dic_ingest.errors import EmptyFileError, InputError, MissingFileError
from dic_ingest.evaluation.engine_view import engine_views
from dic_ingest.evaluation.figure_set import Pair, read_pairs, read_questions
from dic_ingest.training.critic.checks import check_examples
from dic_ingest.training.sft.checks import true_pairs
from dic_ingest.training.sft.examples import Example, caption_examples, question_examples
from dic_ingest.training.sft.settings import SftSettings


@dataclass
class Taught:
    """Examples of a stage and what is to be said of the set."""

    examples: list[Example]
    card: dict[str, Any] = field(default_factory=dict)


def stage_data(
    sources: Sequence[Path], settings: SftSettings, split: str = "train", kept: Path | None = None
) -> Taught:
    """The examples of one split. Captions beside the questions of stage 3 are taken along.

    `kept`: folder in which the engine's views of the pictures are kept.

    Raises InputError: nothing there, a missing picture, captions that contradict their graphs, checks that a
    bag of words judges without the picture (`text_only_limit`).
    """
    files = [f for s in sources for f in set_files(s)]
    found: list[Example] = []
    card: dict[str, Any] = {"files": [f"{f.parent.name}/{f.name}" for f in files], "split": split}
    for path in files:
        if path.name.startswith("questions"):
            own = [q for q in read_questions(path) if q.split == split]
            views = engine_views(own, path.parent, settings.grounding, kept)
            found += question_examples(own, path.parent, settings.grounding, views)
            card["questions"] = card.get("questions", 0) + len(own)
            continue
        pairs = [p for p in read_pairs(path) if p.split == split]
        true = true_pairs(pairs, settings.contradictions)
        found += _of_pairs(true, path.parent, settings, kept)
        card |= _pair_facts(true, len(pairs))
    if settings.task == "questions" and not card.get("questions"):
        raise EmptyFileError("stage 3 learns from questions, and no questions.jsonl was given that holds any")
    if settings.task == "questions" and not card.get("pairs"):
        card["note"] = "no captions beside the questions: a model forgets how to write them"
    if not found:
        raise EmptyFileError(f"no example of split {split!r} in {', '.join(map(str, sources))}")
    return Taught(found, card)


def held_out(sources: Sequence[Path], settings: SftSettings, kept: Path | None = None) -> list[Example]:
    """The examples of the split validation, on which the loss is watched; empty where there are none."""
    task = settings.task if settings.task == "checks" else "captions"  # what pairs are asked for
    found: list[Example] = []
    for path in (f for s in sources for f in set_files(s)):
        try:
            own = replace(settings, task=task, text_only_limit=1.0)  # nothing is learnt from these
            found += stage_data([path], own, "validation", kept).examples
        except EmptyFileError:
            continue
    return found


def _of_pairs(pairs: Sequence[Pair], folder: Path, settings: SftSettings, kept: Path | None) -> list[Example]:
    views = engine_views(pairs, folder, settings.grounding, kept)
    if settings.task == "checks":
        limit = settings.text_only_limit
        return check_examples(pairs, folder, settings.grounding, settings.seed, views, limit)
    return caption_examples(pairs, folder, settings.grounding, views)


def _pair_facts(pairs: Sequence[Pair], given: int) -> dict[str, Any]:
    return {
        "pairs": len(pairs),
        "pairs_contradicting_their_graph_left_out": given - len(pairs),
        "kinds": dict(Counter(str(p.diagram.kind) for p in pairs).most_common()),
        "domains": dict(Counter(p.domain or "unnamed" for p in pairs).most_common()),
        "sources": dict(Counter(p.source.split(":")[0] or "unnamed" for p in pairs).most_common()),
        "difficulty": dict(Counter(p.difficulty for p in pairs).most_common()),
    }


def set_files(source: Path) -> list[Path]:
    """The files of records in a folder, or the file itself. Raises InputError where there is none."""
    if source.is_file():
        return [source]
    if not source.is_dir():
        raise MissingFileError(f"{source} does not exist. Name a folder with pairs.jsonl or questions.jsonl.")
    found = [source / n for n in ("pairs.jsonl", "questions.jsonl") if (source / n).is_file()]
    if not found:
        raise InputError(f"{source} holds neither pairs.jsonl nor questions.jsonl. Make a set first.")
    return found
