"""The retrieval reward on a small captioner: the whole reward beside GRC alone, which can be gamed.

    python benchmarks/cim.py --captioner base --pairs FOLDER --out DIR [--steps 30] [--rate 1e-4]

In: a captioner that `train captioner` or the ablation wrote, a folder with pairs.jsonl. Out: `cim.png`,
`cim.json`, a line per run. GRC does not know which figure a caption is of: one caption that retrieves alike
pictures serves all. What the reward cannot see, edge F1 on held-out figures and how many captions are
distinct, shows it; the guard marks the step (it is told to go on here).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from machine import machine

from dic_ingest.training.cim.plot import plot
from dic_ingest.training.cim.run import RunPlan, run
from dic_ingest.training.cim.train import CIMSettings

# consistency, beta, agreement
RUNS = {"with agreement": (1.0, 1.0, 1.0), "GRC + QIR": (1.0, 1.0, 0.0), "GRC alone": (1.0, 0.0, 0.0)}


def main() -> None:
    """The runs, one after the other."""
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("--captioner", type=Path, required=True)
    args.add_argument("--pairs", type=Path, required=True)
    args.add_argument("--out", type=Path, required=True)
    args.add_argument("--steps", type=int, default=30)
    args.add_argument("--rate", type=float, default=1e-4)
    args.add_argument("--batch", type=int, default=20)
    args.add_argument("--watched", type=int, default=32)
    args.add_argument("--watch", type=int, default=5)
    args.add_argument("--longest", type=int, default=70)
    args.add_argument("--figures", type=int, default=0, help="of the gallery; 0 for all")
    opt = args.parse_args()
    settings = CIMSettings(
        rate=opt.rate, steps=opt.steps, batch=opt.batch, mini_batch=opt.batch, longest=opt.longest,
        watch=opt.watch, guard=False,
    )  # fmt: skip
    print(machine())
    told = {}
    for name, (consistency, beta, agreement) in RUNS.items():
        began = time.monotonic()
        plan = RunPlan(
            beta=beta,
            consistency=consistency,
            agreement=agreement,
            watched=opt.watched,
            figures=opt.figures,
            device="auto",
        )
        rows = run(opt.captioner, opt.pairs, opt.out / name.replace(" ", "_"), settings, plan)
        told[name] = rows
        first, last = rows[0], rows[-1]
        measures = ("reward", "grc", "qir", "edge_f1", "distinct", "words")
        print(f"{name}: {round(time.monotonic() - began)} s")
        print("  " + "; ".join(f"{k} {first[k]:.3f} -> {last[k]:.3f}" for k in measures))
        print(*(f"  {sign}" for sign in last["signs"]), sep="\n", flush=True)
        (opt.out / "cim.json").write_text(json.dumps(told, indent=0) + "\n", "utf-8")
        plot(told, opt.out / "cim.png")


if __name__ == "__main__":
    main()
