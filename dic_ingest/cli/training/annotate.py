"""`dic-ingest train annotate`: figures of a run for experts to caption, their answers as training pairs."""

from __future__ import annotations

from pathlib import Path

import click

from dic_ingest.cli.terminal import say
from dic_ingest.owned_files import FolderKind, claim

REVIEWED = click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
ANSWERS = click.argument(
    "answers", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False)
)


@click.group("annotate")
def command() -> None:
    """Choose figures of your own run for experts, and read their captions back.

    \b
    dic-ingest train annotate choose results review --count 200
    dic-ingest train annotate adjudicate review answers-*.json --out decide
    dic-ingest train annotate read review answers-*.json --out pairs
    """


@command.command("choose")
@click.argument("run", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("out", type=click.Path(path_type=Path, file_okay=False))
@click.option("--count", default=2000, show_default=True, help="Figures wanted.")
@click.option(
    "--reread",
    "again",
    default=200,
    show_default=True,
    help="Vector figures that are read from pixels too, to see where both differ; 1-2 s each.",
)
@click.option("--label-studio", is_flag=True, help="Also write label_studio.json, with every picture in it.")
def choose_figures(run: Path, out: Path, count: int, again: int, label_studio: bool) -> int:
    """Choose figures of RUN, a folder of results, and write OUT with the page review.html.

    The most doubtful come first: by what supports the caption, the reader's calibrated score of the graph,
    lines that it did not read, and where vectors and pixels are read differently; figures unlike each other
    come before more of the same. The page needs no server: open it, correct the caption and the graph, accept
    or reject, save the answers as a file. 2,000 figures take less than 60 MB.
    """
    from dic_ingest.training.annotate.choose import choose
    from dic_ingest.training.annotate.export import export
    from dic_ingest.training.annotate.figures import find_candidates, reread

    found = reread(find_candidates(run), again)
    chosen = choose(found, count)
    page = export(chosen, claim(out, FolderKind.OUTPUT), label_studio)
    say(f"{len(chosen)} of {len(found)} figures in {page}")
    return 0


@command.command("read")
@REVIEWED
@ANSWERS
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder for the pairs."
)
def read_back(folder: Path, answers: tuple[Path, ...], out: Path) -> int:
    """Read ANSWERS, saved by the page in FOLDER or exported by Label Studio (JSON), into pairs.

    Prints how far each two annotators agree: Cohen's kappa of their judgement (the draft is right, was
    changed, is rejected), the same answer, edge F1 of their graphs. What they do not agree on is no pair, and
    is listed: see the command adjudicate. An expert's word is never held against the machine's reading.
    """
    from dic_ingest.training.annotate.settle import collect

    outcome = collect(folder, answers, claim(out, FolderKind.OUTPUT))
    for (one, other), found in outcome.agreement.items():
        edges = "" if found.edge_f1 is None else f", edge F1 of their graphs {found.edge_f1:.3f}"
        say(
            f"{one} and {other} over {found.figures} figures: Cohen's kappa {found.kappa:.3f}, the same "
            f"answer to {found.same:.0%}{edges}"
        )
    for key, why in outcome.disputed.items():
        say(f"{key}: {why}", err=True)
    for key, denied in outcome.contradicting.items():
        say(f"{key}: kept, though its text and its graph differ ({'; '.join(denied[:3])})", err=True)
    if outcome.unknown:
        say(f"{outcome.unknown} answers are about figures of another choice", err=True)
    say(f"{len(outcome.pairs)} pairs in {out}, {outcome.rejected} rejected, {len(outcome.disputed)} disputed")
    return 0


@command.command("adjudicate")
@REVIEWED
@ANSWERS
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder for the page."
)
def adjudicate(folder: Path, answers: tuple[Path, ...], out: Path) -> int:
    """Write a page of the figures on which ANSWERS differ, each with what every annotator said.

    Somebody else takes one of the answers or writes a third. What that page saves is given to the command
    read together with the annotators' files, and decides.
    """
    from dic_ingest.training.annotate.export import export_disputes
    from dic_ingest.training.annotate.folder import read_choice
    from dic_ingest.training.annotate.settle import disputes

    chosen = read_choice(folder)
    found = disputes(chosen, answers)
    page = export_disputes(folder, found, claim(out, FolderKind.OUTPUT))
    say(f"{len(found)} figures to decide in {page}")
    return 0
