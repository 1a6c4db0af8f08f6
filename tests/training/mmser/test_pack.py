"""Packs: what goes in comes out, and what is none is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dic_ingest.errors import InputError, SettingsError
from dic_ingest.evaluation.figure_set import read_pairs
from dic_ingest.training.mmser.pack import read_pack, write_pack
from dic_ingest.training.mmser.pictures import letterbox
from dic_ingest.training.mmser.tiny import tiny_pairs


def test_a_pack_holds_captions_faults_and_pictures(drawings: Path) -> None:
    pictures, records = read_pack(drawings / "pack")
    pairs = {p.id: p for p in read_pairs(drawings / "pairs.jsonl")}
    assert pictures.shape == (24, 128, 128) and pictures.dtype == np.uint8
    for picture, record in zip(pictures, records, strict=True):
        pair = pairs[record.id]
        assert record.text == pair.diagram.to_text() and record.split == pair.split
        assert len(record.pseudo) == (3 if pair.split == "train" else 0)
        drawn = np.asarray(Image.open(drawings / pair.image), np.float32)
        assert np.abs(picture.astype(np.float32) - drawn).mean() < 6  # WebP loses a little
    assert read_pack(drawings / "pack", 64)[0].shape == (24, 64, 64)


def test_dark_paper_becomes_light_and_nothing_is_stretched() -> None:
    dark = Image.new("RGB", (300, 100), (20, 20, 30))
    dark.paste((240, 240, 240), (10, 40, 290, 44))
    made = np.asarray(letterbox(dark, 128))
    assert made[0, 0] == 255 and np.median(made) > 200 and made.min() < 60
    ink = np.argwhere(made < 128)
    assert np.ptp(ink[:, 1]) > 20 * np.ptp(ink[:, 0])


def test_what_is_no_pack_is_refused(tmp_path: Path, drawings: Path) -> None:
    other = tmp_path / "pack"
    other.write_bytes((drawings / "pack").read_bytes()[:500])
    with pytest.raises(InputError, match="is no pack"):
        read_pack(other)
    pairs = read_pairs(drawings / "pairs.jsonl")
    with pytest.raises(SettingsError, match="at least 64"):
        write_pack(pairs, drawings, other, 60)
    with pytest.raises(InputError, match="no pair of the split train"):
        write_pack([p for p in pairs if p.split != "train"], drawings, other)
    (tmp_path / pairs[0].image).parent.mkdir()
    (tmp_path / pairs[0].image).write_bytes(b"no picture")
    train = [p for p in pairs if p.split == "train"]
    with pytest.raises(InputError, match="cannot be read as a picture"):
        write_pack(train, tmp_path, other)


def test_too_many_tiny_drawings(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="are made by 1 to"):
        tiny_pairs(tmp_path, 10**6)
