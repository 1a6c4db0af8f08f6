"""A language model writes what grammars and rules would: other graphs of a domain, captions in its own words.

In: drafts and a `ChatModel`. Out: drafts. Nothing is believed: a graph must be one of its kind and size, a
caption must pass `checked.faults`; where it is not, what the grammar and the rules made stays.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dic_ingest.captioning.chat import ChatModel, Question
from dic_ingest.errors import MALFORMED
from dic_ingest.model.diagram import Diagram, Edge, End, Kind, Node
from dic_ingest.render.names import flat
from dic_ingest.training.synthesise.captions.checked import faults
from dic_ingest.training.synthesise.captions.expert import MARK, drawn_part
from dic_ingest.training.synthesise.captions.rewrite import Caption, caption, plain_text
from dic_ingest.training.synthesise.hashes import graph_hash
from dic_ingest.training.synthesise.plan import Draft

SHARE = 0.5  # of the drafts whose graph a model is asked for
LONGEST = 60  # characters of a label
SHAPES = ("rect", "rounded", "stadium", "diamond", "circle", "cylinder", "hexagon", "start", "end", "actor")
_JSON = re.compile(r"\{.*\}", re.DOTALL)
GRAPHS = (
    "You invent realistic technical diagrams. Answer with one JSON object and nothing else: "
    '{"nodes": [{"id": "n1", "label": "...", "shape": "rect"}], '
    '"edges": [{"from": "n1", "to": "n2", "label": ""}]}. '
    "Labels are short, real terms of the field, each used once. In a sequence diagram nodes are participants "
    "and edges the messages in their order."
)  # fmt: skip
CAPTIONS = (
    "You describe technical diagrams for engineers. Say the given facts in other words: all of them, "
    "nothing else. Keep every quoted name verbatim and in double quotes. Keep the order of steps. Sentences "
    "under VERBATIM may be used as they stand, and must not be changed. "
    "Answer with the text alone."
)


def written(drafts: Sequence[Draft], talker: ChatModel, seed: int) -> list[Draft]:
    """The drafts with graphs and captions of the model where they hold."""
    return _captions(_graphs(drafts, talker, seed), talker)


def _graphs(drafts: Sequence[Draft], talker: ChatModel, seed: int) -> list[Draft]:
    asked = [d for d in drafts if d.diagram.kind is not Kind.ER and _wanted(seed, d.number)]
    answers = talker.answer([_graph_question(d) for d in asked])
    found = {d.number: d for d in drafts}
    for own, answer in zip(asked, answers, strict=True):
        diagram = read_graph(answer.text, own.diagram)
        told = caption(diagram, random.Random(own.number)) if diagram else None
        if diagram and told:
            graph = graph_hash(diagram)
            found[own.number] = replace(own, diagram=diagram, caption=told, graph=graph, written="llm")
    return list(found.values())


def _wanted(seed: int, number: int) -> bool:
    return random.Random(f"written {seed}/{number}").random() < SHARE


def _graph_question(own: Draft) -> Question:
    shown = {
        "nodes": [{"id": n.id, "label": n.label, "shape": n.shape} for n in own.diagram.nodes],
        "edges": [{"from": e.source, "to": e.target, "label": e.label} for e in own.diagram.edges],
    }
    task = (
        f"Domain: {own.domain}. Kind: {own.diagram.kind}. An example ({own.plot}):\n{json.dumps(shown)}\n"
        f"Write another one on a different subject of this domain with about {len(own.diagram.nodes)} nodes."
    )
    return Question((), GRAPHS, task)


def _captions(drafts: list[Draft], talker: ChatModel) -> list[Draft]:
    answers = talker.answer([Question((), CAPTIONS, _facts_of(d)) for d in drafts])
    told = []
    for own, answer in zip(drafts, answers, strict=True):
        text = drawn_part(answer.text.strip())
        rest = text
        for proved in own.caption.overview:
            rest = rest.replace(proved, "")
        good = text and not answer.cut and not faults(rest, own.diagram)
        beside = [line for line in own.caption.text.splitlines() if line.startswith(MARK)]
        made = Caption("\n".join([text, *beside]), "llm", own.caption.overview)
        told.append(replace(own, caption=made) if good else own)
    return told


def _facts_of(own: Draft) -> str:
    """What a model is given to say: all lines, and what was proved of the whole."""
    proved = "\n".join(own.caption.overview)
    return plain_text(own.diagram) + (f"\n\nVERBATIM:\n{proved}" if proved else "")


def read_graph(text: str, like: Diagram) -> Diagram | None:
    """The graph in a model's answer, of the kind and at most twice the size of `like`; None if it is none."""
    found = _JSON.search(text)
    try:
        data = json.loads(found[0]) if found else {}
        nodes = tuple(_node(n) for n in data["nodes"])
        edges = tuple(_edge(e, like.kind) for e in data["edges"])
    except MALFORMED:
        return None
    ids = {n.id for n in nodes}
    labels = [n.label.casefold() for n in nodes if n.label]
    sound = (
        2 <= len(nodes) <= 2 * len(like.nodes) + 2
        and len(ids) == len(nodes)
        and len(set(labels)) == len(labels)
        and all(n.label or n.shape in ("start", "end") for n in nodes)
        and 1 <= len(edges) <= 3 * len(nodes) + 6
        and all(e.source in ids and e.target in ids for e in edges)
        and all(len(t) <= LONGEST and '"' not in t for t in (*labels, *(e.label for e in edges)))
    )
    return Diagram(like.kind, nodes, edges, direction=like.direction) if sound else None


def _node(data: dict[str, Any]) -> Node:
    shape = str(data.get("shape", "rect"))
    return Node(str(data["id"]), flat(str(data["label"])), shape if shape in SHAPES else "rect")


def _edge(data: dict[str, Any], kind: Kind) -> Edge:
    label = flat(str(data.get("label") or ""))
    one_way = kind is not Kind.TOPOLOGY
    end = End.ARROW if one_way else End.NONE
    return Edge(str(data["from"]), str(data["to"]), label, directed=one_way, target_end=end)
