"""Figures that show the same in several documents of a folder of results, and logos that stand in many.

In: the results of a run. Out: `same.json` beside them: groups of node ids, the first of each the one to
show. The results themselves stay as they are, so that a run that was killed and resumed ends with the same
bytes as one that was not. `search` shows one figure of a group and no logos. A figure whose graph is that of
an editable source (`flow.drawio` beside the PDF drawn from it) belongs to that source's group.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz

from dic_ingest.batch.manifest import NODES, SAME, is_same
from dic_ingest.batch.scratch import STAGING
from dic_ingest.errors import MALFORMED, InputError
from dic_ingest.figures.duplicates import ASPECT, Fingerprint, alike, fingerprint
from dic_ingest.figures.settings import DuplicateSettings
from dic_ingest.image_files import open_crop
from dic_ingest.owned_files import file_inside, own_folder, ownership, read_regular, write_file

LEAST_NODES, LEAST_EDGES = 3, 2  # with words; a smaller graph is like many others
LABELS = 0.8  # share of the labels of both together that both have
EDGES = 0.6  # the same of the connections, whichever way they run; pixels may lack a few
ALIKE = 80.0  # similarity 0..100 of two labels of which one was misread, as the graph scores have it
MAX_MISREAD = 40  # labels of one graph that are compared by likeness
MAX_NODES = 2_000
_SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class DrawnGraph:
    """A figure's graph as it is compared; `exact` where the file itself held it."""

    labels: frozenset[str]
    edges: Counter[frozenset[str]]
    exact: bool


def drawn_graph(metadata: Mapping[str, Any]) -> DrawnGraph | None:
    """The graph in a figure node's metadata; None where there is none, or too small a one."""
    text = metadata.get("graph")
    if not text:
        return None
    try:
        graph = json.loads(str(text))
        names = {n["id"]: _SIGNS.sub("", str(n["label"]).casefold()) for n in graph["nodes"][:MAX_NODES]}
        pairs = [(names.get(e["source"], ""), names.get(e["target"], "")) for e in graph["edges"][:MAX_NODES]]
    except MALFORMED:
        return None
    labels = frozenset(filter(None, names.values()))
    edges = Counter(frozenset(p) for p in pairs if all(p))
    if len(labels) < LEAST_NODES or edges.total() < LEAST_EDGES:
        return None
    return DrawnGraph(labels, edges, metadata.get("graph_from") == "file")


def is_same_graph(a: DrawnGraph, b: DrawnGraph) -> bool:
    """Whether two readings are of one graph; a label that was misread in one counts as the other's."""
    b = _with_labels_of(a, b)
    labels = len(a.labels & b.labels) / len(a.labels | b.labels)
    edges = (a.edges & b.edges).total() / (a.edges | b.edges).total()
    return labels >= LABELS and edges >= EDGES


def _with_labels_of(a: DrawnGraph, b: DrawnGraph) -> DrawnGraph:
    """The graph `b` with those of its labels that `a` lacks in the words of `a` that are most like them."""
    left, other = sorted(a.labels - b.labels)[:MAX_MISREAD], sorted(b.labels - a.labels)[:MAX_MISREAD]
    scored = sorted(((fuzz.ratio(x, y), x, y) for x in left for y in other), reverse=True)
    instead: dict[str, str] = {}
    for score, mine, theirs in scored:
        if score >= ALIKE and mine not in instead.values() and theirs not in instead:
            instead[theirs] = mine
    edges: Counter[frozenset[str]] = Counter()
    for pair, count in b.edges.items():
        edges[frozenset(instead.get(x, x) for x in pair)] += count
    return DrawnGraph(frozenset(instead.get(x, x) for x in b.labels), edges, b.exact)


def same_graphs(figures: Sequence[tuple[str, DrawnGraph | None]]) -> list[tuple[int, int]]:
    """Pairs (source, drawn from it) of places in `figures`, each a document and its figure's graph.

    Only other documents than the source's own are looked at; each figure is drawn from one source at most.
    """
    holding: dict[str, list[int]] = defaultdict(list)
    for k, (_, graph) in enumerate(figures):
        for label in graph.labels if graph is not None else ():
            holding[label].append(k)
    found: list[tuple[int, int]] = []
    taken: set[int] = set()
    for k, (document, graph) in enumerate(figures):
        if graph is None or not graph.exact or k in taken:
            continue
        shared = Counter(i for label in graph.labels for i in holding[label][:MAX_NODES])
        for i, count in shared.items():
            other_document, other = figures[i]
            if i == k or i in taken or other is None or other_document == document:
                continue
            if count >= LABELS * len(graph.labels) and is_same_graph(graph, other):
                found.append((k, i))
                taken.add(i)
    return found


