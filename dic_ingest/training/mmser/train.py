"""Trains the small captioner on a pack, from nothing or from CLIP and OPT: weights, curves, captions.

    python -m dic_ingest.training.mmser.train --pairs pairs.mmser --out OUT --seconds 170
Writes OUT/model (config, safetensors, tokenizer), OUT/curves.json and OUT/samples.jsonl. Wants torch,
transformers, tokenizers, safetensors, numpy and pillow only. `--seconds` holds for everything together.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from transformers import CLIPVisionConfig

from dic_ingest.errors import InputError, SettingsError
from dic_ingest.training.mmser.config import small
from dic_ingest.training.mmser.data import Captions, scaled, tokenised
from dic_ingest.training.mmser.generate import captions
from dic_ingest.training.mmser.model import MMSeRForCaptioning
from dic_ingest.training.mmser.pack import Packed, read_pack
from dic_ingest.training.mmser.processor import (
    MMSeRImageProcessor,
    MMSeRProcessor,
    token_ids,
    train_tokenizer,
)
from dic_ingest.training.mmser.stages import PAPER, SCRATCH, CaptionerSettings, TrainingStage, train

SHARD = "13MB"  # of a weights file


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """A run from nothing, or from the parts `vision` and `language`. `seconds` 0 lets epochs count."""

    side: int = 512  # pixels of a picture's side, a multiple of 64
    width: int = 256
    depth: int = 8  # layers of the vision tower
    vocabulary: int = 4000
    longest: int = 320  # tokens of a caption; figures with longer ones are left out
    batch: int = 64
    seconds: float = 0.0
    samples: int = 256  # figures of the test split to caption
    device: str = "cpu"
    seed: int = 0
    sketches: int = 0  # drawings made beforehand of the synthesis grammars, besides the pack's
    processes: int = 1  # that draw them
    vision: str = ""  # folder of a CLIP checkpoint; then side, width, depth and vocabulary are the parts' own
    language: str = ""  # folder of an OPT checkpoint

    def __post_init__(self) -> None:
        if self.side < 64 or self.side % 64 or self.width < 64 or self.width % 64:
            raise SettingsError("TrainSettings: side and width must be multiples of 64.")
        if bool(self.vision) != bool(self.language):
            raise SettingsError("TrainSettings: vision and language are given together, or neither is.")
        if (
            self.depth < 2
            or self.longest < 8
            or min(self.samples, self.sketches) < 0
            or self.vocabulary < 300
        ):
            raise SettingsError(
                "TrainSettings: depth from 2, longest from 8, vocabulary from 300, counts from 0."
            )


def run(pack: Path, out: Path, settings: TrainSettings) -> None:
    """The whole run; see the module's text.

    Raises:
        InputError: no pack, or nothing to learn in it. SettingsError: a device that is not there.
    """
    began = time.monotonic()
    device = _device(settings.device)
    torch.manual_seed(settings.seed)
    pictures, records = _figures(pack, settings)
    told = torch.from_numpy(pictures).to(device)
    model, tokenizer, stages = _start(records, settings)
    model = model.to(device)
    if pictures.shape[1] != model.config.image_size:
        raise SettingsError(
            f"the pack's pictures have {pictures.shape[1]} pixels a side, the model wants "
            f"{model.config.image_size}: give the folder of pairs, or make the pack with that side."
        )
    data = tokenised(told, records, tokenizer, "train", settings.longest)
    if not len(data):
        raise InputError(f"{pack} holds no training figure with a caption below {settings.longest} tokens.")
    out.mkdir(parents=True, exist_ok=True)
    left = _seconds_left(settings.seconds, began)
    print(
        json.dumps({"figures": len(data), "parameters": model.num_parameters(), "seconds": round(left, 1)}),
        flush=True,
    )
    held_out = tokenised(told, records, tokenizer, "validation", settings.longest)
    curves = train(
        model,
        stages,
        data,
        CaptionerSettings(settings.batch, seconds=left, seed=settings.seed),
        _print_row,
        _some(held_out),
    )
    (out / "curves.json").write_text(json.dumps(curves, indent=0) + "\n", "utf-8")
    save(model, tokenizer, out / "model")
    write_samples(model, tokenizer, told, records, out / "samples.jsonl", settings)


def _seconds_left(seconds: float, began: float) -> float:
    """Loading is paid for; captioning the test split needs an eighth, 20 seconds at most. 0: no end."""
    return max(1.0, seconds - (time.monotonic() - began) - min(20.0, seconds / 8)) if seconds else 0


def _start(records: list[Packed], settings: TrainSettings) -> tuple[Any, Any, Sequence[TrainingStage]]:
    """The model as the run begins, its tokenizer, its stages."""
    if settings.vision:
        try:
            model, tokenizer = MMSeRForCaptioning.from_parts(settings.vision, settings.language)
        except (OSError, ValueError, KeyError) as error:
            raise InputError(
                f"{settings.vision} and {settings.language} are no CLIP and OPT checkpoints: {error}"
            ) from error
        return model, tokenizer, PAPER
    learnt = [r.text for r in records if r.split == "train"]
    tokenizer = train_tokenizer([*learnt, *(p for r in records for p in r.pseudo)], settings.vocabulary)
    config = small(len(tokenizer), token_ids(tokenizer), settings.side, settings.width, settings.depth)
    return MMSeRForCaptioning(config), tokenizer, SCRATCH


def picture_side(settings: TrainSettings) -> int:
    """Pixels of the side of the pictures that the run wants. Raises InputError: no CLIP checkpoint there."""
    if not settings.vision:
        return settings.side
    try:
        return int(CLIPVisionConfig.from_pretrained(settings.vision, local_files_only=True).image_size)
    except (OSError, ValueError) as error:
        raise InputError(f"{settings.vision} holds no CLIP checkpoint: {error}") from error


def _figures(pack: Path, settings: TrainSettings) -> tuple[npt.NDArray[np.uint8], list[Packed]]:
    """The pack's figures; with sketches besides, its training figures as often as makes two fifths of all."""
    side = picture_side(settings)
    pictures, records = read_pack(pack, side)
    if not settings.sketches:
        return pictures, records
    from dic_ingest.training.mmser.sketches import sketches

    kept = {r.text for r in records if r.split != "train"}
    seconds = settings.seconds / 8 or 600.0
    drawn, told = sketches(settings.sketches, side, settings.seed, kept, settings.processes, seconds)
    train = [i for i, r in enumerate(records) if r.split == "train"]
    again = train * max(0, round(len(told) * 2 / 3 / max(1, len(train))) - 1)
    at = [*range(len(records)), *again]
    return np.concatenate([pictures[at], drawn]), [*(records[i] for i in at), *told]


