"""Pages with one region of a known sort between paragraphs, drawn by Typst.

    python -m research.figure_or_text.pages --count 600 --out FOLDER

Out: `text-<sort>-<n>.pdf` and `drawing-<sort>-<n>.pdf`. Wants the package `typst`.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

from research.figure_or_text.drawings import DRAWINGS
from research.figure_or_text.grounds import GROUNDS, quoted
from research.figure_or_text.words import prose

SERIFS = ("Libertinus Serif", "New Computer Modern", "DejaVu Sans", "DejaVu Serif")
MONOS = ("DejaVu Sans Mono", "New Computer Modern Mono")


def page(rng: random.Random, region: str) -> str:
    """Typst source of a page with prose around a region."""
    size = rng.choice((9, 10, 11, 12))
    width, height = rng.choice(((595, 842), (595, 842), (612, 792), (960, 540)))
    head = f"#set page(width: {width}pt, height: {height}pt, margin: {rng.choice((50, 70))}pt)\n"
    head += f"#set text(font: {quoted(rng.choice(SERIFS))}, size: {size}pt)\n"
    head += f"#show raw: set text(font: {quoted(rng.choice(MONOS))})\n"
    return f"{head}#{quoted(prose(rng, 500))}\n\n{region}\n\n#{quoted(prose(rng, 300))}\n"


def draw(count: int, out: Path, seed: int) -> int:
    """Write about `count` PDFs, half of them text, and say how many were drawn."""
    import typst

    out.mkdir(parents=True, exist_ok=True)
    rng = random.Random(seed)
    drawn = 0
    for k in range(count):
        maker = rng.choice(GROUNDS if k % 2 else DRAWINGS)
        target = out / f"{'text' if k % 2 else 'drawing'}-{maker.__name__}-{k:04d}.pdf"
        source = out / "page.typ"
        source.write_text(page(rng, maker(rng)), encoding="utf-8")
        try:
            typst.compile(str(source), output=str(target))
            drawn += 1
        except RuntimeError as error:  # a label that Typst reads as markup: one page less
            print(target.name, str(error)[:200])
    return drawn


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=600)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=20)
    options = parser.parse_args()
    print(draw(options.count, options.out, options.seed), "pages")


if __name__ == "__main__":
    main()
