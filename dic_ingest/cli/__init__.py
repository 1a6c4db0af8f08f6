"""The `dic-ingest` command: one file per subcommand, each imported only when it is called."""

from __future__ import annotations

import io
import sys

import click

from dic_ingest.cli.lazy_group import LazyGroup
from dic_ingest.cli.terminal import one_line, say

COMMANDS = {
    "run": "Ingest files and folders into a folder of results (the main job).",
    "describe": "Read the figures of files; one JSON object per figure on standard output.",
    "convert": "Write the graph of a drawing as draw.io, Mermaid, DOT, JSON or SVG.",
    "inspect": "Write HTML pages to look at results: figures beside what was read in them.",
    "compare": "Write one page with what several engines said of the same figures.",
    "index": "Write a folder of results into a vector store; only what changed.",
    "search": "Ask an index: nodes with page, crop and scores.",
    "graph": "Merge the drawings of a folder of results into one graph: a store, a file, an answer.",
    "export": "Write results for other projects: Docling, Unstructured, a data set of figures.",
    "remove": "Remove documents from results, indexes and pages.",
    "serve": "A web page to ask, look and review, or an MCP server for agents (--mcp).",
    "backfill": "Describe figures that were ingested without a model; node ids stay the same.",
    "train": "Adapt the captioner to a domain: synthesise, fine-tune, prefer, check, export.",
    "evaluate": "Score captions against truth or over your own folder; leakage check, report, gate.",
    "settings": "Print every setting with its default and meaning, as TOML.",
    "doctor": "Show what is installed, which MinerU tiers have weights, which device there is.",
}
PLACES = {name: f"retrieval.{name}" for name in ("index", "search", "graph", "serve")} | {"train": "training"}


@click.group(
    cls=LazyGroup,
    package=__name__,
    summaries=COMMANDS,
    places=PLACES,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="dic-ingest", message="%(version)s")
def group() -> None:
    """Figure-aware document ingestion: diagrams in PDFs become text and graphs.

    \b
    Try:   dic-ingest run report.pdf --out results
           dic-ingest describe report.pdf | head -1
           dic-ingest doctor
    """


def main() -> None:
    """Run the command line; errors meant for people end as one line on standard error."""
    from dic_ingest.errors import DICIngestError, InputError, SettingsError

    try:
        code = group.main(prog_name="dic-ingest", standalone_mode=False)
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(file=shown)
        say(shown.getvalue().rstrip(), err=True)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        say("interrupted; what was finished is kept", err=True)
        sys.exit(130)
    except SettingsError as error:
        say(f"error: {one_line(error)}", err=True)
        sys.exit(2)
    except DICIngestError as error:
        say(f"error: {one_line(error)}", err=True)
        sys.exit(1 if isinstance(error, InputError) else 3)
    sys.exit(code if isinstance(code, int) else 0)
