"""A vision-language model and its processor from a folder or the hub: quantised, adapted, on the right
device.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoImageProcessor, AutoTokenizer, BatchFeature

from dic_ingest.captioning.engines.settings import LocalModelSettings
from dic_ingest.errors import MissingExtraError, SettingsError

# A processor of pictures and text for models of the Qwen-VL family, without the video half.


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


# A vision-language model and its processor from a folder or the hub: quantised, adapted, on its device.


try:
    import torch
    from transformers import AutoModelForImageTextToText, AutoProcessor
    from transformers.utils import is_torchvision_available
except ImportError as error:
    raise MissingExtraError("torch or transformers", "vlm") from error


@dataclass
class Loaded:
    """What answers: model in eval mode, processor with left padding, device."""

    model: Any
    processor: Any
    device: str


def load(settings: LocalModelSettings) -> Loaded:
    """Raises SettingsError for a folder that holds no such model, MissingExtraError for absent packages."""
    device = _device(settings)
    dtype = _dtype(settings, device)
    where: dict[str, Any] = {"trust_remote_code": False, "local_files_only": settings.is_folder}
    if settings.revision and not settings.is_folder:
        where["revision"] = settings.revision
    try:
        processor = load_processor(settings.model, where)
        model = AutoModelForImageTextToText.from_pretrained(
            settings.model,
            dtype=dtype,
            device_map={"": device},
            **_quantised(settings, dtype, device, **where),
            **where,
        )
    except (OSError, ValueError, KeyError) as error:
        raise SettingsError(
            f"{settings.model} holds no vision-language model that can be loaded: {error}"
        ) from error
    if settings.adapter:
        model = _adapted(model, settings)
    tokenizer = getattr(processor, "tokenizer", processor)
    tokenizer.padding_side = "left"  # generation goes on at the right
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return Loaded(model.eval(), processor, device)


def load_processor(model: str, where: dict[str, Any]) -> Any:
    """The model's own processor; without torchvision that of pictures and text alone."""
    if is_torchvision_available():
        return AutoProcessor.from_pretrained(model, **where)
    try:
        return AutoProcessor.from_pretrained(model, **where)
    except (ImportError, OSError, ValueError, AttributeError):
        return GridProcessor.from_pretrained(model, **where)


def _device(settings: LocalModelSettings) -> str:
    if settings.device != "auto":
        return settings.device
    return "cuda:0" if torch.cuda.is_available() else "cpu"


def _dtype(settings: LocalModelSettings, device: str) -> Any:
    if settings.dtype != "auto":
        return getattr(torch, settings.dtype)
    return torch.bfloat16 if device.startswith("cuda") else torch.float32


def _quantised(settings: LocalModelSettings, dtype: Any, device: str, **where: Any) -> dict[str, Any]:
    if not settings.quantize:
        return {}
    from dic_ingest.captioning.engines.local_quantisation import check_quantisation, quantisation_config

    config = quantisation_config(settings.quantize, dtype, settings.quantize_vision)
    check_quantisation(settings.model, config, device, **where)
    if settings.quantize == "int8":
        logging.getLogger("bitsandbytes.autograd._functions").setLevel(
            logging.ERROR
        )  # a line a layer and token
    return {"quantization_config": config}


def _adapted(model: Any, settings: LocalModelSettings) -> Any:
    try:
        from peft import PeftModel
    except ImportError as error:
        raise MissingExtraError("peft", "vlm") from error
    try:
        adapted = PeftModel.from_pretrained(model, settings.adapter, local_files_only=True)
    except (OSError, ValueError) as error:
        raise SettingsError(f"{settings.adapter} holds no adapter for this model: {error}") from error
    return adapted.merge_and_unload() if settings.merge else adapted
