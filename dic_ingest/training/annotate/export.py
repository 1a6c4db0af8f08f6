"""Chosen figures as a folder for annotators: a review page that needs nothing else, and Label Studio's tasks.

In: candidates. Out: review.html, chosen.json, images/, label_studio.json, label_studio.xml. Every string of a
document goes into the page as inert JSON and onto the screen as text.
"""

from __future__ import annotations

import base64
import hashlib
import html
import io
import json
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from dic_ingest.errors import InputError
from dic_ingest.image_files import open_picture
from dic_ingest.training.annotate.figures import Candidate
from dic_ingest.training.annotate.label_studio import CONFIG, task

ASSETS = files("dic_ingest.training.annotate") / "assets"
SIDE = 1600  # pixels: larger crops are shown smaller
ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def export(chosen: Sequence[Candidate], out: Path) -> Path:
    """Writes the folder and returns the page's path. InputError: another choice is there."""
    place = out / "chosen.json"
    if place.exists():
        raise InputError(f"{place} exists: annotators may be at work there. Take another folder.")
    (out / "images").mkdir(parents=True, exist_ok=True)
    records, shown, tasks = [], [], []
    for candidate in chosen:
        data = _picture(candidate.image)
        name = f"images/{hashlib.sha256(candidate.key.encode()).hexdigest()[:16]}.png"
        (out / name).write_bytes(data)
        uri = f"data:image/png;base64,{base64.b64encode(data).decode()}"
        records.append(_record(candidate, name))
        shown.append(_shown(candidate, uri))
        tasks.append(task(candidate, uri))
    page = out / "review.html"
    page.write_text(_page(shown), encoding="utf-8")
    _write_json(out / "label_studio.json", tasks)
    (out / "label_studio.xml").write_text(CONFIG, encoding="utf-8")
    _write_json(place, records)
    return page


def _record(candidate: Candidate, image: str) -> dict[str, Any]:
    return {
        "key": candidate.key,
        "document": candidate.document,
        "page": candidate.page,
        "label": candidate.label,
        "image": image,
        "draft": candidate.draft,
        "diagram": candidate.diagram.to_dict(),
        "doubt": round(candidate.doubt, 4),
    }


def _shown(candidate: Candidate, uri: str) -> dict[str, Any]:
    return {
        "key": candidate.key,
        "head": " · ".join(filter(None, (candidate.document, f"page {candidate.page}", candidate.label))),
        "printed": candidate.printed,
        "image": uri,
        "draft": candidate.draft,
        "reading": candidate.diagram.to_text() if candidate.diagram.nodes else "",
        "doubtful": list(candidate.doubtful),
        "doubt": round(candidate.doubt, 2),
    }


def _picture(path: Path) -> bytes:
    """PNG bytes, no larger than the page shows."""
    try:
        with open_picture(path) as picture:
            plain = picture.convert("RGB")
    except (OSError, ValueError, InputError) as error:
        raise InputError(f"the crop {path} cannot be read: {error}. Ingest its document again.") from error
    plain.thumbnail((SIDE, SIDE))
    buffer = io.BytesIO()
    plain.save(buffer, "PNG")
    return buffer.getvalue()


def _page(shown: list[dict[str, Any]]) -> str:
    data = json.dumps(shown, ensure_ascii=False).encode("utf-8", "replace").decode().translate(ESCAPES)
    nonce = hashlib.sha256(data.encode()).hexdigest()[:32]
    return Template((ASSETS / "review.html").read_text("utf-8")).substitute(
        nonce=html.escape(nonce),
        style=(ASSETS / "review.css").read_text("utf-8"),
        script=(ASSETS / "review.js").read_text("utf-8"),
        data=data,
    )


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8", errors="replace")
