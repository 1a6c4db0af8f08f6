"""Cut a logical text into chunks for an embedder, at lines, then sentences, then words."""

from __future__ import annotations

import re

from dic_ingest.errors import SettingsError

_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def split_text(text: str, limit: int) -> list[str]:
    """Chunks of at most `limit` characters, in order; nothing but white space is lost. [] for a blank text.

    Raises SettingsError for a limit below 1.
    """
    if limit < 1:
        raise SettingsError(f"a chunk limit must be at least 1 character, got {limit}")
    chunks: list[str] = []
    for piece, glue in _pieces(text.strip(), limit):
        if chunks and len(chunks[-1]) + len(glue) + len(piece) <= limit:
            chunks[-1] += glue + piece
        else:
            chunks.append(piece)
    return chunks


def _pieces(text: str, limit: int) -> list[tuple[str, str]]:
    """(piece, what joins it to the one before), the largest units that fit."""
    found: list[tuple[str, str]] = []
    for line in text.splitlines():
        glue = "\n"
        for part in [line.rstrip()] if len(line) <= limit else _SENTENCE.split(line.strip()):
            if len(part) <= limit:
                found.append((part, glue))
            else:
                found += _words(part, limit, glue)
            glue = " "
    return [(p, g) for p, g in found if p.strip()]


def _words(text: str, limit: int, glue: str) -> list[tuple[str, str]]:
    found = []
    for word in text.split():
        for at in range(0, len(word), limit):
            found.append((word[at : at + limit], glue if at == 0 else ""))
            glue = " "
    return found
