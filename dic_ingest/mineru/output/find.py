"""Saved MinerU output on disk: which folders, zips and JSON files are it, its name, the PDF it was made of.

In: paths. Out: paths. Only names, and the first bytes of a file, are looked at; links are not followed.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dic_ingest.mineru.output.archive import DEPTH, NAMES, rank

SUFFIXES = frozenset({".json", ".zip"})  # of files that hold an output
HEAD = 8192  # bytes of a JSON file in which a member of the contract must stand
MEMBERS = re.compile(
    rb'"(?:pdf_info|page_idx|preproc_blocks|para_blocks|docvortex_layout|producer|schema_version|_backend)"'
    rb'|^\s*\[\s*(?:\[\s*)?\{\s*"type"\s*:\s*"'
)
DRAWN = ("_layout.pdf", "_span.pdf", "_spans.pdf", "_model.pdf", "_line_sort.pdf")  # what MinerU drew to show
MARKDOWN = "markdown"  # stem of the document as Markdown where the output's files bear no name of their own
PICTURES = "images"  # folder of the pictures that an output refers to


@dataclass(frozen=True, slots=True)
class ParserOutputs:
    """The outputs in one folder: their JSON files, one a document, and the names that belong to them."""

    documents: tuple[Path, ...]
    names: frozenset[str]


def is_output(path: Path) -> bool:
    """Whether a folder, zip or JSON file is (or holds) MinerU's output."""
    if path.is_dir():
        return holds_output(path)
    suffix = path.suffix.lower()
    return (suffix == ".json" and _is_json(path)) or (suffix == ".zip" and _is_zip(path))


def holds_output(folder: Path) -> bool:
    """Whether an output lies in a folder, or as deep below it as MinerU writes."""
    layer = [folder]
    for _ in range(DEPTH + 1):
        try:
            entries = [e for place in layer for e in sorted(place.iterdir())[:1000]]
        except OSError:
            return False
        if any(_is_json(e) for e in entries):
            return True
        layer = [e for e in entries if e.is_dir() and not e.is_symlink()][:1000]
    return False


def outputs_in(folder: Path, names: Sequence[str]) -> ParserOutputs:
    """The outputs among the files `names` of a folder; of each document the richest JSON."""
    best: dict[str, Path] = {}
    own: set[str] = set()
    for name in sorted(names, key=rank):
        path = folder / name
        if rank(name) >= 0 and _is_json(path):
            best.setdefault(_stem(name), path)
            own.add(name)
    if not best:
        return ParserOutputs((), frozenset())
    own |= {n for n in names if n.endswith(("_origin.pdf", *DRAWN))}
    own |= {f"{stem or MARKDOWN}.md" for stem in best} & set(names)
    own |= {pdf.name for d in best.values() for pdf in originals(d) if pdf.parent == folder}
    return ParserOutputs(tuple(best.values()), frozenset(own))


def document_name(path: Path) -> str:
    """How the document of an output is called: as the file that MinerU read."""
    if path.is_dir() or path.suffix.lower() != ".json" or rank(path.name) < 0:
        return path.stem
    return _stem(path.name) or _folder_of(path).name or path.stem


def original_pdf(path: Path) -> Path | None:
    """The PDF that the output at the JSON file `path` was made of, where it lies beside it; never a link."""
    return next(iter(originals(path)), None)


def originals(path: Path) -> list[Path]:
    """All that may be it, best first: MinerU's copy, a PDF of the name there or above, the only one there."""
    folder = path.parent
    beside = sorted(folder.glob("*.pdf"))
    copies = [p for p in beside if p.name.endswith("_origin.pdf")]
    name = f"{_stem(path.name) or _folder_of(path).name}.pdf"
    above = [place / name for place in (folder, *list(folder.absolute().parents)[:DEPTH])]
    plain = [p for p in beside if not p.name.endswith(DRAWN) and p not in copies]
    chosen = [*(copies if len(copies) == 1 else []), *above, *(plain if len(plain) == 1 else [])]
    return [p for p in dict.fromkeys(chosen) if p.is_file() and not p.is_symlink()]


def _folder_of(path: Path) -> Path:
    """The folder named after the document: above those named after a way to parse it."""
    folder = path.absolute().parent
    return folder.parent if folder.name in ("auto", "txt", "ocr", "vlm", "hybrid_auto", "office") else folder


def _stem(name: str) -> str:
    """What stands before the contract's own name: "report" of "report_middle.json", "" of "middle.json"."""
    if rank(name) < 0:
        return ""
    ending = NAMES[rank(name)]
    return name[: -len(ending)].rstrip("_") if name.endswith(ending) else ""


def _is_json(path: Path) -> bool:
    try:
        if rank(path.name) < 0 or path.is_symlink() or not path.is_file():
            return False
        with path.open("rb") as file:
            return MEMBERS.search(file.read(HEAD)) is not None
    except OSError:
        return False


def _is_zip(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return any(rank(name) >= 0 for name in archive.namelist())
    except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError):
        return False
