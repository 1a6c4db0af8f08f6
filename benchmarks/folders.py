"""Folder runs timed in one sitting: workers, Ray, an unchanged re-run, and peers on the same files.

    python benchmarks/folders.py [FOLDER] [--limit N] [--engine E] [--peers PYTHON] [--out FILE.json]

Everything is wall time with the start of its processes in it; ratios are within this one sitting. Peers read
text only (no figures). They run under PYTHON, an interpreter of an environment of their own, for example:

    python -m venv peers && peers/bin/pip install 'unstructured[pdf]' 'markitdown[pdf]' liteparse
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import text_document
from machine import machine
from rich.console import Console
from rich.table import Table

from dic_ingest.batch.run import RunSettings, run
from dic_ingest.batch.settings import WorkSettings
from dic_ingest.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT.parent / "shared" / "corpus" / "pdf"
TWICE, RAY_MOST, RERUN_MOST = 1.8, 1.15, 2.0  # 2 workers at least; Ray at most; seconds of a re-run
COST_MOST = 1.5  # of MinerU flash
RERUN_PAGES = 400
# how each reads the text of a document
PEERS = {
    "MinerU flash": "import mineru\nread = lambda p: str(mineru.parse(p, tier='flash'))",
    "Unstructured fast": "import spacy\nfrom unstructured.nlp import tokenize\n"
    "def blank():\n    made = spacy.blank('en')\n    made.add_pipe('sentencizer')\n    return made\n"
    # it would fetch a model that tells sentences; without a network no element comes out at all
    "if not spacy.util.is_package('en_core_web_sm'):\n    tokenize._load_spacy_model = blank\n"
    "from unstructured.partition.pdf import partition_pdf\n"
    "read = lambda p: ''.join(e.text for e in partition_pdf(p, strategy='fast'))",
    "MarkItDown": "from markitdown import MarkItDown\nm = MarkItDown()\n"
    "read = lambda p: m.convert(p).text_content",
    "liteparse": "from liteparse import LiteParse\nl = LiteParse(ocr_enabled=False)\n"
    "read = lambda p: l.parse(p).text",
}
# the paths are on standard input; a document that a peer refuses (MinerU flash: scans) is counted, not fatal
READ_ALL = """
import sys
seen = 0
for path in sys.stdin.read().split('\\n'):
    try:
        seen += len(read(path))
    except Exception as error:
        print('refused', path)
        print(path, repr(error)[:200], file=sys.stderr)
