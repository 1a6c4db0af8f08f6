"""The last guard against invented graphs: "nodes" that are lines of code, sentences or cells of a table.

In: a graph that was read. Out: whether it is text in disguise. Asked of every graph, whatever the figure.
"""

from __future__ import annotations

import re

from dic_ingest.model.diagram import Diagram

MOST = 0.5  # share of the named nodes that may read as text
LEAST = 3  # named nodes below which nothing can be said
WORDS = 9  # of a sentence
LINE_END = re.compile(r"[;{}]\s*$|^\s*(?:[{}]|//|#include|::=)|::=|(?<![<>=!])==?(?![=>])\s*\S.*[;({\[]")
SENTENCE = re.compile(r"\b[a-z]{2,} [a-z]{2,} [a-z]{2,}\b.*[.!?:;,]?")


def reads_as_text(graph: Diagram) -> bool:
    """Whether most of a graph's named nodes are lines of code or sentences, and few of them are joined."""
    named = [n for n in graph.nodes if n.label.strip()]
    if len(named) < LEAST:
        return False
    text = {n.id for n in named if _is_code(n.label) or _is_sentence(n.label)}
    if len(text) <= MOST * len(named):
        return False
    joined = {end for edge in graph.edges for end in (edge.source, edge.target)}
    # a flowchart of statements is joined by its arrows; lines of a listing stand alone
    return len(text & joined) < 0.8 * len(text) or not any(e.directed for e in graph.edges)


def _is_code(label: str) -> bool:
    return bool(LINE_END.search(label))


def _is_sentence(label: str) -> bool:
    return len(label.split()) >= WORDS and bool(SENTENCE.search(label))
