"""The worst read drawings as an HTML page: the picture, what was missed and what was made up.

    python benchmarks/worst.py TRUTH PREDICTED PICTURES --out worst.html [--count 20]

TRUTH and PREDICTED are JSON lines as `../shared/bench/score_diagrams.py` takes them (`scores.py --out` keeps
them), PICTURES is the folder of the drawings, named by their ids. The page points to the pictures and holds
no copy of them.
"""

from __future__ import annotations

import argparse
import html
import importlib.util
import json
from collections import Counter
from pathlib import Path
from typing import Any

SCORER = Path(__file__).resolve().parent.parent.parent / "shared" / "bench" / "score_diagrams.py"
_HEAD = """<!doctype html><meta charset="utf-8"><title>Worst read drawings</title>
<style>body{font:15px sans-serif;margin:2em;max-width:1200px}
img{max-width:100%;max-height:520px;border:1px solid #ccc}
section{margin-bottom:3em}li.missed{color:#a00}li.extra{color:#06c}</style>
<p>Red: in the drawing and not read. Blue: read and not in the drawing.</p>"""

Graph = dict[str, Any]


def main() -> None:
    """Writes the page."""
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("truth", type=Path)
    args.add_argument("predicted", type=Path)
    args.add_argument("pictures", type=Path)
    args.add_argument("--out", type=Path, required=True)
    args.add_argument("--count", type=int, default=20)
    opt = args.parse_args()
    scorer = _scorer()
    found = {g["id"]: g for g in _lines(opt.predicted)}
    rated = []
    for truth in _lines(opt.truth):
        graph = found.get(truth["id"], {"nodes": [], "edges": []})
        c = scorer.compare(truth, graph)
        rated.append((scorer.f1(c["edge_hit"], c["edge_true"], c["edge_found"]), truth, graph))
    rated.sort(key=lambda r: (r[0], r[1]["id"]))
    pictures = {p.stem: p for p in opt.pictures.iterdir() if p.suffix in (".png", ".jpg", ".jpeg", ".gif")}
    parts = [_section(f1, truth, graph, pictures, scorer) for f1, truth, graph in rated[: opt.count]]
    opt.out.write_text(_HEAD + "\n".join(parts), "utf-8")
    print(f"{opt.out}: {len(parts)} of {len(rated)} drawings")


def _section(f1: float, truth: Graph, found: Graph, pictures: dict[str, Path], scorer: Any) -> str:
    missed, extra = _apart(_edges(truth, scorer), _edges(found, scorer))
    lost, made_up = _apart(_nodes(truth, scorer), _nodes(found, scorer))
    rows = [("missed", "node", lost), ("extra", "node", made_up), ("missed", "edge", missed)]
    rows.append(("extra", "edge", extra))
    items = [f'<li class="{how}">{what} {html.escape(t)}</li>' for how, what, texts in rows for t in texts]
    picture = pictures.get(truth["id"])
    shown = f'<img src="{picture.resolve().as_uri()}">' if picture else "<p>no picture</p>"
    told = f"{truth['kind']}, told as {found.get('kind', 'nothing')}; edge F1 {f1:.2f}"
    head = f"<h2>{html.escape(truth['id'])}</h2><p>{told}</p>"
    return f"<section>{head}{shown}<ul>{''.join(items)}</ul></section>"


def _nodes(graph: Graph, scorer: Any) -> Counter[str]:
    return Counter(scorer.plain(n.get("label") or str(n["id"])) for n in graph["nodes"])


def _edges(graph: Graph, scorer: Any) -> Counter[str]:
    names = {n["id"]: scorer.plain(n.get("label") or str(n["id"])) for n in graph["nodes"]}
    return Counter(f"{names.get(e['source'], '?')} → {names.get(e['target'], '?')}" for e in graph["edges"])


def _apart(true: Counter[str], found: Counter[str]) -> tuple[list[str], list[str]]:
    return sorted((true - found).elements()), sorted((found - true).elements())


def _lines(path: Path) -> list[Graph]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def _scorer() -> Any:
    spec = importlib.util.spec_from_file_location("score_diagrams", SCORER)
    if spec is None or spec.loader is None or not SCORER.is_file():
        raise SystemExit(f"{SCORER} is not there: it comes with the annotated corpus.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
