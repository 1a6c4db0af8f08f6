"""One CIM run over a folder of pairs: gallery, encoders, training, curves.

In: a captioner's folder, a folder with pairs.jsonl. Out: best/, rows.json, steps.json, curves.png, gallery/.
The gallery holds the training figures with their reference captions; the validation figures are watched, and
none of their captions is in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dic_ingest.errors import InputError, SettingsError
from dic_ingest.evaluation.embedding.image import gradients_of
from dic_ingest.evaluation.embedding.text import MiniLM
from dic_ingest.evaluation.figure_set import read_pairs
from dic_ingest.image_files import open_picture
from dic_ingest.training.cim.captioners import (
    Figure,
    RewardedCaptioner,
    is_small,
    large_captioner,
    small_captioner,
)
from dic_ingest.training.cim.embedders import TowerPictures
from dic_ingest.training.cim.gallery import ImageGallery
from dic_ingest.training.cim.plot import plot
from dic_ingest.training.cim.reward import Pictures, RetrievalReward, RewardSettings, Texts
from dic_ingest.training.cim.train import CIMSettings, train_cim
from dic_ingest.training.mmser.train import load
from dic_ingest.training.sft.settings import METHODS, SftSettings

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
    method: str = "full"  # what learns of a model of the Qwen-VL class, and the rank of its adapter
    rank: int = 16

    def __post_init__(self) -> None:
        if self.pictures not in LOOKS or self.watched < 1 or self.figures < 0:
            raise SettingsError(f"RunPlan: pictures must be one of {', '.join(LOOKS)}, watched from 1.")
        if self.method not in METHODS or self.rank < 1:
            raise SettingsError(f"RunPlan: method must be one of {', '.join(METHODS)}, rank from 1.")


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


def _captioner(
    folder: Path, pairs: Path, shown: Sequence[Figure], settings: CIMSettings, plan: RunPlan
) -> RewardedCaptioner:
    """What the folder holds. Raises SettingsError for choices that the small captioner does not have."""
    if not is_small(folder):
        if plan.pictures == "tower":
            raise SettingsError("--pictures tower is for the small captioner; take gradients here.")
        how = SftSettings(
            stage="cim", method=plan.method, rank=plan.rank, checkpointing=settings.checkpointing
        )
        return large_captioner(folder, pairs, [p for p, _ in shown], how, settings.longest)
    if plan.method != "full" or settings.checkpointing:
        raise SettingsError("the small captioner learns as a whole: leave --method and --checkpointing out.")
    return small_captioner(folder, plan.device)


def run(folder: Path, pairs: Path, out: Path, settings: CIMSettings, plan: RunPlan) -> list[dict[str, Any]]:
    """The whole run; the held-out rows."""
    train, watched = figures(pairs, "train", plan.figures), figures(pairs, "validation", plan.watched)
    captioner = _captioner(folder, pairs, [*train, *watched], settings, plan)
    # the tower that compares is a copy of its own: what learns must not judge itself
    compared = TowerPictures(*load(folder, plan.device)) if plan.pictures == "tower" else gradients_of
    reward = make_reward(train, watched, out / "gallery", MiniLM().encode, compared, plan)
    rows = train_cim(captioner, train, watched, reward, out, settings)
    plot({"run": rows}, out / "curves.png")
    return rows
