"""Memory over a long document: pages of a PDF repeated to many, ingested while the memory is watched.

    python benchmarks/long_document.py [FILE.pdf] [--pages 250] [--engine none] [--out FILE.json]

Prints the peak for a short and for the long document, our process and MinerU's apart: flat means that both
are about equal. FILE defaults to the sample report.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil
from machine import machine
from pypdf import PdfReader, PdfWriter

ROOT = Path(__file__).resolve().parent.parent
EVERY = 0.1  # seconds between looks
SHORT = 10  # pages


def repeated(source: Path, pages: int, target: Path) -> Path:
    """A PDF of so many pages, those of `source` over and over."""
    reader = PdfReader(source)
    writer = PdfWriter()
    for number in range(pages):
        writer.add_page(reader.pages[number % len(reader.pages)])
    writer.write(target)
    return target


class Watch(threading.Thread):
    """Looks at a process and what it started until it ends; keeps the peaks in MiB."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.process, self.own, self.below = psutil.Process(pid), 0.0, 0.0

    def run(self) -> None:
        """Look, wait, look."""
        while True:
            try:
                own = self.process.memory_info().rss
                below = sum(p.memory_info().rss for p in self.process.children(recursive=True))
            except psutil.Error:
                if not self.process.is_running() or self.process.status() == psutil.STATUS_ZOMBIE:
                    return
                continue  # one that was started has just ended
            self.own, self.below = max(self.own, own / 2**20), max(self.below, below / 2**20)
            time.sleep(EVERY)


def ingested(path: Path, engine: str) -> dict[str, Any]:
    """Peaks and seconds of `dic-ingest run` on one file, its worker counted with MinerU's process apart."""
    code = (
        "import sys; from pathlib import Path; from dic_ingest import Settings, ingest\n"
        "d = ingest(sys.argv[1], Settings(engine=sys.argv[2]), folder=Path(sys.argv[3]))\n"
        "print(len(d.pages), len(d.figures), len(d.blocks))"
    )
    with tempfile.TemporaryDirectory() as out:
        start = time.perf_counter()
        command = [sys.executable, "-c", code, str(path), engine, out]
        done = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ}, cwd=ROOT)
        watch = Watch(done.pid)
        watch.start()
        said = done.communicate()[0]
        watch.join(5)
    if done.returncode:
        raise SystemExit(f"{path} was not read: status {done.returncode}")
    pages, figures, blocks = (int(v) for v in said.split())
    peaks = {"ours_mib": round(watch.own), "mineru_mib": round(watch.below)}
    seconds = round(time.perf_counter() - start, 1)
    return {"pages": pages, "figures": figures, "blocks": blocks, **peaks, "seconds": seconds}


def main() -> None:
    """Measure the short and the long document, print, write."""
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("file", nargs="?", type=Path, default=ROOT / "samples" / "telecom_report.pdf")
    args.add_argument("--pages", type=int, default=250)
    args.add_argument("--engine", default="none")
    args.add_argument("--out", type=Path, default=ROOT / "bench_out" / "long_document.json")
    options = args.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as place:
        for pages in (SHORT, options.pages):
            path = repeated(options.file, pages, Path(place) / f"{pages}.pdf")
            rows.append(ingested(path, options.engine))
            print(rows[-1], flush=True)
    result = {**machine(), "file": options.file.name, "engine": options.engine, "rows": rows}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
