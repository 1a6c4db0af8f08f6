"""What annotators said, as their files hold it: saved by the review page, or exported by Label Studio.

In: a file. Out: `Answer`s, each with the annotator's caption and graph. Nothing is judged here.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dic_ingest.errors import MALFORMED, InputError
from dic_ingest.evaluation.graph_scores import GraphCounts, compare_graphs
from dic_ingest.model.diagram import Diagram
from dic_ingest.training.annotate.label_studio import VERDICTS, read_export

FORMATS = ("dic_ingest.answers/1", "dic_ingest.answers/2")  # the second holds graphs
MOST_PARTS = 2000  # nodes, edges or groups of one graph
_QUOTES = str.maketrans({c: '"' for c in "“”„«»‟"} | {c: "'" for c in "‘’‚`´"} | {c: "-" for c in "‐‑–—−"})


@dataclass(frozen=True, slots=True)
class Answer:
    """One annotator's word on one figure. `graph` is None where the annotator left it as it was shown."""

    annotator: str
    key: str
    verdict: str
    caption: str
    graph: Diagram | None = None
    adjudicates: bool = False  # decides between the others


def read_answers(path: Path) -> list[Answer]:
    """Answers of a file saved by the page, or of a Label Studio export (JSON). Raises InputError."""
    try:
        data = json.loads(path.read_text("utf-8"))
        if isinstance(data, list):
            return [Answer(*row) for row in read_export(data)]
        if data["format"] not in FORMATS:
            raise ValueError(f"format {data['format']!r}")
        who = str(data["annotator"]).strip()
        if not who:
            raise ValueError("the annotator has no name")
        return [_answer(who, row, bool(data.get("adjudicates"))) for row in data["answers"]]
    except (OSError, *MALFORMED) as error:
        raise InputError(
            f"{path} is neither saved by the review page nor Label Studio's JSON: {error}"
        ) from error


def _answer(who: str, row: dict[str, Any], adjudicates: bool) -> Answer:
    if row["verdict"] not in VERDICTS:
        raise ValueError(f"verdict {row['verdict']!r}")
    graph = _graph(row["graph"]) if row.get("graph") else None
    return Answer(who, str(row["key"]), row["verdict"], str(row["caption"]), graph, adjudicates)


def answers_json(annotator: str, answers: Iterable[Answer]) -> bytes:
    """A file of one annotator's answers as `read_answers` takes it."""
    rows = [
        {"key": a.key, "verdict": a.verdict, "caption": a.caption}
        | ({"graph": a.graph.to_dict()} if a.graph is not None else {})
        for a in answers
    ]
    whole = {"format": FORMATS[-1], "annotator": annotator, "answers": rows}
    return json.dumps(whole, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def _graph(data: dict[str, Any]) -> Diagram:
    """A graph as the page wrote it. Raises ValueError where an edge or a node hangs in the air."""
    graph = Diagram.from_dict(data)
    ids = [n.id for n in graph.nodes] + [g.id for g in graph.groups]
    known = set(ids)
    ends = {i for e in graph.edges for i in (e.source, e.target)}
    parents = {n.group for n in graph.nodes} | {g.parent for g in graph.groups}
    if len(known) < len(ids) or not ends <= known or not parents - {None} <= known:
        raise ValueError("a graph whose ids are not unique, or that names parts which are not there")
    if max(len(graph.nodes), len(graph.edges), len(graph.groups)) > MOST_PARTS:
        raise ValueError(f"a graph of more than {MOST_PARTS} nodes, edges or groups")
    return graph


def with_places(graph: Diagram, shown: Diagram) -> Diagram:
    """An annotator's graph with the boxes of the nodes that were shown, and what else the page leaves out."""
    boxes = {n.id: n.bbox for n in shown.nodes}
    nodes = tuple(replace(n, bbox=boxes.get(n.id), score=1.0) for n in graph.nodes)
    ids = {n.id for n in nodes}
    placed = tuple(n for n in shown.placed_notes if ids.issuperset(n.over) and n.at <= len(graph.edges))
    return replace(
        graph,
        nodes=nodes,
        title=shown.title,
        notes=shown.notes,
        direction=shown.direction,
        placed_notes=placed,
    )


def normalised(text: str) -> str:
    """A caption as it is compared: without spaces, kinds of quotes and dashes, bullets, the last stop."""
    plain = unicodedata.normalize("NFKC", text).translate(_QUOTES)
    plain = re.sub(r"(?m)^\s*(?:[-*•]|\d+[.)])\s+", "", plain)
    plain = re.sub(r"\s+", " ", re.sub(r"\s+([.,;:!?)])", r"\1", plain))
    return plain.strip().rstrip(".").casefold()


def same_graph(one: Diagram, other: Diagram) -> bool:
    """Whether two graphs have the same named nodes, edges, directions and labels."""
    if one.kind is not other.kind or directions(one) != directions(other):
        return False
    c: GraphCounts = compare_graphs(one, other)
    nodes = c.node_hit == c.nodes_true == c.nodes_found
    return nodes and c.label_hit == c.edges_true == c.edges_found and c.order_hit == c.order_true


def directions(graph: Diagram) -> int:
    """How many edges have a direction."""
    return sum(e.directed for e in graph.edges)
