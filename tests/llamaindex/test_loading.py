"""Loading a reader by configuration: an object works, LlamaIndex's closed registry does not know ours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from llama_index.core.readers.base import ReaderConfig
from llama_index.core.readers.loading import load_reader

from dic_ingest import DICReader


def test_a_reader_config_with_the_object_reads(samples: Path, tmp_path: Path) -> None:
    reader = DICReader(engine="none", image_dir=str(tmp_path))
    config = ReaderConfig(reader=reader, reader_kwargs={"file": samples / "flowchart.pdf"})
    assert any(d.metadata["dic_type"] == "figure" for d in config.read())


def test_the_closed_registry_says_so() -> None:
    with pytest.raises(ValueError):
        load_reader({"class_name": DICReader.class_name()})


def test_a_script_without_a_guard_is_told_so_and_reads_nothing(tmp_path: Path) -> None:
    for name in ("a.mmd", "b.mmd"):
        (tmp_path / name).write_text("flowchart TD\n  a --> b\n")
    script = tmp_path / "script.py"
    script.write_text(
        "from dic_ingest import DICReader\n"
        "reader = DICReader(engine='none', image_dir='crops')\n"
        "print(len(reader.load_data(['a.mmd', 'b.mmd'], num_workers=2)))\n"
    )
    done = subprocess.run(
        [sys.executable, script.name],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.splitlines()[-1].startswith("dic_ingest.errors.SettingsError: Worker processes cannot")
