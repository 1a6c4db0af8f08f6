"""A folder of pairs as one compact file that trains anywhere: small grey pictures, captions, pseudo-captions.

    python -m dic_ingest.training.mmser.pack --pairs FOLDER --out pairs.mmser --side 512
In: `pairs.jsonl` and its pictures. Out: a numpy archive (no pickle) of WebP bytes and JSON lines. The caption
to learn is the verbaliser's text of the true graph, from which a pseudo-caption differs only by its faults.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from dic_ingest.errors import InputError, SettingsError
from dic_ingest.evaluation.figure_set import Pair, read_pairs
from dic_ingest.image_files import open_picture
from dic_ingest.training.mmser.perturb import Perturber
from dic_ingest.training.mmser.pictures import letterbox

QUALITY = 22  # of WebP; grey line drawings stay readable


@dataclass(frozen=True, slots=True)
class Packed:
    """One figure. `text` is the caption to learn, `pseudo` what a first look might say instead."""

    id: str
    split: str
    text: str
    reference: str  # the pair's own caption, which may say the same in other words
    pseudo: tuple[str, ...]
    kind: str
    difficulty: str


def write_pack(pairs: Sequence[Pair], folder: Path, out: Path, side: int = 512, seed: int = 0) -> int:
    """Packs pairs whose pictures lie in `folder`; returns the file's size in bytes.

    Raises:
        InputError: no pairs, a picture that cannot be read. SettingsError: a side below 64.
    """
    if side < 64:
        raise SettingsError(f"side must be at least 64, got {side}.")
    if not any(p.split == "train" for p in pairs):
        raise InputError("there is no pair of the split train to learn from; synthesise some first.")
    perturber = vocabulary(pairs)
    encoded, records = [], []
    for pair in pairs:
        encoded.append(_encoded(folder / pair.image, side))
        source = random.Random(f"{seed} {pair.id}")
        pseudo = tuple(perturber.pseudo(pair.diagram, source)) if pair.split == "train" else ()
        text = pair.diagram.to_text()
        records.append(
            Packed(pair.id, pair.split, text, pair.caption, pseudo, str(pair.diagram.kind), pair.difficulty)
        )
    lines = "\n".join(json.dumps(asdict(r), ensure_ascii=False) for r in records).encode()
    sizes = np.array([len(e) for e in encoded], np.int64)
    with out.open("wb") as file:
        np.savez_compressed(
            file,
            pictures=np.frombuffer(b"".join(encoded), np.uint8),
            sizes=sizes,
            records=np.frombuffer(lines, np.uint8),
        )
    return out.stat().st_size


def vocabulary(pairs: Sequence[Pair]) -> Perturber:
    """A perturber with the words of the training figures."""
    graphs = [p.diagram for p in pairs if p.split == "train"]
    labels = sorted({n.label for g in graphs for n in g.nodes if n.label.strip()})
    told = sorted({e.label for g in graphs for e in g.edges if e.label.strip()})
    return Perturber(labels or ["Node"], told)


def read_pack(
    path: Path, side: int | None = None, threads: int = 8
) -> tuple[npt.NDArray[np.uint8], list[Packed]]:
    """Pictures of shape (figures, side, side), 255 white, and the records, in order.

    Raises:
        InputError: no pack, or a damaged one.
    """
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            data, sizes = file["pictures"].tobytes(), file["sizes"]
            lines = file["records"].tobytes().decode().splitlines()
        records = [_record(json.loads(line)) for line in lines]
        ends = np.cumsum(sizes)
        parts = [data[end - size : end] for size, end in zip(sizes, ends, strict=True)]
        with ThreadPoolExecutor(threads) as pool:
            pictures = list(pool.map(lambda part: _decoded(part, side), parts))
        if len(pictures) != len(records) or not records:
            raise ValueError(f"{len(pictures)} pictures for {len(records)} records")
        return np.stack(pictures), records
    except (OSError, ValueError, KeyError, TypeError, UnidentifiedImageError, zipfile.BadZipFile) as error:
        raise InputError(
            f"{path} is no pack: {error}. Make it with dic_ingest.training.mmser.pack."
        ) from error


def _record(data: dict[str, Any]) -> Packed:
    return Packed(**{**data, "pseudo": tuple(data["pseudo"])})


def _encoded(path: Path, side: int) -> bytes:
    try:
        with open_picture(path) as image:
            made = letterbox(image, side)
    except (OSError, UnidentifiedImageError, InputError) as error:
        raise InputError(f"{path} cannot be read as a picture: {error}") from error
    out = io.BytesIO()
    made.save(out, "WEBP", quality=QUALITY, method=2)
    return out.getvalue()


def _decoded(data: bytes, side: int | None) -> npt.NDArray[np.uint8]:
    with open_picture(data) as image:
        grey = image.convert("L")
        if side is not None and side != grey.width:
            grey = grey.resize((side, side), Image.Resampling.LANCZOS)
        return np.asarray(grey)


def main() -> None:
    """Packs."""
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("--pairs", type=Path, required=True, help="folder with pairs.jsonl")
    args.add_argument("--out", type=Path, required=True)
    args.add_argument("--side", type=int, default=512)
    args.add_argument("--seed", type=int, default=0)
    opt = args.parse_args()
    pairs = read_pairs(opt.pairs / "pairs.jsonl")
    size = write_pack(pairs, opt.pairs, opt.out, opt.side, opt.seed)
    print(f"{len(pairs)} pairs, {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