MAX_SAME = 1 << 30  # bytes that are read
WORDS = 90.0  # similarity 0..100 of the words in two figures that show the same
LOGO_SHARE = 0.04  # of the page
LOGO_DOCUMENTS = 3


@dataclass(frozen=True, slots=True)
class ComparedFigure:
    """A figure's node, with what it is compared by."""

    id: str
    document: str
    words: str
    small: bool  # art without a label, as large as logos are
    mark: Fingerprint
    graph: DrawnGraph | None = None


def mark_same(out: Path, names: Sequence[str], settings: DuplicateSettings | None = None) -> int:
    """Compare the figures of the documents `names` and write `out/same.json`; returns the number of groups.

    What is written follows from the results alone: the same bytes, however the run went.
    """
    known = _read(out).get("fingerprints", {})
    marks: dict[str, str] = {}
    seen = list(_figures(out, sorted(names), known, marks))
    by_picture = _groups(seen, settings or DuplicateSettings())
    groups = [g for g in _with_sources(by_picture) if len(g) > 1]
    told = [
        {
            "nodes": list(dict.fromkeys(s.id for s in g)),
            "documents": sorted({s.document for s in g}),
            "logo": _is_logo(g),
            **({"source": g[0].document} if g[0].graph is not None and g[0].graph.exact else {}),
        }
        for g in groups
    ]
    content = {"groups": told, "fingerprints": dict(sorted(marks.items())), "results": _digest(out, names)}
    staging = own_folder(out / STAGING)  # swept, should this be killed
    write_file(out / SAME, (json.dumps(content, indent=1) + "\n").encode(), is_same, staging)
    return len(told)


def is_current(out: Path, names: Sequence[str]) -> bool:
    """Whether `out/same.json` was made from the results that are there now."""
    return _read(out).get("results") == _digest(out, names)


def _digest(out: Path, names: Sequence[str]) -> str:
    """What changes with the results: names, and hashes of nodes as their markers tell them."""
    told = []
    for name in sorted(set(names)):
        found = ownership(out / name)
        nodes = found.files.get(NODES) if found else None
        told.append([name, nodes.sha256 if nodes else ""])
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


def known_pictures(out: Path) -> frozenset[str]:
    """Digests of the crops that an earlier pass has seen."""
    return frozenset(_read(out).get("fingerprints", {}))


def drawn_from(out: Path) -> list[tuple[str, list[str]]]:
    """Documents that hold an editable drawing, each with the documents that show the same drawing."""
    found = _read(out).get("groups", ())
    return [(g["source"], sorted(set(g["documents"]) - {g["source"]})) for g in found if g["source"]]


def shown_once(ids: Sequence[str], out: Path) -> list[str]:
    """Ids in their order, without logos and without what shows the same as an earlier one; where an editable
    source is among them, it stands for what was drawn from it."""
    group_of: dict[str, int] = {}
    logos: set[int] = set()
    listed = frozenset(ids)
    sources: dict[int, str] = {}
    for number, group in enumerate(_read(out).get("groups", ())):
        group_of.update(dict.fromkeys(group["nodes"], number))
        logos |= {number} if group["logo"] else set()
        if group.get("source") and group["nodes"][0] in listed:
            sources[number] = group["nodes"][0]
    told: set[int] = set()
    kept = []
    for name in ids:
        number = group_of.get(name, -1)
        if number >= 0 and (number in told or number in logos or sources.get(number, name) != name):
            continue
        told.add(number)
        kept.append(name)
    return kept


