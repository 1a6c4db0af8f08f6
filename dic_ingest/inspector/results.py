"""A results folder of `dic-ingest run`, read back, and where the pictures of its pages go."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from PIL import Image

from dic_ingest.errors import MALFORMED, BrokenFileError, MissingFileError, UnsupportedFileError
from dic_ingest.model.document import Document
from dic_ingest.nodes import to_nodes
from dic_ingest.nodes.record import NodeRecord
from dic_ingest.owned_files import copy_of

# Where a page's pictures go: files beside it, or into the page itself as data URIs.


MIMES = {".png": "image/png", ".webp": "image/webp", ".jpg": "image/jpeg"}


class Shelf(Protocol):
    """Takes pictures, gives what an `src` attribute needs."""

    def put(self, picture: Image.Image, name: str, quality: int) -> str:
        """Keep a picture as WebP under `name` (without suffix)."""
        ...

    def keep(self, path: Path, name: str) -> str:
        """Keep a picture file as it is under `name` (with suffix)."""
        ...


class Folder:
    """Files in `folder`, named relative to the page by `prefix`."""

    def __init__(self, folder: Path, prefix: str) -> None:
        self.folder, self.prefix = folder, prefix

    def put(self, picture: Image.Image, name: str, quality: int) -> str:
        self.folder.mkdir(parents=True, exist_ok=True)
        picture.save(self.folder / f"{name}.webp", "WEBP", quality=quality, method=2)
        return self._href(f"{name}.webp")

    def keep(self, path: Path, name: str) -> str:
        self.folder.mkdir(parents=True, exist_ok=True)
        target = self.folder / name
        copy_of(path, target)
        return self._href(name)

    def _href(self, name: str) -> str:
        return quote(f"{self.prefix}/{name}")


class Inline:
    """Data URIs: the page needs no other file."""

    def put(self, picture: Image.Image, name: str, quality: int) -> str:
        held = io.BytesIO()
        picture.save(held, "WEBP", quality=quality, method=2)
        return _uri(held.getvalue(), ".webp")

    def keep(self, path: Path, name: str) -> str:
        return _uri(path.read_bytes(), Path(name).suffix)


def _uri(data: bytes, suffix: str) -> str:
    return f"data:{MIMES[suffix]};base64,{base64.b64encode(data).decode('ascii')}"


# A results folder of `dic-ingest run`, read back: documents with their nodes, and what could not be read.


DOCUMENT = "document.json"
MAX_BYTES = 1 << 30  # of one document.json or nodes.jsonl


@dataclass(frozen=True, slots=True)
class Result:
    """One document as it lies in its folder; `notes` say what is missing there."""

    name: str
    folder: Path
    document: Document
    nodes: tuple[NodeRecord, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FailedDocument:
    """A file or folder without readable results, and why."""

    name: str
    reason: str


def find_results(out: Path) -> list[Path]:
    """Document folders of `out`, in name order; `out` itself where it is one.

    Raises:
        MissingFileError: no such folder. UnsupportedFileError: no results in it.
    """
    if not out.exists():
        raise MissingFileError(f"{out} does not exist. Give a folder made by `dic-ingest run`.")
    if (out / DOCUMENT).is_file():
        return [out]
    inner = sorted(p for p in out.iterdir() if not p.name.startswith("."))
    found = [p for p in inner if (p / DOCUMENT).is_file()]
    if not found:
        raise UnsupportedFileError(
            f"{out} holds no results (no {DOCUMENT} in it or one folder below). "
            f"Make some with dic-ingest run {out} --out RESULTS, then give RESULTS."
        )
    return found


def read_result(folder: Path) -> Result:
    """The results in one document's folder.

    Raises:
        BrokenFileError: document.json is damaged or of another version.
    """
    data = _json(folder / DOCUMENT)
    try:
        document = Document.from_dict(data)
    except MALFORMED as error:
        said = _short(error)
        advice = "" if "ingest the file again" in said else "; ingest the file again"
        raise BrokenFileError(f"{folder / DOCUMENT} cannot be shown: {said}{advice}") from error
    nodes, note = _nodes(folder / "nodes.jsonl", document)
    return Result(folder.resolve().name, folder, document, nodes, (note,) if note else ())


def _json(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BrokenFileError(f"{path} has more than {MAX_BYTES >> 20} MB. Ingest the file in parts.")
        data = json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_constant)
    except (OSError, *MALFORMED) as error:
        raise BrokenFileError(
            f"{path} is not readable JSON: {_short(error)}. Ingest the file again."
        ) from error
    if not isinstance(data, dict):
        raise BrokenFileError(f"{path} is not a document. Ingest the file again.")
    return data


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number")


def _nodes(path: Path, document: Document) -> tuple[tuple[NodeRecord, ...], str]:
    """The nodes as written; where that file is missing or damaged, cut again, with a note."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError("too large")
        lines = path.read_text(encoding="utf-8").split("\n")  # `splitlines` would cut at U+2028 too
        nodes = tuple(NodeRecord.from_dict(json.loads(line)) for line in lines if line.strip())
        if not all(_sane(n) for n in nodes):
            raise ValueError("values of the wrong type")
        return nodes, ""
    except FileNotFoundError:
        reason = "is missing"
    except (OSError, *MALFORMED):
        reason = "is damaged"
    return tuple(to_nodes(document)), f"nodes.jsonl {reason}: the nodes were cut again with default settings."


def _sane(node: NodeRecord) -> bool:
    return all(isinstance(v, str) for v in (node.id, node.text, node.type)) and isinstance(
        node.metadata, dict
    )


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
