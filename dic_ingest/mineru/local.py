"""A PDF through MinerU on this machine -> `Document`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dic_ingest.errors import BundleError, LimitError, ModelsMissingError, ParserError
from dic_ingest.mineru import install as mineru_install
from dic_ingest.mineru import worker_process as mineru_process
from dic_ingest.mineru.omissions import complete_pages, fill_empty, text_only
from dic_ingest.mineru.output.read import read_bundle
from dic_ingest.mineru.settings import LocalSettings as LocalSettings
from dic_ingest.mineru.tiers import fetch
from dic_ingest.model.document import Document, Parser
from dic_ingest.sources.page_range import selected_pages
from dic_ingest.sources.pdf.decrypted import readable_copy
from dic_ingest.sources.pdf.document import PdfFile

# Settings of the in-process MinerU door.


PART = 100  # pages that MinerU is given at once; it learns from them what headings look like
MAX_RUNS = 60  # of MinerU over parts of a document, to find the pages that it fails on
LOW = ("auto", "flash")  # what needs no weights may fall back to the text layer
MISSING = (
    "ModelRepo",
    "Model repo",
    "is not ready under",
    "E1020",
    "LocalEntryNotFound",
    "MINERU_MODEL_SOURCE",
)


def parse_local(
    path: Path | str | bytes,
    settings: LocalSettings | None = None,
    password: str | None = None,
    page_range: str = "",
    pdf: PdfFile | None = None,
) -> Document:
    """The PDF's blocks in reading order; `Parser.tier` tells which tier made them.

    `page_range` is MinerU's ("1-5,8,r1" counts from 1, r1 is the last page). `pdf` is the file already
    opened, if it is. `pages` of the document are all pages of the file, whatever the range.

    Raises:
        InputError: no file, no PDF, broken, encrypted, empty.
        SettingsError: a page range that means nothing.
        ModelsMissingError: the tier asked for has no weights here.
        ParserError: MinerU is not installed, or a tier asked for (other than flash) failed.
    """
    chosen = settings or LocalSettings()
    mineru_install.check()
    mineru_process.start(chosen.offline)
    if pdf is not None:
        return _parse(path, pdf, chosen, password, page_range)
    with PdfFile(path, password) as opened:
        return _parse(path, opened, chosen, password, page_range)


def _parse(
    path: Path | str | bytes, pdf: PdfFile, settings: LocalSettings, password: str | None, page_range: str
) -> Document:
    name = "" if isinstance(path, bytes) else str(path)
    numbers = selected_pages(page_range, len(pdf.pages))
    safe, wanted = numbers, page_range
    if refused := pdf.refused(numbers):  # nor may MinerU load them
        safe = tuple(n for n in numbers if n not in refused)
        wanted = _as_range(safe)
    if not safe:
        raise LimitError(f"No page of {pdf.name} can be read; page {numbers[0]}: {refused[numbers[0]]}.")
    with readable_copy(path, password) as source, pdf.reading_ahead(numbers):
        outcome, failed = _by_mineru(source, settings, pdf, safe, wanted)
    if outcome.answer is not None:
        try:
            document = read_bundle(outcome.answer["middle"], pages=pdf.pages, sha256=pdf.sha256, name=name)
            document = _named(document, str(outcome.answer["tier"]))
            document = complete_pages(document, pdf, numbers, outcome.refused)
            return fill_empty(_warned(document, failed), pdf)
        except BundleError as error:
            outcome = RunOutcome(None, False, str(error))
    if settings.tier not in LOW:
        raise ParserError(f"MinerU failed on {pdf.name}: {outcome.reason} Try tier flash.")
    bare = Document(name, pdf.sha256, Parser("pdfium", "", "text"), pdf.pages, ())
    message = f"MinerU failed ({outcome.reason}); the text layer was taken without layout"
    return text_only(bare, pdf, numbers).warn("parser_failed", message)


def _by_mineru(
    source: Path, settings: LocalSettings, pdf: PdfFile, numbers: tuple[int, ...], page_range: str
) -> tuple[RunOutcome, dict[int, str]]:
    """What MinerU gives for the pages, and the reason by page for those that it fails on."""
    end = time.monotonic() + settings.timeout
    outcome = _in_parts(source, settings, numbers, page_range)
    if _page_broken(outcome, settings):
        numbers = _whole_pages(pdf, numbers)
        settings = replace(settings, ocr="txt")
        outcome = _in_parts(source, settings, numbers, _as_range(numbers))
    if outcome.answer is not None or settings.tier not in LOW or len(numbers) < 2:
        return outcome, {}
    if outcome.refused:
        settings = replace(settings, ocr="txt")
    failed: dict[int, str] = {}
    runs = iter(range(MAX_RUNS))
    apart = _halves(source, settings, numbers, end, runs, failed)
    return (apart, failed) if apart.answer is not None else (outcome, {})


def _halves(
    source: Path,
    settings: LocalSettings,
    numbers: tuple[int, ...],
    end: float,
    runs: Iterator[int],
    failed: dict[int, str],
) -> RunOutcome:
    """The pages as two halves, again where one fails, down to the page that MinerU fails on.

    `failed` gets those pages. What is left when the time (`end`) or the number of `runs` is spent fails too.
    """
    middle, whole = len(numbers) // 2, RunOutcome(None)
    for half in (numbers[:middle], numbers[middle:]):
        left = end - time.monotonic()
        if left <= 0 or next(runs, None) is None:
            failed |= dict.fromkeys(half, "no time was left to try it apart from others")
            continue
        part = _in_parts(source, replace(settings, timeout=left), half, _as_range(half))
        if part.answer is None and len(half) > 1:
            part = _halves(source, settings, half, end, runs, failed)
        elif part.answer is None:
            failed[half[0]] = part.reason
        if part.answer is not None:
            whole = part if whole.answer is None else _joined(whole, part)
    return whole


def _warned(document: Document, failed: dict[int, str]) -> Document:
    """The document with a warning for each page that MinerU failed on."""
    for number, reason in sorted(failed.items()):
        message = f"MinerU failed on page {number} ({reason}); its text layer was taken without layout"
        document = document.warn("parser_failed", message, number)
    return document


def _named(document: Document, tier: str) -> Document:
    return replace(document, parser=replace(document.parser, tier=tier))


def _page_broken(outcome: RunOutcome, settings: LocalSettings) -> bool:
    """Whether a single page that cannot be loaded made MinerU give up the whole file."""
    return outcome.answer is None and "load page" in outcome.reason and settings.tier in LOW


def _whole_pages(pdf: PdfFile, numbers: tuple[int, ...]) -> tuple[int, ...]:
    """The pages without those that PDFium cannot load."""
    return tuple(n for n in numbers if not any("damaged" in note for note in pdf.drawing(n).notes))


def _as_range(numbers: tuple[int, ...]) -> str:
    """Pages as MinerU's range; "0" names none."""
    if len(numbers) > 2 and numbers == tuple(range(numbers[0], numbers[-1] + 1)):
        return f"{numbers[0]}-{numbers[-1]}"
    return ",".join(map(str, numbers)) or "0"


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What became of a run: MinerU's answer or why there is none; whether it refused a scan on the way."""

    answer: dict[str, Any] | None
    refused: bool = False
    reason: str = ""


