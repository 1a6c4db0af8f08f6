"""What a reader tells while it loads: events, bars, several files at once, logging."""

from __future__ import annotations

import asyncio
import io
import logging
import operator
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from llama_index.core import SimpleDirectoryReader

from dic_ingest import ProgressEvent
from dic_ingest.errors import SettingsError
from dic_ingest.llamaindex.reader import DICReader
from dic_ingest.llamaindex.workers import Workers
from dic_ingest.progress import Profile, Stage

FLOW = "flowchart LR\n  a[Start {n}] --> b[End {n}]\n"


@pytest.fixture
def drawings(tmp_path: Path) -> list[Path]:
    """Three diagram files; they are read without MinerU."""
    place = tmp_path / "drawings"
    place.mkdir()
    files = [place / f"{n}.mmd" for n in range(3)]
    for n, file in enumerate(files):
        file.write_text(FLOW.replace("{n}", str(n)))
    return files


@pytest.fixture
def reader(tmp_path: Path) -> DICReader:
    return DICReader(image_dir=str(tmp_path / "crops"))


def names(documents: list[object]) -> list[str]:
    return list(dict.fromkeys(Path(d.metadata["file_path"]).name for d in documents))  # type: ignore[attr-defined]


def test_events_tell_stages_in_order_with_counts_and_seconds(reader: DICReader, drawings: list[Path]) -> None:
    events = list[ProgressEvent]()
    reader.load_data(drawings[0], on_progress=events.append)
    assert list(dict.fromkeys(e.stage for e in events)) == list(Stage)
    assert {e.document for e in events} == {str(drawings[0])}
    for stage in Stage:
        own = [e for e in events if e.stage is stage]
        assert own[0].done == 0 and own[-1].done == own[-1].total == 1
        assert all(e.seconds >= 0 for e in own)
    figures = [e for e in events if e.figure]
    assert [(e.stage, e.done, e.page) for e in figures] == [(Stage.DESCRIBE, 1, 1)]


def test_what_the_callback_raises_ends_the_loading_as_it_is(reader: DICReader, drawings: list[Path]) -> None:
    class Enough(Exception):
        pass

    def stop(event: ProgressEvent) -> None:
        raise Enough

    with pytest.raises(Enough):
        reader.load_data(drawings, on_progress=stop)
    assert reader.failures == []


def test_bars_show_files_and_figures(
    reader: DICReader, drawings: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    reader.load_data(drawings)
    assert capsys.readouterr().err == ""
    reader.load_data(drawings, show_progress=True)
    shown = capsys.readouterr().err
    assert "Loading files" in shown and "Describing figures" in shown and "3/3" in shown
    DICReader(**{**reader.to_dict(), "show_progress": True}).load_data(drawings[:1])
    assert "1/1" in capsys.readouterr().err


def test_several_workers_keep_the_order_and_lose_only_the_bad_file(
    reader: DICReader, drawings: list[Path], caplog: pytest.LogCaptureFixture
) -> None:
    bad = drawings[0].with_name("bad.png")
    bad.write_bytes(b"nothing")
    files = [drawings[0], bad, *drawings[1:]]
    alone = reader.load_data(drawings)
    events = list[ProgressEvent]()
    together = asyncio.run(reader.aload_data(files, num_workers=2, on_progress=events.append))
    assert [d.id_ for d in together] == [d.id_ for d in alone]
    assert [Path(f.file).name for f in reader.failures] == ["bad.png"]
    assert "bad.png was not read" in caplog.text  # logged in this process
    ended = [Path(e.document).name for e in events if e.stage is Stage.DESCRIBE and e.figure]
    assert ended == [f.name for f in drawings]


def test_lazily_and_asynchronously_in_order(reader: DICReader, drawings: list[Path]) -> None:
    async def first() -> str:
        async for document in reader.alazy_load_data(iter(drawings)):
            return str(document.id_)
        return ""

    async def everything() -> list[str]:
        return [d.id_ for d in await reader.alazy_load_data(drawings)]

    ids = [d.id_ for d in reader.load_data(drawings)]
    assert asyncio.run(first()) == ids[0]
    assert asyncio.run(everything()) == ids


@pytest.mark.parametrize("number", [0, 1000, "2"])
def test_a_wrong_number_of_workers_is_a_settings_error(
    reader: DICReader, drawings: list[Path], number: object
) -> None:
    with pytest.raises(SettingsError, match="num_workers"):
        reader.load_data(drawings, num_workers=number)  # type: ignore[arg-type]


def test_open_files_go_to_no_worker(reader: DICReader) -> None:
    with pytest.raises(SettingsError, match="Open files"):
        reader.load_data([io.BytesIO(b"a"), io.BytesIO(b"b")], num_workers=2)


def test_a_worker_that_dies_costs_its_task_alone() -> None:
    tasks = [partial(abs, -1), partial(os._exit, 1), partial(abs, -3)]
    assert list(Workers(operator.call, lambda task: -1, 1).results(tasks)) == [1, -1, 3]


def test_simple_directory_reader_still_calls_it(reader: DICReader, drawings: list[Path]) -> None:
    loader = SimpleDirectoryReader(input_files=[str(f) for f in drawings], file_extractor={".mmd": reader})
    assert names(list(loader.load_data(show_progress=True))) == [f.name for f in drawings]


def test_logging_is_quiet_until_it_is_configured() -> None:
    program = "import dic_ingest, logging; logging.getLogger('dic_ingest.pipeline').error('loud')"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr == ""


def test_stages_are_logged(reader: DICReader, drawings: list[Path], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="dic_ingest"):
        reader.load_data(drawings[0])
    lines = [r.getMessage() for r in caplog.records if r.name == "dic_ingest.progress"]
    assert [line.split(": ")[1].split(",")[0] for line in lines] == list(Stage)


def test_a_profile_keeps_the_slowest_figures_and_adds_up() -> None:
    profile, make = Profile(), ProgressEvent
    for n in range(30):
        profile(make("a.pdf", Stage.DESCRIBE, n + 1, 30, seconds=float(n), page=n, figure=f"Figure {n}"))
    other = Profile("b.pdf")
    other(make("copy.pdf", Stage.DESCRIBE, 1, 1, seconds=50.0, page=4, figure="Figure 1"))
    profile.add(other.to_dict())
    told = profile.to_dict()
    assert told["stages"]["describe"] == sum(range(30)) + 50.0
    assert len(told["slowest_figures"]) == 10
    assert told["slowest_figures"][0] == {
        "document": "b.pdf",
        "page": 4,
        "figure": "Figure 1",
        "seconds": 50.0,
    }
