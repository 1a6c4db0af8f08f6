"""Indented commands of README and docs/: those that need no more than a checkout are run on small files."""

from __future__ import annotations

import json
import re
import runpy
import shlex
import shutil
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from PIL import Image, ImageDraw

from dic_ingest.cli import group
from dic_ingest.training.annotate.answers import FORMATS
from dic_ingest.training.annotate.folder import read_choice
from dic_ingest.training.synthesise import dataset

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
PROGRAMS = "dic-ingest|pip|git|make|apt|python|vllm|llama-server|ollama|mineru-[a-z]+"
# commands by their beginning, and why they are not run here
NOT_RUN = {
    r"git clone|make ": "sets up a checkout, which this one is",
    r"pip install|apt install|mineru-kit models download": "asks a network",
    r"mineru-api|vllm|llama-server|ollama": "a server of another project",
    r".* --server ": "needs such a server: tests/sources/test_server.py",
    r".* --tier basic": "needs MinerU's weights",
    r".* --engine (endpoint|local)": "needs a server or weights: tests/captioning",
    r"dic-ingest train (sft|preference|critic|export|captioner|cim) ": "needs the extra train",
    r"dic-ingest train import FOLDER OUT \[": "a synopsis: tests/training/importing",
    r"dic-ingest index ": "needs the extra stores: tests/cli/test_index_search.py",
    r"dic-ingest serve ": "needs the extra serve: tests/serve",
    r"dic-ingest evaluate ": "needs the extra evaluate: tests/cli/test_evaluate.py",
}
# sizes that take an hour, made small; and drawn by what starts at once
SMALLER = {
    r"--count (600|2000)": "--count 3",
    r"synthesise (pairs|\.\.\.)( --facts \S+)?$": r"synthesise pairs\2 --count 2",
    r"(train synthesise .*)": r"\1 --tools graphviz --domains process",
}
DRAWING = 'flowchart TD\n a["Receive order"] -->|valid| b{"In stock?"}\n b -->|yes| c["Ship parcel"]\n'
FACTS = """
[sources]
manual = "Manual of the plant"
[parts.Kiln]
names = ["Kiln *"]
does = "burns the clinker"
"""
# a vision-language model's shape, as `train plan` reads it
MODEL = {
    "hidden_size": 64,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "num_hidden_layers": 2,
    "intermediate_size": 128,
    "vocab_size": 1000,
    "vision_config": {"hidden_size": 32, "depth": 2, "intermediate_size": 64},
}


def blocks(page: Path) -> list[list[str]]:
    """The commands of a page that are indented instead of fenced, without comments, by block."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.M | re.S).replace("\\\n", " ")
    found = [
        re.findall(rf"^ {{4,}}((?:[A-Z_]+=\S+ )?(?:{PROGRAMS}) .*)$", part, re.M)
        for part in re.findall(r"(?:^ {4}.*\n)+", text, re.M)
    ]
    return [[re.sub(r"\s+#.*$", "", line).strip() for line in block] for block in found if block]


def reason(line: str) -> str:
    """Why a command is not run, or nothing."""
    return next((why for start, why in NOT_RUN.items() if re.match(start, line)), "")


BLOCKS = [(page, number, block) for page in PAGES for number, block in enumerate(blocks(page), 1)]
EVERY = [(page, line) for page, _, block in BLOCKS for line in block]
OURS = [pytest.param(line, id=f"{page.name}:{line[11:40]}") for page, line in EVERY if "dic-ingest " in line]
RUN = [
    pytest.param(page, [line for line in block if not reason(line)], id=f"{page.name}:{number}")
    for page, number, block in BLOCKS
    if not all(map(reason, block))
]


@pytest.mark.parametrize("line", OURS)
def test_options_are_known(line: str) -> None:
    line = line.partition("dic-ingest ")[2]
    words = shlex.split(line.replace("...", "").replace("[", "").replace("]", ""))
    command: click.Command = group
    while isinstance(command, click.Group):
        chosen = command.get_command(click.Context(command), words.pop(0))
        assert chosen is not None
        command = chosen
    known = {o for p in command.params for o in (*p.opts, *p.secondary_opts)}
    assert {w.partition("=")[0] for w in words if w.startswith("--")} <= known


def test_what_is_not_run_is_there() -> None:
    every = [line for _, line in EVERY]
    assert [start for start in NOT_RUN if not any(re.match(start, line) for line in every)] == []
    assert [line for line in every if not line.startswith("dic-ingest ") and not reason(line)] == []
    assert sum(not reason(line) for line in every) >= 20


@pytest.fixture
def place(samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with what the pages call manuals, papers, docs, scan.png and so on."""
    for name in ("papers", "docs", "manuals"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "orders.mmd").write_text(DRAWING)
    (tmp_path / "BASE").mkdir()
    (tmp_path / "BASE" / "config.json").write_text(json.dumps(MODEL))
    scan = Image.new("RGB", (420, 120), "white")
    pen = ImageDraw.Draw(scan)
    for left, word in ((20, "Client"), (270, "Server")):
        pen.rectangle((left, 30, left + 130, 90), outline="black", width=2)
        pen.text((left + 30, 48), word, fill="black", font_size=20)
    pen.line((150, 60, 268, 60), fill="black", width=2)
    scan.save(tmp_path / "scan.png")
    (tmp_path / "mineru_results").mkdir()
    saved = [
        {"type": "text", "text": "Orders are kept for a year.", "bbox": [72, 72, 300, 90], "page_idx": 0}
    ]
    (tmp_path / "mineru_results" / "orders_content_list.json").write_text(json.dumps(saved))
    (tmp_path / "ours.toml").write_text(FACTS)
    (tmp_path / "pictures.toml").write_text("[crops]\npages = true\n[nodes]\nimage_bytes = 200000\n")
    monkeypatch.setattr(dataset, "BATCH", 6)  # drawn at once, however few are wanted
    monkeypatch.chdir(tmp_path)
    return tmp_path


