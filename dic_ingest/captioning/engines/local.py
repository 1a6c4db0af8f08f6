"""A vision-language model in this process as a `ChatModel`: greedy, in batches of like size.

Where memory does not suffice the batch is halved; a single figure is tried once more at half its size.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from dic_ingest.captioning.chat import ChatAnswer, Question, messages
from dic_ingest.captioning.engines.local_loading import Loaded, load
from dic_ingest.captioning.engines.settings import LocalModelSettings

NO_MEMORY = ("out of memory", "can't allocate memory", "not enough memory")


class LocalModel:
    """Answers questions with the model that `settings` name. Not to be shared between threads."""

    name = "local"

    def __init__(self, settings: LocalModelSettings, loaded: Loaded | None = None) -> None:
        self.settings = settings
        self.loaded = loaded or load(settings)
        parts = [Path(settings.model).name if settings.is_folder else settings.model]
        parts += [f"@{_revision(self.loaded, settings)}"]
        parts += [f"+{Path(settings.adapter).name}@{_digest(settings.adapter)}"] if settings.adapter else []
        parts += [f":{settings.quantize}"] if settings.quantize else []
        self.model = "".join(p for p in parts if p != "@")
        self.limits = f"{settings.max_tokens} {settings.dtype}"
        self.batch = settings.batch  # as large as memory has allowed so far

    def answer(self, questions: Sequence[Question]) -> list[ChatAnswer]:
        """One answer per question, in order."""
        found: dict[int, ChatAnswer] = {}
        waiting = sorted(range(len(questions)), key=lambda i: (_pixels(questions[i]), i))
        while waiting:
            now = waiting[: self.batch]
            answers = self._try([questions[i] for i in now])
            if answers is None and len(now) > 1:
                self.batch = len(now) // 2
                continue
            if answers is None:
                answers = self._try([_halved(questions[now[0]])]) or [ChatAnswer(error="out of memory")]
            found.update(zip(now, answers, strict=True))
            waiting = waiting[len(now) :]
        return [found[i] for i in range(len(questions))]

    def _try(self, questions: list[Question]) -> list[ChatAnswer] | None:
        """Answers, or None where memory did not suffice."""
        try:
            return self._generate(questions)
        except (torch.OutOfMemoryError, MemoryError):
            pass
        except RuntimeError as error:
            if not any(sign in str(error).lower() for sign in NO_MEMORY):
                return [ChatAnswer(error=f"{type(error).__name__}: {str(error)[:200]}") for _ in questions]
        except (ValueError, TypeError, IndexError) as error:  # a processor that rejects a picture
            if len(questions) > 1:
                return [
                    answer
                    for q in questions
                    for answer in (self._try([q]) or [ChatAnswer(error="out of memory")])
                ]
            return [ChatAnswer(error=f"{type(error).__name__}: {str(error)[:200]}")]
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        return None

    def _generate(self, questions: list[Question]) -> list[ChatAnswer]:
        processor = self.loaded.processor
        texts = [self._chat(q) for q in questions]
        images = [list(q.images) for q in questions]
        inputs = processor(text=texts, images=images, return_tensors="pt", padding=True).to(
            self.loaded.device
        )
        start = inputs["input_ids"].shape[1]
        with torch.inference_mode():
            made = self.loaded.model.generate(
                **inputs, max_new_tokens=self.settings.max_tokens, do_sample=False, **self._ending()
            )
        read = inputs["attention_mask"].sum(dim=1).tolist()
        fresh = made[:, start:]
        texts = processor.batch_decode(fresh, skip_special_tokens=True)
        counts = (fresh != self._ending()["pad_token_id"]).sum(dim=1).tolist()
        return [
            ChatAnswer(t, "", int(r), int(c), int(c) >= self.settings.max_tokens)
            for t, r, c in zip(texts, read, counts, strict=True)
        ]

    def _ending(self) -> dict[str, Any]:
        tokenizer = getattr(self.loaded.processor, "tokenizer", self.loaded.processor)
        greedy = {
            "num_beams": 1,
            "temperature": None,
            "top_p": None,
            "top_k": None,
        }  # whatever the folder says
        return {"pad_token_id": tokenizer.pad_token_id, **greedy}

    def _chat(self, question: Question) -> str:
        chat = messages(question)
        text = self.loaded.processor.apply_chat_template(chat, add_generation_prompt=True, tokenize=False)
        return str(text)

    def save(self, folder: Path) -> None:
        """Model (or adapter) and processor into a folder that `LocalModelSettings.model` can name."""
        folder.mkdir(parents=True, exist_ok=True)
        self.loaded.model.save_pretrained(folder)
        self.loaded.processor.save_pretrained(folder)


def _pixels(question: Question) -> int:
    return sum(i.width * i.height for i in question.images)


def _halved(question: Question) -> Question:
    """The question with its pictures at half their size, tiles left out."""
    first = question.images[0]
    size = (max(1, first.width // 2), max(1, first.height // 2))
    return replace(question, images=(first.resize(size, Image.Resampling.LANCZOS),))


def _revision(loaded: Loaded, settings: LocalModelSettings) -> str:
    """The pinned revision, else a digest of what tells one folder's weights from another's."""
    if settings.revision:
        return settings.revision[:12]
    return _digest(settings.model, str(loaded.model.config.to_dict()))


def _digest(folder: str, more: str = "") -> str:
    """Names, sizes and times of the weights; reading them all would take as long as loading them."""
    digest = hashlib.sha256(more.encode())
    for file in sorted(Path(folder).glob("*.safetensors")):
        status = file.stat()
        digest.update(f"{file.name}{status.st_size}{status.st_mtime_ns}".encode())
    return digest.hexdigest()[:12]
