"""Who sends what to whom, and in which order, in prose about a call flow."""

from __future__ import annotations

from collections.abc import Iterable

from dic_ingest.captioning.grounding.prose import lexicon as lex
from dic_ingest.captioning.grounding.prose.clauses import BE, PLACES, Clause, ahead_of
from dic_ingest.captioning.grounding.prose.lexicon import VERBS
from dic_ingest.captioning.grounding.prose.naming import Name
from dic_ingest.captioning.grounding.prose.state import SentenceState
from dic_ingest.model.diagram import Edge


class MessageClaims(SentenceState):
    """Claims of clauses about messages."""

    def _outer_message(self, clause: Clause, first: bool) -> None:
        edges = self.diagram.edges
        at = 0 if first else len(edges) - 1
        if clause.labels:
            own = [i for _, n in clause.labels for i in n.edges]
            self.reading.claim(at in own, "order")
        elif clause.nodes and first and edges:
            near = {edges[at].source, edges[at].target}
            self.reading.claim(
                set(clause.nodes[0][1].ids) <= {edges[at].source}
                or (len(clause.nodes) > 1 and set(clause.nodes[0][1].ids) <= near),
                "order",
            )

    def _message(self, clause: Clause) -> None:
        sources, targets, loose = self._roles(clause)
        labels = [n for i, n in clause.labels if ahead_of(clause.items, i) != "for"]
        words = clause.words()
        if set(words) & PLACES or {"by", "way"} <= set(words):
            targets = set()
        if labels and {"before", "after", "precedes", "follows"} & set(words):
            return
        negated = bool(set(words) & lex.NEGATION)
        edges = self.diagram.edges
        if labels:
            own = [i for n in labels for i in n.edges]
            if not (sources or targets):
                return
            good = [i for i in own if _fits(edges[i], sources, targets)]
            if not good and not targets and not clause.stems() & VERBS:
                # who does what a message asks for may be its receiver: "the bank authorises the card"
                self.reading.unsure |= any(edges[i].target in sources for i in own)
                if self.reading.unsure:
                    return
            joined = any(_fits(e, sources, targets) for e in edges)
            self.reading.claim(bool(good) is not negated, "label" if joined else "no line")
            self.reading.edges += good
        elif sources and targets:
            good = [i for i, e in enumerate(edges) if _fits(e, sources, targets)]
            back = [i for i, e in enumerate(edges) if _fits(e, targets, sources)]
            found = [*good, *back] if loose or negated else good
            self.reading.claim(bool(found) is not negated, "flipped" if back else "no line")
            self.reading.edges += good

    def _roles(self, clause: Clause) -> tuple[set[str], set[str], bool]:
        """Who sends, who receives; loose: neither is told apart."""
        sources: set[str] = set()
        targets: set[str] = set()
        nodes, stems = clause.nodes, clause.stems()
        verbs = [i for i, item in enumerate(clause.items) if item.name is None and item.stem in VERBS]
        labels = [i for i, _ in clause.labels]
        begin = min([*verbs, *labels], default=len(clause.items))
        loose = bool(stems & lex.LOOSE - {"exchang"})
        for place, name in nodes:
            before = ahead_of(clause.items, place)
            before = "" if clause.how == "which" and before == clause.items[0].word else before
            if before == "by" or before == "from":
                sources.update(name.ids)
            elif before in ("to", "at", "with", "toward", "towards"):
                targets.update(name.ids)
            elif before in ("of", "via", "through", "over", "for", "in", "on"):
                continue
            elif place < begin and not (sources and before not in ("and", "or", "")):
                self._as_subject(clause, place, name, sources, targets)
            else:
                targets.update(name.ids)
        if "between" in clause.words() and len(nodes) > 1:
            return set(nodes[0][1].ids), set(nodes[1][1].ids), True
        if len(sources) == 2 and not targets and stems & lex.LOOSE:
            first, second = [n.ids for _, n in nodes][:2]
            return set(first), set(second), True
        if (
            not sources
            and self.subject is not None
            and clause.how in ("list", "which", "then", ",")
            and targets
        ):
            own = self.last if clause.how == "which" and self.last else self.subject
            sources.update(own.ids if not any(i in targets for i in own.ids) else ())
        return sources, targets, loose

    def _as_subject(
        self, clause: Clause, place: int, name: Name, sources: set[str], targets: set[str]
    ) -> None:
        stems = clause.stems(place)
        after = clause.words(place)
        behind = clause.items[place + 1 : place + 3]
        if (
            len(behind) > 1
            and behind[0].word in ("is", "was", "gets")
            and behind[1].name
            and behind[1].name.edges
        ):
            targets.update(name.ids)  # "the driver is shown the price"
            return
        passive = any(w in BE for w in after[:2]) and bool({"by"} & set(after) or clause.labels)
        if stems & lex.BACKWARD or (passive and stems & {"give", "show", "tell", "hand", "send", "ask"}):
            targets.update(name.ids)
        else:
            sources.update(name.ids)

    def _tie_messages(self, sub: Clause, main: Clause) -> None:
        subs = self._events(sub)
        mains = self._events(main)
        if not subs or not mains or subs == mains:
            return
        early, late = (mains, subs) if sub.how == "before" else (subs, mains)
        self.reading.claim(min(early) < max(late), "order")

    def _events(self, clause: Clause) -> set[int]:
        labels = {i for _, n in clause.labels for i in n.edges}
        sources, targets, _ = self._roles(clause)
        edges = self.diagram.edges
        if labels:
            good = {i for i in labels if _fits(edges[i], sources, targets)}
            return good or labels
        if sources and targets:
            return {i for i, e in enumerate(edges) if _fits(e, sources, targets)}
        return set()


def _fits(edge: Edge, sources: Iterable[str], targets: Iterable[str]) -> bool:
    return (not sources or edge.source in sources) and (not targets or edge.target in targets)
