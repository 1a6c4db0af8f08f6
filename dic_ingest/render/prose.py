"""The logical text of a diagram: what an expert would say of it, every label verbatim, nothing added."""

from __future__ import annotations

import re
from collections import defaultdict

from dic_ingest.errors import SettingsError
from dic_ingest.model.diagram import Diagram, Edge, End
from dic_ingest.render.names import flat, listed, names, quote, sentence
from dic_ingest.render.nesting import FrameStep, frames_of

# Sentences on what a frame holds, and on nodes that no line touches.


_WORD = {"state": "state", "class": "package"}


def group_statements(diagram: Diagram, named: dict[str, str]) -> list[str]:
    """`Group "X" contains "A", "B" and group "Y".` for every group with a member."""
    word = _WORD.get(str(diagram.kind), "group")
    told = []
    for g in diagram.groups:
        held = [named[n.id] for n in diagram.nodes if n.group == g.id]
        held += [f"{word} {quote(i.label)}" for i in diagram.groups if i.parent == g.id and i.label.strip()]
        if held:
            name = f"{word} {quote(g.label)}" if g.label.strip() else f"an unnamed {word}"
            told.append(sentence(f"{name} contains {listed(held)}"))
    return told


def lone_statement(diagram: Diagram, named: dict[str, str]) -> list[str]:
    """Nodes without an edge that no group sentence names, and members of boxes that are not records."""
    touched = {i for e in diagram.edges for i in (e.source, e.target)}
    held = {g.id for g in diagram.groups}
    lone = [
        named[n.id] for n in diagram.nodes if n.id not in touched and n.group not in held and n.label.strip()
    ]
    told = [sentence(f"{listed(lone)} {'stands' if len(lone) == 1 else 'stand'} alone")] if lone else []
    if not diagram.edges and lone:
        told = [sentence(f"it shows {listed(lone)}")]
    for n in diagram.nodes:
        if n.members:
            told.append(sentence(f"{named[n.id]} holds {listed([quote(m) for m in n.members])}"))
    return told


# Block and topology diagrams: what connects to what, one sentence for each source.


_SAID = {
    "one": "connects to",
    "both": "is connected in both directions with",
    "none": "is connected with",
}


def link_statements(diagram: Diagram, named: dict[str, str]) -> list[str]:
    """Edges in drawn order, those of one source and manner together."""
    bundles: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for e in diagram.edges:
        if e.source in named and e.target in named:
            bundles[e.source, _manner(e)].append(_target(e, named))
    return [sentence(f"{named[s]} {_SAID[how]} {listed(ends)}") for (s, how), ends in bundles.items()]


def _manner(edge: Edge) -> str:
    if not edge.directed:
        return "none"
    return "both" if edge.source_end is End.ARROW and edge.target_end is End.ARROW else "one"


def _target(edge: Edge, named: dict[str, str]) -> str:
    name = "itself" if edge.source == edge.target else named[edge.target]
    printed = [quote(t) for t in (edge.source_label, edge.label, edge.target_label) if t.strip()]
    return f"{name} ({', '.join(printed)})" if printed else name


# Flowcharts and state machines in reading order: chains, decisions with their branches, loops back.


_DECISIONS = ("diamond", "choice")


def flow_statements(diagram: Diagram, named: dict[str, str]) -> list[str]:
    """One sentence for each node that leads on, unbranched runs joined, in the order the flow is walked."""
    flow = _Flow(diagram, named)
    return [s for own in flow.order if (s := flow.statement(own))]


