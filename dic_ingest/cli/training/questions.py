"""`dic-ingest train questions`: questions with provable answers about figures that training has not seen."""

from __future__ import annotations

from pathlib import Path

import click

from dic_ingest.cli.terminal import say
from dic_ingest.owned_files import FolderKind, claim


@click.command()
@click.argument("figures", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("out", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--apart-from",
    "apart",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A training set; its figures are not asked about. Repeatable.",
)
@click.option("--count", default=1500, show_default=True, help="Questions wanted.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same questions.")
@click.option("--most", default=6, show_default=True, help="Most questions about one figure.")
def command(figures: Path, out: Path, apart: tuple[Path, ...], count: int, seed: int, most: int) -> int:
    """Ask about FIGURES, a folder with pairs.jsonl, and write OUT: questions.jsonl, images/, card.md.

    Three levels (global, partial, detailed); next step, sender, branch, count, path, what-if and more, most
    of them with four options. Every question carries its proof.

    \b
    dic-ingest train synthesise pairs
    dic-ingest train synthesise fresh --seed 2 --count 600
    dic-ingest train questions fresh questions --apart-from pairs
    """
    from dic_ingest.training.questions.dataset import QuestionSettings, make_questions

    claim(out, FolderKind.OUTPUT)
    asked = make_questions(figures, out, apart, QuestionSettings(count, seed, most))
    objective = sum(1 for q in asked if q.options)
    say(f"{len(asked)} questions in {out}, {objective} with options; see card.md there")
    if len(asked) < count:
        say(f"only {len(asked)} of {count}: give more figures, or allow more for each (--most)", err=True)
    return 0
