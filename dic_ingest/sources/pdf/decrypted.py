"""A path that MinerU can open: the file itself, or a copy without password, which MinerU cannot be given."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pypdfium2 as pdfium

from dic_ingest.errors import EncryptedFileError
from dic_ingest.sources.pdf.document import LOCK, open_document

REMOVE_SECURITY = 3  # FPDF_REMOVE_SECURITY of FPDF_SaveAsCopy


@contextmanager
def readable_copy(source: Path | str | bytes, password: str | None) -> Iterator[Path]:
    """`source` as a path without password; a copy lives in a temporary folder until the block ends.

    Raises:
        EncryptedFileError: the password does not open it.
    """
    if not password and not isinstance(source, bytes):
        yield Path(source).resolve()
        return
    with tempfile.TemporaryDirectory(prefix="dic-ingest-pdf-") as folder:
        copy = Path(folder) / "document.pdf"
        if password:
            _decrypt(source, password, copy)
        elif isinstance(source, bytes):
            copy.write_bytes(source)
        yield copy


def _decrypt(source: Path | str | bytes, password: str, copy: Path) -> None:
    with LOCK:
        try:
            document = open_document(source, password)
        except pdfium.PdfiumError as error:
            raise EncryptedFileError(
                "the password given does not open the PDF. Give the right one."
            ) from error
        try:
            document.save(copy, flags=REMOVE_SECURITY)
        finally:
            document.close()
