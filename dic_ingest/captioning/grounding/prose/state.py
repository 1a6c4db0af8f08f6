"""What is known while a sentence is read, and what it was found to claim."""

from __future__ import annotations

from dataclasses import dataclass, field

from dic_ingest.captioning.grounding.prose.facts import GraphFacts
from dic_ingest.captioning.grounding.prose.naming import Name
from dic_ingest.model.diagram import Diagram

UNKNOWN = 1 / 3  # share of a sentence's own words that may be unknown where its claims were understood


@dataclass
class ClaimReading:
    """`reasons`: why claims do not hold. `claims`: how many there are. `unknown`: words not understood."""

    claims: int = 0
    reasons: list[str] = field(default_factory=list)
    edges: list[int] = field(default_factory=list)
    nodes: list[str] = field(default_factory=list)
    unknown: float = 0.0  # share of the words
    strange: int = 0  # and how many they are
    unsure: bool = False  # a claim has a second meaning, which the graph bears out
    ambiguous: bool = False  # a name stands in several groups, and the sentence speaks of groups
    named: bool = False  # a name of the graph stands in it
    bare: bool = False  # names and articles only: they stand in the figure, nothing more is said

    @property
    def understood(self) -> bool:
        """Whether at most one word, or a third of them, is unknown."""
        return self.strange <= 1 or self.unknown <= UNKNOWN

    def claim(self, good: bool, reason: str) -> None:
        """One claim that holds, or does not for a reason."""
        self.claims += 1
        if not good:
            self.reasons.append(reason)


class SentenceState:
    """The graph that a sentence is held against, its reading so far, and what pronouns would stand for."""

    def __init__(
        self, diagram: Diagram, facts: GraphFacts, reading: ClaimReading, flow: bool, calls: bool
    ) -> None:
        self.diagram, self.facts, self.reading = diagram, facts, reading
        self.flow, self.calls = flow, calls
        self.subject: Name | None = None
        self.last: Name | None = None
        self.origin: Name | None = None  # "from X," before its clause
        self.condition: tuple[str, set[int]] | None = None  # decision, its lines
