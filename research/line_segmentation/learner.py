"""One step of learning: forward, loss, backward, weights moved, their running mean moved after them."""

from __future__ import annotations

from copy import deepcopy

import torch
from torch import Tensor

from research.line_segmentation.net import LineNet, loss_of

_SLOWEST = 0.999  # the exported weights are a mean over the last thousand steps or so


class Learner:
    """A network that learns, and `mean`, the running mean of its weights."""

    def __init__(self, net: LineNet, rate: float) -> None:
        self.net, self.mean = net, deepcopy(net)
        self._type = next(net.parameters()).device.type
        self._tune = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=1e-2)
        self._steps = 0

    def step(self, x: Tensor, truth: Tensor, rate: float) -> tuple[Tensor, Tensor]:
        """Learns from pictures and maps; the loss, and the Dice of each role."""
        self._tune.param_groups[0]["lr"] = rate
        with torch.autocast(self._type, dtype=torch.bfloat16):
            logits = self.net(x.contiguous(memory_format=torch.channels_last))
        loss, dice = loss_of(logits.float(), truth)
        self._tune.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 2.0)
        self._tune.step()
        self._follow(1 - min(_SLOWEST, (1 + self._steps) / (10 + self._steps)))
        self._steps += 1
        return loss.detach(), dice

    def _follow(self, share: float) -> None:
        with torch.no_grad():
            for a, b in zip(self.mean.state_dict().values(), self.net.state_dict().values(), strict=True):
                if a.dtype.is_floating_point:
                    a.lerp_(b, share)
                else:
                    a.copy_(b)
