"""Graphviz and PlantUML sources drawn by the programs of those names (Debian: graphviz, plantuml).

In: sources and where the pictures go. Out: PNG files, and for each "" or why there is none. PlantUML draws
many files in one Java machine, closed off from files and network.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from PIL import Image

from dic_ingest.training.synthesise.render_mermaid import MissingToolError

LEAST = 0.6  # a picture that must be made smaller than this share of its size is refused
SECONDS = 30.0  # for one drawing


def draw_graphviz(source: str, out: Path, scale: float, side: int) -> str:
    """One PNG; the longest side is at most `side` pixels."""
    program = shutil.which("dot")
    if program is None:
        raise MissingToolError("Graphviz", "apt-get install graphviz")
    wrong = _dot(program, source, out, 96 * scale)
    if wrong:
        return wrong
    with Image.open(out) as picture:
        longest = max(picture.size)
    if longest <= side:
        return ""
    if side / longest * scale < LEAST:
        out.unlink()
        return f"too large: {longest} pixels"
    return _dot(program, source, out, 96 * scale * (side - 8) / longest)


def _dot(program: str, source: str, out: Path, dpi: float) -> str:
    call = [program, "-Tpng", f"-Gdpi={dpi:.1f}", "-Gpad=0.12", "-o", str(out)]
    try:
        done = subprocess.run(call, input=source.encode(), capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"took over {SECONDS:.0f} s"
    if done.returncode or not out.is_file():
        return done.stderr.decode("utf-8", "replace").strip()[:200] or "no picture was written"
    return ""


def draw_plantuml(sources: dict[Path, str], side: int) -> dict[Path, str]:
    """PNGs of many sources by where they go; for each "" or what went wrong."""
    if not sources:
        return {}
    program = shutil.which("plantuml")
    if program is None:
        raise MissingToolError("PlantUML", "apt-get install plantuml")
    with tempfile.TemporaryDirectory() as folder:
        files = {out: Path(folder) / f"d{i}.puml" for i, out in enumerate(sources)}
        for out, file in files.items():
            file.write_text(sources[out], encoding="utf-8")
        call = [program, "-tpng", "-charset", "UTF-8", "-nometadata", *map(str, files.values())]
        closed = {
            "PLANTUML_SECURITY_PROFILE": "SANDBOX",
            "JAVA_TOOL_OPTIONS": "-Djava.awt.headless=true -Xmx1g",
        }
        try:
            done = subprocess.run(
                call,
                env={**os.environ, **closed},
                capture_output=True,
                timeout=SECONDS * (2 + len(files)),
                check=False,
            )
        except subprocess.TimeoutExpired:
            return dict.fromkeys(sources, "PlantUML took too long")
        said = done.stderr.decode("utf-8", "replace")
        return {out: _kept(file, out, said, side) for out, file in files.items()}


def _kept(file: Path, out: Path, said: str, side: int) -> str:
    """Move a picture to its place, made smaller where it must be."""
    drawn = file.with_suffix(".png")
    if not drawn.is_file() or file.name in said:
        return f"PlantUML refused the source: {said.strip()[:200]}"
    with Image.open(drawn) as picture:
        share = side / max(picture.size)
        if share < LEAST:
            return f"too large: {picture.width} x {picture.height}"
        plain = picture.convert("RGB")
        if share < 1:
            size = (round(picture.width * share), round(picture.height * share))
            plain = plain.resize(size, Image.Resampling.LANCZOS)
        plain.save(out)
    return ""