class _Flow:
    """Directed edges by source, the walk's order, and which edges return to a node still being walked."""

    def __init__(self, diagram: Diagram, named: dict[str, str]) -> None:
        self.named = named
        self.shapes = {n.id: n.shape for n in diagram.nodes}
        self.state = str(diagram.kind) == "state"
        self.out: defaultdict[str, list[Edge]] = defaultdict(list)
        self.into: defaultdict[str, int] = defaultdict(int)
        for e in diagram.edges:
            if e.source in named and e.target in named:
                self.out[e.source].append(e)
                self.into[e.target] += 1
        ids = [n.id for n in diagram.nodes] + [g.id for g in diagram.groups]
        self.back: set[int] = set()
        self.order = self._walk([i for i in ids if not self.into[i]] + ids)
        self.chained: set[str] = set()

    def _walk(self, roots: list[str]) -> list[str]:
        order: list[str] = []
        seen: set[str] = set()
        for root in roots:
            if root in seen:
                continue
            seen.add(root)
            order.append(root)
            path, stack = {root}, [(root, iter(self.out[root]))]
            while stack:
                own, edges = stack[-1]
                edge = next(edges, None)
                if edge is None:
                    stack.pop()
                    path.discard(own)
                elif edge.target in path:
                    self.back.add(id(edge))
                elif edge.target not in seen:
                    seen.add(edge.target)
                    path.add(edge.target)
                    order.append(edge.target)
                    stack.append((edge.target, iter(self.out[edge.target])))
        return order

    def statement(self, own: str) -> str:
        edges = self.out[own]
        if own in self.chained or not edges:
            return ""
        if self.shapes.get(own) in _DECISIONS and len(edges) > 1 and all(_one_way(e) for e in edges):
            return self._decision(own, edges)
        loose = [self._other(e) for e in edges if not _one_way(e)]
        straight = [e for e in edges if _one_way(e)]
        told = [self._onward(own, straight)] if straight else []
        return " ".join(sentence(t) for t in [*told, *loose])

    def _decision(self, own: str, edges: list[Edge]) -> str:
        parts = [f"{_by(e) or 'an unlabelled branch'} leads {self._to(e)}" for e in edges]
        return sentence(f"at the decision {self.named[own]}: {'; '.join(parts)}")

    def _onward(self, own: str, edges: list[Edge]) -> str:
        name = self.named[own]
        if len(edges) == 1 and not _by(edges[0]):
            return f"{name} leads {self._to(edges[0])}{self._run(edges[0])}"
        if self.state and all(_by(e) for e in edges):
            return f"from {name}, {listed([f'{_by(e)} leads {self._to(e)}' for e in edges])}"
        return f"{name} leads {listed([self._to(e) + (f' ({_by(e)})' if _by(e) else '') for e in edges])}"

    def _run(self, edge: Edge) -> str:
        """`, then "C", then "D"` while the way on is unlabelled and the only one."""
        text, at = "", edge
        while id(at) not in self.back and self.into[at.target] == 1 and at.target not in self.chained:
            ahead = self.out[at.target]
            if len(ahead) != 1 or _by(ahead[0]) or not _one_way(ahead[0]):
                break
            self.chained.add(at.target)
            at = ahead[0]
            text += f", then {'back to ' if id(at) in self.back else ''}{self.named[at.target]}"
        return text

    def _to(self, edge: Edge) -> str:
        if edge.source == edge.target:
            return "back to itself"
        return f"{'back to' if id(edge) in self.back else 'to'} {self.named[edge.target]}"

    def _other(self, edge: Edge) -> str:
        how = "in both directions with" if edge.directed else "with"
        label = f" ({_by(edge)})" if _by(edge) else ""
        return f"{self.named[edge.source]} is connected {how} {self.named[edge.target]}{label}"


def _one_way(edge: Edge) -> bool:
    return edge.directed and edge.source_end is not End.ARROW


def _by(edge: Edge) -> str:
    return ", ".join(quote(t) for t in (edge.source_label, edge.label, edge.target_label) if t.strip())


# Class and entity-relationship diagrams in sentences: members, relations, cardinalities.


_COUNTS = {
    "one": "exactly one",
    "zero-or-one": "zero or one",
    "many": "one or many",
    "zero-or-many": "zero or many",
}