print('seen', seen)
"""


def timed_run(files: list[Path], engine: str, how: RunSettings, out: Path) -> dict[str, Any]:
    """One run into an empty folder."""
    shutil.rmtree(out, ignore_errors=True)
    began = time.perf_counter()
    entries = run(files, out, WorkSettings(Settings(engine=engine)), how)
    seconds = time.perf_counter() - began
    return {
        "seconds": seconds,
        "pages": sum(e.pages for e in entries),
        "figures": sum(e.figures for e in entries),
        "failed": sum(e.status == "failed" for e in entries),
        "documents": {Path(e.file).name: e.seconds for e in entries},
    }


def rerun(place: Path) -> dict[str, Any]:
    """Seconds of the whole command over a folder that is done, best of three."""
    inbox, out = place / "rerun-in", place / "rerun-out"
    inbox.mkdir()
    for number in range(RERUN_PAGES // 20):
        made = text_document(inbox / f"{number:02d}.pdf")
        made.write_bytes(made.read_bytes() + b"\n% " + str(number).encode())
    command = [sys.executable, "-m", "dic_ingest", "run", str(inbox), "--out", str(out), "--json"]
    command += ["--engine", "none", "--workers", "2"]
    subprocess.run(command, check=True, capture_output=True)
    times = []
    for _ in range(3):
        began = time.perf_counter()
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        times.append(time.perf_counter() - began)
    entries = [json.loads(line) for line in said.splitlines()]
    return {
        "seconds": min(times),
        "pages": sum(e["pages"] for e in entries),
        "all_skipped": all(e["status"] == "skipped" for e in entries),
    }


def peer(name: str, python: str, files: list[Path]) -> dict[str, Any]:
    """Seconds of a peer on all files in one process, or why it was not run."""
    code = PEERS[name] + READ_ALL
    own = sys.executable if name.startswith("MinerU") else python
    env = {**os.environ, "MINERU_MODEL_SOURCE": "local", "MINERU_LOG_LEVEL": "error"}
    env.pop("PYTHONPATH", None)
    began = time.perf_counter()
    done = subprocess.run(
        [own, "-c", code],
        input="\n".join(map(str, files)),
        capture_output=True,
        text=True,
        env=env,
        check=False,
    )
    seconds = time.perf_counter() - began
    said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1][:200]
    if done.returncode:
        return {"skipped": said}
    characters = done.stdout.split()[-1]
    if not int(characters):
        return {"skipped": f"it read not one character ({said})"}
    refused = [line.removeprefix("refused ") for line in done.stdout.splitlines() if line[:8] == "refused "]
    return {"seconds": seconds, "characters": int(characters), "refused": refused}


def measure(folder: Path, limit: int, engine: str, python: str) -> dict[str, Any]:
    """Everything, as JSON values."""
    files = sorted(folder.glob("*.pdf"))[: limit or None]
    if not files:
        raise SystemExit(f"no PDFs in {folder}. Name a folder that has some.")
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        timed_run(files[:1], engine, RunSettings(), place / "warm")
        runs = {"1 process": timed_run(files, engine, RunSettings(), place / "out")}
        runs["2 workers"] = timed_run(files, engine, RunSettings(workers=2), place / "out")
        if importlib.util.find_spec("ray"):
            os.environ.setdefault("RAY_worker_niceness", "0")  # as our own workers; Ray's are at 15
            runs["Ray, 2 workers"] = timed_run(
                files, engine, RunSettings(workers=2, ray="local"), place / "out"
            )
        again = rerun(place)
    peers = {name: peer(name, python, files) for name in PEERS}
    return {
        "files": len(files),
        "engine": engine,
        "runs": runs,
        "rerun": again,
        "peers": peers,
        **machine(),
    }


def show(found: dict[str, Any]) -> None:
    """The table, and the ratios beside what they should be."""
    console = Console()
    table = Table(
        title=f"{found['files']} documents, engine {found['engine']}, load {found['load']} at the end"
    )
    for column in ("", "seconds", "pages/s", "figures/s", "times 1 process"):
        table.add_column(column, justify="left" if not column else "right")
    runs = found["runs"]
    base, pages = runs["1 process"]["seconds"], runs["1 process"]["pages"]
    for name, row in runs.items():
        rates = [f"{row[k] / row['seconds']:.2f}" for k in ("pages", "figures")]
        table.add_row(name, f"{row['seconds']:.1f}", *rates, f"{base / row['seconds']:.2f}")
    for name, row in found["peers"].items():
        if "skipped" in row:
            table.add_row(name, "not run", "", "", "")
        else:
            what = "text only" + f", {len(row['refused'])} refused" * bool(row["refused"])
            cells = (f"{row['seconds']:.1f}", f"{pages / row['seconds']:.2f}", what)
            table.add_row(name, *cells, f"{base / row['seconds']:.2f}")
    console.print(table)
    if "seconds" in (alone := found["peers"]["MinerU flash"]):
        refused = {Path(name).name for name in alone["refused"]}
        own = sum(s for name, s in runs["1 process"]["documents"].items() if name not in refused)
        console.print(
            f"documents that MinerU flash reads: {own:.1f} s, {own / alone['seconds']:.2f} times its own "
            f"(at most {COST_MOST})"
        )
    two = base / runs["2 workers"]["seconds"]
    console.print(f"2 workers: {two:.2f} times one (at least {TWICE} on 2 idle cores)")
    if "Ray, 2 workers" in runs:
        ray = runs["Ray, 2 workers"]["seconds"] / runs["2 workers"]["seconds"]
        console.print(
            f"Ray: {ray:.2f} times the seconds of 2 workers (at most {RAY_MOST}), its start included"
        )
    again = found["rerun"]
    console.print(
        f"unchanged re-run of {again['pages']} pages: {again['seconds']:.2f} s (at most {RERUN_MOST})"
    )
    for name, row in found["peers"].items():
        if "skipped" in row:
            console.print(f"not run: {name}: {row['skipped']}", markup=False)
    console.print(f"{found['cpu']}, {found['cores']} cores, {found['date']}", markup=False)


def main() -> None:
    """Parse arguments, measure, print, write."""
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("folder", nargs="?", type=Path, default=CORPUS if CORPUS.is_dir() else ROOT / "samples")
    args.add_argument("--limit", type=int, default=0, help="only the first N documents")
    args.add_argument("--engine", default="none", help="captioning engine; none compares best with the peers")
    args.add_argument("--peers", default=sys.executable, help="interpreter that has the peers")
    args.add_argument("--out", type=Path, default=ROOT / "bench_out" / "folders.json")
    given = args.parse_args()
    found = measure(given.folder, given.limit, given.engine, given.peers)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    show(found)


if __name__ == "__main__":
    main()
