"""Sentences in the package's own notation as claims on a graph: names in quotes or brackets, arrows.

In: a sentence and the graph's index. Out: `Claims`: which nodes it names, in their order, what it says runs
between them, by which label, in which direction. Free prose is read by `prose`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from dic_ingest.captioning.grounding.graph_index import Exact, Key
from dic_ingest.captioning.grounding.prose import lexicon as lex
from dic_ingest.captioning.grounding.prose.lexicon import words
from dic_ingest.text.tokens import content

LIST = words("and or as well also , both the a an plus either")
BACK = words("from by receives receive received receiving after <- <-- \u2190 preceded")
CHAIN = words("then which that followed subsequently onwards finally next")
ARROWS = words("-> --> \u2192")
WAYS = words("to into from by with")
# of drawings and of processes in general: such words claim nothing that a figure would print
GENERAL = words(
    """
    er uml such following entities nodes node box boxes blocks components component steps process system
    overall including namely various several main labelled labeled marked named called outcome result
    condition whether reached arrow arrows edge edges relationship relationships followed proceeds branches
    continues responds loops classes states attributes shows represents represented between depicting
    illustrating labels label answer interaction critical section option otherwise
    """
)


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
class ClaimedRelation:
    """One of `sources` leads to one of `targets`; `how` is forward, loose, inherits, composed or inside."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    how: str = "forward"
    labels: tuple[Mention, ...] = ()


def read_relations(parts: list[str], mentions: list[Mention]) -> list[ClaimedRelation]:
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
    rest = [p.casefold() for p in _free(parts, before.end, len(parts), mentions)]
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
        self.relations: list[ClaimedRelation] = []
        self.between = "between" in lead
        self.lead = lead

    def add_labels(self, labels: list[Mention]) -> None:
        """Labels in brackets behind a name belong to what was said last."""
        if self.relations:
            last = self.relations[-1]
            self.relations[-1] = ClaimedRelation(
                last.sources, last.targets, last.how, (*last.labels, *labels)
            )

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
        told, stems = set(words), {lex.stem(w) for w in words}
        how = "forward"
        if stems & lex.INHERIT:
            how = "inherits"
        elif stems & lex.COMPOSE:
            how = "composed"
        elif (stems & lex.LOOSE or "with" in told) and not told & {"to", "from"}:
            how = "loose"
        elif told & lex.INSIDE and "to" not in told - {"belongs"}:
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
                self.relations.append(ClaimedRelation(*pair, how, tuple(labels)))
        else:
            self.relations.append(ClaimedRelation(*ends, how, tuple(labels)))
        self.objects = [*self.objects, own]

    def finish(self, rest: list[str], trailing: list[Mention], leading: list[Mention]) -> None:
        """What stands behind the last name and before the first."""
        if (
            len(self.subjects) > 1
            and not self.relations
            and ({lex.stem(w) for w in rest} & lex.LOOSE or "with" in rest or self.between)
        ):
            first, *others = self.subjects
            self.relations = [ClaimedRelation(first.ids, o.ids, "loose", tuple(trailing)) for o in others]
        elif trailing:
            self.add_labels(trailing)
        if leading and len(self.relations) == 1:
            self.add_labels(leading)


# A sentence as claims on a graph: which nodes it names, what it says runs between them and by which
# label.


_PART = re.compile(r"[^\W_]+|[\"\u201c\u201d()]|[=-]+>|<[=-]+|[\u2190\u2192]|[,:;]")
_QUOTES = frozenset('"\u201c\u201d')
_ORDINAL = re.compile(r"(?<=[\"\w\u201d])\s\(\d{1,3}\)(?=[\s,.;:]|$)")
_SEVERAL = "|".join(word for word, value in lex.NUMBERS.items() if value > 1)
_COUNT = re.compile(
    rf"\b(\d{{1,3}}|{_SEVERAL})\s+(?:\w+\s+)?(participant|lifeline|state|class|entit|node|box|"
    r"block|message|transition|relationship|relation|edge|arrow|connection|decision|branch)(?:es|ies|s|y)?\b",
    re.IGNORECASE,
)


@dataclass
class Claims:
    """What one sentence claims."""

    mentions: list[Mention] = field(default_factory=list)
    relations: list[ClaimedRelation] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)  # quoted names that stand nowhere
    strange: list[str] = field(default_factory=list)  # content words that stand nowhere
    rest: list[str] = field(default_factory=list)  # content words outside names
    counts: list[tuple[int, str]] = field(default_factory=list)
    tail: bool = False  # something is said to lead on to what no name of the graph stands for


def read_claims(text: str, exact: Exact, prefer_labels: bool = False) -> Claims:
    """The claims of a statement; `prefer_labels`: a name of both a node and a line is the line's."""
    for name in exact.names_with_quotes:
        text = text.replace(name, name.replace('"', ""))
    parts = _PART.findall(_ORDINAL.sub("", text))
    claims = Claims()
    taken = [False] * len(parts)
    _quoted(parts, taken, exact, claims, prefer_labels)
    _plain(parts, taken, exact, claims, prefer_labels)
    claims.mentions.sort(key=lambda m: m.at)
    _itself(parts, claims)
    _left(parts, taken, exact, claims)
    claims.relations = read_relations(parts, claims.mentions)
    for number, noun in _COUNT.findall(text):
        value = int(number) if number.isdigit() else lex.NUMBERS[number.lower()]
        claims.counts.append((value, noun.lower()))
    return claims


