"""An `<svg>` element inside HTML -> an SVG document of its own.

HTML parsers write names in small letters; SVG's own are put back, and prefixes that HTML does not declare go.
"""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape, quoteattr

from dic_ingest.sources.diagram_files.xml_tree import local

_NAMES = """
foreignObject linearGradient radialGradient clipPath textPath viewBox preserveAspectRatio markerWidth
markerHeight markerUnits refX refY textLength lengthAdjust gradientUnits gradientTransform patternUnits
patternTransform clipPathUnits
"""
_CASED = {name.lower(): name for name in _NAMES.split()}
MAX_DEPTH = 150


def svg_document(element: Any) -> bytes:
    """The document of an lxml element, UTF-8."""
    parts: list[str] = []
    _write(element, parts, 0)
    return "".join(parts).encode("utf-8", "replace")


def _write(element: Any, parts: list[str], depth: int) -> None:
    if not isinstance(element.tag, str) or depth > MAX_DEPTH:
        return
    name = local(element.tag).rsplit(":", 1)[-1].lower()
    name = _CASED.get(name, name)
    values = {_CASED.get(k, k): v for k, v in _attributes(element)}
    if depth == 0:
        values["xmlns"] = "http://www.w3.org/2000/svg"
    parts.append(f"<{name}" + "".join(f" {k}={quoteattr(v)}" for k, v in values.items()) + ">")
    parts.append(escape(element.text or ""))
    for child in element:
        _write(child, parts, depth + 1)
        parts.append(escape(child.tail or ""))
    parts.append(f"</{name}>")


def _attributes(element: Any) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for key, value in element.attrib.items():
        plain = local(key).rsplit(":", 1)[-1].lower()
        if plain and plain != "xmlns" and plain.replace("-", "").isalnum() and plain[0].isalpha():
            found.setdefault(plain, "".join(c for c in value if c >= " " or c in "\t\n"))
    return list(found.items())
