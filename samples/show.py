"""Say where a run's results are, and print one figure node as a retriever would see it: show.py FOLDER"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main(folder: Path) -> None:
    """Print the files of each document in `folder`, and the first figure that has a graph."""
    for nodes in sorted(folder.rglob("nodes.jsonl")):
        lines = [json.loads(line) for line in nodes.read_text(encoding="utf-8").splitlines()]
        figures = [n for n in lines if n["metadata"].get("dic_type") == "figure"]
        print(f"\n{nodes.parent}/ holds {len(lines)} nodes, {len(figures)} of them figures:")
        print("  document.json   the whole document as data")
        print("  document.md     the same to read, figures in place")
        print("  nodes.jsonl     one node a line, ready for an index")
        print("  figures/        the crops")
        if figures:
            longest = max(figures, key=lambda n: len(n["text"]))
            print(f"\nOne figure node (page {longest['metadata'].get('page')}):\n\n{longest['text']}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
