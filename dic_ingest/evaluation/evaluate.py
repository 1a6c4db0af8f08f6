"""An evaluation from start to end: leakage first, then scores, comparison and groups, as one dictionary.

In: a folder with truth and systems, or a run's folder. Out: `Results` for `report.py`. A test set that leaks
is not scored.
"""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dic_ingest.evaluation.figure_questions import FigureQuestion, QuestionOutcome, ask_all, question_measures
from dic_ingest.evaluation.figure_set import (
    FigureSet,
    data_card,
    questions_table,
    references_table,
    split_table,
)
from dic_ingest.evaluation.leakage.check import Encode, LeakageSettings
from dic_ingest.evaluation.predictions import System
from dic_ingest.evaluation.results import Results, by_group, compared, measured, readings, worst
from dic_ingest.evaluation.retrieval import Rank, bm25, by_embedding
from dic_ingest.evaluation.run_folder import RunFolder, run_measures, shared_gallery_note
from dic_ingest.evaluation.scoring import Scorer, ScoringSettings
from dic_ingest.evaluation.statistics import Measure, ResamplingSettings

NOTES = (
    "BLEU is corpus BLEU (sacrebleu, 13a tokens, smoothing exp). METEOR-2005 has no WordNet (exact, "
    "stem stages) and is not METEOR 1.5. CIDEr-D has the frequencies of this test set's references. All "
    "compare with one reference.",
    "Intervals are 95 % percentile bootstraps over figures; p is two-sided, by approximate randomisation, "
    "and not corrected for the number of measures.",
    "Where a reply has no Mermaid its graph is what its prose claims, read against the true names.",
    "Without labels: evidence precision counts a statement that a graph supports by the chance that the "
    "graph is right; lines read is the share of the lines seen in a drawing that became edges.",
    "GRC and QIR see where lines and words stand in a picture, not what they say (gradient histograms).",
)


@dataclass(frozen=True, slots=True)
class EvaluationSettings:
    """The settings of every part."""

    scoring: ScoringSettings = field(default_factory=ScoringSettings)
    resampling: ResamplingSettings = field(default_factory=ResamplingSettings)
    leakage: LeakageSettings = field(default_factory=LeakageSettings)


def evaluate_set(
    test: FigureSet,
    systems: Sequence[System],
    baseline: str,
    encode: Encode,
    settings: EvaluationSettings | None = None,
) -> tuple[Results, dict[str, dict[str, Measure]]]:
    """Scores of all systems, the first against the one called `baseline`; also the measures themselves."""
    settings = settings or EvaluationSettings()
    draws = settings.resampling
    scorer = Scorer(test, encode, settings=settings.scoring)
    scored = {s.name: scorer.score(s) for s in systems}
    main = scored[systems[0].name]
    results: Results = {
        "title": f"{main.system.name} on {test.folder.name}",
        "facts": {
            "test figures": len(test.pairs),
            "questions": len(test.questions),
            "objective questions": sum(bool(q.options) for q in test.questions),
            "split": test.split,
            "system": main.system.name,
            "baseline": baseline,
            **_drawn(draws),
        },
        "systems": {name: measured(s.measures, draws) for name, s in scored.items()},
        "comparison": compared(main.measures, scored[baseline].measures, draws),
        "groups": by_group(test, main.measures, draws),
        "readings": readings(test, list(scored.values())),
        "splits": split_table([*test.pairs, *test.others]),
        "references": references_table(test),
        "question kinds": questions_table(test),
        "data card": data_card(test.folder),
        "worst": worst(test, main),
        "notes": list(NOTES),
    }
    return results, {name: dict(s.measures) for name, s in scored.items()}


def evaluate_runs(
    run: RunFolder,
    baseline: RunFolder | None,
    questions: Sequence[FigureQuestion],
    encode: Encode,
    settings: EvaluationSettings | None = None,
) -> tuple[Results, dict[str, dict[str, Measure]]]:
    """A user's folder, label-free, and its questions if there are any; against an earlier run's folder."""
    settings = settings or EvaluationSettings()
    draws, k = settings.resampling, settings.scoring.found
    ranks = {"BM25": bm25, "MiniLM": by_embedding(encode)}
    runs = {"this run": run} | ({"baseline run": baseline} if baseline else {})
    measures: dict[str, dict[str, Measure]] = {}
    outcomes: list[QuestionOutcome] = []
    for name, own in runs.items():
        found = run_measures(own, encode, count=settings.scoring.gallery)
        asked = asked_of(own, questions, ranks)
        found += question_measures(asked, k) if questions else []
        measures[name] = {m.name: m for m in found}
        outcomes = outcomes or asked
    first, *rest = measures.values()
    results: Results = {
        "title": f"{run.folder.name}: its figures",
        "facts": {
            "figures described": len(run.figures),
            "nodes": len(run.nodes),
            "questions": len(questions),
            "baseline": str(baseline.folder.name) if baseline else "none",
            **_drawn(draws),
        },
        "systems": {name: measured(own, draws) for name, own in measures.items()},
        "comparison": compared(first, rest[0], draws) if rest else {},
        "misses": missed(outcomes, k),
        "notes": [shared_gallery_note(list(runs.values())), *NOTES[1:2], NOTES[3]],
    }
    return results, measures


def asked_of(
    run: RunFolder, questions: Sequence[FigureQuestion], ranks: dict[str, Rank]
) -> list[QuestionOutcome]:
    """What becomes of the questions in one run."""
    return ask_all(questions, run.nodes, ranks) if questions else []


def missed(outcomes: Sequence[QuestionOutcome], k: int) -> list[Results]:
    """Questions that some retriever does not answer among the first k, with the rank of their answer."""
    return [
        {"question": o.question.question, "id": o.question.id, "in the index": bool(o.holders), **o.ranks}
        for o in outcomes
        if not all(0 < rank <= k for rank in o.ranks.values())
    ]


def _drawn(draws: ResamplingSettings) -> Results:
    return {"seed": draws.seed, "bootstrap draws": draws.draws, "machine": platform.machine()}


def load_encoder() -> Encode:
    """MiniLM, the offline text encoder.

    Raises:
        DICIngestError: its weights are not installed; the message says how to.
    """
    from dic_ingest.evaluation.embedding.text import MiniLM

    return MiniLM(extra="evaluate").encode


def output_files(out: Path) -> dict[str, Path]:
    """What an evaluation writes."""
    return {"scores": out / "scores.json", "leakage": out / "leakage.json", "report": out / "report.html"}
