"""What a captioner's captions are worth, beside another's of the same figures: graphs, words, a paired test.

    python -m dic_ingest.training.mmser.measure --samples OUT/samples.jsonl --pairs FOLDER --baseline
    python -m dic_ingest.training.mmser.measure --ablation OUT/captions.json --pairs FOLDER
In: the captions of a run, the pairs. Out: a table; with `--baseline` dic-small reads the same pictures and
its verbaliser's captions are scored alike: as text, and by what they say of the true graph.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from dic_ingest.captioning.engines.small import DicSmall
from dic_ingest.captioning.request import FigureRequest
from dic_ingest.errors import InputError
from dic_ingest.evaluation.caption_scores import caption_measures
from dic_ingest.evaluation.figure_set import Pair, read_pairs
from dic_ingest.evaluation.graph_scores import compare_graphs, graph_measures
from dic_ingest.evaluation.reading import graph_of_caption
from dic_ingest.evaluation.statistics import Measure
from dic_ingest.image_files import open_picture

LOOKS = ("first", "refined", "again")


def measured(pairs: Sequence[Pair], told: Mapping[str, str]) -> dict[str, Measure]:
    """All measures of captions by the pairs' ids; the reference is the verbaliser's text of the true graph.

    Raises:
        InputError: a figure without caption.
    """
    missing = [p.id for p in pairs if p.id not in told]
    if missing or not pairs:
        raise InputError(f"{len(missing)} of {len(pairs)} figures have no caption, e.g. {missing[:1]}.")
    ids = [p.id for p in pairs]
    said = [told[i] for i in ids]
    counts = [
        compare_graphs(p.diagram, graph_of_caption(t, p.diagram)) for p, t in zip(pairs, said, strict=True)
    ]
    found = caption_measures(ids, said, [p.diagram.to_text() for p in pairs]) + graph_measures(ids, counts)
    return {m.name: m for m in found}


def by_dic_small(pairs: Sequence[Pair], folder: Path) -> dict[str, str]:
    """The verbaliser's captions of what dic-small reads in the pictures, pixels only."""
    engine, told = DicSmall(), {}
    for pair in pairs:
        with open_picture(folder / pair.image) as image:
            request = FigureRequest(image.convert("RGB"))
        told[pair.id] = engine.caption([request])[0].caption
    return told


def table(systems: Mapping[str, Mapping[str, Measure]]) -> str:
    """A Markdown table, a system a line."""
    names = list(next(iter(systems.values())))
    lines = ["| system | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for system, measures in systems.items():
        lines.append(f"| {system} | " + " | ".join(f"{measures[n].value:.3f}" for n in names) + " |")
    return "\n".join(lines)


def main() -> None:
    """Measures."""
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("--samples", type=Path, help="samples.jsonl of train")
    args.add_argument("--ablation", type=Path, help="captions.json of ablation")
    args.add_argument("--pairs", type=Path, required=True, help="folder with pairs.jsonl")
    args.add_argument("--baseline", action="store_true", help="let dic-small read the same pictures")
    opt = args.parse_args()
    told: dict[str, dict[str, str]] = {}
    if opt.samples:
        rows = [json.loads(line) for line in opt.samples.read_text("utf-8").splitlines()]
        told |= {look: {r["id"]: r[look] for r in rows} for look in LOOKS}
    if opt.ablation:
        told |= {r["variant"]: r["said"] for r in json.loads(opt.ablation.read_text("utf-8"))}
    if not told:
        args.error("name --samples or --ablation")
    known = set.intersection(*(set(t) for t in told.values()))
    pairs = [p for p in read_pairs(opt.pairs / "pairs.jsonl") if p.id in known]
    if opt.baseline:
        told["dic-small"] = by_dic_small(pairs, opt.pairs)
    print(f"{len(pairs)} figures\n{table({name: measured(pairs, said) for name, said in told.items()})}")


if __name__ == "__main__":
    main()
