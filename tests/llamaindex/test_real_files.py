"""The reader on real files through the whole pipeline: in one process, in worker processes, in threads."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from llama_index.core import SimpleDirectoryReader
from llama_index.core.embeddings import MockEmbedding
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.schema import ImageDocument, ImageNode
from llama_index.core.storage.docstore import SimpleDocumentStore
from llama_index.core.vector_stores import SimpleVectorStore
from PIL import Image, ImageDraw

from dic_ingest.llamaindex.captioner import DICCaptioner
from dic_ingest.llamaindex.node_parser import DICNodeParser
from dic_ingest.llamaindex.reader import DICReader

STEPS = ("Receive order", "Check stock", "Ship parcel")


def flow_page(canvas: Any) -> None:
    """A heading, a sentence that names the figure, three boxes with arrows, a caption, a last sentence."""
    canvas.setFont("Helvetica-Bold", 16)
    canvas.drawString(50, 650, "1 Order handling")
    canvas.setFont("Helvetica", 10)
    canvas.drawString(50, 620, "Orders are handled as Figure 1 shows. Nothing waits for long in this shop.")
    for i, step in enumerate(STEPS):
        y = 500 - 80 * i
        canvas.rect(150, y, 140, 36)
        canvas.drawCentredString(220, y + 14, step)
        if i < 2:
            canvas.line(220, y, 220, y - 44)
            head = canvas.beginPath()
            head.moveTo(220, y - 44)
            head.lineTo(216, y - 36)
            head.lineTo(224, y - 36)
            head.close()
            canvas.drawPath(head, fill=1)
    canvas.drawString(150, 310, "Figure 1: The way of an order")
    canvas.drawString(50, 280, "After the flow comes the invoice, which is sent by letter.")


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Four pictures of boxes."""
    place = tmp_path / "pictures"
    place.mkdir()
    for n in range(4):
        picture = Image.new("RGB", (240, 160), "white")
        draw = ImageDraw.Draw(picture)
        draw.rectangle((20, 20, 110 + n, 70), outline="black", width=2)
        draw.line((60, 70, 60, 110), fill="black", width=2)
        draw.rectangle((20, 110, 110, 150), outline="black", width=2)
        picture.save(place / f"picture{n}.png")
    return place


def load(place: Path, crops: Path, **how: Any) -> list[Any]:
    reader = DICReader(engine="fake", image_dir=str(crops))
    return SimpleDirectoryReader(str(place), file_extractor={".png": reader}).load_data(**how)


def test_a_figure_stands_between_its_paragraphs(make_pdf: Callable[..., Path], tmp_path: Path) -> None:
    path = make_pdf(flow_page, size=(500, 700))
    reader = DICReader(engine="fake", tier="flash", image_dir=str(tmp_path / "crops"))
    before, figure, after = reader.load_data(path)
    assert isinstance(figure, ImageDocument)
    assert all(step in figure.text for step in STEPS)
    assert figure.text.startswith("Figure 1: The way of an order")
    assert figure.metadata["referenced_by"] == before.id_
    assert "Ship parcel" not in before.text + after.text
    assert after.text.endswith("sent by letter.")
    with Image.open(figure.image_path or "") as crop:
        assert min(crop.size) > 100
    nodes = DICNodeParser()(DICReader(**{**reader.to_dict(), "emit": "document"}).load_data(path))
    assert [type(n).__name__ for n in nodes] == ["TextNode", "ImageNode", "TextNode"]
    assert [n.get_content() for n in nodes] == [d.text for d in (before, figure, after)]


def test_a_captioner_reads_the_drawing_of_the_file_again(
    make_pdf: Callable[..., Path], tmp_path: Path
) -> None:
    path = make_pdf(flow_page, size=(500, 700))
    reader = DICReader(engine="none", tier="flash", image_dir=str(tmp_path / "crops"), emit="document")
    nodes = DICNodeParser()(reader.load_data(path))
    (figure,) = (n for n in DICCaptioner(engine="fake")(nodes) if isinstance(n, ImageNode))
    assert "pixels)" in figure.text
    assert figure.metadata["caption_engine"] == "fake"


def test_a_second_run_over_real_files_has_nothing_to_do(
    make_pdf: Callable[..., Path], tmp_path: Path
) -> None:
    make_pdf(flow_page, size=(500, 700), name="first.pdf")
    make_pdf(lambda c: c.drawString(50, 50, "Just one sentence on a page."), name="second.pdf")
    store = SimpleVectorStore()
    pipeline = IngestionPipeline(
        transformations=[DICNodeParser(), MockEmbedding(embed_dim=4)],
        docstore=SimpleDocumentStore(),
        vector_store=store,
    )

    def run() -> list[str]:
        reader = DICReader(engine="fake", tier="flash", emit="document", image_dir=str(tmp_path / "crops"))
        loader = SimpleDirectoryReader(str(tmp_path), file_extractor={".pdf": reader})
        return [str(n.metadata["file_name"]) for n in pipeline.run(documents=loader.load_data())]

    assert run() == ["first.pdf"] * 3 + ["second.pdf"]
    assert run() == []
    make_pdf(lambda c: c.drawString(50, 50, "Another sentence on a page."), name="second.pdf")
    assert run() == ["second.pdf"]
    assert len(store.data.embedding_dict) == 4


def test_worker_processes_give_what_one_process_gives(pictures: Path, tmp_path: Path) -> None:
    alone = load(pictures, tmp_path / "a")
    spread = load(pictures, tmp_path / "a", num_workers=2)
    assert [d.id_ for d in spread] == [d.id_ for d in alone]
    assert [d.hash for d in spread] == [d.hash for d in alone]
    assert all(isinstance(d, ImageDocument) for d in spread)


def test_four_threads_give_what_one_gives(pictures: Path, tmp_path: Path) -> None:
    alone = load(pictures, tmp_path / "a")
    reader = DICReader(engine="fake", image_dir=str(tmp_path / "a"))
    loader = SimpleDirectoryReader(str(pictures), file_extractor={".png": reader})
    together = asyncio.run(loader.aload_data(num_workers=4))
    assert [d.hash for d in together] == [d.hash for d in alone]


@pytest.mark.parametrize("module", ["dic_ingest", "dic_ingest.nodes", "dic_ingest.pipeline"])
def test_llama_index_is_loaded_by_the_reader_alone(module: str) -> None:
    code = f"import sys, {module}; sys.exit('llama_index' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