def class_statements(diagram: Diagram, named: dict[str, str]) -> list[str]:
    """Each class with its members, then each relation by the meaning of its ends."""
    return [*_records(diagram, named, "class"), *(_relation(e, named) for e in _known(diagram, named))]


def er_statements(diagram: Diagram, named: dict[str, str]) -> list[str]:
    """Each entity with its attributes, then each relation with how many of either side."""
    return [*_records(diagram, named, "entity"), *(_er_relation(e, named) for e in _known(diagram, named))]


def _known(diagram: Diagram, named: dict[str, str]) -> list[Edge]:
    return [e for e in diagram.edges if e.source in named and e.target in named]


def _records(diagram: Diagram, named: dict[str, str], word: str) -> list[str]:
    touched = {i for e in diagram.edges for i in (e.source, e.target)}
    told = []
    for n in diagram.nodes:
        members = "; ".join(flat(m) for m in n.members if m.strip())
        if members:
            told.append(sentence(f"{word} {named[n.id]} has {members}"))
        elif n.id not in touched:
            told.append(sentence(f"{word} {named[n.id]} has no relation drawn"))
    return told


def _relation(edge: Edge, named: dict[str, str]) -> str:
    a, b = named[edge.source], named[edge.target]
    ends = edge.source_end, edge.target_end
    for whole, part, end in ((b, a, ends[1]), (a, b, ends[0])):
        if end == "triangle":
            return sentence(
                f"{part} {'implements' if edge.style == 'dashed' else 'inherits from'} {whole}{_tail(edge)}"
            )
        if end in ("diamond", "filled-diamond"):
            verb = "is composed of" if end == "filled-diamond" else "aggregates"
            return sentence(f"{whole} {verb} {part}{_tail(edge)}")
    if edge.directed and ends != ("arrow", "arrow"):
        verb = "depends on" if edge.style == "dashed" else "refers to"
        return sentence(f"{a} {verb} {b}{_tail(edge)}")
    return sentence(f"{a} and {b} are associated{_tail(edge)}")


def _tail(edge: Edge) -> str:
    facts = [quote(edge.label)] if edge.label.strip() else []
    if edge.source_label.strip() or edge.target_label.strip():
        facts.append(
            " to ".join(quote(t) if t.strip() else "unmarked" for t in (edge.source_label, edge.target_label))
        )
    return f" ({', '.join(facts)})" if facts else ""


def _er_relation(edge: Edge, named: dict[str, str]) -> str:
    a, b = named[edge.source], named[edge.target]
    label = f" {quote(edge.label)}" if edge.label.strip() else " is related to"
    text = f"{a}{label} {b}"
    counts = _count(edge.source_end, edge.source_label), _count(edge.target_end, edge.target_label)
    if any(counts):
        text += f": {counts[0] or 'any number of'} {a} to {counts[1] or 'any number of'} {b}"
    return sentence(text)


def _count(end: str, printed: str) -> str:
    said = _COUNTS.get(end, "")
    extra = quote(printed) if printed.strip() else ""
    return " ".join(filter(None, (said, extra)))


# Sequence diagrams in sentences: who takes part, then the messages in order, frames around them.


_OPEN = {
    "loop": "loop",
    "alt": "alternative",
    "opt": "optional",
    "par": "in parallel",
    "critical": "critical section",
    "break": "break",
}
_NEXT = {"alt": "otherwise", "par": "at the same time", "critical": "option"}


def sequence_statements(diagram: Diagram) -> list[str]:
    """Sentences without line breaks; messages inside frames name the innermost one."""
    named = names(diagram)
    told = _participants(diagram, named)
    around: list[FrameStep] = []
    for item, edge in _steps(diagram):
        if edge is not None and isinstance(item, int):
            told += _notes_at(diagram, item, named)
            prefix = f"{_frame(around[-1])}: " if around else ""
            told.append(sentence(prefix + _message(edge, item, diagram, named)))
        elif isinstance(item, FrameStep):
            if item.act != "start":
                around.pop()
            if item.act != "end":
                around.append(item)
    return told + _notes_at(diagram, len(diagram.edges), named)


