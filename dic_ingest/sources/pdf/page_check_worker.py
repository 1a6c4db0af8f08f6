"""Loads pages of PDFs with PDFium and says which it got through; started by `page_check`.

In: requests on stdin, a JSON line each, followed by the file's bytes where it names no path. Out: a line
"opened" and one with the number of each page that was loaded. Nothing of the content is given out.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from pathlib import Path
from typing import Any, BinaryIO

import pypdfium2 as pdfium
import pypdfium2.raw as raw

PIXELS = 64  # sides of the picture drawn of a page: what it takes does not depend on its size


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests; the input's end ends the process, in the middle of a page too."""
    waiting: queue.SimpleQueue[tuple[dict[str, Any], bytes]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests, waiting), daemon=True).start()
    while True:
        request, data = waiting.get()
        _answer(answers, "opened")
        document = _opened(Path(request["path"]) if request["path"] else data, request["password"])
        for number in request["pages"]:
            if document is not None:
                _load(document, number)
            _answer(answers, str(number))
        if document is not None:
            document.close()


def _listen(requests: BinaryIO, waiting: queue.SimpleQueue[tuple[dict[str, Any], bytes]]) -> None:
    while line := requests.readline():
        request = json.loads(line)
        waiting.put((request, requests.read(request["size"])))
    os._exit(0)


def _opened(source: Path | bytes, password: str | None) -> Any:
    """The document; None where it does not open: whoever reads it meets the error."""
    for each in (password, None):
        try:
            return pdfium.PdfDocument(source, password=each)
        except pdfium.PdfiumError:
            continue
    return None


def _load(document: Any, number: int) -> None:
    """All that a reader lets PDFium do with a page: load it, its text, and draw it."""
    page = raw.FPDF_LoadPage(document.raw, number - 1)
    if not page:
        return
    text = raw.FPDFText_LoadPage(page)
    bitmap = raw.FPDFBitmap_Create(PIXELS, PIXELS, 0)
    raw.FPDF_RenderPageBitmap(bitmap, page, 0, 0, PIXELS, PIXELS, 0, raw.FPDF_ANNOT)
    raw.FPDFBitmap_Destroy(bitmap)
    if text:
        raw.FPDFText_ClosePage(text)
    raw.FPDF_ClosePage(page)


def _answer(answers: BinaryIO, said: str) -> None:
    answers.write(said.encode() + b"\n")
    answers.flush()


if __name__ == "__main__":
    own = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not mix with the answers
    serve(sys.stdin.buffer, own)
