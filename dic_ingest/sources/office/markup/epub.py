"""An e-book or a Markdown file -> a `Flow`, by way of HTML.

Chapters come in the order of the book's spine; pictures from the book, or from beside the Markdown file and
nowhere else.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dic_ingest.errors import BrokenFileError, LimitError, MissingExtraError
from dic_ingest.sources.office.flow import Flow
from dic_ingest.sources.office.markup.html import read_html
from dic_ingest.sources.office.package import Package
from dic_ingest.sources.office.settings import OfficeSettings

CONTAINER = "META-INF/container.xml"


def read_epub(package: Package, flow: Flow, settings: OfficeSettings) -> None:
    """Add the chapters of an e-book; `page` is the chapter's number in the spine.

    Raises:
        BrokenFileError: no package document or no chapter.
    """
    chapters = _spine(package)
    if not chapters:
        raise BrokenFileError(f"{package.name} has no chapters: it is no EPUB, or damaged. Fetch it again.")
    for number, chapter in enumerate(chapters, start=1):
        data = package.read(chapter)
        if data is None:
            flow.warn("chapter_missing", f"a chapter is not in the file: {chapter[:120]}", number)
            continue

        def fetch(address: str, at: str = chapter) -> bytes | None:
            return package.read(package.beside(at, address))

        read_html(data, flow, fetch, number, settings.max_nesting)


def _spine(package: Package) -> list[str]:
    container = package.xml(CONTAINER)
    roots = [] if container is None else _named(container, "rootfile")
    root = roots[0].get("full-path", "") if roots else ""
    opf = package.xml(root)
    if opf is None:
        return []
    items = {e.get("id", ""): e for e in _named(opf, "item")}
    parts = []
    for reference in _named(opf, "itemref"):
        item = items.get(reference.get("idref", ""))
        if item is not None and "html" in item.get("media-type", "html"):
            parts.append(package.beside(root, item.get("href", "")))
    return [p for p in parts if p]


def _named(tree: Any, name: str) -> list[Any]:
    return [e for e in tree.iter() if isinstance(e.tag, str) and e.tag.rsplit("}", 1)[-1] == name]


def read_markdown(text: str, flow: Flow, folder: Path, settings: OfficeSettings) -> None:
    """Add the blocks of a Markdown file that lies in `folder`.

    Raises:
        MissingExtraError: the Markdown library is not installed.
    """
    read_html(
        f"<html><body>{markdown_html(text)}</body></html>",
        flow,
        Beside(folder, settings),
        1,
        settings.max_nesting,
    )


def markdown_html(text: str) -> str:
    """Markdown as HTML.

    Raises:
        MissingExtraError: the Markdown library is not installed.
    """
    try:
        import markdown
    except ImportError as error:
        raise MissingExtraError("markdown", "office") from error
    body: str = markdown.markdown(text, extensions=["tables", "fenced_code", "sane_lists"])
    return body


class Beside:
    """Pictures that lie in a folder or below it; links and paths that lead out of it give none."""

    def __init__(self, folder: Path, settings: OfficeSettings) -> None:
        self._folder = folder.resolve()
        self._most = settings.max_bytes

    def __call__(self, address: str) -> bytes | None:
        """The bytes behind an address; None for one that is not a file here."""
        if ":" in address or address.startswith(("//", "\\\\")) or "\x00" in address:
            return None
        from urllib.parse import unquote

        try:
            path = (self._folder / unquote(address.split("?")[0].split("#")[0])).resolve()
            if not path.is_relative_to(self._folder) or not path.is_file():
                return None
            if path.stat().st_size > self._most:
                raise LimitError(f"{path.name} is over OfficeSettings.max_bytes ({self._most}). Raise it.")
            return path.read_bytes()
        except (OSError, ValueError):
            return None
