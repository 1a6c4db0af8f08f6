"""A folder of results into a vector store: what is new or changed is embedded and written, nothing else.

Documents of one content are indexed once. Killed at any moment, the next call puts things right.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.schema import BaseNode, NodeRelationship, RelatedNodeInfo

from dic_ingest.batch.manifest import DONE, NAME, NODES, Entry, Manifest
from dic_ingest.batch.scratch import locked
from dic_ingest.errors import (
    MALFORMED,
    DICIngestError,
    MissingFileError,
    NotOursError,
    SettingsError,
)
from dic_ingest.index.embedding import OFFLINE, make_embedding, usual_embedding
from dic_ingest.index.state import Indexed, IndexState, searched_texts
from dic_ingest.index.stores import Store, open_store, without_password
from dic_ingest.llamaindex.convert import to_node
from dic_ingest.nodes import NodeRecord
from dic_ingest.owned_files import file_inside, open_regular, sha256_of

VECTORS = "2"  # version of the texts that vectors are made of; of another one, what differs is made anew
FOLDER = ".index"  # below the results; no results folder begins with a dot
# What every stored node carries, in this order. Other keys go into `dic_extra`, as JSON.
COLUMNS: dict[str, str | int | float] = {
    **dict.fromkeys(
        ("file_path", "file_name", "page_label", "dic_type", "section", "bbox", "image_path"), ""
    ),
    **dict.fromkeys(("dic_doc_id", "dic_node_id", "dic_prev_id", "dic_next_id", "dic_parent_id"), ""),
    **dict.fromkeys(("figure_label", "figure_class", "caption", "printed_caption", "mermaid"), ""),
    **dict.fromkeys(("page", "dic_order"), 0),
    **dict.fromkeys(("page_width", "page_height"), 0.0),
    "dic_extra": "",
}


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """Where nodes go and how they are embedded. An empty `uri` is a folder below the results."""

    store: str = "lancedb"
    uri: str = ""
    collection: str = "dic_ingest"
    embedding: str = ""  # a name, a server's URL, a LlamaIndex class's path; "": see `with_embedding`
    model: str = ""  # of that server or class
    options: tuple[tuple[str, str], ...] = ()  # further arguments of that class

    def __post_init__(self) -> None:
        if not self.collection.isidentifier():
            raise SettingsError(f"a collection's name is letters, digits and _, got {self.collection!r}")
        if self.store == "pgvector" and not self.uri.startswith(("postgresql", "postgres://")):
            raise SettingsError("pgvector needs --uri postgresql://user:password@host/database")

    @property
    def embedder(self) -> str:
        """What vectors can be compared with each other."""
        return " ".join((self.embedding, self.model, *("=".join(o) for o in self.options))).strip()

    def place(self, out: Path) -> str:
        """The URI, or path, of the store for the results in `out`."""
        return self.uri or str(out.resolve() / FOLDER / f"{self.store}{'.db' * (self.store == 'milvus')}")

    def state(self, out: Path) -> Path:
        """The file, below the results in `out`, that remembers what the store holds."""
        key = "\n".join((self.store, self.place(out), self.collection))
        return out / FOLDER / f"{self.store}-{hashlib.sha256(key.encode()).hexdigest()[:12]}.sqlite"


def with_embedding(out: Path, settings: IndexSettings) -> IndexSettings:
    """The settings with the name of an embedding: where they have none, an offline one.

    That is the one that this index was made with, else the first of `OFFLINE` that is installed.
    """
    if settings.embedding:
        return settings
    before = ""
    if (path := settings.state(out)).is_file():
        with closing(IndexState(path)) as state:
            before = state.meta("embedding")
    return replace(settings, embedding=before if before in OFFLINE else usual_embedding())


@dataclass(frozen=True, slots=True)
class Tally:
    """What a call of `index` did: nodes written and deleted, documents by what became of them."""

    documents: int = 0
    unchanged: int = 0
    removed: int = 0
    written: int = 0
    deleted: int = 0
    left_out: int = 0  # documents that were deleted from the index and stay out of it


@contextmanager
def opened(
    out: Path, settings: IndexSettings, embedding: BaseEmbedding | None, rebuild: bool = False
) -> Iterator[tuple[IndexState, Callable[[], Store]]]:
    """The index's state, and its store, which is opened only when it is asked for.

    Without an embedding nothing can be added, and the store must have been used before.

    Raises:
        DICIngestError: the index was made with another embedding.
    """
    place = settings.state(out)
    check_place(place)
    settings = with_embedding(out, settings)
    # results that were moved or copied bring vectors that no state knows, maybe of another embedding
    unknown = embedding is not None and not settings.uri and not place.is_file()
    state = IndexState(place)
    made: list[Store] = []

    def store() -> Store:
        if not made:
            dimension = int(state.meta("dimension") or len(_of(embedding).get_query_embedding("dimension")))
            state.meta("dimension", str(dimension))
            made.append(open_store(settings.store, settings.place(out), settings.collection, dimension))
        return made[0]

    try:
        if rebuild or unknown:
            store().clear()
            made.pop().close()
            state.clear()
        if embedding is not None:
            _remember(state, settings)
        yield state, store
    finally:
        state.close()
        for each in made:
            each.close()


def _of(embedding: BaseEmbedding | None) -> BaseEmbedding:
    if embedding is None:
        raise DICIngestError("Nothing was indexed there yet. Make the index first: dic-ingest index")
    return embedding


def _remember(state: IndexState, settings: IndexSettings) -> None:
    """Note in the state which index it is of; raises DICIngestError for another embedding than before."""
    before = state.meta("embedding") or state.meta("embedding", settings.embedder)
    if before != settings.embedder:
        raise DICIngestError(
            f"this index was made with the embedding {before!r}. Take the same one, or another --collection."
        )
    state.meta("store", settings.store)
    state.meta("uri", without_password(settings.uri))
    state.meta("collection", settings.collection)


def check_place(path: Path) -> None:
    """The index's own file may be new or a regular one, in a folder that is no link; raises NotOursError."""
    if path.parent.is_symlink():
        raise NotOursError(f"{path.parent} is a link. Remove it, or give a results folder of your own.")
    if os.path.lexists(path):
        os.close(open_regular(path))


