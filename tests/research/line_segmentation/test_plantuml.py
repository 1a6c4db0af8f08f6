"""Roles of the strokes in PlantUML's SVG, told from its comments and from geometry."""

from __future__ import annotations

import re

from research.line_segmentation.plantuml import with_roles

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" width="300px" height="300px">'
GRAPH = f"""{HEAD}<g>
<!--MD5=[0] cluster Edge-->
<polygon fill="#FFFFFF" points="10,10,200,10,200,120,10,120" style="stroke: #000000;"/>
<!--MD5=[1] entity A--><rect fill="#FEFECE" height="39" style="stroke: #A80036;" width="77" x="20" y="60"/>
<rect fill="#FEFECE" height="5" style="stroke: #A80036;" width="10" x="15" y="65"/>
<text font-size="14" textLength="10" x="50" y="80">A</text>
<!--MD5=[2] entity B--><rect fill="#FEFECE" height="39" style="stroke: #A80036;" width="77" x="20" y="200"/>
<!--MD5=[3] link A to B--><path d="M58,99 C58,140 58,160 58,195" fill="none" style="stroke: #A80036;"/>
<polygon fill="#A80036" points="58,200,62,191,58,195,54,191,58,200" style="stroke: #A80036;"/>
</g></svg>"""
DASH = "stroke: #A80036; stroke-dasharray: 5.0,5.0;"
SEQUENCE = f"""{HEAD}<g>
<rect fill="none" height="80" style="stroke: #000000;" width="180" x="20" y="90"/>
<line style="{DASH}" x1="40" x2="40" y1="40" y2="260"/>
<line style="{DASH}" x1="160" x2="160" y1="40" y2="260"/>
<rect fill="#FEFECE" height="30" style="stroke: #A80036;" width="60" x="10" y="10"/>
<rect fill="#FEFECE" height="30" style="stroke: #A80036;" width="60" x="130" y="10"/>
<polygon fill="#A80036" points="148,116,158,120,148,124,152,120" style="stroke: #A80036;"/>
<line style="stroke: #A80036;" x1="40" x2="154" y1="120" y2="120"/>
</g></svg>"""


def roles(svg: str) -> list[str]:
    drawn = with_roles(svg)
    assert drawn is not None
    return re.findall(r'data-role="([^"]+)"', drawn)


def test_frames_nodes_lines_and_heads_of_a_component_diagram() -> None:
    assert roles(GRAPH) == ["frame", "node", "node", "line", "end:255"]


def test_lifelines_and_messages_of_a_sequence() -> None:
    assert roles(SEQUENCE) == ["frame", "rule", "rule", "node", "node", "end:255", "line"]


def test_an_error_page_or_broken_xml_gives_nothing() -> None:
    assert with_roles(HEAD + "<text>Syntax Error?</text></svg>") is None
    assert with_roles("<svg") is None
