"""Vector stores by name, through LlamaIndex's own classes: nodes in, nodes out again by id or by vector.

Every node comes with the same metadata keys, since some stores take their columns from the first one.
"""

from __future__ import annotations

import functools
import uuid
import warnings
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlsplit

from llama_index.core.schema import BaseNode
from llama_index.core.vector_stores.types import BasePydanticVectorStore, VectorStoreQuery

from dic_ingest.errors import DICIngestError, MissingExtraError, SettingsError

P = ParamSpec("P")
T = TypeVar("T")
NAMESPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")  # RFC 9562's for URLs


def _named(act: Callable[P, T]) -> Callable[P, T]:
    """A method of `Store` whose failures are errors that name the store."""

    @functools.wraps(act)
    def done(*given: P.args, **named: P.kwargs) -> T:
        try:
            return act(*given, **named)
        except DICIngestError:
            raise
        except Exception as error:  # each client has errors of its own
            kind = getattr(given[0], "kind", "the store")
            raise DICIngestError(
                f"{kind} could not {act.__name__}: {str(error)[:300]}. Check that nobody else has it open; "
                "dic-ingest index --rebuild writes it anew."
            ) from error

    return done


class Store:
    """One collection of a store. `drop` of what is not there is no error.

    Every method raises DICIngestError where the store fails.
    """

    def __init__(self, kind: str, store: BasePydanticVectorStore) -> None:
        self.kind, self.store = kind, store

    def key(self, node_id: str) -> str:
        """The id that the store knows a node by; Qdrant takes UUIDs only."""
        return str(uuid.uuid5(NAMESPACE, node_id)) if self.kind == "qdrant" else node_id

    @_named
    def put(self, nodes: Sequence[BaseNode]) -> None:
        """Add nodes with embeddings; none with such an id may be there."""
        if nodes:
            self.store.add(list(nodes))

    @_named
    def drop(self, node_ids: Sequence[str]) -> None:
        """Delete nodes by id."""
        if not node_ids or not self._exists():
            return
        if self.kind == "lancedb":
            self.store.table.delete(_among(node_ids))  # type: ignore[attr-defined]
        else:
            self.store.delete_nodes([self.key(i) for i in node_ids])

    @_named
    def holds(self, node_id: str) -> bool:
        """Whether a node is there."""
        if not self._exists():
            return False
        if self.kind == "lancedb":
            return bool(self.store.table.count_rows(_among([node_id])))  # type: ignore[attr-defined]
        return bool(self.store.get_nodes(node_ids=[self.key(node_id)]))

    @_named
    def nearest(self, vector: list[float], count: int) -> list[tuple[BaseNode, float]]:
        """Nodes by similarity, best first."""
        if not self._exists():
            return []
        if self.kind == "lancedb" and not self.store.table.count_rows():  # type: ignore[attr-defined]
            return []  # the class raises a Warning
        found = self.store.query(VectorStoreQuery(query_embedding=vector, similarity_top_k=count))
        return list(zip(found.nodes or [], found.similarities or [], strict=True))

    @_named
    def clear(self) -> None:
        """Delete everything."""
        if not self._exists():
            return
        if self.kind == "lancedb":  # the class has no clear
            self.store.table.delete("true")  # type: ignore[attr-defined]
        elif self.kind != "chroma" or self.store.client.count():  # Chroma refuses to delete nothing
            self.store.clear()

    @_named
    def finish(self) -> None:
        """After many writes: merge small files."""
        if self.kind == "lancedb" and self._exists():
            self.store.table.optimize()  # type: ignore[attr-defined]

    @_named
    def purge(self) -> None:
        """After deletions: take the deleted rows off the disk where the store keeps earlier versions."""
        if self.kind == "lancedb" and self._exists():
            with warnings.catch_warnings():
                warnings.simplefilter(
                    "ignore", UserWarning
                )  # of readers at work: a run's lock keeps them away
                self.store.table.optimize(cleanup_older_than=timedelta(0))  # type: ignore[attr-defined]

    def close(self) -> None:
        """Free what an embedded store holds locked."""
        if self.kind in ("qdrant", "milvus"):
            self.store.client.close()

    def _exists(self) -> bool:
        inner: Any = self.store
        if self.kind == "lancedb":
            return bool(inner._table_exists())
        if self.kind == "qdrant":
            return bool(inner.client.collection_exists(inner.collection_name))
        return True


