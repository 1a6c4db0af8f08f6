"""Branches: which lines of a decision a condition means, and where they lead."""

from __future__ import annotations

from itertools import pairwise

from dic_ingest.captioning.grounding.prose import lexicon as lex
from dic_ingest.captioning.grounding.prose.clauses import Clause, ahead_of
from dic_ingest.captioning.grounding.prose.naming import Name
from dic_ingest.captioning.grounding.prose.state import SentenceState
from dic_ingest.text.tokens import tokens


class Conditions(SentenceState):
    """Claims of clauses about branches."""

    def _lines_of(self, clause: Clause) -> tuple[str, set[int]] | None:
        """The decision that a condition is about and those of its lines that it means."""
        found = self._asked(clause)
        if found is None:
            return None
        node, denied = found
        own = set(self.facts.out[node])
        denied ^= clause.negated
        labelled = {i for _, n in clause.labels for i in n.edges} & own
        said = set(clause.words()) & (lex.POSITIVE | lex.NEGATIVE) - {"not", "no", "so"}
        labelled |= {i for i in own if said & set(tokens(self.diagram.edges[i].label))}
        sign = set(clause.words()) & (lex.NEGATIVE - {"not"}) and "no" in clause.words()[:2]
        polarity = self.facts.polarity(node)
        if labelled:
            return node, own - labelled if denied else labelled
        wanted = not (denied or sign)
        lines = {i for i, v in polarity.items() if v is wanted}
        return (node, lines) if lines else None

    def _asked(self, clause: Clause) -> tuple[str, bool] | None:
        decisions = [(n, i) for _, n in clause.nodes for i in n.ids if i in self.facts.decisions]
        words = clause.words()
        denied = bool({"not", "never", "without", "cannot"} & set(words))
        if decisions:
            name, node = decisions[0]
            return node, denied or name.denied or ("no" in words and "yes" not in words)
        for _, n in clause.labels:
            sources = {self.diagram.edges[i].source for i in n.edges}
            if len(sources) == 1:
                return sources.pop(), denied or n.denied
        signs = set(words) & (lex.POSITIVE | lex.NEGATIVE)
        if signs and not clause.nodes and clause.how == "if":
            node = self.condition[0] if self.condition else ""
            node = node or (self.facts.decisions[0] if len(self.facts.decisions) == 1 else "")
            return (node, False) if node else None
        return None

    def _chosen(self, clause: Clause) -> bool:
        """ "Rough pieces are packed": a branch by its label or its decision, and where it leads."""
        if not self.flow or len(clause.nodes) + len(clause.labels) < 2 or clause.negated:
            return False
        if clause.how in ("after", "before"):
            return False
        plain = [(i, n) for i, n in clause.nodes if not self._condition_name(clause, i, n)]
        if len(plain) == len(clause.nodes) and not clause.labels:
            return False
        if len(plain) != 1:
            return False
        found = self._lines_of(clause)
        if found is None:
            return False
        self._leads(found, plain[0][1], clause)
        return True

    def _condition_name(self, clause: Clause, at: int, name: Name) -> bool:
        """A decision that stands for a condition: in part, or with no verb of motion behind it."""
        if not set(name.ids) <= set(self.facts.decisions):
            return False
        behind = next((i for i, _ in clause.nodes if i > at), None)
        verbs = clause.stems(at + 1, behind) & (lex.FORWARD - {"get", "have"})
        if name.whole and ahead_of(clause.items, at) == "from":
            return False
        if set(clause.words(max(0, at - 2), at)) & lex.NEGATION:
            return True
        return not (name.whole and name.exact) or clause.how == "if" or (behind is not None and not verbs)

    def _leads(self, condition: tuple[str, set[int]], target: Name, clause: Clause) -> None:
        node, lines = condition
        self.condition = condition
        place = next((i for i, n in clause.nodes if n is target), 0)
        before = max((i for i, _ in clause.names if i < place), default=-1)
        negated = bool(set(clause.words(before + 1, place)) & (lex.NEGATION - {"no"})) and not target.denied
        words = clause.words()
        direct = any(lex.stem(w) in lex.IMMEDIATE and n in ("to", "into") for w, n in pairwise(words))
        good = any(self.facts.branch(lines, node, t, direct) for t in target.ids)
        self.reading.claim(good is not negated, "label")
        self.reading.edges += [i for i in lines if self.facts.far(i, node) in target.ids]

    def _else(self, clause: Clause) -> None:
        targets = [n for _, n in clause.nodes]
        if self.condition is None or not targets:
            return
        node, lines = self.condition
        self._leads((node, set(self.facts.out[node]) - lines), targets[0], clause)
