"""What `DICReader.alazy_load_data` returns: documents read in a thread, file by file, as they are wanted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Sequence
from types import TracebackType
from typing import Any

from llama_index.core.schema import Document


class AsyncDocuments(Coroutine[Any, Any, list[Document]]):
    """`async for document in reader.alazy_load_data(...)`, or `await` it for a list, as in LlamaIndex's base.

    Each entry of `jobs` reads one file; none starts before it is asked for.
    """

    def __init__(self, jobs: Sequence[Callable[[], list[Document]]]) -> None:
        self._jobs = jobs
        self._all: Coroutine[Any, Any, list[Document]] | None = None

    async def __aiter__(self) -> AsyncIterator[Document]:
        for job in self._jobs:
            for document in await asyncio.to_thread(job):
                yield document

    async def _gather(self) -> list[Document]:
        return [document async for document in self]

    def _coroutine(self) -> Coroutine[Any, Any, list[Document]]:
        if self._all is None:
            self._all = self._gather()
        return self._all

    def __await__(self) -> Generator[Any, Any, list[Document]]:
        return self._coroutine().__await__()

    def send(self, value: Any) -> Any:
        """Run on to the next suspension; for the event loop."""
        return self._coroutine().send(value)

    def throw(
        self,
        typ: Any,
        val: BaseException | object = None,
        tb: TracebackType | None = None,
    ) -> Any:
        """Raise inside; for the event loop."""
        return self._coroutine().throw(typ if val is None else val)  # type: ignore[arg-type]

    def close(self) -> None:
        """Give up without reading."""
        if self._all is not None:
            self._all.close()
