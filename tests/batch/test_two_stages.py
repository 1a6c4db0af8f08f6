"""Parsing in workers, one captioner behind them: the same results as one stage, nothing lost on the way."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from chat_server import seen, serving
from PIL import Image

import dic_ingest.batch.run as runs
import dic_ingest.batch.workers.worker as worker
from dic_ingest.batch.run import RunSettings, run
from dic_ingest.batch.settings import WorkSettings
from dic_ingest.batch.workers.description_queue import Describing
from dic_ingest.batch.workers.supervisor import Answer, Job, Limits
from dic_ingest.captioning.deferred import Deferred, number_of, read_asked
from dic_ingest.captioning.engines.registry import FakeCaptioner
from dic_ingest.captioning.engines.small import DicSmall
from dic_ingest.captioning.request import FigureRequest
from dic_ingest.errors import DICIngestError, MissingExtraError
from dic_ingest.model.document import Document, Figure
from dic_ingest.pipeline import ingest
from dic_ingest.settings import Settings

Made = Callable[[Path], dict[str, bytes]]
FAKE = WorkSettings(Settings(engine="fake"))


@pytest.fixture
def two_stages(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fake captioner, too, is one for all workers."""
    monkeypatch.setattr(runs, "ONE_CAPTIONER", frozenset({"fake", "endpoint"}))


def test_requests_come_back_as_they_were(samples: Path, tmp_path: Path) -> None:
    asked: list[FigureRequest] = []

    class Listening(FakeCaptioner):
        def caption(self, requests):  # type: ignore[no-untyped-def]
            asked.extend(requests)
            return super().caption(requests)

    ingest(samples / "telecom_report.pdf", captioner=Listening())
    assert len(asked) > 1
    kept = Deferred(tmp_path / "kept", DicSmall())
    said = kept.caption(asked)
    for number, request in enumerate(asked):
        back = read_asked(tmp_path / "kept", number)
        assert replace(back.request, crop=request.crop) == request
        assert back.request.crop.mode == request.crop.mode == "RGB"
        assert back.request.crop.tobytes() == request.crop.tobytes()
        assert [back.reading] == DicSmall().caption([request])
    assert [number_of(Figure("f", 1, None, 0, description=d)) for d in said] == list(range(len(asked)))
    odd = FigureRequest(Image.new("RGB", (2, 2)), printed_caption="\ud800")
    Deferred(tmp_path / "odd").caption([odd])
    assert read_asked(tmp_path / "odd", 0).request.printed_caption == "\ud800"


