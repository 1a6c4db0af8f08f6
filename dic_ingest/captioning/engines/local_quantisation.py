"""Which weights of a vision-language model are quantised, and whether this machine can run them so.

In: NF4 or int8, the model's folder. Out: the configuration that transformers loads it with. The vision tower
and the output layer stay as they are: few weights, and small print suffers first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from dic_ingest.errors import MissingExtraError, SettingsError

try:
    import torch
    from transformers import AutoConfig, AutoModelForImageTextToText, BitsAndBytesConfig
except ImportError as error:
    raise MissingExtraError("torch or transformers", "vlm") from error

VISION = r".*\b(?:visual|vision_tower|vision_model|multi_modal_projector)"
OUTPUT = "lm_head"
PACKED_ROWS = 32  # bitsandbytes packs NF4 weights for AVX512-BF16 in so many rows
PACKED_COLUMNS = 64  # and needs whole blocks of its scale factors in each row
SHOWN = 3


def quantisation_config(quantize: str, dtype: Any, vision: bool = False) -> BitsAndBytesConfig:
    """The configuration of "nf4" or "int8"; `vision`: quantise the vision tower too.

    Raises MissingExtraError without bitsandbytes.
    """
    try:
        import bitsandbytes  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("bitsandbytes", "vlm") from error
    kept = [OUTPUT] if vision else [OUTPUT, VISION]
    if quantize == "int8":
        return BitsAndBytesConfig(load_in_8bit=True, llm_int8_skip_modules=kept)
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
        llm_int8_skip_modules=kept,
    )


def check_quantisation(model: str, config: BitsAndBytesConfig, device: str, **where: Any) -> None:
    """Raises SettingsError where bitsandbytes cannot run the model's layers on this CPU; loads no weight."""
    if device.startswith("cuda") or not config.load_in_4bit or not packs_on_cpu():
        return
    own = AutoConfig.from_pretrained(model, **where)
    with torch.device("meta"):
        empty = AutoModelForImageTextToText.from_config(own, trust_remote_code=False)
    bad = list(unpackable(linear_layers(empty, config.llm_int8_skip_modules or ())))
    if bad:
        shown = ", ".join(f"{name} ({columns} to {rows})" for name, rows, columns in bad[:SHOWN])
        raise SettingsError(
            f"NF4 does not run on this CPU: bitsandbytes packs weights for its AVX512-BF16 instructions, and "
            f"{len(bad)} layers have sizes that it cannot pack: {shown}. Take int8, no quantisation or a GPU"
            + ("." if VISION in (config.llm_int8_skip_modules or ()) else "; or leave the vision tower out.")
        )


def packs_on_cpu() -> bool:
    """Whether bitsandbytes packs NF4 weights for this CPU's AVX512-BF16 instructions."""
    try:
        from bitsandbytes.functional import has_avx512bf16
    except ImportError:
        return False
    return bool(has_avx512bf16())


def keep_unpacked(model: Any) -> None:
    """Keep the NF4 layers of a model that learns as they are: packed weights have no gradient.

    bitsandbytes packs them on CPUs with AVX512-BF16 as soon as a layer is evaluated, and a step of training
    after that ends in an error.
    """
    for module in model.modules():
        if hasattr(module, "support_avx512bf16_for_cpu"):
            module.support_avx512bf16_for_cpu = False


def linear_layers(model: Any, kept: Iterable[str]) -> Iterator[tuple[str, int, int]]:
    """Name, rows and columns of each linear layer that would be quantised."""
    from transformers.quantizers.quantizers_utils import should_convert_module

    patterns = list(kept)
    for name, module in model.named_modules():
        if isinstance(module, torch.nn.Linear) and should_convert_module(name, patterns):
            yield name, module.out_features, module.in_features


def unpackable(layers: Iterable[tuple[str, int, int]]) -> Iterator[tuple[str, int, int]]:
    """The layers whose sizes bitsandbytes cannot pack."""
    return (layer for layer in layers if layer[1] % PACKED_ROWS or layer[2] % PACKED_COLUMNS)
