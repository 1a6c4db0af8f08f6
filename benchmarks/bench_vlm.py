"""Figures per second and memory of the local engine: bf16, NF4 and 8 bits, by batch, on random weights.

    python benchmarks/bench_vlm.py [--json FILE] [--seconds 90] [--shape 7b|tiny] [--batch 1 4 16]

The words that come out are random, the work is not: pictures are prepared, prompts read, a fixed number of
tokens written. The 7B shape is built on the GPU; without one the tiny shape is measured, and the report says
so. Rows for which no time is left are listed as skipped.
"""

from __future__ import annotations

import time

STARTED = time.perf_counter()  # importing torch is part of --seconds

import argparse  # noqa: E402
import gc  # noqa: E402
import json  # noqa: E402
import logging  # noqa: E402
import resource  # noqa: E402
import sys  # noqa: E402
from dataclasses import replace  # noqa: E402
from importlib.util import find_spec  # noqa: E402
from pathlib import Path  # noqa: E402
from statistics import median  # noqa: E402
from typing import Any  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
for place in (ROOT, ROOT / "benchmarks", ROOT / "tests" / "captioning"):
    sys.path.insert(0, str(place))
import torch  # noqa: E402
from figures_made import request  # noqa: E402
from machine import machine, version_of  # noqa: E402
from PIL import Image  # noqa: E402
from tiny_models import SEVEN_B, TINY, qwen_parts, word_tokenizer  # noqa: E402

from dic_ingest.captioning.chat import Question  # noqa: E402
from dic_ingest.captioning.engines.local import LocalModel  # noqa: E402
from dic_ingest.captioning.engines.local_loading import GridProcessor, Loaded  # noqa: E402
from dic_ingest.captioning.engines.settings import LocalModelSettings  # noqa: E402
from dic_ingest.captioning.pictures import pictures_of  # noqa: E402
from dic_ingest.captioning.prompts import make_prompt  # noqa: E402

GPU = torch.cuda.is_available()
DEVICE = "cuda:0" if GPU else "cpu"
SHAPES = {"tiny": TINY, "7b": SEVEN_B}
FORMS = ("bf16", "nf4", "int8")
SIDE = 1200  # pixels, the longer side of a figure
REPEATS = 3
RESERVE = 3.0  # seconds kept for writing the report


def left(seconds: float) -> float:
    """Seconds until the time that was given is over."""
    return seconds - (time.perf_counter() - STARTED)


def build(shape: str, form: str) -> Loaded:
    """The model of a shape in a form, on the device, with its processor."""
    dtype = torch.bfloat16 if GPU or form == "bf16" else torch.float32
    model, processor = qwen_parts(SHAPES[shape], DEVICE, dtype, word_tokenizer(_texts()))
    if form != "bf16":
        quantised(model, form)
    plain = GridProcessor(processor.image_processor, processor.tokenizer)  # the same whatever is installed
    plain.tokenizer.padding_side = "left"
    return Loaded(model.eval(), plain, DEVICE)


def quantised(model: Any, form: str) -> None:
    """Linear layers but the last put into 4 or 8 bits in place, by the layers that `from_pretrained` uses."""
    import bitsandbytes as bnb

    for name, layer in list(model.named_modules()):
        if not isinstance(layer, torch.nn.Linear) or name.endswith("lm_head"):
            continue
        shape: dict[str, Any] = {"bias": layer.bias is not None, "device": "meta"}
        weight = layer.weight.data
        made: Any
        if form == "nf4":
            made = bnb.nn.Linear4bit(
                layer.in_features, layer.out_features, compute_dtype=weight.dtype, quant_type="nf4", **shape
            )
            made.weight = bnb.nn.Params4bit(
                weight, requires_grad=False, compress_statistics=True, quant_type="nf4", module=made
            ).to(DEVICE)
        else:
            made = bnb.nn.Linear8bitLt(layer.in_features, layer.out_features, has_fp16_weights=False, **shape)
            codes, scales, _ = bnb.functional.int8_vectorwise_quant(weight.half())
            made.weight = bnb.nn.Int8Params(codes, False, False, CB=codes, SCB=scales)
        made.bias = layer.bias
        parent, _, own = name.rpartition(".")
        setattr(model.get_submodule(parent), own, made)
    logging.getLogger("bitsandbytes.autograd._functions").setLevel(logging.ERROR)  # a line a layer and token
    gc.collect()
    if GPU:
        torch.cuda.empty_cache()


def questions(count: int) -> list[Question]:
    """Figures as the engine asks about them: sizes of real crops, prompt with words and a graph."""
    drawn = Image.open(ROOT / "samples" / "flowchart.png").convert("RGB")
    asked = []
    for k in range(count):
        figure = request([f"Step {i} of part {k}" for i in range(6)])
        side = SIDE - 16 * (k % 4)  # crops are not all of one size
        crop = drawn.resize((side, round(side * 0.7)))
        figure = replace(figure, crop=crop, dpi=144.0)
        prompt = make_prompt(figure, None)
        asked.append(
            Question(pictures_of(replace(figure, drawing=None), SIDE, 0), prompt.system, prompt.user)
        )
    return asked


