"""Answers of a model kept on disk by all they depend on: pixels, prompt with its words, model, limits.

A new revision of a document asks again only for figures that changed. Failures are not kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from dic_ingest.captioning.chat import ChatAnswer, ChatModel, Question
from dic_ingest.errors import MALFORMED
from dic_ingest.owned_files import write_file

SCHEMA = "dic_ingest.answer/2"


class Kept:
    """A talker whose answers are kept in `folder`; `hits` and `misses` count since it was made."""

    def __init__(self, talker: ChatModel, folder: Path) -> None:
        self.talker, self.folder = talker, folder
        self.name, self.model, self.limits = talker.name, talker.model, talker.limits
        self.hits = self.misses = 0

    def answer(self, questions: Sequence[Question]) -> list[ChatAnswer]:
        """Kept answers, and the talker's for the rest."""
        keys = [key_of(q, self.name, f"{self.model} {self.limits}") for q in questions]
        found = [self._read(k) for k in keys]
        asked = [i for i, a in enumerate(found) if a is None]
        self.hits += len(found) - len(asked)
        self.misses += len(asked)
        answers = self.talker.answer([questions[i] for i in asked]) if asked else []
        for i, answer in zip(asked, answers, strict=True):
            found[i] = answer
            if not answer.error:
                self._write(keys[i], answer)
        return [a or ChatAnswer(error="no answer") for a in found]

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.json"

    def _read(self, key: str) -> ChatAnswer | None:
        try:
            data = json.loads(self._path(key).read_text("utf-8"))
            if data.get("schema") != SCHEMA:
                return None
            return replace(ChatAnswer(**data["answer"]), cost=0.0, reused=True)  # paid when it was asked
        except (OSError, *MALFORMED):
            return None  # absent, half written or of another version: asked again

    def _write(self, key: str, answer: ChatAnswer) -> None:
        path = self._path(key)
        with contextlib.suppress(OSError):  # a full disk costs the next run time, not this one its captions
            path.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps({"schema": SCHEMA, "answer": asdict(answer)}, ensure_ascii=False)
            write_file(path, text.encode("utf-8", "backslashreplace"), _is_answer)


def _is_answer(path: Path) -> bool:
    """Whether a file is a kept answer, of any version; one that a full disk left empty too."""
    head = path.read_bytes()[:40]
    return not head or head.startswith(b'{"schema": "dic_ingest.answer/')


def key_of(question: Question, name: str, model: str) -> str:
    """sha256 over pixels with their size, prompt and model."""
    digest = hashlib.sha256()
    for part in (SCHEMA, name, model, question.system, question.user, str(question.structured)):
        digest.update(f"{len(part)}:".encode() + part.encode())
    for image in question.images:
        digest.update(f"{image.mode}{image.size}".encode() + image.tobytes())
    return digest.hexdigest()