def _figures(
    out: Path, names: Sequence[str], known: dict[str, str], marks: dict[str, str]
) -> Iterator[ComparedFigure]:
    """Figures with a crop, document by document; adds their fingerprints to `marks`, by the crop's digest."""
    for name in names:
        path = file_inside(out / name, NODES)
        if path is None:
            continue
        with path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                try:
                    seen = _seen(json.loads(line), out / name, known, marks)
                except MALFORMED:  # damaged: what is left counts, the next run makes it anew
                    continue
                if seen:
                    yield seen


def _seen(
    node: dict[str, Any], folder: Path, known: dict[str, str], marks: dict[str, str]
) -> ComparedFigure | None:
    """A node as it is compared; None for one that is no figure with a crop."""
    said = node["metadata"]
    digest = str(said.get("image_sha256", ""))
    if said.get("dic_type") != "figure" or not node.get("image") or not digest:
        return None
    mark = marks.get(digest) or known.get(digest) or _taken(folder, str(node["image"]))
    if not mark:
        return None
    found = ComparedFigure(
        str(node["id"]),
        folder.name,
        str(said.get("ocr_text", "")),
        _small(said),
        _unpacked(mark),
        drawn_graph(said),
    )
    marks[digest] = mark
    return found


def _small(said: dict[str, Any]) -> bool:
    box = [float(v) for v in str(said.get("bbox", "")).strip("[]").split(",") if v.strip()]
    page = float(said.get("page_width") or 0) * float(said.get("page_height") or 0)
    if len(box) != 4 or not page:
        return False
    return not said.get("figure_label") and (box[2] - box[0]) * (box[3] - box[1]) <= LOGO_SHARE * page


def _groups(seen: Sequence[ComparedFigure], settings: DuplicateSettings) -> list[list[ComparedFigure]]:
    """Figures that show the same as the first of their group; only those of about one form are compared."""
    groups: list[list[ComparedFigure]] = []
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


def _with_sources(groups: list[list[ComparedFigure]]) -> list[list[ComparedFigure]]:
    """Groups joined where one holds the editable source that another was drawn from; the source comes
    first."""
    pairs = same_graphs([(g[0].document, g[0].graph) for g in groups])
    drawn = {b for _, b in pairs}
    joined = {k: list(g) for k, g in enumerate(groups) if k not in drawn}
    for source, copy in pairs:
        joined.setdefault(source, list(groups[source])).extend(groups[copy])
    return [sorted(g, key=lambda s: not (s.graph is not None and s.graph.exact)) for g in joined.values()]


def _same(a: ComparedFigure, b: ComparedFigure, settings: DuplicateSettings) -> bool:
    return alike(a.mark, b.mark, settings) and (a.words == b.words or fuzz.ratio(a.words, b.words) >= WORDS)


def _is_logo(group: Sequence[ComparedFigure]) -> bool:
    return all(s.small for s in group) and len({s.document for s in group}) >= LOGO_DOCUMENTS


def _taken(folder: Path, name: str) -> str:
    """The fingerprint of a picture as text; "" where it cannot be read."""
    try:
        with open_crop(folder, name) as picture:
            mark = fingerprint(picture)
    except (OSError, ValueError, SyntaxError, InputError):
        return ""
    packed = base64.b64encode(mark.bits + mark.greys).decode()
    return f"{mark.aspect:.5f} {len(mark.bits)} {packed}"


def _unpacked(text: str) -> Fingerprint:
    aspect, size, packed = text.split(" ")
    data = base64.b64decode(packed)
    if not 1e-4 < float(aspect) < 1e4 or not 0 < int(size) <= len(data):
        raise ValueError("no fingerprint")
    return Fingerprint(data[: int(size)], data[int(size) :], float(aspect))


def _read(out: Path) -> dict[str, Any]:
    """What an earlier pass wrote; nothing where there is none or it is broken."""
    try:
        found = json.loads(read_regular(out / SAME, MAX_SAME))
        known = {str(k): v for k, v in found["fingerprints"].items() if _unpacked(v)}
        groups = [
            {
                "nodes": list(map(str, g["nodes"])),
                "logo": bool(g["logo"]),
                "source": str(g.get("source", "")),
                "documents": list(map(str, g.get("documents", ()))),
            }
            for g in found["groups"]
        ]
    except (OSError, *MALFORMED):
        return {}
    return {"fingerprints": known, "groups": groups, "results": str(found.get("results", ""))}
