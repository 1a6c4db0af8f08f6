"""`dic-ingest compare`: what several engines said of the same figures, in one page."""

from __future__ import annotations

from pathlib import Path

import click

from dic_ingest.cli.terminal import say
from dic_ingest.errors import DICIngestError, NotOursError
from dic_ingest.inspector.compare import compare_page
from dic_ingest.owned_files import is_own_page, write_file


@click.command()
@click.argument("outs", nargs=-1, required=True, type=click.Path(path_type=Path, file_okay=False))
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The HTML page.")
def command(outs: tuple[Path, ...], out: Path) -> int:
    """Write one page with a column for each of the results folders OUTS, named after them.

    The folders hold results of the same files by different engines or models: a row per figure shows its
    picture, the exact reading, and each engine's caption before and after the critic with its evidence.
    """
    sides = {}
    for path in outs:
        name = path.resolve().name
        sides[name if name not in sides else str(path)] = path
    page = compare_page(sides)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        write_file(out, page.encode(), is_own_page)
    except NotOursError:
        raise
    except OSError as error:
        raise DICIngestError(
            f"{out} cannot be written: {error.strerror or error}. Name another place."
        ) from error
    say(str(out))
    return 0
