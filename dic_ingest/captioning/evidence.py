"""How far a caption is held up by its figure, statement by statement.

In: the caption, the graph that was read, the figure's words, its printed caption and the sentences that speak
of it. Out: `Evidence`. Direction counts: "A leads to B" is not supported by an arrow from B to A.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from dic_ingest.captioning.evidence_graph import Claims
from dic_ingest.captioning.evidence_text import Vocabulary, content, statements, tokens
from dic_ingest.diagram import Diagram
from dic_ingest.document import Evidence, Statement
from dic_ingest.drawing import Box, Word
from dic_ingest.errors import SettingsError


@dataclass(frozen=True, slots=True)
class EvidenceSettings:
    """Below `min_recall` or `min_precision` a figure is marked for review."""

    min_recall: float = 0.6
    min_precision: float = 0.8
    same: float = 84.0  # similarity 0..100 from which two words are one (a recogniser's slip)
    printed_share: float = 0.8  # of a statement's words that must stand in the printed caption or references
    max_words: int = 5000
    max_boxes: int = 24

    def __post_init__(self) -> None:
        for name, top in (("min_recall", 1), ("min_precision", 1), ("printed_share", 1), ("same", 100)):
            if not 0 <= getattr(self, name) <= top:
                raise SettingsError(
                    f"EvidenceSettings.{name} must lie in 0..{top}, got {getattr(self, name)}"
                )
        if self.max_words < 1 or self.max_boxes < 1:
            raise SettingsError("EvidenceSettings.max_words and max_boxes must be at least 1")


DEFAULTS = EvidenceSettings()


def weigh(
    caption_text: str,
    diagram: Diagram | None,
    words: Sequence[Word],
    printed: str,
    references: Sequence[str],
    settings: EvidenceSettings = DEFAULTS,
) -> Evidence:
    """Support of every statement, recall of the figure's words, precision of the statements."""
    judge = _Judge(diagram, words[: settings.max_words], printed, references, settings)
    said = tuple(judge.statement(s) for s in statements(caption_text))
    unsupported = tuple(s.text for s in said if not s.support)
    precision = 1.0 - len(unsupported) / len(said) if said else 1.0
    recall = judge.recall(caption_text)
    poor = recall < settings.min_recall or precision < settings.min_precision
    return Evidence(round(recall, 4), round(precision, 4), unsupported, poor or not said, said)


class _Judge:
    """What may be claimed: the graph, the words of the figure, the text around it."""

    def __init__(
        self,
        diagram: Diagram | None,
        words: Sequence[Word],
        printed: str,
        references: Sequence[str],
        settings: EvidenceSettings,
    ) -> None:
        self.settings, self.words, self.diagram = settings, words, diagram
        self.claims = Claims(diagram, settings.same) if diagram is not None else None
        self.figure = Vocabulary((w.text for w in words), settings.same)
        self.around = Vocabulary([printed, *references], settings.same)
        self.places: dict[str, list[Box]] = defaultdict(list)
        for w in words:
            for t in set(tokens(w.text)):
                self.places[t].append(w.bbox)

    def statement(self, text: str) -> Statement:
        asked = content(text)
        boxes = self._boxes(asked)
        if self.claims is not None and self.claims.hold(text, self._known):
            return Statement(text, "graph", boxes)
        if self._denied(text):
            return Statement(text)
        if asked and self.figure.share(asked) == 1.0:
            return Statement(text, "words", boxes)
        if asked and self.around.share(asked) >= self.settings.printed_share:
            return Statement(text, "printed", boxes)
        return Statement(text)

    def _denied(self, text: str) -> bool:
        """Whether it tells a connection that the graph, which knows both ends, does not have."""
        return self.claims is not None and self.claims.contradict(text)

    def _known(self, token: str) -> bool:
        return bool(self.figure.find(token) or self.around.find(token))

    def _boxes(self, asked: list[str]) -> tuple[Box, ...]:
        found: dict[Box, None] = {}
        for token in asked:
            found.update(dict.fromkeys(self.places.get(self.figure.find(token), ())))
        return tuple(found)[: self.settings.max_boxes]

    def recall(self, caption: str) -> float:
        """Share of the figure's words that stand in the caption or in a label; 1 where it has none."""
        told = Vocabulary([caption, *_labels(self.diagram)], self.settings.same)
        asked = [t for w in self.words if (t := tokens(w.text))]
        return sum(told.share(t) >= 0.5 for t in asked) / len(asked) if asked else 1.0


def _labels(diagram: Diagram | None) -> list[str]:
    if diagram is None:
        return []
    texts = [diagram.title, *diagram.notes]
    for n in diagram.nodes:
        texts += [n.label, *n.members]
    for e in diagram.edges:
        texts += [e.label, e.source_label, e.target_label]
    return texts + [g.label for g in diagram.groups]
