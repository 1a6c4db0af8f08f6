"""`dic-ingest train preference`: DPO with the mixed loss, from a checkpoint."""

from __future__ import annotations

from pathlib import Path

import click

from dic_ingest.cli.options import read_options
from dic_ingest.cli.terminal import say
from dic_ingest.errors import EmptyFileError, MissingFileError

SOURCES = ("faults", "critic", "edits")


@click.command()
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--model", required=True, type=click.Path(path_type=Path), help="A stage's checkpoint.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the result.")
@click.option(
    "--from", "sources", multiple=True, type=click.Choice(SOURCES), default=("faults",), show_default=True,
    help="Where worse captions come from: faults put in, the model's own that the critic mends, edits.",
)  # fmt: skip
@click.option("--settings", "settings_file", type=click.Path(path_type=Path), help="TOML, not the recipe.")
@click.option("--set", "given", multiple=True, metavar="KEY=VALUE", help="A setting: run.method=lora.")
@click.option("--resume", is_flag=True, help="Go on with a run in OUT that was stopped.")
def command(
    data: Path,
    model: Path,
    out: Path,
    sources: tuple[str, ...],
    settings_file: Path | None,
    given: tuple[str, ...],
    resume: bool,
) -> None:
    """Tune MODEL by better and worse captions of the figures in DATA, a folder with pairs.jsonl.

    The curves in OUT show the rewards of chosen and rejected captions, and how far captions repeat
    themselves.
    """
    from dic_ingest.evaluation.figure_set import read_pairs
    from dic_ingest.training.preference.settings import preference_recipe, read_preference_settings
    from dic_ingest.training.sft.settings import changed

    settings = read_preference_settings(settings_file) if settings_file else preference_recipe()
    settings = changed(settings, read_options(given))
    if not model.is_dir():
        raise MissingFileError(f"{model} is no folder. Give the checkpoint of a stage.")
    pairs = [p for p in read_pairs(data / "pairs.jsonl") if p.split == "train"]
    if not pairs:
        raise EmptyFileError(f"{data} has no pair of the split train")
    from dic_ingest.training.preference.gather import gather
    from dic_ingest.training.preference.run import prefer

    preferred = gather(pairs, data, model, settings, sources, out.with_name(f"{out.name}-views"))
    record = prefer(preferred, model, out, settings, resume=resume)
    last = record.stages[-1]
    say(
        f"{last['examples']} preferred captions, {last['steps']} steps, loss {last['loss_first']:.3f} to "
        f"{last['loss_last']:.3f}, reward of chosen {last['rewards/chosen_last']:+.3f}, of rejected "
        f"{last['rewards/rejected_last']:+.3f}, repetition {last.get('repetition_first', 0):.3f} to "
        f"{last.get('repetition_last', 0):.3f}; written to {out}"
    )
