"""How far a caption is held up by its figure, statement by statement."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from dic_ingest.errors import SettingsError
from dic_ingest.model.box import Box
from dic_ingest.model.chart import Chart, PointSource
from dic_ingest.model.description import Evidence, Statement
from dic_ingest.model.diagram import Diagram, End
from dic_ingest.model.drawing import Word
from dic_ingest.render.chart import chart_prose
from dic_ingest.text.tokens import Vocabulary, content, statements, tokens

# Whether a sentence says what a graph says: both labels found in it, and a line that runs that way.


# "B receives x from A", "B is called by A": the later name is the source
_TURNED = frozenset({"from", "by", "receives", "receive", "received"})
# "A and B are connected": no direction is told
_BOTH = re.compile(
    r"\b(?:is|are)\s+(?:associated|connected|linked)\b|\bexchanges?\b|\bbetween\b|\bare\s+related\b", re.I
)
_QUOTE = '"'
_PARTS = re.compile(r'[^\W_]+|"')
_ORDINAL = re.compile(
    r"(?<=[\"\w])\s\(\d{1,3}\)(?=[\s,.;:]|$)"
)  # "dapr" (2): told by the verbaliser, not printed
_NUMBER = re.compile(r"\d+")
_LISTING = frozenset(
    re.findall(
        r"\w+",
        "participants it shows stands stand alone figure note and or the a an with of",
    )
)
_LONGEST = 400  # characters of a label that is looked for with slips: the time goes with their square
_STRANGE = 1 / 3  # share of a sentence's words that may stand neither in the graph nor in the figure


@dataclass(frozen=True, slots=True)
class _Mention:
    at: int
    end: int
    ids: tuple[str, ...]
    turned: bool = False


class EvidenceClaims:
    """A graph, asked sentence by sentence."""

    def __init__(self, diagram: Diagram, same: float) -> None:
        self.same = same
        self.names: dict[str, list[str]] = defaultdict(list)
        for n in diagram.nodes:
            self.names[_key(n.label)].append(n.id)
        for g in diagram.groups:
            self.names[_key(g.label)].append(g.id)
        self.names.pop("", None)
        self.others = {_key(t) for t in _side_texts(diagram)} - {"", *self.names}
        self.edges = _ways(diagram)
        self.ordered = sorted((*self.names, *self.others), key=lambda k: (-len(k), k))

    def hold(self, text: str, known: Callable[[str], bool]) -> bool:
        """Whether the graph supports the sentence; `known`: does a word stand in or around the figure."""
        mentions, rest = self._read(text)
        strange = [t for t in content(rest) if not known(t)]
        if len(strange) > _STRANGE * max(1, len(content(_ORDINAL.sub("", text)))):
            return False
        if len(mentions) < 2:
            return bool(mentions) or not content(rest)
        return self._listing(rest) or all(self._reached(mentions, i, text) for i in range(1, len(mentions)))

    def contradict(self, text: str) -> bool:
        """Whether the sentence names several nodes and a line between them that does not run that way."""
        mentions, rest = self._read(text)
        if len(mentions) < 2 or self._listing(rest):
            return False
        return not all(self._reached(mentions, i, text) for i in range(1, len(mentions)))

    def _listing(self, rest: str) -> bool:
        """Names only, no word on how they hang together."""
        return set(tokens(rest)) <= _LISTING

    def _reached(self, mentions: list[_Mention], i: int, text: str) -> bool:
        here = mentions[i]
        both = bool(_BOTH.search(text))
        for before in mentions[:i]:
            for a in before.ids:
                for b in here.ids:
                    forth, back = (a, b) in self.edges, (b, a) in self.edges
                    if (back if here.turned else forth) or (both and (forth or back)):
                        return True
        return False

    def _read(self, text: str) -> tuple[list[_Mention], str]:
        """Nodes and groups in the order they are named, and what is left of the sentence."""
        line = f" {_key(_ORDINAL.sub('', text))} "
        mentions: list[_Mention] = []
        for label in self.ordered:  # whole quoted labels first
            line = self._take(label, f" {_QUOTE} {label} {_QUOTE} ", line, mentions)
        plain = [label for label in self.ordered if content(label)]  # "to" may be a label too
        for label in plain:
            line = self._take(label, f" {label} ", line, mentions)
        for label in plain:
            line = self._take_alike(label, line, mentions)
        mentions.sort(key=lambda m: m.at)
        told = [
            _Mention(m.at, m.end, m.ids, bool(_TURNED & set(line[p.end : m.at].split())))
            for p, m in zip([_Mention(0, 0, ()), *mentions], mentions, strict=False)
        ]
        return told, line

    def _take(self, label: str, wanted: str, line: str, mentions: list[_Mention]) -> str:
        """Blank the label out wherever it stands; `mentions` collects where that was."""
        at = line.find(wanted)
        while at >= 0:
            line = self._blank(label, line, at + 1, at + len(wanted) - 1, mentions)
            at = line.find(wanted)
        return line

    def _take_alike(self, label: str, line: str, mentions: list[_Mention]) -> str:
        """The same for one place where it stands with a recogniser's slips; its numbers must be right."""
        if not 5 < len(label) <= _LONGEST or not line.strip(f" {_QUOTE}"):
            return line
        found = fuzz.partial_ratio_alignment(label, line, score_cutoff=max(self.same, 90.0))
        if found is None or not _whole(line, found.dest_start, found.dest_end):
            return line
        if _NUMBER.findall(line[found.dest_start : found.dest_end]) != _NUMBER.findall(label):
            return line
        return self._blank(label, line, found.dest_start, found.dest_end, mentions)

    def _blank(self, label: str, line: str, at: int, end: int, mentions: list[_Mention]) -> str:
        if label in self.names:
            mentions.append(_Mention(at, end, tuple(self.names[label])))
        return f"{line[:at]}{' ' * (end - at)}{line[end:]}"


