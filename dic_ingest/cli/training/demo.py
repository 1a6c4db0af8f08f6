"""`dic-ingest train demo`: the whole training chain small, on this machine's CPU."""

from __future__ import annotations

from pathlib import Path

import click

from dic_ingest.cli.terminal import say
from dic_ingest.errors import SettingsError


@click.command()
@click.option("--out", default=Path("train_demo"), show_default=True, type=click.Path(path_type=Path))
@click.option("--figures", default=200, show_default=True, help="Figures to synthesise; a fifth is held out.")
@click.option("--epochs", default=15.0, show_default=True, help="Epochs of the first stage.")
@click.option("--seed", default=0, show_default=True, help="The same seed gives the same numbers.")
def command(out: Path, figures: int, epochs: float, seed: int) -> int:
    """Synthesise, three stages, preference, critic, refinement, CIM, export, evaluate, compare.

    The model is tiny and has random weights at first, so what it says is worth nothing; the exit status is 0
    if every loss fell and the trained model is better than the untrained one by the paired test.
    Needs Graphviz.
    """
    if out.exists() and any(out.iterdir()):
        raise SettingsError(f"{out} is not empty. Name another folder with --out.")
    from dic_ingest.training.demo.chain import demo
    from dic_ingest.training.demo.settings import DemoSettings

    found = demo(out, DemoSettings(figures=figures, epochs=epochs, seed=seed), say)
    say(f"\n{'':18}{'untrained':>10}{'trained':>10}{'difference':>12}{'low':>9}{'high':>9}{'p':>8}")
    for name, row in found["comparison"].items():
        columns = ("untrained", "trained", "difference", "difference low", "difference high", "p")
        told = ("" if row[c] is None else f"{row[c]:.3f}" for c in columns)
        say(f"{name:18}" + "".join(t.rjust(w) for t, w in zip(told, (10, 10, 12, 9, 9, 8), strict=True)))
    shown = ("BLEU-4", "METEOR-2005", "ROUGE-L", "node F1", "edge F1")
    say(f"\n{'stage by stage':26}" + "".join(n.rjust(10) for n in shown))
    for name, row in found["by stage"].items():
        say(f"{name:26}" + "".join(("" if row[n] is None else f"{row[n]:.3f}").rjust(10) for n in shown))
    good, fell = found["better than untrained"], found["every loss fell"]
    say(f"every loss fell: {fell}; better than untrained by {found['judged by']}: {good}")
    say(f"{found['seconds']['all']:.0f} s; written to {out}, summary in {out / 'demo.json'}")
    return 0 if fell and good else 1
