"""A processor of pictures and text for models of the Qwen-VL family, without the video half.

Their own processors also hold a video processor, which needs torchvision. Figures do not: where torchvision
is absent or does not fit the installed torch, this one expands each picture's placeholder to its grid.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from transformers import AutoImageProcessor, AutoTokenizer, BatchFeature

PLACEHOLDER = "<|image_pad|>"


class GridProcessor:
    """Called like a transformers processor with `text` and `images` (a list of pictures for each text)."""

    def __init__(self, image_processor: Any, tokenizer: Any) -> None:
        self.image_processor, self.tokenizer = image_processor, tokenizer
        self.image_id = tokenizer.convert_tokens_to_ids(PLACEHOLDER)

    @classmethod
    def from_pretrained(cls, folder: str, **where: Any) -> GridProcessor:
        """Raises ValueError for a tokenizer without the family's placeholder."""
        tokenizer = AutoTokenizer.from_pretrained(folder, **where)
        if PLACEHOLDER not in tokenizer.get_vocab():
            raise ValueError("its processor needs torchvision, which is not installed or does not fit torch")
        return cls(AutoImageProcessor.from_pretrained(folder, **where), tokenizer)

    def __call__(self, text: list[str], images: list[list[Any]], **options: Any) -> Any:
        """Token ids, attention mask, pixels, grids, and which tokens stand for pictures."""
        options.pop("return_tensors", None)
        seen = self.image_processor(images=[i for several in images for i in several], return_tensors="pt")
        sizes = [int(grid.prod()) // self.image_processor.merge_size**2 for grid in seen["image_grid_thw"]]
        expanded = []
        for one in text:
            before, *parts = one.split(PLACEHOLDER)
            expanded.append(before + "".join(PLACEHOLDER * sizes.pop(0) + part for part in parts))
        tokens = self.tokenizer(expanded, return_tensors="pt", **options)
        kinds = (tokens["input_ids"] == self.image_id).to(torch.int32)
        return BatchFeature({**tokens, **seen, "mm_token_type_ids": kinds})

    def apply_chat_template(self, messages: Any, **options: Any) -> Any:
        """The tokenizer's chat template."""
        return self.tokenizer.apply_chat_template(messages, **options)

    def batch_decode(self, ids: Any, **options: Any) -> list[str]:
        """Texts of token ids."""
        texts: list[str] = self.tokenizer.batch_decode(ids, **options)
        return texts

    def save_pretrained(self, folder: Path) -> None:
        """Both halves, each in its own files."""
        self.image_processor.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)
