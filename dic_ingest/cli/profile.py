"""Where the time of a command went, as tables on standard error."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dic_ingest.cli.terminal import one_line
from dic_ingest.progress import Profile


def show_profile(profile: Profile) -> None:
    """Seconds by stage, then the slowest figures with document and page."""
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
