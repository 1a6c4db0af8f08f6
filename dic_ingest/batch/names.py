"""Names of results folders: one folder name per document, inside its parent on every file system."""

from __future__ import annotations

import re
import unicodedata

RESERVED = frozenset({"manifest.jsonl", "same.json"})  # names in the output folder that are the run's own
UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|]+')


def safe_name(stem: str) -> str:
    """A folder name for a file's stem: no separators, no control characters, no dots ahead."""
    text = stem.encode("utf-8", "replace").decode()  # bytes that are no UTF-8 become "?"
    cleaned = UNSAFE.sub("_", text).strip(" .") or "document"
    return cleaned.encode()[:180].decode(errors="ignore").strip(" .")


def is_safe(name: str) -> bool:
    """Whether a name that was read from a file may be that of a results folder."""
    short = 0 < len(name.encode("utf-8", "replace")) <= 255
    return short and not UNSAFE.search(name) and name == name.strip(" .") and key_of(name) not in RESERVED


def key_of(name: str) -> str:
    """What two names must not share: some file systems take A and a for one, or two codings of a letter."""
    return unicodedata.normalize("NFC", name).casefold()
