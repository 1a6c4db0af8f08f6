"""What a clause says of two things: a line between them, its label, what lies on the way."""

from __future__ import annotations

from dic_ingest.captioning.grounding.prose import lexicon as lex
from dic_ingest.captioning.grounding.prose.clauses import BE, LISTED, PLACES, Clause, ahead_of, known
from dic_ingest.captioning.grounding.prose.lexicon import VERBS
from dic_ingest.captioning.grounding.prose.naming import Name
from dic_ingest.captioning.grounding.prose.state import SentenceState
from dic_ingest.model.diagram import End, Kind
from dic_ingest.text.tokens import tokens

_ENDINGS = lex.words("by on to with from of in at for into")  # of labels that read as a predicate
_WHERE = ("at", "in", "on", "for", "by")  # what stands behind these is no object of the verb


class Relations(SentenceState):
    """Claims of one clause about lines."""

    def _relations(self, clause: Clause) -> None:
        nodes = clause.nodes
        if not nodes or self._origin(clause):
            return
        lead = clause.words(0, nodes[0][0])
        verb = clause.stems(0, nodes[0][0]) & VERBS
        carried = clause.how == "which" and self.last is not None and (verb or not lead)
        if carried and self.last is not None:
            self._relate([self.last], nodes[0][1], lead, clause.stems(0, nodes[0][0]), clause)
        elif verb and ahead_of(clause.items, nodes[0][0]) in _WHERE:
            return
        elif verb and self.subject is not None and clause.how in ("list", "then", ",") and len(nodes) == 1:
            self._relate([self.subject], nodes[0][1], lead, clause.stems(0, nodes[0][0]), clause)
            return
        if "between" in lead and any(i.name is None and not known(i) for i in clause.items[: nodes[0][0]]):
            self.reading.unsure = True
            return
        over = next((n for p, n in nodes[1:] if self._way(clause, p)), None)
        if over is not None:
            self._through(nodes[0][1], over, [n for _, n in nodes[1:] if n is not over], clause)
        else:
            self._walk(
                [self.last] if carried and self.last else [nodes[0][1]], clause, "between" in lead, carried
            )

    def _origin(self, clause: Clause) -> bool:
        """ "From X, it goes to Y": keeps X for the clause behind; whether it said no more."""
        nodes = clause.nodes
        if len(nodes) == 1 and set(clause.words()) in ({"from"}, {"from", "the"}, {"from", "a"}):
            self.origin = nodes[0][1]
            return True
        if self.origin is not None and clause.how == ",":
            self._line(self.origin, nodes[0][1], bool(set(clause.words()) & lex.NEGATION))
            self.origin = None
        return False

    def _walk(self, group: list[Name], clause: Clause, between: bool, told: object) -> None:
        """From name to name: subjects are gathered until something is said of them."""
        at = clause.nodes[0][0]
        how: tuple[list[str], set[str]] | None = None
        for place, name in clause.nodes[1:]:
            words, stems = clause.words(at + 1, place), clause.stems(at + 1, place)
            if self._possessor(clause, place) or {"who", "whose"} & set(words):
                continue
            listed = self._listed(clause, at, place, how is not None)
            at = place
            if listed and how is not None:
                self._relate(group, name, *how, clause)
                continue
            if listed and not told and not between:
                group.append(name)
                continue
            how = (["between", *words], {"between", *stems}) if between else (words, stems)
            if "between" in words and not between:
                self._between(group[0], [n for p, n in clause.nodes if p >= place], clause)
                return
            self._relate(group, name, *how, clause)
            told = told or "from" in words or "to" in words
        if how is not None and self.flow and set(how[0]) <= BE | lex.NEGATION and set(how[0]) & lex.NEGATION:
            a, b = clause.nodes[0][1], clause.nodes[1][1]
            self.reading.claim(not any(self.facts.leads(x, y) for x in a.ids for y in b.ids), "order")
            return
        if how is None and len(group) > 1:
            self._mutual(group, clause, at)

    @staticmethod
    def _listed(clause: Clause, at: int, place: int, said: bool) -> bool:
        """Whether nothing stands between two names but what lists them."""
        free = LISTED | ({"to", "into", "by"} if said else set())
        spoken = any(at < i < place for i, _ in clause.labels)
        return not spoken and set(clause.words(at + 1, place)) <= free

    @staticmethod
    def _way(clause: Clause, place: int) -> bool:
        words = clause.words(max(0, place - 5), place)
        return ahead_of(clause.items, place) in PLACES or {"by", "way", "of"} <= set(words)

    def _through(self, a: Name, own: Name, ends: list[Name], clause: Clause) -> None:
        """ "A reaches B via C": C lies on the way; "A is reached through C": they are joined."""
        stems = clause.stems(clause.nodes[0][0] + 1, clause.nodes[1][0])
        if not ends or not stems & VERBS:
            for one in (a, *ends):
                self._line(one, own, False, loose=True)
            return
        good = any(
            self.facts.leads(x, o) and self.facts.leads(o, y)
            for x in a.ids
            for o in own.ids
            for y in ends[0].ids
        )
        self.reading.claim(good, "no line")

    @staticmethod
    def _possessor(clause: Clause, place: int) -> bool:
        """ "The motion of the motor": a name that only says whose something is."""
        if ahead_of(clause.items, place) != "of":
            return False
        at = max(i for i, item in enumerate(clause.items[:place]) if item.word == "of" and item.name is None)
        own = clause.items[at - 1] if at else None
        return own is not None and (own.name is not None or not known(own))

    def _mutual(self, group: list[Name], clause: Clause, at: int) -> None:
        stems, words = clause.stems(), clause.words()
        negated = bool(set(words) & lex.NEGATION)
        if stems & lex.LOOSE or "between" in words or "interconnected" in words:
            a, b = group[0], group[1]
            self._line(a, b, negated, loose=True)

    def _between(self, own: Name, ends: list[Name], clause: Clause) -> None:
        if len(ends) < 2:
            return
        a, b = ends[0], ends[1]
        good = any(
            (self._passes(x, o, y) or self._passes(y, o, x)) for x in a.ids for y in b.ids for o in own.ids
        )
        self.reading.claim(good, "order")

    def _passes(self, a: str, own: str, b: str) -> bool:
        return (self.facts.before(a, own) and self.facts.before(own, b)) or (
            self.facts.joined(a, own) and self.facts.joined(own, b)
        )

    def _relate(
        self, group: list[Name], name: Name, words: list[str], stems: set[str], clause: Clause
    ) -> None:
        """What the words between two names say of them."""
        lead = clause.words(0, clause.nodes[0][0])
        negated = bool({*words, *lead} & (lex.NEGATION - {"nor"}))
        if "to" in words and not stems & VERBS and len(group) == 1:
            stems = stems | {"lead"}
        words = (
            [*words, "of"]
            if words[:1] == ["s"] or ahead_of(clause.items, clause.nodes[0][0]) == "of"
            else words
        )
        for one in group:
            for a in one.ids if one.plural else [one.ids]:
                own = Name((a,) if isinstance(a, str) else a)
                self._pair(own, name, words, stems, clause, negated)

    def _pair(
        self, a: Name, b: Name, words: list[str], stems: set[str], clause: Clause, negated: bool
    ) -> None:
        if (lex.INSIDE & set(words) or stems & lex.HOLD) and not stems & VERBS:
            self._inside(*((a, b) if stems & lex.HOLD and "by" not in words else (b, a)), negated)
            return
        passive = "by" in words and "way" not in words and "of" not in words[-1:]
        direct = bool(clause.stems() & lex.IMMEDIATE)
        if set(a.ids) & set(b.ids) and not clause.stems() & lex.AGAIN:
            return
        if clause.labels and not negated and self._predicate(a, b, clause):
            return
        if clause.labels and not negated:
            self._labelled(a, b, clause)
        if self.diagram.kind is Kind.CLASS and self._records(a, b, words, stems, passive):
            return
        if not self._ordered_pair(a, b, words, stems, direct=direct, passive=passive, negated=negated):
            self._directed(a, b, words, stems, passive, negated)

    def _inside(self, frame: Name, part: Name, negated: bool) -> None:
        """A frame holds a part, or a line joins both; nothing is claimed where neither is a frame."""
        if not any(i in self.facts.frames for i in (*frame.ids, *part.ids)):
            return
        pairs = [(f, p) for f in frame.ids for p in part.ids]
        good = any(self.facts.holds(f, p) or self.facts.joined(f, p) for f, p in pairs)
        back = any(self.facts.holds(p, f) for f, p in pairs)
        self.reading.claim(good is not negated, "flipped" if back and not negated else "no line")

    def _ordered_pair(
        self,
        a: Name,
        b: Name,
        words: list[str],
        stems: set[str],
        *,
        direct: bool,
        passive: bool,
        negated: bool,
    ) -> bool:
        """Words of order between two names; whether there were any."""
        if stems & lex.FOLLOW or stems & lex.PRECEDE:
            forth = bool(stems & lex.FOLLOW) == passive
            a, b = (a, b) if forth else (b, a)
            if stems & lex.PRECEDE and self.flow:
                self.reading.claim(self._precedes(a, b, direct) is not negated, "order")
            else:
                self._line(a, b, negated)
        elif {"before", "prior"} & set(words):
            self.reading.claim(self._precedes(a, b, direct), "order")
        elif {"after", "downstream"} & set(words):
            self.reading.claim(self._precedes(b, a, direct), "order")
        else:
            return False
        return True

    def _directed(
        self, a: Name, b: Name, words: list[str], stems: set[str], passive: bool, negated: bool
    ) -> None:
        """A line by its verb and prepositions."""
        if self._turned(words, stems, passive):
            self._line(b, a, negated)
        elif stems & lex.LOOSE and not (stems & lex.FORWARD - lex.LOOSE):
            self._line(a, b, negated, loose=True)
        elif stems & lex.FORWARD or (set(words) <= {"to", "into", "and", "back", "the"} and "to" in words):
            self._line(a, b, negated, far="eventually" in words)
        elif stems & lex.AGAIN and "to" in words:
            self._line(a, b, negated)

    def _predicate(self, a: Name, b: Name, clause: Clause) -> bool:
        """ "A is announced by B", where the line from A to B says "announced by": whether labels read so."""
        edges = self.diagram.edges
        own = [i for _, n in clause.labels for i in n.edges if tokens(edges[i].label)[-1:] and
               tokens(edges[i].label)[-1] in _ENDINGS]  # fmt: skip
        good = [i for i in own if edges[i].source in a.ids and edges[i].target in b.ids]
        back = any(edges[i].source in b.ids and edges[i].target in a.ids for i in own)
        if own and (good or back or not self._between_names(a, b)):
            self.reading.claim(bool(good), "flipped" if back else "no line")
            self.reading.edges += good
        return bool(own)

    def _between_names(self, a: Name, b: Name) -> bool:
        return any(self.facts.joined(x, y) or self.facts.joined(y, x) for x in a.ids for y in b.ids)

    def _labelled(self, a: Name, b: Name, clause: Clause) -> None:
        """The line between two things bears the label that is named."""
        own = [i for _, n in clause.labels for i in n.edges]
        edges = self.diagram.edges
        ids = {*a.ids, *b.ids}
        good = [i for i in own if {edges[i].source, edges[i].target} <= ids]
        if self.diagram.kind in (Kind.ER, Kind.STATE, Kind.BLOCK):
            words = clause.words()
            turned = (
                "by" in words if self.diagram.kind is Kind.ER else {"from", "to"} & set(words) == {"from"}
            )
            first, second = (b, a) if turned else (a, b)
            good = [i for i in good if edges[i].source in first.ids and edges[i].target in second.ids]
        self.reading.claim(bool(good), "label")
        self.reading.edges += good

    def _records(self, a: Name, b: Name, words: list[str], stems: set[str], passive: bool) -> bool:
        """Inheritance and parts of classes; whether the words spoke of them."""
        if stems & lex.INHERIT or {"kind", "type", "subtype"} & set(words):
            base = bool({"base", "parent", "superclass"} & set(words)) or passive
            part, whole = (b, a) if base else (a, b)
            self._marked(part, whole, (End.TRIANGLE,))
        elif stems & lex.COMPOSE:
            whole, part = (b, a) if passive else (a, b)
            self._marked(part, whole, (End.DIAMOND, End.FILLED_DIAMOND))
        else:
            return False
        return True

    def _marked(self, part: Name, whole: Name, marks: tuple[End, ...]) -> None:
        good = any(self.facts.marked(p, w, marks) for p in part.ids for w in whole.ids)
        back = any(self.facts.marked(w, p, marks) for p in part.ids for w in whole.ids)
        self.reading.claim(good, "flipped" if back else "no line")

    def _turned(self, words: list[str], stems: set[str], passive: bool) -> bool:
        if passive:
            return not stems & lex.BACKWARD
        if "of" in words[-2:] and stems & {"output", "signal", "result"}:
            return True
        away = {"get"} if "to" in words else set()  # "gets to" leads on
        return ("from" in words and "to" not in words) or bool(stems & lex.BACKWARD - away)

    def _line(self, a: Name, b: Name, negated: bool, loose: bool = False, far: bool = False) -> None:
        through = self.facts.diamonds if self.flow else ()
        pairs = [(x, y) for x in a.ids for y in b.ids]
        good = [p for p in pairs if self.facts.joined(*p, through)]
        back = [p for p in pairs if self.facts.joined(p[1], p[0], through)]
        forth = bool(good) or (loose and bool(back)) or (far and any(self.facts.leads(*p) for p in pairs))
        self.reading.claim(forth is not negated, "flipped" if back and not negated else "no line")
        self.reading.edges += [i for x, y in pairs for i in self.facts.out[x] if self.facts.far(i, x) == y]

    def _by(self, sub: Clause, main: Clause) -> None:
        """ "On a timeout, it goes from A to B": the label of the line."""
        own = {i for _, n in sub.labels for i in n.edges}
        ids = {i for _, n in main.nodes for i in n.ids}
        edges = self.diagram.edges
        self.reading.claim(any({edges[i].source, edges[i].target} <= ids for i in own), "label")

    def _precedes(self, a: Name, b: Name, direct: bool, again: bool = False) -> bool:
        for x in a.ids:
            for y in b.ids:
                if self.facts.joined(x, y) or (not direct and self.facts.before(x, y)):
                    return not (
                        direct is False and self.facts.before(y, x) and not again and not self._edge(x, y)
                    )
        return again and not direct and any(self.facts.leads(x, y) for x in a.ids for y in b.ids)

    def _edge(self, x: str, y: str) -> bool:
        return self.facts.joined(x, y)