def _among(node_ids: Sequence[str]) -> str:
    """LanceDB's filter for ids. The class's own puts them in double quotes, which are for columns."""
    return "id IN ({})".format(",".join("'" + i.replace("'", "''") + "'" for i in node_ids))


def open_store(kind: str, uri: str, collection: str, dimension: int) -> Store:
    """The collection, made where it is not there yet.

    `uri` is a folder or file for embedded stores, a server's URL otherwise.

    Raises:
        SettingsError: no such store. MissingExtraError: the extra `stores` is not installed.
        DICIngestError: the store cannot be opened.
    """
    if kind not in STORES:
        raise SettingsError(f"no store called {kind!r}. Choose one of: {', '.join(STORES)}.")
    if "://" not in uri:
        Path(uri).parent.mkdir(parents=True, exist_ok=True)
    try:
        made = _MAKERS[kind](uri, collection, dimension)
    except ImportError as error:
        raise MissingExtraError(f"what {kind} needs ({error.name})", "stores") from error
    except Exception as error:  # each client has errors of its own
        raise DICIngestError(
            f"{kind} at {without_password(uri)} cannot be opened: {str(error)[:300]}. Check --uri."
        ) from error
    return Store(kind, made)


def without_password(uri: str) -> str:
    """A URI without its password."""
    password = urlsplit(uri).password if "://" in uri else None
    return uri.replace(f":{password}@", "@") if password else uri


def _lancedb(uri: str, collection: str, dimension: int) -> BasePydanticVectorStore:
    from llama_index.vector_stores.lancedb import LanceDBVectorStore

    return LanceDBVectorStore(uri=uri, table_name=collection, mode="create")  # type: ignore[no-any-return,unused-ignore]


def _qdrant(uri: str, collection: str, dimension: int) -> BasePydanticVectorStore:
    from llama_index.vector_stores.qdrant import QdrantVectorStore
    from qdrant_client import QdrantClient

    client = QdrantClient(url=uri) if "://" in uri else QdrantClient(path=uri)
    return QdrantVectorStore(collection_name=collection, client=client)  # type: ignore[no-any-return,unused-ignore]


def _chroma(uri: str, collection: str, dimension: int) -> BasePydanticVectorStore:
    import chromadb
    from chromadb.config import Settings
    from llama_index.vector_stores.chroma import ChromaVectorStore

    quiet = Settings(anonymized_telemetry=False)
    if "://" in uri:
        parts = urlsplit(uri)
        client = chromadb.HttpClient(
            host=parts.hostname or "", port=parts.port or 8000, ssl=parts.scheme == "https", settings=quiet
        )
    else:
        client = chromadb.PersistentClient(path=uri, settings=quiet)
    made = client.get_or_create_collection(
        collection, embedding_function=None, metadata={"hnsw:space": "cosine"}
    )
    return ChromaVectorStore(chroma_collection=made)  # type: ignore[no-any-return,unused-ignore]


def _milvus(uri: str, collection: str, dimension: int) -> BasePydanticVectorStore:
    from llama_index.vector_stores.milvus import MilvusVectorStore

    store = MilvusVectorStore(uri=uri, collection_name=collection, dim=dimension, use_async_client=False)
    # Milvus Lite lets go of a collection when its process ends, and the class loads only what it has made
    store.client.load_collection(collection)
    return store  # type: ignore[no-any-return,unused-ignore]


def _pgvector(uri: str, collection: str, dimension: int) -> BasePydanticVectorStore:
    from llama_index.vector_stores.postgres import PGVectorStore
    from sqlalchemy import make_url

    url = make_url(uri)
    store = PGVectorStore(
        connection_string=url.set(drivername="postgresql+psycopg2"),
        async_connection_string=url.set(drivername="postgresql+asyncpg"),
        table_name=collection,
        schema_name="public",
        embed_dim=dimension,
        use_jsonb=True,
        initialization_fail_on_error=True,
    )
    store._initialize()  # now, so that a wrong address is told before anything is embedded
    return store  # type: ignore[no-any-return,unused-ignore]


# every store: its name on the command line, and the function that opens it
_MAKERS = {
    "lancedb": _lancedb,
    "qdrant": _qdrant,
    "chroma": _chroma,
    "pgvector": _pgvector,
    "milvus": _milvus,
}
STORES = tuple(_MAKERS)