def sequence_lines(diagram: Diagram) -> list[str]:
    """The same as numbered lines, indented inside frames."""
    named = names(diagram)
    lines = _participants(diagram, named)
    depth = count = 0
    for item, edge in _steps(diagram):
        if edge is not None and isinstance(item, int):
            lines += [f"{'  ' * depth}- {note}" for note in _notes_at(diagram, item, named)]
            count += 1
            lines.append(f"{'  ' * depth}{count}. {sentence(_message(edge, item, diagram, named))}")
        elif isinstance(item, FrameStep):
            depth -= item.act != "start"
            if item.act != "end":
                lines.append(f"{'  ' * depth}{sentence(_frame(item) + ':')}")
            depth += item.act != "end"
    return lines + [f"- {note}" for note in _notes_at(diagram, len(diagram.edges), named)]


def _notes_at(diagram: Diagram, at: int, named: dict[str, str]) -> list[str]:
    """What participants do by themselves before message `at`, as notes on their lifelines say."""
    return [
        sentence(f"note at {listed([named[p] for p in note.over if p in named])}: {quote(note.text)}")
        for note in diagram.placed_notes
        if note.at == at
    ]


def _steps(diagram: Diagram) -> list[tuple[int | FrameStep, Edge | None]]:
    return [(i, diagram.edges[i] if isinstance(i, int) else None) for i in frames_of(diagram)]


def _participants(diagram: Diagram, named: dict[str, str]) -> list[str]:
    told = (
        [sentence(f"participants: {listed([named[n.id] for n in diagram.nodes])}")] if diagram.nodes else []
    )
    for g in diagram.groups:
        held = [named[n.id] for n in diagram.nodes if n.group == g.id]
        if held and g.label.strip():
            told.append(sentence(f"{quote(g.label)} holds {listed(held)}"))
    return told


def _frame(frame: FrameStep) -> str:
    word = (
        _NEXT.get(frame.kind, "otherwise") if frame.act == "else" else _OPEN.get(frame.kind, flat(frame.kind))
    )
    return f"{word} {quote(frame.label)}" if frame.label.strip() else word


def _message(edge: Edge, index: int | FrameStep, diagram: Diagram, named: dict[str, str]) -> str:
    source, target = named.get(edge.source, "someone outside"), named.get(edge.target, "someone outside")
    said = quote(edge.label) if edge.label.strip() else ""
    if edge.source == edge.target:
        return f"{source} sends {said or 'an unlabelled message'} to itself"
    if not edge.directed or (edge.source_end is End.ARROW and edge.target_end is End.ARROW):
        return f"{source} and {target} exchange {said or 'unlabelled messages'}"
    lost = " (it is lost)" if edge.target_end is End.CROSS else ""
    if edge.style == "dashed" and isinstance(index, int) and _asked(diagram, index):
        return f"{source} returns {said + ' ' if said else ''}to {target}{lost}"
    return f"{source} sends {said or 'an unlabelled message'} to {target}{lost}"


def _asked(diagram: Diagram, index: int) -> bool:
    """Whether an earlier message went the other way, so that a dashed one is its answer."""
    edge = diagram.edges[index]
    return any(e.source == edge.target and e.target == edge.source for e in diagram.edges[:index])


# The logical text of a diagram: what an expert would say of it, every label verbatim, nothing added.


__all__ = ["split_text", "to_text"]

SHORT = 6  # up to so many statements stand in one paragraph
_CALLED = {
    "flowchart": "flowchart",
    "sequence": "sequence diagram",
    "state": "state diagram",
    "class": "class diagram",
    "er": "entity-relationship diagram",
    "topology": "topology diagram",
    "block": "block diagram",
    "timing": "bit-field or timing layout",
    "chart": "chart",
}


