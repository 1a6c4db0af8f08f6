"""`dic-ingest remove`: documents out of a folder of results, and out of what was made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from dic_ingest.batch.remove import Holder, Removed, remove
from dic_ingest.cli.terminal import one_line, say, say_json
from dic_ingest.sources.inputs import is_url


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--out", required=True, metavar="DIR", help="Results folder of the run, or its URL.")
@click.option("--dry-run", is_flag=True, help="Only print what would be removed.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON line per document.")
def command(files: tuple[str, ...], out: str, dry_run: bool, as_json: bool) -> int:
    """Remove what was made of each FILE: its results, its nodes in every index of DIR, inspector pages.

    FILE is a path as it was given to the run, the name of its results folder, or a file name that only one
    document has. FILE itself is not touched, and a later run on its folder reads it again: move it away
    first, or use `dic-ingest run --prune` after that. What dic_ingest did not write stays where it is.

    \b
    dic-ingest remove docs/old.pdf --out results
    dic-ingest remove old --out results --dry-run

    \b
    Exit status: 0 removed, 1 FILE is not among the results (then nothing is removed), 2 wrong usage,
                 3 an index could not be reached or a folder was not made by dic_ingest.
    """
    show_removed(remove(files, out, holders(out), dry_run), dry_run, as_json)
    return 0


def holders(out: str) -> list[Holder]:
    """Everything below a results folder that keeps content of its documents."""
    if is_url(out):
        return []
    found: list[Holder] = []
    if (Path(out) / ".index").is_dir():
        from dic_ingest.index.graph_store import graph_holders
        from dic_ingest.index.removal import index_holders  # loads LlamaIndex

        found += [*index_holders(Path(out)), *graph_holders(Path(out))]
    from dic_ingest.inspector.removal import pages_holders

    return [*found, *pages_holders(Path(out))]


def show_removed(removed: Sequence[Removed], dry_run: bool, as_json: bool) -> None:
    """A line per document: its files, its entries elsewhere, and what stays."""
    verb = "would be removed" if dry_run else "removed"
    for one in removed:
        if as_json:
            say_json({**asdict(one), "status": verb})
            continue
        parts = [f"{one.files} files in {one.name}/"] if one.files else []
        parts += [f"{count} entries in {name}" for name, count in one.held.items()]
        say(f"{one_line(one.file)}: {one_line(', '.join(parts)) or 'its line in the manifest'} {verb}")
        if one.kept:
            say(f"  not written by dic_ingest, left there: {one_line(', '.join(one.kept))}", err=True)
