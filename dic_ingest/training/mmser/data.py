"""Batches for the small captioner, from a pack held in memory.

In: pictures as bytes, captions as token ids. Out: pixels, input ids, labels; for the second look also the
pseudo-caption. Pictures are moved, scaled, blurred with noise and faded as they are taken, on the device.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from dic_ingest.training.mmser.config import MMSeRConfig
from dic_ingest.training.mmser.pack import Packed

IGNORED = -100
_WINDOW = 16  # batches whose captions are sorted by length before they are cut, to waste little padding


@dataclass(frozen=True)
class Captions:
    """Figures with their captions as tokens. `pictures` is a uint8 tensor (figures, side, side).

    `vary` is for pictures that are to be moved and faded as they are taken.
    """

    pictures: Any
    texts: list[list[int]]
    pseudo: list[list[list[int]]]
    vary: bool = True

    def __len__(self) -> int:
        return len(self.texts)


def tokenised(pictures: Any, records: Sequence[Packed], tokenizer: Any, split: str, longest: int) -> Captions:
    """The figures of a split whose caption has at most `longest` tokens; longer pseudo-captions are cut."""
    at, texts, pseudo = [], [], []
    for i, record in enumerate(records):
        ids = tokenizer(record.text, add_special_tokens=False)["input_ids"] if record.split == split else []
        if ids and len(ids) < longest:
            at.append(i)
            texts.append([*ids, tokenizer.eos_token_id])
            told = (
                tokenizer(list(record.pseudo), add_special_tokens=False)["input_ids"] if record.pseudo else []
            )
            pseudo.append([p[: longest - 1] for p in told])
    return Captions(pictures[torch.tensor(at, dtype=torch.long, device=pictures.device)], texts, pseudo)


def batches(data: Captions, size: int, source: random.Random) -> Iterator[list[int]]:
    """Indexes, batch by batch, for ever; each figure once an epoch."""
    while True:
        order = list(range(len(data)))
        source.shuffle(order)
        cut = []
        for start in range(0, len(order), size * _WINDOW):
            near = sorted(order[start : start + size * _WINDOW], key=lambda i: len(data.texts[i]))
            cut += [near[i : i + size] for i in range(0, len(near), size)]
        source.shuffle(cut)
        yield from cut


def language_batch(
    data: Captions, at: list[int], config: MMSeRConfig, source: random.Random
) -> dict[str, Any]:
    """Captions alone: <caption> text </s>."""
    return _sequences([([config.caption_token_id], data.texts[i]) for i in at], config, data.pictures.device)


def presence_batch(
    data: Captions, at: list[int], config: MMSeRConfig, source: random.Random
) -> dict[str, Any]:
    """Pictures, and which words their captions have, of shape (batch, vocabulary)."""
    present = torch.zeros(len(at), config.text_config.vocab_size)
    for row, i in enumerate(at):
        present[row, data.texts[i][:-1]] = 1.0
    return {"pixel_values": _pixels(data, at), "present": present.to(data.pictures.device)}


def first_batch(data: Captions, at: list[int], config: MMSeRConfig, source: random.Random) -> dict[str, Any]:
    """The first look: picture <caption> text </s>."""
    head = [config.image_token_id] * config.image_tokens + [config.caption_token_id]
    made = _sequences([(head, data.texts[i]) for i in at], config, data.pictures.device)
    return made | {"pixel_values": _pixels(data, at)}


def second_batch(data: Captions, at: list[int], config: MMSeRConfig, source: random.Random) -> dict[str, Any]:
    """The second look: picture pseudo-caption <refine> text </s>."""
    first = [source.choice(data.pseudo[i]) if data.pseudo[i] else data.texts[i][:-1] for i in at]
    shown = [one if config.ser_caption else [] for one in first]
    picture = [config.image_token_id] * config.image_tokens
    rows = [([*picture, *s, config.refine_token_id], data.texts[i]) for s, i in zip(shown, at, strict=True)]
    made = _sequences(rows, config, data.pictures.device)
    made["logits_to_keep"] += max(map(len, shown))
    ids, mask = padded(first, config.pad_token_id or 0, data.pictures.device)
    return made | {"pixel_values": _pixels(data, at), "first_ids": ids, "first_mask": mask}


def padded(rows: Sequence[Sequence[int]], pad: int, device: Any, left: bool = False) -> tuple[Any, Any]:
    """Rows of one length and their mask, padded on the right or `left`."""
    width = max(1, *(len(r) for r in rows)) if rows else 1
    ids, mask = np.full((len(rows), width), pad, np.int64), np.zeros((len(rows), width), np.int64)
    for i, row in enumerate(rows):
        place = slice(width - len(row), width) if left else slice(0, len(row))
        ids[i, place], mask[i, place] = row, 1
    return torch.from_numpy(ids).to(device), torch.from_numpy(mask).to(device)


def scaled(pictures: Any) -> Any:
    """Bytes (n, side, side) to -1..1 (n, 1, side, side), dark lines at 1."""
    return (1 - pictures.float() / 127.5).unsqueeze(1)


def varied(ink: Any) -> Any:
    """Pictures in -1..1 moved by up to 5 %, scaled by 0.85 to 1.1, faded and with noise."""
    count, device = len(ink), ink.device
    scale = torch.empty(count, device=device).uniform_(0.9, 1.18)
    shift = torch.empty(count, 2, device=device).uniform_(-0.1, 0.1)
    theta = torch.zeros(count, 2, 3, device=device)
    theta[:, 0, 0] = theta[:, 1, 1] = scale
    theta[:, :, 2] = shift
    grid = functional.affine_grid(theta, list(ink.shape), align_corners=False)
    dark = functional.grid_sample((ink + 1) / 2, grid, align_corners=False)  # outside is 0: white
    dark = dark * torch.empty(count, 1, 1, 1, device=device).uniform_(0.6, 1.0)
    noise = torch.empty(count, 1, 1, 1, device=device).uniform_(0.0, 0.08)
    return (dark + noise * torch.randn_like(dark)) * 2 - 1


def _pixels(data: Captions, at: list[int]) -> Any:
    taken = scaled(data.pictures[torch.tensor(at, device=data.pictures.device)])
    return varied(taken) if data.vary else taken


def _sequences(rows: list[tuple[list[int], list[int]]], config: MMSeRConfig, device: Any) -> dict[str, Any]:
    """Prompt and answer of each row joined and padded on the right; only the answer is learnt.

    Attention is causal, so padding on the right needs no mask.
    """
    ids, mask = padded([a + b for a, b in rows], config.pad_token_id or 0, device)
    labels = ids.masked_fill(mask == 0, IGNORED)
    places = torch.arange(ids.shape[1], device=device)
    labels[places[None] < torch.tensor([len(a) for a, _ in rows], device=device)[:, None]] = IGNORED
    keep = ids.shape[1] - min(len(a) for a, _ in rows) + 1
    return {"input_ids": ids, "labels": labels, "logits_to_keep": keep}
