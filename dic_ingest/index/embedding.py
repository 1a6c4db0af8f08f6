"""Text embedders as LlamaIndex classes: the offline default, or any OpenAI-compatible server."""

from __future__ import annotations

import os
from typing import Any

from llama_index.core.base.embeddings.base import BaseEmbedding
from pydantic import PrivateAttr

from dic_ingest.errors import MissingExtraError, SettingsError
from dic_ingest.evaluation.text_embedding import MiniLM

KEY = "OPENAI_API_KEY"  # environment variable; servers of one's own mostly ask for none


class MiniLMEmbedding(BaseEmbedding):  # type: ignore[misc,unused-ignore]
    """all-MiniLM-L6-v2 from its package, on the CPU, offline; 384 numbers a text."""

    _model: Any = PrivateAttr(default=None)

    @classmethod
    def class_name(cls) -> str:
        """The name that LlamaIndex serialises."""
        return "MiniLMEmbedding"

    def _encode(self, texts: list[str]) -> list[list[float]]:
        if self._model is None:
            self._model = MiniLM()
        rows: list[list[float]] = self._model.encode(texts).tolist()
        return rows

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._encode([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return self._encode(texts)

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._encode([query])[0]

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)


def make_embedding(name: str = "minilm", model: str = "") -> BaseEmbedding:
    """The embedder called "minilm", or the one behind the URL of an OpenAI-compatible server.

    Raises:
        SettingsError: neither. MissingExtraError: the extra `stores` is not installed.
    """
    if name == "minilm":
        return MiniLMEmbedding(model_name="all-MiniLM-L6-v2", embed_batch_size=64)
    if not name.startswith(("http://", "https://")):
        raise SettingsError(f'no embedding called {name!r}. Take "minilm", or a URL that ends in /v1.')
    if not model:
        raise SettingsError("an embedding server needs the name of a model: give --embedding-model.")
    try:
        from llama_index.embeddings.openai_like import OpenAILikeEmbedding
    except ImportError as error:
        raise MissingExtraError("llama-index-embeddings-openai-like", "stores") from error
    made: BaseEmbedding = OpenAILikeEmbedding(
        model_name=model, api_base=name, api_key=os.environ.get(KEY, "none"), embed_batch_size=64
    )
    return made
