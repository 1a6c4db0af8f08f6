"""Tiny vision-language models of real families, built from configs, with tokenizer and processor made here.

Their words are random; everything around the words is the real thing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from tokenizers.trainers import BpeTrainer
from transformers import PreTrainedTokenizerFast

CHAT = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{% for p in m['content'] %}"
    "{% if p['type'] == 'image' %}IMAGE{% else %}{{ p['text'] }}{% endif %}{% endfor %}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
QWEN_SPECIAL = ["<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"]
QWEN_CHAT = CHAT.replace("IMAGE", "<|vision_start|><|image_pad|><|vision_end|>")


def byte_tokenizer() -> Tokenizer:
    """256 bytes, nothing merged."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    core = Tokenizer(models.BPE({c: i for i, c in enumerate(alphabet)}, []))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    return core


def tokenizer(special: list[str], chat: str, core: Tokenizer | None = None) -> Any:
    """A byte-level tokenizer with the special tokens of a family; `core` instead of bare bytes."""
    core = core or byte_tokenizer()
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


def word_tokenizer(texts: list[str]) -> Tokenizer:
    """A byte-level BPE learnt from texts, for prompts of as many tokens as a real model would read."""
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    core.train_from_iterator(
        texts, BpeTrainer(vocab_size=4000, initial_alphabet=alphabet, show_progress=False)
    )
    return core


def qwen_parts(
    shape: dict[str, dict[str, Any]] = TINY,
    device: str = "cpu",
    dtype: Any = torch.float32,
    core: Tokenizer | None = None,
) -> tuple[Any, Any]:
    """Qwen2.5-VL of a shape with random weights, made where it will run, and its processor."""
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    tok = tokenizer(QWEN_SPECIAL, QWEN_CHAT, core)
    text = {k: v for k, v in shape["text"].items() if k != "mrope_section"}
    config = Qwen2_5_VLConfig(
        text_config={
            "vocab_size": len(tok), "max_position_embeddings": 32768, "pad_token_id": tok.pad_token_id,
            "eos_token_id": tok.eos_token_id, "bos_token_id": None, "tie_word_embeddings": False,
            "rope_scaling": {"type": "mrope", "mrope_section": shape["text"]["mrope_section"]}, **text,
        },
        vision_config={
            "out_hidden_size": shape["text"]["hidden_size"], "window_size": 112, **shape["vision"],
        },
        **_qwen_ids(tok),
    )  # fmt: skip
    torch.manual_seed(0)
    with torch.device(device):
        model = Qwen2_5_VLForConditionalGeneration._from_config(config, dtype=dtype)
    return model, _qwen_processor("Qwen2_5_VLProcessor", tok, {"min_pixels": 28 * 28, **shape["pixels"]})


def qwen(folder: Path) -> Path:
    """Qwen2.5-VL, tiny."""
    return _saved(*qwen_parts(), folder)


def qwen3(folder: Path) -> Path:
    """Qwen3-VL, tiny: patches of 16 pixels, features of several vision layers taken into the text model."""
    from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration

    tok = tokenizer(QWEN_SPECIAL, QWEN_CHAT)
    config = Qwen3VLConfig(
        text_config={
            "vocab_size": len(tok), "max_position_embeddings": 32768, "pad_token_id": tok.pad_token_id,
            "eos_token_id": tok.eos_token_id, "bos_token_id": None, "tie_word_embeddings": False,
            "hidden_size": 128, "intermediate_size": 256, "num_hidden_layers": 2, "num_attention_heads": 4,
            "num_key_value_heads": 2, "head_dim": 32,
            "rope_scaling": {"rope_type": "default", "mrope_section": [4, 6, 6], "mrope_interleaved": True},
        },
        vision_config={
            "depth": 2, "hidden_size": 64, "intermediate_size": 128, "num_heads": 4, "patch_size": 16,
            "out_hidden_size": 128, "num_position_embeddings": 256, "deepstack_visual_indexes": [0, 1],
        },
        **_qwen_ids(tok),
    )  # fmt: skip
    torch.manual_seed(0)
    model = Qwen3VLForConditionalGeneration(config)
    pixels = {"min_pixels": 32 * 32, "max_pixels": 128 * 128, "patch_size": 16}
    return _saved(model, _qwen_processor("Qwen3VLProcessor", tok, pixels), folder)


def _qwen_ids(tok: Any) -> dict[str, int]:
    start, end, image, video = (tok.convert_tokens_to_ids(name) for name in QWEN_SPECIAL)
    return {
        "image_token_id": image, "video_token_id": video,
        "vision_start_token_id": start, "vision_end_token_id": end,
    }  # fmt: skip


def _qwen_processor(name: str, tok: Any, pixels: dict[str, int]) -> Any:
    import transformers
    from transformers import Qwen2VLImageProcessor
    from transformers.utils import is_torchvision_available

    from dic_ingest.captioning.engines.local_loading import GridProcessor

    images = Qwen2VLImageProcessor(**pixels)
    if not is_torchvision_available():  # the video half of the family's own processor needs it
        return GridProcessor(images, tok)
    video = transformers.Qwen2VLVideoProcessor()
    made = getattr(transformers, name)
    return made(image_processor=images, tokenizer=tok, video_processor=video, chat_template=QWEN_CHAT)


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


def idefics3(folder: Path) -> Path:
    """Idefics3, SmolVLM's family: pictures cut into tiles of their own, an expansion that is many tokens."""
    from transformers import Idefics3Config, Idefics3ForConditionalGeneration, Idefics3Processor
    from transformers import Idefics3ImageProcessorPil as Pictures

    special = ["<fake_token_around_image>", "<image>", "<end_of_utterance>", "<global-img>"]
    special += [f"<row_{r}_col_{c}>" for r in range(1, 7) for c in range(1, 7)]
    chat = CHAT.replace("IMAGE", "<image>")
    tok = tokenizer(special, chat)
    config = Idefics3Config(
        vision_config={
            "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
            "image_size": 64, "patch_size": 16,
        },
        text_config={
            "model_type": "llama", "hidden_size": 128, "intermediate_size": 256, "num_hidden_layers": 2,
            "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": len(tok),
            "pad_token_id": tok.pad_token_id, "eos_token_id": tok.eos_token_id, "bos_token_id": None,
            "max_position_embeddings": 32768,
        },
        image_token_id=tok.convert_tokens_to_ids("<image>"),
        scale_factor=2,
    )  # fmt: skip
    torch.manual_seed(0)
    model = Idefics3ForConditionalGeneration(config)
    images = Pictures(size={"longest_edge": 128}, max_image_size={"longest_edge": 64})
    processor = Idefics3Processor(images, tok, image_seq_len=4, chat_template=chat)
    return _saved(model, processor, folder)


def _saved(model: Any, processor: Any, folder: Path) -> Path:
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder
