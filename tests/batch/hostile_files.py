"""Files that mean harm, made by the tests: bombs, links out, entities, formulas, boxes without end."""

from __future__ import annotations

import os
import socket
import struct
import zipfile
import zlib
from pathlib import Path

from PIL import Image

MIB = 1 << 20
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)


def pdf(*objects: bytes) -> bytes:
    """A PDF of these objects, the first its catalogue, with a table of where they are."""
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    return (
        out
        + head
        + table
        + b"trailer<</Size %d/Root 1 0 R>>startxref\n%d\n%%%%EOF"
        % (
            len(objects) + 1,
            len(out),
        )
    )


def paged(box: bytes, content: bytes, filters: bytes = b"", resources: bytes = b"", *more: bytes) -> bytes:
    """A PDF of one page."""
    return pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[%s]/Contents 4 0 R/Resources<<%s>>>>" % (box, resources),
        b"<</Length %d%s>>stream\n%s\nendstream" % (len(content), filters, content),
        *more,
    )


def bombs(folder: Path) -> None:
    """Small files that unpack to a great deal."""
    Image.new("1", (20000, 20000)).save(folder / "bomb.png")
    twice = zlib.compress(zlib.compress(b" " * (200 * MIB), 9), 9)
    (folder / "content-bomb.pdf").write_bytes(
        paged(b"0 0 612 792", twice, b"/Filter[/FlateDecode/FlateDecode]")
    )
    dark = zlib.compress(zlib.compress(bytes(200 * MIB), 9), 9)
    image = b"<</Type/XObject/Subtype/Image/Width 30000/Height 30000/BitsPerComponent 8/ColorSpace/DeviceGray"
    image += b"/Filter[/FlateDecode/FlateDecode]/Length %d>>stream\n%s\nendstream" % (len(dark), dark)
    (folder / "image-bomb.pdf").write_bytes(
        paged(b"0 0 612 792", b"600 0 0 700 0 0 cm /I Do", b"", b"/XObject<</I 5 0 R>>", image)
    )
    for name, box in {"wide": b"0 0 2147483648 2147483648", "odd": b"-1e30 nan 1e308 5"}.items():
        (folder / f"{name}-box.pdf").write_bytes(paged(box, b"0 0 10 10 re f"))
    (folder / "deep.pdf").write_bytes(b"%PDF-1.7\n" + b"[" * 100_000)


def office_bombs(folder: Path) -> None:
    """Office files: unpacked size without end, told or real; parts with names that lead out; entities."""
    big, told = folder / "zip-bomb.docx", 7_340_033
    with zipfile.ZipFile(big, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("[Content_Types].xml", TYPES)
        out.writestr("word/document.xml", b" " * told)
    claimed = big.read_bytes().replace(struct.pack("<I", told), struct.pack("<I", 0xFFFFFFF0))
    (folder / "claimed-bomb.docx").write_bytes(claimed)
    text = f'<w:document xmlns:w="{WORD}"><w:body><w:p><w:r><w:t>'.encode()
    with zipfile.ZipFile(big, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("[Content_Types].xml", TYPES)
        out.writestr("word/document.xml", text + b"a " * (100 * MIB))
    with zipfile.ZipFile(folder / "slip.docx", "w") as out:
        out.writestr("[Content_Types].xml", TYPES)
        out.writestr("word/document.xml", text + b"kept</w:t></w:r></w:p></w:body></w:document>")
        for name in ("../slipped.xml", "/slipped.xml", "..\\slipped.xml", "word/../../slipped.png"):
            out.writestr(name, b"slipped")


def entities(folder: Path, secret: Path, address: str) -> None:
    """XXE in a Word file, a web page with links out."""
    outer = f'<!DOCTYPE d [<!ENTITY x SYSTEM "{secret.as_uri()}"><!ENTITY y SYSTEM "{address}/y">]>'
    body = f'{outer}<w:document xmlns:w="{WORD}"><w:body><w:p><w:r><w:t>before &x;&y; after</w:t></w:r></w:p>'
    with zipfile.ZipFile(folder / "xxe.docx", "w") as out:
        out.writestr("[Content_Types].xml", TYPES)
        out.writestr("word/document.xml", f'<?xml version="1.0"?>{body}</w:body></w:document>')
    pictures = f'<img src="{address}/a.png"><img src="{secret.as_uri()}">'
    code = f'<link rel="stylesheet" href="{address}/b"><script src="{address}/c"></script>'
    (folder / "links.html").write_text(f"<p>words</p>{pictures}{code}")
    (folder / "links.md").write_text(f"words ![a]({address}/d.png) ![b](../secret.png)")


def links(folder: Path, outside: Path) -> None:
    """Links out of the folder and around in it, a socket, names that some programs would run."""
    (folder / "link.pdf").symlink_to(outside)
    (folder / "gone.pdf").symlink_to(folder / "nowhere")
    (folder / "round").symlink_to(folder, target_is_directory=True)
    listening = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    os.chdir(folder)  # a socket's path is short
    try:
        listening.bind("socket.pdf")
    finally:
        os.chdir(here)
        listening.close()
    for name in ("=cmd|' !A0.pdf", "$(touch x);`id`.pdf", "-rf.pdf", "\u202egnp.pdf", "a\nb.pdf"):
        (folder / name).write_bytes(b"%PDF-1.7 nothing")
