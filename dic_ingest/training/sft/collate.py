"""Examples as tensors: chat messages with the engine's prompt, picture tokens whole, loss on the answer only.

In: an `Example`. Out: token ids, attention, pixels, and labels that are -100 everywhere but in the answer.
Works with any processor that transformers calls with text and images.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from dic_ingest.captioning.chat import Question, messages
from dic_ingest.captioning.engines.settings import GroundingSettings
from dic_ingest.errors import SettingsError
from dic_ingest.evaluation.engine_view import PLACEHOLDER
from dic_ingest.training.sft.examples import Example, asked

IGNORED = -100
PER_TOKEN = ("input_ids", "attention_mask", "token_type_ids", "mm_token_type_ids")


class Encoder:
    """Turns examples into tensors with one model's processor; pictures are read when they are needed."""

    def __init__(self, processor: Any, settings: GroundingSettings) -> None:
        self.processor, self.settings = processor, settings
        self.tokenizer = getattr(processor, "tokenizer", processor)
        pad = self.tokenizer.pad_token_id
        self.pad = pad if pad is not None else self.tokenizer.eos_token_id

    def texts(self, example: Example, answer: str, pictures: int = 1) -> tuple[str, str]:
        """The prompt as the engine sends it, and what the model has to add to it, its end mark included."""
        question = Question((PLACEHOLDER,) * pictures, example.prompt.system, example.prompt.user)
        start = self._chat(messages(question), add_generation_prompt=True)
        whole = self._chat(messages(question, answer), add_generation_prompt=False)
        if not whole.startswith(start):
            raise SettingsError(
                "the model's chat template writes its turn differently when it is asked than when it is "
                "taught, so the answer cannot be told from the prompt. Use another model."
            )
        return start, whole[len(start) :]

    def prompt(self, example: Example) -> dict[str, Any]:
        """The prompt's tensors, pictures included; each with a first dimension of one, or of pictures."""
        question = asked(example, self.settings)
        start, _ = self.texts(example, "", len(question.images))
        # nothing is ever cut: a prompt with half its picture tokens would teach nonsense
        made = self.processor(text=[start], images=[list(question.images)], return_tensors="pt")
        return dict(made)

    def answer(self, example: Example, answer: str) -> Any:
        """Token ids of what the model has to say, shape (length,)."""
        _, rest = self.texts(example, answer)
        found = self.tokenizer(rest, add_special_tokens=False)["input_ids"]
        return torch.tensor(found, dtype=torch.long)

    def length(self, example: Example) -> int:
        """Text tokens of prompt and answer, each picture counted as one."""
        return sum(
            len(self.tokenizer(t, add_special_tokens=False)["input_ids"])
            for t in self.texts(example, example.answer)
        )

    def row(self, prompt: dict[str, Any], answer: Any) -> dict[str, Any]:
        """Prompt and answer in one sequence; `answer_mask` is 1 on the answer."""
        size = prompt["input_ids"].shape[1]
        found = {k: v for k, v in prompt.items() if k not in PER_TOKEN}
        tails = {"input_ids": answer, "attention_mask": torch.ones_like(answer)}
        for name in (n for n in PER_TOKEN if n in prompt):
            tail = tails.get(name, torch.zeros_like(answer))
            found[name] = torch.cat([prompt[name][0], tail.to(prompt[name].dtype)])
        found["answer_mask"] = torch.cat([torch.zeros(size, dtype=torch.long), torch.ones_like(answer)])
        return found

    def batch(self, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """Rows padded at the right to the longest; pixels one after the other."""
        names = [n for n in (*PER_TOKEN, "answer_mask") if n in rows[0]]
        found = {
            n: torch.nn.utils.rnn.pad_sequence(
                [r[n] for r in rows], batch_first=True, padding_value=self.pad if n == "input_ids" else 0
            )
            for n in names
        }
        return found | {n: torch.cat([r[n] for r in rows]) for n in rows[0] if n not in names}

    def _chat(self, chat: list[dict[str, Any]], **options: Any) -> str:
        return str(self.processor.apply_chat_template(chat, tokenize=False, **options))


class AnswerCollator:
    """A data collator: rows of a dataset with the column `at`, an index into the examples, to a batch."""

    def __init__(self, encoder: Encoder, examples: Sequence[Example]) -> None:
        self.encoder, self.examples = encoder, examples

    def __call__(self, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """`labels` are the answer's tokens; prompt, pictures and padding are ignored."""
        chosen = [self.examples[int(r["at"])] for r in rows]
        made = [self.encoder.row(self.encoder.prompt(e), self.encoder.answer(e, e.answer)) for e in chosen]
        batch = self.encoder.batch(made)
        labels = batch["input_ids"].clone()
        labels[batch.pop("answer_mask") == 0] = IGNORED
        return batch | {"labels": labels}
