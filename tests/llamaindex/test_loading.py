"""Loading a reader by configuration: an object works, LlamaIndex's closed registry does not know ours."""

from __future__ import annotations

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
