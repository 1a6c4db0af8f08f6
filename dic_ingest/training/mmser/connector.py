"""What joins the vision tower to the language model: the first look's connector and the SeR-connector.

In: features of encoder layers, joined on channels, of shape (batch, tokens, m * d). Out: as many visual
tokens in the language model's width.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from dic_ingest.training.mmser.config import MMSeRConfig


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
