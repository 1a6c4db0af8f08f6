"""Mermaid sources drawn by Mermaid itself in one Chromium that stays open (`render.mjs`, puppeteer-core).

In: sources with looks. Out: PNG files and, for each, "" or why it could not be drawn. Nothing is fetched.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import Any

from dic_ingest.diagram import Diagram
from dic_ingest.errors import DICIngestError, MissingExtraError
from dic_ingest.training.synthesise.looks import Look

MODULES = "DIC_INGEST_NODE_MODULES"  # environment variable: the node_modules folder that holds puppeteer-core
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def mermaid_item(diagram: Diagram, look: Look, out: Path, side: int) -> dict[str, Any]:
    """What `render.mjs` wants to know of one drawing; `side`: the longest side in pixels."""
    code = diagram.to_mermaid()
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
        raise MissingToolError("Node.js", "apt-get install nodejs npm")
    named = os.environ.get("DIC_INGEST_CHROMIUM")
    browser = named or next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        raise MissingToolError("Chromium", "apt-get install chromium, or name it in DIC_INGEST_CHROMIUM")
    script = Path(str(resources.files("dic_ingest.training.synthesise").joinpath("render.mjs")))
    mermaid = Path(str(resources.files("dic_ingest").joinpath("explore", "assets", "mermaid.min.js")))
    return [node, str(script), str(mermaid), str(_modules()), browser]


def _modules() -> Path:
    beside = Path(__file__).resolve().parents[3] / "tools" / "mermaid" / "node_modules"
    for place in (os.environ.get(MODULES), beside, Path("node_modules")):
        if place and (Path(place) / "puppeteer-core").is_dir():
            return Path(place).resolve()
    raise MissingToolError(
        "puppeteer-core", f"npm install puppeteer-core@24, and name its node_modules in {MODULES}"
    )


class MissingToolError(MissingExtraError):
    """A program that draws is not on this machine."""

    def __init__(self, tool: str, how: str) -> None:
        DICIngestError.__init__(
            self, f"{tool} is not here, and drawings need it: {how}. Or leave its tool out of --tools."
        )
