"""Questions about figures, asked of a folder of results by words, by vectors and by both.

    dic-ingest run DOCUMENTS --out RESULTS
    dic-ingest index RESULTS --embedding multilingual-e5
    python benchmarks/questions.py RESULTS QUESTIONS.jsonl... [--mode bm25]

A line of QUESTIONS: file, page, question, answers (any of them) or all_of (each of them). Found is a question
when one of the best five hits is of that file and page and holds the answer. Answers of three letters or less
count as words of their own: as they are printed, and in brackets without their punctuation.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from machine import machine

from dic_ingest.index.search import MODES, search, search_modes
from dic_ingest.index.update import read_nodes

BEST = 5  # hits
SHORT = 3  # letters of an answer that must be a word of its own
Holds = Callable[[str, str], bool]  # text, answer


def plain(text: str) -> str:
    """Letters and digits alone, case folded."""
    return re.sub(r"[\W_]+", "", text.casefold())


def holds_split(text: str, answer: str) -> bool:
    """Whether a text holds an answer; short ones among its words, parted at punctuation."""
    wanted = plain(answer)
    if len(wanted) > SHORT:
        return wanted in plain(text)
    return bool(wanted) and wanted in re.split(r"[\W_]+", text.casefold())


def holds_printed(text: str, answer: str) -> bool:
    """Whether a text holds an answer; short ones among its words as they stand ("T1-C", "0.6")."""
    if len(plain(answer)) > SHORT:
        return holds_split(text, answer)
    words = (w.strip("\"'().,;:!?[]") for w in text.casefold().split())
    return holds_split(text, answer) or answer.casefold().strip() in words


def answered(question: dict[str, Any], text: str, holds: Holds) -> bool:
    """Whether a text of the right page answers."""
    every = question.get("all_of") or []
    return any(holds(text, a) for a in question["answers"]) or (
        bool(every) and all(holds(text, a) for a in every)
    )


def place_of(out: Path, question: dict[str, Any], holds: Holds, mode: str) -> int:
    """The place of the first hit that answers, from 1; 0 for none of the best."""
    for at, hit in enumerate(search(out, question["question"], mode, BEST), 1):
        there = Path(hit.file).name == question["file"] and hit.page == question["page"]
        if there and answered(question, hit.text, holds):
            return at
    return 0


def in_index(out: Path, questions: Sequence[dict[str, Any]], holds: Holds) -> float:
    """Share of the questions whose answer stands in some node of its page."""
    texts: dict[tuple[str, int], list[str]] = {}
    for _, nodes in read_nodes(out):
        for n in nodes:
            key = str(n.metadata.get("file_name")), int(str(n.metadata.get("page") or 0))
            texts.setdefault(key, []).append(n.text)
    good = [any(answered(q, t, holds) for t in texts.get((q["file"], q["page"]), ())) for q in questions]
    return sum(good) / len(good)


def main() -> None:
    """Prints the share found, by mode."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("results", type=Path)
    parser.add_argument("questions", type=Path, nargs="+")
    parser.add_argument("--mode", choices=MODES, action="append")
    asked = parser.parse_args()
    lines = [line for path in asked.questions for line in path.read_text("utf-8").splitlines()]
    questions = [json.loads(line) for line in lines if line.strip()]
    print(machine(), len(questions), "questions")
    for name, holds in (("printed", holds_printed), ("split", holds_split)):
        print(f"{name}: in the index {in_index(asked.results, questions, holds):.3f}")
        for mode in asked.mode or search_modes(asked.results):
            places = [place_of(asked.results, q, holds, mode) for q in questions]
            first = sum(p == 1 for p in places) / len(places)
            print(
                f"{name}: {mode} found@1 {first:.3f} found@{BEST} {sum(map(bool, places)) / len(places):.3f}"
            )


if __name__ == "__main__":
    main()
