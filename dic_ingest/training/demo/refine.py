"""The small captioner that looks twice, and CIM's reward for a few steps, on drawings of a few boxes.

In: a folder to work in. Out: how the losses of each stage went, and what reward and held-out edge F1 did.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from dic_ingest.training.curves import fell
from dic_ingest.training.demo.settings import DemoSettings
from dic_ingest.training.mmser.config import small
from dic_ingest.training.mmser.data import tokenised
from dic_ingest.training.mmser.model import MMSeRForCaptioning
from dic_ingest.training.mmser.pack import read_pack, write_pack
from dic_ingest.training.mmser.processor import token_ids, train_tokenizer
from dic_ingest.training.mmser.stages import SCRATCH, CaptionerSettings, train
from dic_ingest.training.mmser.tiny import SIDE, tiny_pairs
from dic_ingest.training.mmser.train import save

LONGEST = 200  # tokens of a caption


def refine(folder: Path, settings: DemoSettings) -> dict[str, dict[str, float]]:
    """Train the small captioner from nothing; first and last loss by stage. It lies in `folder`/model."""
    pairs = tiny_pairs(folder / "tiny", settings.tiny, settings.seed)
    pack = folder / "tiny.mmser"
    write_pack(pairs, folder / "tiny", pack, SIDE, settings.seed)
    pictures, records = read_pack(pack, SIDE)
    texts = [t for r in records if r.split == "train" for t in (r.text, *r.pseudo)]
    tokenizer = train_tokenizer(texts, 400)
    data = tokenised(torch.from_numpy(pictures), records, tokenizer, "train", LONGEST)
    torch.manual_seed(settings.seed)
    model = MMSeRForCaptioning(small(len(tokenizer), token_ids(tokenizer), SIDE, 64, 4))
    share = settings.refine_epochs / sum(s.epochs for s in SCRATCH)
    stages = [replace(s, epochs=max(1.0, s.epochs * share)) for s in SCRATCH]
    curves = train(model, stages, data, CaptionerSettings(batch=16, seed=settings.seed))
    save(model, tokenizer, folder / "model")
    return _ends(curves)


def reward(folder: Path, settings: DemoSettings) -> list[dict[str, Any]]:
    """A few steps of CIM on that captioner; a row per look at the held-out drawings."""
    from dic_ingest.training.cim.run import RunPlan, run
    from dic_ingest.training.cim.train import CIMSettings

    cim = CIMSettings(
        rate=1e-5, batch=40, mini_batch=20, steps=settings.cim_steps, longest=LONGEST,
        watch=max(1, settings.cim_steps // 2), guard=False, seed=settings.seed,
    )  # fmt: skip
    return run(folder / "model", folder / "tiny", folder / "cim", cim, RunPlan(watched=16, device="cpu"))


def _ends(curves: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """How the loss of each stage began and ended."""
    stages = dict.fromkeys(str(row["stage"]) for row in curves if "loss" in row)
    ends = {s: fell([row for row in curves if str(row.get("stage")) == s]) for s in stages}
    return {s: {"first": first, "last": last} for s, (first, last) in ends.items()}
