"""Listings that are diagrams: which language of a fenced block is read as which kind of diagram file."""

from __future__ import annotations

import re

SUFFIX_OF = {
    "mermaid": ".mmd", "mmd": ".mmd", "plantuml": ".puml", "puml": ".puml", "uml": ".puml", "wsd": ".puml",
    "dot": ".dot", "graphviz": ".dot", "gv": ".dot", "drawio": ".drawio", "svg": ".svg", "bpmn": ".bpmn",
    "excalidraw": ".excalidraw",
}  # fmt: skip
_CLASS = re.compile(r"(?:^|\s)(?:(?:language|lang|highlight-source|sourceCode|brush:)[-\s]?)?([A-Za-z0-9_]+)")
_STARTUML = re.compile(r"^\s*@start(?:uml|mindmap|wbs|salt|json|yaml)\b", re.MULTILINE)


def suffix_of(language: str) -> str:
    """The suffix of the diagram file that a listing in a language is; "" for other languages."""
    return SUFFIX_OF.get(language.strip().strip("{}.").lower(), "")


def suffix_in(classes: str, text: str = "") -> str:
    """The same from the classes of an HTML element ("language-mermaid"), or from what the listing begins
    with."""
    for part in classes.split():
        found = _CLASS.match(part)
        if found and suffix_of(found[1]):
            return suffix_of(found[1])
    return ".puml" if _STARTUML.match(text) else ""


def suffix_of_bytes(data: bytes) -> str:
    """The suffix that fits what a picture's bytes are, where they are a diagram file; else ""."""
    head = data[:2_000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not head.startswith(b"<"):
        return ""
    text = head.decode("utf-8", "replace")
    found = re.search(r"<(?:\w+:)?(svg|mxfile|mxGraphModel|definitions)\b", text)
    return {"svg": ".svg", "definitions": ".bpmn"}.get(found[1], ".drawio") if found else ""
