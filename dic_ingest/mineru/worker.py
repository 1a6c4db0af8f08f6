"""MinerU in a process of its own: requests as JSON lines on stdin, answers as JSON lines on stdout.

Started by `mineru_process`. So the caller's script needs no `__main__` guard for MinerU's spawned workers, a
hanging or crashing parse can be killed, and MinerU's environment and noise stay here. It dies with its
parent.
"""

from __future__ import annotations

import importlib
import json
import os
import queue
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from dic_ingest.owned_files import discard

MOST_PATHS = 3000  # of a page's paths, and lines, given to MinerU; time grows with their square
MOST_IMAGES = 400
TIERS = ("flash", "basic", "standard", "advanced")


def main() -> None:
    """Serve requests until stdin closes."""
    scratch = sys.argv[1]
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever MinerU prints must not mix with the answers
    requests: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_listen, args=(requests, scratch), daemon=True).start()
    try:
        _prepare(scratch)
        _serve(requests, answers)
    except Exception as error:  # an install that cannot even be imported is told like a failed parse
        _answer(answers, {"error": type(error).__name__, "message": str(error)[:2000], "fatal": True})


def _listen(requests: queue.Queue[str], scratch: str) -> None:
    for line in sys.stdin:
        requests.put(line)
    discard(Path(scratch))
    os._exit(0)  # the parent is gone, or wants no more


def _answer(out: TextIO, answer: dict[str, Any]) -> None:
    out.write(json.dumps(answer) + "\n")
    out.flush()


def _prepare(scratch: str) -> None:
    """Import MinerU, and keep it from writing into the user's home."""
    from mineru import config as settings

    if settings.config.model.source == "local" and not _weights():
        settings.config.model.base_dir = scratch  # MinerU makes lock files there even to find nothing
    settings.update_config_file = lambda patch: None
    import mineru.backend.analysis.pdf.window as window

    importlib.import_module("mineru.parser")  # ready before the first request

    _skip_pictures(window)
    _thin_drawings()
    download = sys.modules.get("mineru.model.download")
    if download is not None:
        download.update_config_file = lambda patch: None  # type: ignore[attr-defined]


def _skip_pictures(window: Any) -> None:
    """Flash renders every page with a figure for JPEG crops; crops come from the PDF, so that time is
    saved."""
    from docvortex.document.pdf import visuals

    fold = getattr(visuals, "_prepare_page_visual_blocks", None)
    if fold is None or not hasattr(window, "attach_visual_block_images_from_pdf"):
        return

    def only_fold(document: Any, pages: list[list[dict[str, Any]]], **_: Any) -> None:
        for page in pages:
            fold(page)

    window.attach_visual_block_images_from_pdf = only_fold


def _thin_drawings() -> None:
    """MinerU compares drawn objects of a page with each other: of thousands it gets the largest.

    What a layout needs of a drawing are its frames, rules and extent; figures are completed from the PDF.
    """
    from docvortex.document.pdf import _document

    paths_of = getattr(_document, "_extract_page_paths_and_lines", None)
    images_of = getattr(_document, "_extract_page_image_infos", None)
    if paths_of is None or images_of is None:
        return

    def paths(*arguments: Any, **more: Any) -> tuple[list[Any], list[Any]]:
        lines, found = paths_of(*arguments, **more)
        return largest(lines, MOST_PATHS), largest(found, MOST_PATHS)

    def images(*arguments: Any, **more: Any) -> list[Any]:
        return largest(images_of(*arguments, **more), MOST_IMAGES)

    _document._extract_page_paths_and_lines = paths
    _document._extract_page_image_infos = images


def largest(items: Sequence[Any], most: int) -> list[Any]:
    """The `most` items with the longest sides, in their own order."""
    if len(items) <= most:
        return list(items)

    def side(index: int) -> float:
        x0, y0, x1, y1 = items[index].bbox
        return max(float(x1 - x0), float(y1 - y0))

    kept = sorted(range(len(items)), key=side, reverse=True)[:most]
    return [items[i] for i in sorted(kept)]


def _serve(requests: queue.Queue[str], answers: TextIO) -> None:
    while True:
        request = json.loads(requests.get())
        try:
            answer = {"missing": missing()} if request.get("op") == "tiers" else _parse(request)
        except Exception as error:  # whatever MinerU raises becomes data; the parent decides what it means
            answer = {"error": type(error).__name__, "message": str(error)[:2000]}
        _answer(answers, answer)


def _parse(request: dict[str, Any]) -> dict[str, Any]:
    from mineru.parser import parse

    tier = request["tier"]
    if tier == "auto":
        tier = best(present(), bool(request["image_analysis"]))
    result = parse(
        request["path"],
        tier=tier,
        ocr_mode=request["ocr"],
        image_analysis=request["image_analysis"],
        page_range=request["page_range"],
    )
    return {"tier": tier, "middle": result.to_dict()}


def present() -> list[str]:
    """Tiers whose weights and libraries are all on this machine, weakest first."""
    if not _weights():
        return ["flash"]  # spares the import of MinerU's registry
    found = missing()
    return [tier for tier in TIERS if not found[tier]]


def _weights() -> bool:
    """Whether any file lies where MinerU keeps its weights."""
    from mineru.config import config

    return any(p.parent.name[:1] != "." for p in Path(config.model.base_dir).expanduser().glob("*/*"))


def missing() -> dict[str, list[str]]:
    """What each tier lacks here: weight files and libraries; `advanced` needs what `standard` needs."""
    from mineru.model.download import verify_model_repo
    from mineru.model.registry import model_repos_for_tier
    from mineru.parser.tier import missing_modules_for_tier

    found: dict[str, list[str]] = {"flash": []}
    for tier in ("basic", "standard"):
        results = [(repo.name, verify_model_repo(repo)) for repo in model_repos_for_tier(tier)]
        files = [f"{name}/{path}" for name, r in results if not r.ready for path in r.missing_paths or ["?"]]
        found[tier] = [*files, *missing_modules_for_tier(tier)]
    return found | {"advanced": found["standard"]}


def best(tiers: list[str], image_analysis: bool) -> str:
    """The best of the tiers present; `advanced` is `standard` plus MinerU's own reading of figures."""
    wanted = [t for t in tiers if t != "advanced" or image_analysis]
    return wanted[-1]


if __name__ == "__main__":
    main()
