"""What lies in a folder: pictures beside their sources, captions and questions, and tables of them.

In: a folder. Out: a `Found` for each figure, by the stem of its files or the `id` of its row. Links are not
followed, nothing is read but the tables, captions and licences.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dic_ingest.errors import InputError, LimitError
from dic_ingest.sources.file_bytes import read_file
from dic_ingest.training.importing.graphs import GRAPH_SUFFIXES, LANGUAGES

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff"})
CAPTIONS = (".caption.txt", ".txt", ".md")
QUESTIONS = (".questions.jsonl",)
LICENCE_FILES = ("LICENSE", "LICENSE.md", "LICENSE.txt", "LICENCE", "COPYING")
NO_LICENCE = frozenset({"", "none", "unknown", "noassertion", "null"})
MAX_FILES = 200_000  # of one folder
MAX_TEXT = 64 << 20  # bytes of a table
MAX_SOURCE = 16 << 20  # bytes of one source, caption or licence


@dataclass
class Found:
    """A figure with what lies beside it. `graph` is a JSON value, `source` a file or (text, suffix)."""

    key: str
    picture: Path | None = None
    source: Path | tuple[str, str] | None = None
    graph: Any = None
    caption: str = ""
    questions: list[tuple[str, str]] = field(default_factory=list)
    owner: str = ""
    licence: str = ""


def figures_in(folder: Path, level: int) -> list[Found]:
    """Every figure of the folder, in the order of their names. `level`: how many folders name the owner.

    Raises:
        InputError: no folder, or a table that is broken. LimitError: too many files.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder. Name one with pictures and their sources.")
    files = sorted(_files(folder))
    stems: dict[str, list[Path]] = {}
    for path in files:
        stems.setdefault(path.name.split(".", 1)[0].casefold(), []).append(path)
    licences = {p.parent: _licence(p) for p in files if p.name in LICENCE_FILES}
    tables = [p for p in files if p.suffix == ".jsonl" and not p.name.endswith(QUESTIONS)]
    rows = _rows(tables)
    found = [_of_row(row, folder, stems) for row in rows.values()]
    if not rows:
        found = [f for f in (_of_stem(own, folder, level) for own in _pairs(files)) if f]
    for own in found:
        at = own.picture or (own.source if isinstance(own.source, Path) else folder)
        own.licence = own.licence or _nearest(at, folder, licences)
    return found


def _files(folder: Path) -> Iterator[Path]:
    count = 0
    for here, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for name in names:
            count += 1
            if count > MAX_FILES:
                raise LimitError(f"{folder} holds over {MAX_FILES} files. Import its folders one by one.")
            path = Path(here) / name
            if path.is_file() and not path.is_symlink():
                yield path


def _pairs(files: list[Path]) -> Iterator[list[Path]]:
    """Files of one figure: one folder and stem, or one stem alone of its kind in the whole tree."""
    by_name: dict[tuple[Path, str], list[Path]] = {}
    for path in files:
        by_name.setdefault((path.parent, _stem(path)), []).append(path)
    lone = {k: own for k, own in by_name.items() if not _has_both(own)}
    joined: dict[str, list[Path]] = {}
    for own in lone.values():
        joined.setdefault(_stem(own[0]), []).extend(own)
    for key, own in by_name.items():
        if key not in lone:
            yield own
    for own in joined.values():
        pictures = sum(p.suffix.casefold() in PICTURES for p in own)
        if pictures <= 1 and len(_sources(own)) <= 1:
            yield own
        else:  # which belongs to which is not told
            yield from ([p] for p in own if p.suffix.casefold() in GRAPH_SUFFIXES)


def _sources(own: list[Path]) -> list[Path]:
    """The sources among files; those of a suffix that says what they are before XML and JSON of any sort."""
    found = [p for p in own if p.suffix.casefold() in GRAPH_SUFFIXES]
    return [p for p in found if p.suffix.casefold() not in (".xml", ".json")] or found


