"""A synthesised set in a folder: drafts drawn in batches, doubles left out, pairs and pictures written.

In: settings and a folder. Out: pairs.jsonl, images/, progress.json, card.md. A run that was stopped goes on
where it was; the same settings give the same graphs and captions. Another run's folder is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from dic_ingest.captioning.chat import ChatModel
from dic_ingest.errors import MALFORMED, DICIngestError, NotOursError, SettingsError
from dic_ingest.evaluation.figure_set import Pair, read_pairs
from dic_ingest.evaluation.leakage.check import graph_key
from dic_ingest.owned_files import FolderKind, is_ours, mark, remove_file, write_file
from dic_ingest.training.synthesise.captions.written import written
from dic_ingest.training.synthesise.card import write_card
from dic_ingest.training.synthesise.domains import difficulty
from dic_ingest.training.synthesise.drawing.dispatch import Job, draw_all, needs_browser
from dic_ingest.training.synthesise.drawing.rendering import MermaidBrowser
from dic_ingest.training.synthesise.hashes import Seen, picture_bits
from dic_ingest.training.synthesise.plan import Draft, draft
from dic_ingest.training.synthesise.settings import SynthesisSettings

BATCH = 40
HOPELESS = 400  # drafts in a row that gave nothing

Told = Callable[[int, int], None]


@dataclass
class _State:
    """What was done: the next number, and why drafts were left out."""

    settings: dict[str, Any]
    next: int = 0
    dropped: Counter[str] = field(default_factory=Counter)


def synthesise(out: Path, settings: SynthesisSettings, told: Told = lambda done, wanted: None) -> int:
    """Fill the folder up to `settings.count` pairs; returns how many it holds.

    Raises SettingsError for a folder of other settings, MissingExtraError where a tool that draws is absent.
    """
    out.mkdir(parents=True, exist_ok=True)
    state = _state(out, settings)
    _own(out)
    (out / "images").mkdir(exist_ok=True)
    pairs = _kept(out, state)
    seen = Seen()
    seen.add_set(pairs, out)
    barren = 0
    talker = _chat_model(settings)
    with ExitStack() as stack:
        browser = stack.enter_context(MermaidBrowser()) if needs_browser(settings.tools) else None
        splits = dict[str, str]()
        for p in pairs:
            _beside_its_like(p, splits)
        while len(pairs) < settings.count:
            fresh = _batch(out, settings, state, seen, browser, talker)
            for over in fresh[settings.count - len(pairs) :]:
                remove_file(out / over.image)
            fresh = [_beside_its_like(p, splits) for p in fresh[: settings.count - len(pairs)]]
            with (out / "pairs.jsonl").open("a", encoding="utf-8") as lines:
                lines.writelines(json.dumps(p.to_dict(), ensure_ascii=False) + "\n" for p in fresh)
            pairs += fresh
            barren = 0 if fresh else barren + BATCH
            _save(out, state)
            told(len(pairs), settings.count)
            if barren >= HOPELESS:
                raise DICIngestError(
                    f"{HOPELESS} drafts in a row gave no picture: {dict(state.dropped)}. Allow larger "
                    "pictures (--side), other tools or domains, or a smaller count."
                )
    write_card(out, settings, pairs, state.dropped)
    return len(pairs)


def _beside_its_like(pair: Pair, splits: dict[str, str]) -> Pair:
    """The pair in the split of the first one with its words and lines: else it would leak into the test set.

    Equal graphs are dropped before; these differ in kind, members or line ends.
    """
    key = graph_key(pair)
    return replace(pair, split=splits.setdefault(key, pair.split)) if key else pair


def _batch(
    out: Path,
    settings: SynthesisSettings,
    state: _State,
    seen: Seen,
    browser: MermaidBrowser | None,
    talker: ChatModel | None,
) -> list[Pair]:
    drafts: list[Draft] = []
    for number in range(state.next, state.next + BATCH):
        made = draft(settings, number)
        if made is None:
            state.dropped["the caption did not hold"] += 1
        elif made.graph in seen.graphs:
            state.dropped["the graph was there already"] += 1
        else:
            seen.graphs.add(made.graph)
            drafts.append(made)
    state.next += BATCH
    if talker is not None:
        drafts = _by_model(drafts, talker, settings, seen.graphs)
    jobs = [Job(d.diagram, d.look, (out / _image(d)).resolve()) for d in drafts]
    wrong = draw_all(jobs, settings.side, browser)
    fresh = []
    for made, why in zip(drafts, wrong, strict=True):
        picture = out / _image(made)
        if why:
            state.dropped[why.split(":")[0]] += 1
        elif not seen.add(picture_bits(picture)):
            state.dropped["the picture was there already"] += 1
            remove_file(picture)
        else:
            fresh.append(_pair(made, settings))
    return fresh


def _chat_model(settings: SynthesisSettings) -> ChatModel | None:
    """The model that writes, where an endpoint is set."""
    if settings.endpoint is None:
        return None
    from dic_ingest.captioning.engines.endpoint import Endpoint

    return Endpoint(settings.endpoint)


def _by_model(
    drafts: list[Draft], talker: ChatModel, settings: SynthesisSettings, graphs: set[str]
) -> list[Draft]:
    """Drafts as a model wrote them; a graph that is there already stays the grammar's."""
    kept = []
    for before, after in zip(drafts, written(drafts, talker, settings.seed), strict=True):
        again = after.graph != before.graph and after.graph in graphs
        graphs.add(after.graph)
        kept.append(before if again else after)
    return kept


