"""Sources drawn by the tools themselves: Mermaid in one Chromium that stays open, Graphviz and PlantUML as
programs.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import Any

from PIL import Image

from dic_ingest.errors import DICIngestError, MissingExtraError
from dic_ingest.image_files import open_picture
from dic_ingest.model.diagram import Diagram, Kind
from dic_ingest.training.synthesise.drawing.render_style import EDITORS, Look, active

# Mermaid sources drawn by Mermaid itself in one Chromium that stays open (`render.mjs`, puppeteer-core).


MODULES = "DIC_INGEST_NODE_MODULES"  # environment variable: the node_modules folder that holds puppeteer-core
_MESSAGE = re.compile(r"^(\s*\S+?-{1,2}>>)(?=\S+:)")
BY_BROWSER = ("mermaid", *EDITORS)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def mermaid_item(diagram: Diagram, look: Look, out: Path, side: int) -> dict[str, Any]:
    """What `render.mjs` wants to know of one drawing; `side`: the longest side in pixels."""
    code = diagram.to_mermaid()
    if look.activation and diagram.kind is Kind.SEQUENCE:
        code = _with_bars(code, diagram)
    if diagram.title:
        code = f"---\ntitle: {json.dumps(diagram.title, ensure_ascii=False)}\n---\n{code}"
    config = {
        "theme": look.theme,
        "look": "handDrawn" if look.hand_drawn else "classic",
        "handDrawnSeed": look.seed,
        "themeVariables": look.variables,
        "flowchart": {"curve": look.curve},
    }
    paper = "#333333" if look.theme == "dark" else "white"
    return {
        "code": code,
        "out": str(out),
        "config": config,
        "scale": look.scale,
        "side": side,
        "paper": paper,
    }


def _with_bars(code: str, diagram: Diagram) -> str:
    """Mermaid's source of a sequence with activations at its messages, which stand in their order."""
    bars = active(diagram)
    starts, ends = {first for _, first, _ in bars}, {last for _, _, last in bars}
    lines, at = [], 0
    for line in code.splitlines():
        if _MESSAGE.search(line):
            mark = "+" if at in starts else "-" if at in ends else ""
            line = _MESSAGE.sub(rf"\g<1>{mark}", line, count=1)
            at += 1
        lines.append(line)
    return "\n".join(lines) if at == len(diagram.edges) else code


class MermaidBrowser:
    """A browser that draws; use as a context manager."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            _command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )

    def __enter__(self) -> MermaidBrowser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.stdin and self._process.stdout:
            self._process.stdin.close()
            self._process.stdout.close()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def draw(self, item: dict[str, Any]) -> str:
        """Draw one; "" or what went wrong. Raises DICIngestError when the browser is gone."""
        assert self._process.stdin and self._process.stdout
        try:
            self._process.stdin.write(json.dumps(item) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except OSError:
            line = ""
        if not line:
            raise DICIngestError(
                "the browser that draws Mermaid ended. See that Chromium starts here and that puppeteer-core "
                f"in the folder named by {MODULES} suits this Node; what was drawn is kept: run again."
            )
        answer: dict[str, Any] = json.loads(line)
        return "" if answer["ok"] else str(answer["error"])


def _command() -> list[str]:
    """How `render.mjs` is called. Raises MissingExtraError with what is absent."""
    node = shutil.which("node")
    if node is None:
        raise MissingToolError("Node.js", "apt-get install nodejs npm", *BY_BROWSER)
    named = os.environ.get("DIC_INGEST_CHROMIUM")
    browser = named or next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        how = "apt-get install chromium, or name it in DIC_INGEST_CHROMIUM"
        raise MissingToolError("Chromium", how, *BY_BROWSER)
    script = Path(str(resources.files("dic_ingest.training.synthesise.drawing").joinpath("render.mjs")))
    mermaid = Path(str(resources.files("dic_ingest").joinpath("inspector", "assets", "mermaid.min.js")))
    return [node, str(script), str(mermaid), str(_modules()), browser]


def _modules() -> Path:
    beside = Path(__file__).resolve().parents[4] / "tools" / "mermaid" / "node_modules"
    for place in (os.environ.get(MODULES), beside, Path("node_modules")):
        if place and (Path(place) / "puppeteer-core").is_dir():
            return Path(place).resolve()
    how = f"npm install puppeteer-core@24, and name its node_modules in {MODULES}"
    raise MissingToolError("puppeteer-core", how, *BY_BROWSER)


class MissingToolError(MissingExtraError):
    """A program that draws is not on this machine; `drawn`: the tools or manners that need it."""

    def __init__(self, program: str, how: str, *drawn: str) -> None:
        DICIngestError.__init__(
            self,
            f"{program} is not here, and {', '.join(drawn)} need it: {how}. Or draw with others of "
            "mermaid, graphviz, plantuml and the editors' manners.",
        )


# Graphviz and PlantUML sources drawn by the programs of those names (Debian: graphviz, plantuml).


LEAST = 0.6  # a picture that must be made smaller than this share of its size is refused
SECONDS = 30.0  # for one drawing


def draw_graphviz(source: str, out: Path, scale: float, side: int) -> str:
    """One PNG; the longest side is at most `side` pixels."""
    program = shutil.which("dot")
    if program is None:
        raise MissingToolError("Graphviz", "apt-get install graphviz", "graphviz", *EDITORS)
    with tempfile.TemporaryDirectory() as folder:
        drawn = Path(folder) / "drawn.png"
        wrong = _dot(program, source, drawn, 96 * scale)
        if wrong:
            return wrong
        with open_picture(drawn) as picture:
            longest = max(picture.size)
        if longest > side and side / longest * scale < LEAST:
            return f"too large: {longest} pixels"
        if longest > side:
            wrong = _dot(program, source, drawn, 96 * scale * (side - 8) / longest)
        if not wrong:
            shutil.copyfile(drawn, out)
        return wrong


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
        raise MissingToolError("PlantUML", "apt-get install plantuml", "plantuml")
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
    with open_picture(drawn) as picture:
        share = side / max(picture.size)
        if share < LEAST:
            return f"too large: {picture.width} x {picture.height}"
        plain = picture.convert("RGB")
        if share < 1:
            size = (round(picture.width * share), round(picture.height * share))
            plain = plain.resize(size, Image.Resampling.LANCZOS)
        plain.save(out)
    return ""