def _stem(path: Path) -> str:
    name = path.name
    for ending in (*CAPTIONS, *QUESTIONS):
        if name.endswith(ending):
            return name[: -len(ending)].casefold()
    return path.stem.casefold()


def _has_both(own: list[Path]) -> bool:
    endings = {p.suffix.casefold() for p in own}
    texts = any(p.name.endswith((".txt", *QUESTIONS)) for p in own)
    return bool(endings & PICTURES) and (bool(endings & GRAPH_SUFFIXES) or texts)


def _of_stem(own: list[Path], folder: Path, level: int) -> Found | None:
    picture = next((p for p in own if p.suffix.casefold() in PICTURES), None)
    source = next(iter(_sources(own)), None)
    caption = next((p for ending in CAPTIONS for p in own if p.name.endswith(ending)), None)
    first = picture or source
    if first is None:
        return None
    inside = first.relative_to(folder)
    found = Found(inside.with_suffix("").as_posix(), picture, source)
    found.owner = "/".join(inside.parts[:-1][:level])
    if picture and caption:
        found.caption = _text(caption)
    for path in own:
        if path.name.endswith(QUESTIONS):
            asked = (q for q in _lines(path) if "question" in q and "answer" in q)
            found.questions += [(str(q["question"]), str(q["answer"])) for q in asked]
    return found


def _rows(tables: list[Path]) -> dict[str, dict[str, Any]]:
    """Rows of all tables that have an id, joined by it; a row that comes again adds what is new."""
    rows: dict[str, dict[str, Any]] = {}
    for table in tables:
        for row in _lines(table):
            if "id" in row:
                own = rows.setdefault(str(row["id"]), {"asked": []})
                if "question" in row and "answer" in row:
                    own["asked"].append((str(row["question"]), str(row["answer"])))
                for key, value in row.items():
                    if key not in own or (isinstance(value, list) and not isinstance(own[key], list)):
                        own[key] = value  # a list of nodes says more than their number
    return rows


def _of_row(row: Mapping[str, Any], folder: Path, stems: Mapping[str, list[Path]]) -> Found:
    key = str(row["id"])
    found = Found(key, questions=list(row["asked"]), caption=str(row.get("caption") or ""))
    named = row.get("image") or row.get("picture")
    inside = (folder / str(named)).resolve() if isinstance(named, str) else None
    if inside and inside.is_file() and inside.is_relative_to(folder.resolve()):
        found.picture = inside
    else:
        beside = stems.get(key.split(".", 1)[0].casefold(), [])
        found.picture = next((p for p in beside if p.stem == key and p.suffix.casefold() in PICTURES), None)
    if isinstance(row.get("nodes"), list):
        found.graph = row
    elif isinstance(row.get("graph"), Mapping):
        found.graph = row["graph"]
    else:
        suffix = LANGUAGES.get(str(row.get("lang") or row.get("format")).casefold())
        text = row.get("code") or row.get("source")
        if suffix and isinstance(text, str):
            found.source = (text, suffix)
    found.owner = str(row.get("owner") or str(row.get("repo") or "").split("/")[0])
    licence = str(row.get("licence") or row.get("license") or "")
    found.licence = "" if licence.casefold() in NO_LICENCE else licence
    return found


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(_text(path, MAX_TEXT).splitlines(), 1):
        if line.strip():
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise InputError(f"{path}, line {number} is no JSON: {error}. Mend or remove it.") from error
            if isinstance(row, dict):
                yield row


def _text(path: Path, limit: int = MAX_SOURCE) -> str:
    return read_file(path, limit, "the largest size").decode("utf-8", "replace").strip()


def _licence(path: Path) -> str:
    """The first line of a licence file that says something."""
    return next((line.strip("# ")[:80] for line in _text(path).splitlines() if line.strip("# =")), "")


def _nearest(at: Path, folder: Path, licences: Mapping[Path, str]) -> str:
    """The licence file of the figure's folder, or of one above it."""
    for place in (at if at.is_dir() else at.parent, *at.parents):
        if place in licences:
            return licences[place]
        if place == folder:
            break
    return ""
