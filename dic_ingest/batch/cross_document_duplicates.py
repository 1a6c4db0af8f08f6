"""Figures that show the same in several documents of a folder of results, and logos that stand in many.

In: the results of a run. Out: `same.json` beside them: groups of node ids, the first of each the one to
show. The results themselves stay as they are, so that a run that was killed and resumed ends with the same
bytes as one that was not. `search` shows one figure of a group and no logos.
"""

from __future__ import annotations

import base64
import json
import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from rapidfuzz import fuzz

from dic_ingest.batch.manifest import NODES, SAME
from dic_ingest.batch.scratch import STAGING
from dic_ingest.errors import MALFORMED
from dic_ingest.figures.duplicates import ASPECT, Fingerprint, alike, fingerprint
from dic_ingest.figures.settings import DuplicateSettings

WORDS = 90.0  # similarity 0..100 of the words in two figures that show the same
LOGO_SHARE = 0.04  # of the page
LOGO_DOCUMENTS = 3


@dataclass(frozen=True, slots=True)
class Seen:
    """A figure's node, with what it is compared by."""

    id: str
    document: str
    words: str
    small: bool  # art without a label, as large as logos are
    mark: Fingerprint


def mark_same(out: Path, names: Sequence[str], settings: DuplicateSettings | None = None) -> int:
    """Compare the figures of the documents `names` and write `out/same.json`; returns the number of groups.

    What is written follows from the results alone: the same bytes, however the run went.
    """
    known = _read(out).get("fingerprints", {})
    marks: dict[str, str] = {}
    seen = list(_figures(out, sorted(names), known, marks))
    groups = [g for g in _groups(seen, settings or DuplicateSettings()) if len(g) > 1]
    told = [
        {
            "nodes": list(dict.fromkeys(s.id for s in g)),
            "documents": sorted({s.document for s in g}),
            "logo": _is_logo(g),
        }
        for g in groups
    ]
    _write(out / SAME, {"groups": told, "fingerprints": dict(sorted(marks.items()))})
    return len(told)


def known_pictures(out: Path) -> frozenset[str]:
    """Digests of the crops that an earlier pass has seen."""
    return frozenset(_read(out).get("fingerprints", {}))


def shown_once(ids: Sequence[str], out: Path) -> list[str]:
    """Ids in their order, without logos and without what shows the same as an earlier one."""
    group_of: dict[str, int] = {}
    logos: set[int] = set()
    for number, group in enumerate(_read(out).get("groups", ())):
        group_of.update(dict.fromkeys(group["nodes"], number))
        logos |= {number} if group["logo"] else set()
    told: set[int] = set()
    kept = []
    for name in ids:
        number = group_of.get(name, -1)
        if number >= 0 and (number in told or number in logos):
            continue
        told.add(number)
        kept.append(name)
    return kept


def _figures(out: Path, names: Sequence[str], known: dict[str, str], marks: dict[str, str]) -> Iterator[Seen]:
    """Figures with a crop, document by document; adds their fingerprints to `marks`, by the crop's digest."""
    for name in names:
        path = out / name / NODES
        if not path.is_file():
            continue
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                node = json.loads(line)
                said = node["metadata"]
                digest = said.get("image_sha256", "")
                if said.get("dic_type") != "figure" or not node.get("image") or not digest:
                    continue
                mark = marks.get(digest) or known.get(digest) or _taken(out / name / node["image"])
                if mark:
                    marks[digest] = mark
                    yield Seen(node["id"], name, said.get("ocr_text", ""), _small(said), _unpacked(mark))


def _small(said: dict[str, Any]) -> bool:
    box = [float(v) for v in str(said.get("bbox", "")).strip("[]").split(",") if v.strip()]
    page = float(said.get("page_width") or 0) * float(said.get("page_height") or 0)
    if len(box) != 4 or not page:
        return False
    return not said.get("figure_label") and (box[2] - box[0]) * (box[3] - box[1]) <= LOGO_SHARE * page


def _groups(seen: Sequence[Seen], settings: DuplicateSettings) -> list[list[Seen]]:
    """Figures that show the same as the first of their group; only those of about one form are compared."""
    groups: list[list[Seen]] = []
    by_form: defaultdict[int, list[int]] = defaultdict(list)
    for one in seen:
        form = round(math.log(one.mark.aspect) / ASPECT)
        near = sorted(i for f in (form - 1, form, form + 1) for i in by_form[f])
        found = next((i for i in near if _same(one, groups[i][0], settings)), None)
        if found is None:
            by_form[form].append(len(groups))
            groups.append([one])
        else:
            groups[found].append(one)
    return groups


def _same(a: Seen, b: Seen, settings: DuplicateSettings) -> bool:
    return alike(a.mark, b.mark, settings) and (a.words == b.words or fuzz.ratio(a.words, b.words) >= WORDS)


def _is_logo(group: Sequence[Seen]) -> bool:
    return all(s.small for s in group) and len({s.document for s in group}) >= LOGO_DOCUMENTS


def _taken(path: Path) -> str:
    """The fingerprint of a picture as text; "" where it cannot be read."""
    try:
        with Image.open(path) as picture:
            mark = fingerprint(picture)
    except (OSError, ValueError, Image.DecompressionBombError):
        return ""
    packed = base64.b64encode(mark.bits + mark.greys).decode()
    return f"{mark.aspect:.5f} {len(mark.bits)} {packed}"


def _unpacked(text: str) -> Fingerprint:
    aspect, size, packed = text.split(" ")
    data = base64.b64decode(packed)
    return Fingerprint(data[: int(size)], data[int(size) :], float(aspect))


def _read(out: Path) -> dict[str, Any]:
    """What an earlier pass wrote; nothing where there is none or it is broken."""
    try:
        found = json.loads((out / SAME).read_text("utf-8"))
        known = {str(k): v for k, v in found["fingerprints"].items() if _unpacked(v)}
        groups = [{"nodes": list(map(str, g["nodes"])), "logo": bool(g["logo"])} for g in found["groups"]]
    except (OSError, *MALFORMED):
        return {}
    return {"fingerprints": known, "groups": groups}


def _write(path: Path, value: dict[str, Any]) -> None:
    staging = path.parent / STAGING  # swept, should this be killed
    staging.mkdir(exist_ok=True)
    part = staging / path.name
    part.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
    part.replace(path)