def draw_manuals(folder: Path) -> None:
    """Three manuals with a drawing each, those of examples/."""
    example = runpy.run_path(str(ROOT / "examples" / "graph_across_manuals.py"))
    (folder / "orders.mmd").unlink()
    for name, content in example["MANUALS"].items():
        example["draw"](folder / f"{name}.pdf", *content)


def answer(review: Path, path: Path) -> None:
    """An annotator's file, as the page of `review` saves it; Bob rejects one figure, who decides takes it."""
    rows = [{"key": key, "verdict": "accept", "caption": "", "graph": None} for key in read_choice(review)]
    if path.name == "bob.json":
        rows[0]["verdict"] = "reject"
    told: dict[str, Any] = {"format": FORMATS[-1], "annotator": path.stem, "answers": rows}
    if path.name == "decided.json":
        told["adjudicates"] = True
    path.write_text(json.dumps(told))


def called(line: str) -> str:
    """Run a command of ours in this process, in the working folder; what it printed."""
    for long, short in SMALLER.items():
        line = re.sub(long, short, line)
    _, *words = shlex.split(line)
    if words[:2] == ["train", "annotate"] and words[2] != "choose":
        review = Path(words[3])
        if not review.exists():
            called(f"dic-ingest train annotate choose results {review}")
        words = [word.replace("*", "ann") for word in words]
        for word in words[4:]:
            if word.endswith(".json"):
                answer(review, Path(word))
    done = CliRunner().invoke(group, words)
    assert done.exit_code == 0, f"{line}\n{done.output[-2000:]}\n{done.exception!r}"
    return done.output


@pytest.mark.parametrize(("page", "lines"), RUN)
def test_commands_run(page: Path, lines: list[str], place: Path) -> None:
    if any("train synthesise" in line for line in lines) and not shutil.which("dot"):
        pytest.skip("Graphviz is not here")
    if page.name == "graph.md":
        draw_manuals(place / "manuals")
        if "dic-ingest run " not in lines[0]:
            called("dic-ingest run manuals --out results")
            called("dic-ingest graph results")
    elif any(" results" in line for line in lines) and "dic-ingest run " not in lines[0]:
        called("dic-ingest run papers --out results")
    printed = {line: called(line) for line in lines}
    if "dic-ingest graph results" in printed:  # what the page shows under its command is what comes
        shown = re.search(r"--ask AMF\n((?: {4}.*\n)+)", page.read_text("utf-8"))
        assert shown and "6 entities, 5 relations" in printed["dic-ingest graph results"]
        answers = printed["dic-ingest graph results --ask AMF"].splitlines()
        for line in shown[1].splitlines():
            assert any(answer.startswith(line.removeprefix("    ")) for answer in answers)
