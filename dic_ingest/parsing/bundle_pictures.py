"""The pictures a bundle refers to: found in its folder, its zip or a data URI, never outside them.

A reference is untrusted. One that is absolute, climbs out, is a link to elsewhere, is missing or too big
gives no picture and is counted. Pictures of a zip or data URI are written to `folder`, or left where there
is none.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"}
MAGIC = (
    (b"\xff\xd8\xff", ".jpg"),
    (b"\x89PNG\r\n", ".png"),
    (b"RIFF", ".webp"),
    (b"GIF8", ".gif"),
    (b"BM", ".bmp"),
    (b"II*\x00", ".tif"),
    (b"MM\x00*", ".tif"),
)


@dataclass(slots=True)
class Pictures:
    """Where pictures come from (`base` folder, `archive`, `inline` data URIs by name) and where copies go."""

    base: Path | None = None
    archive: zipfile.ZipFile | None = None
    inline: Mapping[str, object] = field(default_factory=dict)
    folder: Path | None = None
    max_bytes: int = 64 << 20
    lost: int = 0

    def path(self, reference: str) -> str:
        """Absolute path of a usable picture for `reference`, else ""."""
        if reference.startswith("data:"):
            return self._copy(_decode(reference, self.max_bytes))
        name = _plain(reference)
        if name is None:
            self.lost += 1
            return ""
        if self.base is not None:
            found = self._in_folder(name)
        elif self.archive is not None or self.inline:
            found = self._copy(self._bytes(name)) if self.folder else ""
            return found
        else:
            return ""
        self.lost += not found
        return found

    def _in_folder(self, name: PurePosixPath) -> str:
        assert self.base is not None
        root = self.base.resolve()
        for place in (root / name, root / "images" / name):
            try:
                real = place.resolve(strict=True)
                if real.is_relative_to(root) and real.is_file() and real.stat().st_size <= self.max_bytes:
                    return str(real)
            except (OSError, ValueError, RuntimeError):  # missing, too long, a loop of links
                continue
        return ""

    def _bytes(self, name: PurePosixPath) -> bytes | None:
        for candidate in (str(name), f"images/{name}", name.name):
            if isinstance(value := self.inline.get(candidate), str):
                return _decode(value, self.max_bytes)
        if self.archive is None:
            return None
        suffixes = (f"/{name}", f"/images/{name}")
        for info in self.archive.infolist():
            entry = "/" + info.filename
            if entry.endswith(suffixes) and 0 < info.file_size <= self.max_bytes:
                try:
                    with self.archive.open(info) as file:
                        return file.read(self.max_bytes)
                except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError):
                    return None  # damaged, encrypted or of an unknown compression
        return None

    def _copy(self, data: bytes | None) -> str:
        suffix = next((s for m, s in MAGIC if data and data.startswith(m)), "")
        if not data or not suffix:
            self.lost += 1
            return ""
        if self.folder is None:
            return ""
        self.folder.mkdir(parents=True, exist_ok=True)
        target = self.folder / (hashlib.sha256(data).hexdigest()[:32] + suffix)
        if not target.exists():
            target.write_bytes(data)
        return str(target.resolve())


def _plain(reference: str) -> PurePosixPath | None:
    """A relative path to a picture without any way out; None for anything else."""
    if not reference or len(reference) > 1000 or any(c in reference for c in ("\\", "\x00", ":")):
        return None
    path = PurePosixPath(reference)
    if path.is_absolute() or ".." in path.parts or path.suffix.lower() not in SUFFIXES:
        return None
    return path


def _decode(uri: str, max_bytes: int) -> bytes | None:
    head, _, body = uri.partition(",")
    if not head.endswith(";base64") or len(body) > max_bytes * 4 // 3 + 4:
        return None
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        return None
