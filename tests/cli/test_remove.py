"""`dic-ingest remove` and `run --prune`: what goes, what stays, and what a removal that was killed leaves."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dic_ingest.batch.manifest import Manifest
from dic_ingest.batch.remove import prune, remove
from dic_ingest.cli import group
from dic_ingest.errors import DICIngestError, MissingFileError

FLOW = "flowchart TD\n a[Take order] --> b[Check stock]\n b --> c[Send goods]\n"


def dic(*arguments: object) -> Result:
    return CliRunner().invoke(group, [str(a) for a in arguments], standalone_mode=False)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of three drawings beside the results of a run on it."""
    root = tmp_path_factory.mktemp("first")
    (root / "docs" / "more").mkdir(parents=True)
    for place, word in (("a", "order"), ("b", "invoice"), ("more/c", "letter")):
        (root / "docs" / f"{place}.mmd").write_text(FLOW.replace("order", word))
    assert dic("run", root / "docs", "--out", root / "out", "--quiet").return_value == 0
    return root


@pytest.fixture
def ran(first: Path, tmp_path: Path) -> tuple[Path, Path]:
    """The same for one test, as if the run had been there."""
    for name in ("docs", "out"):
        shutil.copytree(first / name, tmp_path / name)
    manifest = tmp_path / "out" / "manifest.jsonl"
    manifest.write_text(manifest.read_text().replace(str(first), str(tmp_path)))
    return tmp_path / "docs", tmp_path / "out"


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_remove_takes_one_document_and_leaves_the_others(ran: tuple[Path, Path]) -> None:
    docs, out = ran
    others = files_in(out / "b")
    done = dic("remove", docs / "a.mmd", "--out", out)
    assert done.return_value == 0 and "files in a/ removed" in done.output
    assert not (out / "a").exists() and (docs / "a.mmd").is_file()
    assert files_in(out / "b") == others
    assert sorted(Path(f).name for f in Manifest(out).entries) == ["b.mmd", "c.mmd"]
    assert all("a" not in g["documents"] for g in json.loads((out / "same.json").read_text())["groups"])


@pytest.mark.parametrize("name", ["a", "a.mmd", "{docs}/../docs/a.mmd"])
def test_a_document_may_be_named_in_several_ways(ran: tuple[Path, Path], name: str) -> None:
    docs, out = ran
    assert dic("remove", name.format(docs=docs), "--out", out).return_value == 0
    assert not (out / "a").exists()


def test_dry_run_changes_nothing(ran: tuple[Path, Path]) -> None:
    _, out = ran
    before = files_in(out)
    done = dic("remove", "a", "b", "--out", out, "--dry-run", "--json")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [t["name"] for t in told] == ["a", "b"] and all(t["files"] >= 2 for t in told)
    assert {t["status"] for t in told} == {"would be removed"}
    assert files_in(out) == before


def test_a_file_that_is_not_there_stops_the_others_too(ran: tuple[Path, Path]) -> None:
    _, out = ran
    with pytest.raises(MissingFileError, match=r"nothing\.pdf is not among the results"):
        remove(["a", "nothing.pdf"], out)
    assert (out / "a").is_dir()


def test_a_name_of_two_documents_is_refused(ran: tuple[Path, Path]) -> None:
    docs, out = ran
    (docs / "more" / "a.mmd").write_text(FLOW.replace("order", "parcel"))
    assert dic("run", docs, "--out", out, "--quiet").return_value == 0
    with pytest.raises(DICIngestError, match="2 documents are called"):
        remove(["a.mmd"], out)


def test_what_the_user_put_there_stays(ran: tuple[Path, Path]) -> None:
    _, out = ran
    (out / "a" / "notes.txt").write_text("mine")
    (done,) = remove(["a"], out)
    assert done.kept == ("notes.txt",)
    assert files_in(out / "a") == {"notes.txt": b"mine"}


