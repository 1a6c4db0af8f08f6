"""The format of a file without a telling name. In: its path, a server's media type. Out: a suffix."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from dic_ingest.errors import EmptyFileError, UnsupportedFileError

HEAD = 4096  # bytes that are looked at
# where a format has a signature: position, bytes, suffix
SIGNATURES = (
    (0, b"\x89PNG\r\n\x1a\n", ".png"),
    (0, b"\xff\xd8\xff", ".jpg"),
    (0, b"GIF8", ".gif"),
    (0, b"BM", ".bmp"),
    (0, b"II*\0", ".tif"),
    (0, b"MM\0*", ".tif"),
    (8, b"WEBP", ".webp"),
    (0, b"{\\rtf", ".rtf"),
)
# a part that only one format's archive has
PARTS = (
    ("word/document.xml", ".docx"),
    ("ppt/presentation.xml", ".pptx"),
    ("xl/workbook.xml", ".xlsx"),
    ("visio/document.xml", ".vsdx"),
)
OPEN_DOCUMENTS = {"text": ".odt", "spreadsheet": ".ods", "presentation": ".odp", "graphics": ".odg"}
EPUB = b"application/epub+zip"
# how texts of a format begin, after blanks, declarations and comments
TEXTS = (
    (re.compile(rb"<svg\b|<\w+:svg\b"), ".svg"),
    (re.compile(rb"<mxfile\b|<mxGraphModel\b"), ".drawio"),
    (re.compile(rb"<(\w+:)?definitions\b[^>]*bpmn", re.IGNORECASE), ".bpmn"),
    (re.compile(rb"<html\b|<!doctype\s+html|<head\b|<body\b", re.IGNORECASE), ".html"),
    (re.compile(rb"@startuml\b"), ".puml"),
    (re.compile(rb"(strict\s+)?(di)?graph\b[^\n{;]*\{"), ".dot"),
)
BEFORE = re.compile(
    rb"(?:\s|\xef\xbb\xbf|<\?.*?\?>|<!--.*?-->|<!doctype\s+(?!html)[^>]*>)*", re.DOTALL | re.IGNORECASE
)
MEDIA_TYPES = {
    "text/html": ".html",
    "application/xhtml+xml": ".xhtml",
    "text/markdown": ".md",
    "text/x-rst": ".rst",
    "application/msword": ".doc",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.ms-powerpoint": ".ppt",
}


def suffix_of(path: Path, media_type: str = "") -> str:
    """The suffix that a file's content calls for; where it says nothing, the one of its media type.

    Raises:
        EmptyFileError: zero bytes. UnsupportedFileError: no format that is known by content.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head:
        raise EmptyFileError("The content given is empty (0 bytes). Fetch it again.")
    found = _by_content(head, path) or MEDIA_TYPES.get(media_type.partition(";")[0].strip().lower(), "")
    if not found:
        raise UnsupportedFileError(
            'The content does not say what format it is of. Give a name with its suffix (name="notes.md").'
        )
    return found


def _by_content(head: bytes, path: Path) -> str:
    for at, signature, suffix in SIGNATURES:
        if head.startswith(signature, at):
            return suffix
    if b"%PDF-" in head[:1024]:
        return ".pdf"
    if head.startswith(b"PK\x03\x04"):
        return _by_parts(head, path)
    start = head[_end_of(BEFORE.match(head)) :]
    if start[:1] in (b"{", b"["):
        return ".excalidraw" if re.search(rb'"type"\s*:\s*"excalidraw"', head) else ".json"
    found = next((suffix for pattern, suffix in TEXTS if pattern.match(start)), "")
    return found or (".xml" if head.lstrip().startswith(b"<?xml") else "")


def _end_of(match: re.Match[bytes] | None) -> int:
    return match.end() if match else 0


def _by_parts(head: bytes, path: Path) -> str:
    """The format of an archive; a zip without the parts of another format is saved MinerU output."""
    kind = re.search(rb"mimetypeapplication/vnd\.oasis\.opendocument\.(\w+)", head)
    if kind:
        return OPEN_DOCUMENTS.get(kind.group(1).decode(), ".odt")
    if EPUB in head[:100]:
        return ".epub"
    try:
        with zipfile.ZipFile(path) as archive:
            names = frozenset(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return ".zip"
    return next((suffix for part, suffix in PARTS if part in names), ".zip")
