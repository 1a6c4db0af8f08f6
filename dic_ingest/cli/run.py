"""`dic-ingest run`: files and folders into a folder of results, with a progress bar and a table at the
end.
"""

from __future__ import annotations

import re
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dic_ingest.batch.forecast import documents_in_words, forecast, in_words
from dic_ingest.batch.manifest import SAME, Entry, Manifest
from dic_ingest.batch.plan import found_and_lost, placed
from dic_ingest.batch.remote import RemoteManifest
from dic_ingest.batch.run import RunSettings, here, run
from dic_ingest.batch.settings import Digests, nodes_digest, reading_digest
from dic_ingest.captioning.engines.registry import check_engine
from dic_ingest.cli.options import IngestOptions, profile_option, results_options, shared_options
from dic_ingest.cli.terminal import counting_bar, one_line, say, say_json, show_profile
from dic_ingest.errors import InputError
from dic_ingest.owned_files import read_regular
from dic_ingest.progress import Profile
from dic_ingest.sources.inputs import is_url

# What a run shows while it goes on: a progress bar, JSON lines, and the table at its end.


NOT_READ = frozenset({"skipped", "rebuilt"})  # statuses of documents that lay there already
SHOWN_FAILURES = 20
MAX_SAME = 64 << 20  # bytes of same.json that are looked through
SHOWN_WARNINGS = 3  # kinds
NOTHING_DONE = 3  # exit status
NO_FILES = "error: no files of a known format there. Name files directly, or another folder."


class RunProgress:
    """Gets a run's start, documents and end; counts, and shows them in the ways that were asked for.

    `as_json` prints entries on standard output; `log_json` prints events on standard error, in place of the
    bar and the table; `profile` adds where the time went, in the same way. Documents end in any
    thread, one at a time.
    """

    def __init__(self, as_json: bool, log_json: bool, quiet: bool, profile: bool = False) -> None:
        self.as_json, self.log_json = as_json, log_json
        self.profile = Profile() if profile else None
        self.console = Console(stderr=True)
        self.counts: Counter[str] = Counter()
        self.began = time.monotonic()
        hidden = quiet or as_json or log_json or not self.console.is_terminal
        self.bar = counting_bar("{task.fields[note]}", hidden)
        self.task = self.bar.add_task("documents", total=None, note="")

    def started(self, total: int) -> None:
        """The number of documents is known."""
        self.bar.update(self.task, total=total)
        self.log("start", documents=total)

    def progress(self, entry: Entry) -> None:
        """A document ended."""
        self.counts.update(pages=entry.pages, figures=entry.figures, documents=1)
        if entry.status not in NOT_READ:
            self.counts.update(described=entry.described, reused=entry.reused)
        self.counts[entry.status] += 1
        counts = self.counts
        note = f"{counts['pages']} pages, {counts['figures']} figures, {counts['failed']} failed"
        self.bar.update(self.task, advance=1, note=note)
        if self.as_json:
            say_json(asdict(entry))
        self.log("document", **asdict(entry))

    def said(self, line: str) -> None:
        """A worker, or a library in it, printed a line."""
        self.log("worker", line=line)

    def log(self, event: str, **values: Any) -> None:
        """One JSON line on standard error, where that was asked for."""
        if self.log_json:
            now = datetime.now(UTC).isoformat(timespec="milliseconds")
            say_json({"time": now, "event": event, **values}, err=True)

    def finished(self, entries: Sequence[Entry], out: str) -> None:
        """All documents ended."""
        seconds = time.monotonic() - self.began
        profile = {"profile": self.profile.to_dict()} if self.profile else {}
        self.log("end", seconds=round(seconds, 3), **self.counts, **profile)
        if self.as_json and profile:
            say_json(profile)
        if not self.as_json and not self.log_json:
            show(self.console, entries, out, seconds)
        if self.profile and not self.log_json:
            show_profile(self.profile)


