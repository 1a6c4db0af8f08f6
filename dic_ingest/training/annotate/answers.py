"""What annotators said, read back: agreement, accepted captions as pairs for stage 2, and what is disputed.

In: the folder that `export` wrote and files saved by its page or exported by Label Studio. Out: pairs.jsonl
with pictures, `Outcome` with Cohen's kappa of each two annotators. A figure that anyone rejects is no pair.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

from dic_ingest.errors import MALFORMED, InputError
from dic_ingest.evaluation.figure_set import Pair, write_lines
from dic_ingest.evaluation.statistics import cohens_kappa
from dic_ingest.model.diagram import Diagram
from dic_ingest.training.annotate.label_studio import VERDICTS, read_export
from dic_ingest.training.synthesise.checked import faults
from dic_ingest.training.synthesise.domains import difficulty
from dic_ingest.training.synthesise.hashes import graph_hash, split_of

FORMAT = "dic_ingest.answers/1"


@dataclass(frozen=True, slots=True)
class Answer:
    """One annotator's word on one figure."""

    annotator: str
    key: str
    verdict: str
    caption: str


@dataclass
class Outcome:
    """`kappa` by two names, with how many figures both saw; `disputed` keys with why they are no pairs."""

    pairs: list[Pair] = field(default_factory=list)
    kappa: dict[tuple[str, str], tuple[float, int]] = field(default_factory=dict)
    disputed: dict[str, str] = field(default_factory=dict)
    rejected: int = 0
    unknown: int = 0


def read_answers(path: Path) -> list[Answer]:
    """Answers of a file saved by the page, or of a Label Studio export (JSON). Raises InputError."""
    try:
        data = json.loads(path.read_text("utf-8"))
        if isinstance(data, list):
            return [Answer(*row) for row in read_export(data)]
        if data["format"] != FORMAT:
            raise ValueError(f"format {data['format']!r}")
        who = str(data["annotator"]).strip()
        if not who:
            raise ValueError("the annotator has no name")
        return [_answer(who, row) for row in data["answers"]]
    except (OSError, *MALFORMED) as error:
        raise InputError(
            f"{path} is neither saved by the review page nor Label Studio's JSON: {error}"
        ) from error


def _answer(who: str, row: dict[str, Any]) -> Answer:
    if row["verdict"] not in VERDICTS:
        raise ValueError(f"verdict {row['verdict']!r}")
    return Answer(who, str(row["key"]), row["verdict"], str(row["caption"]))


def collect(folder: Path, files: Sequence[Path], out: Path) -> Outcome:
    """Reads all files, writes the pairs into `out` and says how it went."""
    chosen = _chosen(folder)
    by_key: defaultdict[str, dict[str, Answer]] = defaultdict(dict)
    outcome = Outcome()
    for path in files:
        for answer in read_answers(path):
            if answer.key in chosen:
                by_key[answer.key][answer.annotator] = answer
            else:
                outcome.unknown += 1
    outcome.kappa = agreement(by_key)
    (out / "images").mkdir(parents=True, exist_ok=True)
    for key, record in chosen.items():
        _settle(key, record, list(by_key[key].values()), outcome)
    for pair in outcome.pairs:
        shutil.copyfile(folder / chosen[pair.extra["key"]]["image"], out / pair.image)
    write_lines(out / "pairs.jsonl", outcome.pairs)
    return outcome


def agreement(by_key: dict[str, dict[str, Answer]]) -> dict[tuple[str, str], tuple[float, int]]:
    """Cohen's kappa of each two annotators over the figures that both saw, and how many those are."""
    names = sorted({name for answers in by_key.values() for name in answers})
    found = {}
    for one, other in combinations(names, 2):
        both = [a for a in by_key.values() if one in a and other in a]
        if both:
            kappa = cohens_kappa([a[one].verdict for a in both], [a[other].verdict for a in both])
            found[one, other] = (kappa, len(both))
    return found


def _settle(key: str, record: dict[str, Any], answers: list[Answer], outcome: Outcome) -> None:
    """A pair, a dispute, a rejection, or nothing where nobody answered."""
    if not answers:
        return
    if all(a.verdict == "reject" for a in answers):
        outcome.rejected += 1
        return
    captions = {" ".join(a.caption.split()): a.caption.strip() for a in answers if a.verdict != "reject"}
    if any(a.verdict == "reject" for a in answers):
        outcome.disputed[key] = "one accepts it, another rejects it"
    elif len(captions) > 1:
        outcome.disputed[key] = "the annotators wrote different captions"
    elif not next(iter(captions)):
        outcome.disputed[key] = "the caption is empty"
    else:
        outcome.pairs.append(_pair(key, record, next(iter(captions.values())), answers))


def _pair(key: str, record: dict[str, Any], caption: str, answers: list[Answer]) -> Pair:
    diagram = Diagram.from_dict(record["diagram"])
    graph = graph_hash(diagram)
    own = hashlib.sha256(key.encode()).hexdigest()[:16]
    return Pair(
        id=own,
        image=f"images/{own}.png",
        diagram=diagram,
        caption=caption,
        split=split_of(str(record["document"]), 0.1, 0.1),  # a document's figures stay together
        difficulty=difficulty(diagram),
        domain="annotated",
        source="annotator:" + "+".join(sorted(a.annotator for a in answers)),
        extra={
            "key": key,
            "graph": graph,
            "document": record["document"],
            "doubt": record["doubt"],
            "edited": any(a.verdict == "edit" for a in answers),
            # for a look: the reading may be wrong where the expert is right
            "against_reading": faults(caption, diagram)[:10] if diagram.nodes else [],
        },
    )


def _chosen(folder: Path) -> dict[str, dict[str, Any]]:
    place = folder / "chosen.json"
    try:
        records = {str(r["key"]): r for r in json.loads(place.read_text("utf-8"))}
        for record in records.values():
            Diagram.from_dict(record["diagram"])
            if not (folder / record["image"]).resolve().is_relative_to(folder.resolve()):
                raise ValueError(f"the picture {record['image']!r} lies outside")
    except (OSError, *MALFORMED) as error:
        raise InputError(
            f"{place} is no choice of figures: {error}. Make one: dic-ingest train annotate choose"
        ) from error
    return records
