"""A tiny vision-language model of the Qwen2.5-VL family: config, tokenizer and processor made from texts.

In: texts whose words it should know, a shape. Out: a folder that loads like the family's own, with random
weights. For demos, tests and experiments on a CPU; what it says is worth nothing until it is trained.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dic_ingest.errors import MissingExtraError, SettingsError

try:
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import (
        PreTrainedTokenizerFast,
        Qwen2_5_VLConfig,
        Qwen2_5_VLForConditionalGeneration,
        Qwen2_5_VLProcessor,
        Qwen2VLImageProcessor,
    )
    from transformers.utils import is_torchvision_available
except ImportError as error:
    raise MissingExtraError("torch, transformers or tokenizers", "train") from error

MARKS = ["<|im_start|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"]
CHAT = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{% for p in m['content'] %}"
    "{% if p['type'] == 'image' %}<|vision_start|><|image_pad|><|vision_end|>"
    "{% else %}{{ p['text'] }}{% endif %}{% endfor %}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@dataclass(frozen=True, slots=True)
class TinyShape:
    """Sizes of the model. `pixels`: the most of a picture; a token stands for 28 by 28 of them."""

    width: int = 128
    depth: int = 3
    heads: int = 4
    vision_width: int = 64
    vision_depth: int = 2
    pixels: int = 224 * 224
    words: int = 2000  # entries of the tokenizer, 256 bytes and the marks among them

    def __post_init__(self) -> None:
        if self.width % (8 * self.heads) or self.vision_width % 16 or self.words < 300:
            raise SettingsError(
                "TinyShape: width must be a multiple of 8 * heads, vision_width of 16, words at least 300"
            )


def make_tiny(folder: Path, texts: Iterable[str], shape: TinyShape | None = None, seed: int = 0) -> Path:
    """Write such a model into `folder`; the same texts, shape and seed give the same weights.

    Returns the folder. Raises SettingsError if there is no text.
    """
    shape = shape or TinyShape()
    tokenizer = make_tokenizer(texts, shape.words)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = Qwen2_5_VLForConditionalGeneration(_config(shape, tokenizer))
    images = Qwen2VLImageProcessor(min_pixels=28 * 28, max_pixels=shape.pixels)
    model.save_pretrained(folder)
    _processor(images, tokenizer).save_pretrained(folder)
    return folder


def make_tokenizer(texts: Iterable[str], words: int) -> Any:
    """A byte-level tokenizer whose merges come from the texts; nothing is unknown to it."""
    known = [t for t in texts if t.strip()]
    if not known:
        raise SettingsError("a tokenizer needs texts to learn its words from, and there are none")
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    learn: Any = trainers.BpeTrainer
    trainer = learn(
        vocab_size=words - len(MARKS) - 2,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    core.train_from_iterator(known, trainer)
    made = PreTrainedTokenizerFast(
        tokenizer_object=core, eos_token="<|im_end|>", pad_token="<|endoftext|>", model_max_length=32768
    )
    made.add_special_tokens({"additional_special_tokens": MARKS})
    made.chat_template = CHAT
    return made


def _config(shape: TinyShape, tokenizer: Any) -> Any:
    ids = {name: tokenizer.convert_tokens_to_ids(name) for name in MARKS}
    half = shape.width // shape.heads // 2
    return Qwen2_5_VLConfig(
        text_config={
            "hidden_size": shape.width, "intermediate_size": 3 * shape.width,
            "num_hidden_layers": shape.depth, "num_attention_heads": shape.heads,
            "num_key_value_heads": shape.heads // 2, "vocab_size": len(tokenizer),
            "max_position_embeddings": 32768, "pad_token_id": tokenizer.pad_token_id,
            "eos_token_id": tokenizer.eos_token_id, "bos_token_id": None, "tie_word_embeddings": False,
            "rope_scaling": {"type": "mrope", "mrope_section": _sections(half)},
        },
        vision_config={
            "depth": shape.vision_depth, "hidden_size": shape.vision_width,
            "intermediate_size": 2 * shape.vision_width, "num_heads": 4, "out_hidden_size": shape.width,
            "window_size": 112, "fullatt_block_indexes": [shape.vision_depth - 1],
        },
        image_token_id=ids["<|image_pad|>"],
        video_token_id=ids["<|video_pad|>"],
        vision_start_token_id=ids["<|vision_start|>"],
        vision_end_token_id=ids["<|vision_end|>"],
    )  # fmt: skip


def _sections(half: int) -> list[int]:
    """The rotary places of time, height and width, in the published share 16 : 24 : 24."""
    side = half * 3 // 8
    return [half - 2 * side, side, side]


def _processor(images: Any, tokenizer: Any) -> Any:
    if not is_torchvision_available():  # the video half of the family's own processor needs it
        from dic_ingest.captioning.engines.local_loading import GridProcessor

        return GridProcessor(images, tokenizer)
    from transformers import Qwen2VLVideoProcessor

    return Qwen2_5_VLProcessor(
        image_processor=images,
        tokenizer=tokenizer,
        video_processor=Qwen2VLVideoProcessor(),
        chat_template=CHAT,
    )
