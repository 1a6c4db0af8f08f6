"""`dic-ingest inspect`: results as HTML pages to look at."""

from __future__ import annotations

import tempfile
import webbrowser
from itertools import chain, count
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from dic_ingest.batch.manifest import Manifest
from dic_ingest.batch.plan import plan
from dic_ingest.batch.results import staged_pages
from dic_ingest.batch.scratch import locked, sweep
from dic_ingest.batch.workers.work import work
from dic_ingest.captioning.engines.registry import make_captioner
from dic_ingest.cli.options import IngestOptions, shared_options
from dic_ingest.cli.terminal import say
from dic_ingest.errors import BrokenFileError, DICIngestError, MissingFileError
from dic_ingest.inspector.results import FailedDocument, find_results
from dic_ingest.inspector.site import SiteSettings, write_site
from dic_ingest.owned_files import FolderKind, is_free

NAME = "inspect"


@click.command()
@click.argument("path", metavar="OUT", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="For a PDF or picture: its results go there. Default: a new folder for temporary files.",
)
@click.option(
    "--single-file", is_flag=True, help="Every page holds all it needs: about 4 MB and its pictures."
)
@click.option("--open", "browse", is_flag=True, help="Open the page in the browser.")
@shared_options
def command(
    path: Path,
    out: Path | None,
    single_file: bool,
    browse: bool,
    chosen: IngestOptions,
) -> int:
    """Write HTML pages for OUT: a folder of results, or a PDF or picture, which is then ingested first.

    They go into OUT/inspect/, need no network, and open from disk. Prints the path of the page to open.
    """
    if path.is_file():
        out = out or Path(tempfile.mkdtemp(prefix="dic-ingest-inspect-"))
        found, failures = [ingest_one(path, out, chosen)], []
    elif path.is_dir():
        if out is not None:
            raise click.UsageError("--out is for a PDF or picture; pages of a folder go into OUT/inspect.")
        out, found = path, find_results(path)
        failures = failed_files(path)
    else:
        raise MissingFileError(f"{path} does not exist. Give a folder made by `dic-ingest run`, or a file.")
    try:
        target = write_pages(found, out, SiteSettings(single_file), failures, chosen.password)
    except OSError as error:
        reason = error.strerror or str(error)
        raise DICIngestError(f"the pages cannot be written into {out}: {reason}. Make room there.") from error
    say(str(target))
    if browse:
        webbrowser.open(target.resolve().as_uri())
    return 0


def ingest_one(file: Path, out: Path, chosen: IngestOptions) -> Path:
    """Ingest one file into `out`; returns the folder of its results.

    Raises:
        BrokenFileError: it could not be read; the message says why.
    """
    settings = chosen.settings
    captioner = make_captioner(settings.ingest.engine, **settings.ingest.engine_options)
    with locked(out):
        (job,) = plan([file.resolve()], out, Manifest(out))
        task = {
            "file": str(job.file),
            "name": job.name,
            "out": str(out.resolve()),
            "password": chosen.password,
            "pages": chosen.pages,
        }
        try:
            answer = work(task, settings, captioner)
        finally:
            sweep(out)
    if answer["status"] == "failed":
        raise BrokenFileError(str(answer["error"]))
    return out / job.name


def failed_files(out: Path) -> list[FailedDocument]:
    """What the run's manifest says failed."""
    entries = Manifest(out).entries.values()
    return [FailedDocument(Path(e.file).name, e.error) for e in entries if e.status == "failed"]


def write_pages(
    found: list[Path], out: Path, settings: SiteSettings, failures: list[FailedDocument], password: str | None
) -> Path:
    """Pages put in place by one rename; returns the one to open."""
    name = free_name(out)
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    with (
        Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar,
        staged_pages(out, name) as folder,
    ):
        task = bar.add_task("pages")
        first = write_site(
            found,
            folder,
            settings,
            failures,
            password,
            lambda document, page: bar.update(task, description=f"{document}, page {page}"),
        )
    return out / name / first


def free_name(out: Path) -> str:
    """`inspect`, or `inspect-1`, ... where something else than earlier pages is called that."""
    names = chain((NAME,), (f"{NAME}-{number}" for number in count(1)))
    return next(name for name in names if is_free(out / name, FolderKind.PAGES))
