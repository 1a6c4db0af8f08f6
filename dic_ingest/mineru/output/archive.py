"""Opening saved MinerU output (a folder, a zip, a JSON file, JSON values in memory) and the pictures it
refers to.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from dic_ingest.errors import BundleError, SettingsError

# The pictures a bundle refers to: found in its folder, its zip or a data URI, never outside them.


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
    left: int = 1 << 30  # bytes that may still be copied
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
        if len(data) > self.left:
            self.lost += 1
            return ""
        self.left -= len(data)
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


# Opening saved MinerU output: a folder, a zip, a JSON file, or JSON values already in memory.


NAMES = ("middle_json.json", "middle.json", "content_list_v2.json", "content_list.json")  # richest first
MAX_RATIO = 200  # JSON packed better than this repeats itself: a bomb
MIB = 1 << 20
DEPTH = 3  # MinerU 2.x and 3.x write <out>/<name>/<backend>/


@dataclass(frozen=True, slots=True)
class BundleLimits:
    """Bounds on what one bundle may cost."""

    max_json_bytes: int = 256 << 20
    max_picture_bytes: int = 64 << 20
    max_unpacked: int = 1 << 30  # bytes of all pictures copied out of a zip or data URIs
    max_files: int = 100_000  # looked at in a folder or zip
    max_blocks: int = 1_000_000

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if getattr(self, name) < 1:
                raise SettingsError(f"BundleLimits.{name} must be at least 1, got {getattr(self, name)}")


@dataclass(frozen=True, slots=True)
class Opened:
    """A bundle's JSON, its digest, its pictures, and the PDF beside it where MinerU left one."""

    data: Any
    sha256: str
    pictures: Pictures
    pdf: Path | None = None


def original_in_zip(archive: zipfile.ZipFile, target: Path, max_bytes: int) -> bool:
    """Copy the one PDF that MinerU packed with its output to `target`; False where there is none to take."""
    entries = [e for e in archive.infolist() if e.filename.endswith(("_origin.pdf", "/source.pdf"))]
    if len(entries) != 1:
        return False
    try:
        with archive.open(entries[0]) as file, target.open("wb") as out:
            left = min(max_bytes, MAX_RATIO * entries[0].compress_size + MIB)
            while chunk := file.read(MIB):
                left -= len(chunk)
                if left < 0:
                    return False
                out.write(chunk)
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError):
        return False
    return True


@contextmanager
def open_bundle(
    source: Path | str | dict[str, Any] | list[Any], limits: BundleLimits, sha256: str = ""
) -> Iterator[Opened]:
    """The bundle at `source`; raises BundleError where there is none or several, or it is too big.

    `sha256` spares the digest of values in memory.
    """
    if isinstance(source, dict | list):
        yield Opened(source, sha256 or _digest_of(source), Pictures(max_bytes=limits.max_picture_bytes))
        return
    if not isinstance(source, str | Path):
        raise BundleError(f"{type(source).__name__} is no MinerU output. Give a path, or the JSON values.")
    path = Path(source)
    try:
        if path.is_dir():
            yield _open_json(richest_json(path, limits), limits)
        elif path.suffix.lower() == ".json":
            yield _open_json(path, limits)
        elif zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                yield _open_zip(archive, path.name, limits)
        else:
            state = "is neither a folder, a zip nor a .json file" if path.exists() else "does not exist"
            raise BundleError(f"{path} {state}. Give the folder that MinerU wrote.")
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise BundleError(f"{path} cannot be read ({error}). Save MinerU's output again.") from error


def decode(raw: bytes, name: str) -> Any:
    """JSON values; raises BundleError where it is none or nested beyond reason."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        reason = "is nested too deeply" if isinstance(error, RecursionError) else f"is no JSON ({error})"
        raise BundleError(f"{name} {reason}. Save MinerU's output again.") from error


def rank(name: str) -> int:
    """Place among `NAMES` of a file name (`middle.json` or `anything_middle.json`); -1 for others."""
    base = name.rsplit("/", 1)[-1]
    return next((i for i, n in enumerate(NAMES) if base == n or base.endswith("_" + n)), -1)


def _digest_of(data: object) -> str:
    try:
        plain = json.dumps(data, sort_keys=True, default=str)
    except (TypeError, ValueError, RecursionError) as error:
        raise BundleError(f"the values given are no JSON ({error}). Give MinerU's own output.") from error
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()


def _open_json(path: Path, limits: BundleLimits) -> Opened:
    size = path.stat().st_size
    if size > limits.max_json_bytes:
        raise BundleError(f"{path.name} has {size} bytes, more than BundleLimits.max_json_bytes. Raise it.")
    raw = path.read_bytes()
    pictures = Pictures(base=path.parent, max_bytes=limits.max_picture_bytes, left=limits.max_unpacked)
    pdfs = sorted(path.parent.glob("*_origin.pdf"))
    pdf = pdfs[0] if len(pdfs) == 1 and not pdfs[0].is_symlink() else None
    return Opened(decode(raw, path.name), hashlib.sha256(raw).hexdigest(), pictures, pdf)


def richest_json(folder: Path, limits: BundleLimits) -> Path:
    """The one richest JSON in a folder or up to `DEPTH` folders below; BundleError for none or several."""
    layer, seen = [folder], 0
    for _ in range(DEPTH + 1):
        found: list[Path] = []
        below: list[Path] = []
        for place in layer:
            for entry in sorted(place.iterdir()):
                seen += 1
                if seen > limits.max_files:
                    raise BundleError(
                        f"{folder} holds more than BundleLimits.max_files files. Name the .json."
                    )
                if entry.is_dir() and not entry.is_symlink():
                    below.append(entry)
                elif rank(entry.name) >= 0 and entry.is_file():
                    found.append(entry)
        if found:
            return folder / _richest([str(f.relative_to(folder)) for f in found], str(folder))
        layer = below
    raise BundleError(
        f"{folder} holds no MinerU output (middle_json.json, *_content_list.json). Parse first."
    )


def _richest(names: list[str], where: str) -> str:
    best = min(rank(n) for n in names)
    same = [n for n in names if rank(n) == best]
    if len(same) > 1:
        raise BundleError(
            f"{where} holds {len(same)} documents ({', '.join(same[:3])} ...). Give one of them."
        )
    return same[0]


def _open_zip(archive: zipfile.ZipFile, name: str, limits: BundleLimits) -> Opened:
    entries = archive.infolist()
    if len(entries) > limits.max_files:
        raise BundleError(f"{name} holds {len(entries)} files, more than BundleLimits.max_files. Raise it.")
    names = [e.filename for e in entries if rank(e.filename) >= 0]
    if not names:
        raise BundleError(f"{name} holds no MinerU output (middle_json.json, *_content_list.json).")
    entry = archive.getinfo(_richest(names, name))
    most = min(limits.max_json_bytes, MAX_RATIO * entry.compress_size + MIB)
    with archive.open(entry) as file:
        raw = file.read(most + 1)  # the size in the header may lie
    if len(raw) > limits.max_json_bytes:
        raise BundleError(f"{entry.filename} in {name} is over BundleLimits.max_json_bytes. Raise it.")
    if len(raw) > most:
        raise BundleError(
            f"{entry.filename} in {name} unpacks to more than {MAX_RATIO} times its size. Unpack it and look."
        )
    pictures = Pictures(archive=archive, max_bytes=limits.max_picture_bytes, left=limits.max_unpacked)
    return Opened(decode(raw, entry.filename), hashlib.sha256(raw).hexdigest(), pictures)
