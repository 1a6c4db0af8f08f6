"""How the size of a chunk is counted: by the default estimate, or by the tokenizer of the user's model.

In: a tokenizer's name or a function. Out: a function of a text to its number of tokens. Nothing is fetched: a
tokenizer whose files are not on this machine is an error.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from dic_ingest.errors import MissingExtraError, SettingsError
from dic_ingest.nodes.splitting import tokens

Count: TypeAlias = Callable[[str], int]  # a text to its number of tokens
TIKTOKEN, HF = "tiktoken:", "hf:"
NAMES = '"" (an estimate), "tiktoken:cl100k_base" or "hf:/path/to/tokenizer.json"'
CACHE = "TIKTOKEN_CACHE_DIR"  # the folder of tiktoken's files, by tiktoken's own variable
# characters given to a tokenizer at once: tiktoken's time grows with the square of an unbroken run of letters
AT_ONCE = 10_000
_one_at_a_time = threading.Lock()


def check_tokenizer(tokenizer: str | Count) -> None:
    """Check the form of a `[nodes] tokenizer`; its files are not opened.

    Raises:
        SettingsError: it is neither a function nor of a form that is known.
    """
    if callable(tokenizer) or not tokenizer:
        return
    kind = next((k for k in (TIKTOKEN, HF) if isinstance(tokenizer, str) and tokenizer.startswith(k)), "")
    if not kind or tokenizer == kind:
        raise SettingsError(
            f"nodes.tokenizer must be {NAMES}; in Python also a function of a text to a number. "
            f"Got {tokenizer!r}."
        )


def counter(tokenizer: str | Count) -> Count:
    """The function that counts tokens; a tokenizer is loaded once in a process.

    Raises:
        SettingsError: no such tokenizer, or its files are not on this machine.
        MissingExtraError: the package that reads it is not installed.
    """
    check_tokenizer(tokenizer)
    if callable(tokenizer):
        return functools.partial(_given, tokenizer)
    return _loaded(tokenizer) if tokenizer else tokens


def fingerprint(tokenizer: str) -> str:
    """What changes with the content of a tokenizer's file; "" for one that has none.

    Raises:
        SettingsError: the file cannot be read.
    """
    return hashlib.sha256(_content(tokenizer)).hexdigest() if tokenizer.startswith(HF) else ""


def _given(count: Count, text: str) -> int:
    found = count(text)
    if not isinstance(found, int) or found < 0:
        raise SettingsError(f"nodes.tokenizer must return a number of tokens, not {found!r}.")
    return found


@functools.lru_cache(maxsize=8)
def _loaded(tokenizer: str) -> Count:
    encode = _hf(tokenizer) if tokenizer.startswith(HF) else _tiktoken(tokenizer.removeprefix(TIKTOKEN))

    def count(text: str) -> int:
        text = text.encode("utf-8", "replace").decode("utf-8")  # lone surrogates are no text to a tokenizer
        return sum(len(encode(text[at : at + AT_ONCE])) for at in range(0, len(text), AT_ONCE))

    return count


def _content(tokenizer: str) -> bytes:
    path = Path(tokenizer.removeprefix(HF)).expanduser()
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingsError(
            f"nodes.tokenizer: {path} cannot be read: {error.strerror or error}. Name the tokenizer.json of "
            "a model on this machine; none is fetched."
        ) from error


def _hf(tokenizer: str) -> Callable[[str], list[int]]:
    content = _content(tokenizer)
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise MissingExtraError("tokenizers", "evaluate") from error
    try:
        made: Any = Tokenizer.from_str(content.decode("utf-8"))
    except Exception as error:  # the package raises bare Exceptions
        raise SettingsError(f"nodes.tokenizer: {tokenizer!r} is no tokenizer.json: {error}") from error
    made.no_truncation()  # a file may ask for either, and both would falsify the size
    made.no_padding()
    return lambda text: list(made.encode(text, add_special_tokens=False).ids)


def _tiktoken(name: str) -> Callable[[str], list[int]]:
    import tiktoken  # comes with llama-index-core

    known = tiktoken.list_encoding_names()
    if name not in known:
        raise SettingsError(f"nodes.tokenizer: tiktoken has no encoding {name!r}. It has {', '.join(known)}.")
    with _one_at_a_time, _local_files(name):
        made = tiktoken.get_encoding(name)
    return lambda text: made.encode(text, disallowed_special=())


@contextmanager
def _local_files(name: str) -> Iterator[None]:
    """Within, tiktoken takes files from its cache alone, else from those that LlamaIndex ships."""
    from tiktoken import load

    def refuse(blobpath: str) -> bytes:
        raise SettingsError(
            f"nodes.tokenizer: the file of tiktoken's encoding {name!r} is not on this machine, and none is "
            f'fetched. Set {CACHE} to a folder and run `python -c "import tiktoken; '
            f"tiktoken.get_encoding('{name}')\"` once where {blobpath} can be reached."
        )

    read, before, shipped = load.read_file, os.environ.get(CACHE), _shipped()
    if before is None and shipped is not None:
        os.environ[CACHE] = str(shipped)
    load.read_file = refuse
    try:
        yield
    finally:
        load.read_file = read
        if before is None:
            os.environ.pop(CACHE, None)


def _shipped() -> Path | None:
    """LlamaIndex's folder of tiktoken files, which holds the encodings that it uses itself."""
    found = importlib.util.find_spec("llama_index.core")
    if found is None or not found.submodule_search_locations:
        return None
    folder = Path(next(iter(found.submodule_search_locations))) / "_static" / "tiktoken_cache"
    return folder if folder.is_dir() else None
