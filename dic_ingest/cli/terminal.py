"""What the commands print: no control character of a document or a file's name reaches the terminal.

In: text or a JSON value. Out: lines on standard output or standard error in which every character shows.
"""

from __future__ import annotations

import json
import logging
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.progress import Progress

    from dic_ingest.progress import Profile

# JSON escapes those below a space itself; terminals take C1 controls and direction marks for commands, too
UNSEEN = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def say(text: object, err: bool = False) -> None:
    """Print text; what a terminal would obey, or cannot show, becomes a question mark."""
    click.echo(printable(str(text)), err=err)


def say_json(value: Any, err: bool = False) -> None:
    """Print a value as one line of JSON; what a terminal would obey is escaped."""
    text = json.dumps(value, ensure_ascii=False)
    click.echo(UNSEEN.sub(lambda found: f"\\u{ord(found.group()):04x}", text), err=err)


def counting_bar(unit: str, hidden: bool, transient: bool = False) -> Progress:
    """A bar on standard error: what is counted, how many of how many, `unit`, and the time that is left.

    `unit` may be a template of fields, as rich's columns take it. `transient`: it goes when it ends.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeRemainingColumn(),
        console=Console(stderr=True, quiet=hidden),  # rich 13 ends a bar that it hides with an empty line
        disable=hidden,
        transient=transient,
    )


class Log(logging.Handler):
    """Log records as lines on standard error."""

    def emit(self, record: logging.LogRecord) -> None:
        say(one_line(self.format(record)), err=True)


def log_to_terminal() -> None:
    """Show what is logged under `dic_ingest` from level INFO on."""
    logger = logging.getLogger("dic_ingest")
    logger.setLevel(logging.INFO)
    if not any(isinstance(h, Log) for h in logger.handlers):
        handler = Log()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        logger.addHandler(handler)


def show_profile(profile: Profile) -> None:
    """Seconds by stage, then the slowest figures with document and page."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(stderr=True)
    stages = Table(title="seconds by stage")
    stages.add_column("stage")
    for column in ("seconds", "share"):
        stages.add_column(column, justify="right")
    total = sum(profile.stages.values())
    for stage, seconds in profile.stages.items():
        stages.add_row(stage, f"{seconds:.2f}", f"{seconds / total:.0%}" if total else "")
    console.print(stages)
    if not profile.figures:
        return
    slowest = Table(title=f"the {len(profile.figures)} slowest figures")
    slowest.add_column("seconds", justify="right")
    for column in ("figure", "page", "document"):
        slowest.add_column(column, justify="right" if column == "page" else "left")
    for figure in profile.figures:
        name, document = (escape(one_line(figure[k])) for k in ("figure", "document"))
        slowest.add_row(f"{figure['seconds']:.2f}", name, str(figure["page"]), Path(document).name)
    console.print(slowest)


def printable(text: str) -> str:
    """Text without control characters, except ends of lines, and without halves of characters."""
    return "".join(c if c.isprintable() or c == "\n" else _instead(c) for c in text)


def one_line(text: object) -> str:
    """As `printable`, for a name or a message within a line."""
    return printable(" ".join(str(text).split("\n")))


def _instead(character: str) -> str:
    return " " if character == "\t" or unicodedata.category(character) == "Zs" else "?"
