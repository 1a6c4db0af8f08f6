"""Saved MinerU output -> `Document`: 4.x middle_json, 1.x-3.x middle.json, content_list v1 and v2.

In: a folder, zip, JSON file, or the JSON values. Never imports MinerU, and opens no PDF but the one that
MinerU itself left beside its output. Boxes become points of the pages given, else of the bundle.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dic_ingest.errors import BundleError, InputError
from dic_ingest.mineru.output import content_list as bundle_content_list
from dic_ingest.mineru.output import middle as bundle_middle
from dic_ingest.mineru.output import pdf_info as bundle_pdf_info
from dic_ingest.mineru.output.archive import BundleLimits, Opened, open_bundle
from dic_ingest.mineru.output.blocks import Collector
from dic_ingest.model.document import Document, Page, Parser, Warning
from dic_ingest.sources.pdf.document import PdfFile

Source = Path | str | dict[str, Any] | list[Any]


def read_bundle(
    source: Source,
    *,
    pages: Sequence[Page] | None = None,
    sha256: str = "",
    name: str = "",
    images: Path | None = None,
    tier: str = "",
    limits: BundleLimits | None = None,
) -> Document:
    """The document in MinerU's output.

    `pages` and `sha256` are of the PDF that was parsed: boxes are scaled to these sizes, ids hang on the
    digest. Without them the bundle's own are taken, at last US letter with a warning. `name` is
    `Document.source`. `images` is a folder for pictures that sit in a zip or data URI; those in a folder are
    used where they are. `tier` (or backend) says how it was parsed where the JSON does not.

    Raises:
        BundleError: no such output, an unknown contract, wrong types inside, over `limits`.
    """
    bounds = limits or BundleLimits()
    with open_bundle(source, bounds, sha256) as opened:
        opened.pictures.folder = images
        label = name or (str(source) if isinstance(source, Path | str) else "")
        return build(opened, pages=pages, sha256=sha256, name=label, tier=tier, limits=bounds)


def build(
    opened: Opened,
    *,
    pages: Sequence[Page] | None,
    sha256: str,
    name: str,
    tier: str,
    limits: BundleLimits,
) -> Document:
    """The document of an opened bundle; see `read_bundle`."""
    if pages is None and opened.pdf is not None:
        pages, sha256 = _beside(opened.pdf, sha256)
    parser = _parser(opened.data, tier)
    digest = sha256 or opened.sha256
    known = {p.number: p for p in pages or ()}
    out = Collector(digest, known, opened.pictures.path, parser.tier, limit=limits.max_blocks)
    _read(opened.data, out)
    shown = tuple(pages) if pages else tuple(out.pages[n] for n in sorted(out.pages))
    beyond = sorted(set(out.pages) - set(known)) if pages else []
    warnings = list(out.warnings())
    if beyond:
        shown += tuple(out.pages[n] for n in beyond)
        message = f"the output speaks of page {beyond[-1]}, the PDF has {len(known)}. Is it the same file?"
        warnings.append(Warning("page_count", message))
    if opened.pictures.lost:
        message = f"{opened.pictures.lost} pictures that the output names are missing or unsafe; left out"
        warnings.append(Warning("missing_picture", message))
    return Document(name, digest, parser, shown, tuple(out.blocks), tuple(warnings))


def _beside(pdf: Path, sha256: str) -> tuple[tuple[Page, ...] | None, str]:
    """Pages and digest of the PDF that MinerU copied beside its output; nothing where it cannot be read."""
    try:
        with PdfFile(pdf) as file:
            return file.pages, sha256 or file.sha256
    except InputError:
        return None, sha256


def _parser(data: Any, tier: str) -> Parser:
    if bundle_middle.is_middle(data):
        found = bundle_middle.parser_of(data)
    elif bundle_pdf_info.is_pdf_info(data):
        found = bundle_pdf_info.parser_of(data)
    else:
        found = Parser("mineru")
    return Parser(found.name, found.version, found.tier or tier)


def _read(data: Any, out: Collector) -> None:
    if bundle_middle.is_middle(data):
        bundle_middle.read_middle(data, out)
    elif bundle_pdf_info.is_pdf_info(data):
        bundle_pdf_info.read_pdf_info(data, out)
    elif bundle_content_list.is_v2(data):
        bundle_content_list.read_v2(data, out)
    elif isinstance(data, list):
        bundle_content_list.read_v1(data, out)
    else:
        raise BundleError(
            "This JSON follows no MinerU contract (middle_json, middle.json, content_list). "
            "Give middle_json.json or *_content_list.json."
        )
