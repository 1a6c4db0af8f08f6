"""The editable source that a picture carries: draw.io and Excalidraw put it into the PNG or SVG that they
export.

In: bytes of a picture. Out: the format and its text, or None. What is inflated is bounded.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import struct
import zlib
from typing import Any
from urllib.parse import unquote

from dic_ingest.model.diagram import Diagram
from dic_ingest.sources.diagram_files.editors.drawio import read_drawio
from dic_ingest.sources.diagram_files.editors.excalidraw import read_excalidraw
from dic_ingest.sources.diagram_files.limits import DiagramLimits

PNG = b"\x89PNG\r\n\x1a\n"
_EXCALIDRAW = "application/vnd.excalidraw+json"
_CONTENT = re.compile(r"<svg\b[^>]*?\bcontent=(\"[^\"]*\"|'[^']*')", re.DOTALL)
_PAYLOAD = re.compile(r"<!--\s*payload-start\s*-->\s*([A-Za-z0-9+/=\s]+?)\s*<!--\s*payload-end\s*-->")


def embedded_pages(data: bytes, name: str, limits: DiagramLimits) -> list[tuple[str, Diagram]]:
    """(title, graph) of every page of the source that a PNG or SVG carries; empty where it carries none.

    Raises:
        InputError: it carries one that is damaged or over a bound.
    """
    found = _from_png(data, limits) if data.startswith(PNG) else _from_svg(data, limits)
    if found is None:
        return []
    kind, text = found
    if kind == "drawio":
        return read_drawio(text, name, limits)
    return [("", read_excalidraw(text, name, limits))]


def _from_png(data: bytes, limits: DiagramLimits) -> tuple[str, str] | None:
    at = len(PNG)
    for _ in range(10_000):
        if at + 8 > len(data):
            return None
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        at += 12 + length
        if kind in (b"tEXt", b"zTXt", b"iTXt"):
            key, _, rest = body.partition(b"\0")
            said = _text_chunk(kind, rest, limits)
            if key in (b"mxfile", b"mxGraphModel") and (source := _mxfile(said)):
                return "drawio", source
            if key.decode("latin-1") == _EXCALIDRAW and (source := _scene(said, limits)):
                return "excalidraw", source
        if kind == b"IEND":
            return None
    return None


def _text_chunk(kind: bytes, rest: bytes, limits: DiagramLimits) -> str:
    """The text of a PNG's text chunk, whichever of the three kinds it is."""
    if kind == b"tEXt":
        return rest.decode("latin-1")
    if kind == b"zTXt":
        return _inflate(rest[1:], limits).decode("latin-1")
    packed, body = rest[:1] == b"\1", rest[2:].split(b"\0", 2)
    text = body[2] if len(body) == 3 else b""
    return (_inflate(text, limits) if packed else text).decode("utf-8", "replace")


def _inflate(data: bytes, limits: DiagramLimits) -> bytes:
    for window in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
        try:
            return zlib.decompressobj(window).decompress(data, limits.max_unpacked)
        except zlib.error:
            continue
    return b""


def _mxfile(text: str) -> str:
    for candidate in (text, unquote(text)):
        if candidate.lstrip().startswith(("<mxfile", "<mxGraphModel")):
            return candidate.strip()
    return ""


def _scene(text: str, limits: DiagramLimits) -> str:
    """The JSON of an Excalidraw scene from what stands in a picture; "" where it cannot be decoded."""
    try:
        payload: Any = json.loads(text)
        if not isinstance(payload, dict):
            return ""
        if "encoded" not in payload:
            return text
        raw = str(payload["encoded"]).encode("latin-1")
        return (_inflate(raw, limits) if payload.get("compressed") else raw).decode("utf-8")
    except (ValueError, RecursionError):
        return ""


def _from_svg(data: bytes, limits: DiagramLimits) -> tuple[str, str] | None:
    text = data.decode("utf-8-sig", "replace")
    content = _CONTENT.search(text[:8_000_000])
    if content:
        from html import unescape

        source = _mxfile(unescape(content[1][1:-1]))
        if source:
            return "drawio", source
    payload = _PAYLOAD.search(text) if "payload-start" in text else None
    if payload is None:
        return None
    try:
        decoded = base64.b64decode("".join(payload[1].split()))
    except (binascii.Error, ValueError):
        return None
    source = _scene(decoded.decode("utf-8", "replace"), limits)
    return ("excalidraw", source) if source else None
