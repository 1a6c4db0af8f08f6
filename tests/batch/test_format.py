"""nodes.jsonl keeps its promised format, and LangChain reads it."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from made_document import made, write_crops

from dic_ingest.batch.results import write_document
from dic_ingest.errors import MissingFileError
from dic_ingest.nodes import NodeSettings


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    text = resources.files("dic_ingest.batch").joinpath("nodes.schema.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    Draft202012Validator.check_schema(loaded)
    return loaded


def checked(path: Path, schema: dict[str, Any]) -> list[dict[str, Any]]:
    validator = Draft202012Validator(schema)
    nodes = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for node in nodes:
        assert [e.message for e in validator.iter_errors(node)] == []
        told = schema["properties"]["metadata"]["properties"]
        assert set(node["metadata"]) <= set(told), "a metadata key that the schema does not tell"
        assert set(node) == set(schema["required"])
    return nodes


def test_made_nodes_follow_the_schema(tmp_path: Path, schema: dict[str, Any]) -> None:
    write_document(made(), tmp_path, NodeSettings(table_tokens=32, figure_tokens=64, furniture=True))
    nodes = checked(tmp_path / "nodes.jsonl", schema)
    assert {n["type"] for n in nodes} >= {"text", "figure", "table", "code"}
    bad = {**nodes[0], "metadata": {**nodes[0]["metadata"], "page": "1"}}
    assert list(Draft202012Validator(schema).iter_errors(bad))


def test_a_real_run_follows_the_schema(samples: Path, tmp_path: Path, schema: dict[str, Any]) -> None:
    from dic_ingest.batch.run import run
    from dic_ingest.batch.settings import WorkSettings

    entries = run([samples / "telecom_report.pdf"], tmp_path, WorkSettings())
    assert entries[0].status == "ok", entries[0].error
    nodes = checked(tmp_path / entries[0].name / "nodes.jsonl", schema)
    assert [n["next"] for n in nodes[:-1]] == [n["id"] for n in nodes[1:]]


def test_langchain_loads_it(tmp_path: Path) -> None:
    pytest.importorskip("langchain_core", reason="langchain-core is not installed")
    from dic_ingest.langchain import DICLoader

    folder = tmp_path / "orders"
    folder.mkdir()
    write_document(made(), folder, NodeSettings())
    write_crops(folder)
    documents = DICLoader(tmp_path).load()
    nodes = [json.loads(line) for line in (folder / "nodes.jsonl").read_text("utf-8").splitlines()]
    assert [d.id for d in documents] == [n["id"] for n in nodes]
    pictured = [d for d in documents if d.metadata.get("image_path")]
    assert pictured and all(Path(d.metadata["image_path"]).is_file() for d in pictured)
    assert {d.metadata["source"] for d in documents} == {"/papers/orders.pdf"}
    assert len(DICLoader(folder / "nodes.jsonl").load()) == len(nodes)
    with pytest.raises(MissingFileError):
        DICLoader(tmp_path / "orders" / "figures").load()
