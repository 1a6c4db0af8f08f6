"""`dic-ingest train import`: other people's figures with their sources, captions or questions, as a set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dic_ingest.cli.terminal import say
from dic_ingest.owned_files import FolderKind, claim


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("out", type=click.Path(path_type=Path, file_okay=False))
@click.option("--name", default="", help="The collection's name; the folder's by default.")
@click.option("--licence", default="", help="Licence of figures that tell none.")
@click.option("--allow", multiple=True, metavar="LICENCE", help="Only figures of this licence. Repeatable.")
@click.option("--owner-level", default=1, show_default=True, help="How many folders name the owner.")
@click.option("--test", default=0.1, show_default=True, help="Share of owners for the test set.")
@click.option("--validation", default=0.05, show_default=True, help="Share of owners for validation.")
@click.option(
    "--draw", default="", metavar="TOOL", help="Draw figures without picture: mermaid, graphviz, plantuml ..."
)
@click.option("--seed", default=1, show_default=True, help="Of captions and looks.")
@click.option(
    "--apart-from", "apart", multiple=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A set whose figures, and near twins of them, are left out. Repeatable.",
)  # fmt: skip
def command(folder: Path, out: Path, name: str, apart: tuple[Path, ...], **settings: Any) -> int:
    """Take the figures of FOLDER into OUT: pairs.jsonl, questions.jsonl, images/, card.md.

    A figure is a picture and what has its name: a source (.mmd .dot .puml .drawio .excalidraw .bpmn .vsdx
    .graphml, .json with nodes and edges), a caption (NAME.txt), questions (NAME.questions.jsonl with question
    and answer). Or rows of tables (*.jsonl), joined by "id": image, nodes and edges (or graph, or code and
    lang), caption, question and answer, owner, licence.

    \b
    dic-ingest train import hdBPMN pairs-bpmn --licence CC-BY-4.0
    dic-ingest train import topologyzoo pairs-zoo --draw graphviz --apart-from pairs

    A figure without a caption gets one from its graph. Owners stand in one split each. card.md says licences,
    what was left out and how much of the test set stands in training.
    """
    from dic_ingest.training.importing.dataset import ImportSettings, import_folder

    claim(out, FolderKind.SET)
    chosen = ImportSettings(name=name or folder.resolve().name, **settings)
    done = import_folder(folder, out, chosen, apart)
    say(f"{len(done.pairs)} figures and {len(done.questions)} questions in {out}; see card.md there")
    for reason, count in done.left_out.most_common():
        say(f"left out: {count}, {reason}", err=True)
    unlicensed = sum(p.extra["licence"] == "not told" for p in done.pairs)
    if unlicensed:
        say(
            f"{unlicensed} figures tell no licence: name it (--licence), or leave them out (--allow)",
            err=True,
        )
    return 0
