"""Names of a graph in free prose: inflected, in the passive, in part, in the plural.

In: a sentence and the graph. Out: its words, with a `Name` in the place of those that name something. "The
barcode is scanned" names the node "Scan barcode", "the switches" all nodes that are called a switch.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from dic_ingest.captioning.grounding.prose import lexicon as lex
from dic_ingest.captioning.grounding.prose.facts import GraphFacts, is_flow
from dic_ingest.captioning.grounding.prose.lexicon import FILLER, NEGATIVE_PREFIXES, VERBS, akin, stem
from dic_ingest.model.diagram import Diagram
from dic_ingest.text.tokens import tokens

_SIDE = re.compile(r"\s*\([^()]*\)|:\s.*$", re.DOTALL)
NUMBER = re.compile(r"^\s*(?:\(\d{1,2}[a-z]?\)|\d{1,2}[.)])\s*")
_TOKEN = re.compile(r"[^\W_]+|[,;:]")
_SMALL = lex.words("a an the to of for from with by is are and or")  # words a label may be named without
_GAP = lex.words(
    """
    a an the of is are was were be been being has have had to in into also again just its their his her
    then it not never may must can will could should gets get got whose always for takes place with
    """
)
_SIGNS = lex.words("yes no true false ok y n")  # labels that are words of every sentence
_NOUNS = ("ment", "tion", "sion", "ing", "al", "ance", "ence", "ure")  # endings of nouns made of verbs
_REACH = 5  # words between those of one name, at most


@dataclass(frozen=True, slots=True)
class Name:
    """What some words name. `denied`: by "not" or a prefix; `whole`: every word of the label stands there."""

    ids: tuple[str, ...] = ()
    edges: tuple[int, ...] = ()
    denied: bool = False
    whole: bool = True
    exact: bool = True  # as the label is written
    plural: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """A word with its stem, or the words of a name."""

    word: str
    stem: str
    name: Name | None = None


@dataclass
class _Label:
    stems: list[str]
    ids: list[str] = field(default_factory=list)
    edges: list[int] = field(default_factory=list)
    texts: set[str] = field(default_factory=set)
    wider: list[int] = field(default_factory=list)  # lines whose labels hold this one
    twin: bool = False  # a node whose name is also that of a line: it must stand as it is written


class Naming:
    """Finds names. Built once for a graph."""

    def __init__(self, diagram: Diagram, facts: GraphFacts) -> None:
        self.flow, self.facts = is_flow(diagram), facts
        labels: dict[str, _Label] = {}
        for own, text in facts.label.items():
            self._add(labels, text, "node").ids.append(own)
        for own, text in _short_forms(facts.label).items():
            self._add(labels, text, "node").ids.append(own)
        for i, e in enumerate(diagram.edges):
            for text in dict.fromkeys((e.label, _numberless(e.label), e.source_label, e.target_label)):
                if not set(tokens(text)) <= _SIGNS:
                    self._add(labels, text, "line").edges.append(i)
        for key, label in labels.items():
            label.twin = bool(label.ids) and key.replace("node", "line", 1) in labels
        named = [v for v in labels.values() if v.stems]
        for one in named:  # "offer" may mean "relay offer" as well
            wider = [v.edges for v in named if v is not one and not v.ids and set(one.stems) < set(v.stems)]
            one.wider = [i for edges in wider for i in edges] if not one.ids else []
        self.labels = sorted(named, key=lambda v: (-len(v.stems), not v.ids))
        self.shared: dict[str, list[str]] = defaultdict(list)  # nodes by each word of their names
        for v in self.labels:
            for s in set(v.stems) if v.ids else ():
                self.shared[s] += v.ids

    @staticmethod
    def _add(labels: dict[str, _Label], text: str, what: str) -> _Label:
        words = tokens(text)
        stems = [stem(w) for w in words if w not in _SMALL] or [stem(w) for w in words]
        label = labels.setdefault(" ".join((what, *sorted(stems))), _Label(stems))
        label.texts.add(" ".join(words))
        return label

    def items(self, text: str) -> list[Item]:
        """The sentence's words and names in order; commas, semicolons and colons are words."""
        text = re.sub(r"n[\u2019']t\b", " not", text)
        words = _TOKEN.findall(re.sub(r"[\u2019']s\b", " s", text))
        taken: dict[int, tuple[int, Name]] = {}
        stems = [stem(w) for w in words]
        zones = _zones(words)
        for label in self.labels:
            if any(i in self.facts.decisions for i in label.ids) and zones:
                self._whole(words, stems, label, taken, True, zones)
        for loose in (False, True):
            for label in self.labels:
                self._whole(words, stems, label, taken, loose)
        self._spread(words, stems, taken)
        self._partly(words, stems, taken)
        return self._joined(words, stems, taken)

    def _whole(
        self,
        words: list[str],
        stems: list[str],
        label: _Label,
        taken: dict[int, tuple[int, Name]],
        loose: bool,
        zones: set[int] | None = None,
    ) -> None:
        """Every place where all words of a label stand together; `loose`: words of one family are one."""
        at = 0
        while at < len(words):
            end, denied = (0, False)
            if zones is None or at in zones:
                end, denied = self._window(words, stems, label.stems, at, taken, loose)
            said = " ".join(w.casefold() for w in words[at:end])
            if end and (not label.twin or said in label.texts):
                self._take(
                    taken,
                    at,
                    end,
                    Name(tuple(label.ids), (*label.edges, *label.wider), denied, True, said in label.texts),
                )
            at = end or at + 1

    def _spread(self, words: list[str], stems: list[str], taken: dict[int, tuple[int, Name]]) -> None:
        """Steps whose words stand apart: "links are enqueued before they are parsed"."""
        own = {i for _, n in taken.values() for i in n.ids}
        for at, word in enumerate(words):
            if at in taken or not self.flow or word.casefold() in FILLER or not word[0].isalnum():
                continue
            fit = [
                v for v in self.labels
                if v.ids and len(v.stems) > 1 and not set(v.ids) & own and stems[at] in v.stems
                and all(any(akin(s, t) for t in stems) for s in v.stems)
            ]  # fmt: skip
            if len(fit) == 1:
                free = [i for i, s in enumerate(stems) if i not in taken and s in fit[0].stems]
                for i in free[:-1]:
                    words[i] = "it"
                    stems[i] = "it"
                self._take(taken, free[-1], free[-1] + 1, Name(tuple(fit[0].ids), exact=False))
                own |= set(fit[0].ids)

    @staticmethod
    def _take(taken: dict[int, tuple[int, Name]], at: int, end: int, name: Name) -> None:
        for i in range(at, end):
            taken[i] = (at, name)

    def _window(
        self,
        words: list[str],
        stems: list[str],
        wanted: list[str],
        at: int,
        taken: dict[int, tuple[int, Name]],
        loose: bool,
    ) -> tuple[int, bool]:
        """(end, denied) of a name whose first word stands at `at`; (0, False) for none."""
        left, denied, i = list(wanted), False, at
        while i < len(words) and i < at + len(wanted) + _REACH and i not in taken:
            hit, opposed = _match(words[i], stems[i], left, loose)
            if hit:
                left.remove(hit)
                denied |= opposed
                if not left:
                    return i + 1, denied
            elif i == at or words[i].casefold() not in _GAP:
                break
            denied |= words[i].casefold() in ("not", "never") and not hit
            i += 1
        return 0, False

    def _partly(self, words: list[str], stems: list[str], taken: dict[int, tuple[int, Name]]) -> None:
        """Names that stand there in part: of decisions any word that only they have, of things too."""
        for i, word in enumerate(words):
            low = word.casefold()
            if i in taken or not word[0].isalnum() or (low in FILLER and not _several(words, i)):
                continue
            if stems[i] in VERBS and i and i - 1 in taken and not self.flow:
                continue
            if not self.flow and self._goes_on(words, stems, i, taken):
                continue
            for key, ids in self.shared.items():
                hit, opposed = _match(word, stems[i], [key])
                if hit and (name := self._part(low, key, list(dict.fromkeys(ids)), opposed)):
                    end = i + 1
                    denied = opposed or (i > 0 and words[i - 1].casefold() in ("not", "no", "without"))
                    self._take(taken, i, end, Name(name.ids, (), denied, False, name.plural))
                    break

    @staticmethod
    def _goes_on(words: list[str], stems: list[str], at: int, taken: dict[int, tuple[int, Name]]) -> bool:
        """Whether an unknown word follows: "vector search" is not the vector database."""
        if at + 1 >= len(words) or at + 1 in taken or not words[at + 1][0].isalnum():
            return False
        low = words[at + 1].casefold()
        common = FILLER | lex.CONDITION | lex.NEGATION | lex.POSITIVE | lex.NEGATIVE | lex.NUMBERS.keys()
        return low not in common and stems[at + 1] not in VERBS | lex.START | lex.END | lex.AGAIN | lex.INTAKE

    def _part(self, word: str, key: str, ids: list[str], opposed: bool) -> Name | None:
        if self.flow:
            good = [i for i in ids if i in self.facts.decisions]
            if not good and len(ids) == 1 and word.endswith(_NOUNS) and self._first(ids[0]) == key:
                return Name(tuple(ids))
            return Name(tuple(good)) if len(good) == 1 and len(ids) <= 2 else None
        if len(ids) == 1:
            return Name(tuple(ids)) if not opposed and len(tokens(self.facts.label[ids[0]])) < 4 else None
        return Name(tuple(ids), plural=True) if word.endswith("s") and len(ids) > 1 else None

    def _first(self, own: str) -> str:
        return stem((tokens(self.facts.label[own]) or [""])[0])

    @staticmethod
    def _joined(words: list[str], stems: list[str], taken: dict[int, tuple[int, Name]]) -> list[Item]:
        found: list[Item] = []
        for i, word in enumerate(words):
            own = taken.get(i)
            if own is None or (
                not own[1].whole and found and found[-1].name and found[-1].name.ids == own[1].ids
            ):
                found.append(Item(word.casefold(), stems[i]))
            elif own[0] == i and not _same_decision(found, own[1]):
                last = max(k for k, v in taken.items() if v[0] == i)
                found.append(Item(" ".join(words[i : last + 1]), "", own[1]))
        return found