def _in_parts(source: Path, settings: LocalSettings, numbers: tuple[int, ...], page_range: str) -> RunOutcome:
    """A run over the pages, many of them in parts: MinerU keeps 3 to 4 MiB a page until it is done."""
    if len(numbers) <= PART:
        return _run(source, settings, page_range)
    began = time.monotonic()
    whole = _run(source, settings, _as_range(numbers[:PART]))
    for start in range(PART, len(numbers), PART):
        if whole.answer is None:
            break
        left = max(1.0, settings.timeout - (time.monotonic() - began))
        part = _run(source, replace(settings, timeout=left), _as_range(numbers[start : start + PART]))
        whole = _joined(whole, part)
    return whole


def _joined(first: RunOutcome, second: RunOutcome) -> RunOutcome:
    """Two parts' pages as one answer."""
    if first.answer is None or second.answer is None:
        return second
    middle, more = first.answer["middle"], second.answer["middle"]
    try:
        middle["pages"] += more["pages"]
        layout = middle.get("extensions", {}).get("docvortex_layout")
        if layout:
            layout["pages"] += more["extensions"]["docvortex_layout"]["pages"]
    except (KeyError, TypeError) as error:  # another version's form
        return RunOutcome(None, False, f"parts of its answer do not fit together: {error!r}")
    return RunOutcome(first.answer, first.refused or second.refused)


def _run(source: Path, settings: LocalSettings, page_range: str) -> RunOutcome:
    request = {
        "path": str(source),
        "tier": settings.tier,
        "ocr": settings.ocr,
        "image_analysis": settings.image_analysis,
        "page_range": page_range,
    }
    low = settings.tier in LOW
    try:
        answer = mineru_process.ask(request, settings.timeout, settings.offline)
        refused = bool(answer.get("error")) and low and _models_missing(answer)
        if refused:  # flash wants OCR weights for what it takes to be a scan
            answer = mineru_process.ask(
                request | {"tier": "flash", "ocr": "txt"}, settings.timeout, settings.offline
            )
    except ParserError as error:
        if not low:
            raise
        return RunOutcome(None, False, str(error))
    if not answer.get("error"):
        return RunOutcome(answer, refused)
    if _models_missing(answer):
        raise ModelsMissingError(_fetch(settings.tier))
    return RunOutcome(None, refused, f"{answer['error']}: {str(answer.get('message'))[:300]}")


def _models_missing(answer: dict[str, Any]) -> bool:
    said = str(answer.get("message"))
    return answer["error"] in ("NetworkError", "LocalEntryNotFoundError") or any(m in said for m in MISSING)


def _fetch(tier: str) -> str:
    return (
        f"MinerU's weights for tier {tier} are not on this machine. "
        f"Fetch them with: {fetch(tier)}, or take tier auto or flash."
    )
