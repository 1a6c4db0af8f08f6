"""`dic-ingest train plan`: memory, hours and disk of a stage on one card, before anything is started."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from dic_ingest.cli.options import read_options
from dic_ingest.cli.terminal import say
from dic_ingest.errors import InputError

if TYPE_CHECKING:
    from dic_ingest.evaluation.figure_set import Pair, PairQuestion
    from dic_ingest.training.plan import Plan

COLUMNS = ("weights", "learning", "activations", "logits", "context", "memory")  # of the table
METHODS = ("full", "lora", "qlora")


@click.command()
@click.argument("data", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--model", type=click.Path(path_type=Path), help="A model's folder; its config.json is read.")
@click.option("--shape", default="qwen2.5-vl-7b", show_default=True, help="Or a known one: qwen2.5-vl-3b.")
@click.option("--card", default=0.0, metavar="GB", help="Memory of your card; 0: of the one here, else 80.")
@click.option("--tflops", default=0.0, help="Its dense 16-bit peak; 0: of a usual card of that size.")
@click.option("--stage", default="stage1", show_default=True, help="Recipe: stage1, stage2, stage3, critic.")
@click.option("--set", "given", multiple=True, metavar="KEY=VALUE", help="A setting, as for train sft.")
def command(
    data: tuple[Path, ...],
    model: Path | None,
    shape: str,
    card: float,
    tflops: float,
    stage: str,
    given: tuple[str, ...],
) -> int:
    """Tell what training on DATA (folders with pairs.jsonl, questions.jsonl) will take, by each method.

    Everything is computed from the model's shape and the set; nothing is measured. The line that fits your
    card is run by `dic-ingest train sft --one-gpu lora` or `qlora`. Exit code 1: no method fits.
    """
    from dic_ingest.training.plan import SHAPES, Load, load_of, peak_of, plan, shape_of
    from dic_ingest.training.sft.settings import changed, for_one_gpu, recipe

    if model is None and shape not in SHAPES:
        raise InputError(f"no shape {shape!r}: take {', '.join(SHAPES)}, or --model FOLDER")
    own = shape_of(model) if model is not None else SHAPES[shape]
    card = card or _card_here() or 80.0
    peak = tflops or peak_of(card)
    plain = recipe(stage)
    pairs, questions = _records(data)
    load: Load = load_of(pairs, questions, plain)
    say(
        f"{own.weights / 1e9:.2f} billion weights; {load.examples} examples of {load.figures} figures, about "
        f"{load.text} tokens of text and {load.picture} of picture each; a card of {card:g} GB, "
        f"{peak:g} TFLOPS"
    )
    head = "".join(c.rjust(12) for c in COLUMNS)
    say(f"{'GB':8}{head}{'fits':>6}{'steps':>8}{'hours':>8}{'disk':>8}")
    fits = False
    for method in METHODS:
        base = plain if method == "full" else for_one_gpu(plain, method)
        found = plan(own, load, changed(base, read_options(given) | {"method": method}), peak)
        fits |= show_plan(method, found, card)
    say(f"before the first step one core reads the figures: {found.reading_hours:.1f} hours")
    say("computed, not measured: memory by a step's largest parts, hours at 35 % of the card's peak")
    return 0 if fits else 1


def show_plan(method: str, plan: Plan, card: float) -> bool:
    """A line of the table; whether the method fits a card of `card` GB."""
    row, good = plan.to_dict(), plan.memory < card * 1e9
    numbers = "".join(f"{row[c] / 1e9:12.1f}" for c in COLUMNS)
    rest = f"{'yes' if good else 'no':>6}{plan.steps:8}{plan.hours:8.1f}{plan.disk / 1e9:8.1f}"
    say(f"{method:8}{numbers}{rest}")
    return good


def _card_here() -> float:
    """GB of the first card, as its driver tells; 0 where there is none."""
    import shutil
    import subprocess

    tool = shutil.which("nvidia-smi")
    if tool is None:
        return 0.0
    asked = [tool, "--query-gpu=memory.total", "--format=csv,noheader,nounits"]
    told = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False).stdout.split()
    return int(told[0]) * 2**20 / 1e9 if told and told[0].isdigit() else 0.0


def _records(data: tuple[Path, ...]) -> tuple[list[Pair], list[PairQuestion]]:
    from dic_ingest.evaluation.figure_set import read_pairs, read_questions
    from dic_ingest.training.sft.data import set_files

    files = [f for source in data for f in set_files(source)]
    pairs = [p for f in files if not f.name.startswith("questions") for p in read_pairs(f)]
    questions = [q for f in files if f.name.startswith("questions") for q in read_questions(f)]
    return [p for p in pairs if p.split == "train"], [q for q in questions if q.split == "train"]