def test_the_same_results_as_in_one_stage(
    inbox: Path, samples: Path, tmp_path: Path, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("telecom_report.pdf", "logo.pdf"):
        (inbox / name).write_bytes((samples / name).read_bytes())
    one = run([inbox], tmp_path / "one", FAKE)
    monkeypatch.setattr(runs, "ONE_CAPTIONER", frozenset({"fake"}))
    monkeypatch.setattr(runs, "WAITING", 1)
    two = run([inbox], tmp_path / "two", FAKE, RunSettings(workers=2))
    assert made(tmp_path / "two") == made(tmp_path / "one")
    costs = {"seconds": 0.0, "memory": 0}
    assert [replace(e, **costs) for e in two] == [replace(e, **costs) for e in one]
    assert not (tmp_path / "two" / ".dic-ingest-work").exists()
    assert sum(e.figures for e in two) > 3
    again = run([inbox], tmp_path / "two", FAKE)
    assert {e.status for e in again} == {"skipped", "failed"}


def test_values_of_charts_are_written_by_the_second_half(
    samples: Path, tmp_path: Path, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = WorkSettings(Settings(engine="dic-small"))
    run([samples / "chart.pdf"], tmp_path / "one", settings)
    monkeypatch.setattr(runs, "ONE_CAPTIONER", frozenset({"dic-small"}))
    run([samples / "chart.pdf"], tmp_path / "two", settings)
    assert [p.name for p in (tmp_path / "two" / "chart" / "figures").glob("*.csv")]
    assert made(tmp_path / "two") == made(tmp_path / "one")


def test_a_server_asked_for_many_documents_says_the_same(
    samples: Path, tmp_path: Path, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("openai", reason="the endpoint extra is not installed")
    files = [samples / "telecom_report.pdf", samples / "flowchart.pdf", samples / "flowchart.png"]
    with serving("echo") as url:
        options = {"url": url, "model": "tiny-vl", "concurrency": 3}
        settings = WorkSettings(Settings(engine="endpoint", engine_options=options))
        two = run(files, tmp_path / "two", settings, RunSettings(workers=2))
        asked = len(seen(url))
        monkeypatch.setattr(runs, "ONE_CAPTIONER", frozenset())
        run(files, tmp_path / "one", settings)
        assert len(seen(url)) == 2 * asked > 4
    assert [e.status for e in two] == ["ok"] * 3
    assert made(tmp_path / "two") == made(tmp_path / "one")
    path = tmp_path / "two" / "telecom_report" / "document.json"
    document = Document.from_dict(json.loads(path.read_text("utf-8")))
    told = {f.id: f.description.tokens[0] for f in document.figures if f.description and not f.duplicate_of}
    assert len(told) > 3 and len(set(told.values())) == len(told)  # to each figure its own answer


def test_a_captioner_that_cannot_be_made_is_told_as_true_of_every_document(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(name: str, **options: object) -> None:
        raise MissingExtraError("openai", "endpoint")

    monkeypatch.setattr(worker, "make_captioner", missing)
    for part in ("whole", "describe"):
        answer = worker.job_handler(part, FAKE)({"file": "a.pdf", "batch": []})
        assert answer["status"] == "failed" and "[endpoint]" in answer["fatal"]


def test_a_stuck_captioner_is_killed(samples: Path, tmp_path: Path, two_stages: None) -> None:
    how = RunSettings(timeout=0.05)
    entries = run([samples / "flowchart.pdf"], tmp_path / "out", FAKE, how)
    assert [e.status for e in entries] == ["failed"] and "--timeout" in entries[0].error


class Hands:
    """Stands for captioner processes: dies of the documents called "bad", alone or in company."""

    def __init__(self, slow: float = 0.0) -> None:
        self.slow, self.started = slow, 0
        self.batches: list[list[str]] = []
        self.alive = False

    def start(self) -> Hands:
        self.started += 1
        self.alive = True
        return self

    def do(self, job: Job, limits: Limits) -> Answer:
        time.sleep(self.slow)
        files = [j["file"] for j in job["batch"]]
        self.batches.append(files)
        if "bad" in files:
            self.alive = False
            return {"file": files[0], "status": "failed", "error": "crashed", "memory": 7}
        return {"file": files[0], "answers": [{"file": f, "seconds": 0.1} for f in files], "memory": 9}

    def kill(self) -> None:
        self.alive = False

    close = kill


def parsed(file: str, figures: int = 1) -> Answer:
    return {"file": file, "status": "ok", "seconds": 1.0, "staged": "nowhere", "asked": figures, "pages": 2}


def test_only_the_document_that_a_captioner_dies_of_is_lost() -> None:
    hands, told, ready = Hands(), {}, threading.Event()
    hands.slow = 0.3

    def record(job: Job, answer: Answer) -> None:
        told[job["file"]] = answer
        ready.set()

    with Describing(hands.start, Limits(9, 9), record, 10) as second:
        for file in ("a", "b", "bad", "c"):
            second({"file": file}, parsed(file))
        second({"file": "text"}, {"file": "text", "status": "ok", "seconds": 1.0})
    assert {f: a["status"] for f, a in told.items()} == {
        "a": "ok", "b": "ok", "bad": "failed", "c": "ok", "text": "ok",
    }  # fmt: skip
    assert hands.started > 1 and ["bad"] in hands.batches and not hands.alive
    assert told["a"]["pages"] == 2 and told["a"]["seconds"] > 1.0 and "staged" not in told["a"]
    assert "pages" not in told["bad"] and told["bad"]["memory"] == 7


def test_a_full_queue_holds_parsing_up_and_figures_of_many_documents_go_together() -> None:
    hands, told = Hands(slow=0.4), []
    with Describing(hands.start, Limits(9, 9), lambda job, answer: told.append(job["file"]), 3) as second:
        began = time.monotonic()
        for number in range(9):
            second({"file": str(number)}, parsed(str(number)))
        assert time.monotonic() - began > 0.3  # 3 wait, at most 3 are being described
    assert told == [str(n) for n in range(9)]
    assert max(map(len, hands.batches)) == 3
    with Describing(hands.start, Limits(9, 9), lambda job, answer: None, 9) as second:
        hands.batches.clear()
        for number in range(6):
            second({"file": str(number)}, parsed(str(number), figures=20))
    assert max(map(len, hands.batches)) == 2  # enough figures


def test_a_failure_to_record_ends_it_and_an_interrupt_drops_what_waits() -> None:
    def full(job: Job, answer: Answer) -> None:
        raise DICIngestError("no room")

    with (
        pytest.raises(DICIngestError, match="no room"),
        Describing(Hands().start, Limits(9, 9), full, 1) as s,
    ):
        for number in range(20):
            s({"file": str(number)}, parsed(str(number)))
    told: list[str] = []
    with (
        pytest.raises(KeyboardInterrupt),
        Describing(Hands(slow=0.3).start, Limits(9, 9), lambda job, a: told.append(job["file"]), 9) as s,
    ):
        for number in range(5):
            s({"file": str(number)}, parsed(str(number)))
        raise KeyboardInterrupt
    assert told == []
    assert not [t for t in threading.enumerate() if "_loop" in t.name]