def to_text(diagram: Diagram, caption: str = "") -> str:
    """What the figure is about (printed caption, title), then its logic in reading order."""
    head = _head(diagram, caption)
    statements = _statements(diagram)
    rest = _rest(diagram)
    if len(statements) + len(rest) <= SHORT:
        return " ".join([head, *statements, *rest])
    lines = sequence_lines(diagram) if str(diagram.kind) == "sequence" else [f"- {s}" for s in statements]
    return "\n".join([head, *lines, *(f"- {s}" for s in rest)])


def _head(diagram: Diagram, caption: str) -> str:
    called = _CALLED.get(str(diagram.kind), "figure")
    about = flat(caption)
    title = flat(diagram.title)
    if title and title.casefold() not in about.casefold():
        called = f"{called} {quote(title)}"
    if not about:
        return sentence(called)
    return f"{sentence(about)} {sentence(called)}"


def _statements(diagram: Diagram) -> list[str]:
    kind = str(diagram.kind)
    if kind == "sequence":
        return sequence_statements(diagram)
    named = names(diagram)
    lone = lone_statement(diagram, named)
    if kind == "chart":
        return []
    if kind == "timing":
        return _fields(diagram, named)
    if kind == "class":
        body = class_statements(diagram, named)
    elif kind == "er":
        body = er_statements(diagram, named)
    elif kind in ("flowchart", "state") and any(e.directed for e in diagram.edges):
        body = [*flow_statements(diagram, named), *lone]
    else:
        body = [*link_statements(diagram, named), *lone]
    return [*body, *group_statements(diagram, named)]


def _fields(diagram: Diagram, named: dict[str, str]) -> list[str]:
    """Fields in order, each with its bits or bytes, then what links them."""
    told = []
    for n in diagram.nodes:
        facts = ", ".join(flat(m) for m in n.members if m.strip())
        told.append(sentence(f"{named[n.id]}: {facts}" if facts else named[n.id]))
    return [*told, *link_statements(diagram, named), *group_statements(diagram, named)]


def _rest(diagram: Diagram) -> list[str]:
    if str(diagram.kind) == "chart":
        told = [sentence(flat(n)) for n in diagram.notes if n.strip()]
    else:
        told = [f"Note: {sentence(quote(n))}" for n in diagram.free_notes() if n.strip()]
    return told + [f"Not readable: {sentence(flat(u))}" for u in diagram.unread if u.strip()]


_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def split_text(text: str, limit: int) -> list[str]:
    """Chunks of at most `limit` characters, in order; nothing but white space is lost. [] for a blank text.

    Raises SettingsError for a limit below 1.
    """
    if limit < 1:
        raise SettingsError(f"a chunk limit must be at least 1 character, got {limit}")
    chunks: list[str] = []
    for piece, glue in _pieces(text.strip(), limit):
        if chunks and len(chunks[-1]) + len(glue) + len(piece) <= limit:
            chunks[-1] += glue + piece
        else:
            chunks.append(piece)
    return chunks


def _pieces(text: str, limit: int) -> list[tuple[str, str]]:
    """(piece, what joins it to the one before), the largest units that fit."""
    found: list[tuple[str, str]] = []
    for line in text.splitlines():
        glue = "\n"
        for part in [line.rstrip()] if len(line) <= limit else _SENTENCE.split(line.strip()):
            if len(part) <= limit:
                found.append((part, glue))
            else:
                found += _words(part, limit, glue)
            glue = " "
    return [(p, g) for p, g in found if p.strip()]


def _words(text: str, limit: int, glue: str) -> list[tuple[str, str]]:
    found = []
    for word in text.split():
        for at in range(0, len(word), limit):
            found.append((word[at : at + limit], glue if at == 0 else ""))
            glue = " "
    return found
