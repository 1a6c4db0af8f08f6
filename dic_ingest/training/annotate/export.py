"""Chosen figures as a folder for annotators: a review page that loads its figures in parts, and on request
Label Studio's tasks.

In: candidates, or figures on which annotators did not agree. Out: review.html, pages/, images/,
chosen.json.gz. Every string of a document goes into the page as inert JSON and onto the screen as text.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from dic_ingest.errors import InputError
from dic_ingest.training.annotate.answers import Answer
from dic_ingest.training.annotate.figures import Candidate
from dic_ingest.training.annotate.folder import (
    CHOSEN,
    Chosen,
    picture_budget,
    record,
    shown_graph,
    small_picture,
    write_choice,
)
from dic_ingest.training.annotate.label_studio import CONFIG, task

ASSETS = files("dic_ingest.training.annotate") / "assets"
SCRIPTS = ("graph.js", "check.js", "draw.js", "editor.js", "review.js")
PART = 50  # figures that the page loads at once
ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def export(chosen: Sequence[Candidate], out: Path, label_studio: bool = False) -> Path:
    """Writes the folder and returns the page's path.

    `label_studio`: write label_studio.json too, with every picture in it once more.
    Raises InputError: another choice is there, a crop cannot be read.
    """
    _claim(out)
    used = 0
    records, shown, tasks = [], [], []
    for done, candidate in enumerate(chosen):
        data = small_picture(candidate.image, picture_budget(len(chosen) - done, used))
        used += len(data)
        name = f"images/{hashlib.sha256(candidate.key.encode()).hexdigest()[:16]}.webp"
        (out / name).write_bytes(data)
        kept = record(candidate, name)
        records.append(kept)
        shown.append(
            _shown(kept) | {"doubtful": list(candidate.doubtful), "reasons": list(candidate.reasons)}
        )
        if label_studio:
            tasks.append(task(candidate, f"data:image/webp;base64,{base64.b64encode(data).decode()}"))
    if label_studio:
        text = json.dumps(tasks, ensure_ascii=False, indent=1)
        (out / "label_studio.json").write_text(text, encoding="utf-8", errors="replace")
        (out / "label_studio.xml").write_text(CONFIG, encoding="utf-8")
    return _written(out, records, shown, False)


def export_disputes(
    folder: Path, disputed: Sequence[tuple[Chosen, str, Sequence[Answer]]], out: Path
) -> Path:
    """A page on which somebody else decides: each figure with what every annotator said of it.

    `folder` is that of the review; each dispute is a figure, why it is open, and the answers.
    """
    _claim(out)
    shown = []
    for one, why, answers in disputed:
        (out / one.image).write_bytes((folder / one.image).read_bytes())
        shown.append(_shown(one) | {"reasons": [why], "answers": [_given(a, one) for a in answers]})
    return _written(out, [d[0] for d in disputed], shown, True)


def _claim(out: Path) -> None:
    place = out / CHOSEN
    if place.exists():
        raise InputError(f"{place} exists: annotators may be at work there. Take another folder.")
    for name in ("images", "pages"):
        (out / name).mkdir(parents=True, exist_ok=True)


def _written(
    out: Path, records: Sequence[Chosen], shown: Sequence[Mapping[str, Any]], adjudicates: bool
) -> Path:
    for at in range(0, len(shown), PART):
        number = at // PART
        part = f"dicReviewPart({number}, {_inert(shown[at : at + PART])});\n"
        (out / "pages" / f"{number}.js").write_text(part, encoding="utf-8")
    page = out / "review.html"
    data = {"keys": [r.key for r in records], "part": PART, "adjudicates": adjudicates}
    page.write_text(_page(_inert(data)), encoding="utf-8")
    write_choice(out, records)
    return page


def _shown(kept: Chosen) -> dict[str, Any]:
    return {
        "key": kept.key,
        "head": " · ".join(filter(None, (kept.document, f"page {kept.page}", kept.label))),
        "printed": kept.context.printed_caption,
        "section": kept.context.section,
        "mentions": list(kept.context.references),
        "image": kept.image,
        "draft": kept.draft,
        "graph": shown_graph(kept.diagram),
        "texts": [t for t in (kept.diagram.title, *kept.diagram.notes) if t],  # in the figure, not edited
        "doubtful": [],
        "doubt": round(kept.doubt, 2),
        "answers": [],
    }


def _given(answer: Answer, shown: Chosen) -> dict[str, Any]:
    return {
        "annotator": answer.annotator,
        "verdict": answer.verdict,
        "caption": answer.caption,
        "graph": shown_graph(answer.graph or shown.diagram),
    }


def _inert(value: Any) -> str:
    """JSON that is neither mark-up nor, as a script, anything but a value."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace").decode().translate(ESCAPES)


def _page(data: str) -> str:
    nonce = hashlib.sha256(data.encode()).hexdigest()[:32]
    return Template((ASSETS / "review.html").read_text("utf-8")).substitute(
        nonce=html.escape(nonce),
        style=(ASSETS / "review.css").read_text("utf-8"),
        script="\n".join((ASSETS / name).read_text("utf-8") for name in SCRIPTS),
        data=data,
    )
