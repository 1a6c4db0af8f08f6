"""The data card of a set: what is in it, how it was made, by which tools, under which terms. Markdown."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median

from dic_ingest.evaluation.figure_set import Pair
from dic_ingest.training.synthesise.settings import SynthesisSettings
from dic_ingest.training.synthesise.splits import HELD, TWIN, overlap
from dic_ingest.training.synthesise.words import term_count

_VERSIONS = {"graphviz": ["dot", "-V"], "plantuml": ["plantuml", "-version"]}
_TERMS = {
    "mermaid": "Mermaid (MIT), drawn in Chromium (BSD-3-Clause)",
    "graphviz": "Graphviz (EPL-1.0)",
    "drawio": "in the manner of draw.io, painted by dic_ingest, placed by Graphviz, drawn in Chromium",
    "visio": "in the manner of Visio, likewise",
    "powerpoint": "in the manner of PowerPoint, likewise",
    "excalidraw": "in the manner of Excalidraw, likewise",
    "plantuml": "PlantUML (GPL; its pictures are the author's own)",
}


def write_card(
    out: Path, settings: SynthesisSettings, pairs: Sequence[Pair], dropped: Mapping[str, int]
) -> None:
    """Writes `card.md` into the folder."""
    why = ", ".join(f"{why} ({n})" for why, n in sorted(dropped.items())) or "none"
    lines = [
        *_made(settings, len(pairs)),
        *_table("Split", pairs, lambda p: p.split),
        *_overlaps(pairs),
        *_table("Domain", pairs, lambda p: p.domain),
        *_table("Kind", pairs, lambda p: str(p.diagram.kind)),
        *_table("Tool", pairs, lambda p: p.source),
        *_table("What happened to the picture", pairs, lambda p: p.extra["look"].get("fault") or "nothing"),
        *_table("Difficulty", pairs, lambda p: p.difficulty),
        *_table("Caption by", pairs, lambda p: str(p.extra.get("caption", ""))),
        *_table("Graph by", pairs, lambda p: str(p.extra.get("written", ""))),
        *_sizes(pairs),
        f"Drafts left out: {why}.",
        "",
        "## Tools and terms",
        "",
        *(f"- {_TERMS[tool]}{_version(tool)}" for tool in settings.tools),
        "",
        "Vocabulary, grammars, graphs, captions and pictures: Apache-2.0, as dic_ingest.",
        "",
    ]
    (out / "card.md").write_text("\n".join(lines), encoding="utf-8")


def _made(settings: SynthesisSettings, count: int) -> list[str]:
    """How the figures came to be."""
    return [
        "# Data card",
        "",
        f"{count} figures with their graphs and captions, made up by grammars:",
        "no figure is of anybody's document.",
        f"The vocabulary is hand-written ({term_count()} entries)"
        + (f", extended by {settings.endpoint.model}." if settings.endpoint else "."),
        "Lines of topologies, architectures and call flows obey the facts in `facts/*.toml`"
        + (f" and {', '.join(Path(f).name for f in settings.facts)}." if settings.facts else "."),
        "Every caption was held against its graph by the exact checker: all names and lines are told,",
        "nothing else is but what is marked as domain knowledge.",
        "",
        f"Seed {settings.seed}; {settings.least} to {settings.most} nodes; at most {settings.side} pixels.",
        "Graphs and captions follow from seed and number, pixels also from the tools' versions and fonts.",
        "Splits are by plot (`extra.plot`): those that share least vocabulary with others are held out,",
        "the same ones for every seed.",
        "Left out as doubles: equal graphs, and pictures with fingerprints 1 % of the bits apart at most.",
        "",
    ]


def _overlaps(pairs: Sequence[Pair]) -> list[str]:
    """How much of each held-out split stands in training, measured."""
    rows = []
    for split in HELD:
        found = overlap(pairs, split)
        if found.figures:
            rows.append(f"| {split} | {found.labels:.1%} | {found.lines:.1%} | {len(found.twins)} |")
    head = f"| Stands in training too | labels | lines | near twins (Jaccard from {TWIN:g}) |"
    return [head, "|---|---|---|---|", *rows, ""] if rows else []


def _table(name: str, pairs: Iterable[Pair], key: Callable[[Pair], str]) -> list[str]:
    count = Counter(key(p) for p in pairs)
    rows = [f"| {value} | {n} |" for value, n in sorted(count.items(), key=lambda item: -item[1])]
    return [f"| {name} | figures |", "|---|---|", *rows, ""]


def _sizes(pairs: Sequence[Pair]) -> list[str]:
    if not pairs:
        return []
    columns: dict[str, list[int]] = {
        "nodes": [len(p.diagram.nodes) for p in pairs],
        "lines": [len(p.diagram.edges) for p in pairs],
        "words of the caption": [len(p.caption.split()) for p in pairs],
    }
    rows = [f"| {k} | {min(v)} | {median(v):g} | {max(v)} |" for k, v in columns.items()]
    return ["| | least | median | most |", "|---|---|---|---|", *rows, ""]


def _version(tool: str) -> str:
    call = _VERSIONS.get(tool)
    if not call or shutil.which(call[0]) is None:
        return ""
    done = subprocess.run(call, capture_output=True, text=True, timeout=60, check=False)
    said = (done.stdout or done.stderr).strip().splitlines()
    return f": {said[0]}" if said else ""
