"""In place of the pipeline: any file is the made document, its text the figure's caption."""

from __future__ import annotations

import hashlib
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from made_document import FLOW_TEXT, made, write_crops

from dic_ingest.errors import BrokenFileError, MissingExtraError
from dic_ingest.model.document import Document


class FakeIngest:
    """In place of `pipeline.ingest`; remembers calls, and how many ran at once."""

    def __init__(self) -> None:
        self.calls: list[Path] = []
        self.threads: set[int] = set()
        self.most_at_once = 0
        self._now = 0

    def __call__(self, source: Path, settings: Any, folder: Path, *rest: Any, **more: Any) -> Document:
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        self.threads.add(threading.get_ident())
        try:
            time.sleep(0.01)
            return self._document(Path(source), settings, folder)
        finally:
            self._now -= 1

    def _document(self, source: Path, settings: Any, folder: Path) -> Document:
        self.calls.append(source)
        data = source.read_bytes()
        text = data.decode()
        if text == "broken":
            raise BrokenFileError("The file is damaged. Repair it.")
        if text == "unforeseen":
            raise RecursionError("too deep")
        if text == "extra":
            raise MissingExtraError("unstructured", "office")
        write_crops(folder)
        document = made(hashlib.sha256(data).hexdigest(), text or FLOW_TEXT, str(source))
        if settings.engine == "none":
            document = document.replace_figures(lambda f: replace(f, description=None))
        return document
