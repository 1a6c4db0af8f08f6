"""The small captioner as a transformers model; `generate`, saving and loading are theirs.

In: pixels and token ids in which each picture has its placeholders. Out: logits of the next token. With
`first_ids`, the tokens of a first caption, the picture is looked at through the SeR-connector.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from transformers import AutoTokenizer, CLIPVisionModel, GenerationMixin, OPTModel, PreTrainedModel
from transformers.modeling_outputs import CausalLMOutputWithPast

from dic_ingest.training.mmser.config import CLIP_MEAN, CLIP_STD, MMSeRConfig


def blocks(width: int, heads: int, count: int) -> nn.TransformerEncoder:
    """Transformer blocks with norms before each part, dropout off: the connectors are small."""
    layer = nn.TransformerEncoderLayer(
        width, heads, 4 * width, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
    )
    return nn.TransformerEncoder(layer, count, nn.LayerNorm(width), enable_nested_tensor=False)


class FirstConnector(nn.Module):  # type: ignore[misc]
    """A GELU MLP (LLaVA), or the transformer or query form of the paper's table 12."""

    def __init__(self, config: MMSeRConfig, channels: int) -> None:
        super().__init__()
        width, self.kind = config.text_config.hidden_size, config.connector
        self.norm = nn.LayerNorm(channels)
        layers: list[Any] = [nn.Linear(channels, width)]
        if self.kind == "mlp":
            for _ in range(config.mlp_layers - 1):
                layers += [nn.GELU(), nn.Linear(width, width)]
        self.into = nn.Sequential(*layers)
        if self.kind == "transformer":
            self.blocks = blocks(width, config.ser_heads, config.ser_blocks)
        if self.kind == "query":
            self.queries = nn.Parameter(torch.randn(config.image_tokens, width) * 0.02)
            layer = nn.TransformerDecoderLayer(
                width, config.ser_heads, 4 * width, 0.0, "gelu", batch_first=True, norm_first=True
            )
            self.blocks = nn.TransformerDecoder(layer, config.ser_blocks, nn.LayerNorm(width))

    def forward(self, features: Any) -> Any:
        """Visual tokens of shape (batch, tokens, width)."""
        seen = self.into(self.norm(features))
        if self.kind == "transformer":
            return self.blocks(seen)
        if self.kind == "query":
            return self.blocks(self.queries.expand(len(seen), -1, -1).to(seen.dtype), seen)
        return seen


class SeRConnector(nn.Module):  # type: ignore[misc]
    """MM-SeR section 5.1 and figure 5: transformer blocks over the first caption's tokens and the features.

    The visual positions of the output go on to the language model; the caption goes there as tokens anyway.
    """

    def __init__(self, config: MMSeRConfig, channels: int) -> None:
        super().__init__()
        width = config.text_config.hidden_size
        self.norm, self.into = nn.LayerNorm(channels), nn.Linear(channels, width)
        self.kinds = nn.Parameter(torch.zeros(2, width))  # tells words from what was seen
        self.places = nn.Parameter(torch.randn(config.image_tokens, width) * 0.02)
        self.word_norm = nn.LayerNorm(width)
        self.blocks = blocks(width, config.ser_heads, config.ser_blocks)

    def forward(self, features: Any, words: Any = None, mask: Any = None) -> Any:
        """`words`, of shape (batch, length, width), embed the first caption; `mask` is 1 where one is."""
        seen = self.into(self.norm(features)) + self.kinds[0] + self.places
        if words is None:
            return self.blocks(seen)
        whole = torch.cat([self.word_norm(words) + self.kinds[1], seen], 1)
        padded = torch.cat([mask == 0, mask.new_zeros(len(seen), seen.shape[1]) > 0], 1)
        return self.blocks(whole, src_key_padding_mask=padded)[:, words.shape[1] :]


_SHARP = 12.0  # a visual token in a word's direction says it with exp(6), one at 60 degrees with exp(0)


