"""Figures that show the same in several documents; logos; the same bytes whatever came before."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from PIL import Image, ImageDraw

from dic_ingest.batch.cross_document_duplicates import mark_same, shown_once
from dic_ingest.batch.manifest import SAME


def drawn(name: str, scale: float = 1.0) -> Image.Image:
    """A picture that follows from its name: boxes at places of its own."""
    picture = Image.new("RGB", (400, 200), "white")
    pen = ImageDraw.Draw(picture)
    for i, byte in enumerate(hashlib.sha256(name.encode()).digest()[:12]):
        x, y = byte % 16 * 24, byte // 16 * 11
        pen.rectangle((x, y, x + 40, y + 25), fill=(byte, 40 * (i % 5), 255 - byte))
    return picture.resize((round(400 * scale), round(200 * scale)))


def result(
    out: Path, document: str, figures: dict[str, Image.Image], words: str = "", width: float = 400
) -> None:
    folder = out / document
    (folder / "figures").mkdir(parents=True)
    lines = []
    for name, picture in figures.items():
        picture.save(folder / "figures" / f"{name}.png")
        metadata = {
            "dic_type": "figure",
            "image_sha256": hashlib.sha256(picture.tobytes()).hexdigest(),
            "ocr_text": words,
            "bbox": f"[100, 100, {100 + width}, {100 + width / 2}]",
            "page_width": 600.0,
            "page_height": 800.0,
        }
        lines.append(
            {"id": f"{document}-{name}", "text": name, "image": f"figures/{name}.png", "metadata": metadata}
        )
    (folder / "nodes.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def groups(out: Path) -> list[dict[str, object]]:
    return json.loads((out / SAME).read_text())["groups"]  # type: ignore[no-any-return]


def test_copies_in_other_documents_are_found_at_any_resolution(tmp_path: Path) -> None:
    result(tmp_path, "a", {"flow": drawn("flow"), "net": drawn("net")}, "start stop")
    result(tmp_path, "b", {"flow": drawn("flow", 1.5), "other": drawn("other")}, "start stop")
    assert mark_same(tmp_path, ["b", "a"]) == 1
    assert groups(tmp_path) == [{"nodes": ["a-flow", "b-flow"], "documents": ["a", "b"], "logo": False}]
    assert shown_once(["b-flow", "text", "a-flow", "a-net"], tmp_path) == ["b-flow", "text", "a-net"]


def test_one_form_with_other_words_is_another_figure(tmp_path: Path) -> None:
    result(tmp_path, "a", {"flow": drawn("flow")}, "read the order then send it")
    result(tmp_path, "b", {"flow": drawn("flow")}, "a different text altogether")
    assert mark_same(tmp_path, ["a", "b"]) == 0


def test_small_art_of_three_documents_is_a_logo(tmp_path: Path) -> None:
    for name in "abc":
        result(tmp_path, name, {"logo": drawn("logo"), "own": drawn(name)}, width=120)
    assert mark_same(tmp_path, ["a", "b"]) == 1
    assert not groups(tmp_path)[0]["logo"]
    mark_same(tmp_path, ["a", "b", "c"])
    assert groups(tmp_path)[0]["logo"]
    assert shown_once(["a-logo", "a-own"], tmp_path) == ["a-own"]


def test_the_same_bytes_after_an_interrupted_or_broken_pass(tmp_path: Path) -> None:
    result(tmp_path, "a", {"flow": drawn("flow")})
    result(tmp_path, "b", {"flow": drawn("flow")})
    mark_same(tmp_path, ["a", "b"])
    whole = (tmp_path / SAME).read_bytes()
    mark_same(tmp_path, ["a"])  # an earlier, shorter run
    assert (tmp_path / SAME).read_bytes() != whole
    mark_same(tmp_path, ["a", "b"])
    assert (tmp_path / SAME).read_bytes() == whole
    (tmp_path / SAME).write_text("{broken")
    mark_same(tmp_path, ["b", "a"])
    assert (tmp_path / SAME).read_bytes() == whole


def test_missing_crops_and_documents_are_passed_over(tmp_path: Path) -> None:
    result(tmp_path, "a", {"flow": drawn("flow")})
    (tmp_path / "a" / "figures" / "flow.png").write_bytes(b"no picture")
    assert mark_same(tmp_path, ["a", "gone"]) == 0
    assert shown_once(["x"], tmp_path / "nowhere") == ["x"]
