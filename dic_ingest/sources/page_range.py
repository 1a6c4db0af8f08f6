"""MinerU's page ranges: "1-5,8,r3-r1" counts from 1, r1 is the last page, "" and "all" mean every page."""

from __future__ import annotations

import re

from dic_ingest.errors import SettingsError

_PART = re.compile(r"(r?)(\d{1,9})(?:-(r?)(\d{1,9}))?")


def selected_pages(page_range: str, count: int) -> tuple[int, ...]:
    """Page numbers from 1, ascending; raises SettingsError where none of `count` pages is meant."""
    plain = page_range.replace(" ", "").lower()
    if plain in ("", "all"):
        return tuple(range(1, count + 1))
    chosen: set[int] = set()
    for part in plain.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise SettingsError(f"page range {page_range!r} is not understood. Write it like 1-5,8,r3-r1.")
        first = _number(match[1], match[2], count)
        last = _number(match[3], match[4], count) if match[4] else first
        chosen.update(range(max(1, first), min(count, last) + 1))
    if not chosen:
        raise SettingsError(
            f"page range {page_range!r} names no page of a file with {count} pages. Take from 1-{count}."
        )
    return tuple(sorted(chosen))


def _number(reverse: str | None, digits: str, count: int) -> int:
    return count + 1 - int(digits) if reverse else int(digits)
