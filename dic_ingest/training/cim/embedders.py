"""Pictures to vectors by a captioner that was trained here: its vision tower, pooled.

In: PIL images. Out: unit rows. Any other callable of the same form can stand in its place; without a trained
captioner `evaluation.look.gradients_of`, which nobody trained, is the offline default.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from PIL import Image

from dic_ingest.training.cim.reward import Rows

BATCH = 16


class TowerPictures:
    """Mean and maximum over the tokens of the tower's last used layer, a frozen copy of the weights."""

    def __init__(self, model: Any, processor: Any) -> None:
        self._model, self._processor = model, processor

    @torch.no_grad()  # type: ignore[untyped-decorator,unused-ignore]
    def __call__(self, pictures: Sequence[Image.Image]) -> Rows:
        """One unit row per picture."""
        rows = []
        for start in range(0, len(pictures), BATCH):
            pixels = self._processor.image_processor(list(pictures[start : start + BATCH]))["pixel_values"]
            body = self._model.model
            seen = body.features(pixels.to(self._model.device), self._model.config.first_layers)
            seen = torch.nn.functional.layer_norm(seen.float(), seen.shape[-1:])
            pooled = torch.cat([seen.mean(1), seen.amax(1) / 4], -1)
            rows.append(torch.nn.functional.normalize(pooled, dim=-1).cpu().numpy())
        return np.concatenate(rows) if rows else np.zeros((0, 1), np.float32)
