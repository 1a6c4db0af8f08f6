"""Tables in pictures: cells, spans and text of tables of our own, drawn by Chromium and degraded.

    python benchmarks/picture_tables.py [--count 200] [--show FOLDER]

Styles: all rules, horizontal rules, three rules (as in books), none, zebra, a dark header; with spans, two
header rows, numbers, empty cells, cells of two lines; 96 and 160 dpi, JPEG of quality 40, grey noise. Printed
by style: TEDS
(one less the tree edit distance over the larger tree's size, text by edit distance; needs `pip install
apted`), its structure alone, and tables not read at all, which score 0.
"""

from __future__ import annotations

import argparse
import html
import io
import random
import subprocess
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from apted import APTED, Config
from machine import machine
from PIL import Image
from rapidfuzz.distance import Levenshtein

from dic_ingest.vision.ocr import recognise
from dic_ingest.vision.table_cells import Cell, Grid, read_table

STYLES = {
    "all rules": "td{border:1px solid #333}",
    "rows": "td{border-bottom:1px solid #999}",
    "three rules": "table{border-top:2px solid;border-bottom:2px solid}tr.h td{border-bottom:1px solid}",
    "none": "",
    "zebra": "tr:nth-child(even) td{background:#e8eef7}",
    "dark header": "tr.h td{background:#234;color:#fff}td{border-bottom:1px solid #ccc}",
}  # fmt: skip
WORDS = [
    "port",
    "buffer",
    "latency",
    "queue",
    "retry",
    "session",
    "token",
    "cluster",
    "replica",
    "shard",
    "gateway",
    "cache",
    "uplink",
    "payload",
    "digest",
    "frame",
]


