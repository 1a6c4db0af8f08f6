"""Tiny vision-language models of real families, built from configs, with tokenizer and processor made here.

Their words are random; everything around the words is the real thing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

CHAT = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{% for p in m['content'] %}"
    "{% if p['type'] == 'image' %}IMAGE{% else %}{{ p['text'] }}{% endif %}{% endfor %}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def tokenizer(special: list[str], chat: str) -> Any:
    """A byte-level tokenizer: 256 bytes and the special tokens."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    core = Tokenizer(models.BPE({c: i for i, c in enumerate(alphabet)}, []))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    made = PreTrainedTokenizerFast(
        tokenizer_object=core, eos_token="<|im_end|>", pad_token="<|endoftext|>", model_max_length=32768
    )
    made.add_special_tokens({"additional_special_tokens": ["<|im_start|>", *special]})
    made.chat_template = chat
    return made


TINY: dict[str, dict[str, Any]] = {
    "text": {"hidden_size": 128, "intermediate_size": 256, "num_hidden_layers": 2, "num_attention_heads": 4,
             "num_key_value_heads": 2, "mrope_section": [4, 6, 6]},
    "vision": {"depth": 2, "hidden_size": 64, "intermediate_size": 128, "num_heads": 4,
               "fullatt_block_indexes": [1]},
    "pixels": {"max_pixels": 112 * 112},
}  # fmt: skip
# the published shape of Qwen2.5-VL-7B
SEVEN_B: dict[str, dict[str, Any]] = {
    "text": {"hidden_size": 3584, "intermediate_size": 18944, "num_hidden_layers": 28,
             "num_attention_heads": 28, "num_key_value_heads": 4, "mrope_section": [16, 24, 24],
             "vocab_size": 152064},
    "vision": {"depth": 32, "hidden_size": 1280, "intermediate_size": 3420, "num_heads": 16,
               "fullatt_block_indexes": [7, 15, 23, 31]},
    "pixels": {"max_pixels": 1280 * 28 * 28},
}  # fmt: skip


def qwen(folder: Path, shape: dict[str, dict[str, Any]] = TINY) -> Path:
    """Qwen2.5-VL of a shape, with random weights."""
    from transformers import (
        Qwen2_5_VLConfig,
        Qwen2_5_VLForConditionalGeneration,
        Qwen2_5_VLProcessor,
        Qwen2VLImageProcessor,
        Qwen2VLVideoProcessor,
    )
    from transformers.utils import is_torchvision_available

    from dic_ingest.captioning.local_grid import GridProcessor

    special = ["<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"]
    chat = CHAT.replace("IMAGE", "<|vision_start|><|image_pad|><|vision_end|>")
    tok = tokenizer(special, chat)
    ids = {name: tok.convert_tokens_to_ids(name) for name in special}
    config = Qwen2_5_VLConfig(
        text_config={
            "vocab_size": len(tok), "max_position_embeddings": 32768, "pad_token_id": tok.pad_token_id,
            "eos_token_id": tok.eos_token_id, "bos_token_id": None, "tie_word_embeddings": False,
            "rope_scaling": {"type": "mrope", "mrope_section": shape["text"]["mrope_section"]},
            **{k: v for k, v in shape["text"].items() if k != "mrope_section"},
        },
        vision_config={
            "out_hidden_size": shape["text"]["hidden_size"], "window_size": 112, **shape["vision"],
        },
        image_token_id=ids["<|image_pad|>"],
        video_token_id=ids["<|video_pad|>"],
        vision_start_token_id=ids["<|vision_start|>"],
        vision_end_token_id=ids["<|vision_end|>"],
    )  # fmt: skip
    torch.manual_seed(0)
    large = shape is not TINY and torch.cuda.is_available()
    with torch.device("cuda" if large else "cpu"):
        model = Qwen2_5_VLForConditionalGeneration(config)
    model = model.to(torch.bfloat16) if large else model
    images = Qwen2VLImageProcessor(min_pixels=28 * 28, **shape["pixels"])
    if not is_torchvision_available():  # the video half of the family's own processor needs it
        return _saved(model, GridProcessor(images, tok), folder)
    video = Qwen2VLVideoProcessor()
    processor = Qwen2_5_VLProcessor(
        image_processor=images, tokenizer=tok, video_processor=video, chat_template=chat
    )
    return _saved(model, processor, folder)


def llava(folder: Path) -> Path:
    """LLaVA: a CLIP vision tower and a Llama, the form that MM-SeR's captioner has."""
    from transformers import (
        CLIPImageProcessor,
        CLIPVisionConfig,
        LlamaConfig,
        LlavaConfig,
        LlavaForConditionalGeneration,
        LlavaProcessor,
    )

    chat = CHAT.replace("IMAGE", "<image>\n")
    tok = tokenizer(["<image>"], chat)
    config = LlavaConfig(
        vision_config=CLIPVisionConfig(
            hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4, image_size=56,
            patch_size=14, projection_dim=64,
        ),
        text_config=LlamaConfig(
            hidden_size=128, intermediate_size=256, num_hidden_layers=2, num_attention_heads=4,
            vocab_size=len(tok), pad_token_id=tok.pad_token_id, eos_token_id=tok.eos_token_id,
            max_position_embeddings=32768,
        ),
        image_token_index=tok.convert_tokens_to_ids("<image>"),
        image_seq_length=16,
    )  # fmt: skip
    torch.manual_seed(0)
    model = LlavaForConditionalGeneration(config)
    size = {"height": 56, "width": 56}
    images = CLIPImageProcessor(size=size, crop_size=size, do_center_crop=True)
    processor = LlavaProcessor(
        image_processor=images, tokenizer=tok, patch_size=14, vision_feature_select_strategy="default",
        chat_template=chat, num_additional_image_tokens=1,
    )  # fmt: skip
    return _saved(model, processor, folder)


def _saved(model: Any, processor: Any, folder: Path) -> Path:
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder
