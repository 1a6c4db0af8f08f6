"""A folder of other people's figures as a set: pairs, questions, pictures and a card of licences and leakage.

In: a folder, where to write, settings. Out: pairs.jsonl, questions.jsonl, images/, card.md. Splits are by
owner. What stands in the set already, or in a set to be kept apart from, is left out.
"""

from __future__ import annotations

import hashlib
import random
import shutil
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from dic_ingest.errors import FormatError, InputError
from dic_ingest.evaluation.figure_set import PAIRS, QUESTIONS, Pair, PairQuestion, read_pairs, write_lines
from dic_ingest.image_files import open_picture
from dic_ingest.model.diagram import Diagram, Kind
from dic_ingest.owned_files import remove_file
from dic_ingest.sources.file_bytes import read_file
from dic_ingest.training.importing.found import MAX_SOURCE, Found, figures_in
from dic_ingest.training.importing.graphs import graph_of_json, read_graph_file
from dic_ingest.training.sft.checks import caption_contradictions
from dic_ingest.training.synthesise.captions.rewrite import caption, plain_text
from dic_ingest.training.synthesise.domains import difficulty
from dic_ingest.training.synthesise.drawing.dispatch import Job, draw_all, needs_browser
from dic_ingest.training.synthesise.drawing.render_style import choose_look
from dic_ingest.training.synthesise.drawing.rendering import MermaidBrowser
from dic_ingest.training.synthesise.hashes import Seen, graph_hash, picture_bits, split_of
from dic_ingest.training.synthesise.splits import HELD, TWIN, nearest, overlap

NOT_TOLD = "not told"
DRAWN_SIDE = 1024  # pixels of the longer side of a picture that is drawn from its graph


@dataclass(frozen=True, slots=True)
class ImportSettings:
    """`draw`: the tool that draws figures which come without a picture, "" for none."""

    name: str  # of the collection, in `Pair.source` and the card
    licence: str = ""  # of figures that tell none
    allow: tuple[str, ...] = ()  # only these licences, all where empty
    owner_level: int = 1  # folders below the given one that name an owner; an owner stands in one split
    validation: float = 0.05
    test: float = 0.1
    seed: int = 1
    draw: str = ""


@dataclass
class Imported:
    """What was taken, and how many figures were left out for which reason."""

    pairs: list[Pair] = field(default_factory=list)
    questions: list[PairQuestion] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    denied: int = 0  # captions that their own graph denies


def import_folder(folder: Path, out: Path, settings: ImportSettings, apart: Sequence[Path] = ()) -> Imported:
    """Fill `out`, an empty folder of ours, from `folder`. `apart`: sets whose figures are not to be in it.

    Raises:
        InputError: nothing in the folder can be taken. MissingExtraError: the tool that draws is absent.
    """
    (out / "images").mkdir(parents=True, exist_ok=True)
    done = Imported()
    seen, others = Seen(), list[Pair]()
    for other in apart:
        pairs = read_pairs(other / PAIRS)
        seen.add_set(pairs, other)
        others += pairs
    with ExitStack() as stack:
        browser = stack.enter_context(MermaidBrowser()) if needs_browser([settings.draw]) else None
        for number, own in enumerate(figures_in(folder, settings.owner_level)):
            reason = _taken(own, number, out, settings, done, seen, browser)
            if reason:
                done.left_out[reason] += 1
    _keep_apart(done, others)
    if not done.pairs and not done.questions:
        why = ", ".join(f"{w} ({n})" for w, n in done.left_out.most_common()) or "no picture, no source"
        raise InputError(f"nothing in {folder} can be taken: {why}. See `dic-ingest train import --help`.")
    write_lines(out / PAIRS, done.pairs)
    if done.questions:
        write_lines(out / QUESTIONS, done.questions)
    _write_card(out, settings, done, apart)
    return done


def _taken(
    own: Found,
    number: int,
    out: Path,
    settings: ImportSettings,
    done: Imported,
    seen: Seen,
    browser: MermaidBrowser | None,
) -> str:
    """Takes a figure into the set, or says why not."""
    licence = own.licence or settings.licence or NOT_TOLD
    if settings.allow and licence not in settings.allow:
        return f"licence {licence}"
    try:
        diagram = _graph(own)
    except (InputError, FormatError) as error:
        return f"its source cannot be read ({type(error).__name__})"
    if diagram is None and not own.caption and not own.questions:
        return "neither source nor caption nor question"
    key = graph_hash(diagram) if diagram else ""
    if key and key in seen.graphs:
        return "its graph was there already"
    image = f"images/{number:06d}{own.picture.suffix.casefold() if own.picture else '.png'}"
    reason = _picture(own, diagram, out / image, settings, browser)
    if reason:
        return reason
    if not seen.add(picture_bits(out / image)):
        remove_file(out / image)
        return "its picture was there already"
    if key:
        seen.graphs.add(key)
    _add(own, diagram, image, licence, settings, done)
    return ""


