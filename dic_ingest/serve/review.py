"""What people say of figures while they look at them: kept in the form that `train annotate read` takes.

In: an answer to a figure of the library. Out: OUT/.review with chosen.json.gz, images/ and a file of answers
for each person. The results themselves stay as they are.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from pathlib import Path

from dic_ingest.batch.names import safe_name
from dic_ingest.errors import DICIngestError, InputError
from dic_ingest.owned_files import FolderKind, claim, file_inside, is_ours, write_file
from dic_ingest.serve.library import Cache, Library
from dic_ingest.sources.diagram_files.languages.mermaid.read import read_mermaid
from dic_ingest.training.annotate.answers import Answer, answers_json, read_answers
from dic_ingest.training.annotate.figures import Candidate, candidate_of
from dic_ingest.training.annotate.folder import (
    CHOSEN,
    MOST_BYTES,
    read_choice,
    record,
    small_picture,
    write_choice,
)
from dic_ingest.training.annotate.label_studio import VERDICTS

FOLDER = ".review"  # below the results; no results folder begins with a dot
NAME = 80  # characters of a reviewer's name
DOCUMENTS = 5000  # whose figures are remembered
MERMAID = 50_000  # characters of a graph, as Mermaid itself allows


@dataclass(frozen=True, slots=True)
class Waiting:
    """A figure that can be reviewed; `doubt` is 0 for one that is wholly held up, 1 for one that is not."""

    document: str
    figure: str
    page: int
    label: str
    printed: str
    kind: str
    doubt: float

    @property
    def key(self) -> str:
        """What answers name it by."""
        return f"{self.document}/{self.figure}"


class Reviews:
    """The answers of all reviewers of one library. Safe to share between threads."""

    def __init__(self, library: Library) -> None:
        self.library, self.folder = library, library.out / FOLDER
        self._figures = Cache(DOCUMENTS)
        self._lock = threading.Lock()

    def waiting(self) -> list[Waiting]:
        """All figures that can be reviewed, the most doubtful first."""
        found: list[Waiting] = []
        for listed in self.library.listed():
            if listed.name:
                try:
                    found += self._of(listed.name)
                except DICIngestError:  # damaged: the list of documents says so
                    continue
        return sorted(found, key=lambda w: (-w.doubt, w.key))

    def _of(self, name: str) -> list[Waiting]:
        def make() -> list[Waiting]:
            figures = self.library.result(name).document.figures
            pairs = [(f, candidate_of(f, self.library.out / name)) for f in figures]
            return [
                Waiting(name, f.id, f.page, f.label, f.printed_caption, str(c.diagram.kind), c.doubt)
                for f, c in pairs
                if c is not None
            ]

        return self._figures.get((name,), self.library.stamp(name), make)

    def answers(self) -> dict[str, list[Answer]]:
        """What was said, by the figure's key."""
        found: dict[str, list[Answer]] = {}
        if is_ours(self.folder, FolderKind.REVIEW):
            for path in sorted(self.folder.glob("answers-*.json")):
                for answer in self._read(path):
                    found.setdefault(answer.key, []).append(answer)
        return found

    def _read(self, path: Path) -> list[Answer]:
        try:
            return read_answers(path) if file_inside(self.folder, path.name) else []
        except InputError:
            return []

    def say(
        self, document: str, figure: str, who: str, verdict: str, caption: str = "", mermaid: str = ""
    ) -> Answer:
        """Keep one person's answer, in place of an earlier one of theirs to that figure.

        `caption` and `mermaid` count for an edit alone; a graph that is as it was read is not kept.

        Raises:
            InputError: an unknown figure or verdict, no name, a caption that is empty or too long, a graph
            that cannot be read. NotOursError: the place for reviews is taken.
        """
        candidate = self._candidate(document, figure)
        who = " ".join(who.split())
        if not who or len(who) > NAME:
            raise InputError(f"a reviewer's name has 1 to {NAME} characters.")
        answer = Answer(who, candidate.key, verdict, candidate.draft)
        if verdict == "edit":
            answer = self._edited(candidate, who, caption, mermaid)
        elif verdict not in VERDICTS:
            raise InputError(f"the verdict is one of {', '.join(VERDICTS)}.")
        with self._lock:
            self._prepare(candidate)
            path = self.folder / _file_name(who)
            given = {a.key: a for a in self._read(path)}
            given[answer.key] = answer
            write_file(path, answers_json(who, given.values()))
        return answer

    def _candidate(self, document: str, figure: str) -> Candidate:
        _, found = self.library.figure(document, figure)
        candidate = candidate_of(found, self.library.folder(document))
        if candidate is None:
            raise InputError("that figure has no crop or no caption, so there is nothing to review.")
        return candidate

    def _edited(self, candidate: Candidate, who: str, caption: str, mermaid: str) -> Answer:
        caption = caption.replace("\r\n", "\n").strip()
        mermaid = mermaid.replace("\r\n", "\n").strip()
        if not caption or len(caption) > self.library.limits.text or len(mermaid) > MERMAID:
            raise InputError("the caption is empty, or the caption or the graph is too long.")
        if mermaid == candidate.diagram.to_mermaid().strip():
            mermaid = ""
        graph = read_mermaid(mermaid, candidate.diagram.kind) if mermaid else None
        if mermaid and graph is None:
            raise InputError("the graph is no Mermaid that is read here: check its first line and arrows.")
        if caption == candidate.draft.strip() and graph is None:
            return Answer(who, candidate.key, "accept", candidate.draft)
        return Answer(who, candidate.key, "edit", caption, graph)

    def _prepare(self, candidate: Candidate) -> None:
        """The folder, with the figure in its choice."""
        claim(self.folder, FolderKind.REVIEW)
        (self.folder / "images").mkdir(exist_ok=True)
        chosen = read_choice(self.folder) if file_inside(self.folder, CHOSEN) else {}
        name = f"images/{hashlib.sha256(candidate.key.encode()).hexdigest()[:16]}.webp"
        write_file(self.folder / name, small_picture(candidate.image, MOST_BYTES))
        chosen[candidate.key] = record(candidate, name)
        write_choice(self.folder, list(chosen.values()))


def _file_name(who: str) -> str:
    """A file for each name, whatever characters it has."""
    return f"answers-{safe_name(who)[:40]}-{hashlib.sha256(who.encode()).hexdigest()[:8]}.json"
