"""How much of the PDFs' own text a finished run kept: words that stand exactly once in some node.

    python benchmarks/text_order.py RESULTS [--worst N] [--words N] [--json]

RESULTS is a folder of `dic-ingest run`. Pages without a text layer are not counted, nor are words of running
headers, footers and page numbers, which are told apart and reported. Blocks are compared, each of which
becomes one node; panels repeat words of their whole figure and are left out.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from dic_ingest.errors import InputError
from dic_ingest.model.document import Block, Document, Figure, Text
from dic_ingest.nodes.text import FURNITURE
from dic_ingest.sources.pdf.document import PdfFile

MIN_WORDS = 20  # a page with fewer is a picture or a title


@dataclass
class Count:
    """Words of a file, and how they fared."""

    words: int = 0
    missing: int = 0
    doubled: int = 0
    aside: int = 0  # in headers, footers, page numbers, and decoration
    examples: Counter[str] = field(default_factory=Counter)

    @property
    def share(self) -> float:
        """Share of words that stand exactly once."""
        return 1.0 - (self.missing + self.doubled) / max(self.words, 1)

    def add(self, other: Count) -> None:
        """Add another file's words."""
        self.words += other.words
        self.missing += other.missing
        self.doubled += other.doubled
        self.aside += other.aside
        self.examples += other.examples


def tokens(text: str) -> list[str]:
    """Letters and digits in a row, in lower case."""
    return re.findall(r"[^\W_]+", text.casefold())


def told(block: Block) -> str:
    """What a block's node says of the page's own words."""
    if not isinstance(block, Figure):
        return block.content
    words = " ".join(w.text for w in block.embedded_words)
    return "\n".join((block.label, block.printed_caption, *block.footnotes, words))


def left_out(block: Block) -> bool:
    """Whether a block becomes no node: furniture, and decoration without a caption."""
    if isinstance(block, Figure):
        printed = block.label or block.printed_caption
        return block.route is not None and block.route.route == "decoration" and not printed
    return isinstance(block, Text) and block.role in FURNITURE


def count_page(printed: list[str], blocks: list[Block]) -> Count:
    """The words of one page against its blocks."""
    aside = Counter(t for b in blocks if left_out(b) for t in tokens(told(b)))
    kept = [b for b in blocks if not left_out(b) and not (isinstance(b, Figure) and b.parent)]
    said = Counter(t for b in kept for t in tokens(told(b)))
    there = Counter(printed)
    aside &= there
    wanted = there - aside
    missing, extra = wanted - said, said - there
    _join(printed, missing, extra)
    doubled = extra & wanted
    examples = Counter({f"-{t}": n for t, n in missing.items()}) + Counter(
        {f"+{t}": n for t, n in doubled.items()}
    )
    return Count(wanted.total(), missing.total(), doubled.total(), aside.total(), examples)


def _join(printed: list[str], missing: Counter[str], extra: Counter[str]) -> None:
    """A word that was broken at a line's end, or printed with wide spaces, is told as one: no loss."""
    for size in (2, 3):
        for at in range(len(printed) - size + 1):
            parts = printed[at : at + size]
            whole = "".join(parts)
            if extra[whole] > 0 and not (Counter(parts) - missing):
                extra[whole] -= 1
                missing.subtract(parts)


def count_file(document: Document) -> Count:
    """All pages of a file with a text layer."""
    total = Count()
    with PdfFile(document.source) as pdf:
        for page in document.pages:
            printed = [t for w in pdf.drawing(page.number).words for t in tokens(w.text)]
            if len(printed) >= MIN_WORDS:
                total.add(count_page(printed, [b for b in document.blocks if b.page == page.number]))
    return total


def main() -> None:
    """Print the table."""
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("results", type=Path)
    args.add_argument("--worst", type=int, default=10)
    args.add_argument("--words", type=int, default=8, help="examples of words per file")
    args.add_argument("--json", action="store_true")
    options = args.parse_args()
    files: dict[str, Count] = {}
    for path in sorted(options.results.glob("*/document.json")):
        document = Document.from_dict(json.loads(path.read_text("utf-8")))
        if not document.source.lower().endswith(".pdf"):
            continue
        try:
            counted = count_file(document)
        except InputError as error:
            print(f"{path.parent.name}: {error}")
            continue
        if counted.words:
            files[path.parent.name] = counted
    total = Count()
    for counted in files.values():
        total.add(counted)
    row = {k: getattr(total, k) for k in ("words", "missing", "doubled", "aside")}
    row |= {"files": len(files), "once": round(total.share, 4)}
    if options.json:
        print(json.dumps(row))
        return
    print("  ".join(f"{k} {v}" for k, v in row.items()))
    for name, counted in sorted(files.items(), key=lambda item: item[1].share)[: options.worst]:
        words = " ".join(w for w, _ in counted.examples.most_common(options.words))
        print(
            f"{counted.share:.3f}  {counted.words:6d} words  -{counted.missing} +{counted.doubled}",
            name,
            words,
            sep="  ",
        )


if __name__ == "__main__":
    main()