def _mention(at: int, end: int, key: Key, exact: Exact, prefer_labels: bool, quoted: bool) -> Mention | None:
    ids, edges = tuple(exact.nodes.get(key, ())), tuple(exact.labels.get(key, ()))
    if ids and edges:
        ids, edges = ((), edges) if prefer_labels else (ids, ())
    if ids or edges or key in exact.texts:
        return Mention(at, end, key, ids, edges, quoted)
    return None


def _quoted(parts: list[str], taken: list[bool], exact: Exact, claims: Claims, prefer: bool) -> None:
    at = 0
    while at < len(parts):
        if parts[at] not in _QUOTES:
            at += 1
            continue
        end = next((i for i in range(at + 1, len(parts)) if parts[i] in _QUOTES), len(parts))
        inside = [p for p in parts[at + 1 : end] if p[0].isalnum()]
        key = tuple(p.casefold() for p in inside)
        near = tuple(exact.find(t) or t for t in key)
        found = _mention(at, end + 1, key, exact, prefer, True) or _mention(
            at, end + 1, near, exact, prefer, True
        )
        if found:
            claims.mentions.append(found)
        elif key and not all(exact.find(t) for t in key):
            claims.invented.append(" ".join(inside))
        elif key:
            claims.mentions.append(Mention(at, end + 1, key, quoted=True))
        taken[at : end + 1] = [True] * (min(end + 1, len(parts)) - at)
        at = end + 1


def _plain(parts: list[str], taken: list[bool], exact: Exact, claims: Claims, prefer: bool) -> None:
    """Names without quotes, the longest first at each place."""
    words = [i for i, p in enumerate(parts) if not taken[i] and p[0].isalnum()]
    at = 0
    while at < len(words):
        for size in range(min(exact.longest, len(words) - at), 0, -1):
            span = words[at : at + size]
            if any(taken[i] for i in range(span[0], span[-1] + 1)):
                continue
            key = tuple(parts[i].casefold() for i in span)
            near = tuple(exact.find(t) or t for t in key)
            start, end = span[0], span[-1] + 1
            found = _mention(start, end, key, exact, prefer, False) or _mention(
                start, end, near, exact, prefer, False
            )
            if found and (content(" ".join(key)) or _as_printed(parts, span, found, exact)):
                claims.mentions.append(found)
                taken[start:end] = [True] * (end - start)
                at += size - 1
                break
        at += 1


def _as_printed(parts: list[str], span: list[int], found: Mention, exact: Exact) -> bool:
    """A name of everyday words ("No", "End") counts only with a capital, and not as a first word."""
    first = parts[span[0]]
    if first[0].islower() or not (found.ids or found.edges):
        return False
    ahead = parts[span[-1] + 1].casefold() if span[-1] + 1 < len(parts) else ""
    return span[0] > 0 or (first.isupper() and len(first) > 1) or _is_verb(ahead)


def _is_verb(word: str) -> bool:
    return word in ARROWS or word.casefold() == "is" or lex.stem(word) in lex.VERBS


def _itself(parts: list[str], claims: Claims) -> None:
    """ "itself" stands for the first node that is named."""
    first = next((m for m in claims.mentions if m.ids), None)
    for at, part in enumerate(parts):
        if first and part.casefold() == "itself" and at > first.at:
            claims.mentions.append(Mention(at, at + 1, ("itself",), first.ids))
    claims.mentions.sort(key=lambda m: m.at)


def _left(parts: list[str], taken: list[bool], exact: Exact, claims: Claims) -> None:
    free = [i for i, p in enumerate(parts) if not taken[i] and p[0].isalnum()]
    odd: list[int] = []
    for i in free:
        word = parts[i].casefold()
        if content(word) and word not in GENERAL:
            claims.rest.append(parts[i])
            if not exact.find(word):
                claims.strange.append(parts[i])
                odd.append(i)
    named = [m for m in claims.mentions if m.ids]
    claims.invented += [parts[i] for i in odd if i > 0 and _proper(parts, i)]
    if not named:
        return
    lead = [i for i in odd if i < named[0].at]
    verbs = [i for i in free if i < named[0].at and _is_verb(parts[i])]
    tail = [i for i in odd if i >= named[-1].end]
    ways = [i for i in free if i >= named[-1].end and parts[i].casefold() in WAYS]
    claims.tail = bool(lead and verbs and lead[0] < verbs[0]) or bool(
        ways and tail and 0 < tail[0] - ways[0] <= 2
    )


def strange_names(text: str, exact: Exact) -> list[str]:
    """Words of a sentence that are written like names and stand nowhere in or around the figure."""
    parts = _PART.findall(_ORDINAL.sub("", text))
    odd = {w for w in own_words(text) if not exact.find(w)}
    return [p for i, p in enumerate(parts) if i > 0 and p.casefold() in odd and _proper(parts, i)]


def own_words(text: str) -> list[str]:
    """The words of a sentence that a figure would print, folded: those of grammar left out."""
    parts = (p.casefold() for p in _PART.findall(_ORDINAL.sub("", text)) if p[0].isalnum())
    return [p for p in parts if content(p) and p not in GENERAL]


def _proper(parts: list[str], at: int) -> bool:
    """Written like a name: a capital or a digit inside a sentence."""
    word = parts[at]
    begins = parts[at - 1] in (".", ":", ";", '"')
    return (word[0].isupper() and not begins) or (
        any(c.isdigit() for c in word) and any(c.isalpha() for c in word)
    )
