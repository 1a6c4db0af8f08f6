"""A sentence cut into clauses: at commas, conjunctions and words that subordinate.

In: words and names in order. Out: clauses, each with what ties it to the one before.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from dic_ingest.captioning.grounding.prose import lexicon as lex
from dic_ingest.captioning.grounding.prose.lexicon import VERBS
from dic_ingest.captioning.grounding.prose.naming import Item, Name

BE = lex.words("is are was were be been being gets get got has have")
PLACES = frozenset(["via", "through", "over"])
LISTED = lex.words("and or the a an both as well also for with")


@dataclass
class Clause:
    """Items between two connectives; `how` is what ties it to the clause before: and, if, else, after ..."""

    how: str
    items: list[Item] = field(default_factory=list)
    negated: bool = False  # by its connective: unless, without

    @property
    def names(self) -> list[tuple[int, Name]]:
        """Names and where they stand."""
        return [(i, item.name) for i, item in enumerate(self.items) if item.name is not None]

    @property
    def nodes(self) -> list[tuple[int, Name]]:
        """Names of nodes and groups."""
        return [(i, n) for i, n in self.names if n.ids]

    @property
    def labels(self) -> list[tuple[int, Name]]:
        """Names of lines."""
        return [(i, n) for i, n in self.names if n.edges]

    def stems(self, at: int = 0, end: int | None = None) -> set[str]:
        """Stems of the words that are no names."""
        return {i.stem for i in self.items[at:end] if i.name is None}

    def words(self, at: int = 0, end: int | None = None) -> list[str]:
        """Words that are no names."""
        return [i.word for i in self.items[at:end] if i.name is None]


CONNECTIVES = {
    **dict.fromkeys(
        lex.words(
            """
    if when whenever provided once unless case soon given long whether
    """
        ),
        "if",
    ),
    **dict.fromkeys(lex.words("upon having"), "if"),
    **dict.fromkeys(lex.words("otherwise else"), "else"),
    **dict.fromkeys(lex.words("after following"), "after"),
    **dict.fromkeys(lex.words("before prior earlier until"), "before"),
    **dict.fromkeys(
        lex.words(
            """
    then afterwards subsequently thereafter whereupon later
    """
        ),
        "then",
    ),
    **dict.fromkeys(lex.words("while whereas but"), "and"),
    **dict.fromkeys(lex.words("which"), "which"),
    **dict.fromkeys(lex.words("and or"), "list"),
}
SUBORDINATE = ("if", "after", "before")


def clauses(items: list[Item], flow: bool) -> list[Clause]:
    """The sentence cut at commas and connectives; enumerations of names stay together."""
    found = [Clause("and")]
    for at, item in enumerate(items):
        last = found[-1]
        opened = not last.items and last.how in ("and", ",", "list")
        how = CONNECTIVES.get(item.word, "") if item.name is None else ""
        how = "if" if not at and item.word == "should" else how
        if item.name is None and item.word in (",", ";", ":"):
            how = ","
        elif opened and item.word in ("on", "with", "without") and item.name is None:
            how = "if"
        if item.word == "which" and last.how == "after" and not last.items:
            last.how = "then"
            continue
        if how == "before" and item.word in ("prior", "earlier") and not last.nodes and not last.labels:
            how = ""
        if not how or (how == "list" and not last.names):
            last.items.append(item)
            continue
        clause = Clause(how, negated=item.word in ("unless", "without"))
        if opened or (not last.names and last.how in ("and", ",", "list", "then", "which")):
            keep = [i for i in last.items if i.word not in (",",)]
            clause.items = keep if how not in (",", "list") else last.items
            clause.how = last.how if how in (",", "list") else how
            found[-1] = clause
        elif how == "then" and not last.names:
            continue
        else:
            found.append(clause)
    return _merged([c for c in found if c.items], flow)


def _merged(found: list[Clause], flow: bool) -> list[Clause]:
    """Clauses that only go on with an enumeration belong to the clause before."""
    kept: list[Clause] = []
    for clause in found:
        bare = set(clause.words()) <= LISTED | lex.NEGATION
        if kept and flow and not kept[-1].stems() & (VERBS - {"get", "have"}):
            bare = False  # each names a step of its own
        alone = bool(kept) and len(kept[-1].names) == 1 and set(kept[-1].words()) <= LISTED
        bare |= alone and clause.how == "list" and bool(clause.nodes or clause.stems() & VERBS)
        goes_on = clause.how == "list" or (clause.how == "," and kept and kept[-1].how not in SUBORDINATE)
        if kept and goes_on and bare and clause.names:
            listed = Item("and", "and")
            kept[-1].items += [listed, *clause.items]
        else:
            kept.append(clause)
    return kept


def ahead_of(items: list[Item], place: int) -> str:
    """The preposition before a name, articles aside."""
    for item in reversed(items[:place]):
        if item.name is not None:
            return ""
        if item.word not in ("the", "a", "an", "both", "its"):
            return item.word
    return ""


def known(item: Item) -> bool:
    """Whether a word says something that is understood here, or nothing by itself."""
    words = lex.FILLER | lex.CONDITION | lex.NEGATION | lex.POSITIVE | lex.NEGATIVE
    return (
        item.word in words
        or item.word in lex.NUMBERS
        or item.word.isdigit()
        or item.stem in VERBS | lex.START | lex.END | lex.IMMEDIATE | lex.AGAIN | lex.INTAKE
        or item.word in CONNECTIVES
        or item.word in PLACES
        or item.stem in lex.INHERIT | lex.COMPOSE | lex.HOLD
        or item.word in lex.INSIDE
    )
