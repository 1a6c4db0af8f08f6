"""Inputs and results at URLs (`s3://bucket/folder`), through fsspec; credentials come from the environment.

A worker copies its document here, works on a temporary folder and sends results back, `document.json` last.
The run itself keeps a copy of the manifest here and sends it back as documents end.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from dic_ingest.batch.manifest import DOCUMENT, NAME, NODES, Entry, Manifest
from dic_ingest.batch.scratch import STAGING
from dic_ingest.batch.workers.supervisor import Answer, Job
from dic_ingest.errors import MALFORMED, DICIngestError, MissingFileError
from dic_ingest.owned_files import MARKER, FolderKind, clear_there, mark, parse_marker, write_file
from dic_ingest.sources.inputs import check_url, file_system, is_http, is_url, local_file
from dic_ingest.sources.settings import InputSettings

EVERY = 5.0  # seconds between copies of the manifest; a run that is killed does what fell between again


def find(url: str, suffixes: frozenset[str], settings: InputSettings) -> dict[str, str]:
    """Files at a URL (one, a folder with all below, a pattern) and a stamp of each one's content.

    At an http address there is one file: pages are not searched for links. Raises UrlError where URLs are not
    allowed.
    """
    check_url(url, settings)
    if is_http(url):
        from dic_ingest.sources.download import validators  # httpx is not wanted for other places

        return {url: validators(url, settings)}
    files, path = file_system(url)
    with reached(url):
        if "*" in path:
            found = files.glob(path, detail=True)
        elif files.isdir(path):
            found = files.find(path, detail=True)
        elif files.exists(path):
            return {url: _stamp(files.info(path))}
        else:
            raise MissingFileError(f"{url} does not exist. Check the URL.")
    own = {posixpath.dirname(name) for name in found if posixpath.basename(name) == MARKER}
    return {
        str(files.unstrip_protocol(name)): _stamp(info)
        for name, info in sorted(found.items())
        if info["type"] == "file" and _wanted(name.removeprefix(path), suffixes) and not _below(name, own)
    }


def _below(name: str, folders: set[str]) -> bool:
    return any(name.startswith(f"{folder}/") for folder in folders)


@contextmanager
def reached(url: str) -> Iterator[None]:
    """Within, whatever a storage service raises is an error that names the URL."""
    try:
        yield
    except DICIngestError:
        raise
    except Exception as error:  # each service has its own kinds
        raise DICIngestError(
            f"{url} cannot be used: {type(error).__name__}: {error}. Check name, credentials and network."
        ) from error


def _wanted(name: str, suffixes: frozenset[str]) -> bool:
    hidden = any(part.startswith(".") for part in name.split("/"))
    return not hidden and posixpath.splitext(name)[1].lower() in suffixes


def _stamp(info: dict[str, Any]) -> str:
    """What changes with a file's content, as its file system tells it."""
    keys = ("ETag", "etag", "md5Hash", "size", "mtime", "LastModified", "last_modified")
    told = "|".join(f"{k}={info[k]}" for k in keys if k in info)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def send(folder: Path, url: str) -> None:
    """The files of a folder to a URL in place of what this package put there, `document.json` last.

    Raises:
        NotOursError: something else is there.
    """
    files, path = file_system(url)
    clear(url)
    found = [p for p in folder.rglob("*") if p.is_file()]
    for file in sorted(found, key=lambda p: (p.name != MARKER, p.name == DOCUMENT, str(p))):
        target = posixpath.join(path, file.relative_to(folder).as_posix())
        files.makedirs(posixpath.dirname(target), exist_ok=True)
        files.put_file(str(file), target)


def bring(url: str, folder: Path) -> None:
    """All files at a URL into a folder."""
    files, path = file_system(url)
    for name in files.find(path):
        _copy(files, name, folder / posixpath.relpath(name, path), folder)


def copies_of_nodes(url: str, names: Sequence[str], folder: Path, known: frozenset[str]) -> None:
    """What results at a URL are compared by: each document's nodes, and crops whose digest is not known."""
    files, path = file_system(url)
    for name in names:
        there, nodes = posixpath.join(path, name), folder / name / NODES
        if not files.exists(posixpath.join(there, NODES)):
            continue
        _copy(files, posixpath.join(there, NODES), nodes, folder)
        for digest, image in _crops(nodes):
            if digest not in known and not (nodes.parent / image).exists():
                _copy(files, posixpath.join(there, image), nodes.parent / image, folder)


def _crops(nodes: Path) -> Iterator[tuple[str, str]]:
    """Digest and name of each crop in a file of nodes; lines that are no nodes are passed over."""
    for line in nodes.read_text("utf-8", errors="replace").split("\n"):
        try:
            node = json.loads(line)
            digest, image = node["metadata"].get("image_sha256"), node.get("image")
        except MALFORMED:
            continue
        if digest and isinstance(image, str) and image:
            yield str(digest), image


