"""The documents of a results folder, read when they are asked for: figures, pages, crops, page pictures.

Names and ids come from outside: an unknown one is a `MissingFileError`, and nothing outside of the folder is
opened except the source files that its documents name, to picture their pages. Safe to share between threads.
"""

from __future__ import annotations

import io
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from PIL import Image

from dic_ingest.batch.manifest import Manifest
from dic_ingest.batch.names import is_safe
from dic_ingest.errors import DICIngestError, MissingFileError
from dic_ingest.image_files import open_crop
from dic_ingest.index.graph_store import graph_of_results
from dic_ingest.index.knowledge_graph import KnowledgeGraph
from dic_ingest.index.search import results_stamp
from dic_ingest.inspector.pictures import PictureSettings, open_album, page_picture
from dic_ingest.inspector.results import DOCUMENT, Result, read_result
from dic_ingest.model.document import Figure
from dic_ingest.nodes.build import document_title, file_name
from dic_ingest.owned_files import file_inside
from dic_ingest.serve.settings import ServeLimits

T = TypeVar("T")
PICTURES = 200  # page pictures and crops kept in memory
GRAPHS = 4  # merged graphs kept in memory


@dataclass(frozen=True, slots=True)
class Listed:
    """A document in the list: `name` is that of its folder, `status` ok, partial, skipped or failed."""

    name: str
    file: str
    status: str
    pages: int
    figures: int
    error: str = ""


class Cache:
    """The values last used, at most `size` of them, each with the stamp that it was made under."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._held: OrderedDict[tuple[object, ...], tuple[object, object]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[object, ...], stamp: object, make: Callable[[], T]) -> T:
        """The value under `key`, made anew where there is none of this `stamp`."""
        with self._lock:
            found = self._held.get(key)
            if found is not None and found[0] == stamp:
                self._held.move_to_end(key)
                return found[1]  # type: ignore[return-value]
        value = make()
        with self._lock:
            self._held[key] = (stamp, value)
            self._held.move_to_end(key)
            while len(self._held) > self.size:
                self._held.popitem(last=False)
        return value


class Library:
    """The results in `out`."""

    def __init__(self, out: Path, limits: ServeLimits | None = None) -> None:
        if not out.is_dir():
            raise MissingFileError(f"{out} is no folder. Give the --out folder of a run.")
        self.out = out.resolve()
        self.limits = limits or ServeLimits()
        self._documents, self._pictures = Cache(self.limits.documents), Cache(PICTURES)
        self._graphs = Cache(GRAPHS)
        self.drawing = threading.Lock()  # PDFium is not safe in threads

    def listed(self) -> list[Listed]:
        """All documents by file name, those that failed too."""
        found: dict[str, Listed] = {}
        for entry in Manifest(self.out).entries.values():
            there = bool(entry.name) and self._is_document(entry.name)
            if there or entry.status == "failed":
                file = Path(entry.file).name
                status = entry.status if there else "failed"
                status = "ok" if status == "skipped" else status  # read by an earlier run, and unchanged
                name = entry.name if there else ""
                found[entry.name or entry.file] = Listed(
                    name, file, status, entry.pages, entry.figures, entry.error
                )
        for folder in self.out.iterdir():
            if folder.name not in found and self._is_document(folder.name):
                found[folder.name] = self._unlisted(folder.name)
        return sorted(found.values(), key=lambda d: (d.file.casefold(), d.name))

    def _unlisted(self, name: str) -> Listed:
        """A document that the manifest does not know."""
        try:
            document = self.result(name).document
        except DICIngestError as error:
            return Listed("", name, "failed", 0, 0, str(error))
        kept = [f for f in document.figures if f.route is None or f.route.kept]
        return Listed(name, file_name(document.source), "ok", len(document.pages), len(kept))

    def _is_document(self, name: str) -> bool:
        folder = self.out / name
        return is_safe(name) and not folder.is_symlink() and file_inside(folder, DOCUMENT) is not None

    def folder(self, name: str) -> Path:
        """The folder of a document's results.

        Raises:
            MissingFileError: there is no such document.
        """
        if not self._is_document(name):
            raise MissingFileError(f"no document is called {name[:80]!r}. list_documents names them.")
        return self.out / name

    def result(self, name: str) -> Result:
        """A document with its nodes.

        Raises:
            MissingFileError: there is no such document. BrokenFileError: its results are damaged.
        """
        folder = self.folder(name)
        return self._documents.get((name,), self.stamp(name), lambda: read_result(folder))

    def stamp(self, name: str) -> tuple[int, int]:
        """What changes when a document's results do."""
        state = (self.folder(name) / DOCUMENT).stat()
        return state.st_mtime_ns, state.st_size

    def title(self, name: str) -> str:
        """A document's title, else its file's name."""
        document = self.result(name).document
        return document_title(document) or file_name(document.source)

    def figure(self, name: str, wanted: str) -> tuple[int, Figure]:
        """A figure, and its index in the document, by its id, that of a node about it, or its printed label.

        Raises:
            MissingFileError: there is no such document or figure.
        """
        figures = self.result(name).document.figures
        for index, figure in enumerate(figures):
            if wanted == figure.id or (
                wanted.startswith(figure.id + "-") and wanted[len(figure.id) + 1 :].isdigit()
            ):
                return index, figure
        label = " ".join(wanted.casefold().split())
        named = [(k, f) for k, f in enumerate(figures) if label and f.label.casefold() == label]
        if len(named) == 1:
            return named[0]
        known = ", ".join(f"{f.id} ({f.label or f'page {f.page}'})" for f in figures[:20])
        raise MissingFileError(f"{name} has no figure {wanted[:80]!r}. It has: {known or 'none'}.")

    def graph(self, name: str = "") -> KnowledgeGraph:
        """The graphs of a document's figures as one; without a name, those of all documents.

        Raises:
            MissingFileError: there is no such document. DICIngestError: damaged results.
        """
        if name:
            self.folder(name)
        stamp = results_stamp(self.out)
        return self._graphs.get((name,), stamp, lambda: graph_of_results(self.out, only=name))

    def crop(self, name: str, figure: Figure, side: int | None = None) -> bytes:
        """A figure's crop as PNG, no side longer than `side` pixels.

        Raises:
            InputError: it has none, or it cannot be read.
        """
        most = min(side or self.limits.side, self.limits.side)
        folder = self.folder(name)
        return self._pictures.get(
            (name, figure.image, most), self.stamp(name), lambda: _png(open_crop(folder, figure.image), most)
        )

    def page(self, name: str, number: int) -> bytes:
        """A page as PNG, where its source file is still there and unchanged.

        Raises:
            MissingFileError: it cannot be pictured.
        """
        return self._pictures.get((name, number), self.stamp(name), lambda: self._drawn(name, number))

    def _drawn(self, name: str, number: int) -> bytes:
        document = self.result(name).document
        if number not in {p.number for p in document.pages}:
            raise MissingFileError(f"{name} has no page {number}. It has {len(document.pages)}.")
        settings = PictureSettings()
        near = (self.out, self.out.parent)
        with self.drawing, open_album(document, near, settings) as album:
            picture = page_picture(album.source, number, settings.page_dpi) if album.source else None
        if picture is None:
            raise MissingFileError(f"page {number} cannot be pictured. {album.note}".strip())
        return _png(picture, self.limits.side)


def _png(picture: Image.Image, side: int) -> bytes:
    with picture:
        plain = picture.convert("RGB")
    plain.thumbnail((side, side))
    held = io.BytesIO()
    plain.save(held, "PNG")
    return held.getvalue()
