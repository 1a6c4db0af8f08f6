"""`dic-ingest run`: files and folders into a folder of results."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from dic_ingest.batch.manifest import Entry
from dic_ingest.batch.plan import plan
from dic_ingest.batch.run import RunSettings, run
from dic_ingest.captioning.engines import check_engine
from dic_ingest.cli.options import make_settings, shared_options

SHOWN_FAILURES = 20


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Results folder."
)
@click.option("--workers", default=1, show_default=True, help="Documents worked on at once, a process each.")
@click.option("--timeout", default=1800.0, show_default=True, help="Seconds for one document.")
@click.option(
    "--resume/--no-resume", default=True, show_default=True, help="Skip what is done and unchanged."
)
@click.option("--dry-run", is_flag=True, help="Only list what would be ingested.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON line per document instead of a table.")
@click.option("--quiet", is_flag=True, help="No progress bar.")
@shared_options
def command(
    paths: tuple[Path, ...],
    out: Path,
    workers: int,
    timeout: float,
    resume: bool,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
    engine: str | None,
    tier: str | None,
    server: str | None,
    password: str | None,
    pages: str,
    settings_file: Path | None,
) -> int:
    """Ingest PATHS (PDFs, pictures, folders of them) into the folder given by --out.

    \b
    Per document:  OUT/<name>/document.json   everything that was read
                   OUT/<name>/nodes.jsonl     one node a line, ready for a vector store
                   OUT/<name>/figures/*.png   the crops
    And:           OUT/manifest.jsonl         a line per document as it ends
    Exit status: 0 all read, 1 some failed, 2 wrong usage, 3 nothing could be done, 130 interrupted.
    """
    settings = make_settings(settings_file, engine, tier, server)
    check_engine(settings.ingest.engine)
    if dry_run:
        for job in plan(paths, out):
            click.echo(f"{job.file} -> {out / job.name}")
        return 0
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}"),
        TimeRemainingColumn(),
        console=console,
        disable=quiet or as_json or not console.is_terminal,
    )
    counts: Counter[str] = Counter()
    with bar:
        task = bar.add_task("documents", total=None, note="")

        def progress(entry: Entry) -> None:
            counts.update(pages=entry.pages, figures=entry.figures, failed=entry.status == "failed")
            note = f"{counts['pages']} pages, {counts['figures']} figures, {counts['failed']} failed"
            bar.update(task, advance=1, note=note)
            if as_json:
                click.echo(json.dumps(asdict(entry), ensure_ascii=False))

        entries = run(
            paths,
            out,
            settings,
            RunSettings(workers, timeout, resume),
            password,
            pages,
            lambda total: bar.update(task, total=total),
            progress,
        )
    if not entries:
        click.echo(
            "error: no files of a known format there. Name files directly, or another folder.", err=True
        )
        return 3
    if not as_json:
        show(console, entries, out)
    return 1 if counts["failed"] else 0


def show(console: Console, entries: Sequence[Entry], out: Path) -> None:
    """The table at the end of a run, failures with their reasons, and where to look."""
    table = Table(title=f"{len(entries)} documents in {out}")
    for column in ("status", "documents", "pages", "figures", "seconds"):
        table.add_column(column, justify="left" if column == "status" else "right")
    for status in ("ok", "partial", "skipped", "failed"):
        group = [e for e in entries if e.status == status]
        if group:
            sums = (sum(e.pages for e in group), sum(e.figures for e in group))
            seconds = f"{sum(e.seconds for e in group):.1f}"
            table.add_row(status, str(len(group)), *map(str, sums), seconds)
    console.print(table)
    failed = [e for e in entries if e.status == "failed"]
    for entry in failed[:SHOWN_FAILURES]:
        name = "" if Path(entry.file).name in entry.error else f"{escape(entry.file)}: "
        console.print(f"[red]failed[/red] {name}{escape(entry.error)}", highlight=False, soft_wrap=True)
    if len(failed) > SHOWN_FAILURES:
        console.print(
            f"... and {len(failed) - SHOWN_FAILURES} more, see {escape(str(out / 'manifest.jsonl'))}"
        )
