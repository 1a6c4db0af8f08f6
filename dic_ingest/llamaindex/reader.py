"""`DICReader`: files in, LlamaIndex documents out, figures in their places between the text."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal

from llama_index.core.bridge.pydantic import Field, PrivateAttr
from llama_index.core.readers.base import BasePydanticReader
from llama_index.core.readers.file.base import is_default_fs
from llama_index.core.schema import Document
from llama_index.core.schema import Document as LlamaDocument
from platformdirs import user_cache_path

from dic_ingest.errors import DICIngestError, MissingFileError, SettingsError
from dic_ingest.llamaindex.bars import Watch
from dic_ingest.llamaindex.captioner import EngineHandle
from dic_ingest.llamaindex.convert import scope_of, to_document
from dic_ingest.llamaindex.document import whole_document
from dic_ingest.llamaindex.fields import checked_fields
from dic_ingest.llamaindex.workers import Workers, checked_workers
from dic_ingest.mineru.output.find import holds_output
from dic_ingest.model.document import Document as Document_reader
from dic_ingest.nodes import NodeSettings, to_nodes
from dic_ingest.owned_files import FolderKind, merge, temporary_folder
from dic_ingest.pipeline import ingest, warn_of_old_name
from dic_ingest.progress import OnProgress, ProgressEvent
from dic_ingest.settings import Settings
from dic_ingest.settings_file import from_dict
from dic_ingest.sources.inputs import Input, LocalFile, is_url, listed, local_file

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

# What `DICReader.alazy_load_data` returns: documents read in a thread, file by file, as they are wanted.


class AsyncDocuments(Coroutine[Any, Any, list[Document]]):
    """`async for document in reader.alazy_load_data(...)`, or `await` it for a list, as in LlamaIndex's base.

    `read` gives the documents file by file; it runs in a thread and reads no file before it is asked for.
    """

    def __init__(self, read: Callable[[], Generator[list[Document], None, None]]) -> None:
        self._read = read
        self._all: Coroutine[Any, Any, list[Document]] | None = None

    async def __aiter__(self) -> AsyncIterator[Document]:
        files = self._read()
        try:
            while (documents := await asyncio.to_thread(next, files, None)) is not None:
                for document in documents:
                    yield document
        finally:
            with suppress(ValueError):  # cancelled, it still runs in its thread
                files.close()

    async def _gather(self) -> list[Document]:
        return [document async for document in self]

    def _coroutine(self) -> Coroutine[Any, Any, list[Document]]:
        if self._all is None:
            self._all = self._gather()
        return self._all

    def __await__(self) -> Generator[Any, Any, list[Document]]:
        return self._coroutine().__await__()

    def send(self, value: Any) -> Any:
        """Run on to the next suspension; for the event loop."""
        return self._coroutine().send(value)

    def throw(
        self,
        typ: Any,
        val: BaseException | object = None,
        tb: TracebackType | None = None,
    ) -> Any:
        """Raise inside; for the event loop."""
        return self._coroutine().throw(typ if val is None else val)  # type: ignore[arg-type]

    def close(self) -> None:
        """Give up without reading."""
        if self._all is not None:
            self._all.close()


# `DICReader`: files in, LlamaIndex documents out, figures in their places between the text.


log = logging.getLogger(__name__)

# PDFium and the layout models are one to a process, and LlamaIndex calls one reader from several threads.
_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that gave no documents, and why."""

    file: str
    error: str
    message: str


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a worker process made of one file."""

    documents: list[Document]
    failures: list[Failure]
    events: list[ProgressEvent]


class DICReader(BasePydanticReader):
    """Reads PDFs and pictures into text documents and image documents.

    `emit="blocks"` gives interleaved `Document`s and, for figures, `ImageDocument`s; `emit="document"` gives
    one document per file for `DICNodeParser`. All fields are plain values: a reader can be pickled.
    """

    engine: str | None = Field(default=None, description="Captioning engine; default: as in `settings`.")
    engine_options: dict[str, Any] = Field(default_factory=dict, description="Arguments of the engine.")
    emit: Literal["blocks", "document"] = Field(default="blocks", description="Blocks, or one per file.")
    ids: Literal["content", "path"] = Field(
        default="content", description="What block ids begin with; 'path' keeps copies of a file apart."
    )
    image_dir: str | None = Field(default=None, description="Folder for crops; default: the user's cache.")
    tier: str | None = Field(default=None, description="MinerU's tier; default: as in `settings`.")
    pages: str = Field(default="", description="Pages to read, as MinerU writes it: '1-5,8,r1'.")
    password: str | None = Field(default=None, exclude=True, repr=False, description="For encrypted files.")
    max_bytes: int | None = Field(
        default=None, description="Largest file fetched from elsewhere; default: as in `settings`."
    )
    settings: dict[str, Any] = Field(default_factory=dict, description="Pipeline settings, as in TOML.")
    nodes: dict[str, Any] = Field(default_factory=dict, description="Node settings, as in TOML.")
    node_types: list[str] = Field(
        default_factory=list,
        description="Only text, table, figure, equation or code; by default all.",
    )
    show_progress: bool = Field(default=False, description="Show tqdm bars of files and figures.")

    _engine: EngineHandle = PrivateAttr(default_factory=EngineHandle)
    _failures: list[Failure] = PrivateAttr(default_factory=list)

    def __init__(self, **fields: Any) -> None:
        """A reader with the fields given.

        Raises:
            SettingsError: a field that does not exist, with the nearest one; a wrong value, with its name.
        """
        if "page_range" in fields:
            warn_of_old_name()
            fields.setdefault("pages", fields.pop("page_range"))
        with checked_fields(type(self), fields):
            super().__init__(**fields)
        from_dict(Settings, self.settings)
        self._node_settings()

    @classmethod
    def class_name(cls) -> str:
        """Name used in serialisation."""
        return "DICReader"

    @property
    def failures(self) -> list[Failure]:
        """Files that could not be read by this object, in this process."""
        return self._failures

    def load_data(
        self,
        file: Input | Iterable[Input],
        extra_info: dict[str, Any] | None = None,
        fs: AbstractFileSystem | None = None,
        *,
        show_progress: bool = False,
        num_workers: int | None = None,
        on_progress: OnProgress | None = None,
    ) -> list[LlamaDocument]:
        """All documents of a file, or of a list of files: paths, URLs, bytes, files open in binary mode.

        `fs` is the file system of fsspec that paths lie on, where that is another than this machine's.
        `extra_info` is added to the metadata of each document. A single bad file raises. In a list it is
        logged, kept in `failures` and left out.

        `show_progress` shows tqdm bars of files and figures. `num_workers` files of a list are read at once,
        each in a process of its own, and come in the order of the list; a worker that dies costs its file
        alone. `on_progress` is called here with each `ProgressEvent`; those of a worker come when its file
        ends. What it raises ends the loading.

        Raises:
            InputError: missing, damaged, encrypted, empty, too large.
            SettingsError: `num_workers` is out of range, or goes with files that are open.
            MissingExtraError: also an ImportError, the one kind that SimpleDirectoryReader lets through.
        """
        watched: dict[str, Any] = {
            "show_progress": show_progress,
            "num_workers": num_workers,
            "on_progress": on_progress,
        }
        return list(self.lazy_load_data(file, extra_info, fs, **watched))

    def lazy_load_data(
        self,
        file: Input | Iterable[Input],
        extra_info: dict[str, Any] | None = None,
        fs: AbstractFileSystem | None = None,
        *,
        show_progress: bool = False,
        num_workers: int | None = None,
        on_progress: OnProgress | None = None,
    ) -> Iterator[LlamaDocument]:
        """As `load_data`, one `file` at a time, each read when its first document is asked for.

        `extra_info`, `fs`, `show_progress`, `num_workers` and `on_progress` as for `load_data`; with several
        workers a few files are read ahead.
        """
        for documents in self._by_file(file, extra_info, fs, show_progress, num_workers, on_progress):
            yield from documents

    async def aload_data(
        self,
        file: Input | Iterable[Input],
        extra_info: dict[str, Any] | None = None,
        fs: AbstractFileSystem | None = None,
        *,
        show_progress: bool = False,
        num_workers: int | None = None,
        on_progress: OnProgress | None = None,
    ) -> list[LlamaDocument]:
        """As `load_data`, in a thread.

        `file`, `extra_info`, `fs`, `show_progress` and `num_workers` as there; `on_progress` is called in the
        thread.
        """
        watched: dict[str, Any] = {
            "show_progress": show_progress,
            "num_workers": num_workers,
            "on_progress": on_progress,
        }
        return await asyncio.to_thread(self.load_data, file, extra_info, fs, **watched)

    def alazy_load_data(
        self,
        file: Input | Iterable[Input],
        extra_info: dict[str, Any] | None = None,
        fs: AbstractFileSystem | None = None,
        *,
        show_progress: bool = False,
        num_workers: int | None = None,
        on_progress: OnProgress | None = None,
    ) -> AsyncDocuments:
        """As `lazy_load_data`, each `file` in a thread: `async for` it, or `await` it for a list.

        `extra_info`, `fs`, `show_progress` and `num_workers` as for `load_data`; `on_progress` is called in
        the thread.
        """
        files, alone = listed(file)  # now: an iterator can be walked through once only
        rest = (extra_info, fs, show_progress, num_workers, on_progress)
        return AsyncDocuments(partial(self._by_file, files[0] if alone else files, *rest))

    def _by_file(
        self,
        file: Input | Iterable[Input],
        extra_info: dict[str, Any] | None,
        fs: AbstractFileSystem | None,
        show_progress: bool,
        num_workers: int | None,
        on_progress: OnProgress | None,
    ) -> Generator[list[LlamaDocument], None, None]:
        """The documents of one file after the other."""
        workers = checked_workers(num_workers)
        files, alone = listed(file)
        with Watch(len(files), show_progress or self.show_progress, on_progress) as watch:
            if workers > 1 and len(files) > 1:
                outcomes = self._in_workers(files, extra_info, fs, min(workers, len(files)), watch)
            else:
                outcomes = (self._read(f, extra_info, fs, alone, watch) for f in files)
            for documents in outcomes:
                watch.file_ended()
                yield documents

    def _in_workers(
        self,
        files: list[Input],
        extra_info: dict[str, Any] | None,
        fs: AbstractFileSystem | None,
        count: int,
        watch: Watch,
    ) -> Iterator[list[LlamaDocument]]:
        """The documents of each file, read by `count` processes."""
        if any(hasattr(f, "read") for f in files):
            raise SettingsError("Open files go to no worker process. Give paths or bytes, or num_workers=1.")
        act = partial(_read_apart, self, extra_info, fs)
        for outcome in Workers(act, _died, count).results(files):
            self._failures += outcome.failures
            for event in outcome.events:
                watch(event)
            yield outcome.documents

    def _read(
        self,
        file: Input,
        extra_info: dict[str, Any] | None,
        fs: AbstractFileSystem | None,
        alone: bool,
        watch: Watch,
    ) -> list[LlamaDocument]:
        file = str(file) if isinstance(file, os.PathLike) else file
        shown = _shown(file)
        other = None if fs is None or is_default_fs(fs) else fs
        try:
            settings = self._settings()
            if other is None:
                _check_here(file)
            with local_file(file, settings.input, fs=other) as local:
                named = partial(_named, watch, shown)
                document, folder = self._ingest(local, settings, named)
        except (ImportError, SettingsError):
            raise  # true of every file
        except (
            Exception
        ) as error:  # whatever a hostile file makes a library raise must not cost the other files
            if error is watch.error:
                raise
            self._failures.append(Failure(shown, type(error).__name__, str(error)))
            log.error("%s was not read: %s", shown, error, exc_info=not isinstance(error, DICIngestError))
            if alone:
                raise
            return []
        for warning in document.warnings:
            place = f" (page {warning.page})" if warning.page else ""
            log.warning("%s: %s%s", shown, warning.message, place)
        source = str((extra_info or {}).get("file_path") or local.source or document.sha256)
        document = replace(document, source=source)
        key = "dic-" + scope_of(_place(local.source or document.sha256, file, other))
        if self.emit == "document":
            return [whole_document(document, key, folder, extra_info)]
        scope = key if self.ids == "path" else ""
        records = to_nodes(document, self._node_settings(), folder, scope=scope)
        return [to_document(r, extra_info) for r in records]

    def _node_settings(self) -> NodeSettings:
        """The node settings under the reader's own field."""
        if self.emit == "document" and (self.nodes or self.node_types):
            raise SettingsError(
                "With emit='document' the reader makes no nodes. Give node settings to DICNodeParser."
            )
        own = {"types": self.node_types} if self.node_types else {}
        return from_dict(NodeSettings, {**self.nodes, **own}, "nodes")

    def _settings(self) -> Settings:
        """The pipeline's settings under the reader's own fields."""
        settings = from_dict(Settings, self.settings)
        if self.engine is not None:
            settings = replace(settings, engine=self.engine)
        if self.tier is not None:
            settings = replace(settings, parse=replace(settings.parse, tier=self.tier))
        if self.max_bytes is not None:
            settings = replace(settings, input=replace(settings.input, max_bytes=self.max_bytes))
        return settings

    def _ingest(
        self, file: LocalFile, settings: Settings, on_progress: OnProgress
    ) -> tuple[Document_reader, Path]:
        """The parsed document and the folder that its crops lie in."""
        root = Path(self.image_dir) if self.image_dir else user_cache_path("dic-ingest") / "crops"
        root.mkdir(parents=True, exist_ok=True)
        with temporary_folder(root, ".reading-") as fresh:
            with _one_at_a_time:
                engine = self._engine.get(settings.engine, {**settings.engine_options, **self.engine_options})
                document = ingest(
                    file.path, settings, fresh, engine, self.password, self.pages, on_progress=on_progress
                )
            folder = root.resolve() / document.sha256[:16]
            merge(fresh, folder, FolderKind.CROPS)
        return document, folder


