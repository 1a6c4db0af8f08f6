"""A dry run counts figures from earlier results: to be described, reused, skipped; nothing is parsed."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from dic_ingest.batch.forecast import Forecast, documents_in_words, forecast, in_words
from dic_ingest.batch.manifest import Entry, Manifest
from dic_ingest.batch.plan import Planned
from dic_ingest.batch.results import staged, write_document
from dic_ingest.batch.settings import Digests
from dic_ingest.figures.settings import RoutingSettings
from dic_ingest.model.diagram import Kind
from dic_ingest.model.document import Document, Figure, Page, Parser, Route
from dic_ingest.nodes import NodeSettings
from dic_ingest.settings import Settings

DRAWN, LOGO = (
    Route("diagram", Kind.FLOWCHART, 0.9, "drawn"),
    Route("decoration", Kind.DECORATION, 0.9, "small"),
)


@pytest.fixture
def parsed(tmp_path: Path) -> tuple[Planned, Path]:
    """(a file, a results folder in which it was parsed: three figures, one of them twice, and two logos)."""
    file = tmp_path / "made.pdf"
    file.write_bytes(b"%PDF-1.7 anything")
    out = tmp_path / "out"
    out.mkdir()
    box = (0.0, 0.0, 50.0, 50.0)
    figures = [Figure(f"f{i}", 1, box, i, route=DRAWN) for i in range(3)]
    figures.append(Figure("twin", 1, box, 3, route=DRAWN, duplicate_of="f0"))
    figures += [Figure(f"logo{i}", 1, box, 4 + i, route=LOGO) for i in range(2)]
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    document = Document(str(file), sha256, Parser("test"), (Page(1, 400.0, 300.0),), tuple(figures))
    with staged(out, "made") as folder:
        write_document(document, folder, NodeSettings())
    Manifest(out).add(Entry(str(file), "ok", name="made", sha256=sha256, settings="today"))
    return Planned(file, "made"), out


def counts(
    job: Planned, out: Path, digest: str, engine: str = "local", resume: bool = True
) -> tuple[int, ...]:
    (found,) = forecast([job], Manifest(out), Digests(digest, ""), Settings(engine=engine), resume)
    assert found.known
    return found.described, found.reused, found.skipped


def test_other_settings_describe_every_figure_once(parsed: tuple[Planned, Path]) -> None:
    assert counts(*parsed, "tomorrow") == (3, 1, 2)
    assert counts(*parsed, "today", resume=False) == (3, 1, 2)
    assert counts(*parsed, "tomorrow", "none") == (0, 0, 6)


def test_kinds_that_are_not_asked_for_any_more_are_skipped(parsed: tuple[Planned, Path]) -> None:
    job, out = parsed
    kind = DRAWN.kind
    for routing in (RoutingSettings(deny=frozenset({kind})), RoutingSettings(allow=frozenset({"photo"}))):
        digests = Digests("tomorrow", "")
        (found,) = forecast([job], Manifest(out), digests, Settings(routing=routing), True)
        assert (found.described, found.reused, found.skipped) == (0, 0, 6)


def test_an_unchanged_file_is_reused(parsed: tuple[Planned, Path]) -> None:
    assert counts(*parsed, "today") == (0, 4, 2)


def test_of_files_that_changed_or_are_new_nothing_is_known(parsed: tuple[Planned, Path]) -> None:
    job, out = parsed
    assert isinstance(job.file, Path)
    job.file.write_bytes(b"%PDF-1.7 something else")
    (out / "broken").mkdir()
    (out / "broken" / "document.json").write_text("{")
    jobs = [job, Planned(job.file, "new"), Planned(job.file, "broken"), Planned("s3://b/x.pdf", "made")]
    found = forecast(jobs, Manifest(out), Digests("today", ""), Settings(), True)
    assert [f.status for f in found] == ["again", "again", "again", "new"]
    assert not any(f.known for f in found) and not any(f.described for f in found)
    assert "4 files have to be parsed" in in_words(found)


def test_the_sum_in_words() -> None:
    one = Forecast("a", "a", "rebuilt", True, 3, 1, 2)
    assert documents_in_words([one, replace(one, status="new"), one]) == "3 documents: 1 new, 2 rebuilt"
    assert in_words([one, replace(one, described=4)]) == ("7 figures would be described, 2 reused, 4 skipped")
