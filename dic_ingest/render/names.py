"""How nodes, groups and lists are named in prose: labels verbatim in quotes, a plain word where none is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from dic_ingest.model.diagram import Diagram

_UNLABELLED = {
    "start": "the start",
    "end": "the end",
    "diamond": "an unlabelled decision",
    "choice": "an unlabelled decision",
    "fork": "a fork or join bar",
    "join": "a fork or join bar",
    "actor": "an unlabelled actor",
}


def flat(label: str) -> str:
    """The label on one line, its words untouched."""
    return " ".join(label.split())


def quote(label: str) -> str:
    """The label in double quotes, on one line."""
    return f'"{flat(label)}"'


def listed(items: Sequence[str], word: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {word} {items[-1]}" if items else ""


def sentence(text: str) -> str:
    """First letter large, one full stop at the end."""
    text = text.strip()
    if not text:
        return ""
    return f"{text[0].upper()}{text[1:]}{'' if text[-1] in '.!?:' else '.'}"


def names(diagram: Diagram) -> dict[str, str]:
    """A name for every node and group. Nodes with equal labels are told apart by number: "dapr" (2)."""
    found: dict[str, str] = {}
    for g in diagram.groups:
        found[g.id] = quote(g.label) if g.label.strip() else "an unnamed group"
    for n in diagram.nodes:
        unlabelled = _UNLABELLED.get(n.shape, f"an unlabelled {n.shape if n.shape != 'rect' else 'box'}")
        if n.shape in ("start", "end") and n.group in found:  # composite states have their own
            unlabelled = f"{unlabelled} of {found[n.group]}"
        found[n.id] = quote(n.label) if n.label.strip() else unlabelled
    count = Counter(found[n.id] for n in diagram.nodes)
    at: Counter[str] = Counter()
    for n in diagram.nodes:
        name = found[n.id]
        if count[name] > 1:
            at[name] += 1
            found[n.id] = f"{name} ({at[name]})" if n.label.strip() or n.shape not in _UNLABELLED else name
    return found
