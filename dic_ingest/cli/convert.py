"""`dic-ingest convert`: the graph of a drawing in another format, to be edited, drawn or computed with."""

from __future__ import annotations

import json
from pathlib import Path

import click

from dic_ingest.captioning.engines.registry import make_captioner
from dic_ingest.cli.options import IngestOptions, shared_options
from dic_ingest.errors import DICIngestError, NotOursError, UnsupportedFileError
from dic_ingest.model.diagram import Diagram
from dic_ingest.owned_files import write_file
from dic_ingest.pipeline import ingest
from dic_ingest.render.drawio import drawio_file

FORMATS = ("drawio", "mermaid", "dot", "json", "svg")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--to", "form", required=True, type=click.Choice(FORMATS), help="The format to write.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="A file; default: standard output.",
)
@click.option(
    "--figure", "number", type=click.IntRange(min=1), default=None, help="Only this figure, from 1."
)
@click.option("--force", is_flag=True, help="Replace the file at --out.")
@shared_options
def command(
    file: Path, form: str, out: Path | None, number: int | None, force: bool, chosen: IngestOptions
) -> int:
    """Read the drawings of FILE (a PDF, a picture, a diagram file ...) and write them as FORMAT.

    \b
    dic-ingest convert scan.png --to drawio --out scan.drawio
    dic-ingest convert flow.drawio --to mermaid

    Several figures make several pages in draw.io and several graphs in the others; SVG holds one, so choose
    it by --figure. What is placed in the drawing keeps its place; what is only text is laid out.
    """
    settings = chosen.settings.ingest
    captioner = make_captioner(settings.engine, **settings.engine_options)
    document = ingest(file, settings, None, captioner, chosen.password, chosen.pages)
    graphs = [f.description.diagram for f in document.figures if f.description and f.description.diagram]
    if number is not None:
        graphs = graphs[number - 1 : number]
    if not graphs:
        raise UnsupportedFileError(
            f"{file} holds no figure that was read as a graph. Look at `dic-ingest describe`."
        )
    text = written_as(form, graphs)
    if out is None:
        click.echo(text, nl=False)
        return 0
    try:
        write_file(out, text.encode("utf-8", "replace"), (lambda _: True) if force else None)
    except NotOursError as error:
        raise DICIngestError(f"{out} is there already. Name another file, or give --force.") from error
    except OSError as error:
        raise DICIngestError(
            f"{out} cannot be written: {error.strerror or error}. Name another place."
        ) from error
    click.echo(str(out))
    return 0


def written_as(form: str, graphs: list[Diagram]) -> str:
    """The graphs in one text of a format.

    Raises:
        UnsupportedFileError: several graphs in a format that holds one.
    """
    if form == "drawio":
        return drawio_file(graphs)
    if form == "json":
        values = [g.to_dict() for g in graphs]
        return json.dumps(values[0] if len(values) == 1 else values, ensure_ascii=False, indent=1) + "\n"
    if form == "svg":
        if len(graphs) > 1:
            raise UnsupportedFileError(
                f"SVG holds one drawing, here are {len(graphs)}. Choose one by --figure."
            )
        return graphs[0].to_svg()
    texts = [g.to_mermaid() if form == "mermaid" else g.to_dot() for g in graphs]
    return "\n".join(text.rstrip("\n") + "\n" for text in texts)
