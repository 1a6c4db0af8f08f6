"""`dic-ingest doctor`: what is installed, which tiers and weights are present, which device."""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from dic_ingest.captioning.engines.registry import ENGINES
from dic_ingest.cli.terminal import say
from dic_ingest.mineru.tiers import name_clash, tiers
from dic_ingest.vision.scripts import installed

PACKAGES = (
    "dic-ingest",
    "mineru",
    "llama-index-core",
    "pypdfium2",
    "rapidocr",
    "rapid-layout",
    "onnxruntime",
)
# package and the extra that brings it
OPTIONAL = {"unstructured": "office", "openai": "endpoint", "torch": "vlm", "transformers": "vlm"}

ENGINE_PACKAGES = {"local": ("torch", "transformers"), "endpoint": ("openai",)}


def examine() -> dict[str, Any]:
    """Everything that the report shows, as JSON values."""
    found = {name: _version(name) for name in (*PACKAGES, *OPTIONAL)}
    missing = [name for name in PACKAGES if found[name] is None]
    clash = name_clash()
    problems = [f"{name} is missing: pip install {name}" for name in missing] + ([clash] if clash else [])
    return {
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "packages": found,
        "tiers": [
            {"tier": t.name, "ready": t.ready, "missing": t.missing, "fetch": t.fetch} for t in tiers()
        ],
        "engines": [n for n in ENGINES if n not in ("fake", "none") and not _lacks(n, found)],
        "engines_missing": {n: _lacks(n, found) for n in ENGINES if _lacks(n, found)},
        "libreoffice": shutil.which("soffice") or shutil.which("libreoffice") or "",
        "scripts": {"packaged": "Latin, Chinese, Japanese"} | installed(),
        "device": _device(),
        "problems": problems,
    }


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(as_json: bool) -> int:
    """Show what is installed, which MinerU tiers have weights, which device. Exit status 1 on a problem."""
    report = examine()
    if as_json:
        say(json.dumps(report, indent=2))
    else:
        _show(report)
    return 1 if report["problems"] else 0


def _show(report: dict[str, Any]) -> None:
    console = Console()
    console.print(f"Python {report['python']} on {report['platform']}, device: {report['device']}")
    table = Table("package", "version")
    for name, found in report["packages"].items():
        table.add_row(name, found or _absent(name))
    console.print(table)
    table = Table("MinerU tier", "ready", "to get it")
    for tier in report["tiers"]:
        table.add_row(tier["tier"], "yes" if tier["ready"] else "no", "" if tier["ready"] else tier["fetch"])
    console.print(table)
    lacking = [f"{n} (needs {', '.join(p)})" for n, p in report["engines_missing"].items()]
    console.print(f"engines: {', '.join(report['engines'])}")
    if lacking:
        console.print(f"engines not installed: {', '.join(lacking)}")
    office = report["libreoffice"] or "not found: drawings in office files (EMF, shapes, slides) are left out"
    console.print(f"LibreOffice: {office}")
    others = [f"{name} ({languages})" for name, languages in report["scripts"].items() if name != "packaged"]
    more = ", ".join(others) or "no other; for more install Tesseract with a language (tesseract-ocr-rus)"
    console.print(f"Scripts read in pixels: {report['scripts']['packaged']}; by Tesseract: {more}")
    for problem in report["problems"]:
        console.print(f"[red]problem:[/red] {problem}")
    if not report["problems"]:
        console.print("No problems found. Try: dic-ingest run FILE.pdf --out results")


def _lacks(engine: str, found: dict[str, str | None]) -> list[str]:
    """The packages that an engine needs and that are not installed."""
    return [p for p in ENGINE_PACKAGES.get(engine, ()) if found[p] is None]


def _absent(name: str) -> str:
    extra = OPTIONAL.get(name)
    return f"optional: pip install '.\\[{extra}]'" if extra else "[red]missing[/red]"


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _device() -> str:
    """The first NVIDIA device that its driver's own tool reports, else cpu."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return "cpu"
    query = [tool, "--query-gpu=name", "--format=csv,noheader"]
    names = subprocess.run(query, capture_output=True, text=True, timeout=20, check=False).stdout.splitlines()
    return f"cuda: {names[0]}" if names else "cpu"
