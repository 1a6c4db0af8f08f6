"""Where a page's pictures go: files beside it, or into the page itself as data URIs."""

from __future__ import annotations

import base64
import io
import os
import shutil
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from PIL import Image

MIMES = {".png": "image/png", ".webp": "image/webp", ".jpg": "image/jpeg"}


class Shelf(Protocol):
    """Takes pictures, gives what an `src` attribute needs."""

    def put(self, picture: Image.Image, name: str, quality: int) -> str:
        """Keep a picture as WebP under `name` (without suffix)."""
        ...

    def keep(self, path: Path, name: str) -> str:
        """Keep a picture file as it is under `name` (with suffix)."""
        ...


class Folder:
    """Files in `folder`, named relative to the page by `prefix`."""

    def __init__(self, folder: Path, prefix: str) -> None:
        self.folder, self.prefix = folder, prefix

    def put(self, picture: Image.Image, name: str, quality: int) -> str:
        self.folder.mkdir(parents=True, exist_ok=True)
        picture.save(self.folder / f"{name}.webp", "WEBP", quality=quality, method=2)
        return self._href(f"{name}.webp")

    def keep(self, path: Path, name: str) -> str:
        self.folder.mkdir(parents=True, exist_ok=True)
        target = self.folder / name
        try:
            os.link(path, target)  # costs no disk; a new run replaces its crops, never changes them
        except OSError:
            shutil.copyfile(path, target)
        return self._href(name)

    def _href(self, name: str) -> str:
        return quote(f"{self.prefix}/{name}")


class Inline:
    """Data URIs: the page needs no other file."""

    def put(self, picture: Image.Image, name: str, quality: int) -> str:
        held = io.BytesIO()
        picture.save(held, "WEBP", quality=quality, method=2)
        return _uri(held.getvalue(), ".webp")

    def keep(self, path: Path, name: str) -> str:
        return _uri(path.read_bytes(), Path(name).suffix)


def _uri(data: bytes, suffix: str) -> str:
    return f"data:{MIMES[suffix]};base64,{base64.b64encode(data).decode('ascii')}"
