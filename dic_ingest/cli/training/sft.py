"""`dic-ingest train sft`: one stage of fine-tuning, from a model or from the last stage's checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from dic_ingest.cli.options import read_options
from dic_ingest.cli.terminal import say
from dic_ingest.errors import MissingFileError


@click.command()
@click.argument("data", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--model", required=True, type=click.Path(path_type=Path), help="A model's folder, or OUT of before."
)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the checkpoint.")
@click.option("--stage", default="stage1", show_default=True, help="Recipe: stage1, stage2, stage3, critic.")
@click.option(
    "--settings", "settings_file", type=click.Path(path_type=Path), help="TOML instead of a recipe."
)
@click.option(
    "--set", "given", multiple=True, metavar="KEY=VALUE", help="A setting, e.g. method=qlora; repeatable."
)
@click.option(
    "--one-gpu", type=click.Choice(["lora", "qlora"]), help="On one card of 80 GB (lora) or 24 GB (qlora)."
)
@click.option("--resume", is_flag=True, help="Go on with a run in OUT that was stopped.")
def command(
    data: tuple[Path, ...],
    model: Path,
    out: Path,
    stage: str,
    settings_file: Path | None,
    given: tuple[str, ...],
    one_gpu: str | None,
    resume: bool,
) -> None:
    """Fine-tune MODEL on DATA: folders (or files) with pairs.jsonl and questions.jsonl.

    Examples of the split train are learnt; the loss on those of the split validation is told beside. Give
    stage 3 the annotated pairs too, or a model forgets how to write captions.

    OUT then holds the checkpoint, dic_model.json, curves and a model card. On several GPUs:
    accelerate launch --config_file FILE -m dic_ingest train sft ...; such files ship in
    dic_ingest/training/recipes/accelerate.
    """
    from dic_ingest.training.sft.data import held_out, stage_data
    from dic_ingest.training.sft.settings import changed, for_one_gpu, read_settings, recipe

    settings = read_settings(settings_file) if settings_file else recipe(stage)
    settings = for_one_gpu(settings, one_gpu) if one_gpu else settings
    settings = changed(settings, read_options(given))
    if not model.is_dir():
        raise MissingFileError(f"{model} is no folder. Download the model first and name its folder.")
    views = out.with_name(f"{out.name}-views")
    taught = stage_data(data, settings, kept=views)
    if note := taught.card.get("note"):
        say(f"{note}; give the set of stage 2 too", err=True)
    watched = held_out(data, settings, views)
    from dic_ingest.training.sft.run import fine_tune

    record = fine_tune(taught.examples, model, out, settings, resume, taught.card, watched)
    show_stage(settings.stage, record.stages[-1], out)


def show_stage(stage: str, last: Mapping[str, Any], out: Path) -> None:
    """What a stage took and how its loss fell."""
    seen = ""
    if "validation_last" in last:
        seen = f" (validation {last['validation_first']:.3f} to {last['validation_last']:.3f})"
    say(
        f"{stage}: {last['examples']} examples, {last['steps']} steps, loss "
        f"{last['loss_first']:.3f} to {last['loss_last']:.3f}{seen}, {last['seconds']:.0f} s on "
        f"{last['device']}; written to {out}"
    )