def show(console: Console, entries: Sequence[Entry], out: str, seconds: float) -> None:
    """The table at the end of a run, failures with their reasons, what was warned of, and where to look."""
    many = "document" if len(entries) == 1 else "documents"
    table = Table(title=f"{len(entries)} {many} in {_shown(out)}, {seconds:.1f} s")
    for column in ("status", "documents", "pages", "figures", "warnings", "seconds"):
        table.add_column(column, justify="left" if column == "status" else "right")
    for status in ("ok", "partial", "rebuilt", "skipped", "failed"):
        group = [e for e in entries if e.status == status]
        if group:
            sums = (sum(e.pages for e in group), sum(e.figures for e in group))
            warned = sum(len(e.warnings) for e in group)
            spent = f"{sum(e.seconds for e in group):.1f}"
            table.add_row(status, str(len(group)), *map(str, sums), str(warned), spent)
    console.print(table)
    done = [e for e in entries if e.status not in NOT_READ]
    described, reused = sum(e.described for e in done), sum(e.reused for e in done)
    if described or reused:
        console.print(f"{described} figures described, {reused} reused", highlight=False)
    manifest = _shown(out.rstrip("/") + "/manifest.jsonl")
    for line in most_frequent([(w, e.file) for e in entries for w in e.warnings]):
        console.print(f"[yellow]warning[/yellow] {_shown(line)}", highlight=False, soft_wrap=True)
    if any(e.warnings for e in entries):
        console.print(f"every warning: {manifest}", highlight=False, soft_wrap=True)
    for line in drawn_twice(out):
        console.print(_shown(line), highlight=False, soft_wrap=True)
    failed = [e for e in entries if e.status == "failed"]
    for entry in failed[:SHOWN_FAILURES]:
        name = "" if Path(entry.file).name in entry.error else f"{_shown(entry.file)}: "
        console.print(f"[red]failed[/red] {name}{_shown(entry.error)}", highlight=False, soft_wrap=True)
    if len(failed) > SHOWN_FAILURES:
        console.print(f"... and {len(failed) - SHOWN_FAILURES} more, see {manifest}")


def drawn_twice(out: str) -> list[str]:
    """A line for each editable drawing that other documents of the results show as well."""
    if is_url(out) or not _names_a_source(Path(out) / SAME):
        return []
    from dic_ingest.batch.cross_document_duplicates import drawn_from  # reads pictures

    told = [(source, copies) for source, copies in drawn_from(Path(out)) if copies]
    lines = [
        f"same drawing: {source} is the source of what {', '.join(c)} shows; found once" for source, c in told
    ]
    return lines[:SHOWN_WARNINGS]


def _names_a_source(same: Path) -> bool:
    try:
        return b'"source": "' in read_regular(same, MAX_SAME)
    except OSError:
        return False


def most_frequent(warnings: Sequence[tuple[str, str]]) -> list[str]:
    """The warnings (message, file) of the most frequent kinds, a line each: how often, and one of them.

    Of one kind are messages that differ in numbers alone.
    """
    kinds: dict[str, list[tuple[str, str]]] = {}
    for message, file in warnings:
        kinds.setdefault(re.sub(r"\d[\d.]*", "#", message), []).append((message, file))
    most = sorted(kinds.values(), key=len, reverse=True)[:SHOWN_WARNINGS]
    lines = [f"{len(k)} x: {k[0][0]} ({Path(k[0][1]).name})" for k in most]
    more = len(warnings) - sum(map(len, most))
    return [*lines, f"and {more} of other kinds"] if more else lines


def _shown(text: str) -> str:
    """Text for a terminal: no markup of rich's, no control characters, no bytes that are no UTF-8."""
    return escape(one_line(text))


