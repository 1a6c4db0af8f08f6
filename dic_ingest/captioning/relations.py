"""What a sentence says runs between the things it names, read from the words between the names.

In: a sentence's tokens and the names found in them. Out: relations, each with its line's labels.
"""

from __future__ import annotations

from dataclasses import dataclass

from dic_ingest.captioning.claim_words import BACK, CHAIN, COMPOSE, INHERIT, INSIDE, LIST, LOOSE
from dic_ingest.captioning.exact import Key


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in the sentence, by its place among the tokens. `ids` nodes or groups, `edges` label's edges."""

    at: int
    end: int
    key: Key
    ids: tuple[str, ...] = ()
    edges: tuple[int, ...] = ()
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Relation:
    """One of `sources` leads to one of `targets`; `how` is forward, loose, inherits, composed or inside."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    how: str = "forward"
    labels: tuple[Mention, ...] = ()


def read_relations(parts: list[str], mentions: list[Mention]) -> list[Relation]:
    """The relations between the names of a sentence; `parts` are its tokens, `mentions` in order."""
    named = [m for m in mentions if m.ids]
    labels = [m for m in mentions if m.edges and not m.ids]
    if not named:
        return []
    walk = _Walk(named[0], [p.casefold() for p in parts[: named[0].at]])
    before = named[0]
    for own in named[1:]:
        gap = [p.casefold() for p in _free(parts, before.end, own.at, mentions)]
        between = [m for m in labels if before.end <= m.at < own.at]
        bound = [m for m in between if m.at == before.end + 1 and parts[before.end] == "("]
        if bound:
            walk.add_labels(bound)
        walk.take(own, gap, [m for m in between if m not in bound])
        before = own
    rest = [p.casefold() for p in parts[before.end :]]
    trailing = [m for m in labels if m.at >= before.end]
    leading = [m for m in labels if m.end <= named[0].at]
    walk.finish(rest, trailing, leading)
    return walk.relations


def _free(parts: list[str], at: int, end: int, mentions: list[Mention]) -> list[str]:
    inside = {i for m in mentions for i in range(m.at, m.end)}
    return [parts[i] for i in range(at, end) if i not in inside]


class _Walk:
    """Goes through the names of a sentence and keeps who is subject and who object."""

    def __init__(self, first: Mention, lead: list[str]) -> None:
        self.subjects, self.objects = [first], list[Mention]()
        self.how, self.back = "", False
        self.relations: list[Relation] = []
        self.between = "between" in lead
        self.lead = lead

    def add_labels(self, labels: list[Mention]) -> None:
        """Labels in brackets behind a name belong to what was said last."""
        if self.relations:
            last = self.relations[-1]
            self.relations[-1] = Relation(last.sources, last.targets, last.how, (*last.labels, *labels))

    def take(self, own: Mention, gap: list[str], labels: list[Mention]) -> None:
        """The next name, and what stands between it and the one before."""
        words = [g for g in gap if g not in ("(", ")")]
        if all(w in LIST for w in words) and not labels:
            if not self.objects and not self.between:
                self.subjects.append(own)
            elif self.between:
                self._say(own, "loose", False, self.subjects, labels)
            else:
                self._say(own, self.how, self.back, self.subjects, labels)
            return
        if own.ids in [s.ids for s in self.subjects] and self.objects and ":" in words:
            self.subjects, self.objects = [own], []  # "A places B: exactly one A to many B"
            return
        self._direct(own, words, labels)

    def _direct(self, own: Mention, words: list[str], labels: list[Mention]) -> None:
        told = set(words)
        how = "forward"
        if told & INHERIT:
            how = "inherits"
        elif told & COMPOSE:
            how = "composed"
        elif told & LOOSE and not told & {"to", "from"}:
            how = "loose"
        elif told & INSIDE and "to" not in told - {"belongs"}:
            how = "inside"
        back = bool(told & BACK) and how == "forward" and not (":" in told and "to" in told)
        if "followed" in told:
            back = False
        chain = bool(told & CHAIN) and bool(self.objects)
        sources = self.objects if chain else self.subjects
        if chain and "then" in told and words[-1] == "to":
            sources = [*self.objects, *self.subjects]
        if chain:
            self.subjects = sources
        self.objects = []
        self._say(own, how, back, sources, labels)

    def _say(self, own: Mention, how: str, back: bool, sources: list[Mention], labels: list[Mention]) -> None:
        self.how, self.back = how, back
        ids = tuple(i for s in sources for i in s.ids)
        ends = (own.ids, ids) if back else (ids, own.ids)
        every = [s.ids for s in sources] if len(sources) > 1 and how in ("forward", "loose") else [ids]
        if len(every) > 1 and not any(s in self.objects for s in sources) and not self.relations:
            for one in every:  # "A and B lead to C"
                pair = (own.ids, one) if back else (one, own.ids)
                self.relations.append(Relation(*pair, how, tuple(labels)))
        else:
            self.relations.append(Relation(*ends, how, tuple(labels)))
        self.objects = [*self.objects, own]

    def finish(self, rest: list[str], trailing: list[Mention], leading: list[Mention]) -> None:
        """What stands behind the last name and before the first."""
        if len(self.subjects) > 1 and not self.relations and (set(rest) & LOOSE or self.between):
            first, *others = self.subjects
            self.relations = [Relation(first.ids, o.ids, "loose", tuple(trailing)) for o in others]
        elif trailing:
            self.add_labels(trailing)
        if leading and len(self.relations) == 1:
            self.add_labels(leading)
