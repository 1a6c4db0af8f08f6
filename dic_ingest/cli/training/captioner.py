"""`dic-ingest train captioner`: the small captioner that looks twice, trained on drawn figures."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import click

from dic_ingest.cli.terminal import say
from dic_ingest.owned_files import FolderKind, claim


@click.command("captioner")
@click.argument("pairs", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder to write."
)
@click.option("--seconds", default=0.0, help="Time for everything; 0: as many epochs as the stages have.")
@click.option("--side", default=512, show_default=True, help="Pixels of a picture's side, a multiple of 64.")
@click.option("--width", default=256, show_default=True, help="Numbers per token, a multiple of 64.")
@click.option("--depth", default=8, show_default=True, help="Layers of the vision tower.")
@click.option("--batch", default=64, show_default=True)
@click.option("--device", default="auto", show_default=True, help="cpu, cuda or auto.")
@click.option("--seed", default=0, show_default=True)
@click.option("--vision", default="", metavar="FOLDER", help="A CLIP checkpoint to begin with, as the paper.")
@click.option("--language", default="", metavar="FOLDER", help="An OPT checkpoint to begin with.")
def command(
    pairs: Path, out: Path, seconds: float, side: int, width: int, depth: int, batch: int, device: str,
    seed: int, vision: str, language: str,
) -> int:  # fmt: skip
    """PAIRS is a folder with pairs.jsonl, or a pack made of one.

    \b
    dic-ingest train captioner PAIRS --out captioner
    dic-ingest train captioner PAIRS --out tiny --side 128 --width 64 --depth 4 --seconds 300

    With --vision and --language it begins with trained parts, in the paper's three stages (CLIP
    ViT-L/14-336 and OPT-125M there; --side, --width and --depth are then the parts' own). Else it learns from
    nothing, in five. Writes model/ (safetensors), curves.json and samples.jsonl with the captions of the test
    split.
    """
    from dic_ingest.errors import MissingExtraError

    try:
        from dic_ingest.training.mmser.train import TrainSettings, picture_side, run
    except ImportError as error:
        raise MissingExtraError(error.name or "transformers", "train") from error
    settings = TrainSettings(
        side=side, width=width, depth=depth, batch=batch, seconds=seconds, device=device, seed=seed,
        vision=vision, language=language,
    )  # fmt: skip
    with TemporaryDirectory() as place:
        pack = pairs if pairs.is_file() else _packed(pairs, Path(place) / "pack", picture_side(settings))
        run(pack, claim(out, FolderKind.OUTPUT), settings)
    say(f"{out / 'model'} written; its captions of the test split are in {out / 'samples.jsonl'}")
    return 0


def _packed(folder: Path, pack: Path, side: int) -> Path:
    from dic_ingest.evaluation.figure_set import read_pairs
    from dic_ingest.training.mmser.pack import write_pack

    write_pack(read_pairs(folder / "pairs.jsonl"), folder, pack, side)
    return pack
