"""The model that a stage begins with: a model, an adapter of an earlier stage, weights chosen for training.

In: a folder and settings. Out: `Start`. A folder of another model than the earlier stages' is refused before
any weight is read.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dic_ingest.captioning.engines.trained import Trained, read_trained
from dic_ingest.errors import MissingExtraError, SettingsError
from dic_ingest.training.sft.checks import check_memory, free_bytes, model_digest, needed_bytes
from dic_ingest.training.sft.settings import SftSettings

try:
    import torch
    from accelerate import DistributedType, PartialState
    from peft import LoraConfig, PeftModel, get_peft_model, prepare_model_for_kbit_training
    from transformers import AutoConfig, AutoModelForImageTextToText
except ImportError as error:
    raise MissingExtraError("torch, transformers or peft", "train") from error

LANGUAGE = r".*language_model.*\.(q_proj|k_proj|v_proj|o_proj|out_proj|gate_proj|up_proj|down_proj|fc1|fc2)"
VISION = re.compile(r"(^|\.)(visual|vision_tower|vision_model|multi_modal_projector)\.")


@dataclass
class Start:
    """A model ready to be trained, its processor, and the record of what was done to it before."""

    model: Any
    processor: Any
    record: Trained
    base: Path


@dataclass(frozen=True, slots=True)
class DevicePlace:
    """Where a stage begins: the folder of the base model, that of an adapter ("" if none), the record."""

    base: Path
    adapter: str
    record: Trained


def find_start(folder: Path) -> DevicePlace:
    """Reads configs only. Raises SettingsError: no model there, or a checkpoint of another model."""
    record = read_trained(folder)
    adapter = folder / "adapter_config.json"
    base = folder
    if adapter.is_file():
        try:
            base = Path(json.loads(adapter.read_text("utf-8"))["base_model_name_or_path"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SettingsError(f"{adapter} names no base model. Train the adapter again.") from error
        if not base.is_dir():
            raise SettingsError(f"the base model {base} of the adapter {folder} is not here. Put it back.")
    digest = model_digest(base)
    if record and record.base_digest and record.base_digest != digest:
        raise SettingsError(
            f"{folder} was trained on another model ({record.base}) than the one it names now ({base}). "
            "Give the stage the model that the earlier stages began with."
        )
    fresh = Trained(base=base.name, base_digest=digest)
    return DevicePlace(base, str(folder) if adapter.is_file() else "", record or fresh)


def enough_memory(place: DevicePlace, settings: SftSettings, device: str) -> None:
    """Counts the weights without allocating them. Raises LimitError, SettingsError for another rank."""
    check_rank(place, settings)
    config = AutoConfig.from_pretrained(place.base, trust_remote_code=False, local_files_only=True)
    with torch.device("meta"):
        empty = AutoModelForImageTextToText.from_config(config, trust_remote_code=False)
    weights = sum(p.numel() for p in empty.parameters())
    trained = sum(p.numel() for n, p in empty.named_parameters() if _wanted(n, settings))
    if settings.method != "full":
        trained = int(0.002 * settings.rank * weights / 16) + 1
    needed = needed_bytes(weights, trained, settings, weights_dtype(settings, device)) // shards()
    check_memory(needed, free_bytes(device), settings.method)


def check_rank(place: DevicePlace, settings: SftSettings) -> None:
    """Raises SettingsError where the adapter that a stage goes on with has another rank than is asked for."""
    if not place.adapter or settings.method == "full":
        return
    config = json.loads((Path(place.adapter) / "adapter_config.json").read_text("utf-8"))
    own = config.get("r") if isinstance(config, dict) else None
    if own != settings.rank:
        raise SettingsError(
            f"the adapter {place.adapter} has rank {own}, and rank {settings.rank} was asked for. A stage "
            f"goes on with the adapter of the stage before: set rank = {own}, or export that stage first and "
            "begin from the merged model."
        )


def shards() -> int:
    """On how many devices FSDP or DeepSpeed spreads the weights; 1 without them."""
    spread = PartialState().distributed_type in (DistributedType.FSDP, DistributedType.DEEPSPEED)
    launched = any(os.environ.get(f"ACCELERATE_USE_{n}", "") == "true" for n in ("FSDP", "DEEPSPEED"))
    return int(PartialState().num_processes) if spread or launched else 1


def weights_dtype(settings: SftSettings, device: str) -> str:
    """The weights' type: float32 where they learn themselves, since small steps would be lost in 16 bits."""
    return "bfloat16" if settings.method != "full" and half(settings, device) else "float32"


def half(settings: SftSettings, device: str) -> bool:
    """Whether arithmetic is in bfloat16."""
    return settings.dtype == "bfloat16" or (settings.dtype == "auto" and device.startswith("cuda"))


def pick_device() -> str:
    """The first GPU if there is one; under a launcher of several processes each takes its own."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def load_start(
    place: DevicePlace, settings: SftSettings, device: str, checkpoint: str | None = None
) -> Start:
    """The model with the weights to be trained open.

    `checkpoint`: a stopped run's. Its full weights are loaded here, because the trainer does not map the
    names under which vision-language models are saved and would silently begin anew.
    """
    whole = Path(checkpoint) if checkpoint and settings.method == "full" else None
    from dic_ingest.captioning.engines.local_loading import load_processor
    from dic_ingest.captioning.engines.local_quantisation import quantisation_config

    where: dict[str, Any] = {"trust_remote_code": False, "local_files_only": True}
    dtype = getattr(torch, weights_dtype(settings, device))
    if settings.method == "qlora":
        where["quantization_config"] = quantisation_config("nf4", dtype)
        own = f"cuda:{PartialState().local_process_index}" if device == "cuda" else device
        where["device_map"] = {"": own}
    try:
        processor = load_processor(str(place.base), {"trust_remote_code": False, "local_files_only": True})
        model = AutoModelForImageTextToText.from_pretrained(whole or place.base, dtype=dtype, **where)
    except (OSError, ValueError, KeyError) as error:
        raise SettingsError(
            f"{place.base} holds no vision-language model that can be loaded: {error}"
        ) from error
    torch.manual_seed(settings.seed)  # an adapter's first weights are random
    place = replace(place, adapter="") if whole else place
    return Start(_opened(model, place, settings), processor, place.record, place.base)


def _opened(model: Any, place: DevicePlace, settings: SftSettings) -> Any:
    from dic_ingest.captioning.engines.local_quantisation import keep_unpacked

    if settings.method == "qlora":
        keep_unpacked(model)
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=settings.checkpointing)
    if place.adapter and settings.method != "full":
        return PeftModel.from_pretrained(model, place.adapter, is_trainable=True, local_files_only=True)
    if place.adapter:
        model = PeftModel.from_pretrained(model, place.adapter, local_files_only=True).merge_and_unload()
    if settings.method == "full":
        for name, weight in model.named_parameters():
            weight.requires_grad_(_wanted(name, settings))
        return model
    adapter = LoraConfig(
        r=settings.rank, lora_alpha=2 * settings.rank, lora_dropout=0.0, target_modules=LANGUAGE
    )
    return get_peft_model(model, adapter)


def _wanted(name: str, settings: SftSettings) -> bool:
    return settings.parts == "all" or not VISION.search(name)
