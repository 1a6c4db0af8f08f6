"""`dic-ingest serve`: a web page over a folder of results, or an MCP server for agents."""

from __future__ import annotations

import os
import webbrowser
from pathlib import Path

import click

from dic_ingest.cli.options import IngestOptions, shared_options
from dic_ingest.cli.retrieval.index import key_values, store_options
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
@store_options
@shared_options
def command(
    out: Path,
    mcp: bool,
    http: bool,
    host: str,
    port: int,
    names: tuple[str, ...],
    writes: bool | None,
    roots: tuple[Path, ...],
    answer_url: str,
    answer_model: str,
    browse: bool,
    store: str,
    uri: str,
    collection: str,
    embedding: str,
    model: str,
    options: tuple[str, ...],
    chosen: IngestOptions,
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
    index_settings = IndexSettings(store, uri, collection, embedding, model, key_values(options))
    try:
        from dic_ingest.serve.start import Served, serve_mcp_http, serve_mcp_stdio, serve_page
    except ImportError as error:
        if isinstance(error, DICIngestError):
            raise
        raise MissingExtraError(str(error.name), EXTRA) from error
    from dic_ingest.serve.settings import Address

    if http and not mcp:
        raise click.UsageError("--http goes with --mcp; the page is always served over HTTP.")
    if roots and not mcp:
        raise click.UsageError("--root goes with --mcp; the page takes uploads.")
    if bool(answer_url) != bool(answer_model):
        raise SettingsError("--answer-url and --answer-model go together.")
    may_write = (not mcp) if writes is None else writes
    served = Served(out, index_settings, chosen.settings, may_write, roots, (answer_url, answer_model))
    if mcp and not http:
        serve_mcp_stdio(served)
        return 0
    address = Address(host, port, names)

    def ready(url: str) -> None:
        say(one_line(url))
        if browse:
            webbrowser.open(url)

    token = os.environ.get("DIC_SERVE_TOKEN", "")

    def note(text: str) -> None:
        say(one_line(text), err=True)

    (serve_mcp_http if mcp else serve_page)(served, address, token, ready, note)
    return 0
