"""Speed and memory of `ingest` beside MinerU alone, on the same documents, in one sitting.

    python benchmarks/bench.py [FOLDER] [--limit N] [--repeat N] [--engine E] [--out FILE.json]

Each document is parsed by both in turn, the order changing from one to the next; a first document warms both
up and is not counted. MinerU alone runs in a process of its own, as under `ingest`. Ratios are given of
wall time and of CPU time, of all processes together; on a busy machine only the latter means something.
FOLDER defaults to the third-party corpus beside the checkout, else samples/. Prints tables and writes JSON.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import textwrap
import time
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psutil
from machine import machine
from reportlab.pdfgen.canvas import Canvas
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT.parent / "shared" / "corpus" / "pdf"
TEXT_ONLY_LIMIT = 1.3  # times MinerU alone
MADE = "text_only_20_pages.pdf"
START_LIMIT = 0.5  # seconds


@dataclass(frozen=True)
class Row:
    """One document: best seconds of each, on the wall's clock and of CPU; pages, figures that were kept."""

    file: str
    pages: int
    figures: int
    mineru: float
    ours: float
    mineru_cpu: float = 0.0
    ours_cpu: float = 0.0
    problem: str = ""


def mineru_alone(pipe: Connection) -> None:
    """Answer every path with the seconds that `mineru.parse` took, or with its error."""
    os.environ["MINERU_MODEL_SOURCE"] = "local"  # fail at once where weights are missing, change no config
    os.environ["MINERU_LOG_LEVEL"] = "error"
    import mineru

    while (path := pipe.recv()) is not None:
        start = time.perf_counter()
        try:
            mineru.parse(path, tier="flash")
            pipe.send((time.perf_counter() - start, ""))
        except Exception as error:  # whatever it is, the document is listed with it and the next one comes
            pipe.send((time.perf_counter() - start, f"{type(error).__name__}: {error}"))


def text_document(path: Path, pages: int = 20) -> Path:
    """A PDF of nothing but text: what a document without figures costs does not hang on the folder's few."""
    words = (ROOT / "samples" / "words" / "telecom_report.md").read_text("utf-8").split()
    lines = textwrap.wrap(" ".join(w for w in words if w.isalpha()), 90)
    canvas = Canvas(str(path), invariant=True)
    for page in range(pages):
        for row in range(48):
            canvas.drawString(60, 780 - 15 * row, f"{page + 1}.{row + 1} {lines[(page + row) % len(lines)]}")
        canvas.showPage()
    canvas.save()
    return path


def cpu_of(process: psutil.Process, without: int = 0) -> float:
    """CPU seconds of a process and all below it so far, but for the process `without`."""
    total = 0.0
    for one in (process, *process.children(recursive=True)):
        if one.pid != without:
            times = one.cpu_times()
            total += times.user + times.system
    return total


def by_mineru(pipe: Connection, worker: int, path: Path) -> tuple[float, float, str]:
    """Seconds of MinerU alone on a document, of CPU too, and its error."""
    before = cpu_of(psutil.Process(worker))
    pipe.send(str(path))
    seconds, problem = pipe.recv()
    return seconds, cpu_of(psutil.Process(worker)) - before, problem


def by_us(path: Path, engine: str, worker: int) -> tuple[float, float, int, int]:
    """Seconds of `ingest`, crops written, of CPU too; pages; figures described."""
    from dic_ingest.mineru.local import LocalSettings
    from dic_ingest.pipeline import ingest
    from dic_ingest.settings import Settings

    me = psutil.Process()
    with tempfile.TemporaryDirectory() as out:
        before, start = cpu_of(me, worker), time.perf_counter()
        document = ingest(path, Settings(engine=engine, parse=LocalSettings(tier="flash")), Path(out))
        seconds, cpu = time.perf_counter() - start, cpu_of(me, worker) - before
    kept = [f for f in document.figures if f.route is None or f.route.kept]
    return seconds, cpu, len(document.pages), len(kept)


def measure(path: Path, pipe: Connection, worker: int, repeat: int, engine: str, ours_first: bool) -> Row:
    """Both on one document, `repeat` times; the best time of each counts."""
    from dic_ingest.errors import DICIngestError

    theirs, ours, theirs_cpu, ours_cpu, pages, figures, problem = [], [], [], [], 0, 0, ""
    for turn in range(repeat):
        for us in (ours_first, not ours_first) if turn % 2 == 0 else (not ours_first, ours_first):
            if us:
                try:
                    seconds, cpu, pages, figures = by_us(path, engine, worker)
                except DICIngestError as error:
                    return Row(path.name, 0, 0, 0, 0, problem=f"dic_ingest: {error}")
                ours.append(seconds)
                ours_cpu.append(cpu)
            else:
                seconds, cpu, error_text = by_mineru(pipe, worker, path)
                theirs.append(seconds)
                theirs_cpu.append(cpu)
                problem = f"MinerU: {error_text}" if error_text else problem
    times = (min(theirs), min(ours), min(theirs_cpu), min(ours_cpu))
    return Row(path.name, pages, figures, *times, problem)