def test_a_folder_that_is_not_ours_stays(ran: tuple[Path, Path]) -> None:
    _, out = ran
    shutil.rmtree(out / "a")
    (out / "a").mkdir()
    (out / "a" / "thesis.txt").write_text("mine")
    assert dic("remove", "a", "--out", out).exception is not None
    assert (out / "a" / "thesis.txt").read_text() == "mine"


def test_pages_that_show_the_document_go_with_it(ran: tuple[Path, Path]) -> None:
    _, out = ran
    assert dic("inspect", out).return_value == 0
    (done,) = remove(["a"], out, holders_of(out))
    assert done.held["pages in inspect/"] >= 1 and not (out / "inspect").exists()


def holders_of(out: Path) -> list[object]:
    from dic_ingest.cli.remove import holders

    return [*holders(str(out))]


class Failing:
    name = "store"

    def remove(self, names: Sequence[str], dry_run: bool = False) -> Mapping[str, int]:
        if not dry_run:
            raise DICIngestError("the store is away")
        return dict.fromkeys(names, 3)


def test_where_a_holder_fails_the_results_stay(ran: tuple[Path, Path]) -> None:
    _, out = ran
    (told,) = remove(["a"], out, [Failing()], dry_run=True)
    assert told.held == {"store": 3}
    with pytest.raises(DICIngestError, match="the store is away"):
        remove(["a"], out, [Failing()])
    assert (out / "a" / "document.json").is_file() and len(Manifest(out).entries) == 3


def test_a_removal_that_was_killed_is_finished_by_the_next(ran: tuple[Path, Path]) -> None:
    _, out = ran
    (out / "a" / "document.json").unlink()
    assert dic("remove", "a", "--out", out).return_value == 0
    assert not (out / "a").exists()


def test_prune_removes_what_is_gone_from_the_folder(ran: tuple[Path, Path]) -> None:
    docs, out = ran
    (docs / "a.mmd").unlink()
    shutil.rmtree(docs / "more")
    done = dic("run", docs, "--out", out, "--prune", "--dry-run")
    assert done.output.count("would be removed") == 2 and (out / "a").is_dir()
    done = dic("run", docs, "--out", out, "--prune", "--quiet")
    assert done.return_value == 0 and done.output.count(" removed\n") == 2
    assert not (out / "a").exists() and not (out / "c").exists() and (out / "b").is_dir()
    assert [Path(f).name for f in Manifest(out).entries] == ["b.mmd"]


def test_prune_leaves_documents_of_other_folders(ran: tuple[Path, Path], tmp_path: Path) -> None:
    docs, out = ran
    other = tmp_path / "docs2"
    other.mkdir()
    (other / "d.mmd").write_text(FLOW.replace("order", "ticket"))
    (docs / "a.mmd").unlink()
    assert dic("run", other, "--out", out, "--prune", "--quiet").return_value == 0
    assert (out / "a").is_dir() and (out / "d").is_dir()


def test_an_empty_folder_prunes_nothing(ran: tuple[Path, Path]) -> None:
    docs, out = ran
    shutil.rmtree(docs)
    docs.mkdir()
    assert dic("run", docs, "--out", out, "--prune", "--quiet").return_value == 3
    with pytest.raises(MissingFileError, match="nothing is pruned"):
        prune([docs], out)
    assert len(Manifest(out).entries) == 3


def test_results_at_a_url(ran: tuple[Path, Path]) -> None:
    fsspec = pytest.importorskip("fsspec", reason="pip install '.[ray]'")
    url = "memory://removal/out"
    # the workers of a run have a memory of their own: the results are put there by hand
    files = fsspec.filesystem("memory")
    files.put(f"{ran[1]}/", "/removal/out/", recursive=True)
    (told,) = remove(["a"], url)
    assert told.name == "a" and not files.exists("/removal/out/a") and files.exists("/removal/out/b")
    assert b"a.mmd" not in files.cat_file("/removal/out/manifest.jsonl")
