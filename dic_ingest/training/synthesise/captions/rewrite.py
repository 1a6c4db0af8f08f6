"""Captions in other words: opening, verbs, order, layout and summaries vary; labels stand verbatim.

In: a diagram, a random source, at times what is known of its plot. Out: a caption held against the graph.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from dic_ingest.model.diagram import Diagram, Kind
from dic_ingest.render.prose import sequence_lines
from dic_ingest.training.synthesise.captions.checked import faults
from dic_ingest.training.synthesise.captions.expert import Known, denied, knowledge_lines, overview

# The words of the rewriting rules: openings, and phrases with what may stand for them, by kind of
# diagram.


_NAME = "(\x01\\d+\x01(?: \\(\\d+\\))?)"
OPENINGS = (
    "{called} {title}.",
    "The {called} {title}.",
    "{a} {called} titled {title}.",
    "This {called} is titled {title}.",
    "The figure {title} is {a} {called}.",
    "{title} is drawn as {a} {called}.",
)
UNTITLED = (
    "{called}.",
    "{a} {called}.",
    "The figure is {a} {called}.",
    "This is {a} {called}.",
    "The drawing shows {a} {called}.",
    "This {called} shows the following.",
)
_FLOW: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"leads back to itself", ("loops back to itself", "returns to itself")),
    (r"leads back to", ("returns to", "goes back to", "loops back to")),
    (r"leads to", ("goes to", "continues to", "proceeds to", "leads on to", "flows to")),
    (r", then ", (", followed by ", ", and then ")),
    (r"At the decision", ("At the branch", "At the question", "At decision")),
)
_LINKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"connects to", ("points to", "leads to", "sends to", "feeds", "calls", "has an arrow to")),
    (r"is connected with", ("is linked with", "is linked to", "has a link with", "is connected to")),
    (r"is connected in both directions with", ("is linked in both directions with", "exchanges data with")),
    (r"Group (.+?) contains", (r"\1 contains", r"The frame \1 holds", r"The group \1 contains")),
)
PHRASES: dict[Kind, tuple[tuple[str, tuple[str, ...]], ...]] = {
    Kind.FLOWCHART: (*_FLOW, (r"Group (.+?) contains", (r"The lane \1 contains", r"The frame \1 holds"))),
    Kind.STATE: (
        (r"^From ", ("In state ", "From state ", "Out of ")),
        (r"leads to", ("moves to", "goes to", "switches to", "leads on to")),
        *_FLOW,
        (r"State (.+?) contains", (r"The composite state \1 contains",)),
    ),
    Kind.BLOCK: _LINKS,
    Kind.TOPOLOGY: _LINKS,
    Kind.SEQUENCE: (
        (r"^Participants:", ("The participants are", "Those involved are", "Participants are")),
        (f"{_NAME} sends {_NAME} to {_NAME}", (r"\3 receives \2 from \1", r"\1 passes \2 to \3",
                                               r"\1 issues \2 to \3")),
        (f"{_NAME} returns {_NAME} to {_NAME}", (r"\1 responds with \2 to \3", r"\3 receives \2 from \1",
                                                 r"\1 answers with \2 to \3")),
        (f"{_NAME} sends {_NAME} to itself", (r"\1 performs \2 itself", r"\1 does \2 by itself",
                                              r"\1 calls \2 on itself")),
    ),
    Kind.CLASS: (
        (r"^Class (.+?) has", (r"The class \1 has", r"\1 has", r"Class \1 holds")),
        (r"inherits from", ("extends", "is a subclass that extends", "specialises")),
        (r"refers to", ("points to", "holds a reference to", "uses")),
    ),
    Kind.ER: (
        (r"^Entity (.+?) has", (r"The entity \1 has", r"\1 has", r"Entity \1 holds")),
        (r"exactly one", ("one",)),
    ),
}  # fmt: skip

# Captions in other words: opening, verbs, order, layout and summaries vary; labels stand verbatim.


TRIES = 5
PLAIN = 0.2  # share of captions that stay as `Diagram.to_text` says them
_QUOTED = re.compile(r'"[^"]*"')
_STOP = re.compile(r"(?<=\.)\s+(?=\S)")
_BULLET = re.compile(r"^\s*(?:-|\d+\.)\s+")
_FREE = (Kind.BLOCK, Kind.TOPOLOGY, Kind.CLASS, Kind.ER)  # statements of these stand in any order


@dataclass(frozen=True, slots=True)
class Caption:
    """A caption that was checked; `made` is plain, rules, expert or llm.

    `overview` are the statements about the whole that were proved one by one.
    """

    text: str
    made: str
    overview: tuple[str, ...] = ()


def caption(diagram: Diagram, rng: random.Random, known: Known | None = None) -> Caption | None:
    """A checked caption by rules, or the plain one where the rules did not find one that holds.

    With what is known of the plot they say what an engineer would say of the whole, and what is
    known beside the drawing, marked as that.
    """
    plain = plain_text(diagram)
    if known is not None:
        for _ in range(TRIES):
            opening, rest = _composed(plain, diagram, rng)
            if not faults(opening + rest, diagram):
                return _as_expert(opening, rest, diagram, known, rng)
    if rng.random() >= PLAIN:
        for _ in range(TRIES):
            text = by_rules(plain, diagram, rng)
            if not faults(text, diagram):
                return Caption(text, "rules")
    return None if faults(plain, diagram) else Caption(plain, "plain")


def _as_expert(opening: str, rest: str, diagram: Diagram, known: Known, rng: random.Random) -> Caption:
    """Overview, exact statements and marked knowledge, in an order that the checker lets pass."""
    said = overview(diagram, rng)
    whole = " ".join(said)
    first = f"{opening} {whole}"
    ways = [first + rest, f"{first}\n\n{rest.strip()}", f"{opening}{rest}\n{whole}"]
    rng.shuffle(ways)
    text = next((w for w in ways if said and not denied(w, diagram)), "")
    if not text:  # between other sentences a true one may be read as another
        text, said = opening + rest, []
    beside = knowledge_lines(known, rng)
    front = beside[:1] if rng.random() < 0.25 else []  # the purpose
    return Caption("\n".join([*front, text, *beside[len(front) :]]), "expert", tuple(said))


def plain_text(diagram: Diagram) -> str:
    """`Diagram.to_text`; frames of a short sequence stand on lines of their own, as they do in long ones."""
    text = diagram.to_text()
    framed = diagram.kind is Kind.SEQUENCE and any(g.kind not in ("group", "box") for g in diagram.groups)
    if framed and "\n" not in text:
        return "\n".join([text.split(" Participants:")[0], *sequence_lines(diagram)])
    return text


def by_rules(plain: str, diagram: Diagram, rng: random.Random) -> str:
    """The plain text in other words; not checked."""
    return "".join(_composed(plain, diagram, rng))


def _composed(plain: str, diagram: Diagram, rng: random.Random) -> tuple[str, str]:
    """The opening sentence, and the rest with the blank or line break before it."""
    framed = any(line.startswith("  ") for line in plain.splitlines())
    statements = _statements(plain)
    head, body = statements[0], statements[1:]
    told = [_reworded(s, diagram.kind, rng) for s in body]
    if diagram.kind in _FREE and rng.random() < 0.4:
        told = _shuffled(told, rng)
    summary = _summary(diagram, rng)
    opening = _opening(head, diagram, rng)
    if framed:  # frames are told by indentation
        lines = plain.splitlines()
        rest = [*(_reworded(line, diagram.kind, rng) for line in lines[1:]), *summary]
        return opening, "".join(f"\n{line}" for line in rest)
    return opening, _laid_out([*told, *summary], diagram.kind, rng)


def _statements(plain: str) -> list[str]:
    """The sentences or lines of a text, bullets and numbers taken off."""
    found: list[str] = []
    for line in plain.splitlines():
        masked, names = _masked(_BULLET.sub("", line))
        parts = _STOP.split(masked) if "\n" not in plain else [masked]
        found += [_shown(part, names) for part in parts if part.strip()]
    return found


def _masked(text: str) -> tuple[str, list[str]]:
    names = _QUOTED.findall(text)
    count = iter(range(len(names)))
    return _QUOTED.sub(lambda _: f"\x01{next(count)}\x01", text), names


def _shown(text: str, names: list[str]) -> str:
    return re.sub(r"\x01(\d+)\x01", lambda m: names[int(m[1])], text)


def _reworded(statement: str, kind: Kind, rng: random.Random) -> str:
    """Some of the phrases of a kind put in other words, outside the names."""
    masked, names = _masked(statement)
    for pattern, others in PHRASES.get(kind, ()):
        if rng.random() < 0.5:
            other = rng.choice(others)
            masked = re.sub(pattern, other, masked)
    return _shown(masked[:1].upper() + masked[1:], names)


def _opening(head: str, diagram: Diagram, rng: random.Random) -> str:
    called = head.split('"')[0].strip(" .").lower()
    forms = OPENINGS if diagram.title else UNTITLED
    text = rng.choice(forms).format(called=called, title=f'"{diagram.title}"', a=_article(called))
    return text[:1].upper() + text[1:]


def _article(word: str) -> str:
    return "an" if word[:1] in "aeiou" else "a"


def _summary(diagram: Diagram, rng: random.Random) -> list[str]:
    """At times how many boxes there are, or where a flow begins and ends."""
    told: list[str] = []
    nodes = [n for n in diagram.nodes if n.label.strip()]
    word = {Kind.SEQUENCE: "participants", Kind.STATE: "states", Kind.CLASS: "classes", Kind.ER: "entities"}
    if rng.random() < 0.25 and len(nodes) > 1:
        told.append(f"There are {len(nodes)} {word.get(diagram.kind, 'boxes')}.")
    if diagram.kind is Kind.FLOWCHART and rng.random() < 0.25:
        last = [n for n in nodes if all(e.source != n.id for e in diagram.edges)]
        told += [f'The flow ends at "{last[0].label}".'] if len(last) == 1 else []
    if diagram.kind is Kind.SEQUENCE and rng.random() < 0.25:
        told.append(f"It has {len(diagram.edges)} messages in all.")
    return told


def _shuffled(told: list[str], rng: random.Random) -> list[str]:
    """Another order; statements that say what a record holds stay in front of those that relate records."""
    first = [s for s in told if " has " in s and "one" not in s]
    rest = [s for s in told if s not in first]
    rng.shuffle(first)
    rng.shuffle(rest)
    return first + rest


def _laid_out(told: list[str], kind: Kind, rng: random.Random) -> str:
    form = rng.choice(["paragraph", "bullets", "numbers"] if len(told) > 3 else ["paragraph"])
    if form == "paragraph" and len(told) <= 9:
        return "".join(f" {s}" for s in told)
    signs = (
        (f"{i}. " for i in range(1, len(told) + 1))
        if form == "numbers" and kind in _COUNTED
        else ("- " for _ in told)
    )
    return "".join(f"\n{sign}{s}" for sign, s in zip(signs, told, strict=True))


_COUNTED = (Kind.FLOWCHART, Kind.SEQUENCE, Kind.STATE)
