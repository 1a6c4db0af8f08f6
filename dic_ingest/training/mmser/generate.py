"""Looking twice: a first caption, then the picture again with that caption in hand, as often as asked.

In: a captioner, its processor or tokenizer, pictures. Out: each picture's captions, first look first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from dic_ingest.errors import SettingsError
from dic_ingest.training.mmser.data import padded
from dic_ingest.training.mmser.pictures import PIXELS, letterbox


def caption(
    model: Any, processor: Any, images: Sequence[Any], looks: int = 2, longest: int = 300
) -> list[list[str]]:
    """Captions of PIL images: `looks` texts each. One refinement is enough (MM-SeR table 7)."""
    if any(i.width * i.height > PIXELS for i in images):
        raise SettingsError(f"a picture has more than {PIXELS} pixels; make it smaller first.")
    side = processor.image_processor.side
    small = [letterbox(i, side, processor.image_processor.grey) for i in images]
    pixels = processor.image_processor(small)["pixel_values"].to(model.device, model.dtype)
    return captions(model, processor.tokenizer, pixels, looks, longest)


def captions(model: Any, tokenizer: Any, pixels: Any, looks: int = 2, longest: int = 300) -> list[list[str]]:
    """Captions of pixels (pictures, channels, side, side); greedy, so the same every time.

    Raises:
        SettingsError: no look at all.
    """
    if looks < 1:
        raise SettingsError("looks must be 1 or more: the first one makes the caption.")
    config = model.config
    picture = [config.image_token_id] * config.image_tokens
    told: list[list[list[int]]] = []
    for look in range(looks):
        first = told[-1] if told else None
        if first is None:
            prompts = [[*picture, config.caption_token_id]] * len(pixels)
        else:
            shown = first if config.ser_caption else [[] for _ in first]
            prompts = [[*picture, *s, config.refine_token_id] for s in shown]
        told.append(_generated(model, prompts, pixels, first, longest))
        if look and told[-1] == first:
            told += [told[-1]] * (looks - look - 1)  # nothing changes any more
            break
    texts = [tokenizer.batch_decode(t, skip_special_tokens=True) for t in told]
    return [list(one) for one in zip(*texts, strict=True)]


@torch.no_grad()  # type: ignore[untyped-decorator,unused-ignore]
def _generated(
    model: Any, prompts: list[list[int]], pixels: Any, first: list[list[int]] | None, longest: int
) -> list[list[int]]:
    config, device = model.config, model.device
    pad = config.pad_token_id or 0
    ids, mask = padded(prompts, pad, device, left=True)
    more: dict[str, Any] = {}
    if first is not None:
        more["first_ids"], more["first_mask"] = padded(first, pad, device)
    barred = [config.image_token_id, config.caption_token_id, config.refine_token_id]
    room = config.text_config.max_position_embeddings - ids.shape[1]
    made = model.generate(
        input_ids=ids, attention_mask=mask, pixel_values=pixels, do_sample=False, suppress_tokens=barred,
        max_new_tokens=max(1, min(longest, room)), pad_token_id=pad, eos_token_id=config.eos_token_id, **more,
    )  # fmt: skip
    ends = {config.eos_token_id, pad}
    rows = made[:, ids.shape[1] :].tolist()
    return [row[: next((i for i, t in enumerate(row) if t in ends), len(row))] for row in rows]
