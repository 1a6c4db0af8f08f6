"""Plain DPO against UltraCaption's mixed loss on one small model: rewards, repetition, a plot.

    python -m dic_ingest.training.preference.experiment DATA --model CHECKPOINT --out DIR

In: a folder with pairs.jsonl and a checkpoint that writes captions. Out: `runs.json`, `experiment.png`, both
tuned models. It reports what happens; that plain DPO collapses is not built in.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from dic_ingest.evaluation.figure_set import read_pairs
from dic_ingest.owned_files import FolderKind, discard, mark
from dic_ingest.training.curves import draw
from dic_ingest.training.preference.pairs import faulted
from dic_ingest.training.preference.run import prefer
from dic_ingest.training.preference.settings import PreferenceSettings
from dic_ingest.training.sft.examples import caption_examples

LOSSES: dict[str, tuple[tuple[str, ...], tuple[float, ...]]] = {
    "plain DPO": (("sigmoid",), (1.0,)),
    "mixed": (("sigmoid", "sft", "bco_pair"), (0.8, 1.0, 0.2)),
}
REWARDS = ("rewards/chosen", "rewards/rejected")
PANELS = (REWARDS, ("rewards/accuracies",), ("repetition", "loops"), ("words",))


def compare(
    data: Path, model: Path, out: Path, settings: PreferenceSettings, each: int = 2
) -> dict[str, list[dict[str, Any]]]:
    """Both runs from the same checkpoint on the same pairs; their curves by name.

    `each`: faults for a figure. Probes are figures of the split test, which the runs do not learn from.
    """
    pairs = read_pairs(data / "pairs.jsonl")
    asks = settings.run.grounding
    preferred = faulted([p for p in pairs if p.split == "train"], data, asks, settings.run.seed, each)
    probes = caption_examples([p for p in pairs if p.split == "test"], data, asks)
    out.mkdir(parents=True, exist_ok=True)
    runs: dict[str, list[dict[str, Any]]] = {}
    for name, (losses, weights) in LOSSES.items():
        folder = out / name.replace(" ", "-")
        before = set(folder.glob("checkpoint-*"))
        prefer(preferred, model, folder, replace(settings, losses=losses, weights=weights), probes)
        runs[name] = json.loads((folder / "curves.json").read_text("utf-8"))
        for checkpoint in set(folder.glob("checkpoint-*")) - before:
            mark(checkpoint, FolderKind.SCRATCH)
            discard(checkpoint)
    (out / "runs.json").write_text(json.dumps(runs, indent=1), encoding="utf-8")
    draw(runs, PANELS, out / "experiment.png")
    return runs


def summary(runs: dict[str, list[dict[str, Any]]]) -> list[str]:
    """A line per run: where rewards and repetition began and where they ended."""
    lines = []
    for name, log in runs.items():
        told = []
        for key in (*REWARDS, "rewards/accuracies", "repetition", "loops", "words"):
            values = [e[key] for e in log if key in e]
            if values:
                told.append(f"{key} {values[0]:.3f} to {values[-1]:.3f} (most {max(values):.3f})")
        lines.append(f"{name}: " + ", ".join(told))
    return lines


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the experiment and print its summary."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--settings", type=Path, help="TOML like recipes/preference.toml")
    parser.add_argument("--each", type=int, default=2, help="faults for a figure")
    given = parser.parse_args(arguments)
    from dic_ingest.training.preference.settings import preference_recipe, read_preference_settings

    settings = read_preference_settings(given.settings) if given.settings else preference_recipe()
    print("\n".join(summary(compare(given.data, given.model, given.out, settings, given.each))))


if __name__ == "__main__":
    main()
