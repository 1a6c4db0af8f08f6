"""What the user wrote is never replaced or removed, whatever it is called and wherever results go."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from safety_tools import Dic, draw

from dic_ingest.owned_files import MARKER


def snapshot(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_folder_named_like_the_results_is_left_alone(run: Dic, tmp_path: Path) -> None:
    draw(tmp_path / "report.png")
    thesis = tmp_path / "report" / "thesis.tex"
    thesis.parent.mkdir()
    thesis.write_text("years of work")
    (tmp_path / "notes").symlink_to(thesis.parent)
    draw(tmp_path / "notes.png")
    for attempt in ("ok", "skipped"):
        entries = run("report.png", "notes.png", out=".")
        assert {e["status"] for e in entries.values()} == {attempt}
        assert entries["report.png"]["name"] == "report-1" and entries["notes.png"]["name"] == "notes-1"
    assert thesis.read_text() == "years of work" and list(thesis.parent.iterdir()) == [thesis]
    assert (tmp_path / "notes").is_symlink()
    assert (tmp_path / "report-1" / "document.json").is_file()


def test_inputs_and_the_folders_that_hold_them_are_no_targets(run: Dic, tmp_path: Path) -> None:
    draw(tmp_path / "docs" / "report" / "report.png")
    shutil.copy(draw(tmp_path / "docs" / "report" / "plan.png"), tmp_path / "docs" / "report" / "scan")
    before = snapshot(tmp_path / "docs")
    entries = run("docs/report", "docs/report/scan", out="docs", code=1)
    assert len({e["name"] for e in entries.values()}) == len(entries) == 3
    assert entries["docs/report/scan"]["status"] == "failed"  # without a suffix it is taken for a PDF
    after = snapshot(tmp_path / "docs")
    assert {k: after[k] for k in before} == before
    run("docs/report/scan", out="docs/report", code=1)
    assert snapshot(tmp_path / "docs")["report/scan"] == before["report/scan"]


def test_results_beside_the_input_are_not_ingested(run: Dic, tmp_path: Path) -> None:
    draw(tmp_path / "one.png")
    draw(tmp_path / "deeper" / "two.png")
    first = run(".", out=".")
    assert {Path(f).name for f in first} == {"one.png", "two.png"}
    assert run(".", out=".").keys() == first.keys()
    assert run(".", out="elsewhere").keys() == first.keys()
    assert run("**/*.png", out="third").keys() == first.keys()
    # results of a version that wrote no marker are known by what they hold
    (tmp_path / "one" / MARKER).unlink()
    assert run(".", out=".").keys() == first.keys()


def test_what_is_put_into_a_results_folder_outlives_its_renewal(run: Dic, tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    run("a.png", out="out")
    (tmp_path / "out" / "a" / "notes.txt").write_text("mine")
    (tmp_path / "out" / "a" / "figures" / "mine.png").write_bytes(b"mine too")
    draw(tmp_path / "a.png", "other")
    assert run("a.png", out="out")["a.png"]["status"] == "ok"
    assert (tmp_path / "out" / "a" / "notes.txt").read_text() == "mine"
    assert (tmp_path / "out" / "a" / "figures" / "mine.png").read_bytes() == b"mine too"
    assert run("a.png", out="out")["a.png"]["status"] == "skipped"


def test_results_without_a_marker_are_renewed_and_nothing_else_in_them(run: Dic, tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    run("a.png", out="out")
    (tmp_path / "out" / "a" / MARKER).unlink()  # as earlier versions left it
    (tmp_path / "out" / "a" / "notes.txt").write_text("mine")
    draw(tmp_path / "a.png", "other")
    entry = run("a.png", out="out")["a.png"]
    assert (entry["status"], entry["name"]) == ("ok", "a")
    assert (tmp_path / "out" / "a" / MARKER).is_file()
    assert (tmp_path / "out" / "a" / "notes.txt").read_text() == "mine"


def test_other_peoples_manifests_and_work_folders_are_refused(dic: Dic, tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    cases = {
        "manifest.jsonl": '{"audio_filepath": "a.wav", "duration": 3}\n',
        "same.json": '{"same": "other"}',
        ".dic-ingest-work/mine.txt": "mine",
    }
    for name, content in cases.items():
        out = tmp_path / name.replace("/", "-").strip(".")
        (out / name).parent.mkdir(parents=True)
        (out / name).write_text(content)
        done = dic("run", "a.png", "--out", str(out), "--engine", "none")
        assert done.returncode == 3 and len(done.stderr.splitlines()) == 1, done.stderr
        assert (out / name).read_text() == content
        assert not (out / "a").exists()


def test_pages_of_the_inspector_replace_only_earlier_pages(dic: Dic, run: Dic, tmp_path: Path) -> None:
    draw(tmp_path / "inspect.png")
    mine = tmp_path / "inspect" / "mine.txt"
    mine.parent.mkdir()
    mine.write_text("mine")
    run("inspect.png", out=".")
    for _ in range(2):
        done = dic("inspect", ".")
        assert done.returncode == 0 and Path(done.stdout.strip()).parts[0] == "inspect-2"
    assert mine.read_text() == "mine" and (tmp_path / "inspect-1" / "document.json").is_file()
    assert not (tmp_path / "inspect-3").exists()
    assert run(".", out=".").keys() == {"inspect.png"}


def test_the_page_of_compare_replaces_only_its_own(dic: Dic, run: Dic, tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    run("a.png", out="out")
    page = tmp_path / "page.html"
    assert [dic("compare", "out", "--out", "page.html").returncode for _ in range(2)] == [0, 0]
    assert "Engines side by side" in page.read_text()
    for name in ("out/a/document.json", "mine.html"):
        (tmp_path / "mine.html").write_text("<p>mine</p>")
        before = (tmp_path / name).read_bytes()
        done = dic("compare", "out", "--out", name)
        assert done.returncode == 3 and (tmp_path / name).read_bytes() == before
    (tmp_path / "link.html").symlink_to(tmp_path / "mine.html")
    assert dic("compare", "out", "--out", "link.html").returncode == 3
    assert (tmp_path / "mine.html").read_text() == "<p>mine</p>"


def test_overlays_replace_only_overlays(dic: Dic, tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    call = ("describe", "a.png", "--engine", "none", "--overlay", "pages")
    assert [dic(*call).returncode for _ in range(2)] == [0, 0]
    (page,) = (tmp_path / "pages").iterdir()
    before = draw(page, "mine").read_bytes()
    assert dic(*call).returncode == 1 and page.read_bytes() == before


def test_a_run_killed_while_it_put_results_in_place_loses_nothing(run: Dic, tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    draw(tmp_path / "b.png")
    run("a.png", "b.png", out="out")
    (tmp_path / "out" / "a" / "notes.txt").write_text("mine")
    work = tmp_path / "out" / ".dic-ingest-work"
    work.mkdir()
    (work / MARKER).write_text(
        json.dumps({"made_by": "dic_ingest", "format": 1, "kind": "scratch", "files": {}})
    )
    (tmp_path / "out" / "a").rename(work / "a.old")  # between the two renames
    shutil.copytree(tmp_path / "out" / "b", work / "b.old")  # after them
    (work / "b.old" / "notes.txt").write_text("mine")
    assert {e["status"] for e in run("a.png", "b.png", out="out").values()} == {"skipped"}
    assert (tmp_path / "out" / "a" / "notes.txt").read_text() == "mine"
    assert (tmp_path / "out" / "b" / "notes.txt").read_text() == "mine"
    assert not work.exists()


def test_outputs_of_training_go_only_into_folders_of_their_own(dic: Dic, tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    assert dic("run", "a.png", "--out", "out", "--engine", "fake").returncode == 0
    mine = tmp_path / "review"
    mine.mkdir()
    for name in ("review.html", "label_studio.json"):
        (mine / name).write_text("mine")
    (tmp_path / "link").symlink_to(mine)
    (tmp_path / "empty").mkdir()
    choose = ("train", "annotate", "choose", "out")
    for name in ("review", "link", "out"):
        done = dic(*choose, name)
        assert done.returncode != 0 and "Choose another folder" in done.stderr
    assert [p.read_text() for p in mine.iterdir()] == ["mine", "mine"]
    assert [dic(*choose, name).returncode for name in ("fresh", "empty")] == [0, 0]
    assert (tmp_path / "empty" / "review.html").is_file()
