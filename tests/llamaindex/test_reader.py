"""DICReader: what it gives, for what inputs; lazy, async, lists, other file systems, failures, pickling."""

from __future__ import annotations

import asyncio
import copy
import logging
import pickle
import threading
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import fsspec
import pytest
from handmade import FakeIngest
from llama_index.core import SimpleDirectoryReader
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.readers.base import ReaderConfig
from llama_index.core.schema import Document, ImageDocument

from dic_ingest.errors import BrokenFileError, LimitError, MissingExtraError, MissingFileError, SettingsError
from dic_ingest.llamaindex.node_parser import DICNodeParser
from dic_ingest.llamaindex.reader import DICReader

Make = Callable[..., DICReader]


def test_text_and_figures_come_interleaved_with_stable_ids(make_reader: Make, folder: Path) -> None:
    documents = make_reader().load_data(folder / "a.pdf")
    kinds = [type(d).__name__ for d in documents]
    assert kinds == ["Document", "ImageDocument", *["Document"] * 4, "ImageDocument", *["Document"] * 2]
    assert [d.id_ for d in documents] == [d.metadata["dic_node_id"] for d in documents]
    again = make_reader().load_data(str(folder / "a.pdf"))
    assert [d.id_ for d in again] == [d.id_ for d in documents]
    assert [d.hash for d in again] == [d.hash for d in documents]


def test_crops_lie_in_image_dir_and_nothing_else_is_left(
    make_reader: Make, folder: Path, tmp_path: Path
) -> None:
    figures = [d for d in make_reader().load_data(folder / "a.pdf") if isinstance(d, ImageDocument)]
    place = Path(figures[0].image_path or "")
    assert place.is_absolute()
    assert place.is_relative_to(tmp_path / "crops")
    assert place.suffix == ".png"
    assert figures[0].image_mimetype == "image/png"
    assert not list((tmp_path / "crops").glob(".*"))


