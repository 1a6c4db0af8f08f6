"""Saved output is untrusted: nothing but BundleError, nothing read or written outside, bounded sizes."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dic_ingest.errors import BundleError
from dic_ingest.mineru.output.archive import BundleLimits
from dic_ingest.mineru.output.read import read_bundle
from dic_ingest.model.document import Document, Page

PAGES = (Page(1, 100.0, 100.0),)
JPEG = b"\xff\xd8\xff\xe0 not much of a picture"


def image_item(path: str) -> list[dict[str, Any]]:
    return [{"type": "image", "img_path": path, "image_caption": ["Figure 1: kept"], "page_idx": 0}]


@pytest.mark.parametrize(
    "reference",
    [
        "../secret.jpg",
        "images/../../secret.jpg",
        "/etc/passwd",
        "{abs}",
        "C:\\x.jpg",
        "..\\secret.jpg",
        "images/link.jpg",
        "images/missing.jpg",
        "images/",
        "a" * 5000 + ".jpg",
        "images/\0.jpg",
        "notes.txt",
    ],
)
def test_an_unsafe_or_missing_picture_leaves_the_figure(tmp_path: Path, reference: str) -> None:
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(JPEG)
    bundle = tmp_path / "bundle"
    (bundle / "images").mkdir(parents=True)
    (bundle / "notes.txt").write_text("no picture")
    (bundle / "images" / "link.jpg").symlink_to(secret)
    items = image_item(reference.replace("{abs}", str(secret)))
    (bundle / "content_list.json").write_text(json.dumps(items))
    document = read_bundle(bundle, pages=PAGES)
    (figure,) = document.figures
    assert figure.image == "" and figure.printed_caption == "Figure 1: kept"
    assert [w.code for w in document.warnings] == ["missing_picture"]


def test_a_zip_cannot_write_outside_the_folder(tmp_path: Path) -> None:
    archive = tmp_path / "evil.zip"
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("content_list.json", json.dumps(image_item("images/../../../evil.jpg")))
        out.writestr("images/../../../evil.jpg", JPEG)
    before = sorted(p.name for p in tmp_path.rglob("*"))
    document = read_bundle(archive, pages=PAGES, images=tmp_path / "pictures")
    assert document.figures[0].image == ""
    assert sorted(p.name for p in tmp_path.rglob("*")) == before


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "bomb.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("content_list.json", b" " * 5_000_000)
    assert archive.stat().st_size < 20_000
    with pytest.raises(BundleError, match="max_json_bytes"):
        read_bundle(archive, limits=BundleLimits(max_json_bytes=1_000_000))


def test_too_many_blocks_or_files_are_refused(tmp_path: Path) -> None:
    items = [{"type": "text", "text": f"t{i}", "page_idx": 0} for i in range(20)]
    with pytest.raises(BundleError, match="max_blocks"):
        read_bundle(items, pages=PAGES, limits=BundleLimits(max_blocks=10))
    for i in range(20):
        (tmp_path / f"{i}.txt").touch()
    with pytest.raises(BundleError, match="max_files"):
        read_bundle(tmp_path, limits=BundleLimits(max_files=10))


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 100_000, "", "nonsense", "[1,", "\x00", "NaN", "9" * 9000]
)
def test_a_file_that_is_no_json(tmp_path: Path, text: str) -> None:
    path = tmp_path / "content_list.json"
    path.write_text(text)
    with pytest.raises(BundleError):
        read_bundle(path)


@pytest.mark.parametrize("name", ["none.json", "none", "none.zip"])
def test_a_path_that_is_not_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(BundleError):
        read_bundle(tmp_path / name)


def test_an_empty_folder_and_a_foreign_zip(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="no MinerU output"):
        read_bundle(tmp_path)
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as out:
        out.writestr("readme.txt", "hello")
    with pytest.raises(BundleError, match="no MinerU output"):
        read_bundle(tmp_path / "x.zip")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"schema": "docvortex.middle", "schema_version": "3.0", "pages": []}, "only 2.x"),
        ({"schema": "docvortex.middle", "schema_version": "2.0", "pages": [{"blocks": 5}]}, "a number"),
        (
            {
                "schema": "docvortex.middle",
                "schema_version": "2.0",
                "pages": [{"blocks": [{"bbox": [1, 2]}]}],
            },
            "4 numbers",
        ),
        ({"hello": 1}, "no MinerU contract"),
        ([{"type": 5}], "not text"),
        ([{"type": "text", "bbox": [0, 0, float("inf"), 1]}], "not a number"),
        ({"pdf_info": {}}, "an object"),
    ],
)
def test_wrong_types_are_named(data: Any, said: str) -> None:
    with pytest.raises(BundleError, match=said):
        read_bundle(data)


def nested(depth: int) -> dict[str, Any]:
    deep: Any = "core"
    for _ in range(depth):
        deep = [{"type": "text", "content": deep}]
    page = {"page_idx": 0, "blocks": [{"type": "text", "content": deep}]}
    return {"schema": "docvortex.middle", "schema_version": "2.0", "pages": [page]}


def test_deep_nesting_is_read_or_refused() -> None:
    assert read_bundle(nested(200), pages=PAGES).blocks[0].content == "core"
    assert read_bundle(nested(50_000), pages=PAGES, sha256="a" * 64).blocks[0].content == "core"
    with pytest.raises(BundleError, match="no JSON"):
        read_bundle(nested(50_000), pages=PAGES)


KEYS = st.sampled_from(
    [
        "type",
        "content",
        "bbox",
        "text",
        "page_idx",
        "pages",
        "blocks",
        "schema",
        "schema_version",
        "pdf_info",
        "para_blocks",
        "lines",
        "spans",
        "page_size",
        "img_path",
        "image_caption",
        "list_items",
        "index",
        "level",
        "metadata",
        "extensions",
        "docvortex_layout",
        "width_pt",
        "image_source",
        "paragraph_content",
        "table_body",
    ]
)
WORDS = st.sampled_from(
    [
        "text",
        "image",
        "chart",
        "table",
        "list",
        "title",
        "paragraph",
        "equation",
        "code",
        "docvortex.middle",
        "2.0",
        "image_body",
        "image_caption",
        "data:image/png;base64,AA==",
        "\ud800",
        "x",
        "",
    ]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | WORDS
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=40,
)
ROOTS = (
    st.lists(VALUES, max_size=4)
    | st.dictionaries(KEYS, VALUES, max_size=6)
    | VALUES.map(
        lambda v: {"schema": "docvortex.middle", "schema_version": "2.0", "pages": [{"blocks": [v]}]}
    )
    | VALUES.map(lambda v: {"pdf_info": [{"para_blocks": [v]}]})
    | VALUES.map(lambda v: [[v]])
)


@settings(max_examples=400, deadline=None)
@given(ROOTS)
def test_arbitrary_json_raises_nothing_but_bundle_error(data: Any) -> None:
    try:
        document = read_bundle(data)
    except BundleError:
        return
    json.dumps(document.to_dict()).encode("utf-8")
    assert Document.from_dict(json.loads(json.dumps(document.to_dict()))) == document
