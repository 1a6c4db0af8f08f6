"""A tiny LLaVA for llama.cpp: a Llama and its vision tower as two GGUF files with random weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from gguf import GGUFWriter, TokenType
from tokenizers import pre_tokenizers

WIDTH, DEEP, HEADS, INNER = 64, 2, 4, 128
SIDE, PATCH = 56, 14
CHAT = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "<|im_start|>assistant\n"
)


class Writer(GGUFWriter):  # type: ignore[misc]
    """A GGUF file that is filled with random matrices."""

    def __init__(self, path: Path, kind: str) -> None:
        super().__init__(str(path), kind)
        self.source = np.random.default_rng(0)

    def matrix(self, name: str, *shape: int) -> None:
        self.add_tensor(name, (self.source.standard_normal(shape) * 0.05).astype(np.float32))

    def linear(self, name: str, wide: int, out: int) -> None:
        self.matrix(f"{name}.weight", out, wide)
        self.add_tensor(f"{name}.bias", np.zeros(out, np.float32))

    def norm(self, name: str, bias: bool = True) -> None:
        self.add_tensor(f"{name}.weight", np.ones(WIDTH, np.float32))
        if bias:
            self.add_tensor(f"{name}.bias", np.zeros(WIDTH, np.float32))

    def end(self) -> None:
        self.write_header_to_file()
        self.write_kv_data_to_file()
        self.write_tensors_to_file()
        self.close()


def text_model(path: Path) -> Path:
    """The Llama, with 256 bytes as its tokens (llama.cpp wants one merge at least)."""
    file = Writer(path, "llama")
    bytes_ = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = [*bytes_, "<|im_start|>", "<|im_end|>", "th"]
    file.add_context_length(16384)
    file.add_embedding_length(WIDTH)
    file.add_block_count(DEEP)
    file.add_feed_forward_length(INNER)
    file.add_head_count(HEADS)
    file.add_head_count_kv(HEADS)
    file.add_layer_norm_rms_eps(1e-5)
    file.add_rope_dimension_count(WIDTH // HEADS)
    file.add_vocab_size(len(tokens))
    file.add_tokenizer_model("gpt2")
    file.add_tokenizer_pre("default")
    file.add_token_list(tokens)
    file.add_token_types([TokenType.NORMAL] * 256 + [TokenType.CONTROL] * 2 + [TokenType.NORMAL])
    file.add_token_merges(["t h"])
    file.add_bos_token_id(256)
    file.add_eos_token_id(257)
    file.add_add_bos_token(False)
    file.add_chat_template(CHAT)
    file.matrix("token_embd.weight", len(tokens), WIDTH)
    file.matrix("output.weight", len(tokens), WIDTH)
    file.norm("output_norm", bias=False)
    for i in range(DEEP):
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            file.matrix(f"blk.{i}.{name}.weight", WIDTH, WIDTH)
        file.matrix(f"blk.{i}.ffn_gate.weight", INNER, WIDTH)
        file.matrix(f"blk.{i}.ffn_up.weight", INNER, WIDTH)
        file.matrix(f"blk.{i}.ffn_down.weight", WIDTH, INNER)
        for name in ("attn_norm", "ffn_norm"):
            file.norm(f"blk.{i}.{name}", bias=False)
    file.end()
    return path


def vision_tower(path: Path) -> Path:
    """The vision tower with its projector, which llama.cpp calls mmproj."""
    file = Writer(path, "clip")
    file.add_bool("clip.has_vision_encoder", True)
    file.add_string("clip.projector_type", "mlp")
    file.add_bool("clip.use_gelu", True)
    numbers = {
        "image_size": SIDE, "patch_size": PATCH, "embedding_length": WIDTH, "feed_forward_length": INNER,
        "projection_dim": WIDTH, "block_count": DEEP, "attention.head_count": HEADS,
    }  # fmt: skip
    for name, value in numbers.items():
        file.add_uint32(f"clip.vision.{name}", value)
    file.add_float32("clip.vision.attention.layer_norm_epsilon", 1e-5)
    for name in ("image_mean", "image_std"):
        file.add_array(f"clip.vision.{name}", [0.5, 0.5, 0.5])
    file.matrix("v.class_embd", WIDTH)
    file.matrix("v.patch_embd.weight", WIDTH, 3, PATCH, PATCH)
    file.matrix("v.position_embd.weight", (SIDE // PATCH) ** 2 + 1, WIDTH)
    file.norm("v.pre_ln")
    for i in range(DEEP):
        for name in ("attn_q", "attn_k", "attn_v", "attn_out"):
            file.linear(f"v.blk.{i}.{name}", WIDTH, WIDTH)
        file.norm(f"v.blk.{i}.ln1")
        file.norm(f"v.blk.{i}.ln2")
        file.linear(f"v.blk.{i}.ffn_up", WIDTH, INNER)
        file.linear(f"v.blk.{i}.ffn_down", INNER, WIDTH)
    file.linear("mm.0", WIDTH, WIDTH)
    file.linear("mm.2", WIDTH, WIDTH)
    file.end()
    return path
