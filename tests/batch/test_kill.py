"""A run that is killed, stopped or starved: the next one ends where an undisturbed one would have."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from chat_server import serving

Made = Callable[[Path], dict[str, bytes]]
CI_KILLS, MANY_KILLS = 3, 50


def start(inbox: Path, out: Path, *more: str, limit_bytes: int = 0) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "dic_ingest", "run", str(inbox), "--out", str(out), "--json", *more]

    def limit() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell ignores it in what it starts in the background
        if limit_bytes:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))

    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=limit
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    said, errors = process.communicate(timeout=200)
    return process.returncode, said, errors


def workers(out: Path) -> list[psutil.Process]:
    """Living processes that hold the folder's lock."""
    found = []
    for process in psutil.process_iter():
        try:
            if any(f.path == str(out / ".lock") for f in process.open_files()):
                found.append(process)
        except psutil.Error:
            continue
    return found


def wait_until(condition: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.05)


def nothing_left(out: Path) -> None:
    wait_until(lambda: not workers(out), 10)
    assert not (out / ".dic-ingest-work").exists()
    for line in (out / "manifest.jsonl").read_text("utf-8").splitlines():
        json.loads(line)


def undisturbed(inbox: Path, out: Path, made: Made, *more: str) -> tuple[dict[str, bytes], float]:
    began = time.monotonic()
    code, _, errors = finish(start(inbox, out, "--workers", "2", *more))
    assert code == 1, errors
    nothing_left(out)
    return made(out), time.monotonic() - began


def killed_again_and_again(inbox: Path, place: Path, made: Made, kills: int, seed: int, *more: str) -> None:
    expected, seconds = undisturbed(inbox, place / "calm", made, *more)
    out, chance, done = place / "out", random.Random(seed), 0
    while done < kills:
        run = start(inbox, out, "--workers", "2", *more)
        time.sleep(chance.uniform(0.1, 1.1 * seconds))
        finished = run.poll() is not None
        run.kill()
        run.communicate()
        done += not finished
        wait_until(lambda: not workers(out), 10)  # workers end with the run
        if finished or done % 7 == 0:  # begin anew, over what is there
            for results in out.glob("*/document.json"):
                results.unlink()
    code, said, errors = finish(start(inbox, out, "--workers", "2", *more))
    assert code == 1, errors
    assert len(said.splitlines()) == len({json.loads(line)["file"] for line in said.splitlines()})
    nothing_left(out)
    assert made(out) == expected
    entries = (out / "manifest.jsonl").read_text("utf-8").splitlines()
    assert len(entries) == len({json.loads(e)["file"] for e in entries})  # nothing twice


@pytest.mark.slow
def test_killed_at_some_random_moments(inbox: Path, tmp_path: Path, made: Made) -> None:
    killed_again_and_again(inbox, tmp_path, made, CI_KILLS, 1, "--engine", "none")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_killed_while_one_process_describes_for_all(inbox: Path, tmp_path: Path, made: Made) -> None:
    pytest.importorskip("openai", reason="the endpoint extra is not installed")
    with serving("echo") as url:
        engine = ("--engine", "endpoint", "--engine-option", f"url={url}", "--engine-option", "model=tiny")
        killed_again_and_again(inbox, tmp_path, made, CI_KILLS, 3, *engine)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.skipif(not os.environ.get("DIC_INGEST_LONG"), reason="takes minutes: set DIC_INGEST_LONG=1")
def test_killed_at_many_random_moments(inbox: Path, tmp_path: Path, made: Made) -> None:
    killed_again_and_again(inbox, tmp_path, made, MANY_KILLS, 2)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_in_good_order(
    samples: Path, inbox: Path, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    out = tmp_path / "out"
    run = start(inbox, out, "--workers", "2")
    wait_until(lambda: list(out.glob(".dic-ingest-work/*/")))  # a document is being worked on
    run.send_signal(number)
    returned, _, errors = finish(run)
    assert returned == code, errors
    assert "what was finished is kept" in errors and "Traceback" not in errors
    wait_until(lambda: not workers(out), 10)
    assert not (out / ".dic-ingest-work").exists()
    entries = (out / "manifest.jsonl").read_text("utf-8") if (out / "manifest.jsonl").exists() else ""
    for entry in map(json.loads, entries.splitlines()):
        assert "crashed" not in entry["error"]  # dropped documents are no failures
        assert entry["status"] == "failed" or (out / entry["name"] / "document.json").exists()


def test_a_worker_killed_from_outside_costs_one_document(inbox: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run = start(inbox, out, "--engine", "none")
    wait_until(lambda: list(out.glob(".dic-ingest-work/*/")))  # a document is being worked on
    psutil.Process(run.pid).children()[0].kill()
    _, said, errors = finish(run)
    entries = [json.loads(line) for line in said.splitlines()]
    assert len(entries) == 9, errors
    assert [e["error"] for e in entries if "crashed" in e["error"]] == [
        "the document crashed its worker; the others go on."
    ]
    nothing_left(out)


def test_files_that_may_not_grow_fail_and_are_redone(samples: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, said, errors = finish(start(samples / "flowchart.pdf", out, limit_bytes=3000))
    assert code == 1 and "Traceback" not in errors
    assert "too large" in json.loads(said)["error"].lower()
    nothing_left(out)
    code, said, _ = finish(start(samples / "flowchart.pdf", out, "--engine", "none"))
    assert code == 0 and json.loads(said)["status"] == "ok"


def test_a_full_disk_ends_the_run_with_what_to_do(samples: Path, inbox: Path, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=60k", "tmpfs", str(small)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no right to mount a small file system")
    try:
        code, _, errors = finish(start(inbox, small / "out", "--engine", "none"))
        assert code == 3 and "No space left" in errors and "run again" in errors
        assert "Traceback" not in errors and not (small / "out" / ".dic-ingest-work").exists()
        subprocess.run(["mount", "-o", "remount,size=60m", str(small)], check=True)
        code, said, _ = finish(start(inbox, small / "out", "--engine", "none"))
        assert code == 1 and len(said.splitlines()) == 9
        nothing_left(small / "out")
        subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
        code, _, errors = finish(start(inbox, small / "out", "--engine", "none"))
        assert code == 3 and "cannot be written" in errors and "Traceback" not in errors
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)
