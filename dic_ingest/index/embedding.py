"""Text embedders and rerankers as LlamaIndex classes: the offline one, a server, or a class by its path."""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Mapping
from typing import Any

from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from pydantic import PrivateAttr

from dic_ingest.errors import MissingExtraError, SettingsError
from dic_ingest.evaluation.embedding.text import MiniLM

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


def make_embedding(
    name: str = "minilm", model: str = "", options: Mapping[str, str] | None = None
) -> BaseEmbedding:
    """A text embedder.

    Args:
        name: "minilm"; the URL of an OpenAI-compatible server; or the path of a LlamaIndex embedding class,
            such as "llama_index.embeddings.fastembed.FastEmbedEmbedding".
        model: the model of that server or class.
        options: further arguments of that class.

    Raises:
        SettingsError: none of these, or arguments that the class refuses.
        MissingExtraError: the extra `stores` is not installed.
    """
    if name == "minilm":
        return MiniLMEmbedding(model_name="all-MiniLM-L6-v2", embed_batch_size=64)
    if name.startswith(("http://", "https://")):
        return _served(name, model)
    if "." not in name:
        raise SettingsError(
            f'no embedding called {name!r}. Take "minilm", a URL that ends in /v1, or the path of a class.'
        )
    arguments = {**({"model_name": model} if model else {}), **(options or {})}
    made: BaseEmbedding = make_by_path(name, BaseEmbedding, arguments)
    return made


def _served(url: str, model: str) -> BaseEmbedding:
    if not model:
        raise SettingsError("an embedding server needs the name of a model: give --embedding-model.")
    try:
        from llama_index.embeddings.openai_like import OpenAILikeEmbedding
    except ImportError as error:
        raise MissingExtraError("llama-index-embeddings-openai-like", "stores") from error
    made: BaseEmbedding = OpenAILikeEmbedding(
        model_name=model, api_base=url, api_key=os.environ.get(KEY, "none"), embed_batch_size=64
    )
    return made


def make_reranker(name: str, options: Mapping[str, str] | None = None) -> BaseNodePostprocessor:
    """A reranker: the path of a LlamaIndex postprocessor class, and its arguments.

    Raises:
        SettingsError: no such class, or arguments that it refuses.
    """
    made: BaseNodePostprocessor = make_by_path(name, BaseNodePostprocessor, dict(options or {}))
    return made


def make_by_path(path: str, base: type, arguments: Mapping[str, str]) -> Any:
    """An object of the class at "package.module.Class", which must be a `base`.

    Raises:
        SettingsError: no such class, another kind of class, or arguments that it refuses.
    """
    module, _, name = path.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise SettingsError(
            f"{path} cannot be imported: {str(error)[:200]}. "
            "Install its package, and give package.module.Class."
        ) from error
    if not (isinstance(found, type) and issubclass(found, base)):
        raise SettingsError(f"{path} is no {base.__name__} of LlamaIndex.")
    try:
        return found(**{k: _value(v) for k, v in arguments.items()})
    except Exception as error:  # each class has errors of its own
        raise SettingsError(f"{path} cannot be made: {str(error)[:300]}. Check its arguments.") from error


def _value(text: str) -> Any:
    """An argument's value: JSON where it is that (5, true, [1]), else the text."""
    try:
        return json.loads(text)
    except ValueError:
        return text
