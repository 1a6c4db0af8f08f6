"""Suffixes of diagram files and what one may cost."""

from __future__ import annotations

from dataclasses import astuple, dataclass

from dic_ingest.errors import SettingsError

DRAWIO = frozenset({".drawio", ".dio"})
EXCALIDRAW = frozenset({".excalidraw"})
VISIO = frozenset({".vsdx", ".vsdm"})
MERMAID = frozenset({".mmd", ".mermaid"})
PLANTUML = frozenset({".puml", ".plantuml", ".iuml", ".pu", ".wsd"})
DOT = frozenset({".dot", ".gv"})
BPMN = frozenset({".bpmn"})
SVG = frozenset({".svg"})
XML = frozenset({".xml"})  # draw.io or BPMN inside, told by the root element
SUFFIXES = DRAWIO | EXCALIDRAW | VISIO | MERMAID | PLANTUML | DOT | BPMN | SVG | XML


@dataclass(frozen=True, slots=True)
class DiagramLimits:
    """Bounds on what one diagram file may cost.

    `max_bytes` is of the file, `max_unpacked` of everything inflated from it, `max_pages` of its pages,
    `max_cells` of the shapes, lines and texts of one page, `max_depth` of nested elements or groups,
    `max_label` of the characters of one label.
    """

    max_bytes: int = 64 << 20  # of the file
    max_unpacked: int = 128 << 20  # bytes of what is packed in it
    max_pages: int = 500  # pages of one file
    max_cells: int = 20_000  # cells, shapes or statements of one page
    max_depth: int = 200  # groups within groups
    max_label: int = 20_000  # characters of one label

    def __post_init__(self) -> None:
        if min(astuple(self)) < 1:
            raise SettingsError("every bound of DiagramLimits must be at least 1")
