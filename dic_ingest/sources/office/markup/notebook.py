"""Jupyter notebooks -> a `Flow`: Markdown cells, code, and the pictures and texts that cells gave out."""

from __future__ import annotations

import base64
import binascii
import json
from pathlib import Path
from typing import Any

from dic_ingest.errors import MALFORMED, BrokenFileError
from dic_ingest.model.document import Code, Text
from dic_ingest.sources.office.flow import Flow
from dic_ingest.sources.office.markup.epub import Beside, markdown_html
from dic_ingest.sources.office.markup.html import read_html
from dic_ingest.sources.office.settings import OfficeSettings

PICTURES = (
    "image/svg+xml",
    "image/png",
    "image/jpeg",
    "image/gif",
)  # of an output in several forms, the best first
MAX_OUTPUT = 20_000  # characters of one text output


def read_notebook(data: str, flow: Flow, folder: Path, settings: OfficeSettings) -> None:
    """Add the cells of a notebook that lies in `folder`; nothing in it is run.

    Raises:
        BrokenFileError: no notebook. MissingExtraError: the Markdown library is not installed.
    """
    try:
        book = json.loads(data)
        cells = [c for c in book["cells"] if isinstance(c, dict)]
        language = str(book.get("metadata", {}).get("kernelspec", {}).get("language", ""))
    except MALFORMED as error:
        raise BrokenFileError(f"{flow.name} is no Jupyter notebook: {error!r}. Save it again.") from error
    for cell in cells[: settings.max_cells]:
        source = _joined(cell.get("source"))
        if cell.get("cell_type") == "markdown":
            html = f"<html><body>{markdown_html(source)}</body></html>"
            read_html(html, flow, _Attached(cell, Beside(folder, settings)), 1, settings.max_nesting)
        elif cell.get("cell_type") == "code":
            flow.add(Code("", 1, None, 0, source, language))
            outputs = cell.get("outputs")
            for output in outputs if isinstance(outputs, list) else ():
                _output(output, flow)


def _joined(source: Any) -> str:
    return "".join(map(str, source)) if isinstance(source, list) else str(source or "")


def _output(output: Any, flow: Flow) -> None:
    if not isinstance(output, dict):
        return
    data = output.get("data")
    forms = data if isinstance(data, dict) else {}
    kind = next((k for k in PICTURES if k in forms), None)
    if kind is not None:
        body = _joined(forms[kind])
        try:
            content = body.encode() if kind.endswith("xml") else base64.b64decode("".join(body.split()))
        except (binascii.Error, ValueError):
            flow.warn("picture_left_out", "a picture of an output is damaged", 1)
            return
        flow.add_picture(1, content, _joined(forms.get("text/plain"))[:200])
        return
    said = _joined(output.get("text") or forms.get("text/plain"))
    flow.add(Text("", 1, None, 0, said[:MAX_OUTPUT]))


class _Attached:
    """Pictures that a Markdown cell carries, else those beside the notebook."""

    def __init__(self, cell: dict[str, Any], beside: Beside) -> None:
        held = cell.get("attachments")
        self.held: dict[str, Any] = held if isinstance(held, dict) else {}
        self.beside = beside

    def __call__(self, address: str) -> bytes | None:
        """The bytes behind an address; None where there are none."""
        if not address.startswith("attachment:"):
            return self.beside(address)
        forms = self.held.get(address.removeprefix("attachment:"))
        try:
            return base64.b64decode(next(iter(forms.values()))) if isinstance(forms, dict) and forms else None
        except (binascii.Error, ValueError, TypeError):
            return None
