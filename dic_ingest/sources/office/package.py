"""The zip archive inside an office file or e-book, opened with suspicion.

In: a file. Out: its parts by name, bounded in number and size; copies without links to other machines.
Nothing is written to disk under a name that the archive gives.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote

from lxml import etree

from dic_ingest.errors import BrokenFileError, EncryptedFileError, InputError, LimitError
from dic_ingest.sources.office.settings import OfficeSettings

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # old binary formats, and encrypted new ones
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # the stream that holds a protected file
RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


class Package:
    """The parts of an archive. `names` keeps their order; sizes were checked before anything is unpacked.

    Raises:
        BrokenFileError, EncryptedFileError, LimitError.
    """

    def __init__(self, path: Path, settings: OfficeSettings) -> None:
        self.name = path.name
        try:
            with path.open("rb") as file:
                if file.read(8) == OLE:
                    raise _ole_error(path.name, file)
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise BrokenFileError(f"{path.name} is damaged: {error}. Fetch or save it again.") from error
        parts = self._zip.infolist()
        unpacked = sum(p.file_size for p in parts)
        if len(parts) > settings.max_parts or unpacked > settings.max_unpacked:
            self._zip.close()
            raise LimitError(
                f"{path.name} unpacks to {len(parts)} parts of {unpacked} bytes, over OfficeSettings. "
                "Raise max_parts or max_unpacked if the file is trusted."
            )
        largest = max((p.file_size for p in parts if p.filename.endswith((".xml", ".rels"))), default=0)
        if largest > settings.max_xml:
            self._zip.close()
            raise LimitError(
                f"{path.name} holds {largest} bytes of XML in one part, over OfficeSettings.max_xml. "
                "Raise it if the file is trusted."
            )
        if any(p.flag_bits & 1 for p in parts):
            self._zip.close()
            raise EncryptedFileError(f"{path.name} has encrypted parts. Save it without a password.")
        self._parts = {p.filename: p for p in parts}
        self.names = tuple(self._parts)

    def close(self) -> None:
        """Close the archive."""
        self._zip.close()

    def read(self, name: str) -> bytes | None:
        """A part's bytes; None where there is none of that name, or it is damaged."""
        part = self._parts.get(name)
        if part is None:
            return None
        try:
            with self._zip.open(part) as file:
                # the size told in the directory is a claim: no more than that is ever read
                return file.read(part.file_size)
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError):
            return None

    def xml(self, name: str) -> Any:
        """A part as an lxml tree, entities left alone; None where it is absent or no XML."""
        data = self.read(name)
        return None if data is None else parse_xml(data)

    def beside(self, part: str, target: str) -> str:
        """The name of the part that `target` means when `part` links to it; "" outside the archive."""
        if re.match(r"^[a-zA-Z][a-zA-Z0-9+.\-]*:", target) or target.startswith("//"):
            return ""
        plain = unquote(target.split("#")[0].split("?")[0])
        joined = plain if plain.startswith("/") else posixpath.join(posixpath.dirname(part), plain)
        name = posixpath.normpath(joined).lstrip("/")
        return "" if name.startswith("..") else name

    def related(self, part: str) -> dict[str, str]:
        """Parts that `part` relates to, by relationship id; links out of the archive are left out."""
        folder, name = posixpath.split(part)
        tree = self.xml(posixpath.join(folder, "_rels", f"{name}.rels"))
        if tree is None:
            return {}
        found = {}
        for relation in tree.iter(RELATIONS):
            if relation.get("TargetMode") != "External":
                found[relation.get("Id", "")] = self.beside(part, relation.get("Target", ""))
        return {k: v for k, v in found.items() if v}

    def copy_closed(self, target: Path, changed: dict[str, bytes] | None = None) -> None:
        """A copy of the archive at `target`, with `changed` parts; linking outside by text links alone."""
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
            for name in self.names:
                data = (changed or {}).get(name) or self.read(name) or b""
                copy.writestr(name, _without_links(data) if name.endswith(".rels") else data)


def _ole_error(name: str, file: IO[bytes]) -> InputError:
    """Why an OLE container is not read: a password, or a format of before 2007 under a newer suffix."""
    last = b""
    while part := file.read(1 << 20):
        if ENCRYPTED in last + part:
            return EncryptedFileError(f"{name} is protected by a password. Save it without one.")
        last = part[-len(ENCRYPTED) :]
    return EncryptedFileError(
        f"{name} is encrypted or in an old binary format. Save it without a password in the new format."
    )


def parse_xml(data: bytes) -> Any:
    """Untrusted XML as a tree: no entities, no DTD, no network; None where it is malformed."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True
    )
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _without_links(data: bytes) -> bytes:
    tree = parse_xml(data)
    if tree is None:
        return data
    for relation in list(tree.iter(RELATIONS)):
        if relation.get("TargetMode") == "External" and not relation.get("Type", "").endswith("/hyperlink"):
            tree.remove(relation)
    return bytes(etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True))
