"""A long run over small documents under ever new names: does memory stay flat, is anything lost?

    python benchmarks/soak.py [--documents 2000] [--workers 1] [--engine dic-small] [--corpus FOLDER]

Takes the smallest PDFs and pictures of the corpus beside the checkout (else samples/), copies them under new
names with a few bytes behind their end, so that no two are alike, and runs them. Prints JSON: the most memory
that a worker held in the first and the last quarter of the documents, the run's own, and how documents ended.
One worker: several take the largest documents first, and quarters of different documents tell nothing.
"""

from __future__ import annotations

import argparse
import itertools
import json
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psutil
import pypdfium2 as pdfium
from machine import machine

from dic_ingest.batch.manifest import Entry
from dic_ingest.batch.run import RunSettings, run
from dic_ingest.batch.settings import WorkSettings
from dic_ingest.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT.parent / "shared" / "corpus" / "pdf"
LIMIT = 1.1  # times the first quarter's peak
KINDS = 8  # different documents
PAGES = 2  # of each, at most
MIB = 1 << 20


def filled(folder: Path, corpus: Path, count: int) -> None:
    """`count` documents in `folder`."""
    found = sorted(
        (f for f in corpus.iterdir() if f.suffix in (".pdf", ".png")), key=lambda f: f.stat().st_size
    )
    chosen = list(itertools.islice((f for f in found if _pages(f) <= PAGES), KINDS))
    for number in range(count):
        source = chosen[number % len(chosen)]
        data = source.read_bytes() + f"\n% {number}\n".encode()
        (folder / f"{number:05d}-{source.name}").write_bytes(data)


def _pages(file: Path) -> int:
    if file.suffix != ".pdf":
        return 1
    try:
        return len(pdfium.PdfDocument(file))
    except pdfium.PdfiumError:
        return 0


def soak(count: int, workers: int, engine: str, corpus: Path) -> dict[str, Any]:
    """Run them all; memory is in MiB."""
    own: list[int] = []
    entries: list[Entry] = []
    stop = threading.Event()

    def watch() -> None:
        me = psutil.Process()
        while not stop.wait(0.5):
            own.append(me.memory_info().rss // MIB)

    with tempfile.TemporaryDirectory() as place:
        inbox, out = Path(place) / "in", Path(place) / "out"
        inbox.mkdir()
        filled(inbox, corpus, count)
        threading.Thread(target=watch, daemon=True).start()
        began = time.monotonic()
        settings = WorkSettings(Settings(engine=engine))
        run([inbox], out, settings, RunSettings(workers=workers), progress=entries.append)
        seconds = time.monotonic() - began
        stop.set()
        kept = sum(1 for _ in out.glob("*/document.json"))
    quarter = max(1, len(entries) // 4)
    first, last = (max(e.memory for e in part) for part in (entries[:quarter], entries[-quarter:]))
    part = max(1, len(own) // 4)
    return {
        "documents": len(entries),
        "results": kept,
        "statuses": dict(Counter(e.status for e in entries)),
        "pages": sum(e.pages for e in entries),
        "seconds": round(seconds, 1),
        "worker_mib_first_quarter": first,
        "worker_mib_last_quarter": last,
        "worker_ratio": round(last / max(first, 1), 3),
        "run_mib_first_quarter": max(own[:part], default=0),
        "run_mib_last_quarter": max(own[-part:], default=0),
        "flat": last <= LIMIT * first,
        "load": [round(v, 1) for v in psutil.getloadavg()],
        **machine(),
    }


def main() -> None:
    """Parse arguments, run, print; the exit status tells whether memory was flat and nothing lost."""
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--documents", type=int, default=2000)
    args.add_argument("--workers", type=int, default=1)
    args.add_argument("--engine", default="dic-small")
    args.add_argument("--corpus", type=Path, default=CORPUS if CORPUS.is_dir() else ROOT / "samples")
    given = args.parse_args()
    found = soak(given.documents, given.workers, given.engine, given.corpus)
    print(json.dumps(found, indent=1))
    raise SystemExit(not (found["flat"] and found["documents"] == found["results"] == given.documents))


if __name__ == "__main__":
    main()
