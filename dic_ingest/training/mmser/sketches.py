"""Many sketches at once, drawn by all cores for one training run: graphs of the synthesis grammars.

In: how many, a seed, captions to leave out. Out: pictures and records as a pack holds them, split train. They
teach reading; what is measured on are drawings of real tools, none of whose graphs is among these.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import random
import time
from collections.abc import Collection
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt

from dic_ingest.model.diagram import Diagram
from dic_ingest.training.mmser.pack import Packed
from dic_ingest.training.mmser.perturb import Perturber
from dic_ingest.training.mmser.pictures import letterbox
from dic_ingest.training.mmser.sketch import sketch
from dic_ingest.training.synthesise.domains import DOMAINS, difficulty, draw_diagram

SIZES = (3, 10)  # nodes, in call flows messages
PART = 50
Drawn = list[tuple[npt.NDArray[np.uint8], Packed]]


def sketches(
    count: int, side: int, seed: int, without: Collection[str], processes: int, seconds: float = 60.0
) -> tuple[npt.NDArray[np.uint8], list[Packed]]:
    """At most `count` different sketches, fewer where `seconds` are over; none says a text of `without`."""
    words = _words(seed)
    parts = range(-(-count * 5 // (2 * PART)))  # more than half of all graphs are drawn
    seen, pictures, records = set(without), list[npt.NDArray[np.uint8]](), list[Packed]()
    began = time.monotonic()
    # forked: a spawned worker would first load torch with the caller's module
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        for made in pool.imap_unordered(partial(_part, side=side, seed=seed, words=words), parts):
            for picture, record in made:
                if record.text not in seen and len(records) < count:
                    seen.add(record.text)
                    pictures.append(picture)
                    records.append(record)
            if len(records) >= count or time.monotonic() - began > seconds:
                break
        pool.terminate()
    return np.stack(pictures) if pictures else np.zeros((0, side, side), np.uint8), records


def _words(seed: int) -> Perturber:
    source = random.Random(f"words {seed}")
    graphs = [_graph(source) for _ in range(400)]
    labels = sorted({n.label for g in graphs for n in g.nodes if n.label.strip()})
    return Perturber(labels, sorted({e.label for g in graphs for e in g.edges if e.label.strip()}))


def _graph(source: random.Random) -> Diagram:
    domain = source.choices(list(DOMAINS), [d.weight for d in DOMAINS.values()])[0]
    return draw_diagram(source, domain, SIZES)[1]


def _part(number: int, side: int, seed: int, words: Perturber) -> Drawn:
    """`PART` graphs, those drawn that `sketch` can."""
    source, made = random.Random(f"{seed} {number}"), []
    for _ in range(PART):
        graph = _graph(source)
        image = sketch(graph, source)
        if image is None and source.random() < 0.7:  # without its frames it can be drawn
            graph = replace(graph, groups=(), nodes=tuple(replace(n, group=None) for n in graph.nodes))
            image = sketch(graph, source)
        if image is None:
            continue
        text = graph.to_text()
        own = hashlib.sha256(text.encode()).hexdigest()[:16]
        record = Packed(
            own, "train", text, text, tuple(words.pseudo(graph, source)), str(graph.kind), difficulty(graph)
        )
        made.append((np.asarray(letterbox(image, side)), record))
    return made