def measure(loaded: Loaded, form: str, batch: int, written: int, share: float) -> dict[str, Any]:
    """One row: `batch` figures at once, captions of `written` tokens; again while the form's time lasts."""
    asked = questions(batch)
    if GPU:
        torch.cuda.reset_peak_memory_stats()
    first, _ = _timed(loaded, asked, 1)
    times: list[float] = []
    answers: Any = []
    while len(times) < REPEATS and (not times or left(share) > times[-1]):
        took, answers = _timed(loaded, asked, written)
        times.append(took)
    whole = median(times)
    return {
        "form": form,
        "batch": batch,
        "figures_per_s": round(batch / whole, 3),
        "seconds": [round(t, 3) for t in times],
        "first_token_s": round(first, 3),
        "written_per_s": round(batch * (written - 1) / max(whole - first, 1e-9), 1),
        "tokens_read": round(sum(a.read for a in answers) / batch),
        "tokens_written": answers[0].written,
        "peak_gpu_gib": round(torch.cuda.max_memory_allocated() / 2**30, 2) if GPU else None,
        "peak_process_gib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2),
        "errors": sorted({a.error for a in answers if a.error}),
    }


def _timed(loaded: Loaded, asked: list[Question], written: int) -> tuple[float, Any]:
    settings = LocalModelSettings("random", "random", batch=len(asked), max_tokens=written)
    model = LocalModel(settings, loaded)
    loaded.model.generation_config.min_new_tokens = written  # random words end anywhere; captions do not
    if GPU:
        torch.cuda.synchronize()
    started = time.perf_counter()
    answers = model.answer(asked)
    return time.perf_counter() - started, answers


def rows_of(shape: str, form: str, chosen: argparse.Namespace, share: float) -> list[dict[str, Any]]:
    """A form's rows; those for which no time is left say so. `share`: seconds by which it should be done."""
    started = time.perf_counter()
    loaded = build(shape, form)
    built = round(time.perf_counter() - started, 1)
    weights = round(torch.cuda.memory_allocated() / 2**30, 2) if GPU else None
    _timed(loaded, questions(1), 4)
    warm, _ = _timed(loaded, questions(1), 4)
    next_one = 2.0 * warm * chosen.written / 4
    rows: list[dict[str, Any]] = []
    for batch in chosen.batch:
        if left(chosen.seconds) < next_one + RESERVE:
            rows.append({"form": form, "batch": batch, "skipped": f"no time left of {chosen.seconds:.0f} s"})
            continue
        rows.append(measure(loaded, form, batch, chosen.written, share))
        rows[-1] |= {"weights_gib": weights, "built_s": built}
        next_one = 2.0 * rows[-1]["seconds"][0]
        print(json.dumps(rows[-1]), flush=True)
    return rows


def _texts() -> list[str]:
    """What the tokenizer is made from: about four characters a token, as real ones have."""
    prompt = make_prompt(request(), None)
    return [(ROOT / "README.md").read_text("utf-8"), prompt.system, prompt.user]


def main() -> None:
    """Measure every form and batch and print it; write JSON where asked."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--shape", choices=list(SHAPES), default="7b" if GPU else "tiny")
    options.add_argument("--forms", nargs="*", choices=FORMS, default=list(FORMS))
    options.add_argument("--batch", nargs="*", type=int, default=[1, 4, 16])
    options.add_argument("--written", type=int, default=64, help="tokens of each caption")
    options.add_argument("--seconds", type=float, default=300.0, help="time for all of it")
    options.add_argument("--json", type=Path, help="the report goes there")
    chosen = options.parse_args()
    device = torch.cuda.get_device_name() if GPU else "cpu (no GPU here: the tiny shape is measured)"
    print(f"{chosen.shape} on {device}", flush=True)
    report: dict[str, Any] = {"shape": chosen.shape, "device": device, "written": chosen.written, "rows": []}
    report["versions"] = {p: version_of(p) for p in ("torch", "transformers", "bitsandbytes", "accelerate")}
    report["machine"] = machine()
    able = [f for f in chosen.forms if f == "bf16" or find_spec("bitsandbytes")]
    why = "bitsandbytes is not installed"
    report["rows"] += [{"form": f, "skipped": why} for f in chosen.forms if f not in able]
    for k, form in enumerate(able, 1):
        report["rows"] += rows_of(chosen.shape, form, chosen, chosen.seconds * k / len(able))
        report["seconds"] = round(time.perf_counter() - STARTED, 1)
        if chosen.json:  # after each form: what was measured is kept whatever ends this
            chosen.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
        gc.collect()
    for row in report["rows"]:
        if "skipped" in row:
            print(f"{row['form']} {row.get('batch', '')}: skipped, {row['skipped']}")
    print(f"{report['seconds']} s in all")


if __name__ == "__main__":
    main()
