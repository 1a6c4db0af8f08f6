"""README and docs/ do what they say: Python runs, commands run, settings load, messages and links exist."""

from __future__ import annotations

import ast
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import dic_ingest
from dic_ingest import errors
from dic_ingest.cli import COMMANDS

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXT = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
# messages of other programs that docs/troubleshooting.md explains
FOREIGN = (
    "libGL.so.1",
    "ConnectionResetError",
    "Docstore strategy upserts",
    "Failed to load file",
    "nvidia-*",
    "pathsec.open",
)


def blocks(language: str, pages: Sequence[Path] = PAGES) -> list[Any]:
    """Fenced blocks as test parameters (page, code); indented commands: test_document_commands.py."""
    return [
        pytest.param(page, code, id=f"{page.name}:{number}")
        for page in pages
        for number, code in enumerate(
            re.findall(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.M | re.S), 1
        )
    ]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """An empty folder with the samples in it, as in a fresh checkout."""
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    return tmp_path


def needs(code: str) -> list[str]:
    """Packages that a block names in a line `# needs: ...`."""
    return " ".join(re.findall(r"^# needs: (.*)$", code, re.M)).split()


@pytest.mark.parametrize(("page", "code"), [b for b in blocks("python") if needs(b.values[1])])
def test_python_that_needs_an_extra_runs(page: Path, code: str, place: Path) -> None:
    for name in needs(code):
        pytest.importorskip(name, reason=f"a block of the docs needs {name}")
    runs(code, place)


@pytest.mark.parametrize(("page", "code"), [b for b in blocks("python") if not needs(b.values[1])])
def test_python_runs(page: Path, code: str, place: Path) -> None:
    runs(code, place)


def runs(code: str, place: Path) -> None:
    """The block ends well in a fresh interpreter."""
    home = {**os.environ, "XDG_CACHE_HOME": str(place / "cache")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=place,
        env=home,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize(("page", "code"), blocks("bash"))
def test_commands_run(page: Path, code: str, place: Path) -> None:
    for line in code.replace("\\\n", " ").splitlines():
        program, *arguments = shlex.split(line, comments=True) or [""]
        if not program:
            continue
        assert program == "dic-ingest"
        done = subprocess.run(
            [sys.executable, "-m", "dic_ingest", *arguments],
            cwd=place,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("page", "code"), blocks("toml"))
def test_settings_load(page: Path, code: str, tmp_path: Path) -> None:
    from dic_ingest.batch.settings import WorkSettings
    from dic_ingest.captioning.engines.registry import check_engine

    path = tmp_path / "settings.toml"
    path.write_text(code, encoding="utf-8")
    ingest = WorkSettings.from_toml(path).ingest
    assert ingest != WorkSettings().ingest or ingest.parse.timeout == 600.0
    check_engine(ingest.engine, **ingest.engine_options)


def test_links_lead_somewhere() -> None:
    lost = []
    for page in PAGES:
        for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
            file, _, anchor = link.partition("#")
            if link.startswith(("http://", "https://")):
                continue
            target = (page.parent / file) if file else page
            heads = (
                re.findall(r"^#+ (.*)$", target.read_text("utf-8"), re.M) if target.suffix == ".md" else []
            )
            anchors = {re.sub(r"[^\w -]", "", h).strip().lower().replace(" ", "-") for h in heads}
            if not target.exists() or (anchor and anchor not in anchors):
                lost.append(f"{page.name}: {link}")
    assert not lost


def test_explained_messages_are_printed_by_something() -> None:
    said = []
    for file in (ROOT / "dic_ingest").rglob("*.py"):
        for item in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(item, ast.Constant) and isinstance(item.value, str):
                said.append(item.value)
    said += [(ROOT / "Makefile").read_text("utf-8"), *(e for e in dir(errors) if e.endswith("Error"))]
    rows = re.findall(r"^\| (`.*?) \|", (ROOT / "docs" / "troubleshooting.md").read_text("utf-8"), re.M)
    assert len(rows) > 25
    unknown = []
    for message in (m for row in rows for m in re.findall(r"`([^`]*)`", row)):
        pieces = [p.strip() for p in message.split("...") if len(p.strip()) > 3]
        if any(f in message for f in FOREIGN) or not pieces:
            continue
        if any(all(p not in text for text in said) for p in pieces):
            unknown.append(message)
    assert not unknown


def test_every_public_name_and_command_is_told() -> None:
    told = set(re.findall(r"\w+", TEXT))
    assert {n for n in dic_ingest.__all__ if n not in told} == set()
    assert {c for c in COMMANDS if f"dic-ingest {c}" not in TEXT} == set()
    assert {n for n in dic_ingest.__all__ if getattr(dic_ingest, n) is None} == set()


def test_the_page_of_settings_is_what_the_code_says() -> None:
    tool = ROOT / "tools" / "settings_page.py"
    done = subprocess.run([sys.executable, str(tool), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_setting_has_a_meaning_and_the_printed_file_loads(tmp_path: Path) -> None:
    from dic_ingest.batch.settings import WorkSettings
    from dic_ingest.settings import Settings
    from dic_ingest.settings_file import all_settings, settings_toml

    assert [s.name for s in all_settings(WorkSettings) if not s.meaning] == []
    path = tmp_path / "settings.toml"
    path.write_text(settings_toml(WorkSettings), encoding="utf-8")
    assert WorkSettings.from_toml(path) == WorkSettings()
    assert Settings.from_toml(path) == Settings()
    path.write_text("[pdf]\nmax_pages = 3\n[nodes]\ntext_tokens = 99\n", encoding="utf-8")
    assert WorkSettings.from_toml(path).ingest.pdf.max_pages == Settings.from_toml(path).pdf.max_pages == 3
