"""`--profile` and `--verbose`: where the time of `describe` and `run` went, and what is logged meanwhile."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from dic_ingest.cli import group
from dic_ingest.progress import Stage


@pytest.fixture
def drawing(tmp_path: Path) -> Path:
    """A diagram file: it is read without MinerU."""
    file = tmp_path / "flow.mmd"
    file.write_text("flowchart LR\n  a[Start] --> b[End]\n")
    return file


@pytest.fixture(autouse=True)
def _logger_as_before() -> Iterator[None]:
    logger = logging.getLogger("dic_ingest")
    level, handlers = logger.level, list(logger.handlers)
    yield
    logger.setLevel(level)
    logger.handlers[:] = handlers


def dic(*arguments: object) -> tuple[str, str]:
    done = CliRunner().invoke(group, list(map(str, arguments)), catch_exceptions=False, standalone_mode=False)
    assert not done.return_value
    return done.stdout, done.stderr


def test_describe_shows_stages_and_figures_on_standard_error(drawing: Path) -> None:
    out, err = dic("describe", drawing, "--profile")
    assert [json.loads(line)["page"] for line in out.splitlines()] == [1]
    assert all(stage in err for stage in Stage)
    assert "slowest figures" in err and drawing.name in err
    assert dic("describe", drawing)[1] == ""


def test_verbose_logs_stages_on_standard_error(drawing: Path) -> None:
    err = dic("describe", drawing, "-v")[1]
    assert sum("INFO dic_ingest.progress" in line for line in err.splitlines()) == len(Stage)


def test_run_adds_the_profile_to_its_json(drawing: Path, tmp_path: Path) -> None:
    out, err = dic("run", drawing, "--out", tmp_path / "out", "--json", "--profile", "-v")
    entry, last = map(json.loads, out.splitlines())
    assert entry["status"] == "ok" and "profile" not in entry
    assert list(last["profile"]["stages"]) == list(Stage)
    assert 0 < sum(last["profile"]["stages"].values()) <= entry["seconds"]
    (figure,) = last["profile"]["slowest_figures"]
    assert (figure["document"], figure["page"]) == (str(drawing), 1)
    assert "seconds by stage" in err and f"{drawing}: ok, 1 pages, 1 figures" in err
