"""Documents deleted from an index: asked for here, or because their results are removed.

What is deleted by `delete` stays out of the index until `restore`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from dic_ingest.batch.manifest import Entry, Manifest
from dic_ingest.batch.remove import matching
from dic_ingest.batch.scratch import locked
from dic_ingest.errors import DICIngestError, MissingExtraError, MissingFileError
from dic_ingest.index.state import IndexState
from dic_ingest.index.stores import Store, open_store
from dic_ingest.index.update import FOLDER, IndexSettings, Tally, check_place, drop_document, opened


def delete(out: Path, file: str, settings: IndexSettings) -> Tally:
    """Delete one file's nodes from the index of `out` in the store that `settings` name.

    `index` leaves the file out from now on, until `restore`.

    `file` is a path as the manifest has it, the name of its results folder, or a file's name that is its own.

    Raises:
        MissingFileError: no such file in the index. SettingsError: a name that several files have.
    """
    tally = Tally()
    _check_indexed(out, settings)
    with locked(out), opened(out, settings, None) as (state, store):
        for document in matching(state.documents().values(), file, "in the index"):
            state.withhold(document.file)
            tally = drop_document(state, store(), document.name, tally)
        _purge(state, store())
    return tally


def restore(out: Path, file: str, settings: IndexSettings) -> None:
    """Let a `file` that was deleted from the index of `out` (in the store of `settings`) into it again.

    The next `index` writes its nodes. `file` as for `delete`.

    Raises:
        MissingFileError: it was not deleted. SettingsError: a name that several files have.
    """
    _check_indexed(out, settings)
    with locked(out), opened(out, settings, None) as (state, _):
        known = Manifest(out).entries
        deleted = [known.get(f, Entry(f, "skipped")) for f in sorted(state.withheld())]
        for found in matching(deleted, file, "among the files that were deleted from this index"):
            state.readmit(found.file)


def _check_indexed(out: Path, settings: IndexSettings) -> None:
    if not settings.state(out).is_file():
        raise MissingFileError(f"{out} has no {settings.store} index. Make it: dic-ingest index {out}")


def _purge(state: IndexState, store: Store) -> None:
    store.purge()
    state.purge()


class IndexHolder:
    """An index as `batch.remove` sees it, known by its state; the lock of the results is the caller's."""

    def __init__(self, out: Path, state: Path) -> None:
        self.out, self.state = out, state

    @property
    def name(self) -> str:
        """The store's name."""
        return f"{self.state.name.partition('-')[0]} index"

    def remove(self, names: Sequence[str], dry_run: bool = False) -> Mapping[str, int]:
        """Delete the nodes of documents; see `batch.remove.Holder`."""
        check_place(self.state)
        with closing(IndexState(self.state)) as state:
            known = state.documents()
            counts = {n: len(state.hashes(n)) for n in names if n in known}
            if counts and not dry_run:
                self._delete(state, list(counts))
            return counts

    def _delete(self, state: IndexState, names: Sequence[str]) -> None:
        store = self._open(state)
        try:
            for name in names:
                drop_document(state, store, name, Tally())
            _purge(state, store)
        finally:
            store.close()

    def _open(self, state: IndexState) -> Store:
        kind = state.meta("store") or self.state.name.partition("-")[0]
        uri, collection = state.meta("uri"), state.meta("collection")
        if not collection:  # of a version that did not note them: the usual place, or nobody knows which
            usual = IndexSettings(kind, "postgresql://" if kind == "pgvector" else "")
            collection = usual.collection
            if usual.state(self.out) != self.state:
                raise DICIngestError(
                    f"Where {self.state.name} keeps its nodes is not noted. Run dic-ingest index with its "
                    "--store and --uri once, then remove again."
                )
        try:
            place = uri or IndexSettings(kind).place(self.out)
            return open_store(kind, place, collection, int(state.meta("dimension") or 0))
        except MissingExtraError:
            raise
        except DICIngestError as error:
            raise DICIngestError(
                f"{error} The nodes of this index were not deleted. A password is not kept: give it in "
                "PGPASSWORD."
            ) from error


def index_holders(out: Path) -> list[IndexHolder]:
    """Every index that was made of the results in `out`, also those on servers."""
    return [IndexHolder(out, s) for s in sorted((out / FOLDER).glob("*.sqlite")) if s.is_file()]
