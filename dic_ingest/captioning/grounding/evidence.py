"""How far a caption is supported by its figure, statement by statement: graph, words, printed caption."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dic_ingest.captioning.grounding.graph_index import Exact
from dic_ingest.captioning.grounding.verifier import UNCHECKED, judge
from dic_ingest.errors import SettingsError
from dic_ingest.model.box import Box
from dic_ingest.model.chart import Chart, PointSource
from dic_ingest.model.description import Evidence, Statement
from dic_ingest.model.diagram import Diagram
from dic_ingest.model.drawing import Word
from dic_ingest.render.chart import chart_prose
from dic_ingest.text.tokens import Vocabulary, content, statements, tokens

_PARTS = re.compile(r'[^\W_]+|"')
# what a graph that knows both ends says of a line that it does not have; not understood is not supported
DENIED = ("flipped", "no line", "label", "count", UNCHECKED)


def _key(text: str) -> str:
    """Words and quotation marks, case folded, one space between."""
    return " ".join(t.casefold() for t in _PARTS.findall(text))


@dataclass(frozen=True, slots=True)
class EvidenceSettings:
    """Below `min_recall`, `min_precision` or `min_graph` (how believable its graph is) a figure is marked."""

    min_recall: float = 0.6  # share of the figure's words that the caption says
    min_precision: float = 0.8  # share of the caption's statements that something supports
    min_graph: float = 0.85  # chance that the graph is right; of 100 graphs 2 are bad and above it
    min_chart: float = 0.5  # score of a chart's reading below which somebody should look
    max_wrong: float = 0.5  # share of a model's statements that may be wrong before its figure is marked
    same: float = 84.0  # similarity 0..100 from which two words are one (a recogniser's slip)
    printed_share: float = 0.8  # of a statement's words that must stand in the printed caption or references
    max_words: int = 5000  # words of a figure that statements are held against
    max_boxes: int = 24  # places on the page that are given for one statement
    label_words: int = 4  # that may stand before a printed caption: "Figure 3", "Supplementary Fig. 2 (b)"

    def __post_init__(self) -> None:
        for name, top in (
            ("min_recall", 1),
            ("min_precision", 1),
            ("min_graph", 1),
            ("min_chart", 1),
            ("max_wrong", 1),
            ("printed_share", 1),
            ("same", 100),
        ):
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
    doubtful = diagram is not None and diagram.score < settings.min_graph
    return Evidence(round(recall, 4), round(precision, 4), unsupported, poor or doubtful or not said, said)


def weigh_chart(
    chart: Chart,
    head: str,
    words: Sequence[Word],
    printed: str,
    references: Sequence[str],
    settings: EvidenceSettings = DEFAULTS,
) -> Evidence:
    """Evidence of a chart's own prose: what was read of it supports each statement; `head` is its caption.

    Recall counts ticks, names and printed values as told, as the chart itself holds them.
    """
    judge = _Judge(None, words[: settings.max_words], printed, references, settings)
    exact = replace(chart, unread=(), panels=tuple(replace(p, unread=()) for p in chart.panels))
    own = set(statements(chart_prose(exact)))
    said = tuple(
        replace(s, support="graph") if s.text in own else s
        for s in map(judge.statement, statements(chart_prose(exact, head)))
    )
    unsupported = tuple(s.text for s in said if not s.support)
    precision = 1.0 - len(unsupported) / len(said) if said else 1.0
    recall = judge.recall("\n".join([chart.to_text(head), *_chart_texts(chart)]))
    unsure = chart.score < settings.min_chart or any(p.unread for p in (chart, *chart.panels))
    poor = recall < settings.min_recall or precision < settings.min_precision or unsure
    return Evidence(round(recall, 4), round(precision, 4), unsupported, poor or not said, said)


def _chart_texts(chart: Chart) -> list[str]:
    texts = []
    for p in chart.plots:
        texts += [p.title, *p.legend, *p.annotations]
        for axis in (p.x_axis, p.y_axis, p.second_y_axis):
            texts += [axis.label, *axis.ticks] if axis is not None else []
        for s in p.series:
            texts += [
                f"{v.x} {v.y:.12g}" for v in s.points if v.y is not None and v.source is PointSource.PRINTED
            ]
    return texts


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
        texts = (*(w.text for w in words), printed, *references)
        self.exact = Exact(diagram, texts) if diagram is not None else None
        self.figure = Vocabulary((w.text for w in words), settings.same)
        self.around = Vocabulary([printed, *references], settings.same)
        self.printed = [key for s in statements(printed) if (key := _key(s))]
        self.run = f" {_key(' '.join(w.text for w in words))} "  # a figure's words as they follow one another
        self.places: dict[str, list[Box]] = defaultdict(list)
        for w in words:
            for t in set(tokens(w.text)):
                self.places[t].append(w.bbox)

    def statement(self, text: str) -> Statement:
        asked = content(text)
        boxes = self._boxes(asked)
        verdict = judge(text, self.exact) if self.exact is not None else None
        if verdict is not None and verdict.support == "graph":
            return Statement(text, "graph", boxes)
        said = _key(text)
        if self._is_printed(said):  # the caption's own sentence claims nothing of our reading
            return Statement(text, "printed", boxes)
        if said and self.diagram is None and f" {said} " in self.run:
            return Statement(text, "words", boxes)
        if verdict is not None and verdict.reason in DENIED and len(verdict.nodes) > 1:
            return Statement(text)
        if asked and self.figure.share(asked) == 1.0:
            return Statement(text, "words", boxes)
        if asked and self.around.share(asked) >= self.settings.printed_share:
            return Statement(text, "printed", boxes)
        return Statement(text)

    def _is_printed(self, said: str) -> bool:
        """Whether a statement is a whole sentence of the printed caption, a label before it at most."""
        return any(
            said == s
            or (said.endswith(f" {s}") and len(said[: -len(s)].split()) <= self.settings.label_words)
            for s in self.printed
        )

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