def _short_forms(labels: dict[str, str]) -> dict[str, str]:
    """Names in short: without what stands in brackets or behind a colon, where no other name is like it."""
    short = {own: _SIDE.sub("", text).strip() for own, text in labels.items()}
    count = Counter(" ".join(tokens(t)) for t in (*labels.values(), *short.values()))
    return {
        own: text
        for own, text in short.items()
        if len(text) > 2 and text != labels[own].strip() and count[" ".join(tokens(text))] == 1
    }


def _numberless(label: str) -> str:
    """A label without the number that orders it: "1." or "(2a)"."""
    return NUMBER.sub("", label)


def _zones(words: list[str]) -> set[int]:
    """Places of the words of conditions: from "if" to the next comma."""
    found: set[int] = set()
    inside = False
    for i, word in enumerate(words):
        low = word.casefold()
        inside = inside and low not in (",", ";", "otherwise", "then", "else")
        inside |= low in ("if", "when", "whenever", "unless", "provided", "whether") or (
            not i and low == "should"
        )
        if inside:
            found.add(i)
    return found


def _several(words: list[str], at: int) -> bool:
    """A plural behind "both" or "all"."""
    return words[at].endswith("s") and bool(
        {"both", "all"} & {w.casefold() for w in words[max(0, at - 3) : at]}
    )


def _same_decision(found: list[Item], name: Name) -> bool:
    """The second part of a name that already stands right before it ("income ... sufficient")."""
    for item in reversed(found):
        if item.name is not None:
            return not item.name.whole and not name.whole and item.name.ids == name.ids
        if item.word not in _GAP:
            return False
    return False


def _match(word: str, own: str, wanted: list[str], loose: bool = True) -> tuple[str, bool]:
    """(the wanted stem that a word is of, whether the word denies it)."""
    if own in wanted:
        return own, False
    if not loose:
        return "", False
    for stem_ in wanted:
        if akin(own, stem_):
            return stem_, False
    low = word.casefold()
    for prefix in NEGATIVE_PREFIXES:
        rest = stem(low[len(prefix) :]) if low.startswith(prefix) and len(low) - len(prefix) > 3 else ""
        if rest and rest in wanted:
            return rest, True
    return "", False
