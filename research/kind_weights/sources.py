"""Diagram sources with their kinds, ready to be drawn: items for render.mjs.

In: a file of sources, one JSON object a line {id, lang, kind, code, repo}; labels for languages that do not
name the kind (Graphviz, draw.io); ids that must not be used. Out: JSON lines {name, id, lang, code, kind,
repo, held, ...}. PlantUML and Graphviz are turned into SVG by their own programs here. A fifth of the
repositories is marked `held`.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from research.line_segmentation.sources import graphviz, held_out, mermaid_item

KINDS = {
    "flowchart": "flowchart", "sequence": "sequence", "zenuml": "sequence", "class": "class",
    "state": "state", "er": "er", "block": "block",
    "c4": "block", "architecture": "topology", "gantt": "timing",
    "timeline": "timing", "xychart": "chart", "pie": "chart", "quadrant": "chart", "radar": "chart",
    "sankey": "chart", "packet": "timing", "plantuml-component": "block", "plantuml-activity": "flowchart",
    "plantuml-class": "class", "plantuml-sequence": "sequence", "plantuml-state": "state",
}  # fmt: skip
TOYS = {"mermaid-js/mermaid"}  # tests of a syntax, A --> B: boxes that mean nothing
PARTIES = re.compile(r"(?im)^\s*(?:participant|activate|deactivate|autonumber)\b")
MOST = {"flowchart": 320, "sequence": 110, "plantuml-sequence": 60}  # of one kind of source


def plantuml(codes: list[str]) -> list[str]:
    """The SVG of every PlantUML source, "" where it does not render; one run of the program for all."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for i, code in enumerate(codes):
            kept = [
                k
                for k in code.splitlines()
                if not k.lstrip().lower().startswith(("!include", "@startuml", "@enduml"))
            ]
            (folder / f"{i:04d}.puml").write_text(
                "\n".join(["@startuml", *kept, "@enduml"]), encoding="utf-8"
            )
        subprocess.run(
            ["plantuml", "-tsvg", str(folder / "*.puml")], capture_output=True, timeout=900, check=False
        )
        made = {p.stem: p.read_text("utf-8") for p in folder.glob("*.svg")}
        return [made.get(f"{i:04d}", "") for i in range(len(codes))]


def kind_of(row: dict[str, Any], labels: dict[str, str]) -> str | None:
    """The kind of a source; None where it is not told apart here."""
    kind = labels.get(row["id"]) or KINDS.get(row["kind"])
    if row["kind"] == "plantuml-component" and PARTIES.search(row["code"]):
        return "sequence"  # "component" names parties there too
    if row["repo"] in TOYS and kind in ("flowchart", "block"):
        return None
    return kind


def chosen(rows: list[dict[str, Any]], labels: dict[str, str], used: set[str]) -> list[dict[str, Any]]:
    """Rows with a kind that is told apart here, at most `MOST` of each sort, shuffled rows in order."""
    taken: Counter[str] = Counter()
    out = []
    for row in rows:
        kind = kind_of(row, labels)
        if kind is None or row["id"] in used:
            continue
        sort = row["kind"] + (" held" if held_out(row["repo"]) else "")
        if taken[sort] < MOST.get(row["kind"], 1000):
            taken[sort] += 1
            out.append({**row, "kind": kind})
    return out


def items(rows: list[dict[str, Any]], seed: int) -> list[dict[str, Any]]:
    """Items for render.mjs; Mermaid's with a random theme and look."""
    rng = random.Random(seed)
    uml = [r for r in rows if r["lang"] == "plantuml"]
    svgs = dict(zip((r["id"] for r in uml), plantuml([r["code"] for r in uml]), strict=True))
    out = []
    for r in rows:
        if r["lang"] == "mermaid":
            item = mermaid_item(r, rng)
        elif r["lang"] == "drawio":
            item = {"lang": "drawio", "code": r["code"]}
        else:
            svg = svgs.get(r["id"]) if r["lang"] == "plantuml" else graphviz(r["code"])
            if not svg:
                continue
            item = {"lang": "svg", "code": svg}
        about = {k: r[k] for k in ("id", "kind", "repo")}
        out.append({**item, **about, "name": f"{r['kind']}_{r['id']}", "held": held_out(r["repo"])})
    return out


def main() -> None:
    """Write the items."""
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("--sources", type=Path, required=True)
    args.add_argument("--labels", type=Path, help="JSON object: id to kind, for Graphviz and draw.io")
    args.add_argument("--without", type=Path, help="folder of JSON files whose `id`s are kept for tests")
    args.add_argument("--out", type=Path, required=True)
    args.add_argument("--seed", type=int, default=0)
    opt = args.parse_args()
    rows = [json.loads(line) for line in opt.sources.read_text("utf-8").splitlines()]
    random.Random(opt.seed).shuffle(rows)
    labels = json.loads(opt.labels.read_text("utf-8")) if opt.labels else {}
    used = (
        {json.loads(p.read_text("utf-8"))["id"] for p in opt.without.glob("*.json")} if opt.without else set()
    )
    with opt.out.open("w", encoding="utf-8") as file:
        for item in items(chosen(rows, labels, used), opt.seed):
            file.write(json.dumps(item) + "\n")


if __name__ == "__main__":
    main()
