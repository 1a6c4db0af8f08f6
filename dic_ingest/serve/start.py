"""Starts what is served: the MCP server over stdio or HTTP, or the web page; one process, until it is
stopped.
"""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from mcp.server.transport_security import TransportSecuritySettings
from starlette.types import ASGIApp

from dic_ingest.batch.settings import WorkSettings
from dic_ingest.captioning.engines.registry import check_engine
from dic_ingest.errors import DICIngestError, SettingsError
from dic_ingest.index.update import IndexSettings
from dic_ingest.serve.access import Guard, Rules, new_token
from dic_ingest.serve.ingestion import Ingestion
from dic_ingest.serve.library import Library
from dic_ingest.serve.mcp_server import make_server
from dic_ingest.serve.searching import Searcher
from dic_ingest.serve.settings import Address

STOPPING = 3  # seconds that open connections may take to end
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Served:
    """A folder of results and what may be done with it; `answers`: URL and model that word an answer, or
    "".
    """

    out: Path
    index: IndexSettings
    work: WorkSettings
    may_write: bool = False
    roots: tuple[Path, ...] = ()
    answers: tuple[str, str] = ("", "")

    def parts(self) -> tuple[Searcher, Ingestion | None]:
        """Search, and ingestion where that is allowed.

        Raises:
            DICIngestError: no such folder, a root that is none, an engine that cannot be used.
        """
        if self.may_write:
            self.out.mkdir(parents=True, exist_ok=True)
        searcher = Searcher(Library(self.out), self.index)
        if not self.may_write:
            return searcher, None
        check_engine(self.work.ingest.engine, **self.work.ingest.engine_options)
        return searcher, Ingestion(searcher, self.work, roots=self.roots)


def serve_mcp_stdio(served: Served) -> None:
    """Speak MCP on standard input and output until the client goes."""
    if served.may_write and not served.roots:
        raise SettingsError("--allow-ingest needs --root: the folder whose files may be read.")
    make_server(*served.parts()).run()


def serve_mcp_http(served: Served, address: Address, token: str, ready: Say, note: Say) -> None:
    """Speak MCP over streamable HTTP at /mcp; every request needs the token. `note` gets remarks."""
    if served.may_write and not served.roots:
        raise SettingsError("--allow-ingest needs --root: the folder whose files may be read.")
    if not token:
        token = new_token()
        note(f"token: {token}")
    app = mcp_app(served, address, token)
    _run(app, address, lambda url: ready(f"{url}/mcp"))


def mcp_app(served: Served, address: Address, token: str) -> ASGIApp:
    """The MCP server as a guarded ASGI application."""
    searcher, ingestion = served.parts()
    # the guard in front checks names and origins
    unchecked = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    app = make_server(searcher, ingestion).streamable_http_app(transport_security=unchecked)
    return Guard(app, Rules(address.allowed_hosts, token, body=searcher.library.limits.body))


def serve_page(served: Served, address: Address, token: str, ready: Say, note: Say) -> None:
    """Serve the web page; beyond this machine it needs the token, which its address carries once."""
    from dic_ingest.serve.web import make_app

    if not address.is_loopback and not token:
        token = new_token()
    searcher, ingestion = served.parts()
    if ingestion is not None:
        threading.Thread(target=_update, args=(searcher, note), daemon=True).start()
    limits = searcher.library.limits
    rules = Rules(address.allowed_hosts, token, True, limits.body, (("/upload", limits.upload),))
    app = Guard(make_app(searcher, ingestion, served.answers), rules)
    _run(app, address, lambda url: ready(f"{url}/?token={token}" if token else f"{url}/"))


def _update(searcher: Searcher, note: Say) -> None:
    """Index what a run has added; until then, and without the extra for it, words alone are searched."""
    try:
        searcher.update()
    except DICIngestError as error:
        note(f"not indexed: {error}")


def _run(app: ASGIApp, address: Address, ready: Say) -> None:
    """Listen and serve until a signal; `ready` gets the address once the port is open."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((address.host, address.port))
        except OSError as error:
            reason = error.strerror or error
            raise DICIngestError(
                f"{address.host}:{address.port} cannot be listened at: {reason}. "
                "Choose another --port or --host."
            ) from error
        listening.listen(128)
        host = f"[{address.host}]" if ":" in address.host else address.host
        config = uvicorn.Config(
            app,
            log_level=logging.WARNING,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            ws="none",
            timeout_graceful_shutdown=STOPPING,
        )
        ready(f"http://{host}:{listening.getsockname()[1]}")
        uvicorn.Server(config).run(sockets=[listening])