class MMSeRPreTrained(PreTrainedModel):  # type: ignore[misc]
    """What transformers wants to know of both classes below."""

    config_class = MMSeRConfig
    base_model_prefix = "model"
    main_input_name = "input_ids"
    input_modalities = ("image", "text")
    _supports_sdpa = True
    _skip_keys_device_placement = ["past_key_values"]  # noqa: RUF012
    _no_split_modules = ["CLIPEncoderLayer", "OPTDecoderLayer"]  # noqa: RUF012

    @torch.no_grad()  # type: ignore[untyped-decorator,unused-ignore]
    def _init_weights(self, module: Any) -> None:
        """What passes keeps its size, however narrow the layers; the towers start as they were built.

        With OPT's 0.02 four linear layers of width 64 let a hundredth through: no picture was looked at.
        """
        if isinstance(module, nn.Linear | nn.Conv2d | nn.Embedding):
            fan_in = module.weight[0].numel()
            nn.init.normal_(module.weight, std=0.02 if isinstance(module, nn.Embedding) else fan_in**-0.5)
            if getattr(module, "bias", None) is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.LayerNorm | nn.GroupNorm):
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)


class MMSeRModel(MMSeRPreTrained):
    """Both towers and both connectors, without the head."""

    def __init__(self, config: MMSeRConfig) -> None:
        super().__init__(config)
        steps: list[Any] = []
        channels = config.image_channels
        for made in config.stem:
            steps += [nn.Conv2d(channels, made, 3, 2, 1), nn.GroupNorm(8, made), nn.GELU()]
            channels = made
        self.stem = nn.Sequential(*steps)
        self.vision_tower = CLIPVisionModel(config.vision_config)
        self.language_model = OPTModel(config.text_config)
        each = config.vision_config.hidden_size * config.merge**2
        self.connector = FirstConnector(config, each * len(config.first_layers))
        self.ser_connector = SeRConnector(config, each * len(config.select))
        self.post_init()

    def get_input_embeddings(self) -> Any:
        """The word embeddings."""
        return self.language_model.get_input_embeddings()

    def set_input_embeddings(self, value: Any) -> None:
        """Replaces the word embeddings."""
        self.language_model.set_input_embeddings(value)

    def features(self, pixel_values: Any, layers: tuple[int, ...]) -> Any:
        """Patch tokens after the encoder layers `layers`, neighbours and layers joined on channels."""
        shown = self.stem(self._as_trained(pixel_values))
        states = self.vision_tower(shown, output_hidden_states=True).hidden_states
        return torch.cat([_merged(states[layer][:, 1:], self.config.merge) for layer in layers], -1)

    def _as_trained(self, pixel_values: Any) -> Any:
        """Pictures of -1..1 with dark lines at 1, in the channels, range and scale that the tower knows."""
        config = self.config
        if pixel_values.shape[1] == 1 and config.image_channels > 1:
            pixel_values = pixel_values.expand(-1, config.image_channels, -1, -1)
        if not config.image_mean:
            return pixel_values
        mean, deviation = (
            torch.tensor(v, dtype=pixel_values.dtype, device=pixel_values.device)[:, None, None]
            for v in (config.image_mean, config.image_std)
        )
        return ((1 - pixel_values) / 2 - mean) / deviation

    def look(self, pixel_values: Any, first_ids: Any = None, first_mask: Any = None) -> Any:
        """Visual tokens for the language model: the first look, or the second with a first caption."""
        if first_ids is None:
            return self.connector(self.features(pixel_values, self.config.first_layers))
        seen = self.features(pixel_values, self.config.select)
        if not self.config.ser_caption:
            return self.ser_connector(seen)
        return self.ser_connector(seen, self.get_input_embeddings()(first_ids), first_mask)

    def forward(
        self,
        input_ids: Any = None,
        pixel_values: Any = None,
        first_ids: Any = None,
        first_mask: Any = None,
        attention_mask: Any = None,
        position_ids: Any = None,
        inputs_embeds: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Hidden states of shape (batch, length, width). Without `pixel_values` plain language modelling."""
        words = self.get_input_embeddings()(input_ids) if inputs_embeds is None else inputs_embeds
        if pixel_values is not None:
            seen = self.look(pixel_values, first_ids, first_mask).to(words.dtype)
            place = (input_ids == self.config.image_token_id).unsqueeze(-1)
            if int(place.sum()) != seen.shape[0] * seen.shape[1]:
                raise ValueError(
                    f"{int(place.sum())} placeholders, {seen.shape[0]} pictures of {seen.shape[1]} tokens: "
                    "make input_ids with the processor of the same checkpoint."
                )
            words = words.masked_scatter(place, seen)
        return self.language_model(
            inputs_embeds=words, attention_mask=attention_mask, position_ids=position_ids, **kwargs
        )


class MMSeRForCaptioning(MMSeRPreTrained, GenerationMixin):  # type: ignore[misc]
    """The captioner."""

    _tied_weights_keys = {"lm_head.weight": "model.language_model.decoder.embed_tokens.weight"}  # noqa: RUF012

    def __init__(self, config: MMSeRConfig) -> None:
        super().__init__(config)
        self.model = MMSeRModel(config)
        text = config.text_config
        self.lm_head = nn.Linear(text.word_embed_proj_dim, text.vocab_size, bias=False)
        self.post_init()

    @classmethod
    def from_parts(cls, vision: str, language: str, **options: Any) -> tuple[MMSeRForCaptioning, Any]:
        """A captioner from a CLIP and an OPT checkpoint (names or folders), with the language's tokenizer.

        The connectors start untrained. Pictures are normalised as CLIP's own were. `options` go to
        `MMSeRConfig`.
        """
        eye, tongue = CLIPVisionModel.from_pretrained(vision), OPTModel.from_pretrained(language)
        tokens = AutoTokenizer.from_pretrained(language)
        tokens.add_special_tokens({"additional_special_tokens": ["<image>", "<caption>", "<refine>"]})
        tongue.resize_token_embeddings(len(tokens))
        image, caption, refine = tokens.convert_tokens_to_ids(["<image>", "<caption>", "<refine>"])
        config = MMSeRConfig(
            vision_config=eye.config, text_config=tongue.config, image_size=eye.config.image_size,
            image_token_id=image, caption_token_id=caption, refine_token_id=refine,
            pad_token_id=tokens.pad_token_id, eos_token_id=tokens.eos_token_id,
            **{"image_mean": CLIP_MEAN, "image_std": CLIP_STD} | options,
        )  # fmt: skip
        made = cls(config)
        made.model.vision_tower, made.model.language_model = eye, tongue
        made.tie_weights()
        return made, tokens

    def get_output_embeddings(self) -> Any:
        """The head."""
        return self.lm_head

    def set_output_embeddings(self, value: Any) -> None:
        """Replaces the head."""
        self.lm_head = value

    def presence_loss(self, pixel_values: Any, present: Any) -> Any:
        """How well visual tokens, compared with the word embeddings, tell which words the caption has.

        Stands for CLIP's own training where a tower starts from nothing (as in CatLIP, Mehta et al. 2024):
        what the connector makes of a box then lies near the embeddings of the box's words, so that the
        decoder has something to copy. `present` is 1 where a word is in the caption, (batch, vocabulary).
        """
        seen = nn.functional.normalize(self.model.look(pixel_values), dim=-1)
        words = nn.functional.normalize(self.get_input_embeddings().weight, dim=-1)
        told = (_SHARP * seen @ words.T).amax(1) - _SHARP / 2
        return nn.functional.binary_cross_entropy_with_logits(told.float(), present)

    def forward(
        self,
        input_ids: Any = None,
        pixel_values: Any = None,
        first_ids: Any = None,
        first_mask: Any = None,
        attention_mask: Any = None,
        position_ids: Any = None,
        inputs_embeds: Any = None,
        labels: Any = None,
        logits_to_keep: int = 0,
        **kwargs: Any,
    ) -> Any:
        """Logits, the last `logits_to_keep` if set; with `labels` (-100 where none counts) the loss."""
        told = self.model(
            input_ids=input_ids, pixel_values=pixel_values, first_ids=first_ids, first_mask=first_mask,
            attention_mask=attention_mask, position_ids=position_ids, inputs_embeds=inputs_embeds, **kwargs,
        )  # fmt: skip
        logits = self.lm_head(told.last_hidden_state[:, -logits_to_keep:])
        loss = None
        if labels is not None:
            wanted = labels[:, -logits_to_keep:][:, 1:]
            loss = nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1).float(), wanted.flatten())
        # the keys and values of what was read have another name from transformers 5.2x on
        kept = {name: told[name] for name in ("cache", "past_key_values") if name in told.keys()}  # noqa: SIM118
        return CausalLMOutputWithPast(loss=loss, logits=logits, **dict(list(kept.items())[:1]))


def _merged(tokens: Any, by: int) -> Any:
    """(batch, side * side, d) to (batch, (side / by) ^ 2, by * by * d)."""
    if by == 1:
        return tokens
    batch, count, width = tokens.shape
    side = round(count**0.5)
    grid = tokens.reshape(batch, side // by, by, side // by, by, width).permute(0, 1, 3, 2, 4, 5)
    return grid.reshape(batch, (side // by) ** 2, by * by * width)
