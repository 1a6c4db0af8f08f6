"""The network: a small U-Net that labels every pixel of a drawing with its roles (`CHANNELS`).

Input (n, 3, h, w) in 0..1, h and w multiples of 32; output logits (n, channels, h, w).
It works at half resolution (pixels folded 2 x 2) and unfolds at the end: a quarter of the cost. Narrow where
it is fine and wide where it is coarse: width there costs little and sees whole drawings.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as fn

from dic_ingest.vision.line_segmentation import CHANNELS

WIDTHS = (20, 36, 64, 112, 160)
DEPTHS = (1, 1, 2, 3, 2)  # convolutions after the first at each level


def block(inside: int, outside: int, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    """Convolution, normalisation, ReLU."""
    conv = nn.Conv2d(inside, outside, 3, stride, dilation, dilation, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outside), nn.ReLU(inplace=True))


class LineNet(nn.Module):  # type: ignore[misc]
    """Encoder to 1/32, a dilated bottom that sees whole drawings, decoder with skips."""

    def __init__(self) -> None:
        super().__init__()
        w = WIDTHS
        self.stem = nn.Sequential(block(12, w[0]), block(w[0], w[0]))
        self.down = nn.ModuleList(
            nn.Sequential(block(a, b, 2), *(block(b, b) for _ in range(n)))
            for (a, b), n in zip(pairwise(w), DEPTHS[1:], strict=True)
        )
        self.wide = nn.Sequential(
            block(w[-1], w[-1], dilation=2), block(w[-1], w[-1], dilation=4), block(w[-1], w[-1])
        )
        self.up = nn.ModuleList(
            nn.Sequential(block(a + b, a), block(a, a)) for a, b in zip(w[-2::-1], w[:0:-1], strict=True)
        )
        self.head = nn.Conv2d(w[0], 4 * len(CHANNELS), 1)
        nn.init.constant_(self.head.bias, -3.0)

    def forward(self, x: Tensor) -> Tensor:
        """Logits of every role at every pixel."""
        x = self.stem(fn.pixel_unshuffle(x, 2))
        skips = []
        for stage in self.down:
            skips.append(x)
            x = stage(x)
        x = x + self.wide(x)
        for stage in self.up:
            x = fn.interpolate(x, scale_factor=2.0, mode="nearest")
            x = stage(torch.cat([skips.pop(), x], dim=1))
        return fn.pixel_shuffle(self.head(x), 2)


def loss_of(logits: Tensor, truth: Tensor) -> tuple[Tensor, Tensor]:
    """Cross entropy plus soft Dice over the batch for each role; rare and thin roles drown without it.

    Returns the loss and the Dice of each role, both on the device.
    """
    entropy = fn.binary_cross_entropy_with_logits(logits, truth, reduction="none").mean(dim=(0, 2, 3))
    p = logits.sigmoid()
    both, total = (p * truth).sum(dim=(0, 2, 3)), (p + truth).sum(dim=(0, 2, 3))
    dice = 1 - (2 * both + 20) / (total + 20)
    each = entropy * 6 + dice * 0.5
    loss = (each.sum() + each[CHANNELS.index("line")]) / (len(CHANNELS) + 1)  # connectors count twice
    return loss, 1 - dice.detach()