def _key(text: str) -> str:
    """Words and quotation marks, case folded, one space between."""
    return " ".join(t.casefold() for t in _PARTS.findall(text))


def _whole(line: str, at: int, end: int) -> bool:
    return line[max(at - 1, 0) : at + 1].find(" ") >= 0 and line[end - 1 : end + 1].find(" ") >= 0


def _side_texts(diagram: Diagram) -> list[str]:
    texts = [diagram.title, *diagram.notes]
    for n in diagram.nodes:
        texts += n.members
    for e in diagram.edges:
        texts += [e.label, e.source_label, e.target_label]
    return texts


def _ways(diagram: Diagram) -> set[tuple[str, str]]:
    """Pairs that are connected, in the direction that may be told; a group leads to what it holds."""
    ways: set[tuple[str, str]] = set()
    for e in diagram.edges:
        ways.add((e.source, e.target))
        heads = (e.source_end, e.target_end)
        marks = (End.TRIANGLE, End.DIAMOND, End.FILLED_DIAMOND)
        if not e.directed or heads[0] is End.ARROW or any(h in marks for h in heads):
            ways.add((e.target, e.source))
    ways |= {(n.group, n.id) for n in diagram.nodes if n.group}
    ways |= {(g.parent, g.id) for g in diagram.groups if g.parent}
    return ways


# How far a caption is held up by its figure, statement by statement.


@dataclass(frozen=True, slots=True)
class EvidenceSettings:
    """Below `min_recall`, `min_precision` or `min_graph` (how believable its graph is) a figure is marked."""

    min_recall: float = 0.6  # share of the figure's words that the caption says
    min_precision: float = 0.8  # share of the caption's statements that something supports
    min_graph: float = 0.85  # chance that the graph is right; of 100 graphs 2 are bad and above it
    same: float = 84.0  # similarity 0..100 from which two words are one (a recogniser's slip)
    printed_share: float = 0.8  # of a statement's words that must stand in the printed caption or references
    max_words: int = 5000  # words of a figure that statements are held against
    max_boxes: int = 24  # places on the page that are given for one statement

    def __post_init__(self) -> None:
        for name, top in (
            ("min_recall", 1),
            ("min_precision", 1),
            ("min_graph", 1),
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
SURE = 0.5  # score of a chart's reading below which somebody should look
LABEL_WORDS = 4  # before a caption: "Figure 3", "Supplementary Fig. 2 (b)"


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
    unsure = chart.score < SURE or any(p.unread for p in (chart, *chart.panels))
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
        self.claims = EvidenceClaims(diagram, settings.same) if diagram is not None else None
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
        if self.claims is not None and self.claims.hold(text, self._known):
            return Statement(text, "graph", boxes)
        said = _key(text)
        if self._is_printed(said):  # the caption's own sentence claims nothing of our reading
            return Statement(text, "printed", boxes)
        if said and self.diagram is None and f" {said} " in self.run:
            return Statement(text, "words", boxes)
        if self._denied(text):
            return Statement(text)
        if asked and self.figure.share(asked) == 1.0:
            return Statement(text, "words", boxes)
        if asked and self.around.share(asked) >= self.settings.printed_share:
            return Statement(text, "printed", boxes)
        return Statement(text)

    def _is_printed(self, said: str) -> bool:
        """Whether a statement is a whole sentence of the printed caption, a label before it at most."""
        return any(
            said == s or (said.endswith(f" {s}") and len(said[: -len(s)].split()) <= LABEL_WORDS)
            for s in self.printed
        )

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
