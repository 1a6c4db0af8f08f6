"""`dic-ingest train annotate`: figures of a run for experts to caption, their answers as training pairs."""

from __future__ import annotations

from pathlib import Path

import click

from dic_ingest.cli.terminal import say
from dic_ingest.owned_files import FolderKind, claim


@click.group("annotate")
def command() -> None:
    """Choose figures of your own run for experts, and read their captions back.

    \b
    dic-ingest train annotate choose results review --count 200
    dic-ingest train annotate read review answers-*.json --out pairs
    """


@command.command("choose")
@click.argument("run", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("out", type=click.Path(path_type=Path, file_okay=False))
@click.option("--count", default=2000, show_default=True, help="Figures wanted.")
def choose_figures(run: Path, out: Path, count: int) -> int:
    """Choose figures of RUN, a folder of results, and write OUT with the page review.html.

    The least supported captions come first, figures unlike each other before more of the same. The page needs
    no server: open it, accept, edit or reject, save the answers as a file. label_studio.json and
    label_studio.xml hold the same for Label Studio.
    """
    from dic_ingest.training.annotate.choose import choose
    from dic_ingest.training.annotate.export import export
    from dic_ingest.training.annotate.figures import find_candidates

    found = find_candidates(run)
    chosen = choose(found, count)
    page = export(chosen, claim(out, FolderKind.OUTPUT))
    say(f"{len(chosen)} of {len(found)} figures in {page}")
    return 0


@command.command("read")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument(
    "answers", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder for the pairs."
)
def read_back(folder: Path, answers: tuple[Path, ...], out: Path) -> int:
    """Read ANSWERS, saved by the page in FOLDER or exported by Label Studio (JSON), into pairs.

    Prints Cohen's kappa of each two annotators. What they do not agree on is no pair, and is listed.
    """
    from dic_ingest.training.annotate.answers import collect

    outcome = collect(folder, answers, claim(out, FolderKind.OUTPUT))
    for (one, other), (kappa, both) in outcome.kappa.items():
        say(f"Cohen's kappa of {one} and {other}: {kappa:.3f} over {both} figures")
    for key, why in outcome.disputed.items():
        say(f"{key}: {why}", err=True)
    if outcome.unknown:
        say(f"{outcome.unknown} answers are about figures of another choice", err=True)
    say(f"{len(outcome.pairs)} pairs in {out}, {outcome.rejected} rejected, {len(outcome.disputed)} disputed")
    return 0