def _graph(own: Found) -> Diagram | None:
    if own.graph is not None:
        return graph_of_json(own.graph)
    if isinstance(own.source, Path):
        data = read_file(own.source, MAX_SOURCE, "MAX_SOURCE")
        return read_graph_file(data, own.source.name, own.source.suffix.casefold())
    return read_graph_file(own.source[0].encode(), own.key, own.source[1]) if own.source else None


def _picture(
    own: Found, diagram: Diagram | None, out: Path, settings: ImportSettings, browser: MermaidBrowser | None
) -> str:
    """Puts the figure's picture in its place; what went wrong."""
    if own.picture is None:
        if not settings.draw or diagram is None:
            return "no picture"
        look = choose_look(random.Random(f"{settings.seed} {own.key}"), settings.draw)
        told = draw_all([Job(diagram, look, out.resolve())], DRAWN_SIDE, browser)[0]
        return f"it could not be drawn: {told.split(':')[0]}" if told else ""
    try:
        with open_picture(own.picture) as picture:
            picture.verify()
    except (InputError, OSError, SyntaxError, ValueError):
        return "its picture is broken"
    shutil.copyfile(own.picture, out)
    return ""


def _add(
    own: Found, diagram: Diagram | None, image: str, licence: str, settings: ImportSettings, done: Imported
) -> None:
    rng = random.Random(f"{settings.seed} {own.key}")
    owner = own.owner or own.key
    split = split_of(f"owner {owner}", settings.validation, settings.test)
    number = hashlib.sha256(f"{settings.name} {own.key}".encode()).hexdigest()[:16]
    text, made = own.caption, "given"
    if diagram and not text:
        told = caption(diagram, rng)
        text, made = (told.text, told.made) if told else (plain_text(diagram), "plain")
    elif diagram and text and caption_contradictions(text, diagram):
        done.denied += 1
    graph = diagram or Diagram(Kind.OTHER)
    facts = {"owner": owner, "licence": licence, "key": own.key, "caption": made,
             "drawn": own.picture is None}  # fmt: skip
    source = f"import:{settings.name}"
    if text:
        done.pairs.append(
            Pair(number, image, graph, text, split, difficulty(graph), settings.name, source, facts)
        )
    for i, (question, answer) in enumerate(own.questions):
        asked = PairQuestion(f"{number}-{i}", number, image, "partial", question, answer, split=split)
        done.questions.append(asked)


def _keep_apart(done: Imported, others: Sequence[Pair]) -> None:
    """Leaves out the near twins of figures in the sets to be kept apart from."""
    if not others:
        return
    near = {own for own, _, alike in nearest(done.pairs, others) if alike >= TWIN}
    done.left_out["near twin of a figure in another set"] += len(near)
    done.pairs = [p for p in done.pairs if p.id not in near]
    done.questions = [q for q in done.questions if q.pair not in near]


def _write_card(out: Path, settings: ImportSettings, done: Imported, apart: Sequence[Path]) -> None:
    pairs = done.pairs
    rows = Counter((str(p.extra["licence"]), p.split) for p in pairs)
    owners = {s: len({p.extra["owner"] for p in pairs if p.split == s}) for s in ("train", *HELD)}
    lines = [
        f"# Data card: {settings.name}",
        "",
        f"{len(pairs)} figures with captions, {len(done.questions)} questions, imported; "
        f"{sum(bool(p.diagram.nodes) for p in pairs)} of the figures have a graph.",
        f"Captions: {_counted(Counter(str(p.extra['caption']) for p in pairs))} "
        f"(given: by those who made the collection; {done.denied} of them are denied by their own graph). "
        f"{sum(bool(p.extra['drawn']) for p in pairs)} pictures were drawn from the graph.",
        "",
        "## Licences",
        "",
        "Each figure keeps its own (`extra.licence`, `extra.owner`); you may not share all of them.",
        "",
        "| licence | " + " | ".join(("train", *HELD)) + " |",
        "|---|---|---|---|",
        *(
            f"| {name} | " + " | ".join(str(rows[name, s]) for s in ("train", *HELD)) + " |"
            for name in sorted({name for name, _ in rows})
        ),
        "",
        "## Leakage",
        "",
        f"Splits are by owner: {_counted(Counter(owners))}.",
        f"Kept apart from: {', '.join(p.name for p in apart) or 'no other set'}.",
    ]
    for split in HELD:
        found = overlap(pairs, split)
        if found.figures:
            lines.append(
                f"Of {split} ({found.figures} figures) {found.labels:.1%} of labels and {found.lines:.1%} "
                f"of lines stand in training too; {len(found.twins)} near twins (from {TWIN:g})"
                + (": " + "; ".join(f"{a} {b}" for a, b, _ in found.twins) if found.twins else "")
                + "."
            )
    lines += ["", f"Left out: {_counted(done.left_out) or 'none'}.", ""]
    (out / "card.md").write_text("\n".join(lines), encoding="utf-8")


def _counted(count: Counter[str]) -> str:
    return ", ".join(f"{name} {n}" for name, n in count.most_common())
