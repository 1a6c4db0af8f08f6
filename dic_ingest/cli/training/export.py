"""`dic-ingest train export`: a trained checkpoint as a folder that DICModel loads."""

from __future__ import annotations

from pathlib import Path

import click

from dic_ingest.cli.terminal import say


@click.command()
@click.argument("checkpoint", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="New folder for the model.")
@click.option("--quantize", type=click.Choice(["none", "nf4", "int8"]), default="none", show_default=True)
@click.option("--quantize-vision", is_flag=True, help="The vision tower too: smaller, worse on small print.")
@click.option("--scores", type=click.Path(path_type=Path), help="JSON of an evaluation, for the card.")
@click.option("--data-card", type=click.Path(path_type=Path), help="Text about the training set.")
def command(
    checkpoint: Path,
    out: Path,
    quantize: str,
    quantize_vision: bool,
    scores: Path | None,
    data_card: Path | None,
) -> None:
    """Merge CHECKPOINT's adapter into its model, quantise it, and save all that DICModel needs.

    The vision tower and the output layer keep their precision unless --quantize-vision is given.

    Then: dic-ingest describe FILE --engine local --engine-option model=OUT
    """
    from dic_ingest.training.export import export

    how = "" if quantize == "none" else quantize
    record = export(checkpoint, out, how, scores, data_card, quantize_vision)
    stages = ", ".join(str(s.get("stage", "?")) for s in record.stages) or "no training"
    say(f"{out}: {record.base}, {stages}{', ' + quantize if quantize != 'none' else ''}")
