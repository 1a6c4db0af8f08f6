"""`dic-ingest serve`: a web page over a folder of results, or an MCP server for agents."""

from __future__ import annotations

import os
import webbrowser
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import click

from dic_ingest.cli.options import IngestOptions, shared_options
from dic_ingest.cli.retrieval.index import index_options
from dic_ingest.cli.terminal import one_line, say
from dic_ingest.errors import DICIngestError, MissingExtraError, SettingsError
from dic_ingest.index.update import IndexSettings

EXTRA = "serve"
PORT = 8765


@click.command()
@click.argument("out", metavar="OUT", type=click.Path(path_type=Path, file_okay=False))
@click.option("--mcp", is_flag=True, help="An MCP server on standard input and output, in place of the page.")
@click.option("--http", is_flag=True, help="With --mcp: over streamable HTTP, at /mcp.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option(
    "--port", default=PORT, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one."
)
@click.option(
    "--name", "names", multiple=True, metavar="HOST", help="Another host name it is called by; repeatable."
)
@click.option(
    "--allow-ingest/--read-only",
    "writes",
    default=None,
    help="Whether files may be added. Default: the page takes uploads, the MCP server only reads.",
)
@click.option(
    "--root",
    "roots",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="With --mcp --allow-ingest: files below this folder may be read; repeatable.",
)
@click.option(
    "--answer-url", default="", metavar="URL", help="OpenAI-compatible server that words an answer."
)
@click.option("--answer-model", default="", metavar="NAME", help="The model of that server.")
@click.option("--open", "browse", is_flag=True, help="Open the page in the browser.")
@index_options
@shared_options
def command(
    out: Path,
    mcp: bool,
    http: bool,
    writes: bool | None,
    roots: tuple[Path, ...],
    answer_url: str,
    answer_model: str,
    browse: bool,
    where: IndexSettings,
    chosen: IngestOptions,
    **address: Any,
) -> int:
    """Serve OUT, a folder of results: a web page to ask, look and review, or tools for agents (--mcp).

    The page shows the inspector, answers questions with figures and their places, takes uploads, and keeps
    what reviewers say of figures for `dic-ingest train annotate`. Both listen on this machine alone unless
    --host says otherwise; then, and for --mcp --http always, a token is needed: DIC_SERVE_TOKEN, or a fresh
    one, printed.

    \b
    dic-ingest serve results
    dic-ingest serve results --mcp
    dic-ingest serve results --mcp --http --allow-ingest --root ~/papers
    dic-ingest serve results --answer-url http://localhost:8000/v1 --answer-model NAME

    Install: pip install '.[serve,stores]'. A key for --answer-url is read from DIC_CHAT_KEY.
    """
    _check(mcp, http, roots, (answer_url, answer_model))
    may_write = (not mcp) if writes is None else writes
    start = _server()
    served = start.Served(out, where, chosen.settings, may_write, roots, (answer_url, answer_model))
    if mcp and not http:
        start.serve_mcp_stdio(served)
    else:
        _listen(start.serve_mcp_http if mcp else start.serve_page, served, address, browse)
    return 0


def _check(mcp: bool, http: bool, roots: tuple[Path, ...], answers: tuple[str, str]) -> None:
    """Refuse options that do not go together."""
    if http and not mcp:
        raise click.UsageError("--http goes with --mcp; the page is always served over HTTP.")
    if roots and not mcp:
        raise click.UsageError("--root goes with --mcp; the page takes uploads.")
    if bool(answers[0]) != bool(answers[1]):
        raise SettingsError("--answer-url and --answer-model go together.")


def _server() -> ModuleType:
    """The module that serves.

    Raises:
        MissingExtraError: its packages are not installed.
    """
    try:
        from dic_ingest.serve import start
    except ImportError as error:
        if isinstance(error, DICIngestError):
            raise
        raise MissingExtraError(str(error.name), EXTRA) from error
    return start


def _listen(serve: Callable[..., None], served: Any, address: dict[str, Any], browse: bool) -> None:
    """Serve over HTTP at an address (fields of `Address`) until it is ended."""
    from dic_ingest.serve.settings import Address

    def ready(url: str) -> None:
        say(one_line(url))
        if browse:
            webbrowser.open(url)

    token = os.environ.get("DIC_SERVE_TOKEN", "")

    def note(text: str) -> None:
        say(one_line(text), err=True)

    serve(served, Address(**address), token, ready, note)