def index(
    out: Path,
    settings: IndexSettings | None = None,
    rebuild: bool = False,
    progress: Callable[[str, int], None] = lambda file, nodes: None,
    embedding: BaseEmbedding | None = None,
    embedded: Callable[[str, int, int], None] = lambda file, done, total: None,
) -> Tally:
    """Bring the store that `settings` name up to date with the results in `out`.

    `rebuild` empties it first. `progress` gets each file with the number of nodes written, `embedding` is
    used instead of the one that the settings name. `embedded` gets a file, how many of its new nodes have
    their vectors and how many there are: before the first and after each batch of the embedding.

    Nodes of documents whose results are gone are deleted; a document whose last run failed keeps what it had.

    Raises:
        MissingFileError: `out` holds no results. DICIngestError: the store.
    """
    if not (out / NAME).is_file():
        raise MissingFileError(f"{out} holds no {NAME}. Give the --out folder of a run.")
    settings = with_embedding(out, settings or IndexSettings())
    embedding = embedding or make_embedding(settings.embedding, settings.model, dict(settings.options))
    with locked(out), opened(out, settings, embedding, rebuild) as (state, store):
        entries = list(Manifest(out).entries.values())
        withheld = state.withheld()
        wanted = _wanted(out, [e for e in entries if e.file not in withheld])
        known, settled = _known(state, store, settings, wanted)
        tally = Tally(left_out=sum(e.file in withheld for e in entries))
        for name in [n for n in known if n not in wanted]:
            tally = drop_document(state, store(), name, tally)
        for name, document in wanted.items():
            if settled.get(name) == document:
                tally = replace(tally, unchanged=tally.unchanged + 1)
                continue
            note = partial(embedded, document.file)
            written, deleted = _update(out, document, state, store(), embedding, note)
            tally = replace(
                tally,
                documents=tally.documents + 1,
                written=tally.written + written,
                deleted=tally.deleted + deleted,
            )
            progress(document.file, written)
        if tally.written or tally.deleted:
            store().finish()
        state.meta("vectors", VECTORS)
    return tally


def _known(
    state: IndexState, store: Callable[[], Store], settings: IndexSettings, wanted: Mapping[str, Indexed]
) -> tuple[Mapping[str, Indexed], Mapping[str, Indexed]]:
    """The documents that the store holds, and those of them whose vectors are of today's making."""
    known, some = state.documents(), state.any_node()
    if some and known != wanted and not store().holds(some):
        state.clear()  # the store was emptied behind our back
        _remember(state, settings)
        return {}, {}
    return known, known if state.meta("vectors") == VECTORS else {}


def _wanted(out: Path, entries: Sequence[Entry]) -> dict[str, Indexed]:
    """Documents that the store should hold, by the names of their folders; the first of equal content."""
    wanted: dict[str, Indexed] = {}
    seen: set[str] = set()
    for entry in entries:
        nodes = out / entry.name / NODES
        if not entry.name or (out / entry.name).is_symlink() or not file_inside(out / entry.name, NODES):
            continue
        digest = sha256_of(nodes)
        content = entry.sha256 if entry.status in DONE else digest
        if content not in seen:
            seen.add(content)
            wanted[entry.name] = Indexed(entry.name, entry.file, entry.sha256, digest, True)
    return wanted


def read_nodes(out: Path) -> Iterator[tuple[str, list[NodeRecord]]]:
    """The documents of a results folder by the names of their folders, with their nodes; copies once.

    Raises:
        DICIngestError: a nodes.jsonl that is damaged.
    """
    for name in _wanted(out, list(Manifest(out).entries.values())):
        yield name, [record for record, _ in _records(out / name)]


