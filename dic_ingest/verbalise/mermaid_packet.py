"""Bit-field layouts as Mermaid `packet` source, where the widths of all fields are known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dic_ingest.verbalise.mermaid_text import quoted

if TYPE_CHECKING:
    from dic_ingest.diagram import Diagram

_BITS = re.compile(r"^bits? (\d{1,6})(?:\s*[-–]\s*(\d{1,6}))?$")


def packet(diagram: Diagram) -> str:
    """Fields from bit 0 on, each as wide as its member "bits a-b" says; "" when one has no such member."""
    lines, at = ["packet"], 0
    for n in diagram.nodes:
        found = next((m for text in n.members if (m := _BITS.match(text))), None)
        if found is None:
            return ""
        first, last = sorted((int(found[1]), int(found[2] or found[1])))
        if first > at and lines[1:]:  # bits that were not read; rows numbered anew each time just go on
            lines.append(_field(at, first - 1, " "))
            at = first
        lines.append(_field(at, at + last - first, n.label))
        at += last - first + 1
    return "\n".join(lines) + "\n"


def _field(first: int, last: int, label: str) -> str:
    return f"    {first}{f'-{last}' if last > first else ''}: {quoted(label)}"
