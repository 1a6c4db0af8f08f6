"""`dic-ingest train cim`: a captioner rewarded by the pictures that its captions retrieve."""

from __future__ import annotations

from pathlib import Path

import click

from dic_ingest.cli.terminal import say
from dic_ingest.owned_files import FolderKind, claim


@click.command("cim")
@click.argument("model", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("pairs", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder to write."
)
@click.option("--steps", default=0, show_default=True, help="Steps; 0: two epochs, as in the paper.")
@click.option("--rate", default=1e-6, show_default=True, help="Learning rate; small models want more.")
@click.option("--batch", default=256, show_default=True, help="Captions that a step learns from.")
@click.option("--mini-batch", default=64, show_default=True, help="Captions at once on the device.")
@click.option("--longest", default=512, show_default=True, help="Tokens of a caption.")
@click.option("--watched", default=64, show_default=True, help="Held-out figures that are looked at.")
@click.option("--watch", default=10, show_default=True, help="Steps between two looks at them.")
@click.option("--k", default=5, show_default=True, help="Figures that a caption retrieves.")
@click.option("--beta", default=1.0, show_default=True, help="Weight of relevance beside consistency.")
@click.option("--agreement", default=1.0, show_default=True,
              help="Weight of edges, directions, labels told as drawn; 0: as the paper.")  # fmt: skip
@click.option("--pictures", type=click.Choice(["gradients", "tower"]), default="gradients", show_default=True,
              help="How pictures are compared: by gradients, or by MODEL's own vision tower.")  # fmt: skip
@click.option("--method", type=click.Choice(["full", "lora", "qlora"]), default="full", show_default=True,
              help="What learns of a model of the Qwen-VL class: its weights, or an adapter.")  # fmt: skip
@click.option("--rank", default=16, show_default=True, help="Of that adapter.")
@click.option("--checkpointing", is_flag=True, help="Recompute activations: less memory, more time.")
@click.option("--no-guard", is_flag=True, help="Go on when the reward is gamed.")
@click.option("--device", default="auto", show_default=True)
@click.option("--seed", default=0, show_default=True)
def command(
    model: Path, pairs: Path, out: Path, steps: int, rate: float, batch: int, mini_batch: int, longest: int,
    watched: int, watch: int, k: int, beta: float, agreement: float, pictures: str,
    method: str, rank: int, checkpointing: bool, no_guard: bool, device: str, seed: int,
) -> int:  # fmt: skip
    """MODEL is a folder that `train captioner` or `train sft` wrote, PAIRS one with pairs.jsonl.

    \b
    dic-ingest train cim captioner/model PAIRS --out cim --steps 40 --rate 3e-5
    dic-ingest train cim stage3 PAIRS --out cim --method lora --checkpointing --mini-batch 10

    The captions of the training figures make the gallery; the validation figures are watched. Writes best/:
    the captioner with the highest edge F1 on these, rows.json, steps.json and curves.png.
    """
    from dic_ingest.errors import MissingExtraError

    try:
        from dic_ingest.training.cim.run import RunPlan, run
        from dic_ingest.training.cim.train import CIMSettings
    except ImportError as error:
        raise MissingExtraError(error.name or "trl", "train") from error
    settings = CIMSettings(
        rate=rate, batch=batch, mini_batch=mini_batch, steps=steps, longest=longest, watch=watch,
        guard=not no_guard, checkpointing=checkpointing, seed=seed,
    )  # fmt: skip
    plan = RunPlan(
        k=k, beta=beta, agreement=agreement, watched=watched, pictures=pictures, device=device,
        method=method, rank=rank,
    )  # fmt: skip
    rows = run(model, pairs, claim(out, FolderKind.OUTPUT), settings, plan)
    first, last = rows[0], rows[-1]
    say(
        f"step {last['step']}: reward {first['reward']:.3f} -> {last['reward']:.3f}, "
        f"held-out edge F1 {first['edge_f1']:.3f} -> {last['edge_f1']:.3f}"
    )
    for sign in last["signs"]:
        say(f"stopped: {sign}", err=True)
    return 0
