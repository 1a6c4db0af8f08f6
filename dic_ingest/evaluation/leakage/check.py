"""Does the test set stand in the training set? Figures of both in, what they share out.

Checked: the picture's pixels, its fingerprint (the same picture at another size), its lines (cropped,
recoloured, one word exchanged), the graph's labels and lines, whole or most of them, the caption's words, and
the embeddings of picture and caption together. Any of these fails an evaluation. One embedding alone is only
told: drawings of one tool look alike, captions of one writer read alike.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from dic_ingest.errors import BrokenFileError, InputError, SettingsError
from dic_ingest.evaluation.embedding.image import Look, Rows, gradients_of
from dic_ingest.evaluation.figure_set import Pair
from dic_ingest.evaluation.graph_scores import plain
from dic_ingest.evaluation.leakage.graphs import GraphMarks, graph_marks, in_common
from dic_ingest.evaluation.leakage.pictures import Sketch, overlap, sketch_of
from dic_ingest.figures.duplicates import fingerprint
from dic_ingest.image_files import open_picture
from dic_ingest.text.tokens import tokens

Encode = Callable[[Sequence[str]], Rows]
MAX_PIXELS = 64_000_000
CANDIDATES = 8  # training pictures, the most alike, that a test picture's lines are laid over
SHARED = ("pixels", "fingerprint", "graph", "caption", "lines", "part of the graph")


@dataclass(frozen=True, slots=True)
class LeakageSettings:
    """From where on two figures are one. Similarities are cosines."""

    bits: float = 0.01  # share of a fingerprint's bits that may differ
    grey: int = 16  # of 255: how far the coarse pictures may differ anywhere
    picture: float = 0.97  # of both picture
    text: float = 0.97  # and caption
    ink: float = 0.75  # share of both pictures' ink that lies on the other's, one laid over the other
    graph: float = 0.5  # Jaccard index of lines, or of names in graphs of one form

    def __post_init__(self) -> None:
        if not (0 <= self.bits <= 0.5 and 0 <= self.grey <= 255):
            raise SettingsError("leakage.bits lies in 0..0.5, leakage.grey in 0..255")
        if not (0 < self.picture <= 1 and 0 < self.text <= 1):
            raise SettingsError("leakage.picture and leakage.text lie in 0..1")
        if not (0 < self.ink <= 1 and 0 < self.graph <= 1):
            raise SettingsError("leakage.ink and leakage.graph lie in 0..1")


@dataclass(frozen=True, slots=True)
class Leak:
    """A test figure and the training figure that is the same, and in what."""

    test: str
    train: str
    shares: tuple[str, ...]
    picture: float  # similarities
    text: float


@dataclass(frozen=True, slots=True)
class Leakage:
    """What was found. `nearest` has for every test figure its highest similarity to any training figure."""

    tests: int
    trainings: int
    leaks: tuple[Leak, ...] = ()
    nearest_picture: tuple[float, ...] = ()
    nearest_text: tuple[float, ...] = ()
    settings: LeakageSettings = field(default_factory=LeakageSettings)

    def summary(self) -> str:
        """One sentence for people."""
        if not self.trainings:
            return "No training figures were given: leakage was not checked (--train DIR)."
        if not self.leaks:
            return f"No leakage: none of {self.tests} test figures is among {self.trainings} for training."
        ways = Counter(s for leak in self.leaks for s in leak.shares)
        listed = ", ".join(f"{n} by {s}" for s, n in ways.most_common())
        count = len({leak.test for leak in self.leaks})
        return (
            f"LEAKAGE: {count} of {self.tests} test figures stand among the {self.trainings} for training "
            f"({listed}). Take them out of one of the sets; leakage.json names them."
        )


@dataclass(frozen=True, slots=True)
class _Marks:
    """What is compared of each figure."""

    ids: tuple[str, ...]
    keys: tuple[tuple[str, str, str], ...]  # pixels, graph, caption; "" is equal to nothing
    bits: npt.NDArray[np.uint8]
    greys: npt.NDArray[np.int16]
    pictures: Rows
    texts: Rows
    sketches: tuple[Sketch, ...] = ()
    forms: Rows = field(default_factory=lambda: np.zeros((0, 1), np.float32))  # light paper, gradients alone
    graphs: tuple[GraphMarks, ...] = ()


def find_leakage(
    test: Sequence[tuple[Path, Pair]],
    train: Sequence[tuple[Path, Pair]],
    encode: Encode,
    look: Look = gradients_of,
    settings: LeakageSettings | None = None,
) -> Leakage:
    """Every test figure against every training figure; figures come with the folder their image lies in.

    `encode` makes unit vectors of captions, `look` of pictures.

    Raises:
        BrokenFileError: a picture cannot be read.
    """
    settings = settings or LeakageSettings()
    if not test or not train:
        return Leakage(len(test), len(train), settings=settings)
    ours, theirs = _marks(test, encode, look), _marks(train, encode, look)
    pictures, texts = ours.pictures @ theirs.pictures.T, ours.texts @ theirs.texts.T
    leaks = []
    laid = _laid_over(ours, theirs, settings)
    partly = _partly(ours, theirs, settings)
    found = {*_same_keys(ours, theirs), *_alike(ours, theirs, pictures, texts, settings), *laid, *partly}
    for i, j in sorted(found):
        equal = [own == other != "" for own, other in zip(ours.keys[i], theirs.keys[j], strict=True)]
        near = _near(ours, theirs, i, np.array([j]), settings)[0]
        same = equal[0] or bool(near)
        drawn = (i, j) in laid and not same
        flags = (equal[0], bool(near), equal[1], equal[2], drawn, (i, j) in partly and not equal[1])
        shares = tuple(name for name, flag in zip(SHARED, flags, strict=True) if flag)
        both = (round(float(pictures[i, j]), 4), round(float(texts[i, j]), 4))
        leaks.append(Leak(ours.ids[i], theirs.ids[j], shares or ("likeness",), *both))
    nearest = tuple(pictures.max(1).tolist()), tuple(texts.max(1).tolist())
    return Leakage(len(test), len(train), tuple(leaks), *nearest, settings)


def _same_keys(ours: _Marks, theirs: _Marks) -> Iterator[tuple[int, int]]:
    for part in range(3):
        known: dict[str, list[int]] = {}
        for j, keys in enumerate(theirs.keys):
            known.setdefault(keys[part], []).append(j)
        for i, keys in enumerate(ours.keys):
            if keys[part]:
                yield from ((i, j) for j in known.get(keys[part], ()))


def _laid_over(ours: _Marks, theirs: _Marks, settings: LeakageSettings) -> set[tuple[int, int]]:
    """Pictures whose lines are the same, among the most alike ones."""
    near = np.argsort(-(ours.forms @ theirs.forms.T), axis=1)[:, :CANDIDATES]
    return {
        (i, int(j))
        for i in range(len(ours.ids))
        for j in near[i]
        if overlap(ours.sketches[i], theirs.sketches[int(j)]) >= settings.ink
    }


def _partly(ours: _Marks, theirs: _Marks, settings: LeakageSettings) -> set[tuple[int, int]]:
    """Graphs that have most of their lines in common; only those that share a text are compared."""
    known: dict[str, list[int]] = {}
    for j, marks in enumerate(theirs.graphs):
        for text in {*marks.names, *marks.texts}:
            known.setdefault(text, []).append(j)
    found = set()
    for i, marks in enumerate(ours.graphs):
        for j in {j for text in (*marks.names, *marks.texts) for j in known.get(text, ())}:
            if in_common(marks, theirs.graphs[j]) >= settings.graph:
                found.add((i, j))
    return found


def _alike(
    ours: _Marks, theirs: _Marks, pictures: Rows, texts: Rows, settings: LeakageSettings
) -> Iterator[tuple[int, int]]:
    everything = np.arange(len(theirs.ids))
    for i in range(len(ours.ids)):
        near = _near(ours, theirs, i, everything, settings)
        both = (pictures[i] >= settings.picture) & (texts[i] >= settings.text)
        yield from ((i, int(j)) for j in np.flatnonzero(near | both))


def _near(
    ours: _Marks, theirs: _Marks, i: int, chosen: npt.NDArray[np.intp], settings: LeakageSettings
) -> npt.NDArray[np.bool_]:
    apart = np.bitwise_count(ours.bits[i] ^ theirs.bits[chosen]).sum(1) / (8 * ours.bits.shape[1])
    grey = np.abs(ours.greys[i] - theirs.greys[chosen]).max(1)
    near: npt.NDArray[np.bool_] = (apart <= settings.bits) & (grey <= settings.grey)
    return near


def _marks(figures: Sequence[tuple[Path, Pair]], encode: Encode, look: Look) -> _Marks:
    keys, bits, greys, pictures, sketches = [], [], [], [], []
    for folder, pair in figures:
        picture = _opened(folder / pair.image)
        mark = fingerprint(picture)
        bits.append(np.frombuffer(mark.bits, np.uint8))
        greys.append(np.frombuffer(mark.greys, np.uint8).astype(np.int16))
        pictures.append(look([picture])[0])
        sketches.append(sketch_of(picture))
        pixels = hashlib.sha256(repr(picture.size).encode() + picture.tobytes()).hexdigest()
        keys.append((pixels, graph_key(pair), " ".join(tokens(pair.caption))))
    texts = encode([pair.caption for _, pair in figures])
    texts = texts * np.array([[bool(pair.caption.strip())] for _, pair in figures], texts.dtype)
    ids = tuple(pair.id for _, pair in figures)
    graphs = tuple(graph_marks(pair.diagram) for _, pair in figures)
    rows = np.stack(bits), np.stack(greys), np.stack(pictures)
    forms = gradients_of([Image.fromarray(s.grey) for s in sketches])
    return _Marks(ids, tuple(keys), *rows, texts, tuple(sketches), forms, graphs)


def graph_key(pair: Pair) -> str:
    """Labels and lines, whatever ids, members, drawing and order; "" for a graph without lines.

    A set that is cut into splits by this key does not leak by graph.
    """
    names = {n.id: plain(n.label) or n.shape for n in pair.diagram.nodes}
    names |= {g.id: plain(g.label) or "group" for g in pair.diagram.linked_groups()}
    lines = sorted((names[e.source], names[e.target], plain(e.label)) for e in pair.diagram.arrows())
    return json.dumps([sorted(names.values()), lines]) if lines else ""


def _opened(path: Path) -> Image.Image:
    try:
        with open_picture(path) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise BrokenFileError(f"{path} has more than {MAX_PIXELS} pixels; take it out of the set")
            return picture.convert("RGB")
    except (OSError, ValueError, SyntaxError, InputError) as error:
        raise BrokenFileError(f"{path} cannot be read as a picture: {error}") from error