def test_crops_go_to_the_users_cache_by_default(
    fake_ingest: FakeIngest, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    figures = [
        d for d in DICReader(engine="fake").load_data(folder / "a.pdf") if isinstance(d, ImageDocument)
    ]
    assert figures
    if (tmp_path / "cache").exists():  # platforms name it differently
        assert Path(figures[0].image_path or "").is_relative_to(tmp_path / "cache")


def test_extra_info_is_copied_into_every_document(make_reader: Make, folder: Path) -> None:
    extra = {"author": "N. N.", "file_name": "shown.pdf", "last_accessed_date": "2026-01-01"}
    documents = make_reader().load_data(folder / "a.pdf", extra_info=extra)
    assert all(d.metadata["author"] == "N. N." and d.metadata["file_name"] == "shown.pdf" for d in documents)
    assert not any("last_accessed_date" in d.metadata for d in documents)
    documents[0].metadata["author"] = "changed"
    assert documents[1].metadata["author"] == extra["author"] == "N. N."


def test_lazy_loading_reads_a_file_when_it_is_wanted(
    make_reader: Make, fake_ingest: FakeIngest, folder: Path
) -> None:
    documents = iter(make_reader().lazy_load_data([folder / "a.pdf", folder / "b.pdf"]))
    assert fake_ingest.calls == []
    next(documents)
    assert [p.name for p in fake_ingest.calls] == ["a.pdf"]
    assert len(list(documents)) == 17
    assert [p.name for p in fake_ingest.calls] == ["a.pdf", "b.pdf"]


def test_async_loading_leaves_the_event_loop_alone(
    make_reader: Make, fake_ingest: FakeIngest, folder: Path
) -> None:
    assert len(asyncio.run(make_reader().aload_data(folder / "a.pdf"))) == 9
    assert threading.get_ident() not in fake_ingest.threads


def test_async_lazy_loading_can_be_iterated_awaited_and_scheduled(
    make_reader: Make, fake_ingest: FakeIngest, folder: Path
) -> None:
    files = [folder / "a.pdf", folder / "b.pdf"]
    reader = make_reader()

    async def iterate() -> list[Document]:
        found = []
        async for document in reader.alazy_load_data(files):
            found.append(document)
            assert len(fake_ingest.calls) == (1 if len(found) <= 9 else 2)
        return found

    async def both_at_once() -> list[list[Document]]:
        task = asyncio.create_task(reader.alazy_load_data(files[0]))
        return [await task, *await asyncio.gather(reader.alazy_load_data(files[1]))]

    async def awaited() -> list[Document]:
        return list(await reader.alazy_load_data(files))

    assert len(asyncio.run(iterate())) == 18
    assert len(asyncio.run(awaited())) == 18
    assert [len(x) for x in asyncio.run(both_at_once())] == [9, 9]
    assert threading.get_ident() not in fake_ingest.threads


def test_an_async_lazy_reading_that_is_not_used_reads_nothing(
    make_reader: Make, fake_ingest: FakeIngest, folder: Path
) -> None:
    make_reader().alazy_load_data(folder / "a.pdf").close()
    make_reader().alazy_load_data(folder / "a.pdf")
    assert fake_ingest.calls == []


def test_a_list_goes_on_after_a_bad_file_and_remembers_it(
    make_reader: Make, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "bad.pdf").write_text("broken")
    reader = make_reader()
    documents = reader.load_data(
        [folder / "a.pdf", folder / "bad.pdf", str(folder / "gone.pdf"), folder / "b.pdf"]
    )
    assert len(documents) == 18
    assert [(Path(f.file).name, f.error) for f in reader.failures] == [
        ("bad.pdf", "BrokenFileError"),
        ("gone.pdf", "MissingFileError"),
    ]
    assert "Repair it" in caplog.text


def test_a_list_goes_on_after_what_nobody_foresaw(make_reader: Make, folder: Path) -> None:
    (folder / "odd.pdf").write_text("unforeseen")
    reader = make_reader()
    assert len(reader.load_data([folder / "odd.pdf", folder / "a.pdf"])) == 9
    assert [f.error for f in reader.failures] == ["RecursionError"]
    with pytest.raises(RecursionError):
        reader.load_data(folder / "odd.pdf")


def test_a_single_bad_file_raises(make_reader: Make, folder: Path) -> None:
    (folder / "bad.pdf").write_text("broken")
    reader = make_reader()
    with pytest.raises(BrokenFileError):
        reader.load_data(folder / "bad.pdf")
    with pytest.raises(MissingFileError, match="Check the path"):
        reader.load_data(folder / "gone.pdf")
    assert len(reader.failures) == 2


def test_a_wrong_setting_is_no_failure_of_a_file(make_reader: Make, folder: Path) -> None:
    with pytest.raises(SettingsError, match=r"nodes\.text_tokens must be at least 32"):
        make_reader(nodes={"text_tokens": 1})
    with pytest.raises(SettingsError, match="no setting 'colour'"):
        make_reader(settings={"colour": 1})
    reader = make_reader(engine="gpt")
    with pytest.raises(SettingsError, match="no engine called"):
        reader.load_data([folder / "a.pdf"])
    assert reader.failures == []


def test_a_remote_file_is_copied_and_named_by_its_place(make_reader: Make, fake_ingest: FakeIngest) -> None:
    fs = fsspec.filesystem("memory")
    fs.pipe("/bucket/paper.pdf", b"A remote flow.")
    try:
        documents = make_reader().load_data(PurePosixPath("/bucket/paper.pdf"), fs=fs)
        assert {d.metadata["file_name"] for d in documents} == {"paper.pdf"}
        assert {d.metadata["file_path"] for d in documents} == {"/bucket/paper.pdf"}
        assert not fake_ingest.calls[0].exists()
        assert fake_ingest.calls[0].suffix == ".pdf"
        (whole,) = make_reader(emit="document").load_data(PurePosixPath("/bucket/paper.pdf"), fs=fs)
        (again,) = make_reader(emit="document").load_data(PurePosixPath("/bucket/paper.pdf"), fs=fs)
        assert whole.id_ == again.id_
        with pytest.raises(LimitError, match="max_bytes"):
            make_reader(max_bytes=3).load_data(PurePosixPath("/bucket/paper.pdf"), fs=fs)
        with pytest.raises(MissingFileError):
            make_reader().load_data(PurePosixPath("/bucket/none.pdf"), fs=fs)
    finally:
        fs.rm("/bucket", recursive=True)


def test_simple_directory_reader_over_a_remote_folder(make_reader: Make, fake_ingest: FakeIngest) -> None:
    fs = fsspec.filesystem("memory")
    fs.pipe("/papers on a shelf/paper.pdf", b"A remote flow.")
    try:
        documents = SimpleDirectoryReader(
            "/papers on a shelf", file_extractor={".pdf": make_reader()}, fs=fs
        ).load_data()
        assert len(documents) == 9
        assert {d.metadata["file_name"] for d in documents} == {"paper.pdf"}
    finally:
        fs.rm("/papers on a shelf", recursive=True)


def test_simple_directory_reader_skips_bad_files_but_not_missing_extras(
    make_reader: Make, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "bad.pdf").write_text("broken")
    reader = make_reader()
    documents = SimpleDirectoryReader(str(folder), file_extractor={".pdf": reader}).load_data()
    assert len(documents) == 18
    assert [f.error for f in reader.failures] == ["BrokenFileError"]
    assert "Skipping" in capsys.readouterr().out
    (folder / "bad.pdf").write_text("extra")
    with pytest.raises(ImportError, match=r"\[office\]"):
        SimpleDirectoryReader(str(folder), file_extractor={".pdf": make_reader()}).load_data()
    with pytest.raises(MissingExtraError):
        make_reader().load_data([folder / "bad.pdf", folder / "a.pdf"])


def test_a_reader_can_be_pickled_and_copied_without_a_word(
    make_reader: Make, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    reader = make_reader(password="secret", ids="path")
    reader.load_data(folder / "a.pdf")
    with caplog.at_level(logging.WARNING):
        for other in (
            pickle.loads(pickle.dumps(reader)),
            copy.deepcopy(reader),
            reader.model_copy(deep=True),
        ):
            assert other.ids == "path"
            assert other.password == "secret"
            assert len(other.load_data(folder / "a.pdf")) == 9
    assert "npickl" not in caplog.text
    assert "secret" not in reader.to_json()
    assert "secret" not in repr(reader)


def test_serialised_settings_rebuild_the_reader(make_reader: Make) -> None:
    for reader in (make_reader(emit="document"), make_reader(nodes={"text_tokens": 99})):
        assert DICReader.from_json(reader.to_json()).to_dict() == reader.to_dict()
    assert reader.to_dict()["class_name"] == "DICReader"
    assert reader.is_remote is False


def test_nodes_of_some_types_alone(make_reader: Make, folder: Path) -> None:
    every = make_reader().load_data(folder / "a.pdf")
    figures = make_reader(node_types=["figure"]).load_data(folder / "a.pdf")
    assert [d.id_ for d in figures] == [d.id_ for d in every if d.metadata["dic_type"] == "figure"]
    assert make_reader(nodes={"types": ["figure"]}).load_data(folder / "a.pdf") == figures
    with pytest.raises(SettingsError, match="Is it 'figure'"):
        make_reader(node_types=["figures"])
    with pytest.raises(SettingsError, match="DICNodeParser"):
        make_reader(emit="document", node_types=["figure"])
    (document,) = make_reader(emit="document").load_data(folder / "a.pdf")
    nodes = DICNodeParser(node_types=["figure"]).get_nodes_from_documents([document])
    assert len(nodes) == len(figures) and {n.metadata["dic_type"] for n in nodes} == {"figure"}
    with pytest.raises(SettingsError, match="Is it 'figure'"):
        DICNodeParser(node_types=["figures"])


def test_a_reader_config_feeds_a_pipeline(make_reader: Make, folder: Path) -> None:
    config = ReaderConfig(reader=make_reader(), reader_args=[folder / "a.pdf"])
    nodes = IngestionPipeline(transformations=[], readers=[config]).run()
    assert len(nodes) == 9


def test_one_reading_at_a_time_in_a_process(make_reader: Make, fake_ingest: FakeIngest, folder: Path) -> None:
    for n in range(6):
        (folder / f"more{n}.pdf").write_text(f"Paper {n}.")
    loader = SimpleDirectoryReader(str(folder), file_extractor={".pdf": make_reader()})
    documents = asyncio.run(loader.aload_data(num_workers=4))
    assert len(documents) == 72
    assert len(fake_ingest.threads) > 1
    assert fake_ingest.most_at_once == 1


def test_engine_none_is_not_replaced_by_the_default(make_reader: Make, folder: Path) -> None:
    documents = make_reader(engine="none").load_data(folder / "a.pdf")
    figures = [d for d in documents if isinstance(d, ImageDocument)]
    assert {d.metadata["caption_source"] for d in figures} == {"printed"}


def test_a_crop_that_cannot_be_opened_leaves_the_text(
    make_reader: Make, fake_ingest: FakeIngest, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoil(place: Path) -> None:
        (place / "figures").mkdir(parents=True, exist_ok=True)
        (place / "figures" / "flow.png").write_bytes(b"no picture")

    monkeypatch.setattr("handmade.write_crops", spoil)
    documents = make_reader().load_data(folder / "a.pdf")
    assert [d.metadata["dic_type"] for d in documents].count("figure") == 2
    assert not any(isinstance(d, ImageDocument) for d in documents)


@pytest.mark.parametrize(
    ("field", "said"), [("page", "'pages'"), ("engin", "'engine'"), ("zzz", "Known here: .*emit")]
)
def test_a_field_that_does_not_exist_is_refused_with_the_nearest_one(field: str, said: str) -> None:
    with pytest.raises(SettingsError, match=f"no field '{field}'.*{said}"):
        DICReader(**{field: "1"})


def test_the_old_name_of_pages_is_taken_with_a_warning() -> None:
    with pytest.warns(DeprecationWarning, match="page_range"):
        assert DICReader(page_range="2").pages == "2"
    reader = DICReader(pages="1-3")
    assert DICReader.from_dict(reader.to_dict()).pages == "1-3"
