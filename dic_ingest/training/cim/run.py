"""One CIM run of the small captioner over a folder of pairs: gallery, encoders, training, curves.

In: a captioner's folder, a folder with pairs.jsonl. Out: best/, rows.json, steps.json, curves.png, gallery/.
The gallery holds the training figures with their reference captions; the validation figures are watched, and
none of their captions is in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from dic_ingest.errors import InputError, SettingsError
from dic_ingest.evaluation.embedding.image import gradients_of
from dic_ingest.evaluation.embedding.text import MiniLM
from dic_ingest.evaluation.figure_set import Pair, read_pairs
from dic_ingest.image_files import open_picture
from dic_ingest.training.cim.embedders import TowerPictures
from dic_ingest.training.cim.gallery import ImageGallery
from dic_ingest.training.cim.plot import plot
from dic_ingest.training.cim.reward import Pictures, RetrievalReward, RewardSettings, Texts
from dic_ingest.training.cim.train import CIMSettings, train_cim
from dic_ingest.training.mmser.generate import caption
from dic_ingest.training.mmser.train import load

LOOKS = ("gradients", "tower")


@dataclass(frozen=True, slots=True)
class RunPlan:
    """What is compared with what."""

    k: int = 5
    beta: float = 1.0
    consistency: float = 1.0
    agreement: float = 1.0
    figures: int = 0  # training figures, which make the gallery too; 0 for all
    watched: int = 64
    pictures: str = "gradients"
    device: str = "auto"

    def __post_init__(self) -> None:
        if self.pictures not in LOOKS or self.watched < 1 or self.figures < 0:
            raise SettingsError(f"RunPlan: pictures must be one of {', '.join(LOOKS)}, watched from 1.")


Figure = tuple[Pair, Image.Image]


def figures(folder: Path, split: str, most: int = 0) -> list[Figure]:
    """Pairs of a split with their pictures in memory. Raises InputError where there are none."""
    chosen = [p for p in read_pairs(folder / "pairs.jsonl") if p.split == split][: most or None]
    if not chosen:
        raise InputError(f"{folder} has no pair of the split {split}; synthesise more.")
    found = []
    for pair in chosen:
        with open_picture(folder / pair.image) as image:
            found.append((pair, image.convert("RGB")))
    return found


def make_reward(
    gallery: Sequence[Figure],
    watched: Sequence[Figure],
    folder: Path,
    texts: Texts,
    look: Pictures,
    plan: RunPlan,
) -> RetrievalReward:
    """The gallery of figures and the vectors of all sources."""
    vectors = look([image for _, image in gallery])
    store = ImageGallery.build(
        folder, [p.id for p, _ in gallery], texts([p.caption for p, _ in gallery]), vectors
    )
    sources: dict[str, Any] = dict(zip([p.id for p, _ in gallery], vectors, strict=True))
    sources |= zip([p.id for p, _ in watched], look([image for _, image in watched]), strict=True)
    weights = RewardSettings(plan.k, plan.beta, plan.consistency, plan.agreement)
    graphs = {p.id: p.diagram for p, _ in (*gallery, *watched)}
    return RetrievalReward(store, texts, sources, weights, graphs)


def say(model: Any, processor: Any, images: Sequence[Image.Image]) -> list[str]:
    """First looks, greedily."""
    return [
        c[0]
        for start in range(0, len(images), 32)
        for c in caption(model, processor, images[start : start + 32], 1)
    ]


def run(folder: Path, pairs: Path, out: Path, settings: CIMSettings, plan: RunPlan) -> list[dict[str, Any]]:
    """The whole run; the held-out rows."""
    model, processor = load(folder, plan.device)
    train, watched = figures(pairs, "train", plan.figures), figures(pairs, "validation", plan.watched)
    # the tower that compares is a copy of its own: what learns must not judge itself
    look = TowerPictures(*load(folder, plan.device)) if plan.pictures == "tower" else gradients_of
    reward = make_reward(train, watched, out / "gallery", MiniLM().encode, look, plan)
    rows = train_cim(model, processor, train, watched, reward, out, say, settings)
    plot({"run": rows}, out / "curves.png")
    return rows
