"""Mutated PDFs, pictures, office files and saved MinerU output against their readers.

    python tests/batch/fuzz.py [CASES] [FIRST_SEED ...]

So many cases from each first seed on. A case is its seed: the same seed makes the same file, from 1000000 on
an office file. Prints JSON: cases, outcomes by kind, the case of the most processor time, peak memory, and
the seeds of cases that ended in anything but a document or a typed error.
"""

from __future__ import annotations

import importlib.util
import io
import json
import random
import re
import sys
import tempfile
import time
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from dic_ingest.errors import DICIngestError
from dic_ingest.figures.crops import cut_crops
from dic_ingest.figures.recovery import recover_figures
from dic_ingest.mineru.output.read import read_bundle
from dic_ingest.model.document import Document
from dic_ingest.nodes import to_nodes
from dic_ingest.sources.image import PictureFile
from dic_ingest.sources.office.file import OfficeFile
from dic_ingest.sources.office.settings import SUFFIXES as OFFICE
from dic_ingest.sources.office.settings import OfficeSettings
from dic_ingest.sources.pdf.document import PdfFile

OFFICE_SEEDS = 1_000_000  # from here on office files: seeds below stay what they were
ROOT = Path(__file__).resolve().parents[2]
NUMBERS = (b"0", b"-1", b"2147483648", b"99999999999", b"1e308", b"NaN", b"65536", b"<<", b">>", b"R", b"]")
VALUES: tuple[Any, ...] = (None, -1, 2**31, 1e308, "", "../../x", "/etc/passwd", [], {}, [[]], True, "\ud800")


def own_peak() -> int:
    """MiB that this process held at most; unlike ru_maxrss it does not begin with what its parent held."""
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(peak[1]) // 1024 if peak else 0


def no_pdf(path: Path, pdf: PdfFile) -> Document:
    raise AssertionError(f"{path} is laid out without a PDF parser")


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Bytes flipped, cut, doubled, moved, numbers swapped for bad ones."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 3, 10, 40))):
        place = chance.randrange(len(out))
        length = chance.choice((1, 4, 64, 1024))
        act = chance.randrange(6)
        if act == 0:
            out[place] = chance.randrange(256)
        elif act == 1:
            del out[place : place + length]
        elif act == 2:
            out[place:place] = out[place : place + length]
        elif act == 3:
            bad = chance.choice(NUMBERS)
            out[place : place + len(bad)] = bad
        elif act == 4:
            out[place : place + length] = chance.randbytes(length)
        else:
            end = max(place, 16)
            out = out[:end] if chance.random() < 0.1 else out
        if not out:
            return b"%PDF-1.4"
    return bytes(out)


def bent(value: Any, chance: random.Random, rate: float) -> Any:
    """JSON with values swapped, dropped and doubled."""
    if chance.random() < rate:
        return chance.choice(VALUES)
    if isinstance(value, dict):
        return {k: bent(v, chance, rate) for k, v in value.items() if chance.random() > rate / 4}
    if isinstance(value, list):
        return [bent(v, chance, rate) for v in value for _ in range(1 + (chance.random() < rate / 4))]
    return value


def read_pdf(data: bytes, folder: Path) -> None:
    with PdfFile(data) as pdf:
        for page in pdf.pages[:3]:
            pdf.drawing(page.number)
            pdf.render(page.number, dpi=40)


def read_picture(data: bytes, folder: Path, suffix: str) -> None:
    path = folder / f"picture{suffix}"
    path.write_bytes(data)
    with PictureFile(path) as picture:
        picture.layout(str(path), no_pdf)
        for page in picture.pages[:3]:
            picture.render(page.number, dpi=40)


