"""One description for figures that show the same, wherever they stand: in one run, its workers, later runs.

What is reused is what does not depend on the place of a figure: what was read in it (byte-equal input), and a
model's answer (equal reading, pictures alike). Caption and evidence are made anew for every figure, and an
answer that repeats the printed caption, label or mentions of another figure is asked for again.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import hashlib
import json
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from PIL import Image

from dic_ingest.captioning.chat import ChatAnswer, ChatModel, Question, Shown
from dic_ingest.captioning.request import FigureRequest
from dic_ingest.diagrams.settings import SceneSettings
from dic_ingest.errors import MALFORMED
from dic_ingest.model.description import Description
from dic_ingest.model.drawing import Drawing, PlacedImage
from dic_ingest.model.drawing import Path as PaintedPath
from dic_ingest.model.serialization import description_from_dict
from dic_ingest.owned_files import open_regular, read_regular, write_file
from dic_ingest.text.tokens import tokens

SCHEMA = "dic_ingest.shown/1"
IN_MEMORY = 64  # entries that a process keeps beside the folder
MOST_BYTES = 1 << 26  # of one kept entry
ROOM = 1 << 28  # bytes that one process writes for the time of a run
CELLS = 64  # a side, of the grey picture that tells figures apart
MAX_CELL = 24  # grey levels by which a cell may differ: a resolution, a shift by half a pixel
MAX_MEAN = 2.0  # grey levels, mean over all cells
ASPECT = 0.03  # by which two aspect ratios may differ
RUN = 4  # words in a row by which a text is recognised in another one


class ReuseCount:
    """Counts descriptions that were taken over, and says which they were."""

    def __init__(self) -> None:
        self._reused: list[Description] = []

    def add(self, said: Description) -> None:
        """Note that a description was taken over."""
        self._reused.append(said)

    def taken(self) -> list[Description]:
        """Those noted since this was last asked."""
        found, self._reused = self._reused, []
        return found


class JsonStore:
    """Small JSON values by key: in memory, and in a folder that other processes share.

    `room`: bytes that may be written. A folder that cannot be written, or a damaged file, costs time only.
    """

    def __init__(self, folder: Path | None = None, room: int | None = None) -> None:
        self.folder, self._room = folder, room
        self._memory: OrderedDict[str, Any] = OrderedDict()
        self._guard = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._handle: int | None = None

    def get(self, key: str) -> Any:
        """The value, or None."""
        if self.folder is not None:
            try:
                data = json.loads(read_regular(self._path(key), MOST_BYTES))
                if data.get("schema") == SCHEMA:
                    return data["value"]
            except (OSError, *MALFORMED):
                pass  # absent, cut short or of another version
        with self._guard:
            return self._memory.get(key)

    def put(self, key: str, value: Any) -> None:
        """Keep a value, in place of an earlier one."""
        with self._guard:
            self._memory[key] = value
            self._memory.move_to_end(key)
            while len(self._memory) > IN_MEMORY:
                self._memory.popitem(last=False)
        if self.folder is None:
            return
        data = json.dumps({"schema": SCHEMA, "value": value}).encode()
        if len(data) > MOST_BYTES or (self._room is not None and len(data) > self._room):
            return
        path = self._path(key)
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_file(path, data, _is_kept)
            self._room = None if self._room is None else self._room - len(data)

    @contextmanager
    def alone(self, keys: Sequence[str]) -> Iterator[None]:
        """Within, no other thread or process works on these keys: whoever comes second finds the value."""
        with ExitStack() as stack:
            for key in sorted(set(keys)):
                with self._guard:
                    lock = self._locks.setdefault(key, threading.Lock())
                stack.enter_context(lock)
                stack.enter_context(self._locked(key))
            yield

    @contextmanager
    def _locked(self, key: str) -> Iterator[None]:
        """One byte of a file that all processes lock; freed by the system when a process dies."""
        at = int(key[:12], 16)
        handle = self._lock_file()
        if handle is None:
            yield
            return
        with contextlib.suppress(OSError):
            fcntl.lockf(handle, fcntl.LOCK_EX, 1, at)
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                fcntl.lockf(handle, fcntl.LOCK_UN, 1, at)

    def _lock_file(self) -> int | None:
        if self._handle is None and self.folder is not None:
            with contextlib.suppress(OSError):
                self.folder.mkdir(parents=True, exist_ok=True)
                self._handle = open_regular(self.folder / ".lock", os.O_RDWR | os.O_CREAT)
        return self._handle

    def _path(self, key: str) -> Path:
        assert self.folder is not None
        return self.folder / key[:2] / f"{key}.json"


class Readings:
    """What was read in figures, by all that a reading depends on."""

    def __init__(self, store: JsonStore, of: str) -> None:
        self.store, self.of = store, of

    def read(
        self, request: FigureRequest, make: Callable[[FigureRequest], tuple[Description, bool]]
    ) -> tuple[Description, bool]:
        """The kept reading, or the one that `make` gives; and whether it was kept.

        `make` says with it whether it may be kept: not where something failed.
        """
        key = _key(SCHEMA, self.of, _place_free(request))
        with self.store.alone([key]):
            with contextlib.suppress(*MALFORMED):
                if (found := self.store.get(key)) is not None:
                    return description_from_dict(found), True
            made, sound = make(request)
            if sound:
                self.store.put(key, asdict(made))
            return made, False


class SharedAnswers:
    """A talker whose answers about one figure are given for others that show the same.

    Questions say by `shown` what their figure shows; those without it pass through.
    """

    def __init__(self, talker: ChatModel, store: JsonStore) -> None:
        self.talker, self.store = talker, store
        self.name, self.model, self.limits = talker.name, talker.model, talker.limits

    def answer(self, questions: Sequence[Question]) -> list[ChatAnswer]:
        """Shared answers, and the talker's for the rest, one for each group of figures that show the same."""
        keys = [self._key(q) for q in questions]
        with self.store.alone([k for k in keys if k]):
            found: dict[int, ChatAnswer] = {}
            asked: list[int] = []
            later: list[int] = []
            for at, (question, key) in enumerate(zip(questions, keys, strict=True)):
                shared = self._shared(key, question.shown)
                if shared is not None:
                    found[at] = shared
                elif any(keys[i] == key and _alike(questions[i].shown, question.shown) for i in asked):
                    later.append(at)
                else:
                    asked.append(at)
            found |= self._asked(questions, keys, asked)
            missing = []
            for at in later:
                shared = self._shared(keys[at], questions[at].shown)
                if shared is not None:
                    found[at] = shared
                else:
                    missing.append(at)
            found |= self._asked(questions, keys, missing)
        return [found[at] for at in range(len(questions))]

    def _asked(
        self, questions: Sequence[Question], keys: Sequence[str], which: Sequence[int]
    ) -> dict[int, ChatAnswer]:
        answers = self.talker.answer([questions[i] for i in which]) if which else []
        for at, answer in zip(which, answers, strict=True):
            shown = questions[at].shown
            if shown is not None and not answer.error:
                entry = {"shown": _packed(shown), "answer": asdict(answer)}
                self.store.put(keys[at], [*(self.store.get(keys[at]) or ()), entry])
        return dict(zip(which, answers, strict=True))

    def _key(self, question: Question) -> str:
        shown = question.shown
        if shown is None:
            return ""
        parts = (self.name, self.model, self.limits, question.system, str(question.structured))
        return _key(SCHEMA, *parts, shown.content, shown.asked)

    def _shared(self, key: str, shown: Shown | None) -> ChatAnswer | None:
        if shown is None:
            return None
        for entry in self.store.get(key) or ():
            with contextlib.suppress(*MALFORMED):
                other, answer = _unpacked(entry["shown"]), ChatAnswer(**entry["answer"])
                if _alike(other, shown) and not repeats(answer.text, other.around, shown):
                    return replace(answer, read=0, written=0, cost=0.0, reused=True)
        return None


