"""What a run shows while it goes on: a progress bar, JSON lines, and the table at its end."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from dic_ingest.batch.manifest import Entry

SHOWN_FAILURES = 20


class View:
    """Told of a run's start, documents and end; counts, and shows them in the ways that were asked for.

    `as_json` prints entries on standard output; `log_json` prints events on standard error, in place of the
    bar and the table. Documents end in any thread, one at a time.
    """

    def __init__(self, as_json: bool, log_json: bool, quiet: bool) -> None:
        self.as_json, self.log_json = as_json, log_json
        self.console = Console(stderr=True)
        self.counts: Counter[str] = Counter()
        self.began = time.monotonic()
        hidden = quiet or as_json or log_json or not self.console.is_terminal
        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True, quiet=hidden),  # rich 13 ends a bar that it hides with an empty line
            disable=hidden,
        )
        self.task = self.bar.add_task("documents", total=None, note="")

    def started(self, total: int) -> None:
        """The number of documents is known."""
        self.bar.update(self.task, total=total)
        self.log("start", documents=total)

    def progress(self, entry: Entry) -> None:
        """A document ended."""
        self.counts.update(pages=entry.pages, figures=entry.figures, documents=1)
        self.counts[entry.status] += 1
        counts = self.counts
        note = f"{counts['pages']} pages, {counts['figures']} figures, {counts['failed']} failed"
        self.bar.update(self.task, advance=1, note=note)
        if self.as_json:
            click.echo(json.dumps(asdict(entry)))
        self.log("document", **asdict(entry))

    def said(self, line: str) -> None:
        """A worker, or a library in it, printed a line."""
        self.log("worker", line=line)

    def log(self, event: str, **values: Any) -> None:
        """One JSON line on standard error, where that was asked for."""
        if self.log_json:
            now = datetime.now(UTC).isoformat(timespec="milliseconds")
            click.echo(json.dumps({"time": now, "event": event, **values}), err=True)

    def finished(self, entries: Sequence[Entry], out: str) -> None:
        """All documents ended."""
        seconds = time.monotonic() - self.began
        self.log("end", seconds=round(seconds, 3), **self.counts)
        if not self.as_json and not self.log_json:
            show(self.console, entries, out, seconds)


def show(console: Console, entries: Sequence[Entry], out: str, seconds: float) -> None:
    """The table at the end of a run, failures with their reasons, and where to look."""
    table = Table(title=f"{len(entries)} documents in {out}, {seconds:.1f} s")
    for column in ("status", "documents", "pages", "figures", "seconds"):
        table.add_column(column, justify="left" if column == "status" else "right")
    for status in ("ok", "partial", "skipped", "failed"):
        group = [e for e in entries if e.status == status]
        if group:
            sums = (sum(e.pages for e in group), sum(e.figures for e in group))
            spent = f"{sum(e.seconds for e in group):.1f}"
            table.add_row(status, str(len(group)), *map(str, sums), spent)
    console.print(table)
    failed = [e for e in entries if e.status == "failed"]
    for entry in failed[:SHOWN_FAILURES]:
        name = "" if Path(entry.file).name in entry.error else f"{_shown(entry.file)}: "
        console.print(f"[red]failed[/red] {name}{_shown(entry.error)}", highlight=False, soft_wrap=True)
    if len(failed) > SHOWN_FAILURES:
        console.print(
            f"... and {len(failed) - SHOWN_FAILURES} more, see {_shown(out.rstrip('/') + '/manifest.jsonl')}"
        )


def _shown(text: str) -> str:
    """Text for a terminal: no markup of rich's, no control characters, no bytes that are no UTF-8."""
    plain = "".join(c if c.isprintable() else "?" for c in text)
    return escape(plain)