def start_up(code: str) -> float:
    """Seconds that `code` adds to a bare interpreter; the best of five."""

    def best(what: str) -> float:
        times = []
        for _ in range(5):
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", what], check=True, capture_output=True)
            times.append(time.perf_counter() - start)
        return min(times)

    return best(code) - best("pass")


def summary(rows: list[Row]) -> dict[str, Any]:
    """Totals over documents that both could read, for all, for those without and with figures."""
    out = {}
    for name, chosen in (
        ("all documents", rows),
        ("text only", [r for r in rows if not r.figures]),
        ("- of these, made here", [r for r in rows if r.file == MADE]),
        ("with figures", [r for r in rows if r.figures]),
    ):
        both = [r for r in chosen if not r.problem]
        pages, theirs, ours = (sum(getattr(r, k) for r in both) for k in ("pages", "mineru", "ours"))
        figures = sum(r.figures for r in both)
        cpu = sum(r.mineru_cpu for r in both), sum(r.ours_cpu for r in both)
        out[name] = {
            "documents": len(both),
            "pages": pages,
            "figures": figures,
            "mineru_pages_per_s": pages / theirs if theirs else None,
            "ours_pages_per_s": pages / ours if ours else None,
            "ratio": ours / theirs if theirs else None,
            "cpu_ratio": cpu[1] / cpu[0] if cpu[0] else None,
            "worst_ratio": max((r.ours / r.mineru for r in both), default=None),
            "seconds_per_figure": (ours - theirs) / figures if figures else None,
        }
    return out


def run(folder: Path, limit: int, repeat: int, engine: str) -> dict[str, Any]:
    """Measure every PDF of a folder; the whole result as JSON values."""
    files = sorted(folder.glob("*.pdf"))[: limit or None]
    if not files:
        raise SystemExit(f"no PDFs in {folder}. Name a folder that has some.")
    here, there = multiprocessing.get_context("spawn").Pipe()
    worker = multiprocessing.get_context("spawn").Process(target=mineru_alone, args=(there,), daemon=False)
    worker.start()
    try:
        alone = worker.pid or 0
        measure(ROOT / "samples" / "logo.pdf", here, alone, 1, engine, True)
        rows = []
        with tempfile.TemporaryDirectory() as place:
            files.append(text_document(Path(place) / MADE))
            for number, path in enumerate(files):
                rows.append(measure(path, here, alone, repeat, engine, number % 2 == 0))
                print(f"{number + 1}/{len(files)} {path.name} {rows[-1].problem}", file=sys.stderr)
        from dic_ingest.mineru import worker_process as mineru_process

        mineru_process.stop()  # so that its memory is counted, and MinerU's own process below is not
        memory = {
            "process_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "largest_child_mib": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
        }
    finally:
        here.send(None)
        worker.join(20)
        if worker.is_alive():
            worker.terminate()
    return {
        **machine(),
        "folder": folder.name,
        "engine": engine,
        "summary": summary(rows),
        "memory": memory,
        "import_s": start_up("import dic_ingest"),
        "help_s": start_up(
            "import sys; sys.argv[1:] = ['--help']\nfrom dic_ingest.cli import main\n"
            "try: main()\nexcept SystemExit: pass"
        ),
        "documents": [asdict(r) for r in rows],
    }


def show(result: dict[str, Any]) -> None:
    """Print the tables."""
    console = Console(width=120)
    table = Table(
        "", "docs", "pages", "figures", "MinerU p/s", "dic_ingest p/s", "ratio", "of CPU", "worst", "s/figure"
    )
    for name, s in result["summary"].items():
        numbers = ("mineru_pages_per_s", "ours_pages_per_s", "ratio", "cpu_ratio", "worst_ratio")
        numbers += ("seconds_per_figure",)
        cells = ("-" if s[k] is None else f"{s[k]:.2f}" for k in numbers)
        table.add_row(name, str(s["documents"]), str(s["pages"]), str(s["figures"]), *cells)
    console.print(table)
    memory = result["memory"]
    console.print(
        f"peak memory {memory['process_mib']:.0f} MiB + {memory['largest_child_mib']:.0f} MiB in MinerU's; "
        f"import {result['import_s']:.2f} s, --help {result['help_s']:.2f} s (limit {START_LIMIT} s); "
        f"text only at most {TEXT_ONLY_LIMIT} times MinerU"
    )
    for row in result["documents"]:
        if row["problem"]:
            console.print(f"not counted: {row['file']}: {row['problem'][:160]}", markup=False)
    console.print(f"{result['cpu']}, {result['cores']} cores, {result['date']}", markup=False)


def main() -> None:
    """Parse arguments, measure, print, write."""
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("folder", nargs="?", type=Path, default=CORPUS if CORPUS.is_dir() else ROOT / "samples")
    args.add_argument("--limit", type=int, default=0, help="only the first N documents")
    args.add_argument("--repeat", type=int, default=2, help="runs of each document; the best counts")
    args.add_argument("--engine", default="dic-small", help="captioning engine of ingest; none leaves it out")
    args.add_argument("--out", type=Path, default=ROOT / "bench_out" / "bench.json")
    options = args.parse_args()
    result = run(options.folder, options.limit, options.repeat, options.engine)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    show(result)


if __name__ == "__main__":
    main()