def shown_by(request: FigureRequest, reading: Description, asked: str) -> Shown:
    """What a figure shows. `asked`: what else an answer depends on that does not follow from its place."""
    graph = None
    if reading.diagram is not None:
        number = {n.id: at for at, n in enumerate(reading.diagram.nodes)}
        edges = [(number.get(e.source), number.get(e.target), e.label) for e in reading.diagram.edges]
        graph = (reading.diagram.kind, [(n.label, n.shape) for n in reading.diagram.nodes], edges)
    chart = reading.chart.to_text("") if reading.chart is not None else ""
    words = tuple(sorted(w.text for w in reading.words))
    content = _key(repr((request.kind, request.set_as_text, graph, chart, words)))
    grey = request.crop.convert("L").resize((CELLS, CELLS), Image.Resampling.BOX)
    around = (request.label, request.printed_caption, request.section, *request.references)
    size = request.crop.width / max(request.crop.height, 1)
    return Shown(content, asked, grey.tobytes(), size, tuple(t for t in around if t), words)


def repeats(text: str, theirs: Sequence[str], own: Shown) -> bool:
    """Whether an answer holds words of another figure's label, caption, section or mentions, which neither
    stand around this figure nor in it."""
    allowed = set().union(*(_runs(t) for t in own.around)) if own.around else set()
    printed = set(tokens(" ".join(own.words).casefold()))
    foreign = {r for t in theirs for r in _runs(t) if r not in allowed and not set(r) <= printed}
    said = tokens(text.casefold())
    joined = "".join(said)
    for run in foreign:
        if len(run) == 1 and len(run[0]) >= RUN and run[0] in joined:  # one word; a language without spaces
            return True
        if len(run) > 1 and any(said[i : i + len(run)] == list(run) for i in range(len(said))):
            return True
    return False


