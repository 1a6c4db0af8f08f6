"""Figures of finished results described afterwards: same files, same node ids, new captions.

In: a results folder written by a run. Out: `document.json` and `nodes.jsonl` renewed, a document at a time.
The figures come from the source file where it lies unchanged, else from the crops.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from dic_ingest.batch.manifest import DOCUMENT, DONE, Manifest
from dic_ingest.batch.results import read_json, write_again
from dic_ingest.batch.scratch import locked
from dic_ingest.batch.settings import nodes_digest
from dic_ingest.captioning.request import Captioner, FigureRequest, crop_request, undescribed
from dic_ingest.errors import InputError, MissingFileError
from dic_ingest.image_files import open_crop
from dic_ingest.model.document import Document, Figure
from dic_ingest.nodes import NodeSettings
from dic_ingest.owned_files import sha256_of
from dic_ingest.pipeline import describe_figures, figure_request, is_partial, open_source, with_undescribed
from dic_ingest.settings import Settings

WANTED = ("missing", "review", "all")


@dataclass(frozen=True, slots=True)
class Filled:
    """One document: how many figures were (or would be) described, and how many were left as they are."""

    name: str
    described: int
    left: int
    failed: int = 0


def find_results(out: Path) -> list[Path]:
    """Folders with a document.json, in name order; raises MissingFileError where there is none."""
    own = [out] if (out / DOCUMENT).is_file() else []
    found = own or sorted(p.parent for p in out.glob(f"*/{DOCUMENT}") if not p.parent.is_symlink())
    if not found:
        raise MissingFileError(f"{out} holds no results. Name the folder given to --out of dic-ingest run.")
    return found


def wanted_figures(document: Document, only: str) -> list[Figure]:
    """Figures that `only` asks for: those "missing" a caption, those for "review" too, or "all" kept."""
    return [
        f for f in document.figures if f.route and f.route.kept and not f.duplicate_of and _wants(f, only)
    ]


def _wants(figure: Figure, only: str) -> bool:
    said = figure.description
    missing = said is None or not said.caption.strip() or bool(undescribed(said))
    doubted = said is not None and said.evidence is not None and said.evidence.needs_review
    return only == "all" or missing or (only == "review" and doubted)


def backfill(
    folder: Path,
    captioner: Captioner,
    only: str,
    settings: Settings,
    nodes: NodeSettings,
    password: str | None,
) -> Filled:
    """Describe the figures of one document and put its files in place; without any nothing is written."""
    document = read_json(folder)
    wanted = wanted_figures(document, only)
    left = len(wanted_figures(document, "all")) - len(wanted)
    if not wanted:
        return Filled(folder.name, 0, left)
    part = replace(document, blocks=tuple(wanted), warnings=())
    with ExitStack() as stack:
        part = describe_figures(part, captioner, _requests(document, folder, settings, password, stack))
    done = {f.id: f for f in part.figures if _is_described(f)}
    told = {w for w in document.warnings}
    fresh = tuple(w for w in part.warnings if w not in told)
    full = replace(document, warnings=(*document.warnings, *fresh))
    full = with_undescribed(full.replace_figures(lambda f: _filled(f, done)))
    _put(full, folder, nodes)
    return Filled(folder.name, len(done), left, len(wanted) - len(done))


def _is_described(figure: Figure) -> bool:
    said = figure.description
    return said is not None and bool(said.caption.strip()) and not undescribed(said)


def _filled(figure: Figure, done: dict[str, Figure]) -> Figure:
    """The figure with its new description, or that of the figure which shows the same."""
    new = done.get(figure.duplicate_of or figure.id)
    if new is None:
        return figure
    route = new.route if figure.id == new.id else figure.route
    return replace(figure, description=new.description, route=route)


def _requests(
    document: Document, folder: Path, settings: Settings, password: str | None, stack: ExitStack
) -> Callable[[Figure], FigureRequest]:
    source = Path(document.source)
    if source.is_file() and sha256_of(source) == document.sha256:
        opened = stack.enter_context(open_source(source, settings, password))
        return lambda figure: figure_request(figure, opened, settings.crops)
    return lambda figure: _from_crop(figure, folder)


def _from_crop(figure: Figure, folder: Path) -> FigureRequest:
    """Raises ValueError or OSError, which become a warning, where there is no crop."""
    if not figure.image:
        raise ValueError("neither its file nor a crop is there")
    try:
        with open_crop(folder, figure.image) as picture:
            crop = picture.convert("RGB")
    except InputError as error:
        raise ValueError(f"its crop cannot be used: {error}") from error
    return crop_request(figure, crop)


def _put(document: Document, folder: Path, nodes: NodeSettings) -> None:
    """The whole folder by one rename, with the crops that were there."""
    folder = folder.resolve()
    with locked(folder.parent):
        write_again(document, folder, nodes)
        _record(document, folder, nodes_digest(nodes))


def _record(document: Document, folder: Path, nodes: str) -> None:
    """Tell the manifest what became of the document, where there is one that knows it.

    `nodes` is the digest of the settings by which its nodes were cut.
    """
    manifest = Manifest(folder.parent)
    for entry in list(manifest.entries.values()):
        if entry.name == folder.name and entry.status in DONE:
            status = "partial" if is_partial(document) else "ok"
            warnings = tuple(w.message for w in document.warnings)
            manifest.add(replace(entry, status=status, warnings=warnings, nodes=nodes))


def planned(out: Path, only: str) -> Iterator[Filled]:
    """What a backfill would do, document by document."""
    for folder in find_results(out):
        document = read_json(folder)
        wanted = len(wanted_figures(document, only))
        yield Filled(folder.name, wanted, len(wanted_figures(document, "all")) - wanted)