def main() -> None:
    """Draw, read, score, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--show", type=Path, help="write the pictures and what was read of them here")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    scores: dict[str, list[tuple[float, float]]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.count):
            style = list(STYLES)[number % len(STYLES)]
            truth = made_table(chance)
            picture, way = degraded(drawn(truth, STYLES[style], chance, Path(folder)), chance)
            read = read_table(picture, recognise(picture).words)
            score = (teds(truth, read, True), teds(truth, read, False)) if read else (0.0, 0.0)
            scores[style].append(score)
            scores[way].append(score)
            scores["all"].append(score)
            if options.show:
                options.show.mkdir(parents=True, exist_ok=True)
                name = f"{number:03d}-{style.replace(' ', '_')}-{score[0]:.2f}"
                picture.save(options.show / f"{name}.png")
                (options.show / f"{name}.html").write_text(read.to_html() if read else "not read", "utf-8")
    print(machine())
    print("| tables | number | TEDS | structure | not read |\n|---|---|---|---|---|")
    for name, found in scores.items():
        text, shape = (float(np.mean([s[k] for s in found])) for k in (0, 1))
        print(f"| {name} | {len(found)} | {text:.3f} | {shape:.3f} | {sum(s == (0.0, 0.0) for s in found)} |")


def made_table(chance: random.Random) -> Grid:
    """A table of 3 to 9 rows and 2 to 6 columns with a header, and at times spans and empty cells."""
    rows, columns = chance.randint(3, 9), chance.randint(2, 6)
    cells, taken = list[Cell](), set[tuple[int, int]]()
    double = columns >= 4 and chance.random() < 0.3
    for r in range(rows):
        for c in range(columns):
            if (r, c) in taken:
                continue
            wide = 2 if double and r == 0 and c >= 1 and c + 1 < columns and (c - 1) % 2 == 0 else 1
            high = 2 if c == 0 and r > 1 and r + 1 < rows and chance.random() < 0.08 else 1
            high = 2 if double and r == 0 and wide == 1 else high
            taken |= {(r + i, c + j) for i in range(high) for j in range(wide)}
            cells.append(Cell(r, c, high, wide, _content(chance, r < 1 + double, c)))
    return Grid(rows, columns, tuple(cells))


def _content(chance: random.Random, header: bool, column: int) -> str:
    if header or column == 0:
        return " ".join(chance.sample(WORDS, chance.choice((1, 1, 2)))).capitalize()
    kind = chance.random()
    if kind < 0.08:
        return ""
    if kind < 0.5:
        return f"{chance.uniform(0, 999):.{chance.randint(0, 2)}f}"
    return " ".join(chance.sample(WORDS, chance.choice((1, 2, 2, 3, 6) if kind > 0.9 else (1, 2, 2))))


def drawn(grid: Grid, style: str, chance: random.Random, folder: Path) -> Image.Image:
    """A screenshot of the table by Chromium, cut to what is drawn."""
    family = chance.choice(("DejaVu Sans", "DejaVu Serif", "Liberation Sans", "Liberation Serif"))
    size, pad = chance.randint(11, 17), chance.choice(("2px 8px", "4px 12px", "7px 16px"))
    align = chance.choice(("left", "center"))
    body = []
    for r in range(grid.rows):
        cells = "".join(
            f'<td rowspan="{c.rows}" colspan="{c.columns}">{html.escape(c.text)}</td>'
            for c in grid.cells
            if c.row == r
        )
        body.append(f'<tr class="{"h" if r == 0 else "b"}">{cells}</tr>')
    page = (
        f"<meta charset=utf-8><style>body{{margin:12px;background:#fff;font:{size}px '{family}'}}"
        f"table{{border-collapse:collapse}}td{{padding:{pad};text-align:{align};max-width:170px}}{style}</style>"
        f"<table>{''.join(body)}</table>"
    )
    source, target = folder / "table.html", folder / "table.png"
    source.write_text(page, "utf-8")
    scale = chance.choice((1, 5 / 3))
    subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--hide-scrollbars",
         f"--force-device-scale-factor={scale}",
         "--window-size=1400,900", f"--screenshot={target}", source.as_uri()],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    image = Image.open(target).convert("RGB")
    ink = np.asarray(image).min(axis=2) < 250
    ys, xs = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return image.crop((max(xs[0] - 8, 0), max(ys[0] - 8, 0), xs[-1] + 9, ys[-1] + 9))


def degraded(image: Image.Image, chance: random.Random) -> tuple[Image.Image, str]:
    """The picture as it is, as a JPEG of quality 40, or with noise; and what was done."""
    way = chance.choice(("clean", "clean", "JPEG 40", "noise"))
    if way == "JPEG 40":
        held = io.BytesIO()
        image.save(held, "JPEG", quality=40)
        return Image.open(held).convert("RGB"), way
    if way == "noise":
        values = np.asarray(image, dtype=np.int16)
        noise = np.random.default_rng(chance.randint(0, 9999)).normal(0, 9, values.shape)
        return Image.fromarray(np.clip(values + noise, 0, 255).astype(np.uint8)), way
    return image, way


@dataclass(slots=True)
class _Tree:
    name: str
    text: str
    children: list[_Tree]


class _Costs(Config):
    def __init__(self, text: bool) -> None:
        self.text = text

    def rename(self, a: _Tree, b: _Tree) -> float:
        if a.name != b.name:
            return 1.0
        return Levenshtein.normalized_distance(a.text, b.text) if self.text and a.name[:2] == "td" else 0.0

    def children(self, node: _Tree) -> list[_Tree]:
        return node.children


def teds(truth: Grid, read: Grid, text: bool) -> float:
    """Similarity of two tables by tree edit distance (Zhong et al. 2020)."""
    a, b = _tree(truth), _tree(read)
    distance = APTED(a, b, _Costs(text)).compute_edit_distance()
    return 1.0 - distance / max(_size(a), _size(b))


def _tree(grid: Grid) -> _Tree:
    rows = [
        _Tree("tr", "", [_Tree(f"td {c.rows} {c.columns}", c.text, []) for c in grid.cells if c.row == r])
        for r in range(grid.rows)
    ]
    return _Tree("table", "", rows)


def _size(tree: _Tree) -> int:
    return 1 + sum(_size(c) for c in tree.children)


if __name__ == "__main__":
    main()
