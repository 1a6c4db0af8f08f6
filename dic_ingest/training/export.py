"""A trained checkpoint as a model folder for DICModel: adapter merged, then quantised, with card and scores.

In: a folder of `fine_tune` or `prefer`. Out: weights, processor, `dic_model.json` (prompts, data, scores) and
`README.md`. `DICModel.from_pretrained` needs nothing but that folder.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from dic_ingest.captioning.engines.local_loading import load_processor
from dic_ingest.captioning.engines.local_quantisation import check_quantisation, quantisation_config
from dic_ingest.captioning.engines.settings import QUANTIZE
from dic_ingest.captioning.engines.trained import Trained, read_trained, write_trained
from dic_ingest.errors import InputError, MissingExtraError, SettingsError
from dic_ingest.owned_files import install_new
from dic_ingest.training.card import write_card
from dic_ingest.training.sft.checks import check_memory, free_bytes
from dic_ingest.training.sft.model import DevicePlace, find_start

try:
    import torch
    from peft import PeftModel
    from transformers import AutoModelForImageTextToText, BitsAndBytesConfig
except ImportError as error:
    raise MissingExtraError("torch, transformers or peft", "train") from error

WHERE: dict[str, Any] = {"trust_remote_code": False, "local_files_only": True}
DATA_CARD = "data_card.md"


def export(
    checkpoint: Path,
    out: Path,
    quantize: str = "",
    scores: Path | None = None,
    data_card: Path | None = None,
    vision: bool = False,
) -> Trained:
    """Write the model into the new folder `out`. `quantize` is "", "nf4" or "int8".

    The vision tower stays as it is unless `vision` asks for it to be quantised too. `scores` is a JSON file
    that an evaluation wrote, `data_card` a text; both go into the folder.

    Raises:
        SettingsError: no checkpoint there, one of another model, `out` not empty, NF4 layers that this CPU
        cannot run. InputError: a file that is
        missing or no JSON; LimitError: memory does not suffice to hold the weights.
    """
    if quantize not in QUANTIZE:
        raise SettingsError(f"quantize must be one of {', '.join(q or 'none' for q in QUANTIZE)}")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise SettingsError(f"{out} is not empty. Name another folder.")
    place = find_start(checkpoint)
    told = _scores(scores)
    config = _config(quantize, vision) if quantize else None
    if config is not None:
        check_quantisation(str(place.base), config, _device(), **WHERE)
    if data_card is not None and not data_card.is_file():
        raise InputError(f"the data card {data_card} does not exist. Leave it out, or give its path.")
    weights = sum(f.stat().st_size for f in place.base.glob("*.safetensors"))
    check_memory(2 * weights if place.adapter else weights, free_bytes("cpu"), "export")
    with tempfile.TemporaryDirectory(prefix="dic-export-", dir=_parent(out)) as passing:
        whole = _saved(place, config, Path(passing), out.name)
        record = replace(place.record, scores=told or place.record.scores, quantize=quantize)
        write_trained(whole, record)
        if data_card is not None:
            shutil.copyfile(data_card, whole / DATA_CARD)
        write_card(whole, record)
        install_new(whole, out)  # all or nothing
    return record


def add_scores(folder: Path, scores: Path) -> Trained:
    """Put the scores of an evaluation beside a model that `export` wrote; its record with them.

    Raises: SettingsError if `folder` holds no exported model; InputError as in `export`.
    """
    record = read_trained(folder)
    if record is None:
        raise SettingsError(f"{folder} holds no exported model. Export one first.")
    record = replace(record, scores=_scores(scores))
    write_trained(folder, record)
    write_card(folder, record)
    return record


def _saved(place: DevicePlace, config: BitsAndBytesConfig | None, passing: Path, name: str) -> Path:
    """The merged model with its processor in a passing folder, quantised where a configuration is given."""
    whole = passing / name
    _merged(place).save_pretrained(whole)
    load_processor(str(place.base), WHERE).save_pretrained(whole)
    if config is None:
        return whole
    smaller = passing / "quantised" / name
    _quantised(whole, config).save_pretrained(smaller)
    load_processor(str(whole), WHERE).save_pretrained(smaller)
    return smaller


def _merged(place: DevicePlace) -> Any:
    """The model in the type that its weights are kept in, any adapter folded in before it is quantised."""
    try:
        model = AutoModelForImageTextToText.from_pretrained(place.base, dtype="auto", **WHERE)
        if place.adapter:
            model = PeftModel.from_pretrained(model, place.adapter, local_files_only=True).merge_and_unload()
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise SettingsError(f"{place.adapter or place.base} cannot be loaded: {error}") from error
    return model


def _config(quantize: str, vision: bool) -> BitsAndBytesConfig:
    dtype = torch.bfloat16 if _device() != "cpu" else torch.float32
    return quantisation_config(quantize, dtype, vision)


def _device() -> str:
    return "cuda:0" if torch.cuda.is_available() else "cpu"


def _quantised(folder: Path, config: BitsAndBytesConfig) -> Any:
    return AutoModelForImageTextToText.from_pretrained(
        folder, quantization_config=config, device_map={"": _device()}, **WHERE
    )


def _scores(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        told = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"the scores {path} are no JSON file: {error}. Evaluate the model again.") from error
    if not isinstance(told, dict):
        raise InputError(f"the scores {path} are no JSON object. Evaluate the model again.")
    return told


def _parent(out: Path) -> Path:
    out.parent.mkdir(parents=True, exist_ok=True)
    return out.parent
