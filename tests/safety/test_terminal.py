"""No control character of a file's name or content reaches the terminal; exit statuses are as documented."""

from __future__ import annotations

import json
from pathlib import Path

from safety_tools import Dic, draw

TITLE = "\x1b]0;owned\x07"  # OSC: sets the window's title
ODD = f"\x1b[2J{TITLE}\x9b31m\u202e"


def clean(text: str) -> bool:
    return all(c.isprintable() or c == "\n" for c in text)


def test_names_of_files_are_shown_harmless(dic: Dic, tmp_path: Path) -> None:
    name = f"{ODD}.png"
    draw(tmp_path / "in" / "x.png").rename(tmp_path / "in" / name)
    (tmp_path / "in" / f"{ODD}.pdf").write_text("no PDF")
    calls = [
        ("run", "in", "--out", "out", "--engine", "none", "--dry-run"),
        ("run", "in", "--out", "out", "--engine", "none", "--dry-run", "--json"),
        ("run", "in", "--out", "out", "--engine", "none"),
        ("run", "in", "--out", "out", "--engine", "none", "--json"),
        ("describe", f"in/{ODD}.pdf", "--engine", "none"),
        ("describe", f"in/{name}", "--engine", "none"),
        ("backfill", "out", "--dry-run"),
        ("inspect", "out"),
        ("run", f"in/{ODD}", "--out", "out"),
        ("inspect", ODD),
        (ODD,),
        ("run", f"--{ODD}"),
    ]
    for call in calls:
        done = dic(*call)
        assert clean(done.stdout) and clean(done.stderr), (call, done.stdout, done.stderr)


def test_exit_statuses_of_paths(dic: Dic, tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    (tmp_path / "empty").mkdir()
    base = ("--out", "out", "--engine", "none")
    for more in ((), ("--dry-run",)):
        for paths in (("absent.pdf",), ("absent.pdf", "none*.pdf"), ("empty",)):
            done = dic("run", *paths, *base, *more)
            assert done.returncode == 3 and done.stderr.startswith("error: "), (paths, done.stderr)
        done = dic("run", "absent.pdf", "a.png", *base, *more)
        assert done.returncode == 1 and "absent.pdf does not exist" in done.stderr
    assert (tmp_path / "out" / "a" / "document.json").is_file()
    assert dic("run", "a.png", *base, "--engine", "nothing").returncode == 2


def test_a_dry_run_obeys_the_settings_of_this_call(dic: Dic, tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    base = ("run", "a.png", "--out", "out", "--engine", "dic-small", "--dry-run", "--json")
    assert dic("run", "a.png", "--out", "out", "--engine", "dic-small").returncode == 0
    data = json.loads((tmp_path / "out" / "a" / "document.json").read_text())
    kind = next(b["route"]["kind"] for b in data["blocks"] if b["type"] == "figure")
    (tmp_path / "deny.toml").write_text(f'[ingest.routing]\ndeny = ["{kind}"]\n')
    same, denied = (json.loads(dic(*base, *more).stdout) for more in ((), ("--settings", "deny.toml")))
    assert (same["described"], same["reused"], same["skipped"]) == (0, 1, 0)
    assert (denied["described"], denied["reused"], denied["skipped"]) == (0, 0, 1)


def test_the_summary_names_the_warnings(dic: Dic, tmp_path: Path, make_pdf: object) -> None:
    from pypdf import PdfWriter

    writer = PdfWriter()
    for _ in range(3):
        writer.add_blank_page(200, 200)
    writer.write(tmp_path / "long.pdf")
    (tmp_path / "two.toml").write_text("[ingest.pdf]\nmax_pages = 2\n")
    done = dic("run", "long.pdf", "--out", "out", "--engine", "none", "--settings", "two.toml")
    assert done.returncode == 0 and "partial" in done.stderr and "warnings" in done.stderr
    assert "1 x: " in done.stderr and "manifest.jsonl" in done.stderr
