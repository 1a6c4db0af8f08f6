"""`dic-ingest train critic`: a model that checks statements about a figure, trained and measured."""

from __future__ import annotations

import json
from pathlib import Path

import click

from dic_ingest.cli.options import read_options
from dic_ingest.cli.terminal import say
from dic_ingest.errors import EmptyFileError, MissingFileError


@click.command()
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--model", required=True, type=click.Path(path_type=Path), help="A model's folder.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the critic; without: measure only.")
@click.option("--set", "given", multiple=True, metavar="KEY=VALUE", help="A setting, e.g. method=lora.")
@click.option("--split", default="test", show_default=True, help="Figures on which it is measured.")
@click.option("--resume", is_flag=True, help="Go on with a run in OUT that was stopped.")
def command(
    data: Path, model: Path, out: Path | None, given: tuple[str, ...], split: str, resume: bool
) -> None:
    """Teach MODEL to check statements, by faults put into true captions of DATA (a folder with pairs.jsonl).

    Its verdicts on the figures of --split are held against the exact checker's, beside what a bag of words
    knows without the picture (text_only). A set that the words alone give away is refused; --set
    text_only_limit=1.0 takes it all the same. The engine asks such a critic with --engine-option
    critic_model=FOLDER, after `dic-ingest train export`.
    """
    from dic_ingest.evaluation.figure_set import read_pairs
    from dic_ingest.training.sft.data import stage_data
    from dic_ingest.training.sft.settings import changed, recipe

    settings = changed(recipe("critic"), read_options(given))
    if not model.is_dir():
        raise MissingFileError(f"{model} is no folder. Download the model first and name its folder.")
    pairs = read_pairs(data / "pairs.jsonl")
    held_out = [p for p in pairs if p.split == split]
    if not held_out:
        there = ", ".join(sorted({p.split for p in pairs})) or "none"
        raise EmptyFileError(
            f"{data} has no pair of the split {split}, so the critic cannot be measured (it has: {there}). "
            "Give another --split, or a larger set."
        )
    checkpoint = model
    if out is not None:
        taught = stage_data([data / "pairs.jsonl"], settings)
        from dic_ingest.training.sft.run import fine_tune

        fine_tune(taught.examples, model, out, settings, resume, taught.card)
        checkpoint = out
    from dic_ingest.training.critic.measure import measure_checkpoint

    scores = measure_checkpoint(checkpoint, held_out, data, settings.grounding)
    say(json.dumps(scores.to_dict(), indent=1))
