"""Output that MinerU 1.x and 3.4 really wrote, where the third-party corpus is."""

from __future__ import annotations

from pathlib import Path

import pytest

from dic_ingest.mineru.output.read import read_bundle

pytestmark = pytest.mark.corpus


def found(corpus: Path, pattern: str) -> list[Path]:
    files = sorted((corpus / "mineru_output").rglob(pattern))
    assert files, f"no {pattern} in the corpus"
    return files


@pytest.mark.parametrize("pattern", ["*content_list.json", "*content_list_v2.json", "*middle.json"])
def test_every_file_is_read_without_unknown_blocks(corpus: Path, pattern: str) -> None:
    for path in found(corpus, pattern):
        document = read_bundle(path)
        assert len(document.blocks) > 5
        assert "unknown_block" not in {w.code for w in document.warnings}


def test_the_three_contracts_of_one_document_agree(corpus: Path) -> None:
    folder = found(corpus, "*content_list_v2.json")[0].parent
    told = []
    for pattern in ("*_middle.json", "*_content_list_v2.json", "*_content_list.json"):
        (path,) = folder.glob(pattern)
        document = read_bundle(path)
        told.append({(b.page, b.type, "".join(b.content.split())[:25]) for b in document.blocks})
    # spaces and the numbers of footnote marks differ between the writers, the blocks do not
    assert len(told[0] & told[1]) >= 0.9 * len(told[0]) and len(told[1] & told[2]) >= 0.8 * len(told[1])
    assert len(told[0]) == len(told[1]) == len(told[2])


def test_a_folder_gives_points_of_the_page(corpus: Path) -> None:
    folder = found(corpus, "*content_list_v2.json")[0].parent
    document = read_bundle(folder)
    assert document.parser.tier == "vlm" and document.warnings == ()
    for block in document.blocks:
        page = document.pages[block.page - 1]
        assert block.bbox and block.bbox[2] <= page.width and block.bbox[3] <= page.height