def _copy(files: Any, name: str, target: Path, folder: Path) -> None:
    """A file of a storage service at `target`, which must lie in `folder`."""
    if not target.resolve().is_relative_to(folder.resolve()):
        raise DICIngestError(f"{name} would be written outside {folder}. Clear that place by hand.")
    target.parent.mkdir(parents=True, exist_ok=True)
    files.get_file(name, str(target))


def clear(url: str) -> None:
    """Remove what this package put at a URL, if anything is there; raises NotOursError for anything else."""
    files, path = file_system(url)
    with reached(url):
        clear_there(files, path)


def free_there(out: str, name: str) -> bool:
    """Whether results may be put at a name below a URL: nothing is there, or earlier ones."""
    files, path = file_system(out)
    target = posixpath.join(path, name)
    with reached(out):
        return not files.exists(target) or files.exists(posixpath.join(target, MARKER))


def begin_work(out: str) -> None:
    """Make the folder for unfinished work below a URL; raises NotOursError where it is not ours."""
    files, path = file_system(out)
    place = posixpath.join(path, STAGING)
    with reached(out), tempfile.TemporaryDirectory(prefix="dic-ingest-") as folder:
        clear_there(files, place)
        mark(Path(folder), FolderKind.SCRATCH)
        files.makedirs(place, exist_ok=True)
        files.put_file(str(Path(folder) / MARKER), posixpath.join(place, MARKER))


def near(do: Callable[[Job], Answer], job: Job, settings: InputSettings) -> Answer:
    """Let `do` work on local copies of what the job's URLs name, and send the results where they belong."""
    with tempfile.TemporaryDirectory(prefix="dic-ingest-") as place:
        local, out = dict(job), Path(place) / "out"
        if is_url(job["out"]):
            out.mkdir()
            local["out"] = str(out)
        with ExitStack() as stack:
            if is_url(job["file"]):
                copy = stack.enter_context(local_file(job["file"], settings))
                local |= {"source": copy.source, "file": str(copy.path)}
            answer = {**do(local), "file": job["file"]}
        if "staged" in answer and is_url(job["out"]):
            staged = Path(answer["staged"])
            answer["staged"] = posixpath.join(job["out"], STAGING, staged.name)
            send(staged, answer["staged"])
        elif answer["status"] != "failed" and is_url(job["out"]):
            send(out / job["name"], posixpath.join(job["out"], job["name"]))
        return answer


def near_batch(do: Callable[[Sequence[Job]], list[Answer]], batch: Sequence[Job]) -> list[Answer]:
    """As `near`, for documents that wait at URLs for their descriptions."""
    with tempfile.TemporaryDirectory(prefix="dic-ingest-") as place:
        waiting = Path(place) / ".staged"
        local = [{**job, "out": place, "staged": str(waiting / str(n))} for n, job in enumerate(batch)]
        for job, here in zip(batch, local, strict=True):
            bring(job["staged"], Path(here["staged"]))
        answers = do(local)
        for job, answer in zip(batch, answers, strict=True):
            if answer.get("status") != "failed":
                send(Path(place) / job["name"], posixpath.join(job["out"], job["name"]))
            clear(job["staged"])
        return answers


class RemoteManifest(Manifest):
    """A manifest whose folder is a copy of one at a URL."""

    def __init__(self, folder: Path, url: str) -> None:
        self.files, path = file_system(url)
        self.url, self.there = url, posixpath.join(path, NAME)
        self._guard, self._sent = threading.Lock(), 0.0
        with reached(url):
            there = self.files.exists(self.there)
            data = self.files.cat_file(self.there) if there else b""
        write_file(folder / NAME, data, lambda path: True)  # the one there counts
        super().__init__(folder)

    def add(self, *entries: Entry) -> None:
        """Append lines here, and now and then send them."""
        super().add(*entries)
        with self._guard:
            if time.monotonic() - self._sent > EVERY:
                self._send()

    def compact(self) -> None:
        """Leave one line per document, here and there."""
        super().compact()
        self._send()

    def holds(self, name: str) -> bool:
        """Whether a document's results are there, of the sizes that were written."""
        folder = posixpath.join(posixpath.dirname(self.there), name)
        with reached(self.url):
            if not self.files.exists(posixpath.join(folder, MARKER)):
                return False
            found = parse_marker(self.files.cat_file(posixpath.join(folder, MARKER)))
            sizes = self.files.find(folder, detail=True)
        if found is None or not {DOCUMENT, NODES} <= set(found.files):
            return False
        there = {posixpath.relpath(path, folder): info["size"] for path, info in sizes.items()}
        return all(there.get(name) == written.size for name, written in found.files.items())

    def _send(self) -> None:
        if self.path.exists():
            with reached(self.url):
                self.files.makedirs(posixpath.dirname(self.there), exist_ok=True)
                self.files.put_file(str(self.path), self.there)
        self._sent = time.monotonic()