def save(model: Any, tokenizer: Any, folder: Path) -> None:
    """Weights in bfloat16, in files of 13 MB at most, with the processor that belongs to them."""
    kept = {k: v.to(torch.bfloat16) if v.is_floating_point() else v for k, v in model.state_dict().items()}
    model.config.dtype = torch.bfloat16
    model.save_pretrained(folder, state_dict=kept, max_shard_size=SHARD)
    images = MMSeRImageProcessor(model.config.image_size, model.config.image_channels == 1)
    MMSeRProcessor(images, tokenizer, model.config.image_tokens).save_pretrained(folder)


def load(folder: Path, device: str = "cpu", dtype: Any = torch.float32) -> tuple[Any, Any]:
    """A saved captioner and its processor, from a folder; nothing is fetched.

    Raises:
        InputError: the folder holds no such model.
    """
    try:
        where = {"local_files_only": True}
        model = MMSeRForCaptioning.from_pretrained(folder, dtype=dtype, **where).to(_device(device)).eval()
        return model, MMSeRProcessor.from_pretrained(folder, **where)
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{folder} holds no MM-SeR captioner: {error}. Train one first.") from error


def write_samples(
    model: Any, tokenizer: Any, pictures: Any, records: list[Packed], path: Path, settings: TrainSettings
) -> None:
    """A line per test figure: id, reference, first, refined and twice refined caption."""
    at = [i for i, r in enumerate(records) if r.split == "test"][: settings.samples]
    model.eval()
    with path.open("w", encoding="utf-8") as file:
        for start in range(0, len(at), 256):
            part = at[start : start + 256]
            with torch.autocast(model.device.type, dtype=torch.bfloat16, enabled=model.device.type == "cuda"):
                made = captions(model, tokenizer, scaled(pictures[part]), 3, settings.longest)
            for i, (first, refined, again) in zip(part, made, strict=True):
                record = records[i]
                row = {
                    "id": record.id,
                    "kind": record.kind,
                    "difficulty": record.difficulty,
                    "text": record.text,
                }
                row |= {"reference": record.reference, "first": first, "refined": refined, "again": again}
                file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _some(data: Captions, most: int = 192) -> Captions:
    return replace(data, pictures=data.pictures[:most], texts=data.texts[:most], pseudo=data.pseudo[:most])


def _print_row(row: dict[str, Any]) -> None:
    print(json.dumps(row), flush=True)


def _device(name: str) -> Any:
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise SettingsError(f"no device called {name!r}: take cpu, cuda or auto.") from error
    if device.type == "cuda" and not torch.cuda.is_available():
        raise SettingsError(
            "no CUDA device here: take --device cpu, with a smaller --side, --width and --depth."
        )
    return device


def main() -> None:
    """Trains."""
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("--pairs", type=Path, required=True, help="a file that mmser.pack made")
    args.add_argument("--out", type=Path, required=True)
    args.add_argument("--device", default="auto")
    for name, kind in (("seconds", float), ("side", int), ("width", int), ("depth", int), ("batch", int),
                       ("longest", int), ("vocabulary", int), ("samples", int), ("seed", int),
                       ("sketches", int), ("processes", int), ("vision", str),
                       ("language", str)):  # fmt: skip
        args.add_argument(f"--{name}", type=kind, default=getattr(TrainSettings(), name))
    opt = vars(args.parse_args())
    pack, out = opt.pop("pairs"), opt.pop("out")
    torch.set_float32_matmul_precision("high")
    run(pack, out, TrainSettings(**opt))


if __name__ == "__main__":
    main()
