"""Does a caption say what the graph says, all of it and nothing else? The exact checker of captions decides.

In: a caption and a diagram. Out: what is wrong, in words; nothing for a caption that holds.
"""

from __future__ import annotations

import re

from dic_ingest.captioning.grounding.critic import criticise, say_edges
from dic_ingest.captioning.grounding.graph_index import Exact
from dic_ingest.model.diagram import Diagram
from dic_ingest.render.names import flat

_COUNT = re.compile(
    r"^(?:There are|It has) (\d+) (boxes|states|classes|entities|participants|messages)(?: in all)?\.$"
)
_SINGULAR = {
    "boxes": "box", "states": "state", "classes": "class", "entities": "entity",
    "participants": "participant", "messages": "message",
}  # fmt: skip
_QUOTED = re.compile(r'"([^"]*)"')


def faults(caption: str, diagram: Diagram) -> list[str]:
    """Statements that the graph denies, names that are not drawn, names and lines that are left out."""
    checked = criticise(caption, diagram, complete=False)
    found = [f"{c.reason}: {c.before}" for c in checked.changes if not _counted(c.before, diagram)]
    drawn = _texts(diagram)
    found += [f"not drawn: {name}" for name in _QUOTED.findall(caption) if name not in drawn]
    said = flat(caption)
    named = [n.label for n in diagram.nodes] + [g.label for g in diagram.groups] + [diagram.title]
    found += [f"left out: {label}" for label in named if flat(label) not in said]
    bare = {n.id for n in diagram.nodes if not n.label.strip()}  # dots have no name to tell them by
    missing = [
        i
        for i, e in enumerate(diagram.edges)
        if i not in checked.told and e.source not in bare and e.target not in bare
    ]
    return found + [f"left out: {text}" for text in say_edges(diagram, missing)]


def _counted(statement: str, diagram: Diagram) -> bool:
    """Whether it is a bare count ("There are 5 states"), which names nothing to hold on to, and right."""
    count = _COUNT.match(statement)
    return count is not None and Exact(diagram).count(_SINGULAR[count[2]]) == int(count[1])


def _texts(diagram: Diagram) -> set[str]:
    texts = [diagram.title, *diagram.notes]
    for n in diagram.nodes:
        texts += [n.label, *n.members]
    texts += [g.label for g in diagram.groups]
    for e in diagram.edges:
        texts += [e.label, e.source_label, e.target_label]
    return {flat(t) for t in texts}
