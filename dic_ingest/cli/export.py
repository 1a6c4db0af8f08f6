"""`dic-ingest export`: a folder of results in the format of another project."""

from __future__ import annotations

from pathlib import Path

import click

from dic_ingest.cli.terminal import one_line, say
from dic_ingest.export.write import FORMATS, export


@click.command()
@click.argument("out", type=click.Path(path_type=Path, file_okay=False))
@click.option("--to", "form", required=True, type=click.Choice(FORMATS), help="The format to write.")
@click.option(
    "--into",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Folder to write: not there yet, empty, or of an earlier export.",
)
def command(out: Path, form: str, into: Path) -> int:
    """Write the documents of OUT, a folder of results, for another project.

    \b
    docling       a DoclingDocument (JSON) a document, for Docling's chunkers and serialisers
    unstructured  a list of Unstructured elements (JSON) a document
    figures       one data set of all figures: pictures, captions, graphs; Hugging Face's
                  load_dataset("imagefolder", data_dir=DIR) reads it

    docling needs: pip install '.[docling]'
    """
    count = export(out, form, into)
    say(f"{count} {'figures' if form == 'figures' else 'documents'} written to {one_line(into)}")
    return 0