# `dic-ingest run`: files and folders into a folder of results.


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATHS...")
@click.option(
    "--out", required=True, metavar="DIR", help="Results folder, or a URL such as s3://bucket/results."
)
@click.option("--workers", default=1, show_default=True, help="Documents worked on at once, a process each.")
@click.option("--timeout", default=1800.0, show_default=True, help="Seconds for one document.")
@click.option(
    "--memory",
    default=0,
    metavar="MIB",
    help="Memory for one document; by default each worker's part of 80 % of the machine's.",
)
@click.option(
    "--ray",
    default="",
    metavar="ADDRESS",
    help='Workers on a Ray cluster: its address, "auto", or "local" for one of --workers cores here.',
)
@click.option(
    "--resume/--no-resume", default=True, show_default=True, help="Skip what is done and unchanged."
)
@click.option(
    "--prune", is_flag=True, help="Then remove what was made of documents that are gone from PATHS."
)
@click.option(
    "--dry-run", is_flag=True, help="Only list what would be read, rebuilt, skipped; count figures."
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON line per document instead of a table.")
@click.option("--log-json", is_flag=True, help="Log as JSON lines on standard error, workers' output too.")
@click.option("--quiet", is_flag=True, help="No progress bar.")
@results_options
@profile_option
@shared_options
def command(
    paths: tuple[str, ...], out: str, chosen: IngestOptions, prune: bool, dry_run: bool, **options: Any
) -> int:
    """Ingest PATHS into the folder given by --out.

    PATHS are files, folders (with all below them), quoted globs ("docs/**/*.pdf") and URLs (s3://bucket/docs).

    \b
    Per document:  OUT/<name>/document.json   everything that was read
                   OUT/<name>/nodes.jsonl     one node a line, ready for a vector store
                   OUT/<name>/document.md     the whole document, figures in place (--format)
                   OUT/<name>/figures/*.png   the crops; the values of charts as *.csv
    And:           OUT/manifest.jsonl         a line per document as it ends

    A document that takes too long or too much memory, or crashes, is one failed line; the others go on.
    However a run ends (Ctrl-C, kill, power), the same command goes on where it stopped: what is done and
    unchanged (content, settings, versions) is skipped, what failed is tried again. Where only the settings
    of [nodes] changed (so also --node-types and --format), nodes.jsonl and the other formats are rebuilt from
    document.json and nothing is read again.

    --prune compares PATHS with the manifest: of a document that lay in one of these folders (or matched a
    glob) and is gone, results, nodes in indexes and pages are removed, as by `dic-ingest remove`.

    \b
    Exit status: 0 all read, 1 some failed, 2 wrong usage, 3 nothing could be done or written,
                 130 interrupted (Ctrl-C), 143 terminated, 129 terminal closed.
    """
    view = RunProgress(**{name: options.pop(name) for name in ("as_json", "log_json", "quiet", "profile")})
    how = RunSettings(**options)
    check_engine(chosen.settings.ingest.engine, **chosen.settings.ingest.engine_options)
    if dry_run:
        code = tell_plan(paths, out, chosen, how.resume, view.as_json)
    else:
        code = run_all(paths, out, chosen, how, view)
    if prune and code != NOTHING_DONE:
        remove_gone(paths, out, dry_run, view.as_json)
    return code


def run_all(
    paths: Sequence[str], out: str, chosen: IngestOptions, how: RunSettings, view: RunProgress
) -> int:
    """Ingest the paths and show how it went; the exit status."""
    try:
        with ended_by_signals(), view.bar:
            entries = run(
                paths,
                out,
                chosen.settings,
                how,
                chosen.password,
                chosen.pages,
                view.started,
                view.progress,
                view.said if view.log_json else None,
                view.profile.add if view.profile else None,
            )
    except InputError as error:  # of the paths: those of documents are entries
        say(f"error: {one_line(error)}", err=True)
        return NOTHING_DONE
    if not entries:
        say(NO_FILES, err=True)
        return NOTHING_DONE
    view.finished(entries, out)
    return 1 if view.counts["failed"] else 0


def remove_gone(paths: Sequence[str], out: str, dry_run: bool, as_json: bool) -> None:
    """Remove what was made of documents that lay below `paths` and are gone, and say so."""
    from dic_ingest.batch.remove import prune
    from dic_ingest.cli.remove import holders, show_removed

    if is_url(out) or Manifest(here(out)).entries:
        show_removed(prune(paths, out, holders(out), dry_run), dry_run, as_json)


def tell_plan(paths: tuple[str, ...], out: str, chosen: IngestOptions, resume: bool, as_json: bool) -> int:
    """What would be ingested, with the figures as far as earlier results tell; nothing is parsed."""
    try:
        files, lost = found_and_lost(paths, out, chosen.settings.ingest.input)
    except InputError as error:
        say(f"error: {one_line(error)}", err=True)
        return NOTHING_DONE
    with manifest_of(out) as manifest:
        manifest.check()
        jobs = placed(files, out, manifest)
        digests = Digests(reading_digest(chosen.settings, chosen.pages), nodes_digest(chosen.settings.nodes))
        found = forecast(jobs, manifest, digests, chosen.settings.ingest, resume)
    for one in found:
        if as_json:
            say_json(asdict(one))
            continue
        told = in_words([one]) if one.known else "figures not known"
        say(f"{one_line(one.file)} -> {one_line(out.rstrip('/'))}/{one.name}: {one.status}, {told}")
    for why in lost.values():
        say(f"error: {one_line(why)}", err=True)
    if not found:
        say(NO_FILES, err=True)
        return NOTHING_DONE
    if not as_json:
        say(documents_in_words(found))
        say(in_words(found))
    return 1 if lost else 0


@contextmanager
def manifest_of(out: str) -> Iterator[Manifest]:
    """The manifest of results, only to be read; of those at a URL a copy."""
    if not is_url(out):
        yield Manifest(here(out))
        return
    with tempfile.TemporaryDirectory(prefix="dic-ingest-") as place:
        yield RemoteManifest(Path(place), out)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Within, SIGTERM and SIGHUP end the process in good order, with the shell's usual exit status."""

    def end(number: int, frame: FrameType | None) -> None:
        say("terminated; what was finished is kept", err=True)
        raise SystemExit(128 + number)

    before = {s: signal.signal(s, end) for s in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
