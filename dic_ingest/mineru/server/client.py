"""A PDF through a mineru-api server over HTTP -> `Document`. Dialects: 4.0 (`/v1`) and 3.x (root paths).

The file is sent to the URL of the settings and nowhere else; there is no default URL. The answer ends in the
bundle reader. Boxes are scaled to the PDF's own pages.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from dic_ingest.errors import MALFORMED, BundleError, DICIngestError, ServerError, SettingsError
from dic_ingest.mineru.omissions import complete_pages, fill_empty, text_only
from dic_ingest.mineru.output.read import read_bundle
from dic_ingest.mineru.server import v3 as server_v3
from dic_ingest.mineru.server import v4 as server_v4
from dic_ingest.mineru.server.http import KEY, Connection, Request, ServerResult, ServerSettings
from dic_ingest.model.document import Document, Parser
from dic_ingest.sources.page_range import selected_pages
from dic_ingest.sources.pdf.decrypted import readable_copy
from dic_ingest.sources.pdf.document import PdfFile

__all__ = ["ServerSettings", "parse_remote"]


def parse_remote(
    path: Path | str | bytes,
    settings: ServerSettings,
    password: str | None = None,
    page_range: str = "",
    pdf: PdfFile | None = None,
    images: Path | None = None,
) -> Document:
    """The PDF's blocks in reading order, as the server reads it. Arguments as of `parse_local`.

    `images` is a folder for the pictures that the server cut; without it they are left, since crops come
    from the PDF. A scan that the server refuses gives its text layer and full-page figures, with a warning.

    Raises:
        InputError: the file itself.
        ServerError: no answer, a refusal, an unknown dialect, a wrong answer.
    """
    if not settings.url:
        raise SettingsError(
            "no server url is set; give the address of a mineru-api, e.g. http://127.0.0.1:8000"
        )
    if pdf is not None:
        return _parse(path, pdf, settings, password, page_range, images)
    with PdfFile(path, password) as opened:
        return _parse(path, opened, settings, password, page_range, images)


def _parse(
    path: Path | str | bytes,
    pdf: PdfFile,
    settings: ServerSettings,
    password: str | None,
    page_range: str,
    images: Path | None,
) -> Document:
    numbers = selected_pages(page_range, len(pdf.pages))
    name = "" if isinstance(path, bytes) else str(path)
    with (
        readable_copy(path, password) as source,
        tempfile.TemporaryDirectory(prefix="dic-ingest-api-") as tmp,
    ):
        request = Request(source, numbers, page_range, settings, images is not None)
        with Connection(settings, os.environ.get(KEY, ""), Path(tmp)) as connection:
            reply = asked(connection, request)
        if reply.bundle is None:
            bare = Document(name, pdf.sha256, Parser("pdfium", "", "text"), pdf.pages, ())
            message = (
                f"the server refused the file ({reply.refused}); its text layer was taken without layout"
            )
            return text_only(bare, pdf, numbers).warn("scanned", message)
        try:
            document = read_bundle(
                reply.bundle, pages=pdf.pages, sha256=pdf.sha256, name=name, images=images, tier=reply.tier
            )
        except BundleError as error:
            raise ServerError(
                f"{settings.url} answered with something else than a result: {error}"
            ) from error
    document = document.replace_blocks(lambda b: b if b.page in numbers else None)
    return fill_empty(complete_pages(document, pdf, numbers, reply.refused != ""), pdf)


def asked(connection: Connection, request: Request) -> ServerResult:
    """The server's reply, in whichever dialect it speaks; raises ServerError for JSON of no known form."""
    try:
        speak = server_v4.ask if dialect(connection) == "4.0" else server_v3.ask
        return speak(connection, request)
    except DICIngestError:
        raise
    except MALFORMED as error:
        raise ServerError(f"the server's answer has no form that is known here: {error!r}") from error


def dialect(connection: Connection) -> str:
    """ "4.0" or "3", by what the server says of itself; raises ServerError for any other."""
    said = connection.get_json("/v1/health")
    if said is not None:
        version = str(said.get("version", ""))
        if version.startswith("4.0.") or version == "4.0":
            return "4.0"
        raise ServerError(
            f"the server runs MinerU {version or 'of unknown version'}; 3.x and 4.0 are spoken here. "
            "Run mineru-api 4.0, or parse with it yourself and give its output folder."
        )
    if connection.get_json("/health") is not None:
        return "3"
    paths = (connection.get_json("/openapi.json") or {}).get("paths")
    if isinstance(paths, dict) and "/file_parse" in paths:
        return "3"
    raise ServerError("no mineru-api answers at this address (no /v1/health, no /health). Check the url.")