def _image(made: Draft) -> str:
    return f"images/{made.number:06d}.png"


def _pair(made: Draft, settings: SynthesisSettings) -> Pair:
    return Pair(
        id=made.graph,
        image=_image(made),
        diagram=made.diagram,
        caption=made.caption.text,
        split=made.split,
        difficulty=difficulty(made.diagram),
        domain=made.domain,
        source=made.look.tool,
        extra={
            "number": made.number,
            "seed": settings.seed,
            "plot": made.plot,
            "graph": made.graph,
            "caption": made.caption.made,
            "written": made.written,
            "look": made.look.to_dict(),
        },
    )


def _own(out: Path) -> None:
    """Mark the folder of a set: an empty one, or one with a set in it.

    Raises:
        NotOursError: something else is in it.
    """
    if is_ours(out, FolderKind.SET):
        return
    if any(out.iterdir()) and not (out / "progress.json").is_file():
        raise NotOursError(f"{out} is neither empty nor a set of examples. Take another folder.")
    mark(out, FolderKind.SET, ())


def _state(out: Path, settings: SynthesisSettings) -> _State:
    """The folder's state; the count may change between runs, nothing else."""
    own = json.loads(json.dumps({k: v for k, v in asdict(settings).items() if k != "count"}))
    own["facts"] = [hashlib.sha256(Path(f).read_bytes()).hexdigest() for f in settings.facts]
    place = out / "progress.json"
    if not place.is_file():
        return _State(own)
    try:
        data = json.loads(place.read_text("utf-8"))
        state = _State(data["settings"], int(data["next"]), Counter(data["dropped"]))
    except MALFORMED as error:
        raise SettingsError(
            f"{place} is damaged ({error}): take another folder, or delete this one."
        ) from error
    if state.settings != own:
        raise SettingsError(
            f"{out} holds a set made with other settings: take another folder, or the same settings."
        )
    return state


def _kept(out: Path, state: _State) -> list[Pair]:
    """Pairs of finished batches; lines of a batch that was cut off are dropped and made again."""
    place = out / "pairs.jsonl"
    if not place.is_file():
        return []
    whole = [line for line in place.read_text("utf-8").splitlines(keepends=True) if line.endswith("\n")]
    kept = [line for line in whole if json.loads(line)["extra"]["number"] < state.next]
    write_file(place, "".join(kept).encode())
    return read_pairs(place)


def _save(out: Path, state: _State) -> None:
    data = {"settings": state.settings, "next": state.next, "dropped": dict(state.dropped)}
    write_file(out / "progress.json", json.dumps(data).encode())
