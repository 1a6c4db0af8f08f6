"""A vision-language model and its processor from a folder or the hub: quantised, adapted, on its device.

Remote code is never run, and a folder is read without any network.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from dic_ingest.captioning.local_settings import LocalModelSettings
from dic_ingest.errors import MissingExtraError, SettingsError

try:
    import torch
    from transformers import AutoModelForImageTextToText, AutoProcessor, BitsAndBytesConfig
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
            settings.model, dtype=dtype, device_map={"": device}, **_quantised(settings, dtype), **where
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
        from dic_ingest.captioning.local_grid import GridProcessor

        return GridProcessor.from_pretrained(model, **where)


def _device(settings: LocalModelSettings) -> str:
    if settings.device != "auto":
        return settings.device
    return "cuda:0" if torch.cuda.is_available() else "cpu"


def _dtype(settings: LocalModelSettings, device: str) -> Any:
    if settings.dtype != "auto":
        return getattr(torch, settings.dtype)
    return torch.bfloat16 if device.startswith("cuda") else torch.float32


def _quantised(settings: LocalModelSettings, dtype: Any) -> dict[str, Any]:
    if not settings.quantize:
        return {}
    try:
        import bitsandbytes  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("bitsandbytes", "vlm") from error
    if settings.quantize == "int8":
        logging.getLogger("bitsandbytes.autograd._functions").setLevel(
            logging.ERROR
        )  # a line a layer and token
        return {"quantization_config": BitsAndBytesConfig(load_in_8bit=True)}
    made = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
    )
    return {"quantization_config": made}


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