def read_words(out: Path) -> IndexState:
    """The state that an index of `out` would have, in memory and without a store: for search by words."""
    state = IndexState(None)
    for name, document in _wanted(out, list(Manifest(out).entries.values())).items():
        records = _records(out / name)
        texts = searched_texts([r for r, _ in records])
        state.begin(document, [], [(r.id, "", line, texts[r.id]) for r, line in records])
        state.end(name, [])
    return state


def drop_document(state: IndexState, store: Store, name: str, tally: Tally) -> Tally:
    """Delete a document's nodes from the store, then from the state."""
    ids = list(state.hashes(name))
    store.drop(ids)
    state.forget(name)
    return replace(tally, removed=tally.removed + 1, deleted=tally.deleted + len(ids))


def _update(
    out: Path,
    document: Indexed,
    state: IndexState,
    store: Store,
    embedding: BaseEmbedding,
    embedded: Callable[[int, int], None],
) -> tuple[int, int]:
    """Write what is new or changed of one document, delete what is gone; numbers of both."""
    records = _records(out / document.name)
    before = state.hashes(document.name)
    was_whole = document.name in state.documents() and state.documents()[document.name].whole
    texts = searched_texts([r for r, _ in records])
    hashes = {r.id: _hash(r, line, texts[r.id]) for r, line in records}
    gone = [i for i in before if i not in hashes]
    fresh = [(r, line) for r, line in records if not was_whole or before.get(r.id) != hashes[r.id]]
    state.begin(document, gone, [(r.id, hashes[r.id], line, texts[r.id]) for r, line in fresh])
    nodes = [_node(record, document, store) for record, _ in fresh]
    _embed(nodes, [texts[r.id] for r, _ in fresh], embedding, embedded)
    store.drop([*gone, *(r.id for r, _ in fresh if r.id in before)])
    store.put(nodes)
    state.end(document.name, gone)
    return len(nodes), len(gone)


def _hash(record: NodeRecord, line: str, text: str) -> str:
    """What changes when a node must be written anew: its line, and the text of its vector if that differs."""
    return hashlib.sha256((line if text == record.text else f"{line}\n{text}").encode()).hexdigest()


def _embed(
    nodes: list[BaseNode],
    texts: Sequence[str],
    embedding: BaseEmbedding,
    embedded: Callable[[int, int], None],
) -> None:
    """Give every node the vector of the text at its place in `texts`, a batch of the embedding at a time."""
    embedded(0, len(nodes))
    for start in range(0, len(nodes), embedding.embed_batch_size):
        batch = nodes[start : start + embedding.embed_batch_size]
        told = texts[start : start + len(batch)]
        vectors = embedding.get_text_embedding_batch([text or " " for text in told])
        for node, vector in zip(batch, vectors, strict=True):
            node.embedding = vector
        embedded(start + len(batch), len(nodes))


def _records(folder: Path) -> list[tuple[NodeRecord, str]]:
    """The nodes of one document with their lines; crops by their whole path, none that lies elsewhere."""
    try:
        lines = (folder / NODES).read_text("utf-8").split("\n")
        return [(_record(line, folder), line) for line in lines if line.strip()]
    except MALFORMED as error:
        raise DICIngestError(
            f"{folder / NODES} is damaged: {str(error)[:200]}. dic-ingest run on the same files and folder "
            "makes it anew; then index again."
        ) from error


def _record(line: str, folder: Path) -> NodeRecord:
    record = NodeRecord.from_dict(json.loads(line))
    if not isinstance(record.id, str) or not isinstance(record.text, str):
        raise ValueError("a line is no node")
    crop = file_inside(folder, str(record.image)) if record.image else None
    image = str(crop.resolve()) if crop else ""
    metadata = {**record.metadata, "image_path": image}
    if (name := record.metadata.get("page_image")) and (page := file_inside(folder, str(name))):
        metadata["page_image"] = str(page.resolve())
    return replace(record, image=image, metadata=metadata, image_data="")  # stores limit a node's size


def _node(record: NodeRecord, document: Indexed, store: Store) -> BaseNode:
    extra = {k: v for k, v in record.metadata.items() if k not in COLUMNS}
    metadata: dict[str, Any] = {k: _as(record.metadata.get(k), v) for k, v in COLUMNS.items()}
    metadata["dic_extra"] = json.dumps(extra, ensure_ascii=False) if extra else ""
    node = to_node(replace(record, metadata=metadata))
    node.id_ = store.key(record.id)
    doc_id = str(record.metadata.get("dic_doc_id") or document.sha)
    node.relationships = {NodeRelationship.SOURCE: RelatedNodeInfo(node_id=doc_id)}
    return node


def _as(value: object, kind: str | int | float) -> Any:
    """`value` in the type of the column's default."""
    if value is None:
        return kind
    if isinstance(kind, str):
        return str(value)
    try:
        return type(kind)(str(value))
    except ValueError:
        return kind
