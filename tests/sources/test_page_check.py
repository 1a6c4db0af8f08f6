"""Hostile pages: loaded in a child first, left out where they need too much, the others read."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from dic_ingest.errors import LimitError, SettingsError
from dic_ingest.mineru.local import parse_local
from dic_ingest.sources.pdf import page_check
from dic_ingest.sources.pdf.document import PdfFile
from dic_ingest.sources.settings import PdfLimits
from tests.sources import hostile_pdf

TIGHT = PdfLimits(page_memory=200, page_seconds=10)
MOST = 700 << 20  # bytes of any one process of ours while a hostile file is read with `TIGHT`
# what is run from outside, with the file as its argument
DESCRIBE = (
    "import sys; from dic_ingest.cli import main; "
    "sys.argv[1:] = ['describe', FILE, '--engine', 'none', '--settings', TOML]; main()"
)
INGEST = (
    "from dic_ingest.pipeline import Settings, ingest; from dic_ingest.sources.settings import PdfLimits; "
    "d = ingest(FILE, Settings(engine='none', pdf=PdfLimits(page_memory=200))); "
    "print(d.blocks[0].content, *(w.message for w in d.warnings))"
)
READER = (
    "import logging; logging.basicConfig(); from dic_ingest import DICReader; "
    "r = DICReader(engine='none', settings={'pdf': {'page_memory': 200}}); "
    "print(*(d.text for d in r.load_data(FILE)))"
)


@pytest.mark.parametrize("draw", [hostile_pdf.calls_itself, hostile_pdf.doubles, hostile_pdf.bomb])
@pytest.mark.parametrize("in_memory", [True, False])
def test_a_page_that_takes_any_memory_is_left_out(draw, in_memory, tmp_path):  # type: ignore[no-untyped-def]
    source: Path | bytes = draw()
    if not in_memory:
        (tmp_path / "hostile.pdf").write_bytes(source)  # type: ignore[arg-type]
        source = tmp_path / "hostile.pdf"
    with PdfFile(source, limits=TIGHT) as pdf:
        assert [w.text for w in pdf.drawing(1).words][:2] == ["A", "plain"]
        assert pdf.drawing(2).paths == ()
        assert "more than 200 MiB" in pdf.drawing(2).notes[0]
        assert pdf.render(2).size == (600, 800)
        assert pdf.cuts[2] == pdf.drawing(2).notes


def test_a_page_that_takes_any_time_is_left_out() -> None:
    began = time.monotonic()
    with PdfFile(hostile_pdf.patterns(), limits=PdfLimits(page_seconds=1.5)) as pdf:
        assert pdf.refused([1, 2]) == {2: "it takes more than 1.5 s (PdfLimits.page_seconds)"}
    assert time.monotonic() - began < 30


def test_forms_within_forms_of_an_ordinary_drawing_are_read() -> None:
    with PdfFile(hostile_pdf.doubles(levels=8), limits=TIGHT) as pdf:
        assert len(pdf.drawing(2).paths) == 2**8
        assert pdf.refused([1, 2]) == {}


def test_after_several_refused_pages_the_others_are_not_tried() -> None:
    entries = "/XObject << /A 100 0 R >>"
    data = hostile_pdf.pdf_of(
        [("/A Do", entries)] * 12, {100: hostile_pdf.form("/A Do /A Do 0 0 1 1 re f", entries)}
    )
    with PdfFile(data, limits=PdfLimits(page_memory=60)) as pdf:
        found = pdf.refused(range(1, 13))
    assert sorted(found) == list(range(1, 13))
    assert "60 MiB" in found[8] and "not tried" in found[9]


def test_a_file_of_which_no_page_can_be_read_is_an_error(tmp_path: Path) -> None:
    entries = "/XObject << /A 100 0 R >>"
    file = tmp_path / "hostile.pdf"
    file.write_bytes(
        hostile_pdf.pdf_of([("/A Do", entries)], {100: hostile_pdf.form("/A Do /A Do", entries)})
    )
    with PdfFile(file, limits=TIGHT) as pdf, pytest.raises(LimitError, match=r"hostile\.pdf.*page 1.*PdfLim"):
        parse_local(file, pdf=pdf)


def test_the_child_outlives_the_thread_that_started_it_and_is_started_again() -> None:
    data = hostile_pdf.pdf_of([hostile_pdf.PLAIN], {})
    page_check.stop()
    thread = threading.Thread(target=lambda: PdfFile(data).drawing(1))
    thread.start()
    thread.join()
    first = page_check._children[0]
    assert PdfFile(data).refused([1]) == {}
    assert page_check._children[0] is first
    first.process.kill()
    first.process.wait()
    assert PdfFile(data).refused([1]) == {}
    assert page_check._children[0] is not first


def test_without_the_check_no_child_is_started() -> None:
    page_check.stop()
    with PdfFile(hostile_pdf.pdf_of([hostile_pdf.PLAIN], {}), limits=PdfLimits(page_check=False)) as pdf:
        assert pdf.drawing(1).words
    assert not page_check._children
    with pytest.raises(SettingsError):
        PdfLimits(page_seconds=0)


@pytest.mark.parametrize("code", [DESCRIBE, INGEST, READER], ids=["describe", "ingest", "DICReader"])
@pytest.mark.parametrize("draw", [hostile_pdf.calls_itself, hostile_pdf.bomb])
def test_memory_stays_bounded_at_every_entry(draw, code, tmp_path):  # type: ignore[no-untyped-def]
    file, toml = tmp_path / "hostile.pdf", tmp_path / "s.toml"
    file.write_bytes(draw())
    toml.write_text("[ingest.pdf]\npage_memory = 200\n")
    program = f"FILE, TOML = {str(file)!r}, {str(toml)!r}; {code}"
    env = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    said = tmp_path / "said"
    with said.open("w") as out_file:
        process = subprocess.Popen(
            [sys.executable, "-c", program], stdout=out_file, stderr=subprocess.STDOUT, env=env
        )
        peak = peak_memory(process)
    out = said.read_text()
    assert process.returncode == 0, out
    assert peak < MOST
    assert "200 MiB" in out
    assert code == DESCRIBE or "plain paragraph" in out


def peak_memory(process: subprocess.Popen[bytes]) -> int:
    """The most bytes that one process of the family held until its end; all are killed above `MOST`."""
    peak, end = 0, time.monotonic() + 120
    while process.poll() is None:
        try:
            me = psutil.Process(process.pid)
            family = [me, *me.children(recursive=True)]
            peak = max([peak, *(p.memory_info().rss for p in family)])
        except psutil.Error:
            continue
        if peak > MOST or time.monotonic() > end:
            for each in family:
                each.kill()
        time.sleep(0.02)
    return peak
