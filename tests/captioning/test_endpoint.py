"""The endpoint engine against a real server process, with everything that goes wrong on the way."""

from __future__ import annotations

import threading
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

pytest.importorskip("openai", reason="the endpoint extra is not installed")

from chat_server import seen, serving
from figures_made import request

from dic_ingest.captioning.chat import Question
from dic_ingest.captioning.engines.endpoint import Endpoint
from dic_ingest.captioning.engines.registry import make_captioner
from dic_ingest.captioning.engines.settings import EndpointSettings


def settings(url: str) -> EndpointSettings:
    return EndpointSettings(url, "tiny-vl", timeout=2.0, retries=2, backoff=0.01)


def question() -> Question:
    return Question((request().crop,), "rules", "task", structured=True)


def test_an_answer_with_its_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIC_ENDPOINT_KEY", "secret-1")
    monkeypatch.setenv("OPENAI_API_KEY", "another")
    with serving("ok") as url:
        endpoint = Endpoint(replace(settings(url), price_read=2.0, price_written=10.0))
        (answer,) = endpoint.answer([question()])
        (request_,) = seen(url)
    assert answer.cost == pytest.approx((70 * 2 + 9 * 10) / 1e6)
    assert (answer.text, answer.read, answer.written) == ("Receive order leads to Check stock.", 70, 9)
    assert request_["auth"] == "Bearer secret-1"
    assert (request_["json"], request_["model"], request_["temperature"]) == (True, "tiny-vl", 0.0)
    assert request_["parts"] == ["image_url", "text"]


@pytest.mark.parametrize("first", [429, 500, 503, "drop", "hang"])
def test_passing_failures_are_asked_again(first: object) -> None:
    with serving(first, "ok") as url:
        endpoint = Endpoint(settings(url))
        assert endpoint.answer([question()])[0].text
        assert len(seen(url)) == 2


def test_a_server_that_fails_on_json_is_asked_for_text_the_next_time() -> None:
    with serving(500, "ok", "ok") as url:
        endpoint = Endpoint(settings(url))
        assert endpoint.answer([question()])[0].text and endpoint.answer([question()])[0].text
        assert [r["json"] for r in seen(url)] == [True, False, True]


@pytest.mark.parametrize(
    ("plan", "requests", "match"),
    [([429], 3, "HTTP 429"), ([401], 1, "HTTP 401"), ([404], 1, "HTTP 404"), (["nothing"], 1, "unreadable")],
)
def test_lasting_failures_are_told_not_raised(plan: list[object], requests: int, match: str) -> None:
    with serving(*plan) as url:
        endpoint = Endpoint(settings(url))
        (answer,) = endpoint.answer([question()])
        assert len(seen(url)) == requests
    assert not answer.text and match in answer.error


def test_a_reply_that_is_no_json_is_told() -> None:
    with serving("garbage") as url:
        endpoint = Endpoint(settings(url))
        (answer,) = endpoint.answer([question()])
    assert answer.error and not answer.text


def test_nobody_there() -> None:
    assert "APIConnectionError" in Endpoint(settings("http://127.0.0.1:9/v1")).answer([question()])[0].error


def test_a_server_without_structured_output_is_asked_for_text_from_then_on() -> None:
    with serving("no json") as url:
        endpoint = Endpoint(settings(url))
        assert [a.error for a in endpoint.answer([question()])] == [""]
        endpoint.answer([question()])
        assert [s["json"] for s in seen(url)] == [True, False, False]


def test_cut_replies_are_marked_and_refusals_read_as_such() -> None:
    with serving("cut", "refuse") as url:
        endpoint = Endpoint(settings(url))
        assert endpoint.answer([question()])[0].cut
        assert "not this picture" in endpoint.answer([question()])[0].text


def test_figures_are_asked_at_once_and_come_back_in_order() -> None:
    with serving("slow") as url:
        answers = Endpoint(settings(url)).answer([question()] * 8)
        at = sorted(float(str(r["at"])) for r in seen(url))
    assert len(answers) == 8 and all(a.text for a in answers)
    assert min(b - a for a, b in pairwise(at)) < 0.2  # an answer takes that long at least


def test_the_whole_engine_keeps_failures_apart_and_answers(tmp_path: Path) -> None:
    with serving("ok", 401, "ok") as url:
        engine = make_captioner(
            "endpoint", url=url, model="tiny-vl", concurrency=1, retries=0, looks=0, cache=str(tmp_path)
        )
        assert engine is not None
        asked = [request(extra=(f"Step {i}",)) for i in range(3)]  # the same figure is asked of once
        said = engine.caption(asked)
        again = engine.caption(asked[:1])
        count = len(seen(url))
    assert [d.caption != "" for d in said] == [True] * 3
    assert said[1].engine == "dic-small" and "HTTP 401" in said[1].evidence.conflicts[0]  # type: ignore[union-attr]
    assert again[0].caption == said[0].caption and count == 3


def test_settings_are_checked() -> None:
    good = settings("http://localhost/v1")
    before = threading.active_count()
    for wrong in (
        {"url": "ftp://x"},
        {"model": ""},
        {"concurrency": 0},
        {"timeout": 0.0},
        {"price_read": -1.0},
    ):
        with pytest.raises(ValueError, match=r"endpoint engine|EndpointSettings"):
            replace(good, **wrong)  # type: ignore[arg-type]
    assert threading.active_count() <= before  # what is refused starts nothing