def repacked(data: bytes, chance: random.Random) -> bytes:
    """An archive one of whose parts is mutated: mutated whole, most would not even be opened."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        chosen = chance.choice(old.namelist())
        for name in old.namelist():
            part = old.read(name)
            bad = mutated(part, chance) if name == chosen and part else part
            new.writestr(zipfile.ZipInfo(name), bad)
    return out.getvalue()


def read_office(data: bytes, folder: Path, suffix: str, chance: random.Random) -> None:
    path = folder / f"file{suffix}"
    whole = not data.startswith(b"PK") or chance.random() < 0.2
    path.write_bytes(mutated(data, chance) if whole else repacked(data, chance))
    with OfficeFile(path, OfficeSettings(libreoffice="off")) as office:
        document = office.layout(str(path), no_pdf)
        to_nodes(document)
        for page in office.pages[:3]:
            office.render(page.number, dpi=40)


def office_files(folder: Path) -> list[Path]:
    """One of every format, where the extra that reads them is installed."""
    if not importlib.util.find_spec("unstructured"):
        return []
    sys.path.insert(0, str(ROOT / "tests" / "sources"))
    import office_samples as made

    makers = {
        "docx": made.make_docx, "pptx": made.make_pptx, "xlsx": made.make_xlsx,
        "html": made.make_html, "md": made.make_markdown, "epub": made.make_epub,
    }  # fmt: skip
    return [make(folder / f"made.{suffix}") for suffix, make in makers.items()]


def read_saved(data: Any, folder: Path, pdf: PdfFile) -> None:
    document = read_bundle(data, pages=pdf.pages, sha256="ab" * 32, name="saved")
    known = {page.number for page in pdf.pages}  # as the pipeline does
    blocks = tuple(b for b in document.blocks if b.page in known)
    document = replace(document, pages=pdf.pages, blocks=blocks)
    document = recover_figures(document, pdf.drawing)
    cut_crops(document, pdf.render, folder)


def case(
    seed: int, files: list[Path], saved: list[Any], office: list[Path], pdf: PdfFile, folder: Path
) -> tuple[str, str]:
    """Kind of the seed's case, and what became of it."""
    chance = random.Random(seed)
    chosen = chance.choice((*files, *range(len(saved))) if seed < OFFICE_SEEDS else office)
    kind = chosen.suffix if isinstance(chosen, Path) else "bundle"
    try:
        if not isinstance(chosen, Path):
            rate = chance.choice((0.002, 0.02, 0.1))
            whole = saved[chosen]  # its outermost value stays what it is: a text would be a path
            read_saved(
                {k: bent(v, chance, rate) for k, v in whole.items()}
                if isinstance(whole, dict)
                else [bent(v, chance, rate) for v in whole],
                folder,
                pdf,
            )
        elif chosen.suffix in OFFICE:
            read_office(chosen.read_bytes(), folder, chosen.suffix, chance)
        elif chosen.suffix == ".pdf":
            read_pdf(mutated(chosen.read_bytes(), chance), folder)
        else:
            read_picture(mutated(chosen.read_bytes(), chance), folder, chosen.suffix)
    except DICIngestError as error:
        return kind, type(error).__name__
    except Exception as error:  # what this looks for
        return kind, f"UNTYPED {type(error).__name__}: {error}"[:300]
    return kind, "read"


def main(cases: int, firsts: list[int]) -> dict[str, Any]:
    """Run the cases of all seeds."""
    samples = ROOT / "samples"
    files = sorted(samples.glob("*.pdf")) + sorted(samples.glob("*.png"))
    found = sorted((ROOT / "tests" / "fixtures").rglob("*.json"))
    saved = [json.loads(f.read_text("utf-8")) for f in found if f.stat().st_size < 300_000]
    outcomes: Counter[str] = Counter()
    untyped: dict[int, str] = {}
    slowest = (0.0, firsts[0])
    seeds = [seed for first in firsts for seed in range(first, first + cases)]
    with (
        tempfile.TemporaryDirectory() as place,
        tempfile.TemporaryDirectory() as made,
        PdfFile(samples / "telecom_report.pdf") as pdf,
    ):
        office = office_files(Path(made)) if max(seeds) >= OFFICE_SEEDS else []
        for seed in seeds:
            began = time.process_time()
            kind, became = case(seed, files, saved, office, pdf, Path(place))
            slowest = max(slowest, (time.process_time() - began, seed))
            outcomes[f"{kind} {became.split(':')[0]}"] += 1
            if became.startswith("UNTYPED"):
                untyped[seed] = became
    return {
        "cases": len(seeds),
        "outcomes": dict(sorted(outcomes.items())),
        "slowest_seconds": round(slowest[0], 2),
        "slowest_seed": slowest[1],
        "peak_mib": own_peak(),
        "untyped": untyped,
    }


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    print(json.dumps(main(given[0] if given else 1000, given[1:] or [0]), indent=1))