def _read_apart(
    reader: DICReader, extra_info: dict[str, Any] | None, fs: AbstractFileSystem | None, file: Input
) -> _Outcome:
    """One file of a list, in a worker process."""
    events = list[ProgressEvent]()
    reader.failures.clear()
    with Watch(1, on_progress=events.append) as watch:
        documents = reader._read(file, extra_info, fs, False, watch)
    return _Outcome(documents, list(reader.failures), events)


def _died(file: Input) -> _Outcome:
    """The outcome of a file whose worker process ended before it answered."""
    why = "its worker process died, perhaps of lack of memory; use fewer workers or read it alone"
    log.error("%s was not read: %s", _shown(file), why)
    return _Outcome([], [Failure(_shown(file), "BrokenProcessPool", why)], [])


def _shown(file: Input) -> str:
    """What a file is called in messages."""
    name = os.fspath(file) if isinstance(file, str | os.PathLike) else getattr(file, "name", "")
    return str(name or "a file in memory")


def _named(watch: Watch, name: str, event: ProgressEvent) -> None:
    watch(replace(event, document=name))


def _check_here(file: Input) -> None:
    if not isinstance(file, str) or is_url(file) or Path(file).is_file() or holds_output(Path(file)):
        return
    raise MissingFileError(f"{file} is not a file. Check the path; for a folder use SimpleDirectoryReader.")


def _place(name: str, file: Input, fs: AbstractFileSystem | None) -> str:
    """Where a file lies, the same in every run; what lies nowhere goes by its name."""
    if fs is not None:
        return str(fs.unstrip_protocol(name))
    return Path(name).resolve().as_uri() if isinstance(file, str) and not is_url(name) else name
