"""`dic-ingest backfill`: captions for figures that were ingested without a model."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from dic_ingest.batch.backfill import WANTED, Filled, backfill, find_results, planned
from dic_ingest.captioning.engines.registry import check_engine, make_captioner, probe_engine
from dic_ingest.cli.options import IngestOptions, results_options, shared_options
from dic_ingest.cli.terminal import one_line, say, say_json
from dic_ingest.errors import DICIngestError, SettingsError


@click.command()
@click.argument("out", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--only",
    type=click.Choice(WANTED),
    default="missing",
    show_default=True,
    help="Figures without a caption, those marked for review too, or all.",
)
@click.option("--dry-run", is_flag=True, help="Only print how many figures would be described.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON line per document.")
@results_options
@shared_options
def command(
    out: Path,
    only: str,
    dry_run: bool,
    as_json: bool,
    chosen: IngestOptions,
) -> int:
    """Describe figures in the results folder OUT of an earlier `dic-ingest run`; node ids stay the same.

    Nodes are cut as for `run`: give the same --settings, --node-types and --format.

    A figure is read from its source file where that lies unchanged, else from its crop. What one document
    lacks does not stop the others; the exit status is then 1.
    """
    settings = chosen.settings.ingest
    check_engine(settings.engine, **settings.engine_options)
    if dry_run:
        for line in planned(out, only):
            _show(line, as_json, "would be described")
        return 0
    folders = find_results(out)
    captioner = make_captioner(settings.engine, **settings.engine_options)
    if captioner is None:
        raise SettingsError("engine none describes nothing; name another with --engine.")
    probe_engine(settings.engine, **settings.engine_options)
    failed = 0
    for folder in folders:
        try:
            line = backfill(folder, captioner, only, settings, chosen.settings.nodes, chosen.password)
        except DICIngestError as error:
            failed += 1
            say(f"{one_line(folder.name)}: error: {one_line(error)}", err=True)
            continue
        failed += line.failed > 0
        _show(line, as_json, "described")
    return 1 if failed else 0


def _show(line: Filled, as_json: bool, verb: str) -> None:
    if as_json:
        say_json(asdict(line))
        return
    lost = f", {line.failed} failed" if line.failed else ""
    say(f"{one_line(line.name)}: {line.described} {verb}, {line.left} left as they are{lost}")
