"""The ablations of MM-SeR's tables 3 and 12 at small scale: trains every variant, writes what each says.

    python -m dic_ingest.training.mmser.ablation --pairs pairs.mmser --out FOLDER
In: a pack. Out: FOLDER/captions.json, a row per variant with its captions of the test split, and the model
that all second looks start from. One captioner learns its first look; each variant of the second look goes on
from a copy of it; variants of the first look learn from nothing. A run that was stopped goes on.
"""

from __future__ import annotations

import argparse
import copy
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from dic_ingest.training.mmser.config import MMSeRConfig, small
from dic_ingest.training.mmser.data import Captions, scaled, tokenised
from dic_ingest.training.mmser.generate import captions
from dic_ingest.training.mmser.model import MMSeRForCaptioning
from dic_ingest.training.mmser.pack import read_pack
from dic_ingest.training.mmser.processor import token_ids, train_tokenizer
from dic_ingest.training.mmser.stages import SCRATCH, CaptionerSettings, train
from dic_ingest.training.mmser.train import load, save


@dataclass(frozen=True, slots=True)
class Variant:
    """A row: its name, what differs in the configuration, and whether the second look is what it is about.

    `layers` are named by their share of the tower's depth, as the paper's 13, 18 and 23 of 24.
    """

    name: str
    second: bool
    layers: tuple[float, ...] = (0.5, 0.75, 1.0)
    first: tuple[float, ...] = (1.0,)
    connector: str = "mlp"
    caption: bool = True


VARIANTS = (
    Variant("first look only (a)", False),
    Variant("table 3: second look, caption and three layers", True),
    Variant("table 3: second look, caption only", True, layers=(1.0,)),
    Variant("table 3: second look, three layers only", True, caption=False),
    Variant("table 3 and 12 (b): one look, three layers", False, first=(0.5, 0.75, 1.0)),
    Variant("table 12 (f): one look, transformer connector", False, connector="transformer"),
    Variant("table 12: one look, query connector", False, connector="query"),
    Variant("table 12 (III): second look, layers 1/2 and last", True, layers=(0.5, 1.0)),
)


def config_of(variant: Variant, plain: MMSeRConfig) -> MMSeRConfig:
    """The configuration of a variant."""
    depth = plain.vision_config.num_hidden_layers

    def layers(shares: Sequence[float]) -> tuple[int, ...]:
        return tuple(max(1, round(depth * s)) for s in shares)

    changed = {"select": layers(variant.layers), "first_layers": layers(variant.first)}
    return MMSeRConfig(
        **(plain.to_dict() | changed | {"connector": variant.connector, "ser_caption": variant.caption})
    )


def begun(variant: Variant, plain: MMSeRConfig, base: Any = None) -> Any:
    """The captioner of a variant; with `base` all that fits is a copy of it, the SeR-connector is fresh."""
    torch.manual_seed(0)
    model = MMSeRForCaptioning(config_of(variant, plain))
    if base is not None:
        kept = {k: v for k, v in base.state_dict().items() if ".ser_connector." not in k}
        model.load_state_dict(kept, strict=False)
    return model


def ablate(pack: Path, out: Path, opt: argparse.Namespace) -> list[dict[str, Any]]:
    """Trains every variant that `out` does not hold yet; all rows."""
    pictures, records = read_pack(pack, opt.side)
    told = torch.from_numpy(pictures).to(opt.device)
    learnt = [t for r in records if r.split == "train" for t in (r.text, *r.pseudo)]
    words = train_tokenizer(learnt, opt.vocabulary)
    # as drawn: a network learns to read moved words too late for a few hundred steps
    data = replace(tokenised(told, records, words, "train", opt.longest), vary=False)
    tests = [i for i, r in enumerate(records) if r.split == "test"][: opt.samples]
    plain = small(len(words), token_ids(words), opt.side, opt.width, opt.depth)
    out.mkdir(parents=True, exist_ok=True)
    place = out / "captions.json"
    rows: list[dict[str, Any]] = json.loads(place.read_text("utf-8")) if place.is_file() else []
    base = load(out / "base")[0].to(opt.device) if (out / "base").is_dir() else None
    for variant in VARIANTS:
        if any(r["variant"] == variant.name for r in rows):
            continue
        began = time.monotonic()
        model = begun(variant, plain, base if variant.second else None).to(opt.device)
        trained(model, data, opt, second=variant.second)
        looks = captions(model.eval(), words, scaled(told[tests]), 1 + variant.second, opt.longest)
        said = {records[i].id: each[-1] for i, each in zip(tests, looks, strict=True)}
        rows.append({"variant": variant.name, "parameters": model.num_parameters(),
                     "seconds": round(time.monotonic() - began), "said": said})  # fmt: skip
        print(json.dumps({k: v for k, v in rows[-1].items() if k != "said"}), flush=True)
        place.write_text(json.dumps(rows, indent=0) + "\n", "utf-8")
        if base is None:
            base = copy.deepcopy(model)
            save(base, words, out / "base")
    return rows


def trained(model: Any, data: Captions, opt: argparse.Namespace, second: bool) -> None:
    """The stages of the first look, or the last stage alone, for the same number of steps in all variants."""
    stages = [s for s in SCRATCH if (s.look == "second") == second]
    whole = sum(s.share for s in stages)
    steps = opt.second_steps if second else opt.steps
    per = max(1.0, len(data) / opt.batch)
    # so small a network bears, and needs, a higher rate
    timed = [replace(s, rate=2 * s.rate, epochs=max(1.0, steps * s.share / whole) / per) for s in stages]
    train(model, timed, data, CaptionerSettings(opt.batch, seed=opt.seed), lambda row: print(row, flush=True))


def main() -> None:
    """Ablates."""
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("--pairs", type=Path, required=True, help="a file that mmser.pack made")
    args.add_argument("--out", type=Path, required=True)
    args.add_argument("--device", default="cpu")
    defaults = {"side": 128, "width": 64, "depth": 4, "batch": 32, "steps": 1000, "second-steps": 250}
    defaults |= {"samples": 100, "longest": 120, "vocabulary": 330, "seed": 0}
    for name, value in defaults.items():
        args.add_argument(f"--{name}", type=int, default=value)
    opt = args.parse_args()
    ablate(opt.pairs, opt.out, opt)


if __name__ == "__main__":
    main()