def _runs(text: str) -> set[tuple[str, ...]]:
    words = tokens(text.casefold())
    length = min(RUN, len(words))
    return {tuple(words[i : i + length]) for i in range(len(words) - length + 1)} if words else set()


def _alike(a: Shown | None, b: Shown | None) -> bool:
    """Whether two pictures differ by no more than another resolution or a shift by part of a pixel."""
    import numpy as np

    if a is None or b is None or a.content != b.content or abs(a.aspect / b.aspect - 1.0) > ASPECT:
        return False
    x, y = (np.frombuffer(s.picture, np.uint8).astype(np.int16) for s in (a, b))
    if len(x) != len(y):
        return False
    apart = np.abs(x - y)
    return bool(apart.max() <= MAX_CELL and apart.mean() <= MAX_MEAN)


def _packed(shown: Shown) -> dict[str, Any]:
    return {**asdict(shown), "picture": base64.b64encode(shown.picture).decode()}


def _unpacked(data: dict[str, Any]) -> Shown:
    shown = Shown(**{**data, "picture": base64.b64decode(data["picture"])})
    return replace(shown, around=tuple(map(str, shown.around)), words=tuple(map(str, shown.words)))


def _place_free(request: FigureRequest) -> str:
    """A digest of what a reading depends on: of the texts around it only their words for kinds."""
    crop = request.crop
    drawn = _drawn(request.drawing) if request.drawing is not None else ""
    known = request.analysis
    cues = repr(known.cues) if known is not None else ""  # they decide the kind as well
    if known is not None and known.settings != SceneSettings():
        cues += repr(known.settings)
    data = (str(request.dpi), request.kind, str(request.set_as_text), drawn, cues)
    return _key(f"{crop.mode}{crop.size}", hashlib.sha256(crop.tobytes()).hexdigest(), *data)


def _drawn(drawing: Drawing) -> str:
    """A drawing as text; of the painting order, which counts over the whole page, only who is above whom."""
    painted: list[PaintedPath | PlacedImage] = [*drawing.paths, *drawing.images]
    shown = "".join(repr(replace(one, order=0)) for one in painted)
    listed = [one.order for one in painted]
    rank = {order: at for at, order in enumerate(sorted(set(listed)))}
    return repr((drawing.width, drawing.height, drawing.words, [rank[o] for o in listed])) + shown


def _is_kept(path: Path) -> bool:
    """Whether a file is a kept entry, of any version; one that a full disk left empty too."""
    head = read_regular(path, 40)
    return not head or head.startswith(b'{"schema": "dic_ingest.shown/')


def _key(*parts: str) -> str:
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "backslashreplace")
        digest.update(f"{len(data)}:".encode() + data)
    return digest.hexdigest()
