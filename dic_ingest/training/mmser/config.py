"""The configuration of the small captioner: a CLIP vision tower, an OPT decoder, and what joins them.

Out: `MMSeRConfig` (JSON by transformers), `small` for training from scratch, `paper` for CLIP and OPT-125M
as in MM-SeR (section 5.1: layers 13, 18 and 23 of 24, visual tokens as they come).
"""

from __future__ import annotations

from typing import Any

from transformers import CLIPVisionConfig, OPTConfig, PreTrainedConfig

from dic_ingest.errors import SettingsError

# CLIP ViT-L/14-336, the paper's tower: transformers compares with the defaults when it saves
_CLIP = {"hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24, "num_attention_heads": 16,
         "image_size": 336, "patch_size": 14}  # fmt: skip
# how CLIP was shown its pictures (Radford et al. 2021, preprocessor_config.json of every OpenAI checkpoint)
CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)
CONNECTORS = ("mlp", "transformer", "query")


class MMSeRConfig(PreTrainedConfig):  # type: ignore[misc]
    """`select` are the encoder layers (1 is the first) whose outputs the second look joins on channels."""

    model_type = "mmser"
    sub_configs = {"vision_config": CLIPVisionConfig, "text_config": OPTConfig}  # noqa: RUF012

    vision_config: Any = None
    text_config: Any = None
    image_size: int = 336  # pixels of a side of the square picture
    image_channels: int = 3
    # what a tower that was trained before takes off its pictures and divides them by, for each channel of
    # 0..1; none for a tower that learns from nothing: it takes dark lines as 1, white paper as -1
    image_mean: tuple[float, ...] = ()
    image_std: tuple[float, ...] = ()
    stem: tuple[int, ...] = ()  # channels of stride-2 convolutions before the tower; none for CLIP itself
    merge: int = 1  # so many by so many neighbouring visual tokens become one, joined on channels
    select: tuple[int, ...] = (13, 18, 23)
    first_layers: tuple[int, ...] = (23,)  # what the first look sees; more than one: "single pass with 2"
    connector: str = "mlp"  # of the first look: mlp (LLaVA), transformer or query (table 12)
    mlp_layers: int = 4
    ser_blocks: int = 2
    ser_heads: int = 8
    ser_caption: bool = True  # False: the second look is not shown the first caption (table 3, only 2)
    image_token_id: int = 0
    caption_token_id: int = 0  # starts a first caption
    refine_token_id: int = 0  # ends the first caption and starts the refined one
    pad_token_id: int | None = None
    eos_token_id: int | None = None
    tie_word_embeddings: bool = True

    def __post_init__(self, **kwargs: Any) -> None:
        for name, kind in self.sub_configs.items():
            given = getattr(self, name)
            plain = _CLIP if name == "vision_config" else {}
            setattr(self, name, kind(**given) if isinstance(given, dict) else given or kind(**plain))
        for name in ("stem", "select", "first_layers", "image_mean", "image_std"):
            setattr(self, name, tuple(getattr(self, name)))
        _check(self)
        super().__post_init__(**kwargs)

    @property
    def image_tokens(self) -> int:
        """Visual tokens that a picture becomes for the language model."""
        side: int = (self.vision_config.image_size // self.vision_config.patch_size) // self.merge
        return side * side


def _check(config: MMSeRConfig) -> None:
    """Raises SettingsError where the parts do not fit each other."""
    vision, depth = config.vision_config, config.vision_config.num_hidden_layers
    inside = all(1 <= layer <= depth for layer in (*config.select, *config.first_layers))
    faults = {
        f"connector must be one of {', '.join(CONNECTORS)}": config.connector not in CONNECTORS,
        f"select and first_layers must name layers 1 to {depth}": not (
            inside and config.first_layers and config.select
        ),
        "image_size, halved once per convolution of the stem, must be vision_config.image_size": (
            config.image_size // 2 ** len(config.stem) != vision.image_size
        ),
        "vision_config.num_channels must be the stem's last, or image_channels": (
            vision.num_channels != (config.stem[-1] if config.stem else config.image_channels)
        ),
        "image_mean and image_std must have a number for each channel, or none": (
            {len(config.image_mean), len(config.image_std)} not in ({0}, {config.image_channels})
        ),
        "merge must divide the grid of visual tokens": bool(
            (vision.image_size // vision.patch_size) % config.merge
        ),
        "ser_heads must divide the language model's width": bool(
            config.text_config.hidden_size % config.ser_heads
        ),
    }
    for message, wrong in faults.items():
        if wrong:
            raise SettingsError(f"MMSeRConfig: {message}.")


def paper(vocabulary: int, ids: dict[str, int]) -> MMSeRConfig:
    """The paper's captioner: CLIP ViT-L/14-336 and OPT-125M, 577 tokens a picture less the first.

    `ids` as for `small`; what the parts learnt comes by `MMSeRForCaptioning.from_parts`.
    """
    text = OPTConfig(
        vocab_size=vocabulary, pad_token_id=ids["pad"], bos_token_id=ids["caption"], eos_token_id=ids["eos"]
    )
    return MMSeRConfig(
        text_config=text, image_mean=CLIP_MEAN, image_std=CLIP_STD, image_token_id=ids["image"],
        caption_token_id=ids["caption"], refine_token_id=ids["refine"], pad_token_id=ids["pad"],
        eos_token_id=ids["eos"],
    )  # fmt: skip


def small(
    vocabulary: int, ids: dict[str, int], size: int = 512, width: int = 256, depth: int = 8
) -> MMSeRConfig:
    """A captioner (15 million parameters as it is) that learns from pictures of drawings alone.

    `ids` names the tokens pad, eos, image, caption and refine. Convolutions come first: a transformer learns
    to see from few pictures only with them (Xiao et al. 2021). `size` is a multiple of 64.
    """
    heads = width // 64
    vision = CLIPVisionConfig(
        hidden_size=width, intermediate_size=4 * width, num_hidden_layers=depth, num_attention_heads=heads,
        image_size=size // 8, patch_size=2, num_channels=width // 2, attention_dropout=0.0,
        projection_dim=width,
    )  # fmt: skip
    text = OPTConfig(
        vocab_size=vocabulary, hidden_size=width, ffn_dim=4 * width, num_hidden_layers=min(6, depth),
        num_attention_heads=heads, max_position_embeddings=1536, dropout=0.1, pad_token_id=ids["pad"],
        bos_token_id=ids["caption"], eos_token_id=ids["eos"],
    )  # fmt: skip
    chosen = tuple(max(1, round(depth * share)) for share in (0.5, 0.75, 1.0))
    return MMSeRConfig(
        vision_config=vision, text_config=text, image_size=size, image_channels=1,
        stem=(width // 8, width // 4, width // 2),
        merge=2, select=chosen, first_layers=chosen[-1:], image_token_id=ids["image"],
        caption_token_id=ids["caption"],
        refine_token_id=ids["refine"], pad_token_id=ids["pad"], eos_token_id=ids["eos"], ser_heads=heads,
    )  # fmt: skip
