"""A server that is dead or fails is told: before the first document, on every figure, in the status."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
from chat_server import serving
from safety_tools import Dic, draw

pytest.importorskip("openai")


def engine(url: str) -> tuple[str, ...]:
    options = {"url": url, "model": "m", "retries": "0"}
    return ("--engine", "endpoint", *(x for k, v in options.items() for x in ("--engine-option", f"{k}={v}")))


def entry(folder: Path) -> dict[str, object]:
    """The last line on a document."""
    found: dict[str, object] = json.loads((folder / "out" / "manifest.jsonl").read_text().splitlines()[-1])
    return found


def test_a_port_where_nobody_listens_ends_it_before_any_document(out: Path, dic: Dic, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    draw(tmp_path / "b.png")
    before = (out / "a" / "document.json").read_bytes()
    for call in (("run", "b.png", "--out", "out"), ("backfill", "out"), ("describe", "b.png")):
        done = dic(*call, *engine(url))
        assert done.returncode == 3 and "no server answers" in done.stderr, done.stderr
        assert len(done.stderr.splitlines()) == 1 and not done.stdout
    assert not (out / "b").exists() and (out / "a" / "document.json").read_bytes() == before


def test_figures_that_a_server_fails_on_are_told_and_filled_in_later(dic: Dic, tmp_path: Path) -> None:
    draw(tmp_path / "a.png", "Receive order")
    with serving(400) as url:
        done = dic("run", "a.png", "--out", "out", *engine(url))
        assert done.returncode == 0 and "partial" in done.stderr and "was not described" in done.stderr
        assert entry(tmp_path)["status"] == "partial"
        assert "was not described" in str(entry(tmp_path)["warnings"])
        assert "1 would be described" in dic("backfill", "out", "--dry-run", *engine(url)).stdout
        done = dic("backfill", "out", *engine(url))
        assert done.returncode == 1 and "0 described" in done.stdout and "1 failed" in done.stdout
    with serving("fine") as url:
        done = dic("backfill", "out", *engine(url))
        assert done.returncode == 0 and "1 described" in done.stdout, done.stderr
        assert "0 would be described" in dic("backfill", "out", "--dry-run", *engine(url)).stdout
    assert entry(tmp_path)["status"] == "ok" and entry(tmp_path)["warnings"] == []


def test_a_server_that_refuses_the_key_is_told_at_once(dic: Dic, tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    with serving("fine", get=403) as url:
        done = dic("run", "a.png", "--out", "out", *engine(url))
    assert done.returncode == 3 and "DIC_ENDPOINT_KEY" in done.stderr
