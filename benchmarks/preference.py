"""Plain DPO against the mixed loss on a tiny model that first learns to caption boxes: does it collapse?

    python benchmarks/preference.py --out DIR [--rate 1e-4] [--epochs 4] [--learn 25] [--figures 320]

In: flowcharts of four boxes, drawn here. Out: `experiment.png`, `runs.json`, a line per run. Minutes on
a GPU.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "training"))
from machine import machine
from pairs_made import make_set

from dic_ingest.captioning.engines.settings import GroundingSettings
from dic_ingest.captioning.prompts import PromptSettings
from dic_ingest.evaluation.figure_set import read_pairs
from dic_ingest.training.preference.experiment import compare, summary
from dic_ingest.training.preference.settings import PreferenceSettings
from dic_ingest.training.sft.data import stage_data
from dic_ingest.training.sft.examples import caption_examples
from dic_ingest.training.sft.run import fine_tune
from dic_ingest.training.sft.settings import SftSettings
from dic_ingest.training.tiny import TinyShape, make_tiny

ASKS = GroundingSettings(prompt=PromptSettings(reading=False, questions=0), max_side=224, tiles=0)


def captioner(out: Path, figures: int, epochs: float) -> tuple[Path, Path, SftSettings]:
    """The set's folder, a checkpoint that captions it, and how that was trained."""
    data = make_set(out / "set", figures, 16)
    examples = caption_examples(read_pairs(data / "pairs.jsonl"), data, ASKS)
    texts = [e.answer for e in examples] + [f"{e.prompt.system}{e.prompt.user}" for e in examples[:20]]
    base = make_tiny(out / "base", texts, TinyShape(128, depth=3, pixels=168 * 168, words=700))
    settings = SftSettings(
        method="full", parts="all", learning_rate=2e-3, batch=16, device_batch=16, epochs=epochs,
        warmup=0.05, checkpointing=False, dtype="float32", save_every=100_000, log_every=5, grounding=ASKS,
    )  # fmt: skip
    record = fine_tune(stage_data([data / "pairs.jsonl"], settings).examples, base, out / "sft", settings)
    print(f"captioner: loss {record.stages[0]['loss_first']:.3f} to {record.stages[0]['loss_last']:.3f}")
    return data, out / "sft", settings


def main() -> None:
    """Train the captioner, run both losses from it, print what became of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--beta", type=float, default=0.1)
    parser.add_argument("--epochs", type=float, default=4.0)
    parser.add_argument("--learn", type=float, default=25.0, help="epochs of the captioner")
    parser.add_argument("--figures", type=int, default=320)
    given = parser.parse_args()
    data, checkpoint, learnt = captioner(given.out, given.figures, given.learn)
    run = replace(
        learnt, stage="preference", learning_rate=given.rate, epochs=given.epochs, log_every=1, warmup=0.1
    )
    settings = PreferenceSettings(beta=given.beta, probes=8, probe_every=12, probe_tokens=200, run=run)
    print(machine())
    print("\n".join(summary(compare(data, checkpoint, given.out, settings))))


if __name__ == "__main__":
    main()
