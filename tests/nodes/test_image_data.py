"""Crops inside nodes and pictures of pages, from a file to nodes.jsonl, LlamaIndex and an index."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from click.testing import CliRunner
from llama_index.core.schema import ImageNode, NodeWithScore
from made_document import made, write_crops
from PIL import Image

from dic_ingest.batch.results import write_document
from dic_ingest.cli.run import command
from dic_ingest.index.update import read_nodes
from dic_ingest.llamaindex.convert import to_document, to_node
from dic_ingest.nodes import NodeRecord, NodeSettings, to_nodes
from dic_ingest.nodes.image_data import with_image_data

SCHEMA = Path(__file__).parents[2] / "dic_ingest" / "batch" / "nodes.schema.json"


def picture(record: NodeRecord) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(record.image_data, validate=True)))


def test_crops_are_made_small_enough(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (400, 600, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "a.png")
    node = NodeRecord("1", "", {}, "figure", "a.png")
    sizes = []
    for most in (500_000, 20_000, 2_000):
        (found,) = with_image_data([node], tmp_path, most)
        assert 0 < len(base64.b64decode(found.image_data)) <= most
        with picture(found) as shown:
            assert shown.format == "JPEG" and shown.width / shown.height == pytest.approx(1.5, abs=0.1)
            sizes.append(shown.width)
    assert sizes[0] == 600 > sizes[1] > sizes[2]
    for settled in (with_image_data([node], tmp_path, 10), with_image_data([node], tmp_path, 0)):
        assert settled == [node]  # nothing of use fits; not asked for
    outside = replace(node, image="../a.png")
    assert with_image_data([outside], tmp_path / "b", 5000) == [outside]


def test_only_who_asks_gets_them(tmp_path: Path) -> None:
    document = made("ab" * 32)
    write_crops(tmp_path)
    write_document(document, tmp_path, NodeSettings())
    plain = (tmp_path / "nodes.jsonl").read_text("utf-8")
    assert "image_data" not in plain and "page_image" not in plain
    write_document(document, tmp_path, NodeSettings(image_bytes=50_000))
    lines = [json.loads(line) for line in (tmp_path / "nodes.jsonl").read_text("utf-8").splitlines()]
    for line in lines:
        jsonschema.validate(line, json.loads(SCHEMA.read_text("utf-8")))
    with_data = [line for line in lines if line.get("image_data")]
    assert with_data and all(line["image"] for line in with_data)
    records = to_nodes(document, NodeSettings(image_bytes=50_000), tmp_path)
    assert [r.image_data for r in records] == [line.get("image_data", "") for line in lines]
    record = next(r for r in records if r.image_data)
    node = to_node(record)
    assert isinstance(node, ImageNode) and node.image == record.image_data
    assert node.image_mimetype == "image/jpeg" and node.image_path == record.image
    assert NodeWithScore(node=node).node.get_content() == record.text  # the picture is no text
    assert to_document(record).image_resource.data.decode() == record.image_data


def test_a_run_draws_pages_and_an_index_names_them(tmp_path: Path) -> None:
    Image.new("RGB", (300, 200), "white").save(tmp_path / "drawing.png")
    settings = tmp_path / "pictures.toml"
    settings.write_text("[crops]\npages = true\n[nodes]\nimage_bytes = 20000\n")
    out = tmp_path / "out"
    given = [str(tmp_path / "drawing.png"), "--out", str(out), "--settings", str(settings)]
    result = CliRunner().invoke(command, [*given, "--engine", "none"], standalone_mode=False)
    assert result.exception is None and result.return_value == 0, result.output
    ((_, records),) = read_nodes(out)
    (page,) = out.glob("*/pages/0001.png")
    assert {r.metadata["page_image"] for r in records} == {str(page.resolve())}
    assert not any(r.image_data for r in records)  # an index leaves them out
    with Image.open(page) as drawn:
        assert drawn.width / drawn.height == pytest.approx(1.5, abs=0.02)
