"""Figures per second of the local engine, by quantisation and batch, on a true shape with random weights.

    python benchmarks/bench_vlm.py [--shape tiny|7b] [--quantize "" nf4 int8] [--batch 1 8] [--out FILE]

The words are random, the work is not: pictures are prepared, tokens read and a fixed number written. A 7B
shape needs a GPU; without one the tiny shape is measured, and the report says so.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "captioning"))
import torch
from figures_made import request
from machine import machine
from tiny_models import SEVEN_B, TINY, qwen

from dic_ingest.captioning.local import LocalModel
from dic_ingest.captioning.local_settings import LocalModelSettings
from dic_ingest.captioning.pictures import pictures_of
from dic_ingest.captioning.prompts import make_prompt
from dic_ingest.captioning.talk import Question

SHAPES = {"tiny": TINY, "7b": SEVEN_B}


def measure(folder: Path, quantize: str, batch: int, figures: int, written: int, side: int) -> dict[str, Any]:
    """One setting: seconds, figures per second, tokens, peak memory."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    model = LocalModel(LocalModelSettings(str(folder), quantize=quantize, batch=batch, max_tokens=written))
    model.loaded.model.generation_config.min_new_tokens = (
        written  # random words end anywhere; real captions do not
    )
    asked = request()
    prompt = make_prompt(asked, None)
    question = Question(pictures_of(asked, side, 0), prompt.system, prompt.user)
    model.answer([question])  # warm
    started = time.perf_counter()
    answers = model.answer([question] * figures)
    seconds = time.perf_counter() - started
    peak = torch.cuda.max_memory_allocated() / 2**30 if torch.cuda.is_available() else 0.0
    return {
        "quantize": quantize or str(model.loaded.model.dtype).removeprefix("torch."),
        "batch": batch,
        "batch_left": model.batch,
        "figures": figures,
        "seconds": round(seconds, 3),
        "figures_per_s": round(figures / seconds, 3),
        "tokens_read": answers[0].read,
        "tokens_written": answers[0].written,
        "peak_gpu_gib": round(peak, 2),
        "errors": sum(bool(a.error) for a in answers),
    }


def main() -> None:
    """Measure every combination and print it; write JSON where asked."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument(
        "--shape", choices=list(SHAPES), default="7b" if torch.cuda.is_available() else "tiny"
    )
    options.add_argument("--quantize", nargs="*", default=["", "nf4", "int8"])
    options.add_argument("--batch", nargs="*", type=int, default=[1, 8])
    options.add_argument("--figures", type=int, default=8)
    options.add_argument("--written", type=int, default=64, help="tokens of each caption")
    options.add_argument("--side", type=int, default=800, help="longer side of the pictures, pixels")
    options.add_argument("--out", type=Path)
    chosen = options.parse_args()
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu (no GPU: tiny shape only)"
    rows = []
    with tempfile.TemporaryDirectory() as place:
        folder = qwen(Path(place), SHAPES[chosen.shape])
        for quantize in chosen.quantize:
            for batch in chosen.batch:
                rows.append(measure(folder, quantize, batch, chosen.figures, chosen.written, chosen.side))
                print(json.dumps(rows[-1]))
    report = {"shape": chosen.shape, "device": device, "rows": rows, "machine": machine()}
    print(f"{chosen.shape} on {device}")
    if chosen.out:
        chosen.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
